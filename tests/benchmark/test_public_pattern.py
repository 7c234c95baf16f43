"""The pattern that ours is compared with: what it asks, and what the quotas make of it."""

from collections import Counter

import pytest

from benchmark import public_pattern
from benchmark.fleet import Fleet


def test_it_asks_ten_thousand_times_for_a_hundred_functions_of_fifty_versions():
    assert Counter(public_pattern.plan(Fleet(100, 50))) == {
        "ListFunctions": 102,
        "GetFunctionConfiguration": 5_000,
        "GetMetricStatistics": 5_000 + 100 + 100,
        "ListAliases": 100,
    }


def test_it_asks_a_function_its_aliases_once_beside_its_first_version():
    asked = list(public_pattern.plan(Fleet(functions=1, versions=2)))

    assert asked == [
        "ListFunctions",
        *["GetFunctionConfiguration"] * 2,
        *["GetMetricStatistics", "GetMetricStatistics", "ListAliases", "GetMetricStatistics"],
        "GetMetricStatistics",
    ]


def test_it_is_answered_in_full_and_no_faster_than_the_quota_allows():
    asked = public_pattern.ask(Fleet(functions=20, versions=50))

    assert asked.calls == {"shared": 21 + 1_000 + 20, "GetMetricStatistics": 1_040}
    assert asked.throttled > 0
    assert asked.seconds > 1_000 / 15


def test_the_same_dice_give_the_same_time():
    fleet = Fleet(functions=5, versions=50)

    assert public_pattern.ask(fleet) == public_pattern.ask(fleet)
    assert public_pattern.ask(fleet, seed=8).seconds == pytest.approx(public_pattern.ask(fleet).seconds, rel=0.1)
