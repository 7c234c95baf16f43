"""Days in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.days import day_at, day_of, read_day


def test_a_moment_falls_on_its_day_in_utc():
    assert day_of(datetime(2026, 11, 20, 23, 30, tzinfo=timezone(timedelta(hours=-2)))) == date(2026, 11, 21)
    assert day_of(datetime(2026, 11, 20, 23, 30, tzinfo=UTC)) == date(2026, 11, 20)


@given(seconds=st.integers(min_value=0, max_value=4_000_000_000))
def test_seconds_fall_on_the_day_of_their_moment(seconds):
    assert day_at(seconds) == day_of(datetime.fromtimestamp(seconds, UTC))


@given(day=st.dates())
def test_a_day_is_read_as_it_is_written(day):
    assert read_day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text", ["", "today", "20261120", "2026-11-31", "2026-W47-5", "2026-11-20T00:00", " 2026-11-20"]
)
def test_what_names_no_day_is_none(text):
    assert read_day(text) is None
