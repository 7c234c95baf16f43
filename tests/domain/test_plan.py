"""From an answer to deletions: trust nothing, delete only what was approved and is a candidate again."""

from __future__ import annotations

import json

import pytest

from orchestrator.domain.plan import Deletion, Plan, Skip, plan_deletions
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.versions import LastCall, State
from tests.builders import FUNCTION, a_version, an_arn, an_assessment, days_ago, missing

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


def test_a_plan_comes_back_as_a_checkpoint_carried_it():
    plan = Plan((Deletion(FUNCTION, 1, an_arn()),), (Skip(FUNCTION, 2, "already gone"),), asked_at=1_795_000_000)

    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_the_plan_of_the_release_before_is_read():
    plan = Plan.from_dict(
        {"asked_at": 7, "deletions": [[FUNCTION, 1, an_arn()]], "skips": [[FUNCTION, 2, "tagged keep now"]]}
    )

    assert plan == Plan((Deletion(FUNCTION, 1, an_arn()),), (Skip(FUNCTION, 2, "tagged keep now"),), asked_at=7)


def test_a_plan_says_what_becomes_of_a_version():
    plan = Plan((Deletion(FUNCTION, 1, an_arn()),), (Skip(FUNCTION, 2, "already gone"),))

    assert plan.deletion(ONE) == Deletion(FUNCTION, 1, an_arn())
    assert (plan.deletion(TWO), plan.reason_to_skip(TWO), plan.reason_to_skip(ONE)) == (None, "already gone", None)
    assert [plan.covers(key) for key in (ONE, TWO, (FUNCTION, 3))] == [True, True, False]


def test_a_verdict_on_another_version_is_never_carried_out():
    mistaken = {ONE: an_assessment(1, version=a_version(2))}

    with pytest.raises(ValueError, match="does not name version 1"):
        plan_deletions([ONE], mistaken)


def test_a_version_whose_function_could_not_be_listed_again_stays_and_says_why():
    fresh = {(FUNCTION, 1): missing(Check.LISTING, "lambda:ListVersionsByFunction 500")}

    plan = plan_deletions([(FUNCTION, 1)], fresh)

    assert plan.deletions == ()
    assert plan.skips[0].reason == "could not be checked again: lambda:ListVersionsByFunction 500"
