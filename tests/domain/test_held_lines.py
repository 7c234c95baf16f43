"""Why held versions are held: a line a reason, so that a person reads groups and not versions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestrator.domain.held_lines import held_lines
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Flag
from orchestrator.domain.versions import LastCall
from tests.builders import an_assessment


def called(number, month, day, through="live"):
    at = datetime(2026, month, day, 12, tzinfo=UTC)
    return an_assessment(number, Flag.HAS_RECENT_INVOCATIONS, last_call=LastCall(at, through))


def test_versions_of_every_age_under_the_minimum_stand_in_one_line():
    young = [an_assessment(number, Flag.TOO_RECENT, age_days=350 - number) for number in range(314, 347)]

    assert held_lines(young, Policy(min_age_days=30)) == ("314–346: under 30 days old",)  # noqa: RUF001


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([(10, 17)], "called 17 Oct"),
        ([(10, 17), (10, 23), (10, 20)], "called 17–23 Oct"),  # noqa: RUF001
        ([(9, 28), (10, 3)], "called 28 Sep to 3 Oct"),
    ],
)
def test_calls_through_one_alias_stand_in_one_line_with_their_span(days, words):
    held = [called(number, *day) for number, day in enumerate(days, start=1)]

    (line,) = held_lines(held, Policy())

    assert line.partition(": ")[2] == f"{words}, through `live`"


def test_calls_by_number_and_through_other_aliases_stand_apart():
    held = [called(1, 10, 1), called(2, 10, 2, None), called(3, 10, 3, "canary"), called(4, 10, 4)]

    assert held_lines(held, Policy()) == (
        "1, 4: called 1–4 Oct, through `live`",  # noqa: RUF001
        "2: called 2 Oct, by number",
        "3: called 3 Oct, through `canary`",
    )


def test_a_call_whose_time_is_not_known_is_a_call():
    assert held_lines([an_assessment(1, Flag.HAS_RECENT_INVOCATIONS)], Policy()) == ("1: called",)


@pytest.mark.parametrize(
    ("newest", "held", "words"),
    [
        (3, 3, "among the newest 3"),
        (1, 1, "the newest"),
        (
            3,
            4,
            "among the newest 3 or, since not all of those can be invoked, the newest 3 that work are kept as well",
        ),
        (1, 2, "the newest or, since not all of those can be invoked, the newest that works is kept as well"),
    ],
)
def test_more_than_the_newest_few_say_why_they_are_more(newest, held, words):
    versions = [an_assessment(number, Flag.PROTECTED_KEPT_LAST_N) for number in range(1, held + 1)]

    (line,) = held_lines(versions, Policy(keep_last_n=newest))

    assert line.partition(": ")[2] == words


def test_a_version_with_several_reasons_stands_in_each_of_their_lines():
    held = [
        an_assessment(8, Flag.ALIAS_PROTECTED, Flag.TAG_PROTECTED, aliases=(("live", None),)),
        an_assessment(7, Flag.ALIAS_PROTECTED, aliases=(("live", 0.1),)),
    ]

    assert held_lines(held, Policy()) == (
        "8: alias `live` points to it",
        "7: alias `live` sends it 10 %",
        "8: tag `snapstart-cleaner:keep`",
    )


def test_nothing_held_needs_no_line():
    assert held_lines([], Policy()) == ()
