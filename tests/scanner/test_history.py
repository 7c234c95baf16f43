"""Where aliases pointed, read in slices, as far back as needed, and what is asked again before a delete."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.aws import Cloud
from orchestrator.aws import alias_history
from orchestrator.domain.memory import Sighting
from orchestrator.domain.policy import Policy
from orchestrator.domain.recalled import Recalled
from orchestrator.domain.slices import Listed, Listing, Reading
from orchestrator.domain.versions import Alias, FunctionFacts
from orchestrator.scanner.history import HistoryReader, RegionHistory
from orchestrator.scanner.phases import SLICE_SECONDS
from tests.builders import days_ago
from tests.laws import one_in
from tests.memories import a_memory
from tests.scanner.scanning import a_scanner, judged_again, time_for

NOW = days_ago(0)
DAY = timedelta(days=1)
LATE = timedelta(minutes=10)
WEEKLY = Sighting(first_seen=days_ago(60), last_seen=days_ago(7), aliases=(Alias(name="live", version=35),))


@pytest.fixture
def orders(cloud):
    """Version 35 is live since it was published, 23 days ago; 41 to 43 stay as the newest."""
    cloud.function("mailer").publish(4, age_days=40).alias("live", 4).invoked("live", every=DAY)
    return cloud.function("orders").publish(43, age_days=15).alias("live", 35)


def held(found, flag="recently_live"):
    return [label for label, row in found.rows.items() if flag in row["reason_flags"]]


def test_the_release_that_was_live_until_a_minute_ago_is_held_and_no_other(orders, scan):
    orders.alias("live", 40, at=NOW - timedelta(minutes=1))

    found = scan()

    assert held(found) == ["orders:35"]
    assert "orders:34" in found.offered
    assert "orders:36" in found.offered


def test_while_cloudtrail_has_not_told_of_the_move_no_version_of_the_function_is_offered(cloud, orders, scan):
    cloud.trail.lag = LATE
    orders.alias("live", 40, at=NOW - timedelta(minutes=1))

    found = scan()

    assert found.offered == ["mailer:1"]
    assert "orders:35" in held(found)


def test_an_alias_that_went_lately_from_nobody_knows_where_holds_its_function(cloud, orders, scan):
    cloud.trail.by_name.clear()
    orders.remove_alias("live", at=days_ago(3))

    assert scan().offered == ["mailer:1"]


def test_with_alias_history_off_cloudtrail_is_not_asked_and_every_row_says_so(cloud, orders, scan):
    orders.alias("live", 40, at=NOW - timedelta(minutes=1))

    found = scan(policy=Policy(alias_history_required=False))

    assert "orders:35" in found.offered
    assert cloud.calls["LookupEvents"] == 0
    assert found.rows["orders:35"]["not_asked"] == ["alias_history"]
    assert found.summary.alias_history_off


def test_functions_of_a_stack_in_motion_are_held_until_it_is_at_rest(cloud, orders, scan):
    cloud.stack("shop", "UPDATE_ROLLBACK_FAILED", functions=[orders])
    assert held(scan(), "stack_in_motion") == [f"orders:{number}" for number in range(43, 0, -1)]


def test_where_nothing_is_old_enough_cloudtrail_is_not_asked(tmp_path):
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    cloud.function("young").publish(9, age_days=1).alias("live", 9)
    scanner = a_scanner(cloud, tmp_path)
    scanner.discover(Listing(), 1)
    assert scanner.ask_region(Listed(listed=9, fleet=scanner.stage_a(1))).finished
    assert cloud.calls["LookupEvents"] == 0


# As far back as needed, and in slices


def read(cloud, tmp_path, *, memory=None, **given):
    """Read the alias events of a region slice by slice; return the readings."""
    scanner = a_scanner(cloud, tmp_path, **given)
    scanner.discover(Listing(), 1)
    fleet = scanner.stage_a(1)
    if memory is not None:
        scanner.go_by(memory)
    readings = [scanner.ask_region(Listed(listed=fleet.snapstart, fleet=fleet))]
    while not readings[-1].finished:
        readings.append(scanner.alias_history(readings[-1]))
    return readings


def known_days(reading):
    return round((NOW - reading.known_since) / timedelta(days=1))


@pytest.mark.usefixtures("orders")
def test_a_first_scan_reads_all_that_cloudtrail_remembers_in_three_questions(cloud, tmp_path):
    (reading,) = read(cloud, tmp_path)

    assert known_days(reading) == 90
    assert cloud.calls["LookupEvents"] == 3


def remembering(*sightings):
    memory = a_memory(sightings={"orders": sightings})
    return Recalled(memory=memory, day=NOW.date(), asked_for=True)


def moves_every_hour(cloud, days=80):
    """An alias that never rests."""
    restless = cloud.function("restless").publish(2)
    for hour in range(1, 24 * days):
        restless.alias("live", 1 + hour % 2, at=NOW - timedelta(hours=hour))


def pages(days):
    """How often CloudTrail is asked for the moves of so many days, and for what was made and removed."""
    return 24 * days // 50 + 1 + 2


@pytest.mark.usefixtures("orders")
def test_a_weekly_scan_reads_the_minimum_age_and_no_more(cloud, tmp_path):
    moves_every_hour(cloud)

    (reading,) = read(cloud, tmp_path, memory=remembering(WEEKLY))

    assert known_days(reading) == 14
    assert cloud.calls["LookupEvents"] == pages(14)


def test_more_is_read_while_an_alias_moved_from_nobody_knows_where(cloud, orders, tmp_path):
    moves_every_hour(cloud)
    orders.alias("canary", 2, at=days_ago(40)).alias("canary", 3, at=days_ago(12))

    (reading,) = read(cloud, tmp_path, memory=remembering(WEEKLY))

    assert known_days(reading) == 56
    assert cloud.calls["LookupEvents"] <= pages(56) + 2 * 2


def test_where_little_moves_three_questions_more_tell_everything(cloud, orders, tmp_path):
    orders.alias("canary", 2, at=days_ago(80)).alias("canary", 3, at=days_ago(12))

    (reading,) = read(cloud, tmp_path, memory=remembering(WEEKLY))

    assert known_days(reading) == 90
    assert cloud.calls["LookupEvents"] == 2 * 3


@pytest.mark.parametrize("days", [89, 90, 455])
@pytest.mark.parametrize("listing_took", [0, 0.5, 100])
def test_a_minimum_age_beyond_what_cloudtrail_remembers_is_read_to_where_it_remembers(tmp_path, days, listing_took):
    moments = {"now": NOW}
    cloud = Cloud(clock=lambda: moments["now"], sleep=lambda _: None)
    cloud.function("ancient").publish(6, age_days=500).alias("live", 6)
    later = {"now": NOW + timedelta(seconds=listing_took)}
    cloud.faults.meanwhile("ListFunctions", lambda: moments.update(later))

    (reading,) = read(cloud, tmp_path, policy=Policy(min_age_days=days, lookback_days=455))

    assert reading.missing is None
    assert cloud.calls["LookupEvents"] == 3


def test_thousands_of_moves_are_read_in_slices_and_nothing_is_read_twice(cloud, orders, tmp_path):
    for number in range(2_000):
        orders.alias("live", 35 + number % 2, at=NOW - timedelta(minutes=60 * number))

    readings = read(cloud, tmp_path, stopwatch=time_for(10))

    assert len(readings) > 4
    assert readings[-1].missing is None
    pages = -(-2_000 // 50) + 2
    assert pages <= cloud.calls["LookupEvents"] <= pages + len(readings)


def test_the_events_of_each_slice_survive_to_the_verdict(orders, scan):
    for number in range(1, 301):
        orders.alias("live", 1 + number % 5, at=NOW - timedelta(minutes=number))
    orders.alias("live", 35)

    assert held(scan(stopwatch=time_for(2))) == [f"orders:{number}" for number in (5, 4, 3, 2, 1)]


def two_a_second(move):
    """What at most two moves of one second differ in: more than a slice reads would never be read."""
    second, version = move
    return second, version % 2


@one_in(2)
@given(
    moved=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 6)), max_size=12, unique_by=two_a_second),
    seen_seconds_ago=st.none() | st.integers(1, 120),
    pages_in_time=st.sampled_from((3, 5, 1_000)),
)
def test_wherever_pages_and_slices_end_a_version_that_was_live_lately_is_never_free(
    moved, seen_seconds_ago, pages_in_time
):
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    orders = cloud.function("orders").publish(6, age_days=40).alias("live", 1)
    pointed = [(timedelta(days=40), 1)]
    for second, version in sorted(moved, reverse=True):
        orders.alias("live", version, at=NOW - timedelta(seconds=second))
        pointed.append((timedelta(seconds=second), version))
    since = timedelta(seconds=45)
    live = {version for (_, version), (end, _) in pairwise([*pointed, (timedelta(0), 0)]) if end <= since}
    sightings = {} if seen_seconds_ago is None else {"orders": (sighted(pointed, timedelta(seconds=seen_seconds_ago)),)}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alias_history, "PAGE_SIZE", 2)
        reader = HistoryReader(cloud.client("cloudtrail"), frozenset({"orders"}), sightings)
        reading, moves = Reading.begin(NOW, NOW - since, NOW), []
        while not reading.finished:
            time_for_pages = time_for(pages_in_time)
            reading, more = reader.read(reading, moves, lambda: time_for_pages() >= SLICE_SECONDS)  # noqa: B023
            moves += more
    aliases = (Alias(name="live", version=pointed[-1][1]),)
    history = RegionHistory.of(reading, moves, sightings, required=True)
    answer = history.live_lately(FunctionFacts(name="orders", versions=()), aliases)

    assert answer.unknown or live <= answer.versions | {pointed[-1][1]}


def sighted(pointed, ago):
    """What a scan found so long ago, a moment after what was done in that second."""
    version = next(version for at, version in reversed(pointed) if at >= ago)
    at = NOW - ago + timedelta(seconds=0.99)
    return Sighting(first_seen=at, last_seen=at, aliases=(Alias(name="live", version=version),))


# Asked again before a delete


def again(cloud, tmp_path, *, scanned_at=None, sightings=(), **given):
    scanner = a_scanner(cloud, tmp_path, sightings=lambda: {"orders": tuple(sightings)}, **given)
    scanner.scanned_at = scanned_at or scanner.scanned_at
    verdict = judged_again(scanner, [("orders", 12)])["orders", 12]
    return [flag.value for flag in verdict.flags]


def test_a_release_that_was_live_while_the_question_waited_stays(cloud, orders, tmp_path):
    orders.alias("live", 12, at=days_ago(1)).alias("live", 35, at=days_ago(0.9))
    at_the_scan = Sighting(first_seen=days_ago(2), last_seen=days_ago(2), aliases=(Alias(name="live", version=35),))

    assert again(cloud, tmp_path, scanned_at=days_ago(2), sightings=[at_the_scan]) == ["recently_live"]


def test_a_move_that_the_scan_could_not_be_told_of_is_noticed(cloud, orders, tmp_path):
    cloud.trail.by_name.clear()
    orders.alias("live", 40, at=days_ago(0.003))

    assert again(cloud, tmp_path) == ["recently_live"]


@pytest.mark.usefixtures("orders")
def test_nothing_moved_since_the_scan_and_the_version_goes(cloud, tmp_path):
    assert again(cloud, tmp_path, scanned_at=days_ago(2)) == ["no_activity_and_stale"]
    assert cloud.calls["LookupEvents"] == 3


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_events_that_cannot_be_read_again_hold_the_version(cloud, tmp_path, how):
    getattr(cloud.faults, how)("LookupEvents")

    assert again(cloud, tmp_path) == ["not_judged"]


@pytest.mark.usefixtures("orders")
def test_events_that_take_too_long_hold_the_version(cloud, tmp_path):
    moments = iter(range(0, 1_000_000, 301))

    assert again(cloud, tmp_path, stopwatch=lambda: float(next(moments))) == ["not_judged"]


@pytest.mark.usefixtures("orders")
def test_with_alias_history_off_it_is_not_asked_again_either(cloud, tmp_path):
    assert again(cloud, tmp_path, policy=Policy(alias_history_required=False)) == ["no_activity_and_stale"]
    assert cloud.calls["LookupEvents"] == 0


def test_a_stack_that_began_to_move_holds_its_versions(cloud, orders, tmp_path):
    cloud.stack("shop", "UPDATE_IN_PROGRESS", functions=[orders])

    assert again(cloud, tmp_path) == ["stack_in_motion"]
