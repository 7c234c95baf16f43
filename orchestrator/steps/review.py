"""Ask the people of the review channel, hear what they decide, and show how it is carried out.

Every method is one durable step and may run again: records are written over with the same, edits repeat themselves, and
a post looks for itself before it is made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestrator import metrics
from orchestrator.aws.errors import AwsError
from orchestrator.aws.records import Records, outcome_key
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.decisions import Decision, PageOutcome, UnreadableDecision, read_decision, result_of
from orchestrator.domain.handovers import Approved, ClosedPage, Heard, OpenedPage
from orchestrator.domain.owners import owners_of
from orchestrator.domain.policy import Policy
from orchestrator.domain.report import Summary
from orchestrator.domain.results import Outcome, VersionResult
from orchestrator.domain.runs import DELETING, WAITING, Action, Page, Run, short
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.slices import Listed
from orchestrator.domain.versions import Missing
from orchestrator.domain.words import count
from orchestrator.slack.errors import MessageRefused, SlackError
from orchestrator.slack.message.blocks import Message
from orchestrator.slack.message.candidates import candidates, candidates_in_thread
from orchestrator.slack.message.decided import (
    counts_in_words,
    decided,
    decision_in_thread,
    page_done_in_thread,
    page_rejected,
)
from orchestrator.slack.message.endings import rejected, stopped_here
from orchestrator.slack.message.memory import memory_set_aside
from orchestrator.slack.message.owners import owners_in_thread
from orchestrator.slack.message.scanning import ScanProgress, scanning
from orchestrator.slack.message.unanswered import reminder
from orchestrator.steps.channel import Channel
from orchestrator.steps.pages import AlteredRecord, page_of, posted_page
from orchestrator.steps.remembering import Remembering

log = logging.getLogger(__name__)

CSV_ATTACHED_AT_MOST = 20 * 1024 * 1024
"""Bytes of a CSV that are attached; a larger one is named where it lies in S3."""


class UnusableAnswer(Exception):
    """Nobody gave this answer in Slack: nothing may be deleted on it, and trying again cannot help."""

    permanent = True


UNMENTIONED = "as in the digest"
"""Stands for the approvers in the questions of a sweep: its digest alone mentions them."""


class Review:
    """One stack's side of the review."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        records: Records,
        remembering: Remembering,
        channel: Channel,
        owner_tags: Callable[[Run], Mapping[str, str] | Missing],
    ) -> None:
        self._owner_tags = owner_tags
        self._settings = settings
        self._records = records
        self._remembering = remembering
        self._channel = channel

    def announce(self, run: Run) -> Run:
        """Look at the channel; post that a scan has begun, if somebody asked for it."""
        self._channel.check()
        if run.requested_by is None:
            return run
        return self._records.write_run(self._channel.post(run, scanning(run, ScanProgress()), "root"))

    def progress(self, run: Run, found: Listed | None, throttled: Callable[[], int]) -> Callable[[int, int, int], None]:
        """Show how far a scan is, in its root message and in its record, as often as Slack allows.

        `found` is what the slices before this one found; None until all versions are listed.
        `throttled` counts the calls that AWS put off so far.
        """
        shown = self._channel.messenger.progress(run.message_ts) if run.message_ts else None
        step_shown, put_off = 0, 0
        seen = throttled()

        def show(step: int, done: int, total: int) -> None:
            nonlocal step_shown, put_off, seen
            now = replace(run, step=step)
            if step != step_shown:
                put_off = seen
                self._records.write_run(now)
            if shown is not None:
                progress = replace(_progress_of(found, step, done, total), throttled=throttled() > put_off)
                shown.show(scanning(now, progress), at_once=step != step_shown)
            step_shown, seen = step, throttled()

        return show

    # One page

    def ask(self, run: Run, opened: OpenedPage, callback_id: str) -> str | None:
        """Write the page down, then post it; with the first page goes the CSV.

        Returns why Slack refuses it, if so: it is asked again as smaller pages, and never without its buttons. Raises
        AlteredRecord.
        """
        current = self._records.current(run)
        summary, offered = self._records.read_offer(current.execution)
        page = page_of(current, opened, offered, callback_id)
        if page.offer_hash != opened.offer_hash:
            raise AlteredRecord("the list of candidates was changed after the scan")
        self._records.write_page(page)
        waiting = replace(
            current,
            status=WAITING,
            page=page.page,
            pages=page.pages,
            snapstart=summary.snapstart,
            candidates=len(offered),
            monthly_usd=summary.monthly_usd,
            expires_at=page.expires_at,
        )
        said = candidates(
            page,
            offered=offered,
            summary=summary,
            policy=Policy.from_dict(current.policy),
            approvers=self._settings.approvers if run.sweep is None else (UNMENTIONED,),
            second_person=self._settings.require_second_person,
            decided=self._records.read_outcomes(current.execution, page.page - 1),
            keep_days=self._settings.keep_days,
        )
        try:
            asked = self._channel.show(waiting, said, "root" if page.page == 1 else f"page-{page.page}")
        except MessageRefused as refused:
            what = f"page {page.page} with {count(len(page.candidates), 'version')}"
            return f"{what} could not be asked: Slack does not take the message ({refused.words})"
        if asked.message_ts != page.message_ts:
            self._records.write_page(replace(page, message_ts=asked.message_ts))
        self._records.write_run(asked)
        if page.page == 1:
            self._attach_csv(asked, page, offered, summary)
            if summary.memory_set_aside is not None:
                self._channel.reply(asked, memory_set_aside(summary.memory_set_aside), "memory")
            self._name_owners(asked, offered)
        return None

    def _name_owners(self, run: Run, offered: Sequence[Candidate]) -> None:
        """Name each owner's group once with its own versions, where the stack knows owners and AWS tells the tags."""
        if self._settings.owner_tag is None:
            return
        tags = self._owner_tags(run)
        if not isinstance(tags, Missing):
            owners = owners_of(offered, tags, self._settings.owners)
            self._channel.reply(run, owners_in_thread(owners), "owners")

    def _attach_csv(self, run: Run, page: Page, offered: Sequence[Candidate], summary: Summary) -> None:
        key = f"reports/{run.execution}.csv"
        content = self._records.store.get_bytes(key, at_most=CSV_ATTACHED_AT_MOST)
        problem = "too large to attach" if content is None else self._upload(run, content)
        if problem is not None:
            log.warning("the CSV was not attached", extra={"execution": run.execution, "problem": problem})
        words = candidates_in_thread(
            page,
            offered=offered,
            approvers=self._settings.approvers if run.sweep is None else (),
            csv_problem=problem,
            csv_location=self._records.s3_uri(key),
            summary=summary,
            policy=Policy.from_dict(run.policy),
            untested_command=self._untested_command(run),
        )
        self._channel.reply(run, words, "asked")

    def _untested_command(self, run: Run) -> str | None:
        """What to type where a run deletes, and nobody has seen this release pass its test."""
        if run.dry_run:
            return None
        tested = self._records.read_readiness()
        passed = tested is not None and tested.passed_for(self._settings.release_id)
        return None if passed else self._settings.slack_command

    def _upload(self, run: Run, content: bytes) -> str | None:
        try:
            self._channel.messenger.upload_csv(
                thread_ts=str(run.message_ts),
                filename=f"snapstart-{run.region}-{short(run.execution)}.csv",
                content=content,
                run_key=run.execution,
            )
        except SlackError as problem:
            return problem.words
        return None

    def remind(self, run: Run, opened: OpenedPage) -> None:
        """Recall a question in its thread, while it is open."""
        current = self._records.current(run)
        page = posted_page(self._records, current, opened)
        _, offered = self._records.read_offer(current.execution)
        said = reminder(page, offered[opened.first :])
        if page.decided is None and said is not None:
            self._channel.reply(current, said, "reminder")

    def hear(self, run: Run, opened: OpenedPage, answer: Any) -> Heard:
        """Read the answer, and record the decision before anything is deleted. Slack is not needed for that.

        Raises AlteredRecord and UnusableAnswer.
        """
        current = self._records.current(run)
        page = replace(posted_page(self._records, current, opened), decided=None)  # an attempt may have decided it
        decision = _read(answer, opened.offer_hash)
        before = self._records.read_page_outcome(current.execution, opened.page)
        decided_at = self._channel.now() if before is None else before.decided_at
        outcome = replace(
            _outcome_of(page, decision, decided_at),
            release_id=self._settings.release_id,
            keep_days=self._remembering.keep_days(run, page, decision),
        )
        self._records.write_page_outcome(outcome)
        self._records.write_page(replace(page, decided=outcome.shown_on_page()))
        self._remembering.decided(current, page, decision, outcome.decided_at)
        self._records.write_run(replace(current, status=DELETING, page=opened.page))
        return Heard(
            action=outcome.action,
            approver=decision.approver,
            decided_at=outcome.decided_at,
            boxes_missing=outcome.boxes_missing,
            keep_days=outcome.keep_days,
            approved=tuple(
                Approved(function_name=c.function_name, number=c.number, monthly_usd=c.monthly_usd)
                for c in outcome.ticked
            ),
        )

    def show_decision(self, run: Run, opened: OpenedPage) -> None:
        """Take the buttons away, and say in the thread who decided what."""
        current = self._records.current(run)
        *earlier, outcome = self._records.read_outcomes(current.execution, opened.page)
        shown = self._channel.show(current, _closed_page(current, outcome, earlier), f"decided-{opened.page}")
        self._tell_decision(self._records.write_run(shown), outcome)

    def _tell_decision(self, run: Run, outcome: PageOutcome) -> None:
        page = outcome.page
        if outcome.action is Action.APPROVE or (outcome.action is Action.REJECT and page.pages > 1):
            self._channel.reply(run, decision_in_thread(outcome), f"decision-{page.page}")
        # Of all others the run's ending says it all.

    def show_progress(self, run: Run, done: int) -> None:
        """Show how many of a page's approved versions are carried out; decoration, so a failure is only logged."""
        try:
            current = self._records.current(run)
            outcomes = self._records.read_outcomes(current.execution, current.page)
        except (AwsError, ValueError) as problem:
            log.warning("progress was not shown", extra={"execution": run.execution, "problem": str(problem)})
            return
        if outcomes and current.message_ts is not None:
            said = decided(outcomes[-1], done=done, earlier=outcomes[:-1])
            self._channel.messenger.progress(current.message_ts).show(said)

    def close_page(
        self, run: Run, opened: OpenedPage, heard: Heard, results: Sequence[VersionResult], stopped: str | None
    ) -> ClosedPage:
        """Record what came of a page, and why its deletes stopped. Slack is not needed for that."""
        current = self._records.current(run)
        number = opened.page
        outcome = PageOutcome(
            page=posted_page(self._records, current, opened),
            action=heard.action,
            approver=heard.approver,
            decided_at=heard.decided_at,
            approved=frozenset(version.key for version in heard.approved),
            boxes_missing=heard.boxes_missing,
            results=_complete(heard, results, self._written_results(current.execution, number)),
            release_id=self._settings.release_id,
            keep_days=heard.keep_days,
        )
        self._records.write_page_outcome(outcome)
        self._remembering.carried_out(current, outcome)
        if outcome.action is Action.APPROVE:
            metrics.carried_out(current, outcome.results)
        left_undone = number < outcome.page.pages or any(r.outcome is Outcome.UNTOUCHED for r in outcome.results)
        broke_off = stopped if left_undone else None
        decided_to_go_on = outcome.action in {Action.APPROVE, Action.REJECT} and number < outcome.page.pages
        stop = self._records.read_stop(current.execution) if decided_to_go_on else None
        return ClosedPage(
            page=number,
            action=outcome.action,
            approver=heard.approver.id,
            counts=counts_in_words(outcome.totals, dry_run=current.dry_run),
            seconds=self._channel.now() - outcome.decided_at,
            broke_off=broke_off,
            stops=bool(broke_off or stop) or outcome.action in {Action.STOP, Action.CANCELLED},
            stopped_by=stop.in_words() if stop else None,
        )

    def tell_page(self, run: Run, opened: OpenedPage) -> None:
        """Say in the thread what came of a page of several; and who decided it, if that could not be said before."""
        current = self._records.current(run)
        outcome = self._records.read_outcomes(current.execution, opened.page)[-1]
        self._tell_decision(current, outcome)
        if outcome.action is Action.APPROVE and outcome.page.pages > 1:
            record = self._records.s3_uri(outcome_key(current.execution, opened.page))
            self._channel.reply(current, page_done_in_thread(outcome, record=record), f"page-{opened.page}")

    def _written_results(self, execution: str, page: int) -> tuple[VersionResult, ...]:
        """What the attempts wrote down of one page, as far as it can be read."""
        try:
            stored = self._records.read_page_outcome(execution, page)
        except (AwsError, ValueError) as problem:
            log.warning("what was written down cannot be read", extra={"execution": execution, "problem": str(problem)})
            return ()
        return stored.as_far_as_known().results if stored else ()


