"""The story of one run: scan, ask, and carry out only what was approved and is still safe.

The sole user of the durable context. It names steps in their order and carries small values between them; what a step
does lives with the adapters it is handed. Nothing with a side effect runs outside a step; no clock is read here.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.config import Duration, StepConfig, WaitForCallbackConfig
from aws_durable_execution_sdk_python.exceptions import (
    CallbackError,
    CallbackExternalError,
    CallbackTimeoutError,
    DurableOperationError,
)
from aws_durable_execution_sdk_python.retries import RetryDecision

Json = dict[str, Any]

BATCH_SIZE = 10
"""Versions re-checked and deleted together: few enough that the facts stay fresh until the last of them."""
BREATH = Duration.from_seconds(1)
"""A wait between slices ends the invocation, so that each slice has Lambda's fifteen minutes to itself."""


class RunFailed(Exception):
    """The run could not be finished; the words say what happened, and were said in Slack where it could be reached."""


class Lifecycle(Protocol):
    """Open and close a run: its lock, its record, its clock."""

    def begin(self, event: Any, execution_arn: str) -> Json:
        """Read the request, claim the region, write the run down: `{"run": …}`, or `{"declined": …}`."""

    def open_page(self, run: Json, page: int, expires_at: int | None) -> Json:
        """Mint what a page needs before it is asked: revision, expiry, and the callback's timeout in seconds."""

    def finish(self, run: Json, ending: Json, results: list[Json]) -> Json:
        """Write the outcome, release the region, and return the run's result."""


class Scan(Protocol):
    """The phases of a scan, in slices."""

    def discover(self, run: Json, so_far: Json, number: int) -> Json:
        """List one slice: how many versions are known with it, and where the next one begins."""

    def stage_a(self, run: Json, slices: int) -> Json:
        """Judge age and rank."""

    def ask_region(self, run: Json) -> Json:
        """Ask what is asked once a region."""

    def stage_b(self, run: Json, found: Json, so_far: Json) -> Json:
        """Ask aliases and metrics of one slice of parts."""

    def confirm(self, run: Json, found: Json, so_far: Json, number: int) -> Json:
        """Ask State and policies of one slice of survivors."""

    def report(self, run: Json, found: Json) -> Json:
        """Build and upload the report."""


class Review(Protocol):
    """Speak with the people of the review channel, and write down what they decided."""

    def decline(self, declined: Json) -> Json:
        """Say why nothing was started. Returns the execution's result."""

    def not_begun(self, event: Any, execution_arn: str, words: str) -> None:
        """Say that a run failed before it could be written down."""

    def announce(self, run: Json) -> Json:
        """Post that a scan has begun, if somebody asked for it. Returns the run."""

    def ask(self, run: Json, page: Json, callback_id: str) -> None:
        """Write the page down, then post it."""

    def hear(self, run: Json, page: Json, answer: Any) -> Json:
        """Read the answer, record the decision, and take the buttons away."""

    def close_page(self, run: Json, page: Json, decided: Json, results: list[Json], stopped: str | None) -> Json:
        """Record and say what came of a page, and why its deletes stopped, if they did."""

    def end(self, run: Json, ending: Json) -> Json:
        """Say how the run ended. Returns the ending with its words."""

    def fail(self, run: Json, ending: Json, results: list[Json]) -> None:
        """Say that the run failed, what was deleted before, and what to do."""

    def before_that(self, run: Json, results: list[Json]) -> str | None:
        """What was carried out before a failure, in a few words; None when nothing was. Never fails."""


