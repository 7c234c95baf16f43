"""What goes wrong in the year, and when: weeks are counted from 0, and each begins with the Monday's scan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

WEEKS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The year's troubles."""

    weeks: int = WEEKS
    holidays: frozenset[int] = frozenset({16, 28, 29, 50})
    """Nobody answers."""
    frozen: frozenset[int] = frozenset(range(19, 28))
    """Nobody releases anything."""
    stack_fails: tuple[int, int] = (12, 16)
    """A stack's update fails in the one week, and is mended in the other."""
    metrics_fail: int = 23
    """CloudWatch answers nothing from the Saturday before this week's scan for seven days."""
    listing_denied: int = 33
    """AWS denies the aliases on the day of the scan."""
    deletes_denied: int = 36
    """AWS denies every delete on the day of the answer."""

    def mondays(self, first: datetime) -> Iterator[tuple[int, datetime]]:
        """Every week with the moment of its scan."""
        for week in range(self.weeks):
            yield week, first + timedelta(weeks=week)

    @property
    def troubled(self) -> frozenset[int]:
        """Weeks in which the schedule has to say that something could not be done, news or none."""
        return frozenset({self.metrics_fail, self.listing_denied})


def short(weeks: int) -> Calendar:
    """The same troubles in so few weeks that a test can play them."""
    last = weeks - 1
    return Calendar(
        weeks=weeks,
        holidays=frozenset({1}),
        frozen=frozenset(),
        stack_fails=(2, 4),
        metrics_fail=min(3, last),
        listing_denied=last + 1,
        deletes_denied=min(4, last),
    )
