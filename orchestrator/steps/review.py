"""Speak with the people of the review channel, and write down what they decided.

Every method is one durable step and may run again: records are written over with the same, edits repeat themselves, and
a post looks for itself before it is made.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from orchestrator import metrics
from orchestrator.aws.errors import AwsError
from orchestrator.aws.records import Records
from orchestrator.domain.plan import Approver, Decision, UnreadableDecision, read_decision
from orchestrator.domain.policy import Policy
from orchestrator.domain.report import Candidate, Summary
from orchestrator.domain.results import Outcome, ResultTotals, VersionResult
from orchestrator.domain.runs import DELETING, WAITING, Page, Run, UnreadableRecord, execution_id, short
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.words import count
from orchestrator.slack import message
from orchestrator.slack.message import APPROVE, REJECT, STOP, Links, Message, PageOutcome, ScanProgress
from orchestrator.slack.message.decided import counts_in_words
from orchestrator.slack.messenger import MessageRefused, Messenger, SlackError, SlackRefused
from orchestrator.steps.remembering import Remembering

Json = dict[str, Any]
log = logging.getLogger(__name__)

CSV_ATTACHED_AT_MOST = 20 * 1024 * 1024
"""Bytes of a CSV that are attached; a larger one is named where it lies in S3."""

FURTHEST_BACK_SECONDS = 3_600
"""How long ago a run may have spoken that never came to write down when it began."""

_FUNCTION_IN_ARN = re.compile(r"^arn:[^:]+:lambda:([^:]+):(\d+):function:([^:/]+)")
_DENIED = re.compile(r"(?<!\S)(\w+:\w+) (?:AccessDenied\w*|UnauthorizedOperation)\b")


NEVER_ANSWERED = "the delete was begun, and what came of it could not be read"


class AlteredRecord(Exception):
    """What is stored is not what was posted: nothing on it may be deleted, and trying again cannot help."""

    permanent = True


class UnusableAnswer(Exception):
    """The answer is none that a person gave in Slack: nothing may be deleted on it, and it will not change."""

    permanent = True


class Review:
    """One stack's side of the review."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        records: Records,
        remembering: Remembering,
        messenger: Callable[[], Messenger],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._records = records
        self._remembering = remembering
        self._messenger = messenger
        self._clock = clock

    # Before anything is asked

    def decline(self, declined: Json) -> Json:
        """Say why nothing was started: the request cannot be used, or the region has a run already."""
        asked_by, words = declined["requested_by"], declined["words"]
        self._messenger().check_channel()
        if declined["kind"] == "refused":
            said = message.refused(
                declined["problems"],
                requested_by=asked_by,
                execution=declined["execution"],
                region=self._default_region,
            )
            self._post_alone(declined, said)
            return {"ending": "refused", "words": words}
        holder = self._records.read_run(declined["held_by"])
        if holder is not None and holder.request_id is not None and holder.request_id == declined["request_id"]:
            return {"ending": "already_running", "words": words}  # the same occasion, delivered twice
        if asked_by is not None and holder is not None:
            self._post_alone(declined, message.already_open(holder, requested_by=asked_by))
        elif asked_by is not None:
            self._post_alone(declined, message.already_claimed(declined["region"], requested_by=asked_by))
        elif holder is not None and holder.status == WAITING and holder.message_ts is not None:
            self._messenger().post(
                message.met_by_the_schedule(holder),
                run_key=declined["execution"],
                message_key="met",
                thread_ts=holder.message_ts,
                not_before=declined["started_at"],
            )
        return {"ending": "already_running", "words": words}

    def _post_alone(self, declined: Json, said: Message) -> None:
        self._messenger().post(
            said, run_key=declined["execution"], message_key="root", not_before=declined["started_at"]
        )

    def not_begun(self, event: Any, execution_arn: str, words: str) -> None:
        """Say that a run failed before it could be written down."""
        given = event if isinstance(event, dict) else {}
        named = _FUNCTION_IN_ARN.match(execution_arn)
        region, asked_by = given.get("region"), given.get("requested_by")
        run = Run(
            execution=execution_id(execution_arn),
            execution_arn=execution_arn,
            region=region if region in self._settings.target_regions else self._default_region,
            account_id=named[2] if named else "unknown",
            started_at=self._now() - FURTHEST_BACK_SECONDS,
            requested_by=asked_by if isinstance(asked_by, str) else None,
            channel_id=self._settings.channel_id,
            dry_run=self._settings.dry_run,
            policy={},
        )
        self._messenger().check_channel()
        self._say_what_failed(run, words, (), ())

    def announce(self, run: Json) -> Json:
        """Look at the channel; post that a scan has begun, if somebody asked for it."""
        this = Run.from_dict(run)
        self._messenger().check_channel()
        if this.requested_by is None:
            return run
        posted = self._post(this, message.scanning(this, ScanProgress()), "root")
        announced = replace(this, message_ts=posted.ts, permalink=posted.permalink)
        return self._records.write_run(announced).to_dict()

    def progress(self, run: Run, found: Json, throttled: Callable[[], int]) -> Callable[[int, int, int], None]:
        """Show how far a scan is, in its root message and in its record, as often as Slack allows.

        `found` is what the slices before this one found: `listed` versions, of which `snapstart` with SnapStart.
        `throttled` counts the calls that AWS put off so far.
        """
        shown = self._messenger().progress(run.message_ts) if run.message_ts else None
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
                shown.show(message.scanning(now, progress), at_once=step != step_shown)
            step_shown, seen = step, throttled()

        return show

    # One page

    def ask(self, run: Json, opened: Json, callback_id: str) -> str | None:
        """Write the page down, then post it; with the first page goes the CSV.

        Returns why Slack does not take it, if so: it is posted as smaller pages, and never without its buttons.
        """
        current = self._current(run)
        summary, offered = self._records.read_offer(current.execution)
        page = _page_of(current, opened, offered, callback_id)
        if page.offer_hash != opened["offer_hash"]:
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
        said = message.candidates(
            page,
            offered=offered,
            summary=summary,
            policy=Policy(**current.policy),
            approvers=self._settings.approvers,
            second_person=self._settings.require_second_person,
            decided=self._outcomes(current.execution, page.page - 1),
        )
        try:
            if current.message_ts is None:
                posted = self._post(current, said, "root")
                waiting = replace(waiting, message_ts=posted.ts, permalink=posted.permalink)
                self._records.write_page(replace(page, message_ts=posted.ts))
            else:
                self._messenger().update(current.message_ts, said)
        except MessageRefused as refused:
            asked = f"page {page.page} with {count(len(page.candidates), 'version')} could not be asked"
            return f"{asked}: Slack does not take the message ({refused.words})"
        self._records.write_run(waiting)
        if page.page == 1:
            self._attach_csv(waiting, page, offered)
        return None

    def _attach_csv(self, run: Run, page: Page, offered: Sequence[Candidate]) -> None:
        key = f"reports/{run.execution}.csv"
        content = self._records.store.get_bytes(key, at_most=CSV_ATTACHED_AT_MOST)
        problem = "too large to attach" if content is None else self._upload(run, content)
        if problem is not None:
            log.warning("the CSV was not attached", extra={"execution": run.execution, "problem": problem})
        words = message.candidates_in_thread(
            page,
            offered=offered,
            approvers=self._settings.approvers,
            csv_problem=problem,
            csv_location=self._records.s3_uri(key),
        )
        self._reply(run, words, "asked")

    def _upload(self, run: Run, content: bytes) -> str | None:
        try:
            self._messenger().upload_csv(
                thread_ts=str(run.message_ts),
                filename=f"snapstart-{run.region}-{short(run.execution)}.csv",
                content=content,
                run_key=run.execution,
            )
        except SlackError as problem:
            return problem.words
        return None

    def hear(self, run: Json, opened: Json, answer: Any) -> Json:
        """Read the answer, record the decision before anything is deleted, and take the buttons away."""
        current = self._current(run)
        number = opened["page"]
        page = replace(self._posted_page(current, opened), decided=None)  # an attempt before this one may have decided
        decision = _read(answer, opened["offer_hash"])
        outcome = _outcome_of(page, decision, self._decided_before(current.execution, number) or self._now())
        self._write_outcome(outcome)
        self._records.write_page(replace(page, decided=_decided(outcome)))
        self._remembering.decided(current, page, decision, outcome.decided_at)
        deleting = self._records.write_run(replace(current, status=DELETING, page=number))
        self._messenger().update(str(deleting.message_ts), self._closed_page(deleting, outcome))
        if outcome.action == APPROVE or (outcome.action == REJECT and page.pages > 1):  # else the ending says it all
            self._reply(deleting, message.decision_in_thread(outcome), f"decision-{number}")
        return {
            "action": outcome.action,
            "approver": asdict(decision.approver),
            "decided_at": outcome.decided_at,
            "boxes_missing": outcome.boxes_missing,
            "approved": [
                {"function_name": c.function_name, "number": c.number, "monthly_usd": c.monthly_usd}
                for c in outcome.ticked
            ],
        }

    def _closed_page(self, run: Run, outcome: PageOutcome) -> Message:
        earlier = self._outcomes(run.execution, outcome.page.page - 1)
        if outcome.action == APPROVE:
            return message.decided(outcome, earlier=earlier)
        if outcome.action == STOP:
            return message.stopped_here(run, [*earlier, outcome])
        if outcome.page.pages > 1:
            return message.page_rejected(outcome, earlier=earlier)
        return message.rejected(run, [outcome])

    def show_progress(self, run: Run, done: int) -> None:
        """Show how many of a page's approved versions are carried out; decoration, so a failure is only logged."""
        try:
            current = self._records.read_run(run.execution) or run
            outcomes = self._outcomes(current.execution, current.page)
        except (AwsError, ValueError) as problem:
            log.warning("progress was not shown", extra={"execution": run.execution, "problem": str(problem)})
            return
        if outcomes and current.message_ts is not None:
            said = message.decided(outcomes[-1], done=done, earlier=outcomes[:-1])
            self._messenger().progress(current.message_ts).show(said)

    def close_page(self, run: Json, opened: Json, heard: Json, results: list[Json], stopped: str | None) -> Json:
        """Record what came of a page and why its deletes stopped, and say it in the thread when more pages follow."""
        current = self._current(run)
        number = opened["page"]
        outcome = PageOutcome(
            page=self._posted_page(current, opened),
            action=heard["action"],
            approver=Approver(**heard["approver"]),
            decided_at=heard["decided_at"],
            approved=frozenset((version["function_name"], version["number"]) for version in heard["approved"]),
            boxes_missing=heard["boxes_missing"],
            results=_complete(heard, results, self._written_results(current.execution, number)),
        )
        key = self._write_outcome(outcome)
        self._remembering.carried_out(current, outcome)
        if outcome.action == APPROVE and outcome.page.pages > 1:
            said = message.page_done_in_thread(outcome, record=self._records.s3_uri(key))
            self._reply(current, said, f"page-{number}")
        if outcome.action == APPROVE:
            metrics.carried_out(current, outcome.results)
        left_undone = number < outcome.page.pages or any(r.outcome is Outcome.UNTOUCHED for r in outcome.results)
        broke_off = stopped if left_undone else None
        return {
            "page": number,
            "action": outcome.action,
            "approver": None if outcome.approver is None else outcome.approver.id,
            "counts": counts_in_words(outcome.totals, dry_run=current.dry_run),
            "seconds": self._now() - outcome.decided_at,
            "broke_off": broke_off,
            "stops": broke_off is not None or outcome.action == STOP,
        }

    # The end

    def end(self, run: Json, ending: Json) -> Json:
        """Say how the run ended, in its root message and its thread."""
        current = self._current(run)
        if ending["kind"] == "nothing_to_do":
            return self._end_with_nothing(current, newly_not_judged=ending["found"]["newly_not_judged"] > 0)
        outcomes = self._outcomes(current.execution, len(ending["pages"]))
        if ending["kind"] == "expired":
            outcomes.append(PageOutcome.expired(self._expired_page(current, ending["open"])))
            if not ending["pages"]:
                opened = ending["open"]
                self._remembering.expired(current, asked_at=opened["opened_at"], expired_at=opened["expires_at"])
        kind = _kind(ending, outcomes)
        root, reply = self._closing(kind, current, outcomes, ending)
        self._messenger().update(str(current.message_ts), root)
        self._reply(current, reply, "end")
        words = message.ending_words(outcomes, dry_run=current.dry_run)
        failed = kind == "broke_off"
        if failed:
            words = f"stopped, {words}: {ending['pages'][-1]['broke_off']}"
        return {"kind": kind, "words": words, "failed": failed, "pages": ending["pages"]}

    def _end_with_nothing(self, run: Run, *, newly_not_judged: bool) -> Json:
        """Say that there is nothing to do; the schedule only speaks of rows that were not reported last time."""
        summary, _ = self._records.read_offer(run.execution)
        if summary.not_judged:
            causes = " ".join(row.words for row in summary.not_judged_rows)
            said = message.nothing_but_not_judged(run, summary, what_to_do=_permission_to_give(causes, run.region))
        else:
            said = message.nothing_to_clean(run, summary, at=self._now())
        if run.message_ts is not None:
            self._messenger().update(run.message_ts, said)
        elif newly_not_judged:
            posted = self._post(run, said, "root")
            run = replace(run, message_ts=posted.ts, permalink=posted.permalink)
        self._records.write_run(replace(run, snapstart=summary.snapstart))
        return {"kind": "nothing_to_do", "words": _nothing_in_words(summary), "failed": False, "pages": []}

    def _closing(self, kind: str, run: Run, outcomes: list[PageOutcome], ending: Json) -> tuple[Message, Message]:
        match kind:
            case "expired":
                opened_at = ending["open"]["opened_at"]
                return message.expired(run, outcomes, opened_at=opened_at), message.expired_in_thread(run, outcomes)
            case "rejected":
                return message.rejected(run, outcomes), message.rejected_in_thread(run, outcomes)
            case "stopped_here":
                return message.stopped_here(run, outcomes), message.stopped_here_in_thread(run, outcomes)
            case "broke_off":
                why = ending["pages"][-1]["broke_off"]
                root = message.stopped(
                    run,
                    outcomes,
                    what_happened=why,
                    what_to_do=_permission_to_give(why, run.region),
                    links=self._links(run),
                )
                return root, message.done_in_thread(run, outcomes, self._links(run))
            case _:
                took = sum(page["seconds"] for page in ending["pages"] if page["action"] == APPROVE)
                root = message.done(run, outcomes, took=took)
                return root, message.done_in_thread(run, outcomes, self._links(run))

    def before_that(self, run: Json, results: list[Json]) -> str | None:
        """What was carried out before a failure, in a few words; None when nothing was."""
        totals = ResultTotals.of(self._came_to(self._written_outcomes(run), results))
        touched = totals.gone or totals.unconfirmed
        return f"before that {counts_in_words(totals, dry_run=run['dry_run'])}" if touched else None

    def _written_outcomes(self, run: Json) -> list[PageOutcome]:
        """The pages decided so far, as far as the records can be read."""
        try:
            current = self._current(run)
            return self._outcomes(current.execution, current.pages)
        except (AwsError, ValueError):
            return []

    @staticmethod
    def _came_to(outcomes: Sequence[PageOutcome], results: list[Json]) -> list[VersionResult]:
        """What the steps told, and what an attempt that broke off wrote down before it did."""
        told = [VersionResult.from_dict(result) for result in results]
        written = [result for outcome in outcomes for result in outcome.results]
        return list({result.key: result for result in [*written, *told]}.values())

    def fail(self, run: Json, ending: Json, results: list[Json]) -> None:
        """Say that the run failed, what was deleted before, and what to do; take the buttons away.

        Also where the records fail: what they would tell is not needed for that.
        """
        try:
            current = self._current(run)
        except AwsError:
            current = Run.from_dict(run)
        outcomes = self._written_outcomes(run)
        if current.message_ts is None:
            self._messenger().check_channel()
        came_to = self._came_to(outcomes, results)
        self._say_what_failed(current, ending["what_happened"], outcomes, came_to)

    def _say_what_failed(
        self, run: Run, what_happened: str, outcomes: Sequence[PageOutcome], results: Sequence[VersionResult]
    ) -> None:
        said = message.failed(
            run,
            what_happened=what_happened,
            what_to_do=_permission_to_give(what_happened, run.region),
            results=results,
            links=self._links(run),
        )
        self._reply(
            self._in_place_of_the_buttons(run, said),
            message.failed_in_thread(run, what_happened=what_happened, outcomes=outcomes, results=results),
            "failed",
        )

    def _in_place_of_the_buttons(self, run: Run, said: Message) -> Run:
        """Edit the root message; where there is none, or it was removed, post one."""
        if run.message_ts is not None:
            try:
                self._messenger().update(run.message_ts, said)
            except SlackRefused as refused:
                log.warning("the root message cannot be edited", extra={"problem": refused.words})
            else:
                return run
        posted = self._post(run, said, "failure")
        return replace(run, message_ts=posted.ts, permalink=posted.permalink)

    # What stands behind the words

    def _current(self, run: Json) -> Run:
        return self._records.read_run(run["execution"]) or Run.from_dict(run)

    def _posted_page(self, run: Run, opened: Json) -> Page:
        number = opened["page"]
        try:
            page = self._records.read_page(run.execution, number)
        except ValueError as error:
            raise AlteredRecord(f"the record of page {number} cannot be read: {error}") from error
        if page is None or page.offer_hash != opened["offer_hash"]:
            raise AlteredRecord(f"the record of page {number} is not what was posted")
        return page

    def _expired_page(self, run: Run, opened: Json) -> Page:
        """The page nobody decided; its time may have been over before it was posted."""
        if opened["timeout_seconds"] > 0:
            return self._posted_page(run, opened)
        _, offered = self._records.read_offer(run.execution)
        return _page_of(run, opened, offered, callback_id="")

    def _outcomes(self, execution: str, upto: int) -> list[PageOutcome]:
        outcomes = []
        for number in range(1, upto + 1):
            stored = self._records.read_page_outcome(execution, number)
            if stored:
                outcomes.append(_outcome_from_dict(stored))
        return outcomes

    def _written_results(self, execution: str, page: int) -> tuple[VersionResult, ...]:
        """What the attempts wrote down of one page, as far as it can be read."""
        try:
            stored = self._records.read_page_outcome(execution, page)
            return _outcome_from_dict(stored).results if stored else ()
        except (AwsError, ValueError) as problem:
            log.warning("what was written down cannot be read", extra={"execution": execution, "problem": str(problem)})
            return ()

    def _write_outcome(self, outcome: PageOutcome) -> str:
        return self._records.write_page_outcome(
            outcome.page.execution, outcome.page.page, _outcome_to_dict(outcome, self._settings.release_id)
        )

    def _decided_before(self, execution: str, page: int) -> int | None:
        stored = self._records.read_page_outcome(execution, page)
        return int(stored["decided_at"]) if stored else None

    def _post(self, run: Run, said: Message, key: str) -> Any:
        return self._messenger().post(said, run_key=run.execution, message_key=key, not_before=run.started_at)

    def _reply(self, run: Run, said: Message, key: str) -> None:
        self._messenger().post(
            said,
            run_key=run.execution,
            message_key=key,
            thread_ts=str(run.message_ts),
            not_before=run.started_at,
        )

    def _links(self, run: Run) -> Links:
        record = self._records.s3_uri(f"outcomes/{run.execution}.json")
        named = _FUNCTION_IN_ARN.match(run.execution_arn)
        if named is None:  # a local engine's executions have no page in AWS's console
            return Links(record=record)
        region, _, function = named.groups()
        console = f"https://{region}.console.aws.amazon.com"
        group = f"/aws/lambda/{function}".replace("/", "$252F")
        return Links(
            record=record,
            execution=f"{console}/lambda/home?region={region}#/functions/{function}?tab=durableExecutions",
            log=f"{console}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}",
        )

    @property
    def _default_region(self) -> str:
        return self._settings.target_regions[0]

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _progress_of(found: Json, step: int, done: int, total: int) -> ScanProgress:
    if step == 1:
        return ScanProgress(listed=found.get("listed", 0) + done, snapstart=found.get("snapstart", 0) + total)
    listed = ScanProgress(listed=found.get("listed"), snapstart=found.get("snapstart"))
    return replace(listed, checked=done, to_check=total) if total else listed


