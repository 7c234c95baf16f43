"""Days, amounts and numbers of versions as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

KEEP_TAG = "snapstart-cleaner:keep"


def day(moment: datetime) -> str:
    """A day as people in a thread say it: `19 Nov`."""
    return f"{moment.day} {moment:%b}"


def dollars(amount: float) -> str:
    """US dollars with cents and thousands separators: `$1,234.50`."""
    return f"${amount:,.2f}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 version`, `2,000 versions`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ranges(numbers: Iterable[int]) -> str:
    """Version numbers as a reader scans them: `12-31, 33, 35-37` with en dashes."""
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in _runs(numbers))  # noqa: RUF001


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    first: int | None = None
    last = 0
    for number in sorted(set(numbers)):
        if first is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            yield first, last
        first = last = number
    if first is not None:
        yield first, last
