"""Everything one run of the benchmark measured, and what it must show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmark.clicks import Clicks
from benchmark.fleet import Fleet, least_calls, least_seconds, slowest_quota_seconds, states
from benchmark.public_pattern import Asked
from benchmark.rendering import Rendered
from benchmark.scans import Scan
from benchmark.shapes import ShapeScan
from benchmark.sweep import Swept
from orchestrator.aws.quota import SHARED

JUDGED_FLEET = Fleet(functions=100, versions=50)
"""The fleet by which calls and time are judged."""
LARGE = 100_000
TIME_OVER_BOUND = 1.25
"""The bound is of quotas alone; beside it a scan works, waits for answers, talks to Slack and stores what it found."""
LONGEST_SLICE = 200
"""Seconds that no slice of a scan may take, whatever the account is shaped like."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the benchmark must show."""

    words: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    digits: int = 2

    @property
    def passed(self) -> bool:
        """Whether it does."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run of the benchmark."""

    scans: tuple[Scan, ...]
    """From the smallest fleet to the largest."""
    public: Mapping[Fleet, Asked]
    shapes: tuple[ShapeScan, ...]
    swept: Swept
    clicks: Clicks
    rendered: Rendered

    def scan_of(self, fleet: Fleet) -> Scan | None:
        """The scan of one fleet, if it was made."""
        return next((scan for scan in self.scans if scan.fleet == fleet), None)

    def checks(self) -> Iterator[Check]:
        """Everything that must hold, as far as it was measured."""
        judged = self.scan_of(JUDGED_FLEET)
        if judged is not None:
            yield from _of_calls_and_time(judged, self.public[JUDGED_FLEET])
        if self.scans[-1].fleet.size >= LARGE:
            yield from _of_size(self.scans)
        yield from self._of_every_scan()
        for scan in self.shapes:
            yield Check(f"{scan.shape}: series, over the bound", scan.series / scan.bound, 1.1)
            yield Check(f"{scan.shape}: rows not judged", scan.not_judged, 0, digits=0)
            yield Check(f"{scan.shape}: longest slice, seconds", scan.longest_slice_seconds, LONGEST_SLICE, digits=0)
        yield from of_a_sweep(self.swept)
        yield Check("cold: seconds from a fresh process to its first answer to a click", self.clicks.first_seconds, 1)
        yield Check(
            "warm: milliseconds for an answer, with calls of 20 ms behind it", self.clicks.warm_seconds * 1000, 100
        )
        yield Check("milliseconds to render a page of 50", self.rendered.seconds * 1000, 5)

    def _of_every_scan(self) -> Iterator[Check]:
        yield Check("calls that were throttled", sum(scan.throttled for scan in self.scans), 0, digits=0)
        yield Check(
            "quota classes above our share in any ten seconds, or by more than a call in any second",
            sum(len(scan.above_our_share) for scan in self.scans),
            0,
            digits=0,
        )
        yield Check(
            "scans whose report says a number of calls that the account did not see",
            sum(not scan.counted_right for scan in self.scans),
            0,
            digits=0,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain JSON."""
        return {
            "scans": [
                {
                    **asdict(scan),
                    "least_calls": least_calls(scan.fleet),
                    "least_seconds": least_seconds(scan.fleet),
                    "slowest_quota_seconds": slowest_quota_seconds(scan.fleet),
                    "public_pattern": asdict(self.public[scan.fleet]),
                }
                for scan in self.scans
            ],
            "shapes": [asdict(scan) for scan in self.shapes],
            "swept": asdict(self.swept),
            "clicks": asdict(self.clicks),
            "rendered": asdict(self.rendered),
            "checks": [{**asdict(check), "passed": check.passed} for check in self.checks()],
        }


def _of_calls_and_time(scan: Scan, public: Asked) -> Iterator[Check]:
    ours, fleet = scan.calls[SHARED], scan.fleet
    alike = ours - states(fleet)  # the public pattern asks nobody for a State
    yield Check(f"{fleet}: shared-quota calls, over the least", ours / least_calls(fleet)[SHARED], 1.05)
    yield Check(
        f"{fleet}: shared-quota calls, the public pattern's over ours without the State of what is offered",
        public.calls[SHARED] / alike,
        at_least=20,
    )
    over_bound = scan.seconds / least_seconds(fleet)
    yield Check(f"{fleet}: time, over the bound of all quotas at our share", over_bound, TIME_OVER_BOUND)
    yield Check(f"{fleet}: time, over the public pattern's", scan.seconds / public.seconds, 0.1, digits=3)


def _of_size(scans: tuple[Scan, ...]) -> Iterator[Check]:
    smallest, largest = scans[0], scans[-1]
    alike = (scan for scan in scans[:-1] if scan.fleet.versions == largest.fleet.versions)
    before = max(alike, key=lambda scan: scan.fleet.size)
    grown = largest.fleet.size / before.fleet.size
    of_size = f"{largest.fleet.size:,} versions"
    yield Check(
        f"{of_size}: shared-quota calls, over {grown:g} times those of {before.fleet.size:,}",
        largest.calls[SHARED] / before.calls[SHARED] / grown,
        1.05,
    )
    yield Check(
        f"{of_size}: time, over {grown:g} times that of {before.fleet.size:,}",
        largest.seconds / before.seconds / grown,
        1.05,
    )
    yield Check(f"{of_size}: peak memory, over that of {before.fleet.size:,}", largest.peak_mib / before.peak_mib, 1.25)
    yield Check(f"{of_size}: durable operations", largest.operations, 499, digits=0)
    yield Check(f"{of_size}: largest checkpoint, KiB", largest.largest_checkpoint_bytes / 1024, 256, digits=1)
    yield Check(f"{of_size}: longest invocation, seconds", largest.longest_invocation_seconds, 300, digits=0)
    yield Check(
        f"{of_size}: memory beyond what the process has before it scans, MiB",
        largest.peak_mib - smallest.idle_mib,
        256,
        digits=0,
    )


def of_a_sweep(swept: Swept) -> Iterator[Check]:
    """What a sweep must show: side by side, flat, and few calls of its own."""
    runs, name = swept.organised.runs, f"a sweep of {swept.organised}"
    memory = swept.child_peak_mib / swept.single_peak_mib
    yield Check(f"{name}: time, over the slowest run's", swept.over_the_slowest, 1.3)
    yield Check(f"{name}: a run's peak memory, over that in one account", memory, 1.1)
    yield Check(f"{name}: questions, over runs", swept.questions / runs, 1, at_least=1)
    yield Check(f"{name}: calls that were throttled", swept.throttled, 0, digits=0)
    yield Check(f"{name}: its durable operations", swept.operations, 200, digits=0)
    yield Check(f"{name}: its calls to the durable service, over runs", swept.own_calls["durable"] / runs, 2)
    yield Check(f"{name}: its calls to S3, over runs", swept.own_calls["S3"] / runs, 20)
    yield Check(f"{name}: calls to STS of a run", swept.calls_of_runs["STS"] / runs, 3)
    yield Check(f"{name}: calls to S3 of a run", swept.calls_of_runs["S3"] / runs, 100)
