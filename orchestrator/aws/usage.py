"""Ask when each version was last called, and whether its known callers account for every call of its function.

CloudWatch matches dimension sets exactly. A call by number is published under `Resource=fn:7`; one through an alias
only under `Resource=fn:alias`, with `ExecutedVersion=7` beside it; `{FunctionName}` holds all of them.

Every series is asked by the day first; only those that hold anything are asked again by the period. So silent versions,
which are most, use next to nothing of the datapoints a second that CloudWatch grants by what a query could return.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from orchestrator.aws.errors import AWS_ERRORS, not_judged
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import LastCall, Missing, Usage

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

GET_METRIC_DATA = "cloudwatch:GetMetricData"
LIST_METRICS = "cloudwatch:ListMetrics"
ACTIONS = (GET_METRIC_DATA, LIST_METRICS)

QUERIES_A_CALL = 500
DATAPOINTS_A_CALL = 100_800
"""A call asks for no more than one answer can hold."""
ATTEMPTS = 3
"""How often a series is asked that answers InternalError."""

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
RETENTION = ((MINUTE, 15 * DAY), (5 * MINUTE, 63 * DAY), (HOUR, 455 * DAY))
"""How long CloudWatch keeps points of each granularity, in seconds."""
RETENTION_MARGIN = HOUR
"""A window stays this far from what CloudWatch is about to forget."""
SETTLES_AFTER = 15 * MINUTE
"""An invocation is counted where it began, and may run for fifteen minutes before it is."""

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is looked back over, in whole periods since the epoch."""

    start: datetime
    end: datetime
    settled_end: datetime
    """Periods that end by then will not change any more."""
    period_seconds: int
    widened: bool
    """Whether the period asked for was too fine: CloudWatch does not keep such points for that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuestion:
    """What to ask about one function."""

    function_name: str
    numbers: tuple[int, ...]
    """All its published versions."""
    survivors: tuple[int, ...]
    """The versions still in question: each is also asked through every alias."""
    qualifiers: frozenset[str]
    """Its aliases, and whatever else ListMetrics has seen it called by."""
    unseen: Missing | None = None
    """Why not all the qualifiers it may have been called by are known."""


def window(now: datetime, lookback_days: int, period_seconds: int) -> Window:
    """Return the window of a lookback, its period widened as far as CloudWatch's retention demands.

    The window starts no earlier than the first whole day that CloudWatch still keeps. Raises ValueError for a period
    that is not between a minute and an hour: the reconciliation holds for whole periods of at most an hour.
    """
    if not MINUTE <= period_seconds <= HOUR:
        raise ValueError(f"a period is between {MINUTE} and {HOUR} seconds, not {period_seconds!r}")
    seconds = _seconds(now)
    lookback = lookback_days * DAY
    period = _period_kept_for(lookback, period_seconds)
    first_kept = _ceil(seconds - RETENTION[-1][1] + RETENTION_MARGIN, DAY)
    return Window(
        start=_utc(max(_floor(seconds - lookback, period), first_kept)),
        end=_utc(_ceil(seconds + 1, period)),
        settled_end=_utc(_floor(seconds - SETTLES_AFTER, period)),
        period_seconds=period,
        widened=period != period_seconds,
    )


def _period_kept_for(lookback: int, period: int) -> int:
    for granularity, kept in RETENTION:
        if lookback + RETENTION_MARGIN <= kept:
            return _ceil(period, granularity)
    return HOUR


def _floor(seconds: int, step: int) -> int:
    return seconds - seconds % step


def _ceil(seconds: int, step: int) -> int:
    return -(-seconds // step) * step


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def seen_qualifiers(cloudwatch: CloudWatchClient, function_name: str) -> frozenset[str] | Missing:
    """Return the qualifiers a function was lately called by: numbers, `$LATEST`, aliases, those of deleted ones too.

    CloudWatch lists a metric for two weeks after its last point. Raises CredentialsError.
    """
    prefix = f"{function_name}:"
    try:
        pages = cloudwatch.get_paginator("list_metrics").paginate(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": "FunctionName", "Value": function_name}],
        )
        return frozenset(
            dimension["Value"].removeprefix(prefix)
            for page in pages
            for metric in page["Metrics"]
            for dimension in metric["Dimensions"]
            if dimension["Name"] == "Resource" and dimension["Value"].startswith(prefix)
        )
    except AWS_ERRORS as error:
        return not_judged(Check.FUNCTION_TOTAL, error, LIST_METRICS)


def region_activity(cloudwatch: CloudWatchClient, asked: Window) -> datetime | Missing | None:
    """Return the newest period in which any function of the region ran, or None. Raises CredentialsError."""
    for _, answer in _ask(cloudwatch, [_THE_REGION], _Span(asked.start, asked.end, asked.period_seconds)):
        if isinstance(answer, Missing):
            return answer
        if isinstance(answer, _Unreadable):
            return Missing(Check.INVOCATIONS, answer.words)
        return _newest(answer)
    return None


def read_usage(
    cloudwatch: CloudWatchClient, questions: Iterable[UsageQuestion], asked: Window
) -> dict[str, Usage | Missing]:
    """Return how each function was used; a function any of whose calls failed is Missing as a whole.

    Questions are taken as they come, and packed into full calls whichever function they belong to. Raises
    CredentialsError.
    """
    readings: dict[str, _Reading] = {}
    by_day = _Span(_utc(_floor(_seconds(asked.start), DAY)), asked.end, DAY)
    by_period = _Span(asked.start, asked.end, asked.period_seconds)

    def every_series() -> Iterator[_Series]:
        for question in questions:
            readings[question.function_name] = _Reading(question, asked)
            yield from _series_of(question)

    def busy_series() -> Iterator[_Series]:
        for series, answer in _ask(cloudwatch, every_series(), by_day):
            if isinstance(answer, dict) and any(answer.values()):
                yield series
            else:
                readings[series.function_name].take(series, answer)

    for series, answer in _ask(cloudwatch, busy_series(), by_period):
        readings[series.function_name].take(series, answer)
    return {name: reading.usage() for name, reading in readings.items()}


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric, by its exact dimension set."""

    function_name: str
    """Empty: the whole region."""
    qualifier: str | None = None
    """None: all calls of the function; empty: those that named no qualifier."""
    executed: int | None = None
    """The version that ran behind the alias which is the qualifier."""

    @property
    def dimensions(self) -> dict[str, str]:
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
        return int(self.qualifier) if self.qualifier and self.qualifier.isdigit() else self.executed

    @property
    def through(self) -> str | None:
        """The alias that its version was called through."""
        return None if self.executed is None else self.qualifier


