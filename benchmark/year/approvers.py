"""Who answers in which week, how soon, and what they keep: the same for the product and for the oracle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from benchmark.year.rules import Label

KEPT_FOR_DAYS = 30
PICKY_EVERY, SLOW_EVERY = 4, 9


@dataclass(frozen=True, slots=True)
class Approver:
    """How one week's question is answered."""

    after: timedelta | None
    """How long after the scan; None: nobody answers."""
    picky: bool = False

    def keeps(self, label: Label) -> bool:
        """Whether they untick this version when they first see it."""
        return self.picky and label[1] % 5 == 0


PROMPT = Approver(timedelta(hours=2))
PICKY = Approver(timedelta(hours=30), picky=True)
SLOW = Approver(timedelta(days=5, hours=3))
"""Answers after the reminder, on the last day."""
ON_HOLIDAY = Approver(None)


def approver_of(week: int, holidays: Collection[int]) -> Approver:
    """Who answers in a week, the first being 0."""
    if week in holidays:
        return ON_HOLIDAY
    if week % PICKY_EVERY == PICKY_EVERY - 1:
        return PICKY
    return SLOW if week % SLOW_EVERY == SLOW_EVERY - 1 else PROMPT
