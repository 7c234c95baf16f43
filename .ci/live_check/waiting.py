"""Wait for what AWS tells late: metrics, their names, and CloudTrail's events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from live_check.findings import CouldNotBeAskedError, words_of
from live_check.scene import Scene, Series
from live_check.traffic import BY_NUMBER, GONE, LIVE, OF_GONE, PRIMARY, WEIGHTED
from orchestrator.aws.errors import AWS_ERRORS

LONGEST = timedelta(minutes=25)
ROUND_SECONDS, SETTLING_SECONDS = 30, 90
"""Between two looks; and after all has arrived, for what should not arrive."""
CREATED, UPDATED = "CreateAlias20150331", "UpdateAlias20150331"
EVENTS = {CREATED: {LIVE, GONE}, UPDATED: {LIVE}}
"""The events that must come, and the aliases they are about."""

Source = Callable[[Scene], tuple[bool, str]]
"""Looks once: whether all has arrived, and how far it is."""


def alone(scene: Scene) -> Series:
    """Return the set that nobody publishes: Resource without FunctionName."""
    return Series(resource=f"{scene.name}:{BY_NUMBER}")


def throttles(scene: Scene) -> Series:
    """Return the series of calls that were throttled."""
    return Series("Throttles", function=scene.name)


def expected(scene: Scene) -> dict[Series, float]:
    """What each series must say once all has arrived, by what was sent."""
    series, calls = scene.series, scene.calls
    said = {
        scene.total: scene.sent.total(),
        series(): calls(None),
        series("$LATEST"): calls("$LATEST"),
        series(BY_NUMBER): calls(BY_NUMBER),
        series(PRIMARY): 0,
        series(WEIGHTED): 0,
        series(LIVE): calls(LIVE),
        series(LIVE, PRIMARY): calls(LIVE, PRIMARY),
        series(LIVE, WEIGHTED): calls(LIVE, WEIGHTED),
        series(GONE): calls(GONE),
        series(GONE, OF_GONE): calls(GONE, OF_GONE),
        alone(scene): 0,
        throttles(scene): 1 if scene.throttled else 0,
    }
    return {one: float(count) for one, count in said.items()}


def wait_for_what_comes_late(scene: Scene) -> None:
    """Look every half minute until all has arrived, at most 25 minutes; whatever has not by then is missing."""
    began = scene.world.clock()
    sources: dict[str, Source] = {"metrics": _metrics, "ListMetrics": _names, "CloudTrail": _events}
    while True:
        looked = {name: look(scene) for name, look in sources.items()}
        sources = {name: sources[name] for name, (arrived, _) in looked.items() if not arrived}
        waited = scene.world.clock() - began
        if not sources or waited >= LONGEST:
            break
        how_far = "; ".join(f"{name}: {words}" for name, (arrived, words) in looked.items() if not arrived)
        scene.world.say(f"waiting since {_minutes(waited)} of at most {_minutes(LONGEST)} ({how_far})")
        scene.world.sleep(ROUND_SECONDS)
    if scene.sums is not None:
        scene.world.sleep(SETTLING_SECONDS)
        _metrics(scene)


def _metrics(scene: Scene) -> tuple[bool, str]:
    wanted = expected(scene)
    try:
        sums = dict(_sums(scene, list(wanted)))
    except (CouldNotBeAskedError, *AWS_ERRORS) as error:
        scene.why_no_sums = words_of(error)
        return not isinstance(error, CouldNotBeAskedError), scene.why_no_sums
    if any(sums.values()):
        scene.sums = sums
    else:
        scene.why_no_sums = "no metric has arrived"
    return sums == wanted, f"{sums[scene.total]:.0f} of {wanted[scene.total]:.0f} calls"


def _sums(scene: Scene, asked: list[Series]) -> Iterator[tuple[Series, float]]:
    start = scene.started.replace(second=0, microsecond=0)
    queries = [
        {
            "Id": f"s{index}",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/Lambda", "MetricName": one.metric, "Dimensions": one.dimensions()},
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for index, one in enumerate(asked)
    ]
    scene.metrics_asked += len(queries)
    answer = scene.clients.metrics.get_metric_data(
        MetricDataQueries=queries, StartTime=start, EndTime=scene.world.clock() + timedelta(minutes=1)
    )
    results = {row["Id"]: row for row in answer["MetricDataResults"]}
    for index, one in enumerate(asked):
        row = results[f"s{index}"]
        if row["StatusCode"] != "Complete":
            raise CouldNotBeAskedError(f"{one} is {row['StatusCode']}")
        yield one, sum(row["Values"])


def _names(scene: Scene) -> tuple[bool, str]:
    wanted = {scene.series(qualifier).resource for qualifier in (BY_NUMBER, LIVE, GONE)}
    try:
        pages = scene.clients.metrics.get_paginator("list_metrics").paginate(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": "FunctionName", "Value": scene.name}],
        )
        dimensions = [one for page in pages for metric in page["Metrics"] for one in metric["Dimensions"]]
    except AWS_ERRORS as error:
        return True, words_of(error)
    scene.listed_resources = frozenset(one["Value"] for one in dimensions if one["Name"] == "Resource")
    return wanted <= scene.listed_resources, f"{len(wanted & scene.listed_resources)} of {len(wanted)} names"


def _events(scene: Scene) -> tuple[bool, str]:
    wanted = [(event, alias) for event, aliases in EVENTS.items() for alias in sorted(aliases)]
    try:
        for event in EVENTS:
            _look_up(scene, event)
    except AWS_ERRORS as error:
        scene.why_no_events = words_of(error)
        return True, scene.why_no_events
    except (KeyError, TypeError, ValueError) as error:
        scene.why_no_events = f"CloudTrail told of an event that cannot be read: {error!r}"
        return True, scene.why_no_events
    come = [key for key in wanted if "/".join(key) in scene.events]
    return len(come) == len(wanted), f"{len(come)} of {len(wanted)} events"


def _look_up(scene: Scene, event: str) -> None:
    pages = scene.clients.trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": event}],
        StartTime=scene.started.replace(microsecond=0),
    )
    for page in pages:
        for row in page["Events"]:
            told = json.loads(row["CloudTrailEvent"])
            given = told.get("requestParameters") or {}
            if scene.name in json.dumps(given):
                scene.events.setdefault(f"{event}/{given.get('name')}", (_with_time(told, row), scene.world.clock()))
        scene.world.sleep(0.6)  # two calls a second are everybody's


def _with_time(told: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    at: datetime = row["EventTime"]
    return {**told, "at": at}


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} min"
