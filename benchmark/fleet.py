"""A fleet to measure on, and the least that can be asked of AWS about it: arithmetic, nothing else.

Every function has as many versions as every other, one alias on its newest, and traffic through that alias in every
hour of the lookback; all versions are old enough. So all but the newest ones survive stage A and are idle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmark import latency
from fakes.aws import Cloud, fleets
from orchestrator.aws.alias_history import PAGE_SIZE as EVENTS
from orchestrator.aws.clients import DATAPOINTS_RATE, OWN_RATES
from orchestrator.aws.lookback import DAY, HOUR
from orchestrator.aws.metric_data import DATAPOINTS_A_CALL, QUERIES_A_CALL
from orchestrator.aws.quota import SHARED
from orchestrator.domain.policy import Policy
from orchestrator.domain.settings import SHARED_RATE

PAGE = 50
"""Rows of a page of ListFunctions."""
POLICY = Policy()
TOTALS = 4
"""Of a function: its calls, its throttled calls, its unqualified ones, and those of `$LATEST`."""
FIFTEEN_MONTHS = 455
"""Days that CloudWatch remembers."""
RATES: Mapping[str, float] = {**OWN_RATES, SHARED: SHARED_RATE}
"""Our share of every quota, in calls a second."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """So many functions with so many published versions each."""

    functions: int
    versions: int

    def __str__(self) -> str:
        return f"{self.functions:,} x {self.versions}"

    def fill(self, cloud: Cloud) -> None:
        """Put it into an account."""
        fleets.busy_through_alias(cloud, functions=self.functions, versions=self.versions)

    @property
    def size(self) -> int:
        """All published versions."""
        return self.functions * self.versions

    @property
    def listing_pages(self) -> int:
        """Pages of the listing; `$LATEST` of each function is on them too."""
        return _full(self.size + self.functions, PAGE)

    @property
    def survivors(self) -> int:
        """Versions of one function that stage A leaves."""
        return max(0, self.versions - POLICY.keep_last_n)

    @property
    def offered(self) -> int:
        """Versions that a run offers."""
        return min(POLICY.max_deletions, self.functions * self.survivors)


def least_calls(fleet: Fleet) -> dict[str, int]:
    """The fewest calls by quota class that answer what the rules ask.

    Of the shared quota: the listing's pages, since there is no other listing and no larger page; one ListAliases a
    function, since no call answers for two; one listing of event sources; the State of every row that is offered, and
    of the newest of its function.
    Metrics: totals, aliases and versions in question by the day; the versions behind each alias that was called; what
    is busy again by the period; and when what is offered was last called. All of it packed into full calls.
    Policies: of every row that is offered.
    Alias events: a page at least of those made, moved and removed; every alias was made in the last ninety days.
    """
    return {
        SHARED: fleet.listing_pages + fleet.functions + 1 + states(fleet),
        "ListMetrics": fleet.functions,
        "GetMetricData": 1 + sum(_full(asked, _a_call(points)) for asked, points in _series(fleet)),
        "GetPolicy": fleet.offered,
        "LookupEvents": 2 + _full(fleet.functions, EVENTS),
    }


def _series(fleet: Fleet) -> Iterator[tuple[int, int]]:
    """What is asked of CloudWatch, round by round: how many series, and the points of each."""
    days, hours = POLICY.lookback_days + 1, POLICY.lookback_days * DAY // HOUR + 1
    yield fleet.functions * (TOTALS + 1 + fleet.survivors), days  # the alias, and the versions in question
    yield fleet.functions * (fleet.survivors + 1), days  # behind the alias: those, and the version it points to
    yield fleet.functions * 3, hours  # what is busy: the total, the alias, and the version behind it
    functions_offered = _full(fleet.offered, fleet.survivors)
    # when they were last called: their functions' aliases and their numbers, then behind the aliases
    yield functions_offered + fleet.offered, FIFTEEN_MONTHS
    yield fleet.offered, FIFTEEN_MONTHS


def _a_call(points: int) -> int:
    return min(QUERIES_A_CALL, DATAPOINTS_A_CALL // points)


def states(fleet: Fleet) -> int:
    """How many versions must be asked for their State: all that are offered, and the newest of their functions."""
    return fleet.offered + _full(fleet.offered, fleet.survivors) * POLICY.keep_last_n


def least_seconds(fleet: Fleet) -> float:
    """The shortest time these calls can take at our share of every quota, in the order the rules demand.

    The listing comes first, a page after the other; then aliases and metrics side by side; State and policy are asked
    only of what is left of all that, and of what is then offered, when it was last called. Within each of the four the
    slowest quota sets the time.
    """
    calls = least_calls(fleet)
    listing = fleet.listing_pages * max(1 / RATES[SHARED], latency.of("ListFunctions"))
    points = [asked * points for asked, points in _series(fleet)]
    datapoints, months = sum(points[:3]), sum(points[3:])
    usage = max(
        (fleet.functions + 1) / RATES[SHARED],
        calls["ListMetrics"] / RATES["ListMetrics"],
        calls["GetMetricData"] / RATES["GetMetricData"],
        datapoints / DATAPOINTS_RATE,
        calls["LookupEvents"] / RATES["LookupEvents"],
    )
    confirming = max(states(fleet) / RATES[SHARED], calls["GetPolicy"] / RATES["GetPolicy"])
    return listing + usage + confirming + months / DATAPOINTS_RATE


def slowest_quota_seconds(fleet: Fleet) -> float:
    """The time of the one quota that takes longest, were nothing to wait for anything else."""
    return max(calls / RATES[quota] for quota, calls in least_calls(fleet).items())


def _full(things: int, a_time: int) -> int:
    return -(-things // a_time)
