"""From an answer to deletions: trust nothing, delete only what was approved and is a candidate again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.decisions import UnreadableDecision, read_decision
from orchestrator.domain.plan import Approver, Deletion, Skip, plan_deletions
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.versions import LastCall, State
from tests.builders import (
    FUNCTION,
    a_decision,
    a_version,
    an_answer,
    an_arn,
    an_assessment,
    days_ago,
    missing,
)

ONE, TWO = (FUNCTION, 1), (FUNCTION, 2)

# A deletion names a number


def test_a_deletion_names_function_number_and_arn():
    deletion = Deletion(FUNCTION, 7, an_arn(FUNCTION, 7))

    assert deletion.key == (FUNCTION, 7)


@pytest.mark.parametrize("number", [0, -1, "7", "$LATEST", "live", "", None, 7.0, True])
def test_a_deletion_refuses_anything_but_a_version_number(number):
    with pytest.raises(ValueError, match="names a version by its number"):
        Deletion(FUNCTION, number, f"arn:aws:lambda:us-west-2:111122223333:function:{FUNCTION}:{number}")


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "arn:aws:lambda:us-west-2:111122223333:function:orders-api",
        "arn:aws:lambda:us-west-2:111122223333:function:orders-api:",
        "arn:aws:lambda:us-west-2:111122223333:function:orders-api:17",
        "arn:aws:lambda:us-west-2:111122223333:function:orders-api:$LATEST",
        "arn:aws:lambda:us-west-2:111122223333:function:new-orders-api:7",
        "arn:aws:lambda:us-west-2:111122223333:function:orders-api:7 ",
        "orders-api:7",
    ],
)
def test_a_deletion_refuses_an_arn_that_does_not_name_the_version(arn):
    with pytest.raises(ValueError, match="does not name version 7 of 'orders-api'"):
        Deletion(FUNCTION, 7, arn)


def test_a_deletion_refuses_a_nameless_function():
    with pytest.raises(ValueError, match="does not name version 7 of ''"):
        Deletion("", 7, "arn:aws:lambda:us-west-2:111122223333:function::7")


# The answer, as it comes through the callback


@pytest.mark.parametrize("form", [dict, json.dumps, lambda answer: json.dumps(answer).encode()])
def test_an_approval_is_read_in_any_of_its_forms(form):
    assert read_decision(form(an_answer(ONE, TWO))) == a_decision(ONE, TWO)


def test_a_rejection_approves_nothing_whatever_it_lists():
    assert read_decision(an_answer(ONE, approved=False)) == a_decision(action="reject")


def test_a_rejection_may_stop_the_run():
    assert read_decision(an_answer(approved=False, stop=True)).action == "stop"


@pytest.mark.parametrize("stop", [None, "true", 1, False])
def test_only_true_stops_the_run(stop):
    assert read_decision(an_answer(approved=False, stop=stop)).action == "reject"


def test_an_approval_does_not_stop_the_run():
    assert read_decision(an_answer(ONE, stop=True)).action == "approve"


def test_an_approval_of_nothing_is_an_approval():
    assert read_decision(an_answer()) == a_decision(action="approve")
    assert read_decision({"approved": True, "approver": {"id": "U1"}}).versions == frozenset()


def test_what_grew_beside_the_contract_is_read():
    decision = read_decision(an_answer(ONE, offer_hash="abc", boxes_missing=10, anything={"else": [1]}))

    assert (decision.offer_hash, decision.groups_missing) == ("abc", 10)


def test_a_single_missing_box_is_counted():
    assert read_decision(an_answer(ONE, boxes_missing=1)).groups_missing == 1


@pytest.mark.parametrize("boxes_missing", [0, -1, "10", None, True, 1.5, []])
def test_missing_boxes_that_are_no_count_are_none(boxes_missing):
    assert read_decision(an_answer(ONE, boxes_missing=boxes_missing)).groups_missing == 0


@pytest.mark.parametrize("offer_hash", ["", None, 7, ["abc"]])
def test_an_offer_hash_that_is_no_text_is_none(offer_hash):
    assert read_decision(an_answer(ONE, offer_hash=offer_hash)).offer_hash is None


@pytest.mark.parametrize(
    ("approver", "shown"),
    [
        ({"id": "U1", "name": "approver"}, Approver("U1", "approver")),
        ({"id": "U1", "name": ""}, Approver("U1", "U1")),
        ({"id": "U1", "name": None}, Approver("U1", "U1")),
        ({"id": "U1"}, Approver("U1", "U1")),
        ({"id": "U1", "name": 7}, Approver("U1", "7")),
    ],
)
def test_an_approver_has_a_name_to_show(approver, shown):
    assert read_decision(an_answer(approver=approver)).approver == shown


def test_the_same_version_twice_is_one():
    assert read_decision(an_answer(ONE, ONE)).versions == {ONE}


def test_a_number_may_stand_as_a_number():
    answer = an_answer(approved_versions=[{"function_name": FUNCTION, "version": number} for number in (1, 70)])

    assert read_decision(answer).versions == {(FUNCTION, 1), (FUNCTION, 70)}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"approved": ' + "9" * 5_000 + "}", "not JSON"),
        (None, "not an object"),
        ("null", "not an object"),
        ("[]", "not an object"),
        ([], "not an object"),
        (7, "not an object"),
        ('"approved"', "not an object"),
        ({}, "whether it approves"),
        (an_answer(ONE, approved="true"), "whether it approves"),
        (an_answer(ONE, approved=1), "whether it approves"),
        (an_answer(ONE, approved=None), "whether it approves"),
        (an_answer(ONE, approver=None), "who decided"),
        (an_answer(ONE, approver="U1"), "who decided"),
        (an_answer(ONE, approver={}), "who decided"),
        (an_answer(ONE, approver={"id": ""}), "who decided"),
        (an_answer(ONE, approver={"id": 7}), "who decided"),
        (an_answer(approved_versions=None), "not a list"),
        (an_answer(approved_versions={"orders-api": 1}), "not a list"),
        (an_answer(approved_versions="orders-api:1"), "not a list"),
        (an_answer(approved_versions=["orders-api:1"]), "name its function"),
        (an_answer(approved_versions=[{}]), "name its function"),
        (an_answer(approved_versions=[{"function_name": "", "version": "1"}]), "name its function"),
        (an_answer(approved_versions=[{"function_name": 7, "version": "1"}]), "name its function"),
    ],
)
def test_anything_but_an_answer_is_refused(raw, words):
    with pytest.raises(UnreadableDecision, match=words):
        read_decision(raw)


@pytest.mark.parametrize(
    "version",
    [
        None,
        "",
        "0",
        0,
        -1,
        "-1",
        "007",
        "1.0",
        1.0,
        "1 ",
        " 1",
        "1\n",
        "$LATEST",
        "live",
        "*",
        "١٢",
        "²",
        True,
        [1],
        {"n": 1},
        "9" * 5_000,
    ],
    ids=lambda version: type(version).__name__ if type(version) is not str else repr(version[:8]),
)
def test_anything_but_a_version_number_is_refused(version):
    with pytest.raises(UnreadableDecision, match="not named by its number"):
        read_decision(an_answer(approved_versions=[{"function_name": FUNCTION, "version": version}]))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ALMOST_AN_ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "approved": st.booleans() | ANYTHING,
        "approved_versions": st.lists(
            st.fixed_dictionaries({}, optional={"function_name": st.text() | ANYTHING, "version": ANYTHING}), max_size=2
        )
        | ANYTHING,
        "approver": st.fixed_dictionaries({"id": st.text() | ANYTHING}, optional={"name": ANYTHING}) | ANYTHING,
        "decided_at": ANYTHING,
        "offer_hash": ANYTHING,
        "boxes_missing": ANYTHING,
        "stop": ANYTHING,
    },
)


@given(raw=ALMOST_AN_ANSWER | ANYTHING | st.text() | st.binary())
def test_whatever_comes_is_a_decision_or_refused(raw):
    try:
        decision = read_decision(raw)
    except UnreadableDecision:
        return
    assert decision.action in {"approve", "reject", "stop"}
    assert decision.action == "approve" or decision.versions == frozenset()
    assert all(type(number) is int and number > 0 for _, number in decision.versions)


# The plan


def fresh(*assessments):
    return {(a.version.function_name, a.version.number): a for a in assessments}


def test_what_is_a_candidate_again_is_deleted():
    plan = plan_deletions([ONE], fresh(an_assessment(1), an_assessment(2)))

    assert plan.deletions == (Deletion(FUNCTION, 1, an_arn(FUNCTION, 1)),)
    assert plan.skips == ()


def test_what_was_not_approved_is_not_planned():
    plan = plan_deletions([], fresh(an_assessment(1)))

    assert (plan.deletions, plan.skips) == ((), ())


@pytest.mark.parametrize("gone", [{}, fresh(an_assessment(1, Flag.STATE_NOT_ELIGIBLE, state=State("Deleted")))])
def test_what_is_gone_is_skipped_as_gone(gone):
    assert plan_deletions([ONE], gone).skips == (Skip(FUNCTION, 1, "already gone"),)


def test_a_skip_says_which_version_stays():
    assert Skip(FUNCTION, 1, "already gone").key == ONE


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (an_assessment(1, Flag.ALIAS_PROTECTED, aliases=(("canary", 0.1),)), "alias `canary` points to it now"),
        (an_assessment(1, Flag.HAS_RECENT_INVOCATIONS, last_call=LastCall(days_ago(1))), "called on 19 Nov"),
        (an_assessment(1, Flag.HAS_RECENT_INVOCATIONS), "called"),
        (an_assessment(1, Flag.EVENT_SOURCE_MAPPING_PROTECTED), "an event source calls it now"),
        (an_assessment(1, Flag.RESOURCE_POLICY_PROTECTED), "a resource policy names it now"),
        (an_assessment(1, Flag.DURABLE_EXECUTION_RUNNING), "an execution runs on it now"),
        (an_assessment(1, Flag.TAG_PROTECTED), "tagged keep now"),
        (
            an_assessment(
                1, Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN, unexplained=days_ago(2), function_last=days_ago(1)
            ),
            "its function was called on 18 Nov and no version or alias accounts for it",
        ),
        (
            an_assessment(1, Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN, function_last=days_ago(1)),
            "its function was called on 19 Nov, and the rule is strict",
        ),
        (an_assessment(1, Flag.PROTECTED_KEPT_LAST_N), "among the newest of its function now"),
        (an_assessment(1, Flag.STATE_NOT_ELIGIBLE, state=State("Pending")), "its State is Pending now"),
        (an_assessment(1, Flag.STATE_NOT_ELIGIBLE, state=None), "its State is unknown now"),
        (an_assessment(1, Flag.OUTSIDE_DELETE_SCOPE), "outside what the stack may delete"),
        (an_assessment(1, Flag.TOO_RECENT), "under the minimum age now"),
        (
            an_assessment(1, Flag.NOT_JUDGED, Flag.ALIAS_PROTECTED, missing=(missing(Check.TAGS, "tag:GetResources"),)),
            "could not be checked again: tag:GetResources",
        ),
        (
            an_assessment(1, flags=frozenset(), not_asked=frozenset({Check.STATE})),
            "could not be checked again: not every check was asked",
        ),
    ],
)
def test_what_is_held_by_now_is_skipped_and_says_why(now, reason):
    assert plan_deletions([ONE], fresh(now)).skips == (Skip(FUNCTION, 1, reason),)


def test_the_strongest_reason_is_the_one_that_is_told():
    everything = an_assessment(1, *set(Flag) - {Flag.NOT_JUDGED}, aliases=(("live", None),))

    assert plan_deletions([ONE], fresh(everything)).skips[0].reason == "alias `live` points to it now"


def test_the_plan_goes_by_function_and_number():
    approved = [("b", 2), ("a", 10), ("a", 9), ("b", 1)]
    known = fresh(*(an_assessment(number, function_name=name) for name, number in approved))

    assert [d.key for d in plan_deletions(approved, known).deletions] == [("a", 9), ("a", 10), ("b", 1), ("b", 2)]


def test_a_verdict_on_another_version_is_never_carried_out():
    mistaken = {ONE: an_assessment(1, version=a_version(2))}

    with pytest.raises(ValueError, match="does not name version 1"):
        plan_deletions([ONE], mistaken)


def test_a_version_whose_function_could_not_be_listed_again_stays_and_says_why():
    fresh = {(FUNCTION, 1): missing(Check.LISTING, "lambda:ListVersionsByFunction 500")}

    plan = plan_deletions([(FUNCTION, 1)], fresh)

    assert plan.deletions == ()
    assert plan.skips[0].reason == "could not be checked again: lambda:ListVersionsByFunction 500"
