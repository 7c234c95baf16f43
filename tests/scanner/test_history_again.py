"""How aliases moved since a scan is read once for all batches before their deletes, and then only what is new."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.aws import Cloud
from orchestrator.aws import alias_history
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.alias_history import AliasMove, Sightings
from orchestrator.domain.memory import Sighting
from orchestrator.domain.slices import Reading
from orchestrator.domain.versions import Alias, FunctionFacts
from orchestrator.scanner.history import HistoryReader, RegionHistory
from orchestrator.scanner.history_again import MOST_SECONDS, HistoryAgain
from tests.builders import NOW
from tests.laws import one_in

LIVE = (Alias(name="live", version=35),)
KEPT = "moved-since"
NO_END = 100_000


def seen(minute: float) -> tuple[Sighting, ...]:
    """A scan found the alias on 35."""
    at = NOW + timedelta(minutes=minute)
    return (Sighting(first_seen=at, last_seen=at, aliases=LIVE),)


class Region:
    """A region in which time passes after a scan, and what the batches read of it."""

    def __init__(self, folder: Path, sightings: Sightings | None = None) -> None:
        self.now = NOW
        self.cloud = Cloud(clock=lambda: self.now, sleep=lambda _: None)
        for name in ("orders", "mailer"):
            self.cloud.function(name).publish(43, age_days=40).alias("live", 35)
        self._folder = folder
        self._sightings = {"orders": seen(0), "mailer": seen(0)} if sightings is None else sightings
        self._cloudtrail = self.cloud.client("cloudtrail")

    def moves(self, *minutes: float) -> None:
        """Let the alias of `orders` move so many minutes after the scan."""
        for minute in minutes:
            self.does("move", "orders", minute)

    def does(self, what: str, function: str, minute: float) -> None:
        """Somebody does something to an alias, so many minutes after the scan."""
        at, changed = NOW + timedelta(minutes=minute), self.cloud.functions[function]
        if what == "remove" and "live" in changed.aliases:
            changed.remove_alias("live", at=at)
        elif what == "move":
            changed.alias("live", 1 + int(minute) % 40, at=at)

    def batch(self, minute: float, *, function: str = "orders", pages_in_time: int = NO_END) -> RegionHistory:
        """Read the history for a batch of a function, so many minutes after the scan."""
        self.now = NOW + timedelta(minutes=minute)
        self.cloud.calls.reset()
        moments = itertools.count(0, MOST_SECONDS / pages_in_time)
        store = DirectoryStore(self._folder)
        again = HistoryAgain(self._cloudtrail, store, "", lambda: float(next(moments)))
        return again.read(self._begin, frozenset({function}), self._sightings)

    def read_anew(self, function: str = "orders") -> RegionHistory:
        """What a batch would know had it read everything at this moment."""
        reader = HistoryReader(self._cloudtrail, frozenset({function}), self._sightings)
        reading, moves = reader.read(self._begin(), (), lambda: False)
        return RegionHistory.of(reading, moves, self._sightings, required=True)

    def facts(self, function: str) -> FunctionFacts:
        """A function, as far as its history asks for it."""
        return FunctionFacts(name=function, versions=())

    @property
    def asked(self) -> int:
        """How often the last batch asked CloudTrail."""
        return self.cloud.calls["LookupEvents"]

    @property
    def kept(self) -> Path:
        """Where it is kept for the next batch what was read."""
        return self._folder / KEPT

    def _begin(self) -> Reading:
        return Reading.begin(self.now, NOW - timedelta(minutes=20), self.now)


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path)


def moved(history: RegionHistory) -> set[AliasMove]:
    """What is known of `orders`."""
    return set(history.moves.get("orders", ()))


def minutes(history: RegionHistory) -> set[float]:
    """When it moved, in minutes after the scan."""
    return {(move.at - NOW) / timedelta(minutes=1) for move in moved(history)}


def test_of_thousands_of_moves_the_second_batch_reads_only_the_last_minutes(region: Region) -> None:
    region.moves(*range(1, 2_001))

    first, asked_first = region.batch(2_100), region.asked
    second, asked_second = region.batch(2_102), region.asked

    assert asked_first == 2_000 / 50 + 2
    assert asked_second == 3
    assert moved(first) == moved(second) == moved(region.read_anew())


def test_a_move_between_two_batches_is_known_to_the_second(region: Region) -> None:
    region.moves(*range(1, 301))
    region.batch(310)
    region.moves(311)

    assert 311 in minutes(region.batch(312))


def test_a_move_that_was_told_late_is_known_to_the_batch_after(region: Region) -> None:
    region.moves(*range(1, 301))
    region.cloud.trail.lag = timedelta(minutes=15)
    region.moves(307)

    assert 307 not in minutes(region.batch(310))
    assert 307 in minutes(region.batch(323))


def test_where_little_moved_nothing_is_kept_and_a_batch_asks_three_times(region: Region) -> None:
    region.moves(1, 2, 3)

    for minute in (10, 11):
        assert minutes(region.batch(minute)) == {1, 2, 3}
        assert region.asked == 3
    assert not region.kept.exists()


def test_a_reading_that_takes_too_long_holds_its_batch_and_the_next_goes_on_with_it(region: Region) -> None:
    region.moves(*range(1, 2_001))

    first, second = region.batch(2_100, pages_in_time=25), region.batch(2_106)

    assert first.reading.missing is not None
    assert first.reading.missing.words == "cloudtrail:LookupEvents takes more than 5 minutes"
    assert second.reading.missing is None
    assert region.asked <= 2_000 / 50 - 22 + 4  # what the first left, and the last minutes of each kind
    assert moved(second) == moved(region.read_anew())


def test_a_reading_that_breaks_off_holds_its_batch_and_the_next_goes_on_with_it(region: Region) -> None:
    region.moves(*range(1, 2_001))
    region.cloud.faults.deny("LookupEvents", nth=30)

    first, second = region.batch(2_100), region.batch(2_106)

    assert first.reading.missing is not None
    assert second.reading.missing is None
    assert region.asked <= 2_000 / 50 - 28 + 4
    assert moved(second) == moved(region.read_anew())


def test_a_reading_that_did_not_come_down_to_what_is_known_leaves_that_as_it_is(region: Region) -> None:
    region.moves(*range(1, 2_001))
    region.batch(2_100)
    region.moves(*range(2_101, 3_101))

    assert region.batch(3_110, pages_in_time=10).reading.missing is not None
    assert region.batch(3_111).reading.missing is None
    assert region.asked <= 1_000 / 50 + 4


def test_what_moved_during_a_long_reading_is_read_too(region: Region) -> None:
    region.moves(*range(1, 2_001))
    region.cloud.faults.meanwhile("LookupEvents", lambda: region.moves(2_100.5), nth=20)

    assert 2_100.5 not in minutes(region.batch(2_101))

    region.kept.unlink()
    region.cloud.faults.meanwhile("LookupEvents", lambda: region.moves(2_100.75), nth=20)

    assert 2_100.75 in minutes(region.batch(2_101, pages_in_time=60))


DAMAGED = {
    "empty": b"",
    "not compressed": b"{half",
    "cut off": gzip.compress(b"{}")[:10],
    "not what was compressed": gzip.compress(b"{}")[:10] + b"damaged",
    "of another kind": gzip.compress(b"[]"),
    "without fields": gzip.compress(b'{"now": 1}'),
}


@pytest.mark.parametrize("stored", DAMAGED.values(), ids=DAMAGED)
def test_where_what_is_kept_cannot_be_read_everything_is_read_anew(region: Region, stored: bytes) -> None:
    region.moves(*range(1, 301))
    region.batch(310)
    region.kept.write_bytes(stored)

    assert moved(region.batch(311)) == moved(region.read_anew())


def test_a_reading_of_a_later_day_is_not_believed(region: Region) -> None:
    region.moves(*range(1, 301))
    region.batch(2_000)
    region.batch(310)

    assert region.asked > 3


@contextmanager
def small_pages() -> Iterator[None]:
    """Let CloudTrail tell two events a page, so that few events are many pages."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alias_history, "PAGE_SIZE", 2)
        yield


