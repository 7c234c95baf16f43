"""However a scan is cut, and in whatever order AWS lists, the report is the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakes.aws import Cloud
from orchestrator.domain.policy import Policy
from orchestrator.domain.slices import Asking, Confirmed, Listing
from orchestrator.scanner.confirming import BUNDLE
from orchestrator.scanner.parts import PartSize
from orchestrator.scanner.phases import SLICE_SECONDS
from tests.builders import NOW
from tests.laws import one_in
from tests.scanner.scanning import a_scanner, asked_region, go_on, scan, time_for

DAY = timedelta(days=1)
PAGES = 5
ANY_NUMBER = Policy(max_deletions=1_000)


def a_fleet():
    """Five functions on five pages of a listing, each held in a way of its own."""
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    for index, name in enumerate(["aaa", "bbb", "ccc", "ddd", "eee"]):
        function = cloud.function(name, memory_mb=256 * (index + 1)).publish(13, age_days=20).publish(27, age_days=0)
        function.alias("live", 40 - index, weights={index + 1: 0.1}).invoked("live", every=DAY, count=40)
        function.invoked(2 + index, at=NOW - timedelta(days=3)).policy(7 + index).event_source(13 - index)
    cloud.functions["eee"].versions[40].state = "Failed"
    return cloud


def told(scanned):
    """What a report says, without how many calls it took."""
    summary = scanned.summary.to_dict()
    summary.pop("calls")
    return scanned.report["rows"], summary, scanned.candidates


@pytest.fixture(scope="module")
def in_order(tmp_path_factory):
    return scan(a_fleet(), tmp_path_factory.mktemp("in order"), policy=ANY_NUMBER)


@pytest.mark.parametrize(("looks", "most"), [(1, 1_000), (2, 30), (3, 7)])
def test_a_scan_in_slices_says_what_a_scan_in_one_says(tmp_path, looks, most):
    policy = Policy(max_deletions=most)
    at_once = scan(a_fleet(), tmp_path / "at once", policy=policy)
    in_slices = scan(a_fleet(), tmp_path / "in slices", policy=policy, stopwatch=time_for(looks))

    assert told(in_slices) == told(at_once)
    assert at_once.slices == {
        "discover-snapstart": 1,
        "stage-a-age-and-keep-last-n": 1,
        "stage-b-usage-and-protection": 2,
        "confirm-state": 1,
    }
    assert in_slices.slices["discover-snapstart"] > 1


def test_every_phase_has_a_slices_time_of_its_own(tmp_path):
    now = 0.0
    scanner = a_scanner(a_fleet(), tmp_path, policy=ANY_NUMBER, stopwatch=lambda: now)
    scanner.discover(Listing(), 1)
    found = asked_region(scanner)
    found = replace(found, in_question=scanner.stage_b(found, Asking()).in_question)

    now += 10 * SLICE_SECONDS
    confirmed = scanner.confirm(found, Confirmed(), 1)

    assert found.in_question > BUNDLE
    assert confirmed.finished


def test_a_large_region_is_asked_part_by_part_and_says_the_same(tmp_path, in_order):
    in_parts = scan(a_fleet(), tmp_path, policy=ANY_NUMBER, stopwatch=time_for(1), part_size=PartSize(versions=80))

    assert told(in_parts) == told(in_order)
    assert in_parts.candidates == in_order.candidates
    assert in_parts.seen == in_order.seen
    assert in_parts.reported.inventory == in_order.reported.inventory
    assert in_parts.slices["stage-b-usage-and-protection"] > 3


@one_in(40)
@given(order=st.permutations(range(PAGES)))
@example(order=list(reversed(range(PAGES))))
def test_the_order_of_pages_never_matters(tmp_path_factory, in_order, order):
    folder = tmp_path_factory.mktemp("shuffled")
    scanner = a_scanner(a_fleet(), folder, policy=ANY_NUMBER, stopwatch=time_for(1))

    listing = Listing()
    for number in order:
        listing = scanner.discover(listing, number + 1)

    assert listing.marker is None
    assert told(go_on(scanner, folder, listings=PAGES)) == told(in_order)


def test_a_page_that_is_listed_twice_counts_once(tmp_path, in_order):
    scanner = a_scanner(a_fleet(), tmp_path, policy=ANY_NUMBER, stopwatch=time_for(1))
    second = scanner.discover(Listing(), 1)
    scanner.discover(second, 2)
    listing, listings = second, 2
    while listing.marker:
        listings += 1
        listing = scanner.discover(listing, listings)

    assert told(go_on(scanner, tmp_path, listings=listings)) == told(in_order)


def test_calls_side_by_side_say_what_calls_one_after_the_other_say(tmp_path, in_order):
    side_by_side = scan(a_fleet(), tmp_path, policy=ANY_NUMBER, workers=ThreadPoolExecutor)

    assert told(side_by_side) == told(in_order)
    assert side_by_side.summary.calls == in_order.summary.calls


@pytest.mark.parametrize("looks", [1, 2])
def test_progress_never_says_more_than_its_total_and_never_goes_back(tmp_path, looks):
    said = []
    policy = Policy(max_deletions=30)
    scan(
        a_fleet(),
        tmp_path,
        policy=policy,
        stopwatch=time_for(looks),
        progress=lambda step, done, total: said.append((step, done, total)),
    )

    beyond_the_listing = [(step, done) for step, done, _ in said if step > 1]
    assert beyond_the_listing == sorted(beyond_the_listing)
    assert all(done <= total for step, done, total in said if step > 1)
    assert [step for step, _, _ in said] == sorted(step for step, _, _ in said)
    assert {step for step, _, _ in said} == {1, 2, 3}
