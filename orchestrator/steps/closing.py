"""Say the last words of a run: how it ended, that it failed, or why it never began.

Every method is one durable step and may run again, as in `orchestrator.steps.review`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from orchestrator.aws.errors import AwsError
from orchestrator.aws.records import Records
from orchestrator.domain.decisions import PageOutcome, results_of
from orchestrator.domain.handovers import Answers, Declined, Offer, OpenedPage, RunEnding, RunResult
from orchestrator.domain.report import Summary
from orchestrator.domain.results import ResultTotals, VersionResult
from orchestrator.domain.runs import WAITING, Action, Ending, Run, execution_id
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.unanswered import Escalation, escalation, next_question_on
from orchestrator.domain.words import count
from orchestrator.slack.errors import SlackRefused
from orchestrator.slack.message.blocks import Message
from orchestrator.slack.message.decided import counts_in_words
from orchestrator.slack.message.declined import already_claimed, already_open, met_by_the_schedule, refused
from orchestrator.slack.message.digest import not_entered
from orchestrator.slack.message.endings import (
    done,
    done_in_thread,
    ending_words,
    expired,
    expired_in_thread,
    rejected,
    rejected_in_thread,
    stopped_here,
    stopped_here_in_thread,
)
from orchestrator.slack.message.failures import failed, failed_in_thread, grant, stopped
from orchestrator.slack.message.scanning import nothing_but_not_judged, nothing_to_clean
from orchestrator.slack.message.unanswered import asks_monthly, nobody_answers
from orchestrator.steps.channel import FURTHEST_BACK_SECONDS, ORCHESTRATOR_IN_ARN, THREAD_GONE, Channel
from orchestrator.steps.pages import expired_page
from orchestrator.steps.remembering import Remembering

log = logging.getLogger(__name__)


_DENIED = re.compile(r"(?<!\S)(\w+:\w+) (?:AccessDenied\w*|UnauthorizedOperation)\b")


class Closing:
    """One stack's last words about its runs."""

    def __init__(
        self, *, settings: OrchestratorSettings, records: Records, remembering: Remembering, channel: Channel
    ) -> None:
        self._settings = settings
        self._records = records
        self._remembering = remembering
        self._channel = channel

    # A run that never began

    def decline(self, declined: Declined) -> RunResult:
        """Say why nothing was started: the request cannot be used, or the region has a run already."""
        self._channel.check()
        if declined.kind is Ending.REFUSED:
            said = refused(
                declined.problems,
                requested_by=declined.requested_by,
                execution=declined.execution,
                region=self._default_region,
                command=self._settings.slack_command,
            )
            self._post_alone(declined, said)
        elif declined.sweep is None and declined.kind is Ending.NOT_ENTERED:
            said = not_entered(
                str(declined.account),
                str(declined.region),
                declined.words,
                requested_by=declined.requested_by,
            )
            self._post_alone(declined, said)
        elif declined.sweep is None:
            self._tell_of_the_open_run(declined)
        return RunResult(ending=declined.kind, words=declined.words)

    def _tell_of_the_open_run(self, declined: Declined) -> None:
        asked_by = declined.requested_by
        holder = None if declined.held_by is None else self._records.read_run(declined.held_by)
        if holder is not None and holder.request_id is not None and holder.request_id == declined.request_id:
            return  # the same occasion, delivered twice
        if asked_by is not None and holder is not None:
            self._post_alone(declined, already_open(holder, requested_by=asked_by))
        elif asked_by is not None:
            self._post_alone(declined, already_claimed(str(declined.region), requested_by=asked_by))
        elif holder is not None and holder.status == WAITING and holder.message_ts is not None:
            self._tell_in_its_thread(declined, holder)

    def _tell_in_its_thread(self, declined: Declined, holder: Run) -> None:
        try:
            self._channel.messenger.post(
                met_by_the_schedule(holder),
                run_key=declined.execution,
                message_key="met",
                thread_ts=holder.message_ts,
                not_before=declined.started_at,
            )
        except SlackRefused as refused:
            if refused.code not in THREAD_GONE:
                raise
            self._post_alone(declined, met_by_the_schedule(holder, thread_is_gone=True))

    def _post_alone(self, declined: Declined, said: Message) -> None:
        self._channel.messenger.post(
            said, run_key=declined.execution, message_key="root", not_before=declined.started_at
        )

    def not_begun(self, event: Any, execution_arn: str, words: str) -> None:
        """Say that a run failed before it could be written down."""
        given = event if isinstance(event, dict) else {}
        named = ORCHESTRATOR_IN_ARN.match(execution_arn)
        region, asked_by = given.get("region"), given.get("requested_by")
        run = Run(
            execution=execution_id(execution_arn),
            execution_arn=execution_arn,
            region=region if region in self._settings.target_regions else self._default_region,
            account_id=named[2] if named else "unknown",
            started_at=self._channel.now() - FURTHEST_BACK_SECONDS,
            requested_by=asked_by if isinstance(asked_by, str) else None,
            channel_id=self._settings.channel_id,
            dry_run=self._settings.dry_run,
            policy={},
            command=self._settings.slack_command,
        )
        self._channel.check()
        self._say_what_failed(run, words, (), ())

    # A run that ended

    def end(self, run: Run, answers: Answers) -> RunEnding:
        """Say how a run that asked somebody ended, in its root message and its thread."""
        current = self._records.current(run)
        outcomes = self._records.read_outcomes(current.execution, len(answers.pages))
        if answers.expired is not None:
            outcomes.append(PageOutcome.expired(expired_page(self._records, current, answers.expired)))
        kind = _ending(answers, outcomes)
        root, reply = self._last_words(kind, current, outcomes, answers)
        shown = self._channel.show(current, root, "ended")
        self._channel.reply(self._records.write_run(shown), reply, "end")
        if answers.expired is not None and not answers.pages and current.requested_by is None:
            self._count_expiry(shown, answers.expired)
        words = ending_words(outcomes, dry_run=current.dry_run)
        if kind is Ending.BROKE_OFF:
            words = f"stopped, {words}: {answers.pages[-1].broke_off}"
        elif kind is Ending.STOPPED:
            words = f"{answers.pages[-1].stopped_by}, {words}"
        return RunEnding(kind=kind, words=words, pages=answers.pages)

    def _count_expiry(self, run: Run, opened: OpenedPage) -> None:
        """Count a question of the schedule that nobody answered, and say what follows where it was not the first."""
        memory = self._remembering.expired(run, asked_at=opened.opened_at, expired_at=opened.expires_at)
        in_a_row, next_on = memory.expired_in_a_row, next_question_on(memory)
        match escalation(memory):
            case Escalation.MENTION:
                said = nobody_answers(run, in_a_row, self._settings.approvers if run.sweep is None else ())
                self._channel.reply(run, said, "nobody-answers")
            case Escalation.MONTHLY if next_on is not None:
                self._channel.reply(run, asks_monthly(run, in_a_row, next_on), "asks-monthly")
            case _:
                pass

    def end_with_nothing(self, run: Run, offer: Offer) -> RunEnding:
        """Say that there is nothing to do; the schedule says so only of rows that it did not report last time."""
        run = self._records.current(run)
        summary, _ = self._records.read_offer(run.execution)
        if summary.not_judged:
            causes = " ".join(row.words for row in summary.not_judged_rows)
            said = nothing_but_not_judged(run, summary, what_to_do=_permission_to_give(causes, run))
        else:
            said = nothing_to_clean(run, summary, at=self._channel.now())
        if run.message_ts is not None or offer.newly_not_judged:
            run = self._channel.show(run, said, "root")
        self._records.write_run(replace(run, snapstart=summary.snapstart))
        return RunEnding(kind=Ending.NOTHING_TO_DO, words=_nothing_in_words(summary, offer))

    def _last_words(
        self, kind: Ending, run: Run, outcomes: Sequence[PageOutcome], answers: Answers
    ) -> tuple[Message, Message]:
        """What the root message and the thread say at the end."""
        if answers.expired is not None:
            opened_at = answers.expired.opened_at
            return expired(run, outcomes, opened_at=opened_at), expired_in_thread(run, outcomes)
        match kind:
            case Ending.REJECTED:
                return rejected(run, outcomes), rejected_in_thread(run, outcomes)
            case Ending.STOPPED_HERE | Ending.CANCELLED:
                return stopped_here(run, outcomes), stopped_here_in_thread(run, outcomes)
            case Ending.BROKE_OFF | Ending.STOPPED:
                why = str(answers.pages[-1].broke_off or answers.pages[-1].stopped_by)
                root = stopped(
                    run,
                    outcomes,
                    what_happened=why,
                    what_to_do=_permission_to_give(why, run),
                    links=self._channel.links(run),
                )
                return root, done_in_thread(run, outcomes, self._channel.links(run))
            case _:
                took = sum(page.seconds for page in answers.pages if page.action is Action.APPROVE)
                root = done(run, outcomes, took=took)
                return root, done_in_thread(run, outcomes, self._channel.links(run))

    # A run that failed

    def before_that(self, run: Run, results: Sequence[VersionResult]) -> str | None:
        """What was carried out before a failure, in a few words; None when nothing was. Never fails."""
        totals = ResultTotals.of(results_of(self._records.readable_outcomes(self._as_far_as_known(run)), results))
        touched = totals.gone or totals.unconfirmed
        return f"before that {counts_in_words(totals, dry_run=run.dry_run)}" if touched else None

    def fail(self, run: Run, what_happened: str, results: Sequence[VersionResult]) -> None:
        """Say that the run failed, what was deleted before, and what to do; take the buttons away.

        Also where the records fail: what they would tell is not needed for that.
        """
        current = self._as_far_as_known(run)
        outcomes = self._records.readable_outcomes(current)
        if current.message_ts is None:
            self._channel.check()
        self._say_what_failed(current, what_happened, outcomes, results_of(outcomes, results))

    def _as_far_as_known(self, run: Run) -> Run:
        try:
            return self._records.current(run)
        except (AwsError, ValueError):
            return run

    def _say_what_failed(
        self, run: Run, what_happened: str, outcomes: Sequence[PageOutcome], results: Sequence[VersionResult]
    ) -> None:
        said = failed(
            run,
            what_happened=what_happened,
            what_to_do=_permission_to_give(what_happened, run),
            results=results,
            links=self._channel.links(run),
        )
        in_thread = failed_in_thread(run, what_happened=what_happened, outcomes=outcomes, results=results)
        self._channel.reply(self._channel.show(run, said, "failure"), in_thread, "failed")

    @property
    def _default_region(self) -> str:
        return self._settings.target_regions[0]


