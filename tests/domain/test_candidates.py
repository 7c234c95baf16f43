"""What may be offered: what is known of it, and the order in which it is offered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.candidates import in_offer_order
from tests.builders import FUNCTION, a_candidate


def test_a_candidate_is_named_by_function_and_number():
    assert a_candidate(7).key == (FUNCTION, 7)
    assert a_candidate(7).label == "orders-api:7"


@pytest.mark.parametrize(
    ("candidate", "ticked"),
    [
        (a_candidate(), True),
        (a_candidate(monthly_usd=0.01), True),
        (a_candidate(monthly_usd=0.0), False),
        (a_candidate(kept_by="U1"), False),
        (a_candidate(monthly_usd=0.0, kept_by="U1"), False),
        (a_candidate(called_in_spells=True), False),
        (a_candidate(refused_on="2026-08-01"), False),
    ],
    ids=["costs", "costs a cent", "free", "kept", "free and kept", "called in spells", "refused"],
)
def test_a_box_starts_ticked_when_its_version_costs_money_and_nothing_was_ever_said_about_it(candidate, ticked):
    assert candidate.starts_ticked is ticked


@pytest.mark.parametrize(
    ("candidate", "news"),
    [
        (a_candidate(), True),
        (a_candidate(kept_by="U1"), True),
        (a_candidate(refused_on="2026-08-01"), True),
        (a_candidate(kept_by="U1", settled=True), False),
        (a_candidate(monthly_usd=0.0), False),
        (a_candidate(called_in_spells=True), False),
    ],
    ids=["costs", "was kept once", "was refused once", "is kept", "free", "called in spells"],
)
def test_a_candidate_is_news_when_it_costs_money_and_nothing_is_settled_about_it_today(candidate, news):
    assert candidate.is_news is news


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        ("2026-08-12", "2026-08-12T07:30:05Z", datetime(2026, 8, 12, 7, 30, 5, tzinfo=UTC)),
        ("2026-08-12", None, datetime(2026, 8, 12, 12, tzinfo=UTC)),
        (None, None, None),
    ],
)
def test_a_candidate_tells_when_it_was_published_as_well_as_its_page_knows(day, at, moment):
    assert a_candidate(published_on=day, published_at=at).published == moment


def test_a_candidate_says_whether_its_cost_is_exact_or_nothing():
    assert not a_candidate().costs_at_most
    assert a_candidate(runtime=None, package_type="Image").costs_at_most
    assert a_candidate(runtime="java21").free
    assert not a_candidate().free


def offer_order(*candidates):
    return [candidate.label for candidate in in_offer_order(candidates)]


def test_the_dearest_function_is_offered_first():
    cheap = [a_candidate(n, function_name="cheap") for n in (1, 2, 3)]
    dear = [a_candidate(1, function_name="dear", monthly_usd=20.0)]

    assert offer_order(*cheap, *dear) == ["dear:1", "cheap:1", "cheap:2", "cheap:3"]


def test_equally_dear_functions_are_offered_by_name():
    assert offer_order(a_candidate(1, function_name="b"), a_candidate(1, function_name="a")) == ["a:1", "b:1"]


def test_inside_a_function_the_dearest_and_then_the_lowest_is_first():
    offered = offer_order(a_candidate(10), a_candidate(9), a_candidate(11, monthly_usd=11.7), a_candidate(2))

    assert offered == ["orders-api:11", "orders-api:2", "orders-api:9", "orders-api:10"]


def test_what_is_kept_or_refused_is_offered_after_everything_else():
    kept = a_candidate(1, function_name="dear", monthly_usd=50.0, settled=True)
    dear = a_candidate(2, function_name="dear", monthly_usd=1.0)
    cheap = a_candidate(1, function_name="cheap", monthly_usd=2.0)
    free = a_candidate(1, function_name="free", monthly_usd=0.0)

    assert offer_order(kept, free, dear, cheap) == ["cheap:1", "dear:2", "free:1", "dear:1"]


def test_what_costs_nothing_is_offered_last_whatever_its_function():
    failed = a_candidate(1, function_name="dear", monthly_usd=0.0)
    dear = a_candidate(2, function_name="dear", monthly_usd=20.0)
    cheap = a_candidate(1, function_name="cheap")

    assert offer_order(failed, cheap, dear) == ["dear:2", "cheap:1", "dear:1"]


@given(
    offered=st.lists(
        st.builds(
            lambda name, number, cents: a_candidate(number, function_name=name, monthly_usd=cents / 100),
            st.sampled_from("abc"),
            st.integers(1, 20),
            st.sampled_from([0, 49, 195, 390]),
        ),
        unique_by=lambda c: c.key,
    ),
    order=st.randoms(use_true_random=False),
)
def test_the_offer_order_does_not_depend_on_where_rows_come_from(offered, order):
    shuffled = list(offered)
    order.shuffle(shuffled)

    assert in_offer_order(shuffled) == in_offer_order(offered)
    assert sorted(offered, key=lambda c: c.key) == sorted(in_offer_order(offered), key=lambda c: c.key)
