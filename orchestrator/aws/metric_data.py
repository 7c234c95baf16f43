"""Ask CloudWatch for many series of `AWS/Lambda`, in calls as full as they may be and side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from orchestrator.aws.errors import AWS_ERRORS, not_judged
from orchestrator.aws.lookback import Span, seconds_of
from orchestrator.domain.reasons import Check

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

GET_METRIC_DATA = "cloudwatch:GetMetricData"

QUERIES_A_CALL = 500
DATAPOINTS_A_CALL = 100_800
"""A call asks for no more than one answer can hold."""
ATTEMPTS = 3
"""How often a series is asked that answers InternalError."""
CALLS_AHEAD = 4
"""Calls in flight at once: enough for our share of the quota, and what they answer is held in memory."""

INVOCATIONS, THROTTLES = "Invocations", "Throttles"
LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Series:
    """One metric, by its exact dimension set."""

    function_name: str
    """Empty: the whole region."""
    qualifier: str | None = None
    """None: all calls of the function; empty: those that named no qualifier."""
    executed: int | str | None = None
    """The version that ran behind the alias which is the qualifier; `$LATEST` may."""
    metric: str = INVOCATIONS

    @property
    def dimensions(self) -> dict[str, str]:
        """The exact dimension set."""
        name = self.function_name
        dimensions = {"FunctionName": name} if name else {}
        if self.qualifier is not None:
            dimensions["Resource"] = f"{name}:{self.qualifier}" if self.qualifier else name
        if self.executed is not None:
            dimensions["ExecutedVersion"] = str(self.executed)
        return dimensions

    @property
    def version(self) -> int | None:
        """The version whose calls it counts; None when it counts those of several."""
        if self.executed is not None:
            return self.executed if isinstance(self.executed, int) else None
        return int(self.qualifier) if self.qualifier and self.qualifier.isdigit() else None


Points: TypeAlias = dict[int, float]
"""Calls by period, keyed by the second at which the period starts; silent periods are left out."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A series that CloudWatch did not answer, or not completely; in AWS's words."""

    words: str


Answer: TypeAlias = Points | Unreadable


def ask(
    cloudwatch: CloudWatchClient,
    wanted: Iterable[Series],
    spans: Sequence[Span],
    pool: Executor,
    go_on: Callable[[], bool] = lambda: True,
) -> Iterator[tuple[Series, Answer]]:
    """Ask for series over all spans, and yield each with its answer, in their order.

    When `go_on` says no after the first call, what is on its way is still yielded and nothing more is asked. Raises
    CredentialsError.
    """
    waiting = iter(wanted)
    most = max(1, min(QUERIES_A_CALL, DATAPOINTS_A_CALL // max(span.points for span in spans)))
    coming: deque[tuple[list[Series], list[Future[dict[Series, Answer]]]]] = deque()
    begun = False
    while True:
        while len(coming) < CALLS_AHEAD and (not begun or go_on()) and (batch := list(islice(waiting, most))):
            begun = True
            coming.append((batch, [pool.submit(_answers, cloudwatch, batch, span) for span in spans]))
        if not coming:
            return
        batch, parts = coming.popleft()
        answers = [part.result() for part in parts]
        for series in batch:
            yield series, _together([answer[series] for answer in answers])


def _together(answers: Sequence[Answer]) -> Answer:
    """One answer over all spans, which do not overlap; unreadable where one of them is."""
    points: Points = {}
    for answer in answers:
        if isinstance(answer, Unreadable):
            return answer
        points |= answer
    return points


def _answers(cloudwatch: CloudWatchClient, batch: Sequence[Series], span: Span) -> dict[Series, Answer]:
    """Ask for one batch, and again for what answered InternalError; a call that fails leaves its series unreadable."""
    answers: dict[Series, Answer] = {}
    remaining = list(batch)
    for _ in range(ATTEMPTS):
        try:
            outcome = _outcome(cloudwatch, remaining, span)
        except AWS_ERRORS as error:
            words = not_judged(Check.INVOCATIONS, error, GET_METRIC_DATA).words
            answers |= dict.fromkeys(remaining, Unreadable(words))
            break
        answers |= {series: result.answer() for series, result in zip(remaining, outcome, strict=True)}
        remaining = [s for s, result in zip(remaining, outcome, strict=True) if result.status == "InternalError"]
        if not remaining:
            break
    return answers


@dataclass(slots=True)
class Result:
    """What one call, over all its pages, says of one series."""

    status: str = "no result"
    points: Points = field(default_factory=dict)
    message: str = ""

    def add(self, result: Mapping[str, Any]) -> None:
        """Add what one page says: later pages complete a PartialData, and mend nothing else."""
        if self.status in {"no result", "PartialData", "Complete"}:
            self.status = result["StatusCode"]
        for at, value in zip(result["Timestamps"], result["Values"], strict=True):
            if value:
                self.points[seconds_of(at)] = value
        for message in result.get("Messages", ()):
            self.message = f", {message.get('Value', '')}"

    def answer(self) -> Answer:
        """Return the points, when they are all there."""
        if self.status == "Complete":
            return self.points
        return Unreadable(f"{GET_METRIC_DATA} {self.status}{self.message}")


def _outcome(cloudwatch: CloudWatchClient, batch: Sequence[Series], span: Span) -> list[Result]:
    """Make one call and follow its pages. A message about the call as a whole leaves nothing readable."""
    results = [Result() for _ in batch]
    by_id = {f"m{index}": result for index, result in enumerate(results)}
    queries = [_query(f"m{index}", series, span) for index, series in enumerate(batch)]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=span.start, EndTime=span.end
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            by_id[result["Id"]].add(result)
        for message in page.get("Messages", ()):
            words = f"{message.get('Code', '')}, {message.get('Value', '')}"
            return [Result(status=words) for _ in batch]
    return results


def _query(query_id: str, series: Series, span: Span) -> MetricDataQueryTypeDef:
    return {
        "Id": query_id,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": series.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions.items()],
            },
            "Period": span.period_seconds,
            "Stat": "Sum",
        },
    }
