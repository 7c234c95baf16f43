"""One run: scan, ask, and carry out only what was approved and is still safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import CallbackError, CallbackTimeoutError, DurableOperationError

from orchestrator.scanner.slices import scan_in_slices
from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, Json, NotAsked, RunFailed, error_words, joined, named

BATCH_SIZE = 10
"""Versions re-checked and deleted together: few enough that the facts stay fresh until the last of them."""


class _Expired(Exception):
    """Nobody answered a page in time."""

    def __init__(self, page: Json) -> None:
        super().__init__(page["page"])
        self.page = page


def scan_run(event: Any, context: DurableContext, adapters: Adapters) -> Json:
    """Run from the request to the last word. Raises RunFailed when the run could not be finished."""
    workflow = _Run(Durable(context, adapters.patience), adapters)
    begun = workflow.begin(event, context.execution_context.durable_execution_arn)
    if "declined" in begun:
        return workflow.decline(begun["declined"])
    run = begun["run"]
    try:
        run = workflow.durable.step("announce-scan", adapters.review.announce, run)
        found = workflow.scan(run)
        workflow.look_at_the_bill(run)
        ending = workflow.converse(run, found) if found["offered"] else {"kind": "nothing_to_do", "found": found}
        ending = workflow.durable.step("send-completion", adapters.review.end, run, ending)
        if not found["offered"]:
            workflow.say_bill(run)
        result = workflow.durable.step("close-run", adapters.lifecycle.finish, run, ending, workflow.results)
    except DurableOperationError as error:
        workflow.give_up(run, error)
    if ending.get("failed"):
        raise RunFailed(ending["words"])
    return _as_json(result)


@dataclass(slots=True)
class _Run:
    """The steps of one run, in their order."""

    durable: Durable
    adapters: Adapters
    pages: list[Json] = field(default_factory=list)
    """What came of the pages decided so far."""
    results: list[Json] = field(default_factory=list)
    """What came of every approved version so far."""
    bill: str | None = None
    """How AWS's bill compares with the scan, in words; None where the stack does not ask for it."""

    def begin(self, event: Any, execution_arn: str) -> Json:
        """Claim the region, or say why not. Raises RunFailed when not even that could be found out."""
        try:
            begun: Json = self.durable.step("claim-region", self.adapters.lifecycle.begin, event, execution_arn)
        except DurableOperationError as error:
            words = error_words(error)
            unsaid = self.durable.attempt(
                "say-what-failed", self.adapters.review.not_begun, event, execution_arn, words
            )
            raise RunFailed(joined(words, unsaid)) from error
        return begun

    def decline(self, declined: Json) -> Json:
        """Say why nothing was started. Raises RunFailed, with those words, when they could not be said."""
        try:
            return _as_json(self.durable.step("send-completion", self.adapters.review.decline, declined))
        except DurableOperationError as error:
            raise RunFailed(joined(declined["words"], error_words(error))) from error

    def scan(self, run: Json) -> Json:
        """Scan the region slice by slice, and write the report."""
        scan, durable = self.adapters.scan, self.durable

        def run_slice(name: str, number: int, act: Callable[..., Json], *args: Any) -> Any:
            return durable.step(named(name, number), act, run, *args)

        found = scan_in_slices(scan, run_slice, durable.breathe)
        found |= durable.step("build-and-upload-report", scan.report, run, found)
        return found

    def look_at_the_bill(self, run: Json) -> None:
        """Hold the scan against AWS's bill, and post the month's receipt with its first scheduled run.

        What fails here stops nothing: a receipt that cannot be posted comes with the next month.
        """
        if self.adapters.bill.is_on:
            self.bill = self.durable.step("compare-bill", self.adapters.bill.compare, run)
            if run["requested_by"] is None:
                self.durable.attempt("monthly-receipt", self.adapters.saved.tell_monthly, run)

    def say_bill(self, run: Json) -> None:
        """Say in the thread of a run that asks nothing how the bill compares."""
        if self.bill is not None:
            self.durable.attempt("say-bill", self.adapters.bill.say, run, self.bill)

    def converse(self, run: Json, found: Json) -> Json:
        """Ask page after page, and carry each decision out before the next is asked."""
        place: Json = {"page": 1, "first": 0, "at_most": None, "smaller": 0}
        expires_at: int | None = None
        while place["first"] < found["candidates"]:
            try:
                page, answer = self._ask_in_a_size_that_slack_takes(run, place, expires_at)
            except _Expired as expired:
                return {"kind": "expired", "pages": self.pages, "open": expired.page}
            expires_at = page["expires_at"]
            number = page["page"]
            heard = self.durable.step(named("record-decision", number), self.adapters.review.hear, run, page, answer)
            results, stopped = self._carry_out(run, heard, number)
            closed = self.durable.step(
                named("close-page", number), self.adapters.review.close_page, run, page, heard, results, stopped
            )
            self.pages.append(closed)
            if closed["stops"]:
                break
            place |= {"page": number + 1, "first": page["first"] + page["rows"], "smaller": 0}
        return {"kind": "decided", "pages": self.pages}

    def _ask_in_a_size_that_slack_takes(self, run: Json, place: Json, expires_at: int | None) -> tuple[Json, Any]:
        """Open a page and ask it, smaller each time that Slack refuses it. Returns the page and the answer.

        Raises _Expired when its time is over, and NotAsked when Slack refuses even one row: nobody could answer, so
        nobody is waited for.
        """
        while True:
            opening = _named_in_size("open-page", place)
            page: Json = self.durable.step(opening, self.adapters.lifecycle.open_page, run, dict(place), expires_at)
            if page["timeout_seconds"] <= 0:
                raise _Expired(page)
            try:
                return page, self._ask(run, page, _named_in_size("approval", place))
            except CallbackTimeoutError as timeout:
                raise _Expired(page) from timeout
            except NotAsked:
                if page["rows"] == 1:
                    raise
            place |= {"at_most": page["rows"] // 2, "smaller": place["smaller"] + 1}

    def _ask(self, run: Json, page: Json, name: str) -> Any:
        def ask(callback_id: str) -> None:
            self.adapters.review.ask(run, page, callback_id)
            if self.bill is not None and page["page"] == 1:
                self.adapters.bill.say(run, self.bill)

        return self.durable.wait_for_answer(name, ask, timeout_seconds=page["timeout_seconds"])

    def _carry_out(self, run: Json, heard: Json, page: int) -> tuple[list[Json], str | None]:
        """Delete what was approved, batch by batch: what came of it, and why it stopped before the end, if it did."""
        results: list[Json] = []
        so_far = {"page": page, "done": 0, "errors_in_a_row": 0}
        approved = heard["approved"]
        batches = [approved[start : start + BATCH_SIZE] for start in range(0, len(approved), BATCH_SIZE)]
        for number, batch in enumerate(batches, start=1):
            try:
                planned = self.durable.step(named("recheck", page, number), self.adapters.cleanup.recheck, run, batch)
                done = self.durable.step(
                    named("delete-versions", page, number),
                    self.adapters.cleanup.carry_out,
                    run,
                    batch,
                    planned,
                    so_far,
                )
            except DurableOperationError as error:
                return results, error_words(error)
            results += done["results"]
            self.results += done["results"]
            so_far = done["so_far"]
            if done["stopped"] is not None:
                return results, str(done["stopped"])
        return results, None

    def give_up(self, run: Json, error: DurableOperationError) -> NoReturn:
        """Say that the run failed, write it down, and end it. Raises RunFailed."""
        kind = "unheard" if isinstance(error, CallbackError) else "failed"
        what_happened: str = error_words(error)
        words: str = joined(
            what_happened, self.durable.step("look-back", self.adapters.review.before_that, run, self.results)
        )
        ending = {"kind": kind, "what_happened": what_happened, "words": words, "pages": self.pages}
        unsaid = self.durable.attempt("say-what-failed", self.adapters.review.fail, run, ending, self.results)
        unwritten = self.durable.attempt("close-failed-run", self.adapters.lifecycle.finish, run, ending, self.results)
        also = [other for other in (unsaid, unwritten) if other != what_happened]
        raise RunFailed(joined(words, *also)) from error


def _named_in_size(step: str, place: Json) -> str:
    """The step's name for a page, and for the smaller ones made of it where Slack refused it."""
    again = f"-smaller-{place['smaller']}" if place["smaller"] else ""
    return f"{named(step, place['page'])}{again}"


def _as_json(value: Mapping[str, Any]) -> Json:
    return dict(value)
