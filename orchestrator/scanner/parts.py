"""Cut a fleet into parts, the unit of work of stage B, and put the rows of all parts in one order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSize:
    """Where a part ends."""

    versions: int = 5_000
    """Versions in one part: a bound of memory."""
    functions: int = 250
    """Most functions asked about in one part: a bound of its time, since each costs a call of the shared quota."""


A_PART = PartSize()


def in_parts(functions: Iterable[Json], size: PartSize) -> Iterator[list[Json]]:
    """Yield the functions in their order, a part at a time; a function is never cut."""
    part: list[Json] = []
    versions = asked = 0
    for line in functions:
        part.append(line)
        versions += len(line["facts"]["versions"])
        asked += bool(line["survivors"])
        if versions >= size.versions or asked >= size.functions:
            yield part
            part, versions, asked = [], 0, 0
    if part:
        yield part


def entry_of(functions: dict[str, Json], name: str) -> Json:
    """The entry of a function in what is listed so far; a new one where there is none."""
    return functions.setdefault(name, {"fn": name, "versions": [], "others": []})


def in_turn(line: Json) -> tuple[int, bool, float, str, int]:
    """The order of rows: news first; within that, rows never looked at in vain; within those, the dearest first."""
    return line["turn"], line.get("late", False), -line["usd"], line["version"]["fn"], line["version"]["n"]
