"""Who called what: exact dimension sets, both sides of the reconciliation, every way CloudWatch can leave a hole."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fakes.aws import fleets
from orchestrator.aws.errors import CredentialsError
from orchestrator.aws.lookback import Window, window
from orchestrator.aws.metric_data import ATTEMPTS, QUERIES_A_CALL, Result
from orchestrator.aws.usage import UsageReader, read_usage, region_activity, seen_qualifiers
from orchestrator.aws.usage_reading import UsageQuestion
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import LastCall, Missing, Unattributed, Usage
from tests.executors import OneAfterTheOther

HOUR = timedelta(hours=1)
AT_ONCE = OneAfterTheOther(1)
DAY = timedelta(days=1)


def hour_of(moment):
    return moment.replace(minute=0, second=0, microsecond=0)


def ask(cloud, cloudwatch, function="orders", *, survivors=None, aliases=None, seen=None, **given):
    """Read one function's usage as the scan does: its numbers, its aliases, what ListMetrics has seen."""
    asked = question(cloud, cloudwatch, function, survivors, aliases, seen)
    return read_usage(cloudwatch, [asked], a_window(**given), AT_ONCE)[function]


def question(cloud, cloudwatch, function="orders", survivors=None, aliases=None, seen=None):
    held = cloud.functions[function]
    seen = seen_qualifiers(cloudwatch, function) if seen is None else seen
    return UsageQuestion(
        function_name=function,
        numbers=tuple(held.numbers),
        survivors=tuple(held.numbers if survivors is None else survivors),
        qualifiers=frozenset(held.aliases if aliases is None else aliases)
        | (frozenset() if isinstance(seen, Missing) else seen),
        targets=tuple((alias.name, alias.version) for alias in held.aliases.values()),
        unseen=seen if isinstance(seen, Missing) else None,
    )


def a_window(lookback_days=35, period_seconds=3600, now=datetime(2026, 11, 20, 12, 34, tzinfo=UTC)):
    return window(now, lookback_days, period_seconds)


@pytest.fixture
def orders(cloud):
    """Return a function whose three versions stand behind `live`, silent so far."""
    return cloud.function("orders").publish(3).alias("live", 3)


# The window


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


# What CloudWatch leaves open


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
@pytest.mark.usefixtures("orders")
def test_a_versions_own_series_that_cannot_be_read_is_that_versions_hole_alone(cloud, cloudwatch, status):
    cloud.faults.blur(status, resource="orders:2")

    usage = ask(cloud, cloudwatch)

    assert usage.unreadable == {2: Missing(Check.INVOCATIONS, f"cloudwatch:GetMetricData {status}")}
    assert usage.unexplained is None
    assert usage.asked == {1, 3}


def test_a_series_that_cannot_be_read_is_the_totals_hole_where_the_others_leave_something(
    cloud, cloudwatch, orders, now
):
    orders.invoked(2, at=now - 9 * DAY)
    cloud.faults.blur("Forbidden", resource="orders:2")

    usage = ask(cloud, cloudwatch)

    assert usage.unexplained == Missing(Check.FUNCTION_TOTAL, "cloudwatch:GetMetricData Forbidden")


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_an_alias_series_of_one_version_that_cannot_be_read_is_only_that_versions_hole(
    cloud, cloudwatch, orders, now, status
):
    orders.invoked("live", at=now - 9 * DAY)
    cloud.faults.blur(status, executed_version=2)

    usage = ask(cloud, cloudwatch)

    assert usage.unreadable == {2: Missing(Check.INVOCATIONS, f"cloudwatch:GetMetricData {status}")}
    assert usage.unexplained is None
    assert usage.asked == {1, 3}


@pytest.mark.usefixtures("orders")
def test_a_total_that_cannot_be_read_leaves_the_function_uncertain(cloud, cloudwatch):
    cloud.faults.blur("InternalError", where=lambda d: "Resource" not in d)

    usage = ask(cloud, cloudwatch)

    assert usage.unexplained == Missing(Check.FUNCTION_TOTAL, "cloudwatch:GetMetricData InternalError")
    assert usage.unreadable == {}