_THE_REGION = _Series("")


def _series_of(question: UsageQuestion) -> Iterator[_Series]:
    name = question.function_name
    known = {"", LATEST, *map(str, question.numbers), *question.qualifiers}
    aliases = sorted(qualifier for qualifier in known if _is_alias(qualifier))
    yield _Series(name)
    for qualifier in sorted(known):
        yield _Series(name, qualifier)
    for number in question.survivors:
        for alias in aliases:
            yield _Series(name, alias, number)


def _is_alias(qualifier: str) -> bool:
    """Tell an alias from a number, and from `$LATEST` and its like, which no alias may be named."""
    return qualifier != "" and not qualifier.isdigit() and not qualifier.startswith("$")


_Points: TypeAlias = dict[int, float]
"""Calls by period, keyed by the second at which the period starts."""


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """A series that CloudWatch did not answer completely."""

    words: str


_Answer: TypeAlias = _Points | _Unreadable | Missing
"""What came of asking for one series; Missing when the whole call failed."""


@dataclass(slots=True)
class _Reading:
    """What has been read of one function so far."""

    question: UsageQuestion
    window: Window
    calls: dict[int, LastCall] = field(default_factory=dict)
    unreadable: dict[int, Missing] = field(default_factory=dict)
    function_last: datetime | None = None
    qualified_last: datetime | None = None
    failed: Missing | None = None
    incomplete: Missing | None = None
    """Why the total and its parts cannot be compared."""
    unexplained: _Points = field(default_factory=dict)
    """By settled period, the function's total less what its known qualifiers account for; zeros are dropped."""

    def take(self, series: _Series, answer: _Answer) -> None:
        """Add what came of one series."""
        if isinstance(answer, Missing):
            self.failed = answer
        elif isinstance(answer, _Unreadable):
            self._cannot_read(series, answer.words)
        else:
            self._note_newest(series, _newest(answer))
            if series.executed is None:
                self._compare(answer, 1 if series.qualifier is None else -1)

    def _cannot_read(self, series: _Series, words: str) -> None:
        if series.version is not None:
            self.unreadable[series.version] = Missing(Check.INVOCATIONS, words)
        if series.executed is None:
            self.incomplete = Missing(Check.FUNCTION_TOTAL, words)

    def _note_newest(self, series: _Series, newest: datetime | None) -> None:
        if newest is None:
            return
        if series.qualifier is None:
            self.function_last = newest
            return
        if series.qualifier not in {"", LATEST} and (self.qualified_last is None or self.qualified_last < newest):
            self.qualified_last = newest
        if series.version is not None:
            before = self.calls.get(series.version)
            if before is None or before.at < newest:
                self.calls[series.version] = LastCall(newest, series.through)

    def _compare(self, points: _Points, sign: int) -> None:
        last = _seconds(self.window.settled_end) - self.window.period_seconds
        for at, value in points.items():
            if at <= last:
                left = self.unexplained.pop(at, 0) + sign * value
                if left:
                    self.unexplained[at] = left

    def usage(self) -> Usage | Missing:
        """Sum up, once every series was taken."""
        if self.failed is not None:
            return self.failed
        newest_unexplained = _utc(max(self.unexplained)) if self.unexplained else None
        return Usage(
            asked=frozenset(self.question.survivors) - self.unreadable.keys(),
            calls=self.calls,
            unreadable=self.unreadable,
            function_last=self.function_last,
            qualified_last=self.qualified_last,
            unexplained=self.question.unseen or self.incomplete or newest_unexplained,
        )


