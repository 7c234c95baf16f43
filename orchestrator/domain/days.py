"""Days and moments as records, tags and people name them, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

LONGEST_KEEP_DAYS = 3_650
"""How many days a keep may count at most: ten years."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_of(moment: datetime) -> date:
    """The day a moment falls on in UTC."""
    return moment.astimezone(UTC).date()


def day_at(seconds: int) -> date:
    """The day of a moment told in seconds since 1970, in UTC."""
    return date(1970, 1, 1) + timedelta(seconds=seconds)


def read_day(text: str) -> date | None:
    """The day a text such as `2027-01-31` names; None when it names none."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def iso(moment: datetime | None) -> str | None:
    """A moment in UTC as ISO 8601 with seconds, or None."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