def _ending(answers: Answers, outcomes: Sequence[PageOutcome]) -> Ending:
    if answers.expired is not None:
        return Ending.EXPIRED
    if answers.pages[-1].broke_off is not None:
        return Ending.BROKE_OFF
    if answers.pages[-1].stopped_by is not None:
        return Ending.STOPPED
    last = outcomes[-1].action
    if last is Action.STOP:
        return Ending.STOPPED_HERE
    if last is Action.CANCELLED:
        return Ending.CANCELLED
    return Ending.APPROVED if any(outcome.action is Action.APPROVE for outcome in outcomes) else Ending.REJECTED


def _nothing_in_words(summary: Summary, offer: Offer) -> str:
    lost = f"; what was remembered could not be read: {summary.memory_set_aside}" if summary.memory_set_aside else ""
    return f"{_nothing_of(summary, offer)}{lost}"


def _nothing_of(summary: Summary, offer: Offer) -> str:
    if offer.asks_again_on is not None:
        idle_now = count(summary.candidates, "idle version")
        return f"nobody answers, so the schedule asks about {idle_now} from {offer.asks_again_on} on"
    idle = summary.candidates + summary.kept + summary.refused
    if idle:
        return f"nothing new to offer, {count(idle, 'idle version')}: {', '.join(_no_news(summary))}"
    if summary.not_judged:
        of_all = f"{summary.not_judged:,} of {count(summary.snapstart, 'version')}"
        return f"nothing to offer, {of_all} could not be judged"
    return f"nothing to clean, {count(summary.snapstart, 'version')}"


def _no_news(summary: Summary) -> Iterator[str]:
    if summary.kept:
        yield f"{summary.kept:,} kept"
    if summary.refused:
        yield f"{summary.refused:,} refused by AWS"
    if summary.candidates:
        yield f"{summary.candidates:,} free now or called now and then"


def _permission_to_give(words: str, run: Run) -> str | None:
    """What to do about words of AWS that deny something; None for all others."""
    denied = _DENIED.search(words)
    return grant(denied[1], run) if denied else None
