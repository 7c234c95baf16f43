"""The pause: in force until its day is over or an approver resumes, and whenever it cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.domain.pause import (
    NAME_AT_MOST,
    REASON_AT_MOST,
    UnreadablePause,
    pause_after,
    read_pause,
    resumed_after,
    why_nothing_is_deleted,
)
from orchestrator.domain.runs import Approver
from tests.builders import NOW, TODAY
from tests.memories import a_pause, in_days

APPROVER = Approver("U0APPROVER", "approver")


def stored(pause):
    return json.loads(json.dumps(pause.to_dict()))


@pytest.mark.parametrize(
    "pause",
    [a_pause(), a_pause(until=TODAY, reason=None), a_pause().resumed(APPROVER, NOW)],
    ids=["without an end", "with an end", "resumed"],
)
def test_a_pause_is_read_back_as_it_was_stored(pause):
    assert read_pause(stored(pause)) == pause


def test_fields_of_a_release_after_are_ignored():
    assert read_pause({**stored(a_pause()), "ticket": "OPS-7"}) == a_pause()


def test_very_long_words_are_stored_in_short():
    kept = read_pause(stored(a_pause(name="n" * 500, reason="r" * 5_000)))

    assert (len(kept.name), len(kept.reason)) == (NAME_AT_MOST, REASON_AT_MOST)


# In force


def test_without_a_record_nothing_is_paused():
    assert why_nothing_is_deleted(None, NOW) is None


def test_a_pause_without_an_end_is_in_force_until_somebody_resumes():
    pause = a_pause()

    assert pause.in_force(NOW + timedelta(days=900))
    assert not pause.resumed(APPROVER, NOW).in_force(NOW)


def test_a_pause_with_an_end_is_in_force_until_that_day_is_over_in_utc():
    pause = a_pause(until=date(2026, 11, 30))
    late = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)

    assert pause.in_force(late)
    assert not pause.in_force(late + timedelta(seconds=1))
    assert why_nothing_is_deleted(pause, late + timedelta(seconds=1)) is None


def test_who_resumed_first_stands_there():
    resumed = a_pause().resumed(APPROVER, NOW)

    assert resumed.resumed(Approver("U0OTHER", "other"), NOW + timedelta(hours=1)) == resumed


# Words


@pytest.mark.parametrize(
    ("pause", "words"),
    [
        (a_pause(), "paused by @other: release freeze"),
        (a_pause(reason=None), "paused by @other"),
        (a_pause(until=date(2027, 1, 31)), "paused by @other until 31 Jan 2027: release freeze"),
    ],
)
def test_a_pause_says_who_until_when_and_why(pause, words):
    assert why_nothing_is_deleted(pause, NOW) == words


# Unreadable


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ([], "the record must be an object, not []"),
        (None, "the record must be an object, not None"),
        ({}, "schema_version must be 1, not 0"),
        ({**stored(a_pause()), "schema_version": 2}, "schema_version must be 1, not 2"),
        ({**stored(a_pause()), "by": None}, "by must be a text"),
        ({**stored(a_pause()), "since": "noon"}, "since must be a moment"),
        ({**stored(a_pause()), "until": "soon"}, "until must be a day"),
        ({**stored(a_pause()), "resumed_at": "2026-11-20T12:00:00Z"}, "resumed_by must be an object, not None"),
    ],
)
def test_what_cannot_be_read_is_a_pause_at_any_time(record, words):
    pause = read_pause(record)

    assert isinstance(pause, UnreadablePause)
    assert pause.words.startswith(words)
    assert pause.in_force(NOW)
    assert why_nothing_is_deleted(pause, NOW) == f"paused, because control/pause.json cannot be read: {pause.words}"


# One after the other


@pytest.mark.parametrize(
    ("before", "asked", "in_force"),
    [
        (None, a_pause(until=TODAY), a_pause(until=TODAY)),
        (UnreadablePause("damaged"), a_pause(until=TODAY), a_pause()),
        (a_pause(by="U1"), a_pause(until=TODAY), a_pause(by="U1")),
        (a_pause(by="U1"), a_pause(), a_pause(by="U1")),
        (a_pause(by="U1", until=TODAY), a_pause(), a_pause()),
        (a_pause(by="U1", until=TODAY), a_pause(until=in_days(1)), a_pause(until=in_days(1))),
        (a_pause(by="U1", until=in_days(2)), a_pause(until=in_days(1)), a_pause(by="U1", until=in_days(2))),
        (a_pause(by="U1").resumed(APPROVER, NOW), a_pause(until=TODAY), a_pause(until=TODAY)),
        (a_pause(by="U1", until=in_days(-1)), a_pause(until=in_days(-2)), a_pause(until=in_days(-2))),
    ],
)
def test_a_pause_never_becomes_shorter_by_another(before, asked, in_force):
    assert pause_after(before, asked, NOW) == in_force


@pytest.mark.parametrize("before", [a_pause(), None, UnreadablePause("damaged")])
def test_an_approver_ends_any_pause(before):
    after = resumed_after(before, APPROVER, NOW)

    assert not after.in_force(NOW)
    assert (after.resumed_by, after.resumed_at) == (APPROVER, NOW)
    assert read_pause(stored(after)) == after
