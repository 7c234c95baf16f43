"""The public tool's way of asking: what it calls, in its order, one call after the other. Its pattern, not its code.

Listing; State of every version (GetFunctionConfiguration); then, version by version, its invocations
(GetMetricStatistics), and once a function its own invocations, its aliases, and the invocations of each alias.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmark import latency
from benchmark.fleet import Fleet
from fakes.aws import Cloud, Quotas, RefusalError
from fakes.aws.cloud import OPERATIONS

ALIASES_A_FUNCTION = 1
LONGEST_PAUSE = 20.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What that took: answered calls by quota class, and the time."""

    calls: Mapping[str, int]
    throttled: int
    seconds: float


def plan(fleet: Fleet) -> Iterator[str]:
    """The operations, in their order."""
    yield from ["ListFunctions"] * fleet.listing_pages
    yield from ["GetFunctionConfiguration"] * fleet.size
    for _ in range(fleet.functions):
        for first in (number == 0 for number in range(fleet.versions)):
            yield "GetMetricStatistics"
            if first:
                yield "GetMetricStatistics"
                yield "ListAliases"
        yield from ["GetMetricStatistics"] * ALIASES_A_FUNCTION


def ask(fleet: Fleet, *, seed: int = 7) -> Asked:
    """Ask all that of an account that keeps AWS's quotas, in virtual time.

    It may take every quota in full; a throttled call is repeated after a random pause that doubles, as boto3 does by
    default. Its own work takes no time.
    """
    passed = 0.0
    start = datetime.now(UTC)

    def sleep(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    cloud = Cloud(clock=lambda: start + timedelta(seconds=passed), sleep=sleep)
    cloud.quotas = Quotas()
    cloud.latency = latency.AWS
    dice = random.Random(seed)
    answered: Counter[str] = Counter()
    for operation in plan(fleet):
        quota = OPERATIONS[operation][1] if operation in OPERATIONS else operation
        pause = 1.0
        while True:
            try:
                cloud.admit(operation, quota, {})
            except RefusalError:
                sleep(dice.random() * pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                break
        answered[quota] += 1
    return Asked(calls=dict(answered), throttled=sum(cloud.calls.throttled.values()), seconds=passed)