def _page_of(run: Run, opened: Json, offered: Sequence[Candidate], callback_id: str) -> Page:
    return Page(
        execution=run.execution,
        execution_arn=run.execution_arn,
        region=run.region,
        account_id=run.account_id,
        page=opened["page"],
        pages=opened["pages"],
        revision=opened["revision"],
        callback_id=callback_id,
        channel_id=run.channel_id,
        message_ts=run.message_ts,
        requested_by=run.requested_by,
        dry_run=run.dry_run,
        expires_at=opened["expires_at"],
        candidates=tuple(offered[opened["first"] : opened["first"] + opened["rows"]]),
    )


def _read(answer: Any, offer_hash: str) -> Decision:
    """The answer as a decision about what was posted. Raises UnusableAnswer."""
    try:
        decision = read_decision(answer)
    except UnreadableDecision as error:
        raise UnusableAnswer(str(error)) from error
    if decision.offer_hash not in (None, offer_hash):
        raise UnusableAnswer("the answer is bound to another list than the one that was posted")
    return decision


def _nothing_in_words(summary: Summary) -> str:
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


def _permission_to_give(words: str, region: str) -> str | None:
    """What to do about words of AWS that deny something; None for all others."""
    denied = _DENIED.search(words)
    return message.grant(denied[1], region) if denied else None


