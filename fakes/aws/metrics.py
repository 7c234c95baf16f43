"""What CloudWatch keeps about invocations: exact dimension sets, retention by period, and a ListMetrics that forgets.

Times are whole seconds since the epoch in here. A busy function is a rule ("n invocations every hour from a to b"), not
a list of points, so that a region of a hundred thousand versions costs next to nothing.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
FORGOTTEN_AFTER = 14 * DAY
"""ListMetrics hides a metric that has been silent for longer than this."""


def retention(period: int) -> int:
    """Return for how many seconds back data can be read in periods of this length.

    A period too fine for an age returns no points of that age and no error.
    """
    if period % HOUR == 0:
        return 455 * DAY
    if period % (5 * MINUTE) == 0:
        return 63 * DAY
    if period % MINUTE == 0:
        return 15 * DAY
    return 3 * HOUR


def rounded_start(start: int, now: int) -> int:
    """Round a requested start down as CloudWatch does: to the minute, five minutes or the hour, by age."""
    age = now - start
    step = MINUTE if age <= 15 * DAY else 5 * MINUTE if age <= 63 * DAY else HOUR
    return start - start % step


@dataclass(frozen=True, slots=True, order=True)
class Rhythm:
    """Invocations at `start`, `start + every`, … before `stop`."""

    start: int
    every: int
    stop: int

    def beats_before(self, moment: int) -> int:
        """Count the beats strictly before a moment."""
        if moment <= self.start:
            return 0
        return -(-(min(moment, self.stop) - self.start) // self.every)

    @property
    def last(self) -> int:
        """The last beat."""
        return self.start + (self.beats_before(self.stop) - 1) * self.every


@dataclass(slots=True)
class Series:
    """One metric: a dimension set and everything ever published under it."""

    points: dict[int, int] = field(default_factory=dict)
    rhythms: dict[Rhythm, int] = field(default_factory=dict)

    def add(self, moments: Iterable[int], count: int) -> None:
        """Publish `count` at each moment."""
        for moment in moments:
            self.points[moment] = self.points.get(moment, 0) + count

    def add_rhythm(self, rhythm: Rhythm, count: int) -> None:
        """Publish `count` at each beat."""
        self.rhythms[rhythm] = self.rhythms.get(rhythm, 0) + count

    def sums(self, start: int, stop: int, period: int, visible_until: int) -> dict[int, int]:
        """Sum per period, keyed by the period's start, for periods that start in [start, stop).

        Only what was published before `visible_until` counts; silent periods are absent, as in CloudWatch.
        """
        sums: dict[int, int] = {}
        periods = -(-(stop - start) // period) if stop > start else 0
        end = min(start + periods * period, visible_until)
        for rhythm, count in self.rhythms.items():
            if rhythm.stop <= start or rhythm.start >= end:
                continue
            first = max(0, (rhythm.start - start) // period)
            before = rhythm.beats_before(min(start + first * period, end))
            for begin in range(start + first * period, end, period):
                until = rhythm.beats_before(min(begin + period, end))
                if until > before:
                    sums[begin] = sums.get(begin, 0) + (until - before) * count
                before = until
        for moment, count in self.points.items():
            if start <= moment < end:
                begin = moment - (moment - start) % period
                sums[begin] = sums.get(begin, 0) + count
        return sums

    def active_since(self, since: int, now: int) -> bool:
        """Tell whether anything was published in [since, now]."""
        if any(since <= moment <= now for moment in self.points):
            return True
        return any(r.beats_before(now + 1) > r.beats_before(since) for r in self.rhythms)


class Metrics:
    """All series of one metric of `AWS/Lambda` in one region, by exact dimension set."""

    def __init__(self) -> None:
        self._series: dict[str, dict[tuple[str | None, str | None], Series]] = {}
        self._names: list[str] = []
        self._account = Series()

    def find(self, dimensions: dict[str, str]) -> Series | None:
        """Return the series published under exactly these dimensions, or None."""
        if not dimensions:
            return self._account
        names = set(dimensions)
        if "FunctionName" not in names or not names <= {"FunctionName", "Resource", "ExecutedVersion"}:
            return None
        of_function = self._series.get(dimensions["FunctionName"], {})
        return of_function.get((dimensions.get("Resource"), dimensions.get("ExecutedVersion")))

    def published(
        self, function: str, resource: str | None = None, executed_version: str | None = None
    ) -> tuple[Series, ...]:
        """Return the series that one invocation publishes to, created where new."""
        if function not in self._series:
            self._series[function] = {}
            insort(self._names, function)
        of_function = self._series[function]
        keys: list[tuple[str | None, str | None]] = [(None, None)]
        if resource is not None:
            keys.append((resource, None))
        if executed_version is not None:
            keys.append((resource, executed_version))
        return (self._account, *(of_function.setdefault(key, Series()) for key in keys))

    def named(self, dimensions: dict[str, str | None], since: int, now: int) -> Iterator[dict[str, str]]:
        """Yield the dimension sets that contain all these names (and values where given) and were active since."""
        wanted = dimensions.get("FunctionName")
        if not dimensions and self._account.active_since(since, now):
            yield {}
        for function in self._names if wanted is None else [wanted] if wanted in self._series else []:
            for (resource, executed), series in self._series[function].items():
                found = {"FunctionName": function}
                if resource is not None:
                    found["Resource"] = resource
                if executed is not None:
                    found["ExecutedVersion"] = executed
                matches = all(k in found and v in {None, found[k]} for k, v in dimensions.items())
                if matches and series.active_since(since, now):
                    yield found
