"""AWS's own bill: GB by day, account and region; what is not settled or not there is not checked, and never zero."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.bill import (
    ASK_AGAIN_AFTER,
    CACHED,
    LONGEST_WINDOW_DAYS,
    SHORTEST_WINDOW_DAYS,
    Asking,
    Bill,
    BillDay,
    Billed,
    Cache,
    NotChecked,
    UnreadableBill,
    bill_key,
    cached_prefix,
    in_cents,
    last_settled,
    read_days,
    window,
)
from tests.bills import (
    LIST_PRICE,
    PREFIX,
    a_bill,
    a_bill_day,
    a_group,
    a_result,
    an_asking,
    billed,
    cached_groups,
    days_of,
)
from tests.builders import ACCOUNT, NOW, REGION

OTHER = "444455556666"
TODAY = date(2026, 11, 20)
DAY = date(2026, 11, 17)


def days_in(*results):
    return read_days({"ResultsByTime": list(results)})


# The measurement it rests on


@pytest.mark.parametrize(("month", "days", "usd"), [(5, 31, 2.02), (6, 30, 1.95), (7, 31, 2.02)])
def test_half_a_gb_kept_for_a_whole_month_costs_what_was_billed_for_it(month, days, usd):
    results = [a_result(day, *cached_groups(0.5, prefix="")) for day in days_of(date(2026, month, 1), days)]
    bill = Bill.of([an_asking(days_in(*results))])

    assert in_cents(bill.month(ACCOUNT, 2026, month).usd) == usd
    assert {bill.days[day].billed(ACCOUNT).gb for day in bill.days} == {0.5}


@pytest.mark.parametrize(("year", "days", "usd"), [(2026, 28, 1.82), (2028, 29, 1.89)])
def test_february_costs_less_for_the_same_gb(year, days, usd):
    bill = a_bill(dict.fromkeys(days_of(date(year, 2, 1), days), 0.5))

    assert in_cents(bill.month(ACCOUNT, year, 2).usd) == usd
    assert {day.billed(ACCOUNT).gb for day in bill.days.values()} == {0.5}


def test_a_month_is_the_accounts_own():
    bill = a_bill({date(2026, 10, 31): 7, DAY: {Cache(ACCOUNT, PREFIX): 1, Cache(OTHER, PREFIX): 5}})

    assert bill.month(ACCOUNT, 2026, 11) == billed(1)
    assert bill.month("999900001111", 2026, 11) == Billed()


@pytest.mark.parametrize(("usd", "shown"), [(2.01496, 2.02), (1.95, 1.95), (0, 0), (0.0001, 0.01), (1.1 + 2.2, 3.3)])
def test_a_line_of_the_bill_is_rounded_up_to_the_cent(usd, shown):
    assert in_cents(usd) == shown


# Regions


@pytest.mark.parametrize(
    ("usage_type", "prefix"),
    [
        (CACHED, ""),
        (f"EUC1-{CACHED}", "EUC1"),
        (f"XX-Y9-{CACHED}", "XX-Y9"),
        ("Lambda-SnapStart-Restored-GB", None),
        ("USW2-Lambda-GB-Second-ARM", None),
        (f"{CACHED}-ARM", None),
        (f"X{CACHED}", None),
    ],
)
def test_cached_snapshots_are_known_by_the_end_of_the_usage_type(usage_type, prefix):
    assert cached_prefix(usage_type) == prefix


@pytest.mark.parametrize(
    ("prefix", "region"),
    [("", "us-east-1"), ("USE1", "us-east-1"), ("EU", "eu-west-1"), ("APS3", "ap-south-1"), ("QQ7", None)],
)
def test_a_prefix_means_a_region(prefix, region):
    assert Cache(ACCOUNT, prefix).region == region


def test_a_day_adds_up_by_account_and_by_region():
    (day,) = days_in(
        a_result(
            DAY,
            *cached_groups(1, prefix=""),
            *cached_groups(2),
            *cached_groups(4, prefix="QQ7"),
            *cached_groups(8, account_id=OTHER),
        )
    )

    assert day.billed(ACCOUNT).gb == pytest.approx(7)
    assert day.billed(ACCOUNT, "us-east-1").gb == pytest.approx(1)
    assert day.billed(ACCOUNT, REGION).gb == pytest.approx(2)
    assert day.billed(OTHER, REGION).gb == pytest.approx(8)


def test_two_usage_types_of_one_region_are_added():
    (day,) = days_in(a_result(DAY, *cached_groups(1), *cached_groups(2)))

    assert day.billed(ACCOUNT, REGION).gb == pytest.approx(3)


# What is not checked


def test_an_account_that_used_lambda_without_a_snapshot_was_billed_none():
    (day,) = days_in(a_result(DAY, a_group("USW2-Lambda-GB-Second", ACCOUNT, 12)))

    assert day.billed(ACCOUNT) == Billed()


def test_an_account_that_the_bill_does_not_show_is_not_free():
    assert a_bill_day(DAY).billed(OTHER) is None


def test_a_day_without_any_group_says_nothing():
    assert days_in(a_result(DAY)) == ()


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"Groups": [{"Keys": ["one"], "Metrics": {}}]},
        {"Groups": [{"Keys": [CACHED, ACCOUNT], "Metrics": {}}]},
        {"Groups": [a_group("x", ACCOUNT, 1)]},
        {"Groups": 7},
    ],
)
def test_an_answer_in_another_shape_is_unreadable(damaged):
    with pytest.raises(UnreadableBill, match="cannot be read"):
        days_in(damaged)


def test_the_last_two_days_are_not_settled():
    assert last_settled(TODAY) == date(2026, 11, 17)


def test_estimated_days_are_not_settled():
    known = [a_bill_day(day, estimated=day.day == 16) for day in days_of(date(2026, 11, 14), 6)]

    assert [day.day for day in Bill.of([an_asking(known)]).settled(TODAY)] == [14, 15, 17]


def test_days_of_an_account_are_those_that_show_it():
    bill = a_bill({date(2026, 11, 15): 1, DAY: {Cache(OTHER, PREFIX): 1}})
    bill = Bill(days={**bill.days, DAY: a_bill_day(DAY, {Cache(OTHER, PREFIX): 1}, seen=frozenset({OTHER}))})

    assert bill.settled_of(ACCOUNT, TODAY) == (date(2026, 11, 15),)
    assert bill.settled_of(OTHER, TODAY) == (DAY,)


@pytest.mark.parametrize(
    ("bill", "words"),
    [
        (Bill.of([]), "it was never asked for"),
        (Bill.of([an_asking(answered=False)]), "the question is still on its way"),
        (Bill.of([an_asking(answered=False, problem="AccessDenied")]), "AccessDenied"),
        (Bill.of([an_asking([a_bill_day(DAY, {Cache(OTHER, PREFIX): 1}, seen=frozenset({OTHER}))])]), ACCOUNT),
        (Bill.of([an_asking([a_bill_day(DAY, estimated=True)])]), "still calls these days estimated"),
    ],
)
def test_why_there_is_nothing_is_said(bill, words):
    assert words in bill.why_nothing(ACCOUNT).words
    assert isinstance(bill.why_nothing(ACCOUNT), NotChecked)


# Several answers


def test_the_later_answer_counts():
    first = an_asking([a_bill_day(DAY, 1.0, estimated=True)], asked_at=NOW - timedelta(days=2))
    second = an_asking([a_bill_day(DAY, 2.0)])

    assert Bill.of([second, first]).days[DAY].billed(ACCOUNT) == billed(2.0)


def test_a_refusal_forgets_nothing_that_was_known():
    known = an_asking([a_bill_day(DAY)], asked_at=NOW - timedelta(days=1))
    bill = Bill.of([known, an_asking(answered=False, problem="Throttled")])

    assert bill.settled(TODAY) == (DAY,)
    assert bill.problem == "Throttled"


# What is asked next


def test_the_first_question_is_for_two_months():
    assert window([], TODAY) == (TODAY - timedelta(days=LONGEST_WINDOW_DAYS), TODAY)


def test_what_is_settled_is_not_asked_again():
    known = an_asking([a_bill_day(day) for day in days_of(date(2026, 10, 1), 31)])

    assert window([known], TODAY) == (date(2026, 11, 1), TODAY)


def test_a_question_is_for_ten_days_at_least():
    known = an_asking([a_bill_day(DAY)])

    assert window([known], TODAY) == (TODAY - timedelta(days=SHORTEST_WINDOW_DAYS), TODAY)


def test_after_an_answer_that_did_not_fit_half_as_many_days_are_asked():
    start = TODAY - timedelta(days=62)
    too_long = an_asking(partial=True, start=start, end=TODAY, problem="too long")

    assert window([too_long], TODAY) == (TODAY - timedelta(days=31), TODAY)


@given(st.lists(st.dates(date(2025, 1, 1), TODAY), max_size=8), st.booleans())
def test_a_window_ends_today_and_is_never_longer_than_a_page_should_be(days, partial):
    asked = an_asking([a_bill_day(day) for day in days], start=date(2026, 11, 1), partial=partial)
    start, end = window([asked], TODAY)

    assert end == TODAY
    assert SHORTEST_WINDOW_DAYS <= (end - start).days <= LONGEST_WINDOW_DAYS


def test_a_refused_question_may_be_put_again_after_an_hour():
    refused = an_asking(answered=False, problem="AccessDenied")

    assert not refused.may_ask_again(NOW + timedelta(minutes=59))
    assert refused.may_ask_again(NOW + ASK_AGAIN_AFTER)
    assert not an_asking().may_ask_again(NOW + ASK_AGAIN_AFTER)


# The record


def test_an_asking_is_read_as_it_was_written():
    asked = an_asking(
        [a_bill_day(DAY, {Cache(ACCOUNT, ""): 1.5, Cache(OTHER, "EU"): 2})], problem="words", partial=True
    )

    assert Asking.from_dict(asked.to_dict()) == asked
    assert bill_key(DAY) == "bill/2026-11-17.json"


def test_fields_of_a_later_release_are_ignored():
    known = an_asking([a_bill_day(DAY)])
    stored = {**known.to_dict(), "currency": "USD"}
    stored["days"] = [{**day, "note": "x"} for day in stored["days"]]

    assert Asking.from_dict(stored) == known


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {},
        {"schema_version": 99},
        {**an_asking().to_dict(), "start": "soon"},
        {**an_asking().to_dict(), "days": [{}]},
    ],
)
def test_a_damaged_record_is_unreadable(stored):
    with pytest.raises(UnreadableBill):
        Asking.from_dict(stored)


def test_credits_do_not_change_what_was_cached():
    (day,) = days_in(a_result(DAY, a_group(f"USW2-{CACHED}", ACCOUNT, 86_400 * 3, 0.0)))

    assert isinstance(day, BillDay)
    assert day.billed(ACCOUNT) == Billed(86_400 * 3, 0.0)
    assert day.billed(ACCOUNT).gb == 3


def test_the_price_of_the_measurement_is_the_list_price():
    assert billed(1).usd == pytest.approx(86_400 * LIST_PRICE)
