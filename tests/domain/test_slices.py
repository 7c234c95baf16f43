"""What a scan's slices hand on: a checkpoint brings it back, also one that the release before wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator.domain.alias_history import MoveKind
from orchestrator.domain.slices import Asking, Confirmed, Fleet, Listing, Reading, calls_of
from tests.builders import NOW, days_ago

READING = Reading.begin(NOW, days_ago(14), NOW)
HANDED_ON = [
    Listing(marker="m", listed=50, snapstart=7, calls={"shared": 3}),
    Fleet(parts=2, survivors=3, snapstart=7),
    READING,
    replace(READING.failed("denied"), calls={"LookupEvents": 2}),
    Reading.nothing(NOW, days_ago(14)),
    Asking(part=2, done=3, in_question=1, slices=4),
    Confirmed(looked_at=3, passed=1, all_asked=True),
]


@pytest.mark.parametrize("value", HANDED_ON, ids=lambda value: type(value).__name__)
def test_a_checkpoint_brings_back_what_was_handed_on_and_ignores_what_it_does_not_know(value):
    stored = json.loads(json.dumps(value.to_dict()))

    assert type(value).from_dict(stored) == value
    assert type(value).from_dict(stored | {"of another release": 1}) == value


def test_what_the_release_before_handed_on_is_read():
    assert Fleet.from_dict({"parts": 2, "functions": 1, "survivors": 3, "snapstart": 7}) == HANDED_ON[1]
    assert Asking.from_dict({"part": 2, "done": 3, "in_question": 1}) == Asking(part=2, done=3, in_question=1)
    assert Confirmed.from_dict({"looked_at": 3, "passed": 1, "finished": True}).finished
    assert Asking.from_dict({"part": 2, "done": 3, "in_question": 1}).calls == {}


def test_the_first_reading_of_the_release_before_stands_beside_other_facts():
    before = {"active": True, "widened": False, "period_seconds": 3600, "alias_history": READING.to_dict()}

    assert Reading.from_dict(json.loads(json.dumps(before))) == READING


def test_a_listing_begins_with_nothing_and_no_marker():
    assert Listing() == Listing(marker=None, listed=0, snapstart=0)


def test_the_calls_of_all_phases_are_added_by_quota_class():
    assert calls_of({"shared": 3, "LookupEvents": 1}, {}, {"shared": 2, "GetAlias": 1}) == {
        "GetAlias": 1,
        "LookupEvents": 1,
        "shared": 5,
    }


def test_an_event_is_told_for_good_once_the_latest_has_come():
    half_a_second = timedelta(seconds=0.5)
    read_back_to = {**READING.read_back_to, MoveKind.MOVED: days_ago(2)}
    read = replace(READING, begun_at=NOW + half_a_second, read_back_to=read_back_to)

    assert read.told_for_good(MoveKind.MOVED) == (days_ago(2), NOW - timedelta(minutes=25))
    assert read.told_for_good(MoveKind.CREATED) is None


def test_a_reading_that_failed_is_finished_and_was_not_read_in_full():
    assert Reading.nothing(NOW, days_ago(14)).read_in_full
    assert not READING.read_in_full
    assert not READING.failed("denied").read_in_full
