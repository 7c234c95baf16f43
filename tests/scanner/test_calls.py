"""What calls of the lookback hold, however they came, and what a region without any says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.domain.policy import Policy
from tests.builders import NOW, days_ago
from tests.scanner.scanning import ALL_IDLE, labels

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


# Calls


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=20), 20 * DAY, 35 * DAY - HOUR])
def test_a_version_called_by_number_in_the_lookback_is_held(orders, scan, ago):
    orders.invoked(2, at=NOW - ago)

    found = scan()

    assert found.flags("orders-api:2") == ["has_recent_invocations"]
    assert found.offered == labels("orders-api", [1, 3, 4, 5, 6, 7])


def test_a_version_called_before_the_lookback_is_offered(orders, scan):
    orders.invoked(2, at=days_ago(36.1))

    assert scan().offered == ALL_IDLE


def test_a_version_that_ran_behind_an_alias_is_held_though_the_alias_moved_on(orders, scan):
    orders.alias("live", 2).invoked("live", at=days_ago(20))
    orders.alias("live", 10, at=days_ago(19)).invoked("live", every=HOUR)

    found = scan()

    assert found.flags("orders-api:2") == ["has_recent_invocations"]
    assert found.rows["orders-api:2"]["version_last_invoked_utc"] == "2026-10-31T12:00:00Z"
    assert found.offered == labels("orders-api", [1, 3, 4, 5, 6, 7])


def test_the_share_of_a_weighted_alias_is_seen(orders, scan):
    orders.alias("live", 10).invoked("live", every=HOUR, count=9).invoked("live", version=2, at=days_ago(1))

    assert scan().flags("orders-api:2") == ["has_recent_invocations"]


def test_calls_through_an_alias_deleted_lately_hold_exactly_the_version_that_ran(orders, scan):
    orders.alias("old", 2).invoked("old", at=days_ago(5)).remove_alias("old")

    found = scan()

    assert found.flags("orders-api:2") == ["has_recent_invocations", "recently_live"]
    assert found.offered == labels("orders-api", [1, 3, 4, 5, 6, 7])


def test_calls_through_an_alias_deleted_long_ago_hold_the_whole_function(orders, scan):
    orders.alias("old", 2).invoked("old", at=days_ago(20)).remove_alias("old")

    found = scan()

    assert found.offered == []
    assert found.flags("orders-api:1") == ["function_level_activity_uncertain"]
    assert found.rows["orders-api:1"]["function_level_last_invoked_utc"] == "2026-10-31T12:00:00Z"


def test_calls_through_a_forgotten_alias_are_not_hidden_by_the_noise_of_a_busy_one(orders, scan):
    orders.alias("old", 2).invoked("old", at=days_ago(20)).remove_alias("old")
    orders.alias("live", 10).invoked("live", every=timedelta(minutes=1), count=1_000)

    assert scan().offered == []


def test_an_account_that_reports_only_the_functions_total_is_held(orders, scan):
    orders.alias("live", 10).invoked_unattributed(every=DAY, count=3)

    found = scan()

    assert found.offered == []
    assert found.summary.held_by_flag["function_level_activity_uncertain"] == 10


@pytest.mark.usefixtures("orders")
def test_calls_of_one_function_say_nothing_of_another(cloud, scan):
    cloud.function("orders").publish(5, age_days=40).invoked(1, every=HOUR)
    cloud.function("orders-api-v2").publish(5, age_days=40).invoked_unattributed(every=HOUR)

    assert scan().offered == [*ALL_IDLE, "orders:2"]


def test_calls_that_are_not_settled_yet_do_not_make_a_function_uncertain(cloud, orders, scan):
    orders.alias("live", 10).invoked("live", every=timedelta(minutes=1), count=7)
    cloud.metric_lag = timedelta(minutes=3)

    assert scan().offered == ALL_IDLE


def test_strict_holds_a_function_that_was_called_at_all_within_the_minimum_age(cloud, orders, scan):
    orders.alias("live", 10).invoked("live", at=days_ago(13))
    cloud.function("quiet").publish(5, age_days=40).alias("live", 5).invoked("live", at=days_ago(15))

    assert scan(policy=Policy(function_activity="strict")).offered == labels("quiet", [1, 2])


# Retention


@pytest.mark.parametrize(
    ("lookback", "asked", "used"),
    [(7, 60, 60), (14, 60, 60), (15, 60, 300), (35, 60, 300), (35, 900, 900), (63, 300, 3600), (455, 60, 3600)],
)
def test_a_period_too_fine_for_the_lookback_is_widened_and_the_report_says_so(orders, scan, lookback, asked, used):
    orders.invoked(2, at=days_ago(lookback - 1)).alias("live", 10).invoked("live", every=HOUR)

    found = scan(policy=Policy(min_age_days=7, lookback_days=lookback, period_seconds=asked))

    assert found.flags("orders-api:2") == ["has_recent_invocations"]
    assert found.offered == labels("orders-api", [1, 3, 4, 5, 6, 7])
    assert (found.summary.lookback_period_seconds, found.summary.period_widened) == (used, used != asked)


def test_a_rare_call_more_than_a_year_ago_is_seen_by_a_long_lookback(orders, scan):
    orders.invoked(2, at=days_ago(453))

    assert scan(policy=Policy(lookback_days=455)).flags("orders-api:2") == ["has_recent_invocations"]


# A region that nothing can be seen of


@pytest.mark.usefixtures("orders")
def test_a_region_without_a_single_call_is_reported_as_such(scan):
    assert scan().summary.region_active is False


@pytest.mark.usefixtures("orders")
def test_a_region_in_which_anything_was_called_is_active(cloud, scan):
    cloud.function("unrelated", snap_start=False).invoked(at=days_ago(34))

    assert scan().summary.region_active is True


@pytest.mark.usefixtures("orders")
def test_a_region_whose_activity_cannot_be_asked_is_neither(cloud, scan):
    cloud.faults.blur("Forbidden", where=lambda dimensions: not dimensions)

    found = scan()

    assert found.summary.region_active is None
    assert found.offered == ALL_IDLE


# What a person should see


def test_an_offered_version_says_when_it_was_last_called(cloud, scan):
    orders = cloud.function("orders-api").publish(8, age_days=300)
    orders.invoked(1, at=days_ago(60)).invoked(2, at=[days_ago(50), days_ago(140)])

    first, second, third, *_ = scan().candidates

    assert (first.last_called, first.last_called_known, first.called_in_spells) == ("2026-09-21", True, False)
    assert (second.last_called, second.called_in_spells, second.starts_ticked) == ("2026-10-01", True, False)
    assert (third.last_called, third.last_called_known, third.starts_ticked) == (None, True, True)


def test_a_past_that_cannot_be_read_holds_nothing(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=300)
    days_of_fifteen_months = 400 * 86_400
    cloud.faults.deny(
        "GetMetricData", where=lambda asked: asked["EndTime"] - asked["StartTime"] > days_of_fifteen_months
    )

    found = scan()

    assert found.offered == ["orders-api:1", "orders-api:2"]
    assert not any(candidate.last_called_known for candidate in found.candidates)
