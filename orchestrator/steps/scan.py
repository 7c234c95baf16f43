"""The steps of a scan: run each phase, count its calls, write the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from orchestrator import metrics
from orchestrator.aws.memories import Memories, Place
from orchestrator.aws.quota import CallCount
from orchestrator.aws.records import Records
from orchestrator.domain.days import iso
from orchestrator.domain.handovers import Offer
from orchestrator.domain.inventory import inventory_key
from orchestrator.domain.policy import Policy
from orchestrator.domain.recalled import Recalled
from orchestrator.domain.remember import after_scan
from orchestrator.domain.report import Summary, held_in_totals
from orchestrator.domain.runs import Held, Run
from orchestrator.domain.slices import (
    Asking,
    Calls,
    Confirmed,
    Fleet,
    Found,
    Listed,
    Listing,
    Reading,
    calls_of,
)
from orchestrator.domain.unanswered import withheld_until
from orchestrator.scanner.phases import Scanner

REPORT_STEP = 4

P = ParamSpec("P")
C = TypeVar("C", Listing, Reading, Asking, Confirmed)


class Scan:
    """The phases of a scan, in slices. Every method is one durable step and may run again."""

    def __init__(
        self,
        *,
        scanner: Callable[[Run, Listed | None], Scanner],
        calls: CallCount,
        records: Records,
        memories: Memories,
        clock: Callable[[], datetime],
    ) -> None:
        self._scanner = scanner
        self._calls = calls
        self._records = records
        self._memories = memories
        self._clock = clock

    def discover(self, run: Run, so_far: Listing, number: int) -> Listing:
        """List one slice."""
        return self._counted(so_far.calls, self._scanner(run, None).discover, so_far, number)

    def stage_a(self, run: Run, slices: int) -> Fleet:
        """Judge age and rank."""
        return self._scanner(run, None).stage_a(slices)

    def ask_region(self, run: Run, listed: Listed) -> Reading:
        """Recall what is remembered of the region, and ask what is asked once."""
        scanner, place = self._scanner(run, listed), Place.of(run)
        memory, set_aside = self._memories.recall(place)
        asked_for = run.requested_by is not None
        scanner.go_by(Recalled(memory=memory, day=place.today, asked_for=asked_for, set_aside=set_aside))
        return self._counted({}, scanner.ask_region, listed)

    def alias_history(self, run: Run, so_far: Reading) -> Reading:
        """Read on how aliases moved."""
        return self._counted(so_far.calls, self._scanner(run, None).alias_history, so_far)

    def stage_b(self, run: Run, found: Found, so_far: Asking) -> Asking:
        """Ask aliases and metrics of one slice of parts."""
        return self._counted(so_far.calls, self._scanner(run, found).stage_b, found, so_far)

    def confirm(self, run: Run, found: Found, so_far: Confirmed, number: int) -> Confirmed:
        """Ask State and policies of one slice of survivors."""
        return self._counted(so_far.calls, self._scanner(run, found).confirm, found, so_far, number)

    def report(self, run: Run, found: Found) -> Offer:
        """Build and upload the report, and what *Why held?* answers; remember what the scan saw.

        News is judged by what was recalled when the scan began, so every attempt finds the same.
        """
        execution = run.execution
        header = {
            "execution": execution,
            "execution_arn": run.execution_arn,
            "account_id": run.account_id,
            "region": run.region,
            "scanned_at": iso(_scanned_at(run)),
            "request": {"requested_by": run.requested_by, "request_id": run.request_id, **run.policy},
        }
        keys = (f"reports/{execution}.json", f"reports/{execution}.csv")
        scanner = self._scanner(run, found)
        scanner.progress(REPORT_STEP, 0, 0)
        reported = scanner.build_report(found, header, keys, found.calls)
        self._records.write_offer(execution, reported.summary, reported.candidates)
        if run.policy.get("function_name_prefix") is None:  # a scan of a prefix has not seen all that is billed
            self._records.store.put_json(inventory_key(run.account_id, run.region), reported.inventory.to_dict())
        self._records.write_held(_held(run, reported.summary))
        seconds = int(self._clock().timestamp()) - run.started_at
        metrics.scanned(run, reported.summary, seconds=seconds)
        self._memories.change(Place.of(run), lambda memory: after_scan(memory, reported.seen))
        recalled = scanner.recalled()
        has_news = recalled.asked_for or any(candidate.is_news for candidate in reported.candidates)
        next_on = None if recalled.asked_for else withheld_until(recalled.memory, recalled.day)
        return Offer(
            candidates=len(reported.candidates),
            offered=bool(reported.candidates) and has_news and next_on is None,
            newly_not_judged=len(reported.newly_not_judged),
            asks_again_on=next_on.isoformat() if next_on is not None and has_news else None,
        )

    def _counted(self, so_far: Calls, act: Callable[P, C], *args: P.args, **kwargs: P.kwargs) -> C:
        """What a slice found, with the calls it took added to those of the slices before it."""
        before = Counter(self._calls.as_dict())
        done = act(*args, **kwargs)
        return replace(done, calls=calls_of(so_far, Counter(self._calls.as_dict()) - before))


def _scanned_at(run: Run) -> datetime:
    return datetime.fromtimestamp(run.started_at, UTC)


def _held(run: Run, summary: Summary) -> Held:
    return Held(
        execution=run.execution,
        snapstart=summary.snapstart,
        held=summary.held,
        not_judged=summary.not_judged,
        totals=held_in_totals(summary, Policy.from_dict(run.policy)),
        not_judged_lines=tuple(f"`{n.function_name}` {n.numbers}: {n.words}" for n in summary.not_judged_rows),
        functions=tuple((function.name, function.held, function.lines) for function in summary.held_functions),
        functions_more=summary.held_functions_more,
    )
