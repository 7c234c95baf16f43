"""What an idle version is to those who are asked: news, news again, worth a look, or settled for now."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from orchestrator.domain.candidates import NamesVersion, VersionKey
from orchestrator.domain.memory import Keep, Memory, Refusal


class Standing(IntEnum):
    """What an idle version is to those who are asked, in the order in which they are offered."""

    NEWS = 1
    """It costs money, no keep covers it and AWS never refused it; nobody said a word about it yet."""
    NEWS_AGAIN = 2
    """A keep or a refusal covered it and has ended: news, but it starts unticked, and waits behind what is new."""
    SEEN_IS_ENOUGH = 3
    """It is called in spells: shown beside news and to whoever asks, never a reason to speak."""
    COSTS_NOTHING = 4
    """Likewise shown, and never a reason to speak."""
    KEPT = 5
    """An approver keeps it today."""
    REFUSED = 6
    """AWS refused its delete, and it is not yet time to try again."""

    @property
    def is_news(self) -> bool:
        """Whether the schedule speaks because of it."""
        return self in {Standing.NEWS, Standing.NEWS_AGAIN}

    @property
    def is_settled(self) -> bool:
        """Whether it is said already what becomes of it for now."""
        return self in {Standing.KEPT, Standing.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle(NamesVersion):
    """One idle version as far as offering it goes."""

    function_name: str
    number: int
    monthly_usd: float
    in_spells: bool = False
    """Whether it is called in spells further apart than the lookback, such as once a quarter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An idle version, what it is today, and what is remembered of it."""

    idle: Idle
    standing: Standing
    keep: Keep | None = None
    """The keep that covers it, or once did."""
    refusal: Refusal | None = None
    """AWS's refusal to delete it, also one from before."""


def place(idle: Idle, memory: Memory, today: date) -> Place:
    """What an idle version is today, given all that is remembered."""
    keep, refusal = memory.keeps.get(idle.key), memory.refusals.get(idle.key)
    return Place(idle=idle, standing=_standing(idle, keep, refusal, today), keep=keep, refusal=refusal)


def _standing(idle: Idle, keep: Keep | None, refusal: Refusal | None, today: date) -> Standing:
    if keep is not None and keep.in_force(today):
        return Standing.KEPT
    if refusal is not None and refusal.in_force(today):
        return Standing.REFUSED
    if idle.monthly_usd <= 0:
        return Standing.COSTS_NOTHING
    if idle.in_spells:
        return Standing.SEEN_IS_ENOUGH
    return Standing.NEWS if keep is None and refusal is None else Standing.NEWS_AGAIN


def newly_not_judged(not_judged: AbstractSet[VersionKey], memory: Memory) -> frozenset[VersionKey]:
    """The rows that could not be judged and were not reported as such last time."""
    return frozenset(not_judged) - memory.not_judged
