"""A day as people type it: `2026-12-24`, `24 Dec`, `Dec 24 2026`, `24.12.2026`, `friday`, `tomorrow`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

MOST_WORDS = 3
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,2}(st|nd|rd|th)?", re.ASCII)
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_SHORTEST = 3
"""Letters of a month or a weekday that are enough to know it."""


def read_typed_day(words: Sequence[str], today: date) -> tuple[date, int] | None:
    """The day that words begin with, and how many of them name it; None when they begin with none.

    A day without its year is the next one from today on; a weekday is the next one after today.
    """
    plain = [word.strip(".,;:").lower() for word in words[:MOST_WORDS]]
    for length in range(len(plain), 0, -1):
        day = _day(plain[:length], today)
        if day is not None:
            return day, length
    return None


def _day(words: list[str], today: date) -> date | None:
    try:
        return _alone(words[0], today) if len(words) == 1 else _day_and_month(words, today)
    except ValueError:  # 30 February
        return None


def _alone(word: str, today: date) -> date | None:
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    if _ISO.fullmatch(word):
        year, month, day = map(int, word.split("-"))
        return date(year, month, day)
    if dotted := _DOTTED.fullmatch(word):
        return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
    weekday = _index(word, _WEEKDAYS)
    return None if weekday is None else today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _day_and_month(words: list[str], today: date) -> date | None:
    first, second, *year = words
    day, name = (second, first) if _NUMBER.fullmatch(second) else (first, second)
    month = _index(name, _MONTHS)
    if month is None or not _NUMBER.fullmatch(day) or not all(map(_YEAR.fullmatch, year)):
        return None
    number = int(day.rstrip("sthndr"))
    if year:
        return date(int(year[0]), month + 1, number)
    this_year = date(today.year, month + 1, number)
    return this_year if this_year >= today else date(today.year + 1, month + 1, number)


def _index(word: str, names: Sequence[str]) -> int | None:
    """Which of the names a word is, or the beginning of."""
    if len(word) < _SHORTEST:
        return None
    return next((index for index, name in enumerate(names) if name.startswith(word)), None)
