"""Random functions: any mixture of answers, failed checks and checks that were not asked; most of them idle."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import (
    Alias,
    Confirmation,
    FunctionFacts,
    KeepTag,
    LastCall,
    LiveLately,
    Missing,
    Stack,
    State,
    Usage,
)
from tests.builders import FUNCTION, NOW, a_version

ALIAS_NAMES = ("live", "canary", "blue")
KEEPS_ALL = ("true", "", "1,2", "0")
"""Values of the opt-out tag that protect the whole function."""


def usually(usual, *others):
    """One answer most of the time: a fleet in which everything holds tells nothing."""
    return st.sampled_from([usual] * 30 + [*others])


def failed(check):
    """A check that could not be completed."""
    return Missing(check, "Rate exceeded")


def asked(check, answers):
    """An answer, sometimes a failed check, sometimes one that was not asked."""
    return usually(answers, st.just(failed(check)), st.none()).flatmap(lambda kind: kind)


def moments(most_days=40):
    """A whole minute in the last days."""
    return st.integers(0, most_days * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))


def aliases(numbers):
    """Up to two aliases, some with a weight, some on `$LATEST`."""
    number = st.sampled_from(numbers)
    weights = st.lists(st.tuples(number, st.sampled_from([0.1, 0.5])), max_size=1).map(tuple)
    one = st.builds(Alias, name=st.sampled_from(ALIAS_NAMES), version=st.none() | number, weights=weights)
    return st.lists(one, max_size=2, unique_by=lambda alias: alias.name).map(tuple)


def usages(numbers):
    """Calls of some versions, and sometimes something that could not be read or explained."""
    number = st.sampled_from(numbers)
    call = st.builds(LastCall, moments(), st.none() | st.sampled_from(ALIAS_NAMES))
    return st.builds(
        Usage,
        asked=usually(frozenset(numbers), frozenset(numbers[1:])).map(frozenset),
        calls=st.dictionaries(number, call, max_size=2),
        unreadable=usually({}, {numbers[0]: failed(Check.INVOCATIONS)}),
        function_last=st.none() | moments(),
        unexplained=usually(None, NOW - timedelta(days=20), failed(Check.FUNCTION_TOTAL)),
    )


def keep_tags(numbers):
    """Mostly no tag, sometimes one that names versions, sometimes one that keeps the whole function."""
    return usually(None, f"{numbers[0]}", f" {numbers[-1]} {numbers[0]}", *KEEPS_ALL).map(KeepTag)


def live_lately(numbers):
    """Mostly nothing, sometimes a release that was live lately, sometimes an alias that may have pointed anywhere."""
    release = frozenset(numbers[:1])
    return usually(LiveLately(), LiveLately(release), LiveLately(release, ("live",)), LiveLately(unknown=("canary",)))


def stacks():
    """Mostly none or one at rest, sometimes one in motion."""
    return usually(Stack(), Stack("shop"), Stack("shop", "UPDATE_IN_PROGRESS"))


def confirmations(numbers):
    """States, policies and executions of every version, or of most."""
    states = usually(
        State("Active"),
        State("Active", durable=True),
        State("Inactive"),
        State("Failed", "InvalidImage"),
        State("Pending"),
        State("Deleted"),
        State("SomethingNew"),
        failed(Check.STATE),
        None,
    )
    return st.builds(
        Confirmation,
        states=answers(numbers, states),
        policies=answers(numbers, usually(False, True, failed(Check.RESOURCE_POLICY), None)),
        executions=answers(numbers, usually(False, True, failed(Check.DURABLE_EXECUTIONS), None)),
    )


def answers(numbers, each):
    """An answer for each number that has one."""
    return st.tuples(*[each for _ in numbers]).map(
        lambda found: {number: one for number, one in zip(numbers, found, strict=True) if one is not None}
    )


@st.composite
def functions(draw):
    """All that could be known of one function with up to seven versions."""
    numbers = draw(st.lists(st.integers(1, 30), min_size=1, max_size=7, unique=True))
    ages = st.sampled_from([0, 2, 13.99, 14, 14.01, 29, 30, 60, 60, 60, 99, 99, 99, None])
    versions = tuple(
        a_version(
            number,
            last_modified=None if (age := draw(ages)) is None else NOW - timedelta(days=age),
            durable=draw(usually(False, True)),
            runtime=draw(st.sampled_from(["python3.12", "java21", None])),
            memory_mb=draw(st.sampled_from([128, 1024, 3008])),
        )
        for number in numbers
    )
    event_sources = usually(frozenset(), frozenset(numbers[:1]), frozenset(numbers))
    return FunctionFacts(
        name=FUNCTION,
        versions=versions,
        other_numbers=draw(st.sampled_from([(), (31,), (31, 40)])),
        aliases=draw(asked(Check.ALIASES, aliases(numbers))),
        usage=draw(asked(Check.INVOCATIONS, usages(numbers))),
        event_sources=draw(asked(Check.EVENT_SOURCE_MAPPINGS, event_sources)),
        keep_tag=draw(asked(Check.TAGS, keep_tags(numbers))),
        live_lately=draw(asked(Check.ALIAS_HISTORY, live_lately(numbers))),
        stack=draw(asked(Check.STACKS, stacks())),
        confirmation=draw(confirmations(numbers)),
    )


def policies():
    """Thresholds near what random functions look like."""
    return st.builds(
        Policy,
        min_age_days=st.sampled_from([1, 14, 30]),
        keep_last_n=st.sampled_from([1, 2, 3]),
        function_activity=st.sampled_from(["attributed", "attributed", "strict"]),
    )


def scopes():
    """Mostly everything; sometimes another prefix, or our own function."""
    return usually(Scope(), Scope(prefix="billing-"), Scope(own_functions=frozenset({FUNCTION})))
