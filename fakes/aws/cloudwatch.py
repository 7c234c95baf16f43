"""CloudWatch's GetMetricData and ListMetrics for `AWS/Lambda` `Invocations` and `Throttles`.

A dimension set that was not published answers empty and Complete; so does a period too fine for the age. Neither is an
error: that is the trap.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from fakes.aws.metrics import FORGOTTEN_AFTER, HOUR, MINUTE, Metrics, Series, retention, rounded_start
from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

Parameters = dict[str, Any]

MOST_QUERIES = 500
MOST_DATAPOINTS = 100_800
METRICS_PAGE = 500
NAMESPACE = "AWS/Lambda"
INVOCATIONS, THROTTLES = "Invocations", "Throttles"

_ID = re.compile(r"^[a-z][a-zA-Z0-9_]*$")


def get_metric_data(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Sums per period for up to 500 series, 100,800 datapoints a call, then NextToken.

    A series cut by the limit, or not begun, is PartialData; later pages carry only what was missing.
    """
    queries = _checked_queries(given)
    start, end = int(given["StartTime"]), int(given["EndTime"])
    if start >= end:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    budget = min(int(given.get("MaxDatapoints") or MOST_DATAPOINTS), MOST_DATAPOINTS)
    first, skip = _token(given)
    newest_first = given.get("ScanBy", "TimestampDescending") != "TimestampAscending"
    results = []
    token = None
    for index, query in enumerate(queries[first:], first):
        if token is not None:
            results.append(_result(cloud, query, [], partial=True))
            continue
        points = _points(cloud, query, start, end, newest_first=newest_first)[skip:]
        taken = points[:budget]
        if len(taken) < len(points):
            token = _written_token(index, skip + len(taken))
        results.append(_result(cloud, query, taken, partial=token is not None))
        budget -= len(taken)
        skip = 0
    body: dict[str, Any] = {"MetricDataResults": [r for r in results if r is not None]}
    messages = cloud.faults.messages()
    if messages:
        body["Messages"] = [{"Code": code, "Value": value} for code, value in messages]
    if token is not None:
        body["NextToken"] = token
    return body


def list_metrics(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Return the dimension sets that contain the given dimensions and were active in the last two weeks, 500 a page."""
    metric = given.get("MetricName", INVOCATIONS)
    metrics = _kept(cloud, given.get("Namespace", NAMESPACE), metric)
    if metrics is None:
        return {"Metrics": []}
    now = int(cloud.now().timestamp())
    since = now - (3 * HOUR if given.get("RecentlyActive") == "PT3H" else FORGOTTEN_AFTER)
    wanted = {one["Name"]: one.get("Value") for one in given.get("Dimensions", [])}
    found = list(metrics.named(wanted, since, now))
    start, _ = _token(given)
    rows = [
        {
            "Namespace": NAMESPACE,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        for dimensions in found[start : start + METRICS_PAGE]
    ]
    body: dict[str, Any] = {"Metrics": rows}
    if start + METRICS_PAGE < len(found):
        body["NextToken"] = _written_token(start + METRICS_PAGE, 0)
    return body


def _checked_queries(given: Parameters) -> list[dict[str, Any]]:
    queries: list[dict[str, Any]] = given.get("MetricDataQueries") or []
    if not queries:
        raise _invalid("The parameter MetricDataQueries is required.")
    if len(queries) > MOST_QUERIES:
        raise _invalid(f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) < len(ids):
        raise _invalid("The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if not _ID.match(query["Id"]):
            raise _invalid(
                f"The value {query['Id']} for parameter id is not matching the expected pattern {_ID.pattern}."
            )
        stat = query.get("MetricStat")
        if stat is None or stat.get("Stat") not in {"Sum", "SampleCount"}:
            raise _invalid("Only MetricStat queries with Stat Sum are answered here.")
        period = stat["Period"]
        if period not in {1, 5, 10, 20, 30} and (period <= 0 or period % MINUTE):
            raise _invalid(f"Invalid Period {period}: must be 1, 5, 10, 20, 30 or a multiple of 60.")
    return queries


def _kept(cloud: Cloud, namespace: str | None, metric: str | None) -> Metrics | None:
    return (
        {INVOCATIONS: cloud.metrics, THROTTLES: cloud.throttles}.get(metric or "") if namespace == NAMESPACE else None
    )


def _dimensions(query: dict[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in query["MetricStat"]["Metric"].get("Dimensions", [])}


def _points(cloud: Cloud, query: dict[str, Any], start: int, end: int, *, newest_first: bool) -> list[tuple[int, int]]:
    metric, period = query["MetricStat"]["Metric"], query["MetricStat"]["Period"]
    metrics = _kept(cloud, metric.get("Namespace"), metric.get("MetricName"))
    series: Series | None = metrics.find(_dimensions(query)) if metrics else None
    if series is None:
        return []
    now = int(cloud.now().timestamp())
    begin = rounded_start(start, now)
    begin -= begin % period if period < MINUTE else 0
    horizon = now - retention(period)
    if begin < horizon:
        begin += -(-(horizon - begin) // period) * period
    visible_until = now - int(cloud.home.metric_lag.total_seconds()) + 1
    sums = series.sums(begin, end, period, visible_until)
    return sorted(sums.items(), reverse=newest_first)


def _result(
    cloud: Cloud, query: dict[str, Any], points: list[tuple[int, int]], *, partial: bool
) -> dict[str, Any] | None:
    dimensions = _dimensions(query)
    result: dict[str, Any] = {
        "Id": query["Id"],
        "Label": query.get("Label") or " ".join([*dimensions.values(), query["MetricStat"]["Metric"]["MetricName"]]),
        "Timestamps": [float(moment) for moment, _ in points],
        "Values": [float(value) for _, value in points],
        "StatusCode": "PartialData" if partial else "Complete",
    }
    blur = cloud.faults.blur_of(dimensions)
    if blur is not None:
        result.update(StatusCode=blur.status_code, Timestamps=[], Values=[])
        if blur.message:
            result["Messages"] = [{"Code": blur.status_code, "Value": blur.message}]
    return result if query.get("ReturnData", True) else None


def _token(given: Parameters) -> tuple[int, int]:
    if not given.get("NextToken"):
        return 0, 0
    try:
        index, skip = json.loads(base64.b64decode(given["NextToken"]))
    except ValueError:
        raise RefusalError("InvalidNextToken", "The next token specified is invalid.") from None
    return int(index), int(skip)


def _written_token(index: int, skip: int) -> str:
    return base64.b64encode(json.dumps([index, skip]).encode()).decode()


def _invalid(message: str) -> RefusalError:
    return RefusalError("ValidationError", message)
