"""Who called what: exact dimension sets, and both sides of the reconciliation."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fakes.aws import fleets
from orchestrator.aws.usage import UsageReader, read_usage, region_activity, seen_qualifiers
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import LastCall, Missing, Unattributed, Usage
from tests.aws.asking import AT_ONCE, DAY, HOUR, a_window, ask, hour_of, question

# What was called


@pytest.mark.usefixtures("orders")
def test_nothing_was_called(cloud, cloudwatch):
    assert ask(cloud, cloudwatch) == Usage(asked=frozenset({1, 2, 3}))


def test_a_call_by_number_is_the_versions_own(cloud, cloudwatch, orders, now):
    orders.invoked(2, at=now - 3 * DAY)

    usage = ask(cloud, cloudwatch)

    assert usage.calls == {2: LastCall(hour_of(now - 3 * DAY))}
    assert usage.function_last == hour_of(now - 3 * DAY)
    assert usage.unexplained is None


def test_a_call_through_an_alias_reaches_the_version_that_ran(cloud, cloudwatch, orders, now):
    orders.invoked("live", at=now - 2 * DAY)
    orders.invoked("live", version=2, at=now - 5 * DAY)

    usage = ask(cloud, cloudwatch)

    assert usage.calls == {3: LastCall(hour_of(now - 2 * DAY), "live"), 2: LastCall(hour_of(now - 5 * DAY), "live")}
    assert usage.unexplained is None


@pytest.mark.parametrize("newest", [3, "canary", "live"])
def test_the_newest_call_counts_whichever_way_it_came(cloud, cloudwatch, orders, now, newest):
    orders.alias("canary", 3)
    orders.invoked(3, at=now - 9 * DAY).invoked("live", at=now - 8 * DAY).invoked("canary", at=now - 10 * DAY)

    orders.invoked(newest, at=now - 7 * DAY)

    through = None if newest == 3 else newest
    assert ask(cloud, cloudwatch).calls == {3: LastCall(hour_of(now - 7 * DAY), through)}


def test_calls_of_the_function_itself_are_no_versions(cloud, cloudwatch, orders, now):
    orders.invoked(at=now - DAY).invoked("$LATEST", at=now - 2 * DAY)

    usage = ask(cloud, cloudwatch)

    assert usage.calls == {}
    assert usage.unexplained is None
    assert usage.function_last == hour_of(now - DAY)


def test_calls_that_name_a_version_or_an_alias_are_told_from_those_of_latest(cloud, cloudwatch, orders, now):
    orders.invoked(at=now - DAY).invoked("$LATEST", at=now - DAY)
    assert ask(cloud, cloudwatch).qualified_last is None

    orders.invoked(2, at=now - 4 * DAY).invoked("live", at=now - 3 * DAY).invoked(1, at=now - 5 * DAY)

    assert ask(cloud, cloudwatch, survivors=[1]).qualified_last.date() == (now - 3 * DAY).date()


def test_versions_not_in_question_are_asked_where_they_may_account_for_calls(cloud, cloudwatch, orders, now):
    orders.invoked("live", at=now - DAY).invoked(3, at=now - 4 * DAY)

    usage = ask(cloud, cloudwatch, survivors=[1])

    assert usage.asked == {1}
    assert usage.calls == {3: LastCall(hour_of(now - DAY), "live")}
    assert usage.unexplained is None


def test_a_call_before_the_lookback_is_no_use_now(cloud, cloudwatch, orders):
    orders.invoked(1, at=a_window().start - timedelta(seconds=1))

    assert ask(cloud, cloudwatch) == Usage(asked=frozenset({1, 2, 3}))


def test_a_call_of_a_minute_ago_counts_though_its_period_is_not_over(cloud, cloudwatch, orders, now):
    orders.invoked(1, at=now - timedelta(minutes=1))

    assert ask(cloud, cloudwatch).calls == {1: LastCall(hour_of(now))}


def test_a_fine_period_tells_the_minute(cloud, cloudwatch, orders, now):
    orders.invoked(1, at=now - timedelta(minutes=47, seconds=11))

    usage = ask(cloud, cloudwatch, lookback_days=14, period_seconds=60)

    assert usage.calls == {1: LastCall(datetime(2026, 11, 20, 11, 46, tzinfo=UTC))}


@pytest.mark.usefixtures("orders")
def test_a_function_named_like_the_beginning_of_another_is_not_mixed_up_with_it(cloud, cloudwatch, now):
    cloud.function("orders-api").publish(2).invoked(2, at=now - DAY)

    assert ask(cloud, cloudwatch).calls == {}


# Do the known callers account for the total?


def test_a_busy_alias_explains_its_function_and_idle_versions_stay_idle(cloud, cloudwatch, orders):
    orders.invoked("live", every=HOUR, count=40)

    usage = ask(cloud, cloudwatch)

    assert usage.unexplained is None
    assert usage.calls.keys() == {3}
    assert usage.asked == {1, 2, 3}


def test_calls_that_only_the_total_shows_are_unexplained(cloud, cloudwatch, orders, now):
    orders.invoked_unattributed(at=[now - 20 * DAY, now - 3 * DAY])

    assert ask(cloud, cloudwatch).unexplained == hour_of(now - 3 * DAY)


def test_an_alias_that_is_gone_but_was_seen_explains_and_convicts(cloud, cloudwatch, orders, now):
    orders.alias("blue", 2).invoked("blue", at=now - 10 * DAY).remove_alias("blue")

    usage = ask(cloud, cloudwatch)

    assert usage.calls == {2: LastCall(hour_of(now - 10 * DAY), "blue")}
    assert usage.unexplained is None


def test_an_alias_that_list_metrics_forgot_leaves_its_calls_unexplained(cloud, cloudwatch, orders, now):
    orders.alias("blue", 2).invoked("blue", at=now - 20 * DAY).remove_alias("blue")

    assert seen_qualifiers(cloudwatch, "orders") == frozenset()
    assert ask(cloud, cloudwatch).unexplained == hour_of(now - 20 * DAY)


def test_the_newest_unexplained_period_is_named(cloud, cloudwatch, orders, now):
    orders.invoked("live", every=HOUR, count=5)
    orders.invoked_unattributed(at=[now - 30 * DAY, now - 9 * DAY, now - 21 * DAY])

    assert ask(cloud, cloudwatch).unexplained == hour_of(now - 9 * DAY)


def test_a_period_where_the_parts_exceed_the_total_is_unexplained_too(cloud, cloudwatch, orders, now):
    orders.invoked("live", at=now - 9 * DAY, count=2)
    cloud.metrics.find({"FunctionName": "orders"}).add([int((now - 9 * DAY).timestamp())], -1)

    assert ask(cloud, cloudwatch).unexplained == hour_of(now - 9 * DAY)


def test_an_excess_and_a_lack_do_not_cancel_out_across_periods(cloud, cloudwatch, orders, now):
    orders.invoked("live", at=[now - 9 * DAY, now - 8 * DAY])
    total = cloud.metrics.find({"FunctionName": "orders"})
    total.add([int((now - 9 * DAY).timestamp())], -1)
    total.add([int((now - 8 * DAY).timestamp())], 1)

    assert ask(cloud, cloudwatch).unexplained == hour_of(now - 8 * DAY)


def test_a_period_that_has_not_settled_is_not_compared(cloud, cloudwatch, orders, now):
    orders.invoked_unattributed(at=now - timedelta(minutes=20))

    usage = ask(cloud, cloudwatch)

    assert usage.unexplained is None
    assert usage.function_last == hour_of(now)


def test_the_first_and_the_last_settled_period_are_compared(cloud, cloudwatch, orders):
    whole = a_window()
    orders.invoked_unattributed(at=whole.start)
    assert ask(cloud, cloudwatch).unexplained == whole.start

    orders.invoked_unattributed(at=whole.settled_end - timedelta(seconds=1))
    assert ask(cloud, cloudwatch).unexplained == whole.settled_end - HOUR


def test_versions_without_snapstart_explain_their_calls(cloud, cloudwatch, orders, now):
    orders.publish(1, snap_start=False).invoked(4, at=now - 20 * DAY)

    assert ask(cloud, cloudwatch).unexplained is None


# Do the versions that ran account for an alias's calls?


def test_calls_through_an_alias_without_a_version_are_unattributed(cloud, cloudwatch, orders, now):
    orders.invoked("live", at=[now - 9 * DAY, now - 9 * DAY + HOUR], tell_version=False).invoked(
        "live", at=now - 3 * DAY
    )

    usage = ask(cloud, cloudwatch)

    begin = hour_of(now - 9 * DAY)
    assert usage.unattributed == (Unattributed("live", begin, begin + 2 * HOUR),)
    assert usage.unexplained is None
    assert usage.calls.keys() == {3}


def test_a_deleted_version_accounts_for_its_calls_through_an_alias(cloud, cloudwatch, orders, now):
    orders.invoked("live", version=2, at=now - 9 * DAY).remove(2)

    assert ask(cloud, cloudwatch, survivors=[1]).unattributed == ()


@pytest.mark.usefixtures("orders")
def test_an_alias_on_latest_accounts_for_its_calls(cloud, cloudwatch, now):
    for one in cloud.metrics.published("orders", "orders:live", "$LATEST"):
        one.add([int((now - DAY).timestamp())], 1)

    usage = ask(cloud, cloudwatch)

    assert usage.unattributed == ()
    assert usage.calls == {}


# A throttled call is a call


def test_a_throttled_call_by_number_is_a_call_of_that_version(cloud, cloudwatch, orders, now):
    orders.throttled(2, at=now - 9 * DAY)

    usage = ask(cloud, cloudwatch)

    assert usage.calls == {2: LastCall(hour_of(now - 9 * DAY))}
    assert usage.unexplained is None


def test_a_throttled_call_through_an_alias_is_one_of_whatever_it_pointed_to(cloud, cloudwatch, orders, now):
    orders.throttled("live", at=now - 9 * DAY)

    usage = ask(cloud, cloudwatch)

    begin = hour_of(now - 9 * DAY)
    assert usage.unattributed == (Unattributed("live", begin, begin + HOUR),)
    assert usage.calls == {}


def test_throttled_calls_without_a_qualifier_and_of_latest_are_of_no_version(cloud, cloudwatch, orders, now):
    orders.throttled(at=now - DAY).throttled("$LATEST", at=now - DAY)

    usage = ask(cloud, cloudwatch)

    assert (usage.calls, usage.unexplained, usage.unattributed) == ({}, None, ())


def test_throttled_calls_that_only_the_total_shows_are_unexplained(cloud, cloudwatch, orders, now):
    orders.throttled(at=now - 9 * DAY, attributed=False)

    assert ask(cloud, cloudwatch).unexplained == hour_of(now - 9 * DAY)


@pytest.mark.usefixtures("orders")
def test_only_a_function_with_throttled_calls_is_asked_for_them_by_qualifier(cloud, cloudwatch):
    ask(cloud, cloudwatch)

    (given,) = cloud.calls.of("GetMetricData")
    metrics = [query["MetricStat"]["Metric"] for query in given["MetricDataQueries"]]
    throttles = [metric for metric in metrics if metric["MetricName"] == "Throttles"]
    assert [[one["Name"] for one in metric["Dimensions"]] for metric in throttles] == [["FunctionName"]]


# Reading in slices


def test_reading_can_stop_anywhere_and_goes_on_where_it_stopped(cloud, cloudwatch, now):
    for name in ("first", "second"):
        function = cloud.function(name).publish(400).alias("live", 400).alias("old", 7)
        function.invoked("live", every=HOUR, count=2).invoked(3, at=now - 4 * DAY).throttled("old", at=now - 2 * DAY)
    questions = [question(cloud, cloudwatch, name) for name in cloud.names]
    at_once = read_usage(cloudwatch, questions, a_window(), AT_ONCE)
    calls = cloud.calls["GetMetricData"]

    reader, slices = UsageReader.of(questions, a_window()), 1
    while not reader.read(cloudwatch, AT_ONCE, lambda: False):
        reader = UsageReader.of(questions, a_window()).resume(json.loads(json.dumps(reader.to_dict())))
        slices += 1

    assert reader.usage() == at_once
    assert slices > 3
    assert cloud.calls["GetMetricData"] == 2 * calls


def test_the_order_of_functions_does_not_matter(cloud, cloudwatch):
    fleets.busy_through_alias(cloud, functions=7, versions=20)
    questions = [question(cloud, cloudwatch, name) for name in cloud.names]

    assert read_usage(cloudwatch, questions, a_window(), AT_ONCE) == read_usage(
        cloudwatch, questions[::-1], a_window(), AT_ONCE
    )


def test_no_questions_are_no_calls(cloud, cloudwatch):
    assert read_usage(cloudwatch, [], a_window(), AT_ONCE) == {}
    assert cloud.calls.operations == {}


# What ListMetrics has seen


def test_seen_are_numbers_latest_and_aliases_of_this_function_only(cloud, cloudwatch, orders):
    orders.invoked().invoked(2).invoked("live").invoked("$LATEST").alias("blue", 1).invoked("blue").remove_alias("blue")
    cloud.function("orders-api").publish(1).invoked(1)

    assert seen_qualifiers(cloudwatch, "orders") == {"2", "live", "$LATEST", "blue"}


def test_all_pages_of_metrics_are_read(cloud, cloudwatch, now):
    orders = cloud.function("orders").publish(700)
    for number in orders.numbers:
        orders.invoked(number, at=now - DAY)

    assert len(seen_qualifiers(cloudwatch, "orders")) == 700
    assert cloud.calls["ListMetrics"] == 2


@pytest.mark.usefixtures("orders")
def test_a_silent_function_has_no_qualifiers(cloudwatch):
    assert seen_qualifiers(cloudwatch, "orders") == frozenset()


# Is anything alive here?


@pytest.mark.usefixtures("orders")
def test_a_region_is_active_when_any_function_ran(cloud, cloudwatch, now):
    cloud.function("elsewhere").publish(1).invoked(at=now - 30 * DAY)

    assert region_activity(cloudwatch, a_window(), AT_ONCE) == hour_of(now - 30 * DAY)


def test_a_region_in_which_nothing_ran_is_silent(cloudwatch, orders, now):
    orders.invoked(at=now - 40 * DAY)

    assert region_activity(cloudwatch, a_window(), AT_ONCE) is None


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_a_region_whose_total_cannot_be_read_is_unknown(cloud, cloudwatch, orders, now, status):
    orders.invoked(at=now - DAY)
    cloud.faults.blur(status, where=lambda dimensions: not dimensions)

    assert region_activity(cloudwatch, a_window(), AT_ONCE) == Missing(
        Check.INVOCATIONS, f"cloudwatch:GetMetricData {status}"
    )


def test_a_region_that_cannot_be_asked_is_unknown(cloud, cloudwatch):
    cloud.faults.throttle("GetMetricData")

    assert region_activity(cloudwatch, a_window(), AT_ONCE) == Missing(
        Check.INVOCATIONS, "cloudwatch:GetMetricData ThrottlingException, Rate exceeded"
    )
