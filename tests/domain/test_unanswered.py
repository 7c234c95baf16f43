"""Questions that nobody answers: recalled once, on a working day; then mentioned once; then asked monthly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.remember import after_answer, after_expiry
from orchestrator.domain.unanswered import (
    Escalation,
    escalation,
    next_question_on,
    reminder_at,
    withheld_until,
)
from tests.builders import TODAY
from tests.memories import a_memory, an_expiry, in_days


def at(day, hour=8):
    return datetime(2026, 11, day, hour, tzinfo=UTC)  # 2 November 2026 is a Monday


def expired(times):
    memory = a_memory()
    for week in range(times):
        memory = after_expiry(memory, an_expiry(f"run-{week}"))
    return memory


# The reminder


@pytest.mark.parametrize(
    ("expires", "reminds"),
    [
        (at(6), at(5)),  # Friday: on Thursday
        (at(7), at(6)),  # Saturday: on Friday
        (at(8), at(6)),  # Sunday: Saturday is no day for it, so on Friday
        (at(9), at(6)),  # Monday: Sunday is none either
        (at(10), at(9)),  # Tuesday: on Monday
        (at(8, 23), at(6, 23)),
    ],
)
def test_a_question_is_recalled_a_day_before_it_expires_and_never_at_the_weekend(expires, reminds):
    assert reminder_at(at(2), expires) == reminds


def test_a_question_that_lasts_a_day_is_not_recalled():
    assert reminder_at(at(4), at(5)) is None


def test_a_question_asked_at_the_weekend_is_not_recalled_before_it_was_asked():
    assert reminder_at(at(7), at(9)) is None


@given(
    asked=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    lasts=st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_a_reminder_is_always_between_the_question_and_its_end_and_on_a_working_day(asked, lasts):
    reminds = reminder_at(asked, asked + lasts)

    if reminds is not None:
        assert asked < reminds <= asked + lasts - timedelta(days=1)
        assert reminds.weekday() < 5
        assert asked + lasts - reminds <= timedelta(days=3)
    else:
        assert lasts <= timedelta(days=3)


# Expiry after expiry


def test_the_approvers_are_mentioned_once_and_the_schedule_says_once_that_it_asks_less():
    assert [escalation(expired(times)) for times in range(7)] == [
        Escalation.NONE,
        Escalation.NONE,
        Escalation.MENTION,
        Escalation.NONE,
        Escalation.MONTHLY,
        Escalation.NONE,
        Escalation.NONE,
    ]


def test_after_three_expiries_the_schedule_still_asks_at_every_occasion():
    assert next_question_on(expired(3)) is None
    assert withheld_until(expired(3), TODAY) is None


def test_after_four_expiries_the_schedule_asks_four_weeks_after_it_asked_last():
    memory = expired(4)  # each was asked a week ago

    assert next_question_on(memory) == in_days(21)
    assert withheld_until(memory, in_days(20)) == in_days(21)
    assert withheld_until(memory, in_days(21)) is None


def test_an_answer_brings_the_schedule_back():
    assert withheld_until(after_answer(expired(9)), TODAY) is None


def test_a_count_without_its_days_holds_nothing_back():
    assert withheld_until(a_memory(expired_in_a_row=9), TODAY) is None
