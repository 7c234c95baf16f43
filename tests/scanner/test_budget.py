"""What a scan of a busy fleet costs in calls: counted by us, counted by the account, and printed."""

from __future__ import annotations

from itertools import groupby
from math import ceil

import pytest

from fakes.aws import Cloud, fleets
from orchestrator.domain.policy import Policy
from tests.builders import NOW
from tests.scanner import scanning

FUNCTIONS, VERSIONS, KEPT, OFFERED = 20, 50, 3, 100
LISTING_PAGES = ceil(FUNCTIONS * (VERSIONS + 1) / 50)  # each function lists its $LATEST too
MOST_SHARED_CALLS = LISTING_PAGES + FUNCTIONS + 2
MOST_METRIC_CALLS = 12
MOST_ROUNDS = 4
"""Rounds by the day: the last call of each may be less than full."""


@pytest.fixture(scope="module")
def busy():
    """Twenty functions of fifty versions, each called every hour through its alias."""
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    fleets.busy_through_alias(cloud, functions=FUNCTIONS, versions=VERSIONS)
    return cloud


@pytest.fixture(scope="module")
def found(busy, tmp_path_factory):
    policy = Policy(keep_last_n=KEPT, max_deletions=OFFERED)
    return scanning.scan(busy, tmp_path_factory.mktemp("scan"), policy=policy)


def test_a_busy_fleet_stays_within_its_budget_of_calls(busy, found, capsys):
    shared, made = busy.calls.quota["shared"], busy.calls.operations
    states = made["GetFunctionConfiguration"]

    with capsys.disabled():
        print(  # noqa: T201 - the measurement is the point
            f"\n{FUNCTIONS} functions of {VERSIONS} versions, each busy through an alias: {shared} calls of the shared "
            f"quota, {states} GetFunctionConfiguration among them, {made['GetMetricData']} GetMetricData, "
            f"{made['ListMetrics']} ListMetrics, {made['GetPolicy']} GetPolicy; {len(found.offered)} idle versions "
            f"offered, {found.summary.not_looked_at:,} more counted"
        )

    assert shared - states <= MOST_SHARED_CALLS
    assert made["GetMetricData"] <= MOST_METRIC_CALLS
    assert made["GetPolicy"] == len(found.offered) == OFFERED
    assert states <= OFFERED + KEPT * ceil(OFFERED / (VERSIONS - KEPT))


def test_every_version_it_offers_is_idle_and_every_idle_one_is_found_or_counted(busy, found):
    for candidate in found.candidates:
        aliases = busy.functions[candidate.function_name].aliases.values()
        assert candidate.number <= VERSIONS - KEPT
        assert not any(alias.refers_to(candidate.number) for alias in aliases)
    assert found.summary.candidates + found.summary.not_looked_at == FUNCTIONS * (VERSIONS - KEPT)


def test_our_own_count_is_what_the_account_counts(busy, found):
    assert dict(found.summary.calls) == dict(busy.calls.quota)


def test_metric_calls_are_as_full_as_they_may_be(busy, found):  # noqa: ARG001 - the scan made the calls
    calls = [
        (call["MetricDataQueries"][0]["MetricStat"]["Period"], len(call["MetricDataQueries"]))
        for call in busy.calls.of("GetMetricData")[1:]  # the first asks whether anything runs in the region at all
    ]
    by_period = {period: [size for _, size in sizes] for period, sizes in groupby(sorted(calls), lambda call: call[0])}

    assert set(by_period) == {3600, 86400}
    for sizes in by_period.values():
        assert max(sizes) <= 500
        assert sum(size < max(sizes) for size in sizes) <= MOST_ROUNDS