def _newest(points: _Points) -> datetime | None:
    newest = max((at for at, value in points.items() if value), default=None)
    return None if newest is None else _utc(newest)


@dataclass(frozen=True, slots=True)
class _Span:
    """The time and the period of one round of queries."""

    start: datetime
    end: datetime
    period_seconds: int

    @property
    def series_a_call(self) -> int:
        """How many series one answer is sure to hold."""
        points = -(-(_seconds(self.end) - _seconds(self.start)) // self.period_seconds)
        return max(1, min(QUERIES_A_CALL, DATAPOINTS_A_CALL // points))


def _ask(cloudwatch: CloudWatchClient, wanted: Iterable[_Series], span: _Span) -> Iterator[tuple[_Series, _Answer]]:
    """Ask for series in calls as full as they may be, each sent as soon as it is full."""
    waiting = iter(wanted)
    while batch := list(islice(waiting, span.series_a_call)):
        yield from _answers(cloudwatch, batch, span).items()


def _answers(cloudwatch: CloudWatchClient, batch: Sequence[_Series], span: _Span) -> dict[_Series, _Answer]:
    """Ask for one batch, and again for what answered InternalError."""
    answers: dict[_Series, _Answer] = {}
    remaining = list(batch)
    for _ in range(ATTEMPTS):
        try:
            outcome = _outcome(cloudwatch, remaining, span)
        except AWS_ERRORS as error:
            answers |= dict.fromkeys(remaining, not_judged(Check.INVOCATIONS, error, GET_METRIC_DATA))
            break
        answers |= {series: result.answer() for series, result in zip(remaining, outcome, strict=True)}
        remaining = [s for s, result in zip(remaining, outcome, strict=True) if result.status == "InternalError"]
        if not remaining:
            break
    return answers


@dataclass(slots=True)
class _Result:
    """What one call, over all its pages, says of one series."""

    status: str = "no result"
    points: _Points = field(default_factory=dict)
    message: str = ""

    def add(self, result: Mapping[str, Any]) -> None:
        """Add what one page says: later pages complete a PartialData, and mend nothing else."""
        if self.status in {"no result", "PartialData", "Complete"}:
            self.status = result["StatusCode"]
        for at, value in zip(result["Timestamps"], result["Values"], strict=True):
            self.points[_seconds(at)] = value
        for message in result.get("Messages", ()):
            self.message = f", {message.get('Value', '')}"

    def answer(self) -> _Points | _Unreadable:
        """Return the points, when they are all there."""
        if self.status == "Complete":
            return self.points
        return _Unreadable(f"{GET_METRIC_DATA} {self.status}{self.message}")


def _outcome(cloudwatch: CloudWatchClient, batch: Sequence[_Series], span: _Span) -> list[_Result]:
    """Make one call and follow its pages. A message about the call as a whole leaves nothing readable."""
    results = [_Result() for _ in batch]
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
            return [_Result(status=words) for _ in batch]
    return results


def _query(query_id: str, series: _Series, span: _Span) -> MetricDataQueryTypeDef:
    return {
        "Id": query_id,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": "Invocations",
                "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions.items()],
            },
            "Period": span.period_seconds,
            "Stat": "Sum",
        },
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