class Cleanup(Protocol):
    """Judge approved versions again, and delete them."""

    def recheck(self, run: Json, batch: list[Any]) -> Json:
        """Plan a batch on fresh facts."""

    def carry_out(self, run: Json, batch: list[Any], planned: Json, so_far: Json) -> Json:
        """Carry a plan out; asks again when its facts went stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """The adapters the story is told with, and how patient its steps are."""

    lifecycle: Lifecycle
    scan: Scan
    review: Review
    cleanup: Cleanup
    patience: Callable[[Exception, int], RetryDecision]


def clean_up(event: Any, context: DurableContext, adapters: Adapters) -> Json:
    """Tell one run from its request to its last word. Raises RunFailed when it could not be finished."""
    story = _Run(context, adapters)
    begun = story.begin(event, context.execution_context.durable_execution_arn)
    if "declined" in begun:
        return story.decline(begun["declined"])
    run = begun["run"]
    try:
        run = story.step("announce-scan", adapters.review.announce, run)
        found = story.scan(run)
        ending = story.converse(run, found) if found["offered"] else {"kind": "nothing_to_do", "found": found}
        ending = story.step("send-completion", adapters.review.end, run, ending)
        result = story.step("close-run", adapters.lifecycle.finish, run, ending, story.results)
    except DurableOperationError as error:
        story.give_up(run, error)
    if ending.get("failed"):
        raise RunFailed(ending["words"])
    return _as_json(result)


@dataclass(slots=True)
class _Run:
    """The steps of one run, in their order."""

    context: DurableContext
    adapters: Adapters
    pages: list[Json] = field(default_factory=list)
    """What came of the pages decided so far."""
    results: list[Json] = field(default_factory=list)
    """What came of every approved version so far."""

    def begin(self, event: Any, execution_arn: str) -> Json:
        """Claim the region, or say why not. Raises RunFailed when not even that could be found out."""
        try:
            begun: Json = self.step("claim-region", self.adapters.lifecycle.begin, event, execution_arn)
        except DurableOperationError as error:
            words = _in_words(error)
            unsaid = self._try("say-what-failed", self.adapters.review.not_begun, event, execution_arn, words)
            raise RunFailed(_joined(words, unsaid)) from error
        return begun

    def decline(self, declined: Json) -> Json:
        """Say why nothing was started. Raises RunFailed, with those words, when they could not be said."""
        try:
            return _as_json(self.step("send-completion", self.adapters.review.decline, declined))
        except DurableOperationError as error:
            raise RunFailed(_joined(declined["words"], _in_words(error))) from error

    def step(self, name: str, act: Callable[..., Any], *args: Any) -> Any:
        """One durable step: done once, remembered, tried again with the adapters's patience."""
        return self.context.step(
            lambda _: act(*args), name=name, config=StepConfig(retry_strategy=self.adapters.patience)
        )

    def scan(self, run: Json) -> Json:
        """Scanner the region slice by slice, and write the report."""
        scan = self.adapters.scan
        listing: Json = {"marker": None, "listed": 0, "snapstart": 0}
        slices = 0
        while slices == 0 or listing["marker"] is not None:
            self._breathe(slices)
            slices += 1
            listing = self.step(_named("discover-snapstart", slices), scan.discover, run, listing, slices)
        found: Json = self.step("stage-a-age-and-keep-last-n", scan.stage_a, run, slices)
        found["listed"] = listing["listed"]
        found |= self.step("stage-b-usage-and-protection", scan.ask_region, run)
        asked: Json = {"part": 1, "done": 0, "in_question": 0}
        slices = 1
        while asked["part"] <= found["parts"]:
            self._breathe(slices - 1)
            slices += 1
            name = _named("stage-b-usage-and-protection", slices)
            asked = self.step(name, scan.stage_b, run, found, asked)
        found["in_question"] = asked["in_question"]
        so_far: Json = {"looked_at": 0, "passed": 0, "finished": False}
        slices = 0
        while not so_far["finished"]:
            self._breathe(slices)
            slices += 1
            so_far = self.step(_named("confirm-state", slices), scan.confirm, run, found, so_far, slices)
        found["confirmed"] = slices
        found |= self.step("build-and-upload-report", scan.report, run, found)
        return found

    def converse(self, run: Json, found: Json) -> Json:
        """Ask page after page, and carry each decision out before the next is asked."""
        expires_at: int | None = None
        for number in range(1, found["pages"] + 1):
            page = self.step(_named("open-page", number), self.adapters.lifecycle.open_page, run, number, expires_at)
            expires_at = page["expires_at"]
            if page["timeout_seconds"] <= 0:
                return {"kind": "expired", "pages": self.pages, "open": page}
            try:
                answer = self._ask(run, page, number)
            except CallbackTimeoutError:
                return {"kind": "expired", "pages": self.pages, "open": page}
            heard = self.step(_named("record-decision", number), self.adapters.review.hear, run, page, answer)
            results, stopped = self._carry_out(run, heard, number)
            closed = self.step(
                _named("close-page", number), self.adapters.review.close_page, run, page, heard, results, stopped
            )
            self.pages.append(closed)
            if closed["stops"]:
                break
        return {"kind": "decided", "pages": self.pages}

    def _ask(self, run: Json, page: Json, number: int) -> Any:
        return self.context.wait_for_callback(
            lambda callback_id, _: self.adapters.review.ask(run, page, callback_id),
            name=_named("approval", number),
            config=WaitForCallbackConfig(
                timeout=Duration.from_seconds(page["timeout_seconds"]), retry_strategy=self.adapters.patience
            ),
        )

    def _carry_out(self, run: Json, heard: Json, page: int) -> tuple[list[Json], str | None]:
        """Delete what was approved, batch by batch: what came of it, and why it stopped before the end, if it did."""
        results: list[Json] = []
        so_far = {"page": page, "done": 0, "errors_in_a_row": 0}
        approved = heard["approved"]
        batches = [approved[start : start + BATCH_SIZE] for start in range(0, len(approved), BATCH_SIZE)]
        for number, batch in enumerate(batches, start=1):
            try:
                planned = self.step(_named("recheck", page, number), self.adapters.cleanup.recheck, run, batch)
                done = self.step(
                    _named("delete-versions", page, number),
                    self.adapters.cleanup.carry_out,
                    run,
                    batch,
                    planned,
                    so_far,
                )
            except DurableOperationError as error:
                return results, _in_words(error)
            results += done["results"]
            self.results += done["results"]
            so_far = done["so_far"]
            if done["stopped"] is not None:
                return results, str(done["stopped"])
        return results, None

    def _breathe(self, slices_so_far: int) -> None:
        if slices_so_far:
            self.context.wait(BREATH, name="next-slice")

    def give_up(self, run: Json, error: DurableOperationError) -> NoReturn:
        """Say that the run failed, write it down, and end it. Raises RunFailed."""
        kind = "unheard" if isinstance(error, CallbackError) else "failed"
        what_happened: str = _in_words(error)
        words: str = _joined(what_happened, self.step("look-back", self.adapters.review.before_that, run, self.results))
        ending = {"kind": kind, "what_happened": what_happened, "words": words, "pages": self.pages}
        unsaid = self._try("say-what-failed", self.adapters.review.fail, run, ending, self.results)
        unwritten = self._try("close-failed-run", self.adapters.lifecycle.finish, run, ending, self.results)
        also = [other for other in (unsaid, unwritten) if other != what_happened]
        raise RunFailed(_joined(words, *also)) from error

    def _try(self, name: str, act: Callable[..., Any], *args: Any) -> str | None:
        try:
            self.step(name, act, *args)
        except DurableOperationError as error:
            return _in_words(error)
        return None


def _in_words(error: DurableOperationError) -> str:
    """What the error says; one that says too little by itself, such as KeyError, is named as well."""
    kind = error.error_type.rpartition(".")[2]
    if isinstance(error, CallbackExternalError):
        return f"the wait for a decision was ended by a failure that was sent in its place: {error.message}"
    if not error.message:
        return kind
    return f"{kind}: {error.message}" if hasattr(builtins, kind) else error.message


def _joined(*words: str | None) -> str:
    """Everything that went wrong, each once."""
    return "; ".join(dict.fromkeys(said for said in words if said))


def _named(step: str, *numbers: int) -> str:
    """A step's name: plain for the first, with its page, slice or batch number after that."""
    return step if all(number == 1 for number in numbers) else "-".join([step, *map(str, numbers)])


def _as_json(value: Mapping[str, Any]) -> Json:
    return dict(value)
