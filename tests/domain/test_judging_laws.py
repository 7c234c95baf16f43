"""The verdict as laws: for any facts, what is offered obeys every rule, and nothing that obeys all is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.judging import judge
from orchestrator.domain.plan import plan_deletions
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.versions import Alias, KeepTag, LastCall, LiveLately, Missing, Stack, State, Usage
from tests.builders import FUNCTION, NOW, days_ago
from tests.domain.fleets import KEEPS_ALL, functions, policies, scopes
from tests.laws import one_in

AN_HOUR = timedelta(hours=1)


def offered(known, policy, scope):
    return {a.version.number for a in judge(known, policy, scope, NOW) if a.candidate}


def obeys_every_rule(number, known, policy, scope):
    """The rules once more, in the words of the design: whether nothing asked holds the version, and all was asked."""
    version = next(v for v in known.versions if v.number == number)
    states = known.confirmation.states
    state, usage, tag = states.get(number), known.usage, known.keep_tag
    if not (
        isinstance(known.aliases, tuple)
        and isinstance(usage, Usage)
        and isinstance(known.event_sources, frozenset)
        and isinstance(tag, KeepTag)
        and isinstance(known.live_lately, LiveLately)
        and isinstance(known.stack, Stack)
        and isinstance(state, State)
    ):
        return False
    newer = sorted((v.number for v in known.versions if v.number > number), reverse=True)
    newer_states = [states[n] for n in newer[:20] if isinstance(states.get(n), State)]
    aliased = {a.version for a in known.aliases} | {n for a in known.aliases for n, _ in a.weights}
    youngest_allowed = days_ago(policy.min_age_days)
    return all(
        (
            version.last_modified is not None and version.last_modified <= youngest_allowed,
            len(newer) >= policy.keep_last_n,
            state.name == "Failed" or sum(s.name in ("Active", "Inactive") for s in newer_states) >= policy.keep_last_n,
            number not in aliased,
            number in usage.asked and number not in usage.unreadable,
            number not in usage.calls,
            usage.unexplained is None,
            policy.function_activity == "attributed"
            or usage.function_last is None
            or usage.function_last + AN_HOUR <= youngest_allowed,
            number not in known.event_sources,
            tag.value is None or (tag.value not in KEEPS_ALL and str(number) not in tag.value.split()),
            number not in known.live_lately.versions and not known.live_lately.unknown,
            known.stack.status is None,
            state.name in ("Active", "Inactive", "Failed"),
            known.confirmation.policies.get(number) is False,
            known.confirmation.executions.get(number, version.durable or state.durable) is False,
            FUNCTION not in scope.own_functions and (scope.prefix == "*" or FUNCTION.startswith(scope.prefix)),
        )
    )


@given(known=functions(), policy=policies(), scope=scopes())
def test_what_is_offered_is_exactly_what_obeys_every_rule(known, policy, scope):
    by_the_book = {v.number for v in known.versions if obeys_every_rule(v.number, known, policy, scope)}

    assert offered(known, policy, scope) == by_the_book


@given(known=functions(), policy=policies(), scope=scopes(), order=st.randoms(use_true_random=False))
def test_the_order_of_versions_never_matters(known, policy, scope, order):
    shuffled = list(known.versions)
    order.shuffle(shuffled)

    assert judge(replace(known, versions=tuple(shuffled)), policy, scope, NOW) == judge(known, policy, scope, NOW)


@given(known=functions(), policy=policies(), scope=scopes())
def test_a_row_is_offered_held_or_open_and_says_so(known, policy, scope):
    for row in judge(known, policy, scope, NOW):
        still_open = bool(row.not_asked) and not row.held
        assert [row.candidate, row.held, still_open].count(True) == 1
        assert row.held == bool(row.flags - {Flag.NO_ACTIVITY_AND_STALE})
        assert row.candidate == (row.flags == {Flag.NO_ACTIVITY_AND_STALE})
        assert (Flag.NOT_JUDGED in row.flags) == bool(row.missing)
        assert not row.candidate or (row.stage_a_pass and row.stage_b_pass is True)


# Nothing that is added makes a version less safe. Each of these adds one thing to what was answered.


def confirmed(known, **added):
    merged = {name: {**getattr(known.confirmation, name), **more} for name, more in added.items()}
    return replace(known, confirmation=replace(known.confirmation, **merged))


def used(known, **added):
    return replace(known, usage=replace(known.usage, **added)) if isinstance(known.usage, Usage) else known


def aliased(known, alias):
    return replace(known, aliases=(*known.aliases, alias)) if isinstance(known.aliases, tuple) else known


def called(known, number, through):
    calls = known.usage.calls if isinstance(known.usage, Usage) else {}
    return used(known, calls={**calls, number: LastCall(days_ago(3), through)})


def unreadable(known, number):
    lost = known.usage.unreadable if isinstance(known.usage, Usage) else {}
    return used(known, unreadable={**lost, number: LOST})


def asked_of(known):
    return known.usage.asked if isinstance(known.usage, Usage) else frozenset()


def on_an_event_source(known, number):
    if not isinstance(known.event_sources, frozenset):
        return known
    return replace(known, event_sources=known.event_sources | {number})


def tagged(known, value):
    """The tag with one more word; one that keeps the whole function already cannot keep more."""
    if not isinstance(known.keep_tag, KeepTag) or known.keep_tag.value in KEEPS_ALL:
        return known
    return replace(known, keep_tag=KeepTag(f"{known.keep_tag.value or ''} {value}"))


def live(known, *numbers, unknown=()):
    """The function with these versions live lately, too."""
    if not isinstance(known.live_lately, LiveLately):
        return known
    versions = known.live_lately.versions | set(numbers)
    return replace(known, live_lately=LiveLately(versions, (*known.live_lately.unknown, *unknown)))


def younger(known, number, by):
    versions = tuple(
        replace(v, last_modified=v.last_modified + by) if v.number == number and v.last_modified else v
        for v in known.versions
    )
    return replace(known, versions=versions)


def with_the_newest_failed(known):
    newest = max(version.number for version in known.versions)
    state = known.confirmation.states.get(newest)
    return confirmed(known, states={newest: replace(state, name="Failed")}) if isinstance(state, State) else known


def without(known, name, number):
    answers = {n: answer for n, answer in getattr(known.confirmation, name).items() if n != number}
    return replace(known, confirmation=replace(known.confirmation, **{name: answers}))


LOST = Missing(Check.STATE, "AccessDenied")

ADDITIONS = {
    "an alias": lambda known, n: aliased(known, Alias(name="added", version=n)),
    "a weight": lambda known, n: aliased(known, Alias(name="added", version=None, weights=((n, 0.01),))),
    "a call by number": lambda known, n: called(known, n, None),
    "a call through an alias": lambda known, n: called(known, n, "live"),
    "an unexplained call": lambda known, _: used(known, unexplained=days_ago(30)),
    "activity of the function": lambda known, _: used(known, function_last=NOW),
    "an event source": on_an_event_source,
    "a number in the tag": tagged,
    "a word in the tag": lambda known, _: tagged(known, "all"),
    "a release that was live lately": live,
    "an alias that moved from nobody knows where": lambda known, _: live(known, unknown=("live",)),
    "a stack in motion": lambda known, _: replace(known, stack=Stack("shop", "UPDATE_FAILED")),
    "unknown alias history": lambda known, _: replace(known, live_lately=LOST),
    "unknown stacks": lambda known, _: replace(known, stack=LOST),
    "alias history not asked": lambda known, _: replace(known, live_lately=None),
    "stacks not asked": lambda known, _: replace(known, stack=None),
    "a resource policy": lambda known, n: confirmed(known, policies={n: True}),
    "a running execution": lambda known, n: confirmed(known, executions={n: True}),
    "a later date": lambda known, n: younger(known, n, timedelta(seconds=1)),
    "a much later date": lambda known, n: younger(known, n, timedelta(days=90)),
    "a State that is not eligible": lambda known, n: confirmed(known, states={n: State("Pending")}),
    "a newest version that failed": lambda known, _: with_the_newest_failed(known),
    "unknown aliases": lambda known, _: replace(known, aliases=LOST),
    "unknown usage": lambda known, _: replace(known, usage=LOST),
    "an unreadable series": unreadable,
    "an unreadable total": lambda known, _: used(known, unexplained=LOST),
    "unknown event sources": lambda known, _: replace(known, event_sources=LOST),
    "unknown tags": lambda known, _: replace(known, keep_tag=LOST),
    "an unknown State": lambda known, n: confirmed(known, states={n: LOST}),
    "an unknown resource policy": lambda known, n: confirmed(known, policies={n: LOST}),
    "unknown executions": lambda known, n: confirmed(known, executions={n: LOST}),
    "an unreadable date": lambda known, _: replace(
        known, versions=tuple(replace(v, last_modified=None) for v in known.versions)
    ),
    "aliases not asked": lambda known, _: replace(known, aliases=None),
    "usage not asked": lambda known, _: replace(known, usage=None),
    "a series not asked": lambda known, n: used(known, asked=asked_of(known) - {n}),
    "event sources not asked": lambda known, _: replace(known, event_sources=None),
    "tags not asked": lambda known, _: replace(known, keep_tag=None),
    "a State not asked": lambda known, n: without(known, "states", n),
    "a resource policy not asked": lambda known, n: without(known, "policies", n),
}


@pytest.mark.parametrize("addition", ADDITIONS.values(), ids=ADDITIONS)
@one_in(4)
@given(known=functions(), policy=policies(), scope=scopes(), data=st.data())
def test_no_protection_and_no_failure_ever_frees_a_version(addition, known, policy, scope, data):
    number = data.draw(st.sampled_from([version.number for version in known.versions]))

    assert offered(addition(known, number), policy, scope) <= offered(known, policy, scope)


# The plan


@given(
    known=functions(),
    policy=policies(),
    scope=scopes(),
    approved=st.sets(st.tuples(st.sampled_from([FUNCTION, "another"]), st.integers(1, 31))),
)
def test_only_what_was_approved_and_is_a_candidate_again_is_deleted(known, policy, scope, approved):
    fresh = {(FUNCTION, a.version.number): a for a in judge(known, policy, scope, NOW)}
    plan = plan_deletions(approved, fresh)
    deleted = [deletion.key for deletion in plan.deletions]
    skipped = [skip.key for skip in plan.skips]

    assert sorted(deleted + skipped) == sorted(approved)
    assert set(deleted) == approved & {(FUNCTION, n) for n in offered(known, policy, scope)}
    assert all(skip.reason for skip in plan.skips)
    assert all(deletion.arn.endswith(f":{deletion.function_name}:{deletion.number}") for deletion in plan.deletions)
