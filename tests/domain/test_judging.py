"""The verdict as a table of stories: one a rule, and one for each detail that is easy to get wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.domain.judging import judge, newest_numbers
from orchestrator.domain.policy import NEWEST_ASKED, Policy, Scope
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.versions import KeepTag, State
from tests.builders import (
    FUNCTION,
    NOW,
    a_call,
    a_usage,
    a_version,
    an_alias,
    candidates_of,
    days_ago,
    facts,
    idle_facts,
    missing,
    verdicts,
    versions,
)

ALL_BUT_THE_NEWEST_THREE = {1, 2, 3, 4, 5, 6, 7}


def flags_on(number, known, **how):
    return verdicts(known, **how)[number].flags


# What may go


def test_every_idle_version_beyond_the_newest_three_is_a_candidate():
    assert candidates_of(idle_facts()) == ALL_BUT_THE_NEWEST_THREE


def test_a_candidate_carries_one_flag_that_says_so():
    assert flags_on(1, idle_facts()) == {Flag.NO_ACTIVITY_AND_STALE}


def test_verdicts_come_newest_version_first():
    judged = judge(idle_facts(), Policy(), Scope(), NOW)

    assert [assessment.version.number for assessment in judged] == list(range(10, 0, -1))


def test_a_function_without_versions_has_no_verdicts():
    assert verdicts(idle_facts([])) == {}


@pytest.mark.parametrize("state", ["Active", "Inactive", "Failed"])
def test_a_version_in_an_eligible_state_may_go(state):
    assert 1 in candidates_of(idle_facts(states={1: state}))


def test_busy_versions_do_not_hold_their_idle_neighbours():
    busy = idle_facts(
        aliases=(an_alias("live", 10),),
        usage=a_usage(calls={10: a_call(0, through="live")}, function_last=NOW),
    )

    assert candidates_of(busy) == ALL_BUT_THE_NEWEST_THREE


# Stage A: age and rank


def test_a_version_is_old_enough_on_the_very_second():
    exactly = idle_facts(versions=(*versions(range(2, 5)), a_version(1, age_days=14)))

    assert candidates_of(exactly, min_age_days=14) == {1}


def test_a_version_a_second_younger_is_too_recent():
    younger = a_version(1, last_modified=days_ago(14) + timedelta(seconds=1))

    assert flags_on(1, idle_facts(versions=(*versions(range(2, 5)), younger))) == {Flag.TOO_RECENT}


def test_a_version_from_the_future_is_too_recent():
    assert flags_on(1, idle_facts(versions=(*versions(range(2, 5)), a_version(1, age_days=-2)))) == {Flag.TOO_RECENT}


def test_a_last_modified_that_cannot_be_read_is_not_judged_and_not_dropped():
    unreadable = verdicts(idle_facts(versions=(*versions(range(2, 5)), a_version(1, last_modified=None))))[1]

    assert unreadable.flags == {Flag.NOT_JUDGED}
    assert [m.check for m in unreadable.missing] == [Check.LAST_MODIFIED]
    assert unreadable.age_days is None
    assert not unreadable.stage_a_pass


def test_the_newest_are_newest_by_number_not_by_date():
    republished = idle_facts(versions=(a_version(1, age_days=20), *versions(range(2, 5), age_days=300)))

    assert candidates_of(republished) == {1}


def test_numbers_are_compared_as_numbers():
    assert candidates_of(idle_facts([8, 9, 10, 11])) == {8}


def test_equal_last_modified_leaves_the_order_to_the_numbers():
    at_once = idle_facts([3, 1, 2, 4, 5], versions=versions([3, 1, 2, 4, 5], age_days=50))

    assert candidates_of(at_once, keep_last_n=2) == {1, 2, 3}


def test_a_function_with_no_more_than_n_versions_keeps_them_all():
    held = verdicts(idle_facts([4, 5, 6]))

    assert all(assessment.flags == {Flag.PROTECTED_KEPT_LAST_N} for assessment in held.values())
    assert all(assessment.among_keep_last_n and not assessment.stage_a_pass for assessment in held.values())


# Stage A: failed versions protect nobody


@pytest.mark.parametrize("state", ["Failed", "Pending", "Deleted", "Deactivated"])
def test_a_newest_version_that_cannot_be_invoked_does_not_count_among_the_kept(state):
    broken = idle_facts(states={10: state})

    assert candidates_of(broken) == {1, 2, 3, 4, 5, 6}
    assert flags_on(7, broken) == {Flag.PROTECTED_KEPT_LAST_N}


def test_inactive_versions_can_be_invoked_and_count_among_the_kept():
    assert candidates_of(idle_facts(states={10: "Inactive", 9: "Inactive"})) == ALL_BUT_THE_NEWEST_THREE


def test_the_newest_n_are_kept_even_if_they_failed():
    assert flags_on(10, idle_facts(states={10: "Failed"})) == {Flag.PROTECTED_KEPT_LAST_N}


def test_a_row_kept_because_newer_ones_failed_is_not_called_one_of_the_newest():
    kept = verdicts(idle_facts(states={10: "Failed"}))[7]

    assert not kept.among_keep_last_n
    assert not kept.stage_a_pass


def test_all_failed_newest_versions_move_the_kept_ones_down():
    broken = idle_facts(states={10: "Failed", 9: "Failed", 8: "Failed", 7: "Pending"})

    assert candidates_of(broken) == {1, 2, 3}


def test_a_failed_version_below_the_kept_ones_may_go():
    assert 6 in candidates_of(idle_facts(states={6: "Failed"}))


def test_a_function_whose_newest_twenty_cannot_be_invoked_is_held():
    numbers = range(1, 26)
    broken = idle_facts(numbers, states=dict.fromkeys(range(6, 26), "Failed"))

    held = {n for n in numbers if flags_on(n, broken) == {Flag.PROTECTED_KEPT_LAST_N}}
    assert held == {1, 2, 3, 4, 5} | {23, 24, 25}


def test_a_failed_version_beyond_the_newest_n_protects_nobody_and_may_go():
    all_failed = idle_facts(states=dict.fromkeys(range(1, 11), "Failed"))

    assert candidates_of(all_failed) == ALL_BUT_THE_NEWEST_THREE


def test_two_invocable_ones_among_the_newest_twenty_are_not_three():
    broken = idle_facts(range(1, 31), states=dict.fromkeys(range(11, 29), "Failed"))

    assert candidates_of(broken, keep_last_n=3) == set(range(11, 28))
    assert candidates_of(broken, keep_last_n=2) == set(range(1, 29))


def test_a_newer_version_whose_state_could_not_be_read_does_not_count_among_the_kept():
    known = idle_facts(states={9: missing(Check.STATE, "lambda:GetFunctionConfiguration 500")})

    assert candidates_of(known) == {1, 2, 3, 4, 5, 6}
    assert verdicts(known)[7].missing == (missing(Check.NEWEST_INVOCABLE, "lambda:GetFunctionConfiguration 500"),)


def test_a_newer_version_whose_state_was_not_asked_does_not_count_among_the_kept():
    known = idle_facts(states={9: None})

    assert candidates_of(known) == {1, 2, 3, 4, 5, 6}
    assert verdicts(known)[7].not_asked == {Check.NEWEST_INVOCABLE}


def test_no_more_states_are_needed_than_the_newest_n_invocable():
    answered = idle_facts(states=dict.fromkeys(range(2, 8)))

    assert candidates_of(answered) == {1}


def test_the_newest_versions_asked_are_the_twenty_highest_numbers():
    assert newest_numbers(facts(range(1, 31))) == tuple(range(30, 30 - NEWEST_ASKED, -1))


# Stage B: what refers to a version


@pytest.mark.parametrize(
    ("alias", "shown"),
    [
        (an_alias("live", 2), ("live", None)),
        (an_alias("live", 10, weights={2: 0.1}), ("live", 0.1)),
        (an_alias("live", None, weights={2: 0.5}), ("live", 0.5)),
    ],
    ids=["primary", "weighted", "weighted beside $LATEST"],
)
def test_an_alias_protects_its_versions(alias, shown):
    protected = verdicts(idle_facts(aliases=(an_alias("staging", 9), alias)))

    assert protected[2].flags == {Flag.ALIAS_PROTECTED}
    assert protected[2].aliases == (shown,)
    assert not protected[1].held


def test_an_alias_on_latest_protects_no_number():
    assert candidates_of(idle_facts(aliases=(an_alias("dev", None),))) == ALL_BUT_THE_NEWEST_THREE


def test_every_alias_of_a_version_is_named():
    aliases = (an_alias("live", 2), an_alias("blue", 2), an_alias("canary", 3, weights={2: 0.05}))

    assert verdicts(idle_facts(aliases=aliases))[2].aliases == (("live", None), ("blue", None), ("canary", 0.05))


def test_an_event_source_mapping_protects_its_version():
    assert flags_on(2, idle_facts(event_sources=frozenset({2}))) == {Flag.EVENT_SOURCE_MAPPING_PROTECTED}


def test_a_resource_policy_protects_its_version():
    assert flags_on(2, idle_facts(policies={2: True})) == {Flag.RESOURCE_POLICY_PROTECTED}


def test_a_running_execution_protects_its_version():
    running = idle_facts(versions=versions(range(1, 6), durable=True), executions={1: True, 2: False})

    assert flags_on(1, running) == {Flag.DURABLE_EXECUTION_RUNNING}
    assert candidates_of(running) == {2}


def test_executions_are_asked_only_of_durable_versions():
    known = idle_facts(versions=(a_version(1, durable=True), *versions(range(2, 6))))

    assert verdicts(known)[1].not_asked == {Check.DURABLE_EXECUTIONS}
    assert candidates_of(known) == {2}


def test_a_version_that_only_get_function_calls_durable_is_asked_for_executions():
    assert verdicts(idle_facts(states={1: State("Active", durable=True)}))[1].not_asked == {Check.DURABLE_EXECUTIONS}


@pytest.mark.parametrize("state", ["Pending", "Deleting", "Deactivated", "ActiveNonInvocable", "Unknown", "Deleted"])
def test_any_other_state_is_held(state):
    held = verdicts(idle_facts(states={1: State(state, "SomeReason")}))[1]

    assert held.flags == {Flag.STATE_NOT_ELIGIBLE}
    assert held.state == State(state, "SomeReason")
    assert held.stage_b_pass is False


# Stage B: the opt-out tag


def test_a_tagged_version_is_held_and_its_neighbours_are_not():
    tagged = idle_facts(keep_tag=KeepTag("2 4"))

    assert candidates_of(tagged) == {1, 3, 5, 6, 7}
    assert flags_on(2, tagged) == {Flag.TAG_PROTECTED}


def test_a_tag_with_an_end_holds_until_that_day_is_over_in_utc():
    tagged = idle_facts(keep_tag=KeepTag("2 4 until 2026-11-20"))
    late = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)

    assert candidates_of(tagged, now=late) == {1, 3, 5, 6, 7}
    assert candidates_of(tagged, now=late + timedelta(seconds=1)) == ALL_BUT_THE_NEWEST_THREE


# Stage B: calls


@pytest.mark.parametrize("through", [None, "live", "an-alias-since-deleted"])
def test_a_version_that_ran_in_the_lookback_is_held(through):
    called = verdicts(idle_facts(usage=a_usage(calls={2: a_call(30, through=through)})))

    assert called[2].flags == {Flag.HAS_RECENT_INVOCATIONS}
    assert called[2].last_call == a_call(30, through=through)
    assert not called[1].held


def test_unexplained_calls_hold_every_version_of_the_function():
    unexplained = idle_facts(usage=a_usage(unexplained=days_ago(20), function_last=days_ago(2)))

    assert candidates_of(unexplained) == set()
    assert flags_on(1, unexplained) == {Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN}


def test_calls_that_are_all_explained_hold_nobody():
    assert candidates_of(idle_facts(usage=a_usage(function_last=NOW))) == ALL_BUT_THE_NEWEST_THREE


@pytest.mark.parametrize(
    ("ago", "held"),
    [
        (timedelta(0), True),
        (timedelta(days=13), True),
        (timedelta(days=14), True),
        (timedelta(days=14, minutes=59), True),  # the period began before the limit; the call may have come after it
        (timedelta(days=14, hours=1), False),
        (timedelta(days=34), False),
    ],
)
def test_strict_holds_on_any_activity_within_the_minimum_age(ago, held):
    known = idle_facts(usage=a_usage(function_last=NOW - ago))

    assert (Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN in flags_on(1, known, function_activity="strict")) is held
    assert Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN not in flags_on(1, known, function_activity="attributed")


def test_strict_holds_on_unexplained_calls_of_any_age():
    known = idle_facts(usage=a_usage(function_last=days_ago(34), unexplained=days_ago(34)))

    assert flags_on(1, known, function_activity="strict") == {Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN}


def test_strict_does_not_hold_a_function_that_never_ran():
    assert candidates_of(idle_facts(), function_activity="strict") == ALL_BUT_THE_NEWEST_THREE


# Whose versions may be deleted


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope(), True),
        (Scope(prefix="*"), True),
        (Scope(prefix="orders-"), True),
        (Scope(prefix=FUNCTION), True),
        (Scope(prefix="rders"), False),
        (Scope(prefix="Orders"), False),
        (Scope(prefix="orders-api-2"), False),
        (Scope(prefix=""), False),
        (Scope(prefix="*", own_functions=frozenset({FUNCTION})), False),
        (Scope(prefix="orders-", own_functions=frozenset({FUNCTION})), False),
        (Scope(prefix="*", own_functions=frozenset({"orders"})), True),
    ],
    ids=repr,
)
def test_the_delete_scope(scope, allowed):
    assert scope.allows(FUNCTION) is allowed
    assert (flags_on(1, idle_facts(), scope=scope) == {Flag.OUTSIDE_DELETE_SCOPE}) is not allowed
