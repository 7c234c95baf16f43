"""Whose functions a scan offers versions of, by a tag that the stack knows groups for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.domain.candidates import Candidate

GROUPS_NAMED = 5
"""Most groups that one question mentions."""


@dataclass(frozen=True, slots=True)
class Owned:
    """The offered versions of one owner."""

    group: str
    """The Slack user group, by id."""
    value: str
    """The tag's value that means it."""
    candidates: tuple[Candidate, ...]

    @property
    def monthly_usd(self) -> float:
        """What they cost a month, in US dollars."""
        return round(sum(candidate.monthly_usd for candidate in self.candidates), 2)


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of what is offered, dearest first; and what nobody is named for."""

    named: tuple[Owned, ...]
    more: int = 0
    """Versions of further owners, beyond those that are named."""
    nobody: int = 0
    """Versions of functions without the tag, or with a value that means no group."""


def owners_of(offered: Sequence[Candidate], tags: Mapping[str, str], groups: Mapping[str, str]) -> Owners:
    """Say who owns what is offered. `tags` is the tag's value by function, `groups` the user group of each value."""
    by_value: dict[str, list[Candidate]] = {}
    nobody = 0
    for candidate in offered:
        value = tags.get(candidate.function_name)
        if value is None or value not in groups:
            nobody += 1
        else:
            by_value.setdefault(value, []).append(candidate)
    owned = sorted(
        (Owned(groups[value], value, tuple(candidates)) for value, candidates in by_value.items()),
        key=lambda one: (-one.monthly_usd, one.value),
    )
    more = sum(len(one.candidates) for one in owned[GROUPS_NAMED:])
    return Owners(tuple(owned[:GROUPS_NAMED]), more, nobody)
