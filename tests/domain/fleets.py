"""Random functions: any mixture of answers, failed checks and checks that were not asked; most of them idle."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

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


# Drawn from again and again, so that they are made once.
NUMBERS = st.lists(st.integers(1, 30), min_size=1, max_size=7, unique=True)
OTHER_NUMBERS = st.sampled_from([(), (31,), (31, 40)])
AGES = [0, 2, 13.99, 14, 14.01, 29, 30, 60, 60, 60, 99, 99, 99, None]
MADE = st.sampled_from(list(product(AGES, ["python3.12", "java21", None], [128, 1024, 3008])))
"""Age in days, runtime and memory of a version."""
NAMES = st.lists(st.sampled_from(ALIAS_NAMES), max_size=2, unique=True)
SHARES = st.sampled_from([0.1, 0.5])
CALLED_THROUGH = st.lists(st.none() | st.sampled_from(ALIAS_NAMES), max_size=2)
MINUTES_AGO = st.integers(0, 40 * 24 * 60)
ONE_OF_MANY = st.integers(0, 34)
PLACE = st.integers(0, 6)


def usually(draw, usual, *others):
    """One answer most of the time: a fleet in which everything holds tells nothing."""
    place = draw(ONE_OF_MANY) - 35 + len(others)
    return others[place] if place >= 0 else usual


def failed(check):
    """A check that could not be completed."""
    return Missing(check, "Rate exceeded")


def asked(draw, check, answer, *given):
    """An answer, sometimes a failed check, sometimes one that was not asked."""
    how = usually(draw, "answered", "failed", "not asked")
    return answer(draw, *given) if how == "answered" else failed(check) if how == "failed" else None


def one_of(draw, numbers):
    """The number of one of the function's versions."""
    return numbers[draw(PLACE) % len(numbers)]


def moment(draw):
    """A whole minute in the last days."""
    return NOW - timedelta(minutes=draw(MINUTES_AGO))


def maybe(draw, answer, *given):
    """An answer as often as none."""
    return answer(draw, *given) if draw(st.booleans()) else None


def aliases(draw, numbers):
    """Up to two aliases, some with a weight, some on `$LATEST`."""
    return tuple(
        Alias(
            name=name,
            version=maybe(draw, one_of, numbers),
            weights=((one_of(draw, numbers), draw(SHARES)),) if draw(st.booleans()) else (),
        )
        for name in draw(NAMES)
    )


def usage(draw, numbers):
    """Calls of some versions, and sometimes something that could not be read or explained."""
    return Usage(
        asked=frozenset(usually(draw, numbers, numbers[1:])),
        calls={one_of(draw, numbers): LastCall(moment(draw), through) for through in draw(CALLED_THROUGH)},
        unreadable=usually(draw, {}, {numbers[0]: failed(Check.INVOCATIONS)}),
        function_last=maybe(draw, moment),
        unexplained=usually(draw, None, NOW - timedelta(days=20), failed(Check.FUNCTION_TOTAL)),
    )


def event_sources(draw, numbers):
    """Mostly none, sometimes one of one version, sometimes one of each."""
    return usually(draw, frozenset(), frozenset(numbers[:1]), frozenset(numbers))


def keep_tag(draw, numbers):
    """Mostly no tag, sometimes one that names versions, sometimes one that keeps the whole function."""
    return KeepTag(usually(draw, None, f"{numbers[0]}", f" {numbers[-1]} {numbers[0]}", *KEEPS_ALL))


def live_lately(draw, numbers):
    """Mostly nothing, sometimes a release that was live lately, sometimes an alias that may have pointed anywhere."""
    release = frozenset(numbers[:1])
    several = (LiveLately(release), LiveLately(release, ("live",)), LiveLately(unknown=("canary",)))
    return usually(draw, LiveLately(), *several)


def stack(draw):
    """Mostly none, sometimes one at rest or in motion."""
    return usually(draw, Stack(), Stack("shop"), Stack("shop", "UPDATE_IN_PROGRESS"))


def version(draw, number):
    """A version of any age and build."""
    age, runtime, memory_mb = draw(MADE)
    published = None if age is None else NOW - timedelta(days=age)
    durable = usually(draw, False, True)
    return a_version(number, last_modified=published, durable=durable, runtime=runtime, memory_mb=memory_mb)


def state(draw):
    """Mostly active."""
    several = [State(name) for name in ("Inactive", "Pending", "Deleted", "SomethingNew")]
    durable, broken = State("Active", durable=True), State("Failed", "InvalidImage")
    return usually(draw, State("Active"), durable, broken, *several, failed(Check.STATE), None)


def yes(draw, check):
    """Mostly no; sometimes yes, a failed check, or one that was not asked."""
    return usually(draw, False, True, failed(check), None)


def answers(draw, numbers, answer, *given):
    """An answer for each number that has one."""
    found = {number: answer(draw, *given) for number in numbers}
    return {number: one for number, one in found.items() if one is not None}


@st.composite
def functions(draw):
    """All that could be known of one function with up to seven versions."""
    numbers = draw(NUMBERS)
    return FunctionFacts(
        name=FUNCTION,
        versions=tuple(version(draw, number) for number in numbers),
        other_numbers=draw(OTHER_NUMBERS),
        aliases=asked(draw, Check.ALIASES, aliases, numbers),
        usage=asked(draw, Check.INVOCATIONS, usage, numbers),
        event_sources=asked(draw, Check.EVENT_SOURCE_MAPPINGS, event_sources, numbers),
        keep_tag=asked(draw, Check.TAGS, keep_tag, numbers),
        live_lately=asked(draw, Check.ALIAS_HISTORY, live_lately, numbers),
        stack=asked(draw, Check.STACKS, stack),
        confirmation=Confirmation(
            states=answers(draw, numbers, state),
            policies=answers(draw, numbers, yes, Check.RESOURCE_POLICY),
            executions=answers(draw, numbers, yes, Check.DURABLE_EXECUTIONS),
        ),
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
    return st.sampled_from([Scope()] * 8 + [Scope(prefix="billing-"), Scope(own_functions=frozenset({FUNCTION}))])
