"""Read the fields of a stored record one by one, and name the first that cannot be what it should be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self, TypeVar

from orchestrator.domain.days import read_day

_VERSION_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_SHOWN = 60
_MOST = 1e15

E = TypeVar("E", bound=StrEnum)


def known_fields(cls: type[Any], data: Any) -> dict[str, Any]:
    """The fields of a dataclass as they stand in a stored object; those that another release added are left out.

    Raises TypeError when it is no object at all.
    """
    return {field.name: data[field.name] for field in fields(cls) if field.name in data}


class Flat:
    """A value whose fields a checkpoint carries as they are."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return asdict(self)  # type: ignore[call-overload, no-any-return] # whoever has it is a dataclass

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises TypeError when a field is missing that has no default."""
        return cls(**known_fields(cls, data))


class UnreadableField(ValueError):
    """A field of a stored record is not what it should be; the message says which, and what stands there."""


class Fields:
    """The fields of one object of a record. Every reader raises UnreadableField; fields nobody asks for are ignored."""

    __slots__ = ("_data", "_where")

    def __init__(self, data: object, where: str = "") -> None:
        if not isinstance(data, Mapping):
            raise UnreadableField(f"{where or 'the record'} must be an object, not {_shown(data)}")
        self._data: Mapping[str, Any] = data
        self._where = where

    def text(self, name: str) -> str:
        """A text that is not empty."""
        value = self._data.get(name)
        if not isinstance(value, str) or not value:
            raise self._wrong(name, "a text that is not empty")
        return value

    def text_or_none(self, name: str) -> str | None:
        """A text; None when the field is not there, null or empty."""
        return self.text(name) if self._data.get(name) not in (None, "") else None

    def version(self, name: str) -> int:
        """A version's number, as a number or as its digits."""
        value = self._data.get(name)
        if isinstance(value, str) and _VERSION_NUMBER.fullmatch(value):
            return int(value)
        if type(value) is not int or value < 1:
            raise self._wrong(name, "a version's number")
        return value

    def version_or_none(self, name: str) -> int | None:
        """A version's number; None when the field is not there or null."""
        return None if self._data.get(name) is None else self.version(name)

    def versions(self, name: str) -> tuple[int, ...]:
        """A list of versions' numbers."""
        return tuple(Fields({name: value}, self._where).version(name) for value in self._list(name))

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number from zero; `default` when the field is not there."""
        value = self._data.get(name, default)
        if type(value) is not int or value < 0:
            raise self._wrong(name, "a whole number from zero")
        return value

    def amount(self, name: str) -> float:
        """A number from zero, such as US dollars."""
        value = self._data.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
            raise self._wrong(name, "a number from zero")
        return float(value)

    def amount_or_none(self, name: str) -> float | None:
        """A number from zero; None when the field is not there or null."""
        return None if self._data.get(name) is None else self.amount(name)

    def day(self, name: str) -> date:
        """A day, as YYYY-MM-DD."""
        value = self._data.get(name)
        day = read_day(value) if isinstance(value, str) else None
        if day is None:
            raise self._wrong(name, "a day as YYYY-MM-DD")
        return day

    def day_or_none(self, name: str) -> date | None:
        """A day; None when the field is not there or null."""
        return None if self._data.get(name) is None else self.day(name)

    def moment(self, name: str) -> datetime:
        """A moment as ISO 8601, with its time zone."""
        value = self._data.get(name)
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self._wrong(name, "a moment as ISO 8601, with its time zone")
        return moment

    def moment_or_none(self, name: str) -> datetime | None:
        """A moment; None when the field is not there or null."""
        return None if self._data.get(name) is None else self.moment(name)

    def member(self, name: str, of: type[E]) -> E:
        """A member of an enum, by its value."""
        value = self._data.get(name)
        if value not in [member.value for member in of]:
            raise self._wrong(name, f"one of {', '.join(of)}")
        return of(value)

    def names(self) -> tuple[str, ...]:
        """The names of all fields, where they are not known beforehand."""
        return tuple(self._data)

    def part(self, name: str) -> Fields:
        """An object inside this one."""
        return Fields(self._data.get(name), self._named(name))

    def entries(self, name: str) -> tuple[Fields, ...]:
        """A list of objects; none when the field is not there."""
        return tuple(Fields(entry, f"{self._named(name)}[{n}]") for n, entry in enumerate(self._list(name)))

    def _list(self, name: str) -> list[Any]:
        value = self._data.get(name, [])
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value

    def _named(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _wrong(self, name: str, must_be: str) -> UnreadableField:
        return UnreadableField(f"{self._named(name)} must be {must_be}, not {_shown(self._data.get(name))}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
