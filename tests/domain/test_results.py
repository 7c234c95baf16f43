"""What came of approved versions, and the sums people read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.results import (
    ALREADY_GONE,
    DELETES_ARE_OFF,
    NOT_CHECKED_AGAIN,
    Outcome,
    ResultTotals,
    VersionResult,
)
from tests.builders import FUNCTION


def a_result(outcome=Outcome.DELETED, number=1, **given):
    return VersionResult(function_name=FUNCTION, number=number, outcome=outcome, **{"monthly_usd": 3.9, **given})


@pytest.mark.parametrize("outcome", Outcome)
def test_a_result_comes_back_as_it_was_recorded(outcome):
    result = a_result(outcome, reason="why")

    assert VersionResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result
    assert result.to_dict()["version"] == "1"


@pytest.mark.parametrize(
    "broken", [{"outcome": "vanished"}, {"outcome": None}, {"version": "live"}, {"version": "$LATEST"}]
)
def test_a_record_that_is_no_result_is_refused(broken):
    with pytest.raises(ValueError, match=r"vanished|None|live|LATEST"):
        VersionResult.from_dict(a_result().to_dict() | broken)


def test_a_result_names_its_version():
    assert a_result(number=7).key == (FUNCTION, 7)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_was_or_would_be_deleted_is_gone(outcome):
    assert a_result(outcome).gone is (outcome in {Outcome.DELETED, Outcome.WOULD_DELETE})


def test_totals_count_each_version_once_and_save_only_what_is_gone():
    totals = ResultTotals.of(
        [
            a_result(Outcome.DELETED),
            a_result(Outcome.WOULD_DELETE, 2, monthly_usd=5.85),
            a_result(Outcome.SKIPPED, 3, reason=ALREADY_GONE),
            a_result(Outcome.FAILED, 4),
            a_result(Outcome.UNTOUCHED, 5),
        ]
    )

    assert (totals.approved, totals.gone, totals.skipped, totals.failed, totals.untouched) == (5, 2, 1, 1, 1)
    assert totals.monthly_usd_less == 9.75


def test_no_results_add_up_to_nothing():
    totals = ResultTotals.of([])

    assert (totals.approved, totals.gone, totals.monthly_usd_less) == (0, 0, 0)


@pytest.mark.parametrize(
    ("reasons", "in_use", "in_use_or_gone"),
    [
        (["alias `live` points to it now"], True, True),
        (["alias `live` points to it now", ALREADY_GONE], False, True),
        ([ALREADY_GONE], False, True),
        (["called on 19 Nov", DELETES_ARE_OFF], False, False),
        (["called on 19 Nov", "paused by @other: release freeze"], False, False),
        ([f"{NOT_CHECKED_AGAIN}: throttled"], False, False),
        ([None], True, True),
    ],
)
def test_totals_know_why_versions_were_skipped(reasons, in_use, in_use_or_gone):
    totals = ResultTotals.of([a_result(Outcome.SKIPPED, n, reason=reason) for n, reason in enumerate(reasons, 1)])

    assert (totals.skipped_in_use, totals.skipped_in_use_or_gone) == (in_use, in_use_or_gone)


@given(outcomes=st.lists(st.tuples(st.sampled_from(Outcome), st.integers(0, 5000))))
def test_the_parts_add_up_to_what_was_approved(outcomes):
    totals = ResultTotals.of([a_result(o, n, monthly_usd=cents / 100) for n, (o, cents) in enumerate(outcomes, 1)])

    assert (
        totals.gone + totals.skipped + totals.refused + totals.failed + totals.unconfirmed + totals.untouched
        == totals.approved
        == len(outcomes)
    )
    gone = {Outcome.DELETED, Outcome.WOULD_DELETE}
    assert round(totals.monthly_usd_less * 100) == sum(cents for o, cents in outcomes if o in gone)