def test_an_alias_whose_total_cannot_be_read_is_asked_version_by_version(cloud, cloudwatch, orders, now):
    orders.invoked("live", version=2, at=now - timedelta(minutes=5))
    cloud.faults.blur(
        "InternalError", where=lambda d: d.get("Resource") == "orders:live" and "ExecutedVersion" not in d
    )

    assert ask(cloud, cloudwatch).calls == {2: LastCall(hour_of(now), "live")}


def test_a_series_that_blurs_only_at_the_second_look_is_unreadable_too(cloud, cloudwatch, orders, now):
    orders.invoked(2, at=now - 9 * DAY)
    cloud.faults.blur("PartialData", resource="orders:2", nth=2)

    usage = ask(cloud, cloudwatch)

    assert usage.unreadable.keys() == {2}
    assert isinstance(usage.unexplained, Missing)


@pytest.mark.usefixtures("orders")
def test_why_a_series_is_forbidden_is_said(cloud, cloudwatch):
    cloud.faults.blur("Forbidden", "Source account not shared", resource="orders:2")

    words = ask(cloud, cloudwatch).unreadable[2].words

    assert words == "cloudwatch:GetMetricData Forbidden, Source account not shared"


def test_an_internal_error_is_asked_again_and_then_believed(cloud, cloudwatch, orders, now):
    orders.invoked(2, at=now - 9 * DAY)
    fault = cloud.faults.blur("InternalError", resource="orders:2", times=ATTEMPTS - 1)

    usage = ask(cloud, cloudwatch)

    assert fault.hits == ATTEMPTS - 1
    assert usage.calls == {2: LastCall(hour_of(now - 9 * DAY))}
    assert usage.unreadable == {}
    assert usage.unexplained is None


@pytest.mark.usefixtures("orders")
def test_an_internal_error_is_asked_again_alone_and_not_for_ever(cloud, cloudwatch):
    cloud.faults.blur("InternalError", resource="orders:2")

    ask(cloud, cloudwatch)

    asked = [len(given["MetricDataQueries"]) for given in cloud.calls.of("GetMetricData")]
    assert asked[1:] == [1] * (ATTEMPTS - 1)


def test_a_page_that_looks_complete_does_not_mend_an_internal_error_before_it():
    result = Result()

    result.add({"StatusCode": "InternalError", "Timestamps": [], "Values": []})
    result.add({"StatusCode": "Complete", "Timestamps": [], "Values": []})

    assert result.status == "InternalError"


def test_asking_again_in_vain_touches_only_what_was_asked_again(cloud, cloudwatch, orders):
    cloud.function("idle").publish(2)
    cloud.faults.blur("InternalError", function="orders", resource=f"{orders.name}:2")
    cloud.faults.throttle("GetMetricData", nth=2)
    questions = [question(cloud, cloudwatch, name) for name in ("orders", "idle")]

    used = read_usage(cloudwatch, questions, a_window(), AT_ONCE)

    assert used["orders"].unreadable.keys() == {2}
    assert used["orders"].asked == {1, 3}
    assert used["idle"] == Usage(asked=frozenset({1, 2}))


@pytest.mark.usefixtures("orders")
def test_a_message_about_the_whole_call_leaves_nothing_readable(cloud, cloudwatch):
    cloud.faults.remark("MaxMetricsExceeded", "too many metrics")

    usage = ask(cloud, cloudwatch)

    words = "cloudwatch:GetMetricData MaxMetricsExceeded, too many metrics"
    assert usage.unreadable == dict.fromkeys([1, 2, 3], Missing(Check.INVOCATIONS, words))
    assert usage.unexplained == Missing(Check.FUNCTION_TOTAL, words)
    assert usage.asked == frozenset()


def test_qualifiers_that_could_not_be_listed_leave_the_total_unexplained(cloud, cloudwatch, orders, now):
    orders.invoked(2, at=now - 9 * DAY)
    cloud.faults.throttle("ListMetrics")

    usage = ask(cloud, cloudwatch)

    assert usage.unexplained == Missing(
        Check.FUNCTION_TOTAL, "cloudwatch:ListMetrics ThrottlingException, Rate exceeded"
    )
    assert usage.calls.keys() == {2}


