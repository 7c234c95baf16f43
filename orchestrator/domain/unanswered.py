"""When a question goes unanswered: the reminder, the one mention of the approvers, and the schedule that asks less."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from orchestrator.domain.memory import Memory

REMINDER_BEFORE = timedelta(days=1)
MENTION_AT = 2
"""So many expiries in a row mention the approvers, once."""
MONTHLY_FROM = 4
"""From so many on the schedule asks monthly."""
A_MONTH = timedelta(days=28)
"""Four weeks, so that a weekly schedule asks on its own weekday."""

_SATURDAY, _SUNDAY = 5, 6
_BACK_TO_FRIDAY = {_SATURDAY: timedelta(days=1), _SUNDAY: timedelta(days=2)}


def reminder_at(asked_at: datetime, expires_at: datetime) -> datetime | None:
    """When a question is recalled: a day before it expires, on the Friday before if that is a weekend's day in UTC.

    None when that is not after the question was asked.
    """
    day_before = expires_at.astimezone(UTC) - REMINDER_BEFORE
    moment = day_before - _BACK_TO_FRIDAY.get(day_before.weekday(), timedelta())
    return moment if moment > asked_at else None


class Escalation(StrEnum):
    """What follows when one more scheduled question expired."""

    NONE = "none"
    MENTION = "mention"
    """The approvers are mentioned."""
    MONTHLY = "monthly"
    """The schedule asks monthly from now on, and says so."""


def escalation(memory: Memory) -> Escalation:
    """What follows now, right after an expiry was remembered: each step once in a row of expiries."""
    return {MENTION_AT: Escalation.MENTION, MONTHLY_FROM: Escalation.MONTHLY}.get(
        memory.expired_in_a_row, Escalation.NONE
    )


def next_question_on(memory: Memory) -> date | None:
    """The first day on which the schedule asks again; None while it asks at every occasion."""
    if memory.expired_in_a_row < MONTHLY_FROM or not memory.expiries:
        return None
    return memory.expiries[-1].asked_on + A_MONTH


def withheld_until(memory: Memory, today: date) -> date | None:
    """The day from which a scheduled scan asks again; None when it asks today."""
    next_on = next_question_on(memory)
    return next_on if next_on is not None and today < next_on else None
