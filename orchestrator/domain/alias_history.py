"""Where a function's aliases pointed lately: from CloudTrail's events, our own scans' sightings, and the aliases now.

An event says where an alias was pointed to, never where it pointed before, and comes some minutes late. So what lies
between two things that are known and do not agree is unknown, and an alias that may have pointed anywhere protects
every version of its function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby, takewhile
from types import MappingProxyType
from typing import Any, Self

from orchestrator.domain.memory import Sighting
from orchestrator.domain.versions import Alias, LiveLately

EVENTS_KEPT = timedelta(days=90)
"""How long CloudTrail's event history remembers; no rule looks further back."""
TOLD_LATE = timedelta(minutes=20)
"""By then CloudTrail has told what happened, with room to spare: it takes five to fifteen minutes."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""AWS answers nobody whose clock differs more from its own: events are told by AWS's, scans by ours."""
_WHOLE_SECONDS = timedelta(seconds=1)
"""Events tell their time in whole seconds, cut off."""
_AT_LAST = datetime.max.replace(tzinfo=UTC)

Json = dict[str, Any]
Sightings = Mapping[str, tuple[Sighting, ...]]
"""What our own earlier scans found of the aliases, by function."""
Versions = frozenset[int]


class MoveKind(StrEnum):
    """What was done to an alias."""

    CREATED = "create"
    MOVED = "update"
    REMOVED = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasMove:
    """One change of one alias, as CloudTrail tells it."""

    function_name: str
    alias: str
    at: datetime
    kind: MoveKind
    primary: Versions | None = None
    """The version it points to since, none for `$LATEST`; None: the call left it as it was."""
    weighted: Versions | None = None
    """The versions that get a share by weight since; None: the call left them as they were."""

    def to_dict(self) -> Json:
        """The move as it is handed on."""
        return {
            "fn": self.function_name,
            "alias": self.alias,
            "at": self.at.isoformat(),
            "kind": self.kind.value,
            "primary": None if self.primary is None else sorted(self.primary),
            "weighted": None if self.weighted is None else sorted(self.weighted),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The move of a dict."""
        return cls(
            function_name=data["fn"],
            alias=data["alias"],
            at=datetime.fromisoformat(data["at"]),
            kind=MoveKind(data["kind"]),
            primary=None if data["primary"] is None else frozenset(data["primary"]),
            weighted=None if data["weighted"] is None else frozenset(data["weighted"]),
        )


@dataclass(frozen=True, slots=True)
class _Target:
    """Where an alias points, if it is there; None is unknown."""

    primary: Versions | None
    weighted: Versions | None
    there: bool = True

    @property
    def versions(self) -> Versions:
        return (self.primary or frozenset()) | (self.weighted or frozenset())

    @property
    def known(self) -> bool:
        return self.primary is not None and self.weighted is not None

    def after(self, move: AliasMove) -> _Target:
        if move.kind is MoveKind.REMOVED:
            return _NOWHERE
        before = self if move.kind is MoveKind.MOVED else _NOWHERE
        return _Target(
            before.primary if move.primary is None else move.primary,
            before.weighted if move.weighted is None else move.weighted,
        )

    @classmethod
    def of(cls, alias: Alias) -> Self:
        primary = frozenset[int]() if alias.version is None else frozenset({alias.version})
        return cls(primary, frozenset(number for number, _ in alias.weights))


_NOWHERE = _Target(frozenset(), frozenset(), there=False)
_UNKNOWN = _Target(None, None)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A scan found the alias so."""

    at: datetime
    target: _Target


@dataclass(frozen=True, slots=True)
class _Moved:
    """What was done to the alias within one second, in an order that nobody tells."""

    at: datetime
    moves: tuple[AliasMove, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time in which an alias pointed to one target."""

    start: datetime
    end: datetime
    target: _Target


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasHistory:
    """All that is known of one function's aliases."""

    moves: tuple[AliasMove, ...] = ()
    """Every event of its aliases that CloudTrail tells since `known_since`; those of before may be told in part."""
    sightings: tuple[Sighting, ...] = ()
    """What our own earlier scans found; the moment of each is one at or after the question, never before it."""
    aliases: tuple[Alias, ...] = ()
    """As they are now."""
    known_since: datetime
    """How far back the events were read."""
    published: Mapping[int, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """When its versions were published: before that, nothing pointed to them."""

    def live_lately(self, since: datetime) -> LiveLately:
        """Which versions an alias pointed to at any moment since then, and which aliases may have pointed anywhere.

        What happened before `known_since` is unknown, and counts where it reaches into that time.
        """
        versions: set[int] = set(sighted_lately(self.sightings, since))
        unknown = []
        for alias in self._names():
            lately = [stretch for stretch in self._stretches(alias) if stretch.end > since - _WHOLE_SECONDS]
            versions.update(number for stretch in lately for number in stretch.target.versions)
            if not all(stretch.target.known for stretch in lately):
                unknown.append(alias)
        return LiveLately(frozenset(versions), tuple(unknown))

    def pointed_to(self, alias: str, start: datetime, end: datetime) -> Versions | None:
        """The versions that an alias pointed to at any moment of that time; none when it was on `$LATEST` alone.

        None when that is not known, or when it was not there at all.
        """
        then = [
            stretch
            for stretch in self._stretches(alias)
            if stretch.start <= end and start - _WHOLE_SECONDS <= stretch.end and stretch.target.there
        ]
        if start < self.known_since or not then or not all(stretch.target.known for stretch in then):
            return None
        return frozenset(number for stretch in then for number in stretch.target.versions)

    def reaches_back(self, since: datetime) -> bool:
        """Whether the events go far enough back to know where every alias pointed that moved since then."""
        return not any(
            stretch.end > since - _WHOLE_SECONDS and not stretch.target.known
            for alias in self._names()
            for stretch in self._until_first_known(alias)
        )

    def _names(self) -> list[str]:
        seen = (alias.name for sighting in self.sightings for alias in sighting.aliases)
        return sorted({*(move.alias for move in self.moves), *seen, *(alias.name for alias in self.aliases)})

    def _until_first_known(self, alias: str) -> Iterator[_Stretch]:
        return takewhile(lambda stretch: not stretch.target.known, self._stretches(alias))

    def _stretches(self, alias: str) -> Iterator[_Stretch]:
        """Where an alias pointed, one stretch after the other; two of the same time contradict each other."""
        items = self._items(alias)
        start, target, before = self.known_since, _UNKNOWN, None
        if isinstance(items[0], _Seen):
            target = items[0].target  # nothing is told to have moved before
            published = max((self.published.get(number, start) for number in target.versions), default=start)
            if published > start:
                yield _Stretch(start, published, _UNKNOWN)
        for item in items:
            if isinstance(item, _Seen):
                if item.target == before and item.at < start + CLOCKS_DIFFER + _WHOLE_SECONDS:
                    continue  # by AWS's clock it was seen right before that move
                if target.known and target != item.target:
                    yield _Stretch(start, item.at, _UNKNOWN)
                yield _Stretch(start, item.at, target)
                target, before = item.target, None
            else:
                if target == _UNKNOWN and item.moves[0].kind is MoveKind.CREATED:
                    target = _NOWHERE
                yield _Stretch(start, item.at, target)
                before = target
                after = {target.after(move) for move in item.moves}
                yield from (_Stretch(item.at, item.at, one) for one in after)
                target = after.pop() if len(after) == 1 else _UNKNOWN
            start = item.at
        yield _Stretch(start, start, target)

    def _items(self, alias: str) -> list[_Seen | _Moved]:
        """What is known of an alias, oldest first: moves of one second together, and the aliases now at the end.

        Of the time before `known_since` some moves may be told and others not, so none of them counts.
        """
        told_since = self.known_since - _WHOLE_SECONDS
        told = {move for move in self.moves if move.alias == alias and move.at > told_since}
        moves = sorted(told, key=lambda move: move.at)
        items: list[_Seen | _Moved] = [_Moved(at, tuple(of)) for at, of in groupby(moves, key=lambda move: move.at)]
        for sighting in self.sightings:
            target = _target(alias, sighting.aliases)
            moments = (sighting.first_seen, sighting.last_seen)
            items += [_Seen(at, target) for at in moments if at >= self.known_since]
        items.sort(key=lambda item: item.at)
        return [*items, _Seen(_AT_LAST, _target(alias, self.aliases))]


def _target(name: str, aliases: Iterable[Alias]) -> _Target:
    return next((_Target.of(alias) for alias in aliases if alias.name == name), _NOWHERE)


def sighted_lately(sightings: Iterable[Sighting], since: datetime) -> Versions:
    """The versions that our own scans found an alias to point to, at any moment since then."""
    return frozenset(
        number
        for sighting in sightings
        if sighting.last_seen >= since
        for alias in sighting.aliases
        for number in _Target.of(alias).versions
    )


def live_since(now: datetime, min_age_days: int) -> datetime:
    """Since when a version must not have been live; no further back than CloudTrail remembers."""
    return now - min(timedelta(days=min_age_days), EVENTS_KEPT)


def further_back(
    moves: Iterable[AliasMove],
    sightings: Sightings,
    functions: frozenset[str],
    *,
    now: datetime,
    since: datetime,
    known_since: datetime,
    scanned_before: datetime,
) -> datetime | None:
    """How much further back the events must be read to tell where these functions' aliases pointed; None: no further.

    Twice as far, as long as an alias moved from nobody knows where. And back to our own last scan of any of them, made
    before `scanned_before`: what CloudTrail does not tell yet is noticed only by something that is known from before.
    There is no further than it remembers.
    """
    furthest = now - EVENTS_KEPT
    if known_since <= furthest:
        return None
    seen = (seen for name in functions for seen in sightings.get(name, ()))
    scans = (at for one in seen for at in (one.first_seen, one.last_seen) if at <= scanned_before)
    last_scan = max(scans, default=furthest)
    if last_scan < known_since:
        return max(furthest, last_scan)
    by_function: dict[str, list[AliasMove]] = {}
    for move in moves:
        if move.function_name in functions:
            by_function.setdefault(move.function_name, []).append(move)
    if all(
        AliasHistory(moves=tuple(of), sightings=tuple(sightings.get(name, ())), known_since=known_since).reaches_back(
            since
        )
        for name, of in by_function.items()
    ):
        return None
    return max(furthest, now - 2 * (now - known_since))
