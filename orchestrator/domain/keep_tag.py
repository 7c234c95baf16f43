"""Read the opt-out tag of a function, `snapstart-cleaner:keep`: which of its versions it protects, and until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from orchestrator.domain.days import read_day
from orchestrator.domain.versions import KeepTag

_VERSION_NUMBERS = re.compile(r"[1-9][0-9]*( +[1-9][0-9]*)*")
_UNTIL = re.compile(r"(?:(?P<what>.*[^ ]) +)?until +(?P<day>[^ ]+)", re.IGNORECASE)
_WHOLE_FUNCTION = frozenset({"", "true"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRule:
    """What one value of the tag says."""

    numbers: frozenset[int] | None
    """The versions it protects; None: the whole function."""
    until: date | None = None
    """The last day it protects them, in UTC; None: for good."""

    def protects(self, number: int, today: date) -> bool:
        """Whether it protects this version today."""
        in_time = self.until is None or today <= self.until
        return in_time and (self.numbers is None or number in self.numbers)


EVERYTHING_FOR_GOOD = KeepRule(numbers=None)


def read_keep_tag(value: str) -> KeepRule:
    """What a value says: `12 15`, `true`, nothing at all, and each of them with `until 2027-01-31` behind it.

    Version numbers protect those versions, `true` and the empty value the whole function. Whatever else stands there
    protects the whole function for good: a slip of the pen must not delete anything.
    """
    text = value.strip(" ")
    limited = _UNTIL.fullmatch(text)
    what, until = (limited["what"] or "", read_day(limited["day"])) if limited else (text, None)
    if limited and until is None:
        return EVERYTHING_FOR_GOOD
    if _VERSION_NUMBERS.fullmatch(what):
        return KeepRule(numbers=frozenset(map(int, what.split())), until=until)
    if what.lower() in _WHOLE_FUNCTION:
        return KeepRule(numbers=None, until=until)
    return EVERYTHING_FOR_GOOD


def tag_protects(tag: KeepTag, number: int, today: date) -> bool:
    """Whether the opt-out tag protects this version today; a function that does not carry it is not protected by it."""
    return tag.value is not None and read_keep_tag(tag.value).protects(number, today)
