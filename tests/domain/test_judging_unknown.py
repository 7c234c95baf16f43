"""Unknown is protected, what an alias pointed to lately is held, and each stage says what it knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.versions import KeepTag, LiveLately, Stack, State
from tests.builders import (
    THROTTLED,
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

# Unknown is protected


FAILED_CHECKS = {
    "last_modified": idle_facts(versions=(*versions(range(2, 5)), a_version(1, last_modified=None))),
    "aliases": idle_facts(aliases=missing(Check.ALIASES)),
    "usage": idle_facts(usage=missing(Check.INVOCATIONS)),
    "one series": idle_facts(usage=a_usage(unreadable={1: missing(Check.INVOCATIONS)})),
    "function total": idle_facts(usage=a_usage(unexplained=missing(Check.FUNCTION_TOTAL))),
    "event sources": idle_facts(event_sources=missing(Check.EVENT_SOURCE_MAPPINGS)),
    "tags": idle_facts(keep_tag=missing(Check.TAGS)),
    "alias history": idle_facts(live_lately=missing(Check.ALIAS_HISTORY)),
    "stacks": idle_facts(stack=missing(Check.STACKS)),
    "state": idle_facts(states={1: missing(Check.STATE)}),
    "newest invocable": idle_facts(range(1, 5), states={4: missing(Check.STATE)}),
    "resource policy": idle_facts(policies={1: missing(Check.RESOURCE_POLICY)}),
    "durable executions": idle_facts(executions={1: missing(Check.DURABLE_EXECUTIONS)}),
}


@pytest.mark.parametrize("known", FAILED_CHECKS.values(), ids=FAILED_CHECKS)
def test_a_failed_check_holds_the_version_and_stands_on_its_row(known):
    held = verdicts(known)[1]

    assert held.flags == {Flag.NOT_JUDGED}
    assert len(held.missing) == 1
    assert not held.candidate
    assert held.not_asked == frozenset()


def test_every_check_has_a_story_of_its_failure():
    failed = {m.check for known in FAILED_CHECKS.values() for m in verdicts(known)[1].missing}

    assert failed == set(Check) - {Check.LISTING}  # without the listing there is no row


def test_one_unreadable_series_holds_its_own_version_only():
    assert candidates_of(idle_facts(usage=a_usage(unreadable={2: missing(Check.INVOCATIONS)}))) == {1, 3, 4, 5, 6, 7}


def test_a_failed_check_keeps_awss_words():
    assert verdicts(idle_facts(aliases=missing(Check.ALIASES, THROTTLED)))[1].missing[0].words == THROTTLED


def test_a_failed_metric_call_is_said_once_though_two_checks_needed_it():
    assert [m.check for m in verdicts(idle_facts(usage=missing(Check.INVOCATIONS)))[1].missing] == [Check.INVOCATIONS]


def test_a_version_may_be_called_and_unreadable_at_once():
    usage = a_usage(calls={1: a_call()}, unreadable={1: missing(Check.INVOCATIONS)})

    assert verdicts(idle_facts(usage=usage))[1].flags == {Flag.HAS_RECENT_INVOCATIONS, Flag.NOT_JUDGED}


UNASKED_CHECKS = {
    "aliases": (idle_facts(aliases=None), {Check.ALIASES}),
    "usage": (idle_facts(usage=None), {Check.INVOCATIONS, Check.FUNCTION_TOTAL}),
    "one series": (idle_facts(usage=a_usage(range(2, 11))), {Check.INVOCATIONS}),
    "event sources": (idle_facts(event_sources=None), {Check.EVENT_SOURCE_MAPPINGS}),
    "tags": (idle_facts(keep_tag=None), {Check.TAGS}),
    "alias history": (idle_facts(live_lately=None), {Check.ALIAS_HISTORY}),
    "stacks": (idle_facts(stack=None), {Check.STACKS}),
    "state": (idle_facts(states={1: None}), {Check.STATE}),
    "newest invocable": (idle_facts(range(1, 5), states={4: None}), {Check.NEWEST_INVOCABLE}),
    "resource policy": (idle_facts(policies={1: None}), {Check.RESOURCE_POLICY}),
    "durable executions": (idle_facts(states={1: State("Active", durable=True)}), {Check.DURABLE_EXECUTIONS}),
}


@pytest.mark.parametrize(("known", "unasked"), UNASKED_CHECKS.values(), ids=UNASKED_CHECKS)
def test_a_check_that_was_not_asked_is_named_and_neither_holds_nor_clears(known, unasked):
    open_question = verdicts(known)[1]

    assert open_question.not_asked == unasked
    assert open_question.flags == frozenset()
    assert (open_question.held, open_question.candidate) == (False, False)
    assert open_question.stage_b_pass is None


@pytest.mark.parametrize("aliases", [None, missing(Check.ALIASES)])
def test_aliases_that_are_not_known_are_not_shown(aliases):
    assert verdicts(idle_facts(aliases=aliases))[1].aliases == ()


def test_after_the_listing_alone_everything_is_still_to_be_asked():
    listed = verdicts(facts())[1]

    assert listed.not_asked == set(Check) - {Check.LISTING, Check.LAST_MODIFIED, Check.DURABLE_EXECUTIONS}


# The two stages, as the report shows them


@pytest.mark.parametrize(
    ("known", "stage_a", "stage_b"),
    [
        (idle_facts(), True, True),
        (facts(), True, None),
        (idle_facts(aliases=(an_alias("live", 1),)), True, False),
        (idle_facts(aliases=(an_alias("live", 1),), usage=None), True, False),
        (idle_facts(aliases=missing(Check.ALIASES)), True, False),
        (idle_facts(aliases=missing(Check.ALIASES), usage=None), True, False),
        (idle_facts([1, 2]), False, True),
        (facts([1, 2]), False, None),
        (idle_facts(versions=(a_version(1, age_days=3), *versions(range(2, 5)))), False, True),
        (idle_facts(versions=(a_version(1, last_modified=None), *versions(range(2, 5)))), False, True),
        (idle_facts(states={10: "Failed", 9: "Failed"}, numbers=[1, 9, 10]), False, True),
    ],
    ids=[
        "idle",
        "only listed",
        "aliased",
        "aliased, metrics not asked",
        "aliases unknown",
        "aliases unknown, metrics not asked",
        "among the newest",
        "among the newest, only listed",
        "too recent",
        "age unknown",
        "kept since newer ones failed",
    ],
)
def test_the_stages_pass_fail_or_are_open(known, stage_a, stage_b):
    shown = verdicts(known)[1]

    assert shown.stage_a_pass is stage_a
    assert shown.stage_b_pass is stage_b


def test_the_delete_scope_belongs_to_neither_stage():
    shown = verdicts(idle_facts(), scope=Scope(prefix="billing-"))[1]

    assert (shown.stage_a_pass, shown.stage_b_pass, shown.candidate) == (True, True, False)


def test_a_row_carries_the_flags_of_all_checks_that_were_asked():
    known = idle_facts(
        [1],
        versions=(a_version(1, age_days=3),),
        aliases=(an_alias("live", 1),),
        usage=a_usage(calls={1: a_call()}, function_last=days_ago(1), unexplained=days_ago(1)),
        event_sources=frozenset({1}),
        keep_tag=KeepTag("true"),
        live_lately=LiveLately(frozenset({1})),
        stack=Stack("shop", "UPDATE_IN_PROGRESS"),
        states={1: "Pending"},
        policies={1: True},
        executions={1: True},
    )

    everything = set(Flag) - {Flag.NOT_JUDGED, Flag.NO_ACTIVITY_AND_STALE}
    assert verdicts(known, scope=Scope(prefix=""))[1].flags == everything - {Flag.RECENTLY_LIVE}
    assert verdicts(replace(known, aliases=()), scope=Scope(prefix=""))[1].flags == everything - {Flag.ALIAS_PROTECTED}


# Where aliases pointed lately, and the stack


def test_the_release_before_is_held_and_those_before_it_are_not():
    assert candidates_of(idle_facts(live_lately=LiveLately(frozenset({5, 7})))) == {1, 2, 3, 4, 6}
    assert verdicts(idle_facts(live_lately=LiveLately(frozenset({5}))))[5].flags == {Flag.RECENTLY_LIVE}


def test_an_alias_that_moved_from_nobody_knows_where_holds_every_version():
    known = idle_facts(live_lately=LiveLately(frozenset({5}), ("live",)))

    assert candidates_of(known) == set()
    assert verdicts(known)[1].moved_from_unknown == ("live",)
    assert verdicts(known)[5].moved_from_unknown == ()


def test_what_is_live_now_is_held_by_its_alias_alone():
    known = idle_facts(aliases=(an_alias("live", 5),), live_lately=LiveLately(frozenset({5}), ("live",)))

    assert verdicts(known)[5].flags == {Flag.ALIAS_PROTECTED}


@pytest.mark.parametrize("lately", [None, missing(Check.ALIAS_HISTORY), LiveLately(frozenset({9}), ("live",))], ids=str)
def test_with_alias_history_off_what_is_not_known_holds_nothing_and_the_check_is_named(lately):
    known, policy = idle_facts(live_lately=lately), Policy(alias_history_required=False)

    assert candidates_of(known, policy=policy) == {1, 2, 3, 4, 5, 6, 7}
    assert verdicts(known, policy=policy)[1].switched_off == {Check.ALIAS_HISTORY}


def test_with_alias_history_off_what_our_own_scans_saw_is_held():
    known = idle_facts(live_lately=LiveLately(frozenset({5})))

    assert candidates_of(known, policy=Policy(alias_history_required=False)) == {1, 2, 3, 4, 6, 7}


def test_a_stack_in_motion_holds_every_version_of_its_functions():
    moving = idle_facts(stack=Stack("shop", "UPDATE_ROLLBACK_FAILED"))

    assert verdicts(moving)[1].flags == {Flag.STACK_IN_MOTION}
    assert verdicts(moving)[1].stack == Stack("shop", "UPDATE_ROLLBACK_FAILED")
    assert candidates_of(idle_facts(stack=Stack("shop"))) == {1, 2, 3, 4, 5, 6, 7}