def _kind(ending: Json, outcomes: list[PageOutcome]) -> str:
    if ending["kind"] == "expired":
        return "expired"
    if ending["pages"][-1]["broke_off"] is not None:
        return "broke_off"
    if outcomes[-1].action == STOP:
        return "stopped_here"
    return "approved" if any(outcome.action == APPROVE for outcome in outcomes) else "rejected"


def _outcome_of(page: Page, decision: Decision, decided_at: int) -> PageOutcome:
    """What a decision comes to: approving none of what was offered keeps all of it."""
    outcome = PageOutcome.of(page, decision, decided_at)
    if outcome.action == APPROVE and not outcome.approved:
        return replace(outcome, action=REJECT)
    return outcome


def _decided(outcome: PageOutcome) -> Json:
    approver = outcome.approver
    return {
        "action": outcome.action,
        "approver_id": approver.id if approver else None,
        "approver_name": approver.name if approver else None,
        "decided_at": outcome.decided_at,
        "approved": len(outcome.approved),
        "offered": len(outcome.page.candidates),
    }


def _complete(heard: Json, results: list[Json], written: Sequence[VersionResult]) -> tuple[VersionResult, ...]:
    """What came of every approved version: what the steps told, else what an attempt wrote down before it broke off."""
    known = {result.key: result for result in [*written, *map(VersionResult.from_dict, results)]}
    return tuple(
        known.get(
            (version["function_name"], version["number"]),
            VersionResult(
                function_name=version["function_name"],
                number=version["number"],
                outcome=Outcome.UNTOUCHED,
                monthly_usd=version["monthly_usd"],
            ),
        )
        for version in heard["approved"]
    )


