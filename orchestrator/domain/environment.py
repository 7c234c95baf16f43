"""Read environment variables one by one, and tell every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONGEST_SHOWN = 80
"""Characters of a bad value that its problem shows."""
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class SettingsError(ValueError):
    """The environment cannot be used; `problems` name every variable, its value and what is accepted."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("the environment cannot be used: " + "; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Form:
    """How a text must look, and how that is said after "must be"."""

    pattern: str
    words: str

    def fits(self, text: str) -> bool:
        """Whether the whole text looks like this."""
        return re.fullmatch(self.pattern, text) is not None


class Environment:
    """Variables without the blanks around them; each that cannot be used is remembered, and `check` tells them all.

    A variable that is empty counts as not set. What a method returns for one with a problem is only good until `check`.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: dict[str, list[str]] = {}

    def given(self, name: str) -> str:
        """The variable's text, empty when it is not set."""
        return self._environ.get(name, "").strip()

    def exactly(self, name: str, word: str) -> bool:
        """Whether the variable is this very word, with not even a blank around it."""
        return self._environ.get(name) == word

    def problem(self, name: str, words: str) -> None:
        """Remember what is wrong with a variable; `words` say what is accepted."""
        given = self.given(name)
        shown = f"is {given[:LONGEST_SHOWN]!r}" if given else "is not set"
        self._problems.setdefault(name, []).append(f"{name} {shown}: {words}")

    def sound(self, *names: str) -> bool:
        """Whether none of these variables has a problem so far."""
        return self._problems.keys().isdisjoint(names)

    def check(self) -> None:
        """Raise SettingsError with every problem found, if there is any."""
        if self._problems:
            raise SettingsError([problem for problems in self._problems.values() for problem in problems])

    def text(self, name: str, form: Form) -> str:
        """A text that must be given."""
        value = self.given(name)
        if not form.fits(value):
            self.problem(name, f"must be {form.words}")
        return value

    def optional(self, name: str, form: Form) -> str | None:
        """A text that may be left out."""
        return self.text(name, form) if self.given(name) else None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self.given(name)
        if not value:
            return default
        if value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most:
            return int(value)
        self.problem(name, f"must be a whole number from {least} to {most}")
        return default

    def number_among(self, name: str, default: int, accepted: Sequence[int]) -> int:
        """One of the whole numbers accepted."""
        value = self.given(name) or str(default)
        if value in map(str, accepted):
            return int(value)
        self.problem(name, f"must be one of {', '.join(map(str, accepted))}")
        return default

    def decimal(self, name: str, default: float, least: float, most: float) -> float:
        """A number with or without a fraction, from `least` to `most`."""
        value = self.given(name)
        if not value:
            return default
        if _DECIMAL.fullmatch(value) and least <= float(value) <= most:
            return float(value)
        self.problem(name, f"must be a number from {least:g} to {most:g}")
        return default

    def choice(self, name: str, default: str, *others: str) -> str:
        """One of the words accepted."""
        value = self.given(name) or default
        if value not in (default, *others):
            self.problem(name, f"must be {', '.join((default, *others[:-1]))} or {others[-1]}")
        return value

    def listed(self, name: str) -> tuple[str, ...]:
        """What stands between commas: each thing once, in the order given."""
        things = (thing.strip() for thing in self.given(name).split(","))
        return tuple(dict.fromkeys(thing for thing in things if thing))
