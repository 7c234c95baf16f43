"""Every way CloudWatch can leave a hole, and how calls, pages and periods are spared."""

from datetime import timedelta

import pytest

from orchestrator.aws.errors import CredentialsError
from orchestrator.aws.lookback import window
from orchestrator.aws.metric_data import ATTEMPTS, QUERIES_A_CALL, Result
from orchestrator.aws.usage import read_usage, region_activity, seen_qualifiers
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import LastCall, Missing, Usage
from tests.aws.asking import AT_ONCE, DAY, HOUR, a_window, ask, hour_of, question

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
