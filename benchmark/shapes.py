"""Accounts of shapes that a scan must survive: many aliases, policies everywhere, nothing Active, the finest period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmark.account import served
from benchmark.fleet import POLICY, TOTALS
from benchmark.scans import Scanning, offer
from fakes.aws import Cloud
from orchestrator.aws.last_called import SERIES_AT_MOST
from orchestrator.aws.quota import SHARED

HOUR = timedelta(hours=1)
OLD_DAYS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An account of functions that are all alike."""

    name: str
    functions: int
    versions: int
    idle_aliases: int = 0
    busy_aliases: int = 1
    """Aliases with calls in every hour, all of the newest version."""
    policies: bool = False
    """Whether every version has a resource policy."""
    state: str = "Active"
    served: bool = False
    """Whether every version is called by its number."""
    settings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        aliases = self.idle_aliases + self.busy_aliases
        return f"{self.functions} x {self.versions:,} x {aliases:,}, {self.name}"

    @property
    def bound(self) -> int:
        """The series that the rules ask of such an account.

        Totals, survivors and aliases; behind each called alias every survivor and what it points to; what is busy
        again by the period; and over fifteen months what is offered, with the aliases of its functions, unless there
        is more of that than one run asks.
        """
        survivors, aliases = max(0, self.versions - POLICY.keep_last_n), self.idle_aliases + self.busy_aliases
        open_ = 0 if self.served else survivors
        of_one = TOTALS + survivors + aliases + self.busy_aliases * (open_ + 1)
        by_period = (1 + 2 * self.busy_aliases) if open_ else 0
        offered = 0 if self.policies or self.state == "Pending" else min(POLICY.max_deletions, self.functions * open_)
        functions_offered = -(-offered // survivors) if survivors else 0
        behind = offered * self.busy_aliases
        months = functions_offered * aliases + offered + (behind if behind <= SERIES_AT_MOST else 0)
        return 1 + self.functions * (of_one + by_period) + months

    def fill(self, cloud: Cloud) -> None:
        """Put it into an account."""
        for number in range(self.functions):
            function = cloud.function(f"service-{number:04d}", memory_mb=1024)
            function.publish(self.versions, age_days=OLD_DAYS, apart=HOUR, state=self.state)
            for alias in range(self.idle_aliases):
                function.alias(f"tenant-{alias:04d}", self.versions)
            for alias in range(self.busy_aliases):
                function.alias(f"live-{alias:04d}", self.versions).invoked(f"live-{alias:04d}", every=HOUR)
            for version in function.numbers if self.policies else ():
                function.policy(version)
            for version in function.numbers if self.served else ():
                function.invoked(version, at=cloud.now() - timedelta(days=1 + version % 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeScan:
    """What the scan of one shape took."""

    shape: str
    shared_calls: int
    metric_calls: int
    series: int
    bound: int
    seconds: float
    longest_slice_seconds: float
    offered: int
    not_judged: int
    operations: int


FINE = {"PERIOD_SECONDS": "60", "LOOKBACK_DAYS": "14"}
FAR = {"LOOKBACK_DAYS": "400"}
SHAPES: Sequence[Shape] = (
    Shape(name="all aliases called", functions=3, versions=200, busy_aliases=60),
    Shape(name="300 of them called", functions=1, versions=550, busy_aliases=300),
    Shape(name="aliases without a call", functions=1, versions=1_500, idle_aliases=1_000, busy_aliases=0),
    Shape(name="a resource policy each", functions=20, versions=250, policies=True),
    Shape(name="all Pending", functions=20, versions=250, state="Pending"),
    Shape(name="all called, by the minute", functions=1, versions=5_000, served=True, settings=FINE),
    Shape(name="over 400 days", functions=1, versions=1_000, idle_aliases=500, busy_aliases=0, settings=FAR),
)
TINY: Sequence[Shape] = (Shape(name="some aliases called", functions=1, versions=8, idle_aliases=3, busy_aliases=2),)


def scan(shape: Shape, scanning: Scanning) -> ShapeScan:
    """Scan an account of this shape. Raises ScanFailed."""
    start = datetime.now(UTC).replace(microsecond=0)
    with served(start, shape.fill) as account:
        counted = _Series()
        account.cloud.watchers.append(counted)
        measured = scanning(account, start, shape.settings)
        calls = account.cloud.calls
        summary, offered = offer(account, measured["execution"])
        return ShapeScan(
            shape=str(shape),
            shared_calls=calls.quota[SHARED],
            metric_calls=calls["GetMetricData"],
            series=counted.asked,
            bound=shape.bound,
            seconds=measured["seconds"],
            longest_slice_seconds=max(measured["invocation_seconds"]),
            offered=offered,
            not_judged=summary["not_judged"],
            operations=measured["operations"],
        )


@dataclass(slots=True)
class _Series:
    """Counts the series that GetMetricData is asked for."""

    asked: int = 0

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> None:
        if operation == "GetMetricData" and not parameters.get("NextToken"):
            self.asked += len(parameters["MetricDataQueries"])
