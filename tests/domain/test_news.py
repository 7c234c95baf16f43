"""What an idle version is today, given its cost, its calls and all that is remembered of it."""

from __future__ import annotations

import pytest

from orchestrator.domain.news import Standing, newly_not_judged, place
from tests.builders import FUNCTION, TODAY
from tests.memories import a_keep, a_memory, a_refusal, an_idle, in_days

ONE, TWO = (FUNCTION, 1), (FUNCTION, 2)
ENDED = {"until": in_days(-1)}


def placed(*remembered, **idle):
    return place(an_idle(**idle), a_memory(*remembered), TODAY)


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


def test_a_row_knows_who_kept_it_also_after_the_end():
    assert placed(a_keep(**ENDED)).keep == a_keep(**ENDED)
    assert placed(a_refusal(**ENDED)).refusal == a_refusal(**ENDED)


def test_standings_are_offered_in_their_order():
    assert sorted(Standing) == [
        Standing.NEWS,
        Standing.NEWS_AGAIN,
        Standing.SEEN_IS_ENOUGH,
        Standing.COSTS_NOTHING,
        Standing.KEPT,
        Standing.REFUSED,
    ]


def test_rows_that_could_not_be_judged_are_new_once():
    memory = a_memory(not_judged=frozenset({ONE}))

    assert newly_not_judged({ONE, TWO}, memory) == {TWO}
    assert newly_not_judged({ONE}, memory) == frozenset()
