"""The window of a lookback: whole periods, none too fine, and no hour at its far end left out."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.aws.lookback import Window, window
from orchestrator.aws.usage import read_usage
from orchestrator.domain.versions import LastCall
from tests.aws.asking import AT_ONCE, HOUR, ask, question


def test_a_window_is_made_of_whole_periods(now):
    found = window(now, 35, 3600)

    assert found == Window(
        start=datetime(2026, 10, 16, 12, tzinfo=UTC),
        end=datetime(2026, 11, 20, 13, tzinfo=UTC),
        settled_end=datetime(2026, 11, 20, 12, tzinfo=UTC),
        period_seconds=3600,
        widened=False,
    )


@pytest.mark.parametrize(
    ("clock", "settled"), [("12:14:59", "11:00"), ("12:15:00", "12:00"), ("12:59:59", "12:00"), ("13:00:00", "12:00")]
)
def test_a_period_settles_a_quarter_of_an_hour_after_its_end(clock, settled):
    now = datetime.fromisoformat(f"2026-11-20T{clock}+00:00")

    assert window(now, 35, 3600).settled_end == datetime.fromisoformat(f"2026-11-20T{settled}:00+00:00")


def test_a_call_of_this_very_moment_lies_in_the_window():
    now = datetime(2026, 11, 20, 13, tzinfo=UTC)

    assert window(now, 35, 3600).end == now + HOUR


@pytest.mark.parametrize(
    ("lookback_days", "period", "used"),
    [
        (14, 60, 60),
        (15, 60, 300),
        (16, 60, 300),
        (16, 420, 600),
        (62, 300, 300),
        (63, 300, 3600),
        (63, 60, 3600),
        (90, 3600, 3600),
        (455, 3600, 3600),
        (455, 60, 3600),
        (7, 90, 120),
        (62, 3540, 3600),
    ],
)
def test_a_period_too_fine_for_its_lookback_is_widened(now, lookback_days, period, used):
    found = window(now, lookback_days, period)

    assert (found.period_seconds, found.widened) == (used, used != period)


@pytest.mark.parametrize("lookback_days", [7, 14, 15, 62, 63, 64, 454, 455])
@pytest.mark.parametrize("period", [60, 300, 3600])
def test_the_oldest_call_of_a_window_is_never_forgotten(cloud, cloudwatch, orders, now, lookback_days, period):
    found = window(now, lookback_days, period)
    orders.invoked(1, at=found.start)

    usage = read_usage(cloudwatch, [question(cloud, cloudwatch)], found, AT_ONCE)["orders"]

    assert usage.calls == {1: LastCall(found.start)}


def test_the_longest_lookback_starts_with_the_first_whole_hour_that_is_kept(now):
    assert window(now, 455, 3600).start == datetime(2025, 8, 22, 13, tzinfo=UTC)


@pytest.mark.parametrize("hours", [1, 2, 11, 12, 24, 25, 26])
def test_no_hour_at_the_far_end_of_the_longest_lookback_is_left_out(cloud, cloudwatch, orders, now, hours):
    orders.invoked(1, at=now - timedelta(days=455) + hours * HOUR)

    assert ask(cloud, cloudwatch, lookback_days=455).calls.keys() == {1}


@pytest.mark.parametrize("period", [0, 30, 59, 3601, 86_400])
def test_a_period_that_cannot_be_reconciled_is_refused(now, period):
    with pytest.raises(ValueError, match="a period is between 60 and 3600 seconds"):
        window(now, 35, period)
