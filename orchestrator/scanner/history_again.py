"""Read how aliases moved since a scan, before its deletes: once for all batches, and then only what is new.

CloudTrail is asked once a second and tells fifty events each time, and a busy region moves its aliases thousands of
times while a question waits. What it tells comes late, but never changes: so the next batch reads the last minutes
again, and what came since. Where a reading took too long, the next goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.aws.alias_history import LOOKUP_EVENTS, CloudTrail
from orchestrator.domain.alias_history import AliasMove, MoveKind, Sightings
from orchestrator.domain.slices import Reading
from orchestrator.scanner.history import HistoryReader, RegionHistory

if TYPE_CHECKING:
    from orchestrator.aws.storage import Store

MOST_SECONDS = 300
"""The longest that alias events are read before one batch. The facts that grow stale are asked after that."""


@dataclass(frozen=True, slots=True)
class HistoryAgain:
    """Reads the events since a scan."""

    cloudtrail: CloudTrail
    store: Store
    place: str
    """The prefix of the hand-offs, such as `intermediate/<execution>/`."""
    stopwatch: Callable[[], float]

    def read(self, begun: Reading, functions: frozenset[str], sightings: Sightings) -> RegionHistory:
        """Tell where the aliases of these functions pointed. Raises CredentialsError."""
        before, moves = self._kept()
        deadline = self.stopwatch() + MOST_SECONDS
        pages = 0

        def time_is_up() -> bool:
            nonlocal pages
            pages += 1
            return self.stopwatch() >= deadline

        reader = HistoryReader(self.cloudtrail, functions, sightings, before)
        reading, found = reader.read(begun, moves, time_is_up)
        together = tuple(dict.fromkeys((*moves, *found)))
        if pages > len(MoveKind) and reading.missing is None:  # fewer are read again as fast
            kept = {"reading": reading.to_dict(), "moves": [move.to_dict() for move in together]}
            self.store.put_json(self._key, kept)
        if not reading.finished:
            reading = reading.failed(f"{LOOKUP_EVENTS} takes more than {MOST_SECONDS // 60} minutes")
        return RegionHistory.of(reading, together, sightings, required=True)

    def _kept(self) -> tuple[Reading | None, tuple[AliasMove, ...]]:
        kept = self.store.get_json(self._key)
        if kept is None:
            return None, ()
        return Reading.from_dict(kept["reading"]), tuple(map(AliasMove.from_dict, kept["moves"]))

    @property
    def _key(self) -> str:
        return f"{self.place}moved-since.json"