def _outcome_to_dict(outcome: PageOutcome, release_id: str) -> Json:
    return {
        "release_id": release_id,
        "action": outcome.action,
        "approver": asdict(outcome.approver) if outcome.approver else None,
        "decided_at": outcome.decided_at,
        "boxes_missing": outcome.boxes_missing,
        "approved": [list(key) for key in sorted(outcome.approved)],
        "results": [result.to_dict() for result in outcome.results],
        "page": outcome.page.to_dict(),
    }


def _outcome_from_dict(stored: Mapping[str, Any]) -> PageOutcome:
    try:
        approver = stored["approver"]
        page = Page.from_dict(stored["page"])
        return PageOutcome(
            page=page,
            action=stored["action"],
            approver=Approver(**approver) if approver else None,
            decided_at=stored["decided_at"],
            approved=frozenset((name, number) for name, number in stored["approved"]),
            boxes_missing=stored["boxes_missing"],
            results=(*map(VersionResult.from_dict, stored["results"]), *_never_answered(page, stored.get("trying"))),
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise UnreadableRecord(f"the record of a decided page cannot be read: {error!r}") from error


def _never_answered(page: Page, begun: list[Any] | None) -> Iterator[VersionResult]:
    """The delete that was begun when its attempt broke off, if there is one."""
    for candidate in page.candidates:
        if begun is not None and candidate.key == tuple(begun):
            yield VersionResult(
                function_name=candidate.function_name,
                number=candidate.number,
                outcome=Outcome.UNCONFIRMED,
                reason=NEVER_ANSWERED,
                monthly_usd=candidate.monthly_usd,
            )