def _progress_of(found: Listed | None, step: int, done: int, total: int) -> ScanProgress:
    if step == 1:
        return ScanProgress(listed=done, snapstart=total)
    listed = ScanProgress(listed=found.listed, snapstart=found.fleet.snapstart) if found else ScanProgress()
    return replace(listed, checked=done, to_check=total) if total else listed


def _read(answer: Any, offer_hash: str) -> Decision:
    """The answer as a decision about what was posted. Raises UnusableAnswer."""
    try:
        decision = read_decision(answer)
    except UnreadableDecision as error:
        raise UnusableAnswer(str(error)) from error
    if decision.offer_hash not in (None, offer_hash):
        raise UnusableAnswer("the answer is bound to another list than the one that was posted")
    return decision


def _outcome_of(page: Page, decision: Decision, decided_at: int) -> PageOutcome:
    """What a decision comes to: approving none of what was offered keeps all of it."""
    outcome = PageOutcome.of(page, decision, decided_at)
    if outcome.action is Action.APPROVE and not outcome.approved:
        return replace(outcome, action=Action.REJECT)
    return outcome


def _closed_page(run: Run, outcome: PageOutcome, earlier: Sequence[PageOutcome]) -> Message:
    if outcome.action is Action.APPROVE:
        return decided(outcome, earlier=earlier)
    if outcome.action in {Action.STOP, Action.CANCELLED}:
        return stopped_here(run, [*earlier, outcome])
    if outcome.page.pages > 1:
        return page_rejected(outcome, earlier=earlier)
    return rejected(run, [outcome])


def _complete(
    heard: Heard, results: Sequence[VersionResult], written: Sequence[VersionResult]
) -> tuple[VersionResult, ...]:
    """What came of every approved version: what the steps told, else what an attempt wrote down before it broke off."""
    known = {result.key: result for result in [*written, *results]}
    return tuple(known.get(version.key) or result_of(version, Outcome.UNTOUCHED) for version in heard.approved)
