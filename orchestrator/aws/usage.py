"""Ask when each version was last called, and whether its known callers account for every call of its function.

CloudWatch matches dimension sets exactly. A call by number is published under `Resource=fn:7`; one through an alias
only under `Resource=fn:alias`, with `ExecutedVersion=7` beside it; `{FunctionName}` holds all of them. A throttled call
is published as `Throttles` alone, without a version behind the alias.

What is asked goes in rounds over many functions. The first ones ask by the day who was called at all; each later one
asks only what an answer before it left open. A version that was called needs no more, an alias without a call is not
asked version by version, and the period is asked only of what holds anything, of functions with a version still open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from orchestrator.aws.errors import AWS_ERRORS, not_judged
from orchestrator.aws.lookback import Window, utc
from orchestrator.aws.metric_data import GET_METRIC_DATA, Series, Unreadable, ask
from orchestrator.aws.usage_reading import Reading, Round, UsageQuestion
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Missing, Usage

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

Json = dict[str, Any]

LIST_METRICS = "cloudwatch:ListMetrics"
ACTIONS = (GET_METRIC_DATA, LIST_METRICS)

_THE_REGION = Series("")


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


def region_activity(cloudwatch: CloudWatchClient, asked: Window, pool: Executor) -> datetime | Missing | None:
    """Return the newest period in which any function of the region ran, or None. Raises CredentialsError."""
    ((_, answer),) = ask(cloudwatch, [_THE_REGION], asked.by_period, pool)
    if isinstance(answer, Unreadable):
        return Missing(Check.INVOCATIONS, answer.words)
    return utc(max(answer)) if answer else None


def read_usage(
    cloudwatch: CloudWatchClient, questions: Iterable[UsageQuestion], asked: Window, pool: Executor
) -> dict[str, Usage]:
    """Return how each function was used. What could not be read is Missing, series by series. Raises CredentialsError.

    Questions are packed into full calls whichever function they belong to; the calls go side by side.
    """
    reader = UsageReader.of(questions, asked)
    reader.read(cloudwatch, pool)
    return reader.usage()


@dataclass(slots=True)
class UsageReader:
    """Reads how functions were used, and can stop anywhere: what it knows then is a plain dict to continue from."""

    readings: Mapping[str, Reading]
    window: Window
    round: int = 0
    taken: int = 0
    """How many series of this round were answered."""

    @classmethod
    def of(cls, questions: Iterable[UsageQuestion], asked: Window) -> UsageReader:
        """Begin to read."""
        return cls({question.function_name: Reading(question, asked) for question in questions}, asked)

    def read(self, cloudwatch: CloudWatchClient, pool: Executor, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Ask round by round; return False when `go_on` ended it before everything was read."""
        rounds = tuple(Round)
        while self.round < len(rounds):
            this = rounds[self.round]
            if self.taken == 0:
                for reading in self.readings.values():
                    reading.plan(this)
            waiting = islice(self._series(), self.taken, None)
            for series, answer in ask(cloudwatch, waiting, this.spans(self.window), pool, go_on):
                self.readings[series.function_name].take(series, answer, this)
                self.taken += 1
            if next(waiting, None) is not None:
                return False
            self.round, self.taken = self.round + 1, 0
        return True

    def _series(self) -> Iterator[Series]:
        for reading in self.readings.values():
            yield from reading.series()

    def usage(self) -> dict[str, Usage]:
        """Sum up, once everything was read."""
        return {name: reading.usage() for name, reading in self.readings.items()}

    def to_dict(self) -> Json:
        """What is known so far, to continue from; the questions are given again."""
        return {
            "round": self.round,
            "taken": self.taken,
            "readings": {name: reading.to_dict() for name, reading in self.readings.items()},
        }

    def resume(self, data: Mapping[str, Any]) -> UsageReader:
        """Continue from what was known."""
        self.round, self.taken = data["round"], data["taken"]
        for name, reading in self.readings.items():
            reading.resume(data["readings"][name])
        return self
