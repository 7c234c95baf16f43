"""Which invocations are published under which dimensions, and how long they can be read."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.fakes.aws.asking import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def refused(metrics, queries, **given):
    with pytest.raises(ClientError) as refusal:
        metrics.ask(queries, **given)
    return refusal.value.response["Error"]["Code"], refusal.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_call_by_number_shows_under_the_number_and_the_function(cloud, metrics):
    cloud.function("orders").publish(7).invoked(7, at=NOON - HOUR)
    assert metrics.total(FunctionName="orders") == 1
    assert metrics.total(FunctionName="orders", Resource="orders:7") == 1
    assert metrics.total() == 1


def test_a_call_through_an_alias_shows_under_the_alias_and_never_under_the_number(cloud, metrics):
    cloud.function("orders").publish(7).alias("live", 7).invoked("live", at=NOON - HOUR)
    assert metrics.total(FunctionName="orders", Resource="orders:live", ExecutedVersion="7") == 1
    assert metrics.total(FunctionName="orders", Resource="orders:live") == 1
    assert metrics.total(FunctionName="orders") == 1
    assert metrics.total(FunctionName="orders", Resource="orders:7") == 0


def test_a_weighted_alias_has_one_series_for_each_version_it_ran(cloud, metrics):
    orders = cloud.function("orders").publish(7).alias("live", 7, weights={6: 0.1})
    orders.invoked("live", at=NOON - HOUR, count=9).invoked("live", version=6, at=NOON - HOUR)
    assert metrics.total(FunctionName="orders", Resource="orders:live", ExecutedVersion="6") == 1
    assert metrics.total(FunctionName="orders", Resource="orders:live", ExecutedVersion="7") == 9
    assert metrics.total(FunctionName="orders", Resource="orders:live") == 10


def test_an_unqualified_call_shows_under_the_bare_name_and_latest_under_its_own(cloud, metrics):
    cloud.function("orders").invoked(at=NOON - HOUR, count=2).invoked("$LATEST", at=NOON - HOUR, count=3)
    assert metrics.total(FunctionName="orders", Resource="orders") == 2
    assert metrics.total(FunctionName="orders", Resource="orders:$LATEST") == 3
    assert metrics.total(FunctionName="orders") == 5


def test_unattributed_calls_show_under_the_function_alone(cloud, metrics):
    cloud.function("orders").invoked_unattributed(at=NOON - HOUR)
    assert metrics.listed() == [{}, {"FunctionName": "orders"}]


def test_a_dimension_set_that_was_not_published_is_empty_and_complete(cloud, metrics):
    cloud.function("orders").publish(7).invoked(7, at=NOON - HOUR)
    for wrong in (
        {"Resource": "orders:7"},
        {"FunctionName": "orders", "Resource": f"{cloud.function_arn('orders')}:7"},
        {"FunctionName": "orders", "ExecutedVersion": "7"},
        {"FunctionName": "orders", "Resource": "orders:7", "Harness": "live"},
    ):
        result = metrics.result(**wrong)
        assert (result["Values"], result["StatusCode"]) == ([], "Complete")


def test_the_traffic_of_a_removed_alias_stays(cloud, metrics):
    orders = cloud.function("orders").publish(7).alias("old", 7).invoked("old", at=NOON - HOUR)
    orders.remove_alias("old")
    assert metrics.total(FunctionName="orders", Resource="orders:old", ExecutedVersion="7") == 1


def test_the_traffic_of_a_deleted_function_stays(cloud, functions, metrics):
    cloud.function("orders").invoked(at=NOON - HOUR)
    functions.delete_function(FunctionName="orders")
    assert metrics.total(FunctionName="orders") == 1


def test_sums_are_by_period_and_silent_periods_are_absent(cloud, metrics):
    orders = cloud.function("orders")
    orders.invoked(at=[NOON - 3 * HOUR, NOON - 3 * HOUR + timedelta(minutes=59), NOON - HOUR], count=2)
    result = metrics.result(FunctionName="orders")
    assert list(zip(result["Timestamps"], result["Values"], strict=True)) == [
        (NOON - 3 * HOUR, 4.0),
        (NOON - HOUR, 2.0),
    ]


@pytest.mark.parametrize("period_hours", [1, 3, 24])
def test_a_regular_series_sums_like_its_points(cloud, metrics, period_hours):
    since, until = NOON - 5 * DAY + timedelta(minutes=7), NOON - DAY
    moments = [
        since + index * timedelta(minutes=100) for index in range(200) if since + index * timedelta(minutes=100) < until
    ]
    cloud.function("rule").invoked(every=timedelta(minutes=100), since=since, until=until, count=3)
    cloud.function("points").invoked(at=moments, count=3)
    rule, points = (
        metrics.result(FunctionName=name, period=period_hours * 3600, days=7) for name in ("rule", "points")
    )
    assert (rule["Timestamps"], rule["Values"]) == (points["Timestamps"], points["Values"])
    assert sum(rule["Values"]) == 3 * len(moments)


def test_newest_comes_first_unless_asked_otherwise(cloud, metrics):
    cloud.function("orders").invoked(at=[NOON - 2 * HOUR, NOON - HOUR])
    assert metrics.result(FunctionName="orders", scan_by="TimestampDescending")["Timestamps"][0] == NOON - HOUR
    assert metrics.result(FunctionName="orders")["Timestamps"][0] == NOON - 2 * HOUR


def test_start_counts_and_end_does_not(cloud, metrics):
    cloud.function("orders").invoked(at=[NOON - 2 * HOUR, NOON - HOUR])
    result = metrics.result(FunctionName="orders", since=NOON - 2 * HOUR, until=NOON - HOUR)
    assert result["Timestamps"] == [NOON - 2 * HOUR]


def test_an_old_start_is_rounded_down_by_age(cloud, metrics):
    old = NOON - 100 * DAY
    cloud.function("orders").invoked(at=old)
    result = metrics.result(FunctionName="orders", since=old + timedelta(minutes=50), until=NOON)
    assert result["Timestamps"] == [old]


@pytest.mark.parametrize(
    ("period", "kept_days"), [(60, 15), (120, 15), (300, 63), (900, 63), (3600, 455), (7200, 455), (86400, 455)]
)
def test_a_period_too_fine_for_the_age_returns_nothing(cloud, metrics, period, kept_days):
    cloud.function("orders").invoked(at=[NOON - (kept_days + 2) * DAY, NOON - (kept_days - 2) * DAY])
    assert metrics.total(FunctionName="orders", period=period, days=kept_days + 10) == 1


def test_what_has_not_happened_yet_is_not_seen(cloud, metrics):
    cloud.function("orders").invoked(every=HOUR, since=NOON - 3 * HOUR, until=NOON + 3 * HOUR)
    assert metrics.total(FunctionName="orders", until=NOON + 6 * HOUR) == 4


def test_the_newest_points_may_lag(cloud, metrics):
    cloud.metric_lag = timedelta(minutes=10)
    cloud.function("orders").invoked(at=[NOON - timedelta(minutes=9), NOON - timedelta(minutes=10)])
    assert metrics.total(FunctionName="orders", period=60, days=1) == 1


def test_five_hundred_queries_are_answered_and_one_more_is_refused(metrics):
    queries = [metrics.query(f"m{index}", FunctionName="orders") for index in range(501)]
    assert len(metrics.ask(queries[:500])["MetricDataResults"]) == 500
    assert refused(metrics, queries) == ("ValidationError", 400)


@pytest.mark.parametrize("period", [7, 59, 90])
def test_a_period_cloudwatch_does_not_know_is_refused(metrics, period):
    assert refused(metrics, [metrics.query(period=period)])[0] == "ValidationError"


def test_queries_need_ids_that_are_unique_and_well_formed(metrics):
    assert refused(metrics, [metrics.query("m1"), metrics.query("m1")])[0] == "ValidationError"
    assert refused(metrics, [metrics.query("M1")])[0] == "ValidationError"


def test_metric_math_and_other_statistics_are_refused_rather_than_guessed(metrics):
    average = metrics.query()
    average["MetricStat"]["Stat"] = "Average"
    for query in (average, {"Id": "m1", "Expression": "SUM(METRICS())"}):
        assert refused(metrics, [query])[0] == "ValidationError"


def test_another_metric_is_empty(cloud, metrics):
    cloud.function("orders").invoked(at=NOON - HOUR)
    errors = metrics.query(FunctionName="orders")
    errors["MetricStat"]["Metric"]["MetricName"] = "Errors"
    assert metrics.ask([errors])["MetricDataResults"][0]["Values"] == []


def test_a_start_after_the_end_is_refused(metrics):
    assert refused(metrics, [metrics.query()], days=-1)[0] == "ValidationError"


def test_a_hundred_thousand_and_eight_hundred_points_fill_a_call(cloud, metrics):
    cloud.function("orders").invoked(every=HOUR)
    asked = {
        "MetricDataQueries": [metrics.query(f"m{index}", FunctionName="orders") for index in range(121)],
        "StartTime": (NOON - 35 * DAY).timestamp(),
        "EndTime": NOON.timestamp(),
    }
    first = cloud.serve("GetMetricData", asked)  # without the client, which takes a second to parse as many
    assert sum(len(result["Values"]) for result in first["MetricDataResults"]) == 100_800
    assert first["MetricDataResults"][-1]["StatusCode"] == "PartialData"
    rest = cloud.serve("GetMetricData", {**asked, "NextToken": first["NextToken"]})
    assert [len(result["Values"]) for result in rest["MetricDataResults"]] == [840]
    assert "NextToken" not in rest


def test_a_series_cut_by_the_limit_is_partial_and_goes_on_where_it_stopped(cloud, metrics):
    cloud.function("orders").invoked(every=HOUR)
    queries = [metrics.query("a", FunctionName="orders"), metrics.query("b", FunctionName="orders")]
    points, statuses, token = {"a": [], "b": []}, [], {}
    while True:
        page = metrics.ask(queries, MaxDatapoints=700, **token)
        for result in page["MetricDataResults"]:
            points[result["Id"]] += result["Timestamps"]
            statuses.append((result["Id"], len(result["Values"]), result["StatusCode"]))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert statuses == [
        ("a", 700, "PartialData"),
        ("b", 0, "PartialData"),
        ("a", 140, "Complete"),
        ("b", 560, "PartialData"),
        ("b", 280, "Complete"),
    ]
    assert points["a"] == points["b"] == sorted(points["a"], reverse=True)
    assert len(points["a"]) == 840


def test_a_token_nobody_handed_out_is_refused(metrics):
    assert refused(metrics, [metrics.query()], NextToken="made up")[0] == "InvalidNextToken"


def test_list_metrics_forgets_what_was_silent_for_two_weeks(cloud, metrics):
    orders = cloud.function("orders").publish(3)
    orders.invoked(1, at=NOON - 15 * DAY).invoked(2, at=NOON - 13 * DAY)
    assert metrics.listed(FunctionName="orders") == [
        {"FunctionName": "orders"},
        {"FunctionName": "orders", "Resource": "orders:2"},
    ]
    assert metrics.total(FunctionName="orders", Resource="orders:1") == 1


def test_list_metrics_shows_what_contains_the_dimensions(cloud, metrics):
    cloud.function("orders").publish(2).alias("live", 2).invoked("live").invoked(1)
    cloud.function("other").invoked()
    assert metrics.listed(FunctionName="orders", Resource="orders:live") == [
        {"FunctionName": "orders", "Resource": "orders:live"},
        {"FunctionName": "orders", "Resource": "orders:live", "ExecutedVersion": "2"},
    ]
    found = metrics.client.list_metrics(Namespace="AWS/Lambda", Dimensions=[{"Name": "ExecutedVersion"}])["Metrics"]
    assert len(found) == 1


def test_list_metrics_is_paged_at_five_hundred(cloud, metrics):
    for index in range(251):
        cloud.function(f"f{index:03d}").invoked()
    first = metrics.client.list_metrics(Namespace="AWS/Lambda", MetricName="Invocations")
    assert len(first["Metrics"]) == 500
    assert len(metrics.listed()) == 503


def test_list_metrics_can_be_narrowed_to_three_hours(cloud, metrics):
    cloud.function("orders").invoked(at=NOON - 4 * HOUR)
    asked = {"Namespace": "AWS/Lambda", "Dimensions": [{"Name": "FunctionName"}]}
    assert metrics.client.list_metrics(**asked, RecentlyActive="PT3H")["Metrics"] == []
    assert len(metrics.client.list_metrics(**asked)["Metrics"]) == 2


def test_other_namespaces_are_empty(cloud, metrics):
    cloud.function("orders").invoked(at=NOON - HOUR)
    assert metrics.client.list_metrics(Namespace="AWS/EC2")["Metrics"] == []
