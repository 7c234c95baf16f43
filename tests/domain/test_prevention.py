"""Where idle versions come from: what piles up fastest, whose SnapStart serves nothing, and what stops it."""

from __future__ import annotations

import pytest

from orchestrator.domain.prevention import FIXES, KEEP, DeployTool, dearest, fastest, growing_function, unused_function
from orchestrator.domain.reasons import Check
from tests.builders import NOW, a_call, a_price, a_usage, a_version, an_assessment, days_ago, missing

CALLED = {"function_last": days_ago(1)}


def assessed(*ages, **given):
    return [an_assessment(n, version=a_version(n, age_days=age), **given) for n, age in enumerate(ages, start=1)]


def growth(*ages, name="orders-api", **given):
    return growing_function(name, assessed(*ages, **given), a_price(), NOW)


def serves_nothing(usage, *ages):
    return unused_function("orders-api", assessed(*(ages or (100, 50))), usage, a_price())


def test_what_was_published_in_thirty_days_is_what_a_month_adds():
    found = growth(1, 10, 30, 31, 400)

    assert (found.versions_a_month, found.usd_a_month) == (3, 11.7)


def test_a_function_that_published_nothing_lately_adds_nothing():
    assert growth(31, 400) is None


def test_versions_that_cost_nothing_do_not_pile_up():
    free = [an_assessment(1, version=a_version(1, age_days=1, runtime="java21"))]

    assert growing_function("orders-api", free, a_price(), NOW) is None


def test_a_version_whose_age_is_not_known_is_not_counted_as_new():
    unknown = [an_assessment(1, version=a_version(1, last_modified=None))]

    assert growing_function("orders-api", unknown, a_price(), NOW) is None


def test_the_five_that_add_most_are_named_dearest_first():
    ages = {"a": 1, "b": 3, "c": 2, "d": 6, "e": 5, "f": 4, "g": 1}

    found = fastest(growth(*range(1, count + 1), name=name) for name, count in ages.items())

    assert [function.function_name for function in found] == ["d", "e", "f", "b", "c"]


def test_every_call_of_the_lookback_went_to_latest():
    found = serves_nothing(a_usage(**CALLED))

    assert (found.versions, found.usd_a_month) == (2, 7.8)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        missing(Check.INVOCATIONS),
        a_usage(),
        a_usage(**CALLED, unexplained=days_ago(2)),
        a_usage(**CALLED, unexplained=missing(Check.FUNCTION_TOTAL)),
        a_usage(**CALLED, unreadable={1: missing(Check.INVOCATIONS)}),
        a_usage(**CALLED, qualified_last=days_ago(3)),
        a_usage(**CALLED, calls={1: a_call()}),
    ],
    ids=["not asked", "failed", "silent", "unexplained", "total failed", "unreadable", "through an alias", "by number"],
)
def test_a_call_that_may_have_gone_elsewhere_speaks_for_snapstart(usage):
    assert serves_nothing(usage) is None


def test_a_function_that_pays_nothing_is_left_alone():
    free = [an_assessment(1, version=a_version(1, runtime="java21"))]

    assert unused_function("orders-api", free, a_usage(**CALLED), a_price()) is None


def test_the_five_that_pay_most_for_nothing_are_named():
    found = dearest(
        unused_function(name, assessed(*[100] * count), a_usage(**CALLED), a_price())
        for name, count in {"a": 1, "b": 3, "c": 2, "d": 6, "e": 5, "f": 4}.items()
    )

    assert [function.function_name for function in found] == ["d", "e", "f", "b", "c"]


@pytest.mark.parametrize("tool", DeployTool)
def test_every_tool_is_told_to_prune_and_keep_three(tool):
    assert KEEP == 3
    assert "prune" in FIXES[tool]
    assert "3" in FIXES[tool]


def test_nobody_is_told_to_delete_the_version_to_go_back_to():
    assert not any("Delete" in fix for fix in FIXES.values())