def test_a_throttled_call_leaves_exactly_its_series_unread(cloud, cloudwatch):
    for name, versions in (("first", 300), ("spans-both", 300), ("second", 100)):
        cloud.function(name).publish(versions)
    cloud.faults.throttle("GetMetricData", nth=1)
    questions = [question(cloud, cloudwatch, name) for name in ("first", "spans-both", "second")]

    used = read_usage(cloudwatch, questions, a_window(), AT_ONCE)

    words = "cloudwatch:GetMetricData ThrottlingException, Rate exceeded"
    assert used["first"].asked == frozenset()
    assert used["first"].unreadable == dict.fromkeys(range(1, 301), Missing(Check.INVOCATIONS, words))
    assert used["spans-both"].asked == frozenset(range(193, 301))  # 4 series of the function, and 192 of versions
    assert used["first"].unexplained == used["spans-both"].unexplained == Missing(Check.FUNCTION_TOTAL, words)
    assert used["second"] == Usage(asked=frozenset(range(1, 101)))


def test_one_call_that_fails_leaves_the_versions_alone_that_have_every_answer(cloud, cloudwatch):
    cloud.function("large").publish(599)
    cloud.faults.throttle("GetMetricData", nth=2)

    usage = ask(cloud, cloudwatch, "large")

    assert usage.unexplained is None
    assert usage.asked == frozenset(range(1, 497))
    assert usage.unreadable.keys() == set(range(497, 600))


def test_a_throttled_second_look_leaves_the_busy_function_uncertain(cloud, cloudwatch, orders, now):
    orders.invoked(at=now - DAY)
    cloud.function("idle").publish(2)
    cloud.faults.throttle("GetMetricData", nth=2)
    questions = [question(cloud, cloudwatch, name) for name in ("orders", "idle")]

    used = read_usage(cloudwatch, questions, a_window(), AT_ONCE)

    assert isinstance(used["orders"].unexplained, Missing)
    assert used["idle"] == Usage(asked=frozenset({1, 2}))


def test_a_page_that_does_not_come_leaves_the_whole_call_unread(cloud, cloudwatch, orders):
    orders.invoked("live", every=HOUR)
    cloud.faults.drop("GetMetricData", where=lambda given: "NextToken" in given)
    _answer_in_small_pages(cloudwatch, datapoints=10)

    usage = ask(cloud, cloudwatch)

    assert usage.asked == frozenset()
    assert usage.unreadable[1].words.startswith("cloudwatch:GetMetricData ConnectionClosedError")


@pytest.mark.usefixtures("orders")
def test_expired_credentials_end_the_reading(cloud, cloudwatch):
    cloud.faults.refuse("*", "ExpiredToken", "expired", status=403)

    with pytest.raises(CredentialsError, match="cloudwatch:ListMetrics ExpiredToken, expired"):
        seen_qualifiers(cloudwatch, "orders")
    with pytest.raises(CredentialsError, match="cloudwatch:GetMetricData ExpiredToken, expired"):
        ask(cloud, cloudwatch, seen=frozenset())
    with pytest.raises(CredentialsError):
        region_activity(cloudwatch, a_window(), AT_ONCE)


# Pages and batches


def _answer_in_small_pages(cloudwatch, datapoints=100):
    """Let every answer end after a few datapoints, as CloudWatch may whenever it likes."""
    cloudwatch.meta.events.register(
        "provide-client-params.cloudwatch.GetMetricData", lambda params, **_: {**params, "MaxDatapoints": datapoints}
    )


def test_an_answer_of_many_pages_says_the_same_as_one_of_few(cloud, cloudwatch, orders, now):
    orders.invoked("live", every=HOUR, count=3).invoked(2, at=now - 33 * DAY).invoked(every=5 * HOUR)
    orders.invoked_unattributed(at=now - 25 * DAY)
    in_few = ask(cloud, cloudwatch)
    cloud.calls.reset()

    _answer_in_small_pages(cloudwatch)
    in_many = ask(cloud, cloudwatch)

    assert in_many == in_few
    assert in_few.unexplained == hour_of(now - 25 * DAY)
    assert cloud.calls["GetMetricData"] > 15


