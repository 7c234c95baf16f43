"""What is news, what starts ticked, what is offered in which order, and when the schedule speaks."""

from __future__ import annotations

import pytest

from orchestrator.domain.news import (
    Standing,
    newly_not_judged,
    offer,
    place,
    schedule_speaks,
)
from tests.builders import FUNCTION, TODAY, a_keep, a_memory, a_refusal, an_idle, in_days

ONE, TWO = (FUNCTION, 1), (FUNCTION, 2)
ENDED = {"until": in_days(-1)}


def placed(*remembered, **idle):
    return place(an_idle(**idle), a_memory(*remembered), TODAY)


def offered(*idle, memory=None, at_most=200, asked_for=False):
    return offer(idle, memory or a_memory(), today=TODAY, at_most=at_most, asked_for=asked_for)


def numbers(places):
    return [one.idle.number for one in places]


# What each row is today


@pytest.mark.parametrize(
    ("found", "standing"),
    [
        (placed(), Standing.NEWS),
        (placed(monthly_usd=0.0), Standing.COSTS_NOTHING),
        (placed(in_spells=True), Standing.SEEN_IS_ENOUGH),
        (placed(a_keep()), Standing.KEPT),
        (placed(a_keep(until=TODAY)), Standing.KEPT),
        (placed(a_keep(**ENDED)), Standing.NEWS_AGAIN),
        (placed(a_keep(), in_spells=True, monthly_usd=0.0), Standing.KEPT),
        (placed(a_keep(**ENDED), in_spells=True), Standing.SEEN_IS_ENOUGH),
        (placed(a_keep(**ENDED), monthly_usd=0.0), Standing.COSTS_NOTHING),
        (placed(a_refusal()), Standing.REFUSED),
        (placed(a_refusal(until=TODAY)), Standing.REFUSED),
        (placed(a_refusal(**ENDED)), Standing.NEWS_AGAIN),
        (placed(a_keep(), a_refusal()), Standing.KEPT),
        (placed(a_keep(**ENDED), a_refusal()), Standing.REFUSED),
        (placed(a_keep(2), a_refusal(2)), Standing.NEWS),
        (placed(a_keep(1, function_name="mailer")), Standing.NEWS),
    ],
)
def test_a_row_stands(found, standing):
    assert found.standing is standing


@pytest.mark.parametrize("standing", Standing)
def test_a_standing_is_news_or_settled_or_neither(standing):
    assert standing.is_news is (standing in {Standing.NEWS, Standing.NEWS_AGAIN})
    assert standing.is_settled is (standing in {Standing.KEPT, Standing.REFUSED})


def test_only_news_that_nobody_said_a_word_about_starts_ticked():
    assert placed().starts_ticked
    assert not any(
        found.starts_ticked
        for found in [
            placed(monthly_usd=0.0),
            placed(in_spells=True),
            placed(a_keep()),
            placed(a_keep(**ENDED)),
            placed(a_refusal()),
            placed(a_refusal(**ENDED)),
        ]
    )


def test_a_row_knows_who_kept_it_also_after_the_end():
    assert placed(a_keep(**ENDED)).keep == a_keep(**ENDED)
    assert placed(a_refusal(**ENDED)).refusal == a_refusal(**ENDED)


# What is offered


def test_the_dearest_news_comes_first():
    found = offered(an_idle(1, monthly_usd=1), an_idle(2, monthly_usd=3), an_idle(3, monthly_usd=2))

    assert numbers(found.shown) == [2, 3, 1]


def test_news_comes_before_all_else_however_dear_that_is():
    memory = a_memory(a_keep(1), a_refusal(2), a_keep(3, **ENDED))

    found = offered(
        *(an_idle(number, monthly_usd=100 - number) for number in (1, 2, 3)),
        an_idle(4, monthly_usd=90, in_spells=True),
        an_idle(5, monthly_usd=0),
        an_idle(6, monthly_usd=0.5),
        memory=memory,
        asked_for=True,
    )

    assert numbers(found.shown) == [6, 3, 4, 5, 1, 2]
    assert (found.waiting, found.counted) == ((), ())


def test_the_schedule_only_counts_what_is_kept_or_refused():
    found = offered(an_idle(1), an_idle(2), an_idle(3), memory=a_memory(a_keep(1), a_refusal(2)))

    assert (numbers(found.shown), numbers(found.waiting), numbers(found.counted)) == ([3], [], [1, 2])


def test_more_news_than_a_run_may_offer_waits_and_other_rows_do_not():
    found = offered(
        an_idle(1),
        an_idle(2),
        an_idle(3),
        an_idle(4, in_spells=True),
        an_idle(5),
        memory=a_memory(a_keep(5)),
        at_most=2,
    )

    assert (numbers(found.shown), numbers(found.waiting), numbers(found.counted)) == ([1, 2], [3], [4, 5])


def test_what_is_kept_takes_no_place_of_news():
    found = offered(an_idle(1, monthly_usd=99), an_idle(2), memory=a_memory(a_keep(1)), at_most=1, asked_for=True)

    assert (numbers(found.shown), numbers(found.counted)) == ([2], [1])


# Whether the schedule speaks


def test_the_schedule_speaks_when_there_is_news():
    assert schedule_speaks(offered(an_idle()), frozenset(), a_memory())


def test_the_schedule_speaks_when_a_keep_has_ended():
    memory = a_memory(a_keep(**ENDED))

    assert schedule_speaks(offered(an_idle(), memory=memory), frozenset(), memory)


def test_the_schedule_is_silent_when_nothing_is_news():
    memory = a_memory(a_keep(1), a_refusal(2))
    idle = [an_idle(1), an_idle(2), an_idle(3, in_spells=True), an_idle(4, monthly_usd=0)]

    assert not schedule_speaks(offered(*idle, memory=memory), frozenset(), memory)


def test_the_schedule_speaks_of_rows_it_could_not_judge_once():
    memory = a_memory(not_judged=frozenset({ONE}))

    assert newly_not_judged(frozenset({ONE, TWO}), memory) == {TWO}
    assert schedule_speaks(offered(), frozenset({ONE, TWO}), memory)
    assert not schedule_speaks(offered(), frozenset({ONE}), memory)
