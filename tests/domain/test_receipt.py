"""What was saved: told from the bill, explained by what we know, and whatever neither knows is called unexplained."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestrator.domain.bill import Bill, Cache, NotChecked
from orchestrator.domain.inventory import Snapshots, expected_gb
from orchestrator.domain.receipt import (
    DAYS_COMPARED,
    DayChecked,
    Saved,
    TooEarly,
    by_day,
    check_day,
    saved,
    shown,
    start_of_last_month,
    together,
)
from tests.bills import PREFIX, a_bill, a_bill_day, a_saving, an_asking, days_of, moment, snapshots
from tests.builders import ACCOUNT, REGION
from tests.laws import one_in

OTHER = "444455556666"
TODAY = date(2026, 11, 20)
SETTLED = date(2026, 11, 17)
OCTOBER = date(2026, 10, 1)


def bill_of(some, *, first=date(2026, 9, 1), last=TODAY):
    """The bill that AWS writes for these snapshots."""
    return a_bill({day: expected_gb(some, day) for day in days_of(first, (last - first).days)})


def receipt(bill, known=(), *, since=OCTOBER, today=TODAY, account_id=ACCOUNT, **given):
    return saved(bill, list(known), account_id=account_id, since=since, today=today, **given)


def checked(bill, known=(), *, today=TODAY):
    return check_day(bill, known, account_id=ACCOUNT, region=REGION, today=today)


# One day, at a scan


def test_the_newest_settled_day_is_held_against_the_count():
    known = [snapshots(41), snapshots(1, since=moment(date(2026, 11, 18)))]
    found = checked(bill_of(known), known)

    assert (found.day, found.counted_gb) == (SETTLED, 41)
    assert found.billed_gb == pytest.approx(41)
    assert not found.apart


@pytest.mark.parametrize(
    ("billed", "counted", "apart"),
    [(10, 10, False), (10, 9, False), (9, 10, False), (10, 8.9, True), (0, 1, True), (0, 0, False)],
)
def test_more_than_a_tenth_apart_is_told(billed, counted, apart):
    day = DayChecked(day=SETTLED, billed_gb=billed, counted_gb=counted, other_prefixes={})

    assert day.apart is apart


def test_what_was_billed_under_an_unknown_prefix_is_told():
    bill = a_bill({SETTLED: {Cache(ACCOUNT, PREFIX): 4, Cache(ACCOUNT, "QQ7"): 2, Cache(OTHER, "QQ8"): 1}})

    assert checked(bill).other_prefixes == {"QQ7": pytest.approx(2)}


def test_a_region_of_an_account_that_the_bill_shows_was_billed_none():
    bill = a_bill({SETTLED: {Cache(ACCOUNT, "EUC1"): 4}})

    assert checked(bill).billed_gb == 0


def test_a_bill_without_a_settled_day_is_not_checked():
    assert checked(a_bill({date(2026, 11, 18): 4})) == NotChecked("AWS still calls these days estimated")
    assert checked(Bill.of([])) == NotChecked("it was never asked for")


# The saving, and its explanation


def test_a_saving_is_explained_by_what_was_deleted_and_published():
    known = [
        snapshots(23.2),
        snapshots(18, until=moment(date(2026, 10, 12), 15)),
        snapshots(0.7, since=moment(date(2026, 10, 20))),
    ]
    found = receipt(bill_of(known), known)

    assert (found.before_gb, found.after_gb) == (pytest.approx(41.2), pytest.approx(23.9))
    assert (found.deleted_gb, found.published_gb) == (pytest.approx(18), pytest.approx(0.7))
    assert found.unexplained_gb == pytest.approx(0, abs=1e-9)
    assert found.before == tuple(days_of(date(2026, 10, 5), 7))
    assert found.after == tuple(days_of(date(2026, 11, 11), 7))
    assert found.before_usd == pytest.approx(41.2 * 3.9, rel=1e-3)


def test_the_day_of_a_delete_is_never_compared():
    known = [snapshots(2), *(snapshots(1, until=moment(date(2026, 11, day), 9)) for day in (2, 9, 16))]
    found = receipt(bill_of(known), known)

    assert not {date(2026, 11, day) for day in (2, 9, 16)} & {*found.before, *found.after}
    assert found.before[-1] == date(2026, 11, 1)
    assert found.after[0] == date(2026, 11, 10)
    assert found.partly == (date(2026, 11, 16),)
    assert found.unexplained_gb == pytest.approx(0, abs=1e-9)


def test_a_delete_that_no_settled_day_follows_is_not_in_the_figures():
    known = [snapshots(1, until=moment(date(2026, 10, 12), 9)), snapshots(1, until=moment(date(2026, 11, 18), 9))]
    found = receipt(bill_of(known), known)

    assert found.not_yet == (date(2026, 11, 18),)
    assert found.deleted_gb == pytest.approx(1)


@pytest.mark.parametrize(
    ("counted_on", "last"),
    [
        (TODAY, SETTLED),
        (date(2026, 11, 17), date(2026, 11, 16)),
        (date(2026, 11, 11), date(2026, 11, 10)),
        (date(2026, 11, 10), SETTLED),
        (None, SETTLED),
    ],
    ids=["today", "lately", "a week before the last settled day", "longer ago", "never"],
)
def test_the_days_compared_end_before_the_scan_where_that_is_a_week_earlier_at_most(counted_on, last):
    known = [snapshots(5), snapshots(3, until=moment(date(2026, 10, 5), 9))]

    assert receipt(bill_of(known), known, counted_on=counted_on).after == tuple(days_of(last - timedelta(days=6), 7))


def test_too_few_days_before_the_scan_are_no_reason_to_wait():
    known = [snapshots(5), snapshots(3, until=moment(date(2026, 11, 8), 9))]

    assert receipt(bill_of(known), known, counted_on=date(2026, 11, 15)).after[-1] == SETTLED


def test_an_earlier_delete_is_explained_where_it_meets_the_days_before():
    known = [
        snapshots(5),
        snapshots(3, until=moment(date(2026, 9, 28), 9)),
        snapshots(2, until=moment(date(2026, 10, 2), 9)),
    ]
    found = receipt(bill_of(known), known)

    assert date(2026, 9, 28) not in found.before
    assert found.unexplained_gb == pytest.approx(0, abs=1e-9)


def test_without_a_delete_only_growth_is_told():
    known = [snapshots(4), snapshots(2, since=moment(date(2026, 10, 20)))]
    found = receipt(bill_of(known), known)

    assert (found.deleted_gb, found.published_gb) == (0, pytest.approx(2))
    assert found.before[-1] == date(2026, 9, 30)


def test_too_early_is_said_with_the_day_from_which_it_can_be():
    known = [snapshots(4), snapshots(2, until=moment(date(2026, 11, 16), 14))]

    assert receipt(bill_of(known), known) == TooEarly(first_delete=date(2026, 11, 16), not_before=date(2026, 11, 26))


def test_the_day_it_can_be_said_from_is_right():
    known = [snapshots(4), snapshots(2, until=moment(date(2026, 11, 16), 14))]
    on = date(2026, 11, 26)

    assert isinstance(receipt(bill_of(known, last=on), known, today=on), Saved)
    assert isinstance(receipt(bill_of(known, last=on), known, today=on - timedelta(days=1)), TooEarly)


def test_the_days_of_later_deletes_put_it_off():
    known = [snapshots(4), *(snapshots(1, until=moment(date(2026, 11, day), 9)) for day in (9, 16))]

    assert receipt(bill_of(known), known, today=date(2026, 11, 19)).not_before == date(2026, 11, 20)
    assert isinstance(receipt(bill_of(known), known, today=date(2026, 11, 20)), Saved)


def test_days_that_stay_estimated_put_it_off_until_aws_settles_them():
    known = [snapshots(4), snapshots(2, until=moment(date(2026, 10, 5), 14))]
    settled = bill_of(known, last=date(2026, 10, 9))

    assert receipt(settled, known) == TooEarly(first_delete=date(2026, 10, 5), not_before=None)


def test_a_bill_that_does_not_reach_back_is_not_checked():
    known = [snapshots(4), snapshots(2, until=moment(date(2026, 10, 5), 14))]
    found = receipt(bill_of(known, first=date(2026, 10, 1)), known)

    assert found == NotChecked("the bill does not show 7 settled days before 5 Oct 2026")


def test_an_account_that_the_bill_does_not_show_is_not_checked():
    assert ACCOUNT not in receipt(bill_of([snapshots(1)]), account_id=OTHER).words
    assert OTHER in receipt(bill_of([snapshots(1)]), account_id=OTHER).words


def test_a_bill_that_was_denied_lately_is_not_checked_and_says_why():
    known = [snapshots(4), snapshots(2, until=moment(date(2026, 10, 15), 14))]
    bill = bill_of(known, last=date(2026, 10, 18))

    assert receipt(Bill(days=bill.days, problem="AccessDenied"), known) == NotChecked("AccessDenied")


def test_february_is_no_saving():
    known = [snapshots(0.5), snapshots(0.25, until=moment(date(2026, 3, 2), 8))]
    today = date(2026, 3, 20)
    found = receipt(bill_of(known, first=date(2026, 1, 1), last=today), known, since=date(2026, 2, 1), today=today)

    assert (found.before_gb, found.after_gb) == (pytest.approx(0.75), pytest.approx(0.5))
    assert found.before_usd == pytest.approx(2.925, rel=1e-3)


@pytest.mark.parametrize(
    ("today", "first"), [(TODAY, OCTOBER), (date(2027, 1, 4), date(2026, 12, 1)), (date(2026, 3, 31), date(2026, 2, 1))]
)
def test_last_month_begins_on_its_first_day(today, first):
    assert start_of_last_month(today) == first


# Laws

FIRST = date(2026, 7, 1)
MOMENTS = st.integers(0, 120 * 24).map(lambda hours: moment(FIRST, hours))


@st.composite
def lives(draw):
    """Snapshots that come and go as they like."""
    since = draw(st.none() | MOMENTS)
    until = draw(st.none() | MOMENTS)
    assume(until is None or since is None or since <= until)
    return Snapshots(gb=draw(st.sampled_from([0.125, 0.5, 1, 2, 10])), since=since, until=until)


def true_mean(some, days):
    return sum(expected_gb(some, day) for day in days) / len(days)


@one_in(2)
@given(known=st.lists(lives(), max_size=12), hidden=st.lists(lives(), max_size=4))
def test_every_hidden_change_is_called_unexplained_in_the_right_size(known, hidden):
    found = receipt(bill_of([*known, *hidden], first=date(2026, 5, 1)), known, since=date(2026, 7, 1))

    assert isinstance(found, Saved)
    right_size = true_mean(hidden, found.after) - true_mean(hidden, found.before)
    assert found.unexplained_gb == pytest.approx(right_size, abs=1e-6)


@one_in(2)
@given(known=st.lists(lives(), max_size=12))
def test_bill_and_inventory_agree_when_nothing_is_hidden(known):
    bill = bill_of(known, first=date(2026, 5, 1))
    found = receipt(bill, known, since=date(2026, 7, 1))
    day = checked(bill, known)

    assert found.unexplained_gb == pytest.approx(0, abs=1e-6)
    assert day.billed_gb == pytest.approx(day.counted_gb)


@given(
    before=st.floats(0, 1000), deleted=st.floats(0, 1000), published=st.floats(0, 1000), unexplained=st.floats(-50, 50)
)
def test_what_is_shown_adds_up_and_is_right_to_the_last_digit(before, deleted, published, unexplained):
    after = before - deleted + published + unexplained
    some = a_saving(before_gb=before, after_gb=after, deleted_gb=deleted, published_gb=published)
    seen = shown(some)

    assert seen.before - seen.deleted + seen.published + seen.unexplained == pytest.approx(seen.after)
    for rounded, exact in [(seen.before, before), (seen.deleted, deleted), (seen.published, published)]:
        assert abs(rounded - exact) <= 0.1 + 1e-6
    assert abs(seen.unexplained - some.unexplained_gb) <= 0.1 + 1e-6


def test_nothing_unexplained_is_shown_as_nothing():
    seen = shown(a_saving(before_gb=41.24, deleted_gb=18.06, published_gb=0.68, after_gb=41.24 - 18.06 + 0.68))

    assert seen.unexplained == 0
    assert (seen.before, seen.after) == (41.2, 23.9)


# Several accounts


def test_accounts_are_added():
    both = together([a_saving(partly=(date(2026, 11, 12),)), a_saving(before_gb=1, after_gb=2, not_yet=(SETTLED,))])

    assert (both.before_gb, both.after_gb) == (pytest.approx(42.2), pytest.approx(25.9))
    assert (both.deleted_gb, both.published_gb) == (36, 1.4)
    assert len(both.before) == DAYS_COMPARED
    assert (both.partly, both.not_yet) == ((date(2026, 11, 12),), (SETTLED,))
    assert together([]) is None


# The days, for a line of bars


def test_days_are_told_up_to_the_last_settled_one():
    bill = a_bill({date(2026, 11, 14): 2, date(2026, 11, 16): 3, date(2026, 11, 18): 4})

    assert by_day(bill, [ACCOUNT], date(2026, 11, 14), TODAY) == (
        (date(2026, 11, 14), pytest.approx(2)),
        (date(2026, 11, 15), None),
        (date(2026, 11, 16), pytest.approx(3)),
        (date(2026, 11, 17), None),
    )


def test_a_day_that_does_not_show_every_account_is_not_told():
    days = {SETTLED: {Cache(ACCOUNT, PREFIX): 2, Cache(OTHER, PREFIX): 3}, date(2026, 11, 16): 2}

    told = by_day(a_bill(days), [ACCOUNT, OTHER], date(2026, 11, 16), TODAY)

    assert told == ((date(2026, 11, 16), None), (SETTLED, pytest.approx(5)))


def test_an_estimated_day_is_not_told():
    bill = Bill.of([an_asking([a_bill_day(SETTLED, estimated=True)])])

    assert by_day(bill, [ACCOUNT], SETTLED, TODAY) == ((SETTLED, None),)