def test_many_functions_share_full_calls(cloud, cloudwatch):
    for number in range(20):
        cloud.function(f"service-{number:02}").publish(48).alias("live", 48)
    questions = [question(cloud, cloudwatch, name) for name in cloud.names]

    used = read_usage(cloudwatch, questions, a_window(), AT_ONCE)

    # a function's totals of calls and throttles, `fn`, `$LATEST`, one alias, and 48 numbers
    asked = [len(given["MetricDataQueries"]) for given in cloud.calls.of("GetMetricData")]
    assert asked == [QUERIES_A_CALL, QUERIES_A_CALL, 20 * 53 - 2 * QUERIES_A_CALL]
    assert all(usage == Usage(asked=frozenset(range(1, 49))) for usage in used.values())


def test_no_call_asks_for_more_datapoints_than_one_answer_holds(cloud, cloudwatch, orders, now):
    orders.publish(20)
    for number in orders.numbers:
        orders.invoked(number, at=now - DAY)
    found = window(now, 455, 3600)

    read_usage(cloudwatch, [question(cloud, cloudwatch)], found, AT_ONCE)

    for given in cloud.calls.of("GetMetricData"):
        period = given["MetricDataQueries"][0]["MetricStat"]["Period"]
        assert len(given["MetricDataQueries"]) * (given["EndTime"] - given["StartTime"]) / period <= 100_800


def test_only_series_that_hold_something_are_asked_by_the_period(cloud, cloudwatch, orders, now):
    orders.invoked("live", at=now - 9 * DAY)

    ask(cloud, cloudwatch)

    at_all, through, by_period = cloud.calls.of("GetMetricData")
    assert {query["MetricStat"]["Period"] for query in at_all["MetricDataQueries"]} == {86_400}
    assert at_all["StartTime"] % 86_400 == 0
    assert len(through["MetricDataQueries"]) == 3
    assert [query["MetricStat"]["Period"] for query in by_period["MetricDataQueries"]] == [3600] * 3


def test_an_alias_without_a_call_is_not_asked_version_by_version(cloud, cloudwatch, now):
    many = cloud.function("orders").publish(30)
    for number in range(20):
        many.alias(f"stage-{number}", 30)
    many.invoked("stage-7", at=now - DAY)

    ask(cloud, cloudwatch)

    asked = sum(len(given["MetricDataQueries"]) for given in cloud.calls.of("GetMetricData"))
    assert asked <= 1.1 * (30 + 20 + 30) + 7


def test_where_every_version_was_called_the_day_convicts_and_no_period_is_asked(cloud, cloudwatch, orders, now):
    for number in orders.numbers:
        orders.invoked(number, at=now - DAY)

    usage = ask(cloud, cloudwatch, lookback_days=14, period_seconds=60)

    assert cloud.calls["GetMetricData"] == 1
    assert usage.calls.keys() == {1, 2, 3}


def test_a_call_on_the_day_the_lookback_begins_but_before_it_is_no_use_now(cloud, cloudwatch, orders):
    start = a_window().start
    orders.invoked(1, at=start - timedelta(seconds=1)).invoked(2, at=start)

    assert ask(cloud, cloudwatch).calls == {2: LastCall(start)}


def test_a_function_of_many_callers_is_compared_by_the_hour(cloud, cloudwatch, now):
    many = cloud.function("orders").publish(41)
    for number in range(1, 41):
        many.invoked(number, at=now - DAY - timedelta(minutes=number))
    many.invoked_unattributed(at=now - 5 * DAY)

    usage = ask(cloud, cloudwatch, lookback_days=14, period_seconds=60)

    periods = {given["MetricDataQueries"][0]["MetricStat"]["Period"] for given in cloud.calls.of("GetMetricData")}
    assert periods == {86_400, 3600}
    assert usage.unexplained == hour_of(now - 5 * DAY)


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
