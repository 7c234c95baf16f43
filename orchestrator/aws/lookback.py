"""The time that is looked back over, in periods that CloudWatch still keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
RETENTION = ((MINUTE, 15 * DAY), (5 * MINUTE, 63 * DAY), (HOUR, 455 * DAY))
"""How long CloudWatch keeps points of each granularity, in seconds."""
RETENTION_MARGIN = HOUR
"""A period must still be kept this much later, when the last question is asked."""
SETTLES_AFTER = 15 * MINUTE
"""An invocation is counted where it began, and may run for fifteen minutes before it is."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time and the period of one round of queries."""

    start: datetime
    end: datetime
    period_seconds: int

    @property
    def points(self) -> int:
        """Most datapoints of one series."""
        return -(-(seconds_of(self.end) - seconds_of(self.start)) // self.period_seconds)


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is looked back over, in whole periods since the epoch."""

    start: datetime
    end: datetime
    settled_end: datetime
    """Periods that end by then will not change any more."""
    period_seconds: int
    widened: bool
    """Whether the period asked for was too fine: CloudWatch does not keep such points for that long."""

    @property
    def by_day(self) -> tuple[Span, ...]:
        """All of it by the day; but by the hour at the far end, where CloudWatch no longer keeps the whole day."""
        first = floor(seconds_of(self.start), DAY)
        kept = ceil(seconds_of(self.end) - RETENTION[-1][1] + RETENTION_MARGIN, DAY)
        if first >= kept:
            return (Span(utc(first), self.end, DAY),)
        return (Span(utc(floor(seconds_of(self.start), HOUR)), utc(kept), HOUR), Span(utc(kept), self.end, DAY))

    @property
    def by_period(self) -> tuple[Span, ...]:
        """All of it by the period."""
        return (Span(self.start, self.end, self.period_seconds),)

    @property
    def by_hour(self) -> tuple[Span, ...]:
        """All of it by the hour, the longest period that the reconciliation may have."""
        start = floor(seconds_of(self.start), HOUR)
        return (Span(utc(start), utc(ceil(seconds_of(self.end), HOUR)), HOUR),)


def window(now: datetime, lookback_days: int, period_seconds: int) -> Window:
    """Return the window of a lookback, its period widened as far as CloudWatch's retention demands.

    The longest lookback starts with the first whole hour that CloudWatch still keeps.

    Raises ValueError for a period that is not between a minute and an hour: the reconciliation holds for whole periods
    of at most an hour.
    """
    if not MINUTE <= period_seconds <= HOUR:
        raise ValueError(f"a period is between {MINUTE} and {HOUR} seconds, not {period_seconds!r}")
    seconds = seconds_of(now)
    lookback = lookback_days * DAY
    period = _period_kept_for(lookback, period_seconds)
    first_kept = ceil(seconds - RETENTION[-1][1], HOUR)
    return Window(
        start=utc(max(floor(seconds - lookback, period), first_kept)),
        end=utc(ceil(seconds + 1, period)),
        settled_end=utc(floor(seconds - SETTLES_AFTER, period)),
        period_seconds=period,
        widened=period != period_seconds,
    )


def _period_kept_for(lookback: int, period: int) -> int:
    for granularity, kept in RETENTION:
        if lookback + RETENTION_MARGIN <= kept:
            return ceil(period, granularity)
    return HOUR


def floor(seconds: int, step: int) -> int:
    """The last multiple of a step that is not later."""
    return seconds - seconds % step


def ceil(seconds: int, step: int) -> int:
    """The first multiple of a step that is not earlier."""
    return -(-seconds // step) * step


def utc(seconds: int) -> datetime:
    """The moment so many seconds after the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds_of(moment: datetime) -> int:
    """Whole seconds since the epoch."""
    return int(moment.timestamp())
