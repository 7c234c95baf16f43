"""The receipts of the year, held against what really was cached, deleted and published."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean
from typing import NamedTuple

from benchmark.year.rules import Label, Release

DAYS_COMPARED = 7
STILL_OPEN = timedelta(days=3)
"""The bill of today and of the two days before it is not settled."""
LOOKED_BACK = timedelta(days=90)
"""The days before a first delete are found in so many."""
DAY = timedelta(days=1)
_GB = r"(-?[\d,]+\.\d+)"
_TOLD = re.compile(rf"{_GB} → {_GB} GB\. Deleted {_GB}, published {_GB}, unexplained {_GB}\.")


class Gb(NamedTuple):
    """What a receipt tells, in GB."""

    before: float
    after: float
    deleted: float
    published: float
    unexplained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a receipt tells since a day, and what is true."""

    on: date
    since: date
    told: Gb | None
    """None where it does not tell it."""
    truth: Gb

    @property
    def apart(self) -> float:
        """By how many GB the figure that is furthest from the truth misses it."""
        if self.told is None:
            return float("inf")
        return max(abs(told - true) for told, true in zip(self.told, self.truth, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """Every version there ever was, and when those that the product deleted were deleted."""

    releases: Iterable[Release]
    deleted: Mapping[Label, datetime]

    def hold(self, words: str, *, on: date, scanned_on: date) -> Iterator[Held]:
        """Hold all that a receipt tells against the truth: since last month, and since the first delete of all.

        `scanned_on` is the day of the last scan: nobody has counted what was published from that day on.
        """
        told = [Gb(*(float(gb.replace(",", "")) for gb in some)) for some in _TOLD.findall(words)]
        last_month = (on.replace(day=1) - DAY).replace(day=1)
        first = min(self._days_of_deletes(), default=last_month)
        for number, since in enumerate([last_month, first] if first < last_month else [last_month]):
            truth = self._truth(since, [day for day in _days(on) if day < scanned_on])
            yield Held(on=on, since=since, told=told[number] if number < len(told) else None, truth=truth)

    def _days_of_deletes(self) -> set[date]:
        return {at.date() for at in self.deleted.values()}

    def _truth(self, since: date, settled: Sequence[date]) -> Gb:
        deletes = self._days_of_deletes()
        first = min((day for day in deletes if day >= since), default=since)
        before = [day for day in (*_days_before(first),) if day not in deletes][-DAYS_COMPARED:]
        after = [day for day in settled if day not in deletes][-DAYS_COMPARED:]

        def rise(gb: Callable[[date], float]) -> float:
            return fmean(map(gb, after)) - fmean(map(gb, before))

        return Gb(
            before=fmean(map(self._cached, before)),
            after=fmean(map(self._cached, after)),
            deleted=rise(self._deleted),
            published=rise(lambda day: self._cached(day) + self._deleted(day)),
            unexplained=0.0,
        )

    def _cached(self, day: date) -> float:
        """The GB cached through a day."""
        return sum(
            release.gb * _share(day, release.published, self.deleted.get(release.label)) for release in self.releases
        )

    def _deleted(self, day: date) -> float:
        """The GB missing through a day because they were deleted."""
        return sum(
            release.gb * _share(day, self.deleted[release.label], None)
            for release in self.releases
            if release.label in self.deleted
        )


def _days(on: date) -> Iterator[date]:
    """The days whose bill is settled, as far back as is needed, oldest first."""
    return _days_before(on - STILL_OPEN + DAY)


def _days_before(end: date) -> Iterator[date]:
    return (end - DAY * n for n in range(LOOKED_BACK.days, 0, -1))


def _share(day: date, since: datetime, until: datetime | None) -> float:
    """How much of a day lies between two moments."""
    begin = datetime.combine(day, time(), UTC)
    end = begin + DAY
    return max((min(until or end, end) - max(since, begin)) / DAY, 0.0)
