"""Read where aliases pointed from CloudTrail, as far back as needed and no further, in slices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any, Self

from orchestrator.aws import alias_history
from orchestrator.aws.alias_history import CloudTrail, UnreadableEvent
from orchestrator.aws.errors import CallFailed
from orchestrator.aws.storage import Store
from orchestrator.domain.alias_history import (
    EVENTS_KEPT,
    TOLD_LATE,
    AliasHistory,
    AliasMove,
    MoveKind,
    Sightings,
    further_back,
    sighted_lately,
)
from orchestrator.domain.reasons import Check
from orchestrator.domain.slices import Reading
from orchestrator.domain.unattributed import PointedTo, nowhere_known
from orchestrator.domain.versions import Alias, FunctionFacts, LiveLately, Missing

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryReader:
    """Reads the events of aliases, as far back as some functions need.

    What cannot be read is Missing; only bad credentials raise.
    """

    cloudtrail: CloudTrail
    functions: frozenset[str]
    sightings: Sightings
    before: Reading | None = None
    """An earlier reading of the same events: what it told for good is not read again."""

    def read(
        self, reading: Reading, earlier: Iterable[AliasMove], time_is_up: Callable[[], bool]
    ) -> tuple[Reading, list[AliasMove]]:
        """Read on, a page at least, until all is read or the time is up; `earlier` are the moves that were told before.

        Returns how far it came, and what moved.
        """
        found: list[AliasMove] = []
        earlier_moves = list(earlier)
        furthest, beyond = (reading.begun_at - EVENTS_KEPT).replace(microsecond=0), False
        if reading.slices == 0:  # as far back as is needed anyway, in one go
            further = self._further_back(reading, ())
            reading = reading if further is None else replace(reading, known_since=further)
        reading = replace(reading, slices=reading.slices + 1)
        try:
            while not reading.finished:
                reading = self._past_what_is_known(reading)
                kind = next((k for k, at in reading.read_back_to.items() if at > reading.known_since), None)
                if kind is None:
                    if max(reading.read_back_to.values()) <= furthest:
                        reading = replace(reading, known_since=min(reading.known_since, furthest))
                    beyond, further = True, self._further_back(reading, chain(earlier_moves, found))
                    done = further is None
                    reading = replace(reading, finished=done, known_since=further or reading.known_since)
                    continue
                needed, until = reading.known_since, reading.read_back_to[kind]
                # A page costs the same however far back it reaches: where the first question did not tell enough, ask
                # for all that CloudTrail remembers, and stop once enough is told.
                since = self._down_to(kind, min(needed, furthest) if beyond else needed, until)
                for page in alias_history.moves(self.cloudtrail, kind, since, until, needed=needed):
                    found += page.moves
                    reading = replace(reading, read_back_to={**reading.read_back_to, kind: page.read_back_to})
                    if time_is_up():
                        return self._past_what_is_known(reading), found
                    if page.latest <= needed:
                        break
        except (CallFailed, UnreadableEvent) as problem:
            return reading.failed(str(problem)), found
        return reading, found

    def _past_what_is_known(self, reading: Reading) -> Reading:
        """Go on below what the earlier reading told, where this one has come down to it."""
        past = dict(reading.read_back_to)
        for kind, at in past.items():
            known = self._known(kind)
            if known is not None and known[0] < at <= known[1]:
                past[kind] = known[0]
        return replace(reading, read_back_to=past)

    def _down_to(self, kind: MoveKind, since: datetime, until: datetime) -> datetime:
        """Where a question ends: at what is known already, where that comes before `since`."""
        known = self._known(kind)
        return max(since, known[1]) if known is not None and known[1] < until else since

    def _known(self, kind: MoveKind) -> tuple[datetime, datetime] | None:
        return None if self.before is None else self.before.told_for_good(kind)

    def _further_back(self, reading: Reading, moves: Iterable[AliasMove]) -> datetime | None:
        return further_back(
            moves,
            self.sightings,
            self.functions,
            now=reading.begun_at,
            since=reading.since,
            known_since=reading.known_since,
            scanned_before=reading.scanned_before,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionHistory:
    """What is known of where aliases pointed, of all functions that were asked about."""

    reading: Reading
    moves: Mapping[str, tuple[AliasMove, ...]] = field(default_factory=dict)
    sightings: Sightings = field(default_factory=dict)
    required: bool = True
    """Whether CloudTrail was asked at all."""

    @classmethod
    def of(cls, reading: Reading, moves: Iterable[AliasMove], sightings: Sightings, *, required: bool) -> Self:
        """The history that was read."""
        by_function: dict[str, list[AliasMove]] = {}
        for move in moves:
            by_function.setdefault(move.function_name, []).append(move)
        told = {name: tuple(of) for name, of in by_function.items()}
        return cls(reading=reading, moves=told, sightings=sightings, required=required)

    def _of_function(self, facts: FunctionFacts, aliases: tuple[Alias, ...]) -> AliasHistory:
        """What is known of one function's aliases, given those it has now."""
        return AliasHistory(
            moves=self.moves.get(facts.name, ()),
            sightings=tuple(self.sightings.get(facts.name, ())),
            aliases=aliases,
            known_since=self.reading.known_since,
            published={v.number: v.last_modified for v in facts.versions if v.last_modified is not None},
        )

    def live_lately(self, facts: FunctionFacts, aliases: tuple[Alias, ...] | Missing) -> LiveLately | Missing:
        """Which versions of a function were live lately, as far as anybody can tell."""
        if not self.required:
            return LiveLately(sighted_lately(self.sightings.get(facts.name, ()), self.reading.since))
        if self.reading.missing is not None:
            return self.reading.missing
        if isinstance(aliases, Missing):
            return Missing(Check.ALIAS_HISTORY, aliases.words)
        return self._of_function(facts, aliases).live_lately(self.reading.since)

    def pointed_to(self, facts: FunctionFacts, aliases: tuple[Alias, ...] | Missing) -> PointedTo:
        """Tell what the aliases of a function pointed to at any time, as far as anybody can tell."""
        if not self.required or self.reading.missing is not None or isinstance(aliases, Missing):
            return nowhere_known
        return self._of_function(facts, aliases).pointed_to


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHistory:
    """The events of one scan, read slice by slice into its store."""

    cloudtrail: CloudTrail
    store: Store
    place: str
    """The prefix of the hand-offs."""
    sightings: Callable[[], Sightings]
    required: bool
    """Whether CloudTrail is asked at all."""

    def put_functions(self, names: Sequence[str]) -> None:
        """Write down the functions that are in question: of others no move is kept."""
        self.store.put_json(f"{self.place}in-question.json", names)

    def begin(self, now: datetime, since: datetime) -> Reading:
        """The reading to begin with, of what moved since that moment."""
        return Reading.begin(now, since, now - TOLD_LATE) if self.required else Reading.nothing(now, since)

    def read_on(self, reading: Reading, time_is_up: Callable[[], bool]) -> Reading:
        """Read one slice, and write down what moved."""
        functions = self.store.get_json(f"{self.place}in-question.json")
        if reading.finished or not functions:
            return replace(reading, finished=True)
        in_question = frozenset(functions)
        reader = HistoryReader(self.cloudtrail, in_question, self.sightings())
        reading, moves = reader.read(reading, self._moves(reading.slices), time_is_up)
        kept = (move.to_dict() for move in moves if move.function_name in in_question)
        self.store.put_lines(self._slice(reading.slices), kept)
        return reading

    def of_region(self, reading: Reading) -> RegionHistory:
        """What was read of the whole region."""
        return RegionHistory.of(reading, self._moves(reading.slices), self.sightings(), required=self.required)

    def _moves(self, slices: int) -> Iterator[AliasMove]:
        for number in range(1, slices + 1):
            for line in self.store.read_lines(self._slice(number)):
                yield AliasMove.from_dict(line)

    def _slice(self, number: int) -> str:
        return f"{self.place}alias-history-{number:04}"
