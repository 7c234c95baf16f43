"""Read how aliases moved since a scan, before its deletes: once for all batches, and then only what is new.

CloudTrail is asked once a second and tells fifty events each time, and a busy region moves its aliases thousands of
times while a question waits. What it tells comes late, but never changes: so the next batch reads the last minutes
again, and what came since. Where a reading took too long, or broke off, the next goes on with it.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from orchestrator.aws.alias_history import LOOKUP_EVENTS, CloudTrail
from orchestrator.domain.alias_history import CLOCKS_DIFFER, AliasMove, MoveKind, Sightings
from orchestrator.domain.slices import Reading
from orchestrator.scanner.history import HistoryReader, RegionHistory

if TYPE_CHECKING:
    from orchestrator.aws.storage import Store

log = logging.getLogger(__name__)

MOST_SECONDS = 300
"""The longest that alias events are read before one batch."""
FRESH_SECONDS = 60
"""After a reading that took longer, what came meanwhile is read too."""


@dataclass(frozen=True, slots=True)
class _Told:
    """How far the events were read, and what they told."""

    reading: Reading
    moves: tuple[AliasMove, ...]


@dataclass(frozen=True, slots=True)
class HistoryAgain:
    """Reads events that an earlier reading may have told in part."""

    cloudtrail: CloudTrail
    store: Store
    place: str
    """The prefix of the hand-offs, such as `intermediate/<execution>/`."""
    stopwatch: Callable[[], float]

    def read(self, begin: Callable[[], Reading], functions: frozenset[str], sightings: Sightings) -> RegionHistory:
        """Tell where the aliases of these functions pointed until now. Raises CredentialsError."""
        deadline = self.stopwatch() + MOST_SECONDS
        begun, began_at = begin(), self.stopwatch()
        told = self._read(begun, self._kept(begun), functions, sightings, deadline)
        while told.reading.read_in_full and self.stopwatch() - began_at > FRESH_SECONDS:
            began_at = self.stopwatch()
            told = self._read(begin(), told, functions, sightings, deadline)
        reading = told.reading
        if not reading.finished:
            reading = reading.failed(f"{LOOKUP_EVENTS} takes more than {MOST_SECONDS // 60} minutes")
        return RegionHistory.of(reading, told.moves, sightings, required=True)

    def _read(
        self, begun: Reading, before: _Told | None, functions: frozenset[str], sightings: Sightings, deadline: float
    ) -> _Told:
        pages = 0

        def time_is_up() -> bool:
            nonlocal pages
            pages += 1
            return self.stopwatch() >= deadline

        reader = HistoryReader(self.cloudtrail, functions, sightings, before=before.reading if before else None)
        known = before.moves if before else ()
        reading, found = reader.read(begun, known, time_is_up)
        told = _Told(reading, tuple(dict.fromkeys(chain(known, found))))
        is_more = before is None or reading.read_in_full or _joins(reading, before.reading)
        if is_more and pages > len(MoveKind):  # fewer are read again as fast
            self._keep(told)
        return told

    def _keep(self, told: _Told) -> None:
        rows = chain((told.reading.to_dict(),), (move.to_dict() for move in told.moves))
        self.store.put_lines(self._key, rows)

    def _kept(self, begun: Reading) -> _Told | None:
        """What the batch before read; None where nothing, nothing readable, or nothing believable is kept."""
        try:
            first, *rows = self.store.read_lines(self._key)
            told = _Told(Reading.from_dict(first), tuple(map(AliasMove.from_dict, rows)))
            believable = told.reading.begun_at <= begun.begun_at + CLOCKS_DIFFER
            return told if believable and set(told.reading.read_back_to) == set(MoveKind) else None
        except FileNotFoundError:
            return None
        except (AttributeError, LookupError, TypeError, ValueError, OSError, EOFError, zlib.error) as problem:
            log.warning("alias events are read anew", extra={"key": self._key, "problem": str(problem)})
            return None

    @property
    def _key(self) -> str:
        return f"{self.place}moved-since"


def _joins(reading: Reading, before: Reading) -> bool:
    """Whether a reading came down to all that the one before it told: else more is known without it."""
    parts = ((kind, before.told_for_good(kind)) for kind in MoveKind)
    return all(part is None or reading.read_back_to[kind] <= part[0] for kind, part in parts)