MINUTES = st.integers(1, 400)
FUNCTIONS = st.sampled_from(("orders", "mailer"))
DEEDS = st.tuples(MINUTES, FUNCTIONS, st.sampled_from(("move", "move", "remove")))
BATCHES = st.tuples(MINUTES, FUNCTIONS, st.integers(0, 20), st.sampled_from((2, 3, 5, NO_END)))


@one_in(2)
@given(
    deeds=st.lists(DEEDS, max_size=14, unique_by=lambda deed: deed[0]),
    batches=st.lists(BATCHES, min_size=1, max_size=5),
    unseen=st.booleans(),
)
def test_a_batch_holds_whatever_it_would_hold_had_it_read_everything_anew(
    deeds: list[tuple[int, str, str]], batches: list[tuple[int, str, int, int]], unseen: bool
) -> None:
    sightings = {"orders": seen(-600)} if unseen else None
    with TemporaryDirectory() as folder, small_pages():
        region = Region(Path(folder), sightings)
        for minute, function, what in sorted(deeds):
            region.does(what, function, minute)
        for minute, function, lag, pages_in_time in sorted(batches):
            region.cloud.trail.lag = timedelta(minutes=lag)
            history = region.batch(minute, function=function, pages_in_time=pages_in_time)
            if history.reading.missing is not None:
                continue
            facts, anew = region.facts(function), region.read_anew(function)
            known_since = max(history.reading.known_since, anew.reading.known_since)
            told = {move for move in anew.moves.get(function, ()) if move.at >= known_since}
            assert told <= set(history.moves.get(function, ()))
            if told == {move for move in history.moves.get(function, ()) if move.at >= known_since}:
                assert history.live_lately(facts, LIVE) == anew.live_lately(facts, LIVE)
