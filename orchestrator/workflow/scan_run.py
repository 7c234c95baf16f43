"""One run: scan, ask, and carry out only what was approved and is still safe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import CallbackError, CallbackTimeoutError, DurableOperationError

from orchestrator.domain.handovers import (
    Answers,
    Approved,
    Asked,
    BatchDone,
    Begun,
    Carrying,
    ClosedPage,
    Declined,
    Heard,
    Offer,
    OpenedPage,
    Place,
    RunEnding,
    RunResult,
)
from orchestrator.domain.plan import Plan
from orchestrator.domain.results import VersionResult
from orchestrator.domain.runs import Ending, Run
from orchestrator.scanner.slices import S, scan_in_slices
from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, NotAsked, RunFailed, error_words, joined, named

BATCH_SIZE = 10
"""Versions re-checked and deleted together: few enough that the facts stay fresh until the last of them."""


class _Expired(Exception):
    """Nobody answered a page in time."""

    def __init__(self, page: OpenedPage) -> None:
        super().__init__(page.page)
        self.page = page


def scan_run(event: Any, context: DurableContext, adapters: Adapters) -> dict[str, Any]:
    """Carry a run out, from the request to its last message. Raises RunFailed when the run could not be finished."""
    durable, telling = Durable(context, adapters.patience), Durable(context, adapters.patience_to_tell)
    workflow = _ScanRun(durable, telling, adapters)
    run = workflow.begin(event, context.execution_context.durable_execution_arn).outcome
    if isinstance(run, Declined):
        if run.kind is Ending.ALREADY_RUNNING:
            workflow.tell_monthly(run)
        return workflow.decline(run).to_dict()
    try:
        run = workflow.durable.value(Run, "announce-scan", adapters.review.announce, run)
        offer = workflow.scan(run)
        workflow.look_at_the_bill(run)
        ending = workflow.end(run, offer)
        if not offer.offered:
            workflow.say_bill(run)
        result = workflow.close("close-run", run, ending)
    except DurableOperationError as error:
        workflow.give_up(run, error)
    if ending.failed:
        raise RunFailed(ending.words)
    return result.to_dict()


@dataclass(slots=True)
class _ScanRun:
    """The steps of one run, in their order."""

    durable: Durable
    telling: Durable
    """The same, tried again for hours while Slack is down: for messages that must come, but that nothing waits for."""
    adapters: Adapters
    pages: list[ClosedPage] = field(default_factory=list)
    """What came of the pages decided so far."""
    results: list[VersionResult] = field(default_factory=list)
    """What came of every approved version so far."""
    bill: str | None = None
    """How AWS's bill compares with the scan, in words; None where the stack does not ask for it."""

    def begin(self, event: Any, execution_arn: str) -> Begun:
        """Claim the region, or say why not. Raises RunFailed when not even that could be found out."""
        try:
            return self.durable.value(Begun, "claim-region", self.adapters.lifecycle.begin, event, execution_arn)
        except DurableOperationError as error:
            words = error_words(error)
            say = self.adapters.closing.not_begun
            unsaid = self.durable.attempt("say-what-failed", say, event, execution_arn, words)
            raise RunFailed(joined(words, unsaid)) from error

    def decline(self, declined: Declined) -> RunResult:
        """Say why nothing was started. Raises RunFailed, with those words, when they could not be said."""
        try:
            return self.durable.value(RunResult, "send-completion", self.adapters.closing.decline, declined)
        except DurableOperationError as error:
            raise RunFailed(joined(declined.words, error_words(error))) from error

    def scan(self, run: Run) -> Offer:
        """Scan the region slice by slice, and write the report."""
        scan, durable = self.adapters.scan, self.durable

        def run_slice(of: type[S], name: str, number: int, act: Callable[..., S], *args: Any) -> S:
            return durable.value(of, named(name, number), act, run, *args)

        found = scan_in_slices(scan, run_slice, durable.breathe)
        return durable.value(Offer, "build-and-upload-report", scan.report, run, found)

    def look_at_the_bill(self, run: Run) -> None:
        """Hold the scan against AWS's bill, where the stack asks for it."""
        if self.adapters.bill.is_on:
            self.bill = self.durable.step("compare-bill", self.adapters.bill.compare, run)
        self.tell_monthly(run)

    def tell_monthly(self, occasion: Run | Declined) -> None:
        """Post the month's receipt with the first run that the schedule starts, even if its region is taken.

        A sweep posts it itself, once its runs have counted. A failure stops nothing: a receipt that cannot be posted
        comes with the next month.
        """
        if occasion.requested_by is None and occasion.sweep is None and self.adapters.saved.monthly:
            asked = Asked(execution=occasion.execution, started_at=occasion.started_at, requested_by=None)
            self.durable.attempt("monthly-receipt", self.adapters.saved.tell_monthly, asked)

    def say_bill(self, run: Run) -> None:
        """Say in the thread of a run that asks nothing how the bill compares."""
        if self.bill is not None:
            self.durable.attempt("say-bill", self.adapters.bill.say, run, self.bill)

    def end(self, run: Run, offer: Offer) -> RunEnding:
        """Ask about what is offered, carry out what is decided, and say how it ended."""
        closing = self.adapters.closing
        if not offer.offered:
            return self.telling.value(RunEnding, "send-completion", closing.end_with_nothing, run, offer)
        return self.telling.value(RunEnding, "send-completion", closing.end, run, self.ask(run, offer))

    def ask(self, run: Run, offer: Offer) -> Answers:
        """Ask page after page, and carry each decision out before the next is asked."""
        place, expires_at = Place(), None
        while place.first < offer.candidates:
            try:
                page, place, answer = self._ask_in_a_size_that_slack_takes(run, place, expires_at)
            except _Expired as expired:
                return Answers(pages=tuple(self.pages), expired=expired.page)
            expires_at = page.expires_at
            closed = self._carry_out_page(run, page, answer)
            self.pages.append(closed)
            if closed.stops:
                break
            place = place.after(page)
        return Answers(pages=tuple(self.pages))

    def _ask_in_a_size_that_slack_takes(
        self, run: Run, place: Place, expires_at: int | None
    ) -> tuple[OpenedPage, Place, Any]:
        """Open a page and ask it, smaller each time that Slack refuses it. Returns page, its place and the answer.

        Raises _Expired when its time is over, and NotAsked when Slack refuses even one row: nobody could answer, so
        nobody is waited for.
        """
        open_page = self.adapters.lifecycle.open_page
        while True:
            name = _named_in_size("open-page", place)
            page = self.durable.value(OpenedPage, name, open_page, run, place, expires_at)
            if page.timeout_seconds <= 0:
                raise _Expired(page)
            try:
                return page, place, self._wait_for_answer(run, page, _named_in_size("approval", place))
            except CallbackTimeoutError as timeout:
                raise _Expired(page) from timeout
            except NotAsked:
                if page.rows == 1:
                    raise
            place = place.half_of(page)

    def _wait_for_answer(self, run: Run, page: OpenedPage, name: str) -> Any:
        def ask(callback_id: str) -> str | None:
            refused = self.adapters.review.ask(run, page, callback_id)
            if refused is None and self.bill is not None and page.page == 1:
                self.adapters.bill.say(run, self.bill)
            return refused

        asking = self.durable if page.page == 1 else self.telling
        if page.remind_in_seconds is None:
            return asking.wait_for_answer(name, ask, timeout_seconds=page.timeout_seconds)

        def remind(durable: Durable) -> None:
            durable.attempt("remind", self.adapters.review.remind, run, page)

        return asking.wait_for_answer_and_remind(
            name, ask, remind, timeout_seconds=page.timeout_seconds, remind_in_seconds=page.remind_in_seconds
        )

    def _carry_out_page(self, run: Run, page: OpenedPage, answer: Any) -> ClosedPage:
        """Record the decision, delete what was approved, and say what came of it.

        A decision on record is carried out also while Slack is down; it is told when Slack is back.
        """
        review, number = self.adapters.review, page.page
        heard = self.durable.value(Heard, named("record-decision", number), review.hear, run, page, answer)
        unshown = self.durable.attempt(named("show-decision", number), review.show_decision, run, page)
        results, stopped = self._delete(run, heard, number)
        name = named("close-page", number)
        closed = self.durable.value(ClosedPage, name, review.close_page, run, page, heard, results, stopped)
        if unshown is not None or page.pages > 1:
            self.telling.attempt(named("tell-page", number), review.tell_page, run, page)
        return closed

    def _delete(self, run: Run, heard: Heard, page: int) -> tuple[list[VersionResult], str | None]:
        """Delete what was approved, batch by batch. Returns the results, and why it stopped early, if it did."""
        results: list[VersionResult] = []
        so_far = Carrying(page=page)
        cleanup = self.adapters.cleanup
        for number, batch in enumerate(_batches(heard.approved), start=1):
            try:
                plan = self.durable.value(Plan, named("recheck", page, number), cleanup.recheck, run, batch)
            except DurableOperationError as error:
                return results, error_words(error)
            name = named("delete-versions", page, number)
            try:
                done = self.durable.value(BatchDone, name, cleanup.carry_out, run, batch, plan, so_far)
            except DurableOperationError as error:
                done = self._look_over(run, batch, plan, named("look-over", page, number), page, error)
            results += done.results
            self.results += done.results
            so_far = done.so_far
            if done.stopped is not None:
                return results, done.stopped
        return results, None

    def _look_over(
        self, run: Run, batch: Sequence[Approved], plan: Plan, name: str, page: int, error: DurableOperationError
    ) -> BatchDone:
        """Find out what came of a batch whose deletes broke off, as far as that can be told."""
        try:
            seen = self.durable.value(BatchDone, name, self.adapters.cleanup.look_over, run, batch, plan, page)
        except DurableOperationError:
            seen = BatchDone(results=(), so_far=Carrying(page=page))
        return replace(seen, stopped=error_words(error))

    def close(self, name: str, run: Run, ending: RunEnding) -> RunResult:
        """Write the sum of the run down, and release its region."""
        return self.durable.value(RunResult, name, self.adapters.lifecycle.finish, run, ending, self.results)

    def give_up(self, run: Run, error: DurableOperationError) -> NoReturn:
        """Say that the run failed, write it down, and end it. Raises RunFailed."""
        kind = Ending.UNHEARD if isinstance(error, CallbackError) else Ending.FAILED
        what_happened = error_words(error)
        words = joined(
            what_happened, self.durable.step("look-back", self.adapters.closing.before_that, run, self.results)
        )
        ending = RunEnding(kind=kind, words=words, pages=tuple(self.pages))
        unsaid = self.durable.attempt("say-what-failed", self.adapters.closing.fail, run, what_happened, self.results)
        finish = self.adapters.lifecycle.finish
        unwritten = self.durable.attempt("close-failed-run", finish, run, ending, self.results)
        also = [other for other in (unsaid, unwritten) if other != what_happened]
        raise RunFailed(joined(words, *also)) from error


def _named_in_size(step: str, place: Place) -> str:
    """The step's name for a page, and for the smaller ones made of it where Slack refused it."""
    again = f"-smaller-{place.smaller}" if place.smaller else ""
    return f"{named(step, place.page)}{again}"


def _batches(approved: Sequence[Approved]) -> list[Sequence[Approved]]:
    return [approved[start : start + BATCH_SIZE] for start in range(0, len(approved), BATCH_SIZE)]
