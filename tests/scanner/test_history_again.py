"""How aliases moved since a scan is read once for all batches before their deletes, and then only what is new."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.aws import Cloud
from orchestrator.aws import alias_history
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.alias_history import AliasMove
from orchestrator.domain.memory import Sighting
from orchestrator.domain.slices import Reading
from orchestrator.domain.versions import Alias
from orchestrator.scanner.history import HistoryReader, RegionHistory
from orchestrator.scanner.history_again import MOST_SECONDS, HistoryAgain
from tests.builders import NOW

FUNCTIONS = frozenset({"orders"})
AT_THE_SCAN = {"orders": (Sighting(first_seen=NOW, last_seen=NOW, aliases=(Alias(name="live", version=35),)),)}


class Region:
    """A region in which time passes after a scan, and what its batches read of it."""

    def __init__(self, folder: Path, *, pages_in_time: int = 1_000) -> None:
        self.now = NOW
        self.cloud = Cloud(clock=lambda: self.now, sleep=lambda _: None)
        self.orders = self.cloud.function("orders").publish(43, age_days=40).alias("live", 35)
        self._moments = itertools.count(0, MOST_SECONDS / pages_in_time)
        self._store, self._cloudtrail = DirectoryStore(folder), self.cloud.client("cloudtrail")

    def moves(self, *minutes: float) -> None:
        """Let the alias move so many minutes after the scan."""
        for minute in minutes:
            self.orders.alias("live", 1 + int(minute) % 40, at=NOW + timedelta(minutes=minute))

    def batch(self, minute: float) -> RegionHistory:
        """Read the history for a batch so many minutes after the scan."""
        self.now = NOW + timedelta(minutes=minute)
        self.cloud.calls.reset()
        again = HistoryAgain(self._cloudtrail, self._store, "run/", lambda: float(next(self._moments)))
        return again.read(self._begun(), FUNCTIONS, AT_THE_SCAN)

    def all_told(self) -> set[AliasMove]:
        """What CloudTrail tells at this moment, read from the scan on."""
        reader = HistoryReader(self._cloudtrail, FUNCTIONS, AT_THE_SCAN)
        _, moves = reader.read(self._begun(), (), lambda: False)
        return set(moves)

    @property
    def asked(self) -> int:
        """How often the last batch asked CloudTrail."""
        return self.cloud.calls["LookupEvents"]

    @property
    def kept(self) -> bool:
        """Whether anything is kept for the next batch."""
        return self._store.get_json("run/moved-since.json") is not None

    def _begun(self) -> Reading:
        return Reading.begin(self.now, NOW - timedelta(minutes=20), self.now)


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path)


def moved(history: RegionHistory) -> set[AliasMove]:
    """What a batch knows of the function's aliases."""
    return set(history.moves.get("orders", ()))


def test_of_thousands_of_moves_the_second_batch_reads_only_the_last_minutes(region: Region) -> None:
    region.moves(*range(1, 2_001))

    first, asked_first = region.batch(2_100), region.asked
    second = region.batch(2_102)

    assert asked_first == 2_000 / 50 + 2
    assert region.asked == 3
    assert moved(first) == moved(second) == region.all_told()


def test_a_move_between_two_batches_is_known_to_the_second(region: Region) -> None:
    region.moves(*range(1, 301))
    region.batch(310)
    region.moves(311)

    assert max(move.at for move in moved(region.batch(312))) == NOW + timedelta(minutes=311)


def test_a_move_that_was_told_late_is_known_to_the_batch_after(region: Region) -> None:
    region.moves(*range(1, 301))
    region.cloud.trail.lag = timedelta(minutes=15)
    region.moves(307)
    region.batch(310)

    assert NOW + timedelta(minutes=307) in {move.at for move in moved(region.batch(323))}


def test_where_little_moved_nothing_is_kept_and_a_batch_asks_three_times(region: Region) -> None:
    region.moves(1, 2, 3)

    for minute in (10, 11):
        assert len(moved(region.batch(minute))) == 3
        assert region.asked == 3
    assert not region.kept


def test_a_reading_that_takes_too_long_holds_the_batch_and_the_next_goes_on_with_it(tmp_path: Path) -> None:
    region = Region(tmp_path, pages_in_time=25)
    region.moves(*range(1, 2_001))

    first, second = region.batch(2_100), region.batch(2_106)

    assert first.reading.missing is not None
    assert first.reading.missing.words == "cloudtrail:LookupEvents takes more than 5 minutes"
    assert second.reading.missing is None
    assert region.asked <= 2_000 / 50 - 24 + 4  # what the first left, and the last minutes of each kind
    assert moved(second) == region.all_told()


def test_what_a_reading_that_was_refused_told_is_not_kept(region: Region) -> None:
    region.moves(*range(1, 301))
    region.cloud.faults.deny("LookupEvents", nth=3)

    assert region.batch(310).reading.missing is not None
    assert not region.kept
    assert region.batch(311).reading.missing is None


@contextmanager
def small_pages() -> Iterator[None]:
    """Let CloudTrail tell two events a page, so that few events are many pages."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alias_history, "PAGE_SIZE", 2)
        yield


MINUTES = st.integers(1, 400)


@given(
    moves=st.lists(MINUTES, max_size=12, unique=True),
    batches=st.lists(st.tuples(MINUTES, st.integers(0, 20)), min_size=1, max_size=4),
    pages_in_time=st.sampled_from((2, 3, 5, 1_000)),
)
def test_a_batch_knows_at_least_what_reading_everything_anew_would_tell(
    moves: list[int], batches: list[tuple[int, int]], pages_in_time: int
) -> None:
    with TemporaryDirectory() as folder, small_pages():
        region = Region(Path(folder), pages_in_time=pages_in_time)
        region.moves(*moves)
        for minute, lag in sorted(batches):
            region.cloud.trail.lag = timedelta(minutes=lag)
            history = region.batch(minute)
            if history.reading.missing is None:
                assert moved(history) >= region.all_told()
                assert all(move.at <= _end_of_second(region.now) for move in moved(history))


def _end_of_second(moment: datetime) -> datetime:
    return moment + timedelta(seconds=1)
