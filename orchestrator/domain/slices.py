"""How far a scan is: what each of its slices hands to the next, and how a checkpoint carries it.

Each also carries how many calls its phase has sent so far, by quota class.

A scan that is in flight while a release is deployed goes on with what the release before wrote: fields that are unknown
are ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from orchestrator.domain.alias_history import CLOCKS_DIFFER, TOLD_LATE, MoveKind
from orchestrator.domain.reasons import Check
from orchestrator.domain.stored import Flat
from orchestrator.domain.versions import Missing

Calls = Mapping[str, int]
"""Calls sent, by quota class."""


def calls_of(*phases: Calls) -> Calls:
    """The calls of several phases together."""
    together: Counter[str] = Counter()
    for calls in phases:
        together.update(calls)
    return dict(sorted(together.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Flat):
    """How far the listing is."""

    marker: str | None = None
    """Where AWS goes on; None before the first page and after the last."""
    listed: int = 0
    """Published versions so far."""
    snapstart: int = 0
    """Those of them with SnapStart."""
    calls: Calls = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet(Flat):
    """What was listed, once age and rank are judged."""

    parts: int
    """In how many parts it is asked about."""
    survivors: int
    """Versions that neither their age nor their rank holds."""
    snapstart: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far CloudTrail's events about aliases have been read."""

    begun_at: datetime
    """When the reading began; what happens later is not read."""
    since: datetime
    """Since when a version must not have been live."""
    scanned_before: datetime
    """Only a scan before this moment notices what CloudTrail does not tell yet."""
    known_since: datetime
    """How far back the events are to be read; they have been once it is finished."""
    read_back_to: Mapping[MoveKind, datetime]
    slices: int = 0
    finished: bool = False
    missing: Missing | None = None
    calls: Calls = field(default_factory=dict)

    @classmethod
    def begin(cls, now: datetime, since: datetime, scanned_before: datetime) -> Self:
        """The reading of the events since that moment, and further back only when they do not tell enough."""
        second = since.replace(microsecond=0)  # events tell their time in whole seconds
        return cls(
            begun_at=now,
            since=since,
            scanned_before=scanned_before,
            known_since=second,
            read_back_to=dict.fromkeys(MoveKind, now + CLOCKS_DIFFER),
        )

    @classmethod
    def nothing(cls, now: datetime, since: datetime) -> Self:
        """The reading of nothing, where nobody asks."""
        return replace(cls.begin(now, since, now), known_since=now, finished=True)

    def told_for_good(self, kind: MoveKind) -> tuple[datetime, datetime] | None:
        """From when to when every event of a kind was told, also those told late; None: there is no such time."""
        since, until = self.read_back_to[kind], self.begun_at - TOLD_LATE - CLOCKS_DIFFER
        until = until.replace(microsecond=0)  # events tell their time in whole seconds
        return (since, until) if since < until else None

    @property
    def read_in_full(self) -> bool:
        """Whether all that is needed was read."""
        return self.finished and self.missing is None

    def failed(self, words: str) -> Self:
        """The reading that ends because an event or a page could not be read."""
        return replace(self, finished=True, missing=Missing(Check.ALIAS_HISTORY, words))

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return {
            "now": self.begun_at.isoformat(),
            "since": self.since.isoformat(),
            "scanned_before": self.scanned_before.isoformat(),
            "known_since": self.known_since.isoformat(),
            "read_back_to": {kind.value: at.isoformat() for kind, at in self.read_back_to.items()},
            "slices": self.slices,
            "finished": self.finished,
            "missing": None if self.missing is None else self.missing.words,
            "calls": self.calls,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        data = data.get("alias_history", data)  # the release before hands the first reading on beside other facts
        return cls(
            begun_at=datetime.fromisoformat(data["now"]),
            since=datetime.fromisoformat(data["since"]),
            scanned_before=datetime.fromisoformat(data["scanned_before"]),
            known_since=datetime.fromisoformat(data["known_since"]),
            read_back_to={MoveKind(kind): datetime.fromisoformat(at) for kind, at in data["read_back_to"].items()},
            slices=data["slices"],
            finished=data["finished"],
            missing=None if data["missing"] is None else Missing(Check.ALIAS_HISTORY, data["missing"]),
            calls=data.get("calls", {}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Flat):
    """How far aliases and usage are asked."""

    part: int = 1
    """The part that is next."""
    done: int = 0
    """Survivors whose aliases and usage are known."""
    in_question: int = 0
    """Those of them that nothing holds so far."""
    slices: int = 0
    calls: Calls = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Flat):
    """How far State, policies and executions are asked."""

    looked_at: int = 0
    """Rows in question that were asked about."""
    passed: int = 0
    """Those of them that nothing holds."""
    all_asked: bool = False
    """Whether no further row is asked about; when those that passed were last called may still be open."""
    finished: bool = False
    calls: Calls = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What is known once all versions are listed and judged by age."""

    listed: int
    fleet: Fleet


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Listed):
    """All that the slices so far found, for those that follow."""

    aliases_read: Reading
    in_question: int = 0
    confirming_slices: int = 0
    calls: Calls = field(default_factory=dict)
