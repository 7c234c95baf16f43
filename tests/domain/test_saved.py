"""What a receipt tells: the bill by account, the ledger by itself, and where idle versions come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.accounts import Account
from orchestrator.domain.bill import Bill, Cache, NotChecked, last_settled
from orchestrator.domain.inventory import expected_gb
from orchestrator.domain.prevention import GrowingFunction, UnusedFunction
from orchestrator.domain.receipt import DAYS_COMPARED, Saved, TooEarly
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Approver
from orchestrator.domain.saved import all_known, bill_needed_since, deletions_of, monthly_key, report, snapshots_of
from tests.bills import PREFIX, a_bill, an_inventory, days_of, moment, snapshots
from tests.builders import ACCOUNT, REGION
from tests.laws import one_in
from tests.memories import a_ledger_line

OTHER = "444455556666"
TODAY = date(2026, 11, 20)
PAYMENTS = Account(ACCOUNT, "payments")
DELETED_ON = date(2026, 10, 12)


def a_line(number=1, *, on=DELETED_ON, **given):
    return a_ledger_line(number, when=moment(on, 15), published=moment(date(2026, 3, 1)), **given)


def bill_of(before, after, *, on=DELETED_ON, account_id=ACCOUNT):
    """A bill that fell from so many GB to so many on a day."""
    days = days_of(date(2026, 8, 1), (TODAY - date(2026, 8, 1)).days)
    return a_bill({day: {Cache(account_id, PREFIX): before if day <= on else after} for day in days})


def both(one, other):
    """Two bills as one."""
    return Bill(
        days={
            day: type(bill)(
                day=day,
                estimated=False,
                seen=bill.seen | other.days[day].seen,
                cached={**bill.cached, **other.days[day].cached},
            )
            for day, bill in one.days.items()
        }
    )


def told(bill, *, accounts=(PAYMENTS,), inventories=(), lines=(), today=TODAY):
    return report(accounts=accounts, bill=bill, inventories=inventories, lines=lines, today=today)


def test_the_bill_is_told_since_last_month_and_since_the_first_delete():
    lines = [a_line(1), a_line(2), a_line(3, on=date(2026, 9, 7))]
    found = told(bill_of(7, 5), inventories=[an_inventory(snapshots(5))], lines=lines)
    (payments,) = found.accounts

    assert (payments.lately.before[-1], payments.ever.before[-1]) == (date(2026, 10, 11), date(2026, 9, 6))
    assert payments.lately.deleted_gb == pytest.approx(2)
    assert payments.lately.unexplained_gb == pytest.approx(0)
    assert payments.ever.deleted_gb == pytest.approx(3)
    assert found.lately.before_gb == pytest.approx(7)


def test_without_a_delete_nothing_is_told_since_installation():
    found = told(bill_of(5, 5), inventories=[an_inventory(snapshots(5))], lines=[a_line(outcome=Outcome.FAILED)])

    assert found.accounts[0].ever is None
    assert found.ever is None
    assert found.deletions.first is None
    assert isinstance(found.accounts[0].lately, Saved)


def test_accounts_are_told_one_by_one_and_together():
    two = both(bill_of(7, 5), bill_of(3, 2, account_id=OTHER))
    lines = [a_line(1), a_line(2), a_line(1, account_id=OTHER)]
    found = told(two, accounts=(PAYMENTS, Account(OTHER)), lines=lines)

    assert [round(one.lately.deleted_gb, 6) for one in found.accounts] == [2, 1]
    assert (found.lately.before_gb, found.lately.after_gb) == (pytest.approx(10), pytest.approx(7))
    assert found.ever.deleted_gb == pytest.approx(3)
    assert found.days[-1] == (date(2026, 11, 17), pytest.approx(7))


def test_an_account_that_cannot_be_told_is_left_out_of_the_sum():
    found = told(bill_of(7, 5), accounts=(PAYMENTS, Account(OTHER)), lines=[a_line()])

    assert isinstance(found.accounts[1].lately, NotChecked)
    assert found.lately.before_gb == pytest.approx(7)
    assert found.days[-1][1] == pytest.approx(5)


def test_a_bill_that_is_not_read_at_all_leaves_the_ledger():
    found = told(NotChecked("BILL_CHECK is off"), lines=[a_line()])

    assert found.accounts[0].lately == NotChecked("BILL_CHECK is off")
    assert (found.lately, found.days, found.deletions.versions) == (None, (), 1)


def test_too_early_leaves_the_days_out():
    found = told(bill_of(7, 5, on=date(2026, 11, 16)), lines=[a_line(on=date(2026, 11, 16))])

    assert isinstance(found.accounts[0].lately, TooEarly)
    assert found.days == ()


def test_days_begin_a_week_before_last_month_and_are_two_months_at_most():
    days = told(bill_of(7, 5), today=date(2026, 11, 3)).days
    many = told(bill_of(7, 5), today=date(2026, 11, 30)).days

    assert days[0][0] == date(2026, 9, 24)
    assert many[0][0] == date(2026, 9, 29)


def test_a_version_that_was_free_is_none_of_the_bill():
    free = a_line(monthly_usd=0)

    assert snapshots_of(free).gb == 0
    assert snapshots_of(a_line(gb=None)).gb == 0
    assert snapshots_of(a_line(gb=1.5)).gb == 1.5


def test_what_was_deleted_after_it_was_counted_is_published_once():
    inventory = an_inventory(snapshots(5), scanned_at=moment(DELETED_ON, 9))
    counted_then_deleted = a_ledger_line(when=moment(DELETED_ON, 15), published=moment(date(2026, 10, 8)))
    since = date(2026, 10, 20)

    known = all_known([inventory], [counted_then_deleted])

    assert sum(some.published(since) for some in known) == 5
    assert expected_gb(known, since) == 4


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ({}, True),
        ({"published": None}, True),
        ({"published": moment(DELETED_ON, 10)}, False),
        ({"when": moment(DELETED_ON, 8)}, False),
        ({"region": "eu-west-1"}, False),
        ({"account_id": OTHER}, False),
    ],
    ids=["there at the scan", "always there", "published later", "deleted before", "another region", "another account"],
)
def test_only_what_was_there_at_its_regions_scan_was_counted(line, counted):
    inventory = an_inventory(scanned_at=moment(DELETED_ON, 9))
    given = {"when": moment(DELETED_ON, 15), "published": moment(date(2026, 3, 1)), **line}

    assert [some.counted for some in all_known([inventory], [a_ledger_line(**given)])] == [counted]


def test_the_days_compared_are_those_that_the_oldest_scan_has_counted():
    deploys = snapshots(2, since=moment(date(2026, 11, 16), 12))
    lately, other = date(2026, 11, 20), an_inventory(region="eu-west-1", scanned_at=moment(date(2026, 11, 15), 9))
    bill = a_bill({day: expected_gb([snapshots(5), deploys], day) for day in days_of(date(2026, 8, 1), 111)})
    found = told(bill, inventories=[an_inventory(snapshots(5)), other], today=lately)

    assert found.accounts[0].lately.after[-1] == date(2026, 11, 14)
    assert found.lately.unexplained_gb == pytest.approx(0)


def test_the_ledger_is_added_up_by_who_decided():
    lines = [
        a_line(1),
        a_line(2),
        a_line(3, execution="b"),
        a_line(4, execution="b", offer_hash="another page"),
        a_line(5, execution="c", who=Approver("U0OTHER", "other"), gb=0.5, monthly_usd=1.95),
    ]
    added = deletions_of(lines)

    assert (added.versions, added.gb, added.monthly_usd) == (5, 4.5, 17.55)
    assert added.decisions == ((Approver("U0APPROVER", "approver"), 3), (Approver("U0OTHER", "other"), 1))
    assert added.first == DELETED_ON


def test_the_functions_of_all_regions_are_named_dearest_first():
    one = an_inventory(
        growing=tuple(
            GrowingFunction(function_name=n, versions_a_month=1, usd_a_month=usd) for n, usd in [("a", 9), ("b", 3)]
        ),
        unused=(UnusedFunction(function_name="x", versions=2, usd_a_month=7.8),),
    )
    other = an_inventory(
        account_id=OTHER,
        region="eu-west-1",
        scanned_at=moment(date(2026, 11, 9)),
        growing=tuple(GrowingFunction(function_name=n, versions_a_month=1, usd_a_month=5) for n in "cdefg"),
    )
    found = told(bill_of(5, 5), inventories=[one, other])

    assert [placed.function.function_name for placed in found.growing] == ["a", "c", "d", "e", "f"]
    assert [(placed.account.label, placed.region) for placed in found.growing[:2]] == [
        (PAYMENTS.label, REGION),
        (OTHER, "eu-west-1"),
    ]
    assert found.unused[0].function.function_name == "x"
    assert found.counted_on == date(2026, 11, 9)
    assert told(bill_of(5, 5)).counted_on is None


def test_the_bill_is_read_from_before_the_first_delete():
    assert bill_needed_since([], TODAY) == date(2026, 10, 1) - timedelta(days=28)
    assert bill_needed_since([a_line(on=date(2026, 2, 9))], TODAY) == date(2026, 1, 12)
    assert bill_needed_since([a_line(on=date(2026, 2, 9), outcome=Outcome.SKIPPED)], TODAY) == date(2026, 9, 3)


def test_a_month_has_one_record_of_its_receipt():
    assert monthly_key(TODAY) == "bill/receipts/2026-11.json"


# A year of Mondays


def test_with_deletes_every_week_each_months_receipt_is_told_and_explained():
    mondays = [date(2026, 1, 5) + timedelta(days=7 * week) for week in range(52)]
    lines = [
        a_ledger_line(n, when=moment(monday, 9), published=moment(date(2025, 12, 1)), gb=1.0)
        for n, monday in enumerate(mondays, start=1)
    ]
    stays = [snapshots(20), *(snapshots(1, since=moment(monday, 15)) for monday in mondays)]
    gone = [snapshots_of(line) for line in lines]
    days = days_of(date(2025, 12, 1), 400)
    bill = a_bill({day: expected_gb([*stays, *gone], day) for day in days})

    for today in (date(2026, month, 5) for month in range(2, 13)):
        found = report(
            accounts=[PAYMENTS],
            bill=bill,
            inventories=[an_inventory(*(some for some in stays if some.since is None or some.since.date() <= today))],
            lines=[line for line in lines if line.when.date() <= today],
            today=today,
        )

        assert found.lately.unexplained_gb == pytest.approx(0, abs=1e-6)
        assert 3 < found.lately.deleted_gb < 7
        assert found.ever.deleted_gb > found.lately.deleted_gb - 1e-6


# Laws: a scan every week, versions published between them, deleted by approvers or by somebody else

FIRST_SCAN = moment(date(2026, 7, 6), 8)
A_WEEK, A_DAY, A_MINUTE = timedelta(weeks=1), timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Life:
    """A version: when it came and went, and whether the ledger knows."""

    gb: float
    since: datetime
    until: datetime | None
    ours: bool

    def snapshots(self):
        return snapshots(self.gb, since=self.since, until=self.until)

    def is_there(self, at):
        return self.since < at and (self.until is None or self.until > at)


@dataclass(frozen=True)
class Fate:
    """What becomes of a version: how many scans it lives to see, and how long after the last of them it goes."""

    gb: float
    scans: int
    then: timedelta
    ours: bool


def fates(*, ours):
    """A version that stays, or goes in the six days after a scan that counted it, or by others at any time."""
    return st.builds(
        Fate,
        gb=st.sampled_from([0.5, 1.0, 2.0]),
        scans=st.integers(1, 5) | st.just(99),
        then=st.integers(1, 6 * 24 * 60).map(lambda minutes: minutes * A_MINUTE),
        ours=ours,
    )


@st.composite
def histories(draw, *, ours):
    """Versions published every few days, the last scan there was, and when somebody asks what was saved."""
    apart = draw(st.integers(30, 150)) * timedelta(hours=1)
    every_fate = draw(st.lists(fates(ours=ours), min_size=1, max_size=6))
    now = FIRST_SCAN + draw(st.integers(7 * 7 * 24, 10 * 7 * 24)) * timedelta(hours=1)
    lives, since = [], FIRST_SCAN - 3 * A_WEEK
    for fate in cycle(every_fate):
        if since >= now:
            break
        next_scan = FIRST_SCAN + max(0, -((FIRST_SCAN - since) // A_WEEK)) * A_WEEK
        until = next_scan + (fate.scans - 1) * A_WEEK + fate.then
        lives.append(Life(fate.gb, since, until if until < now else None, fate.ours))
        since += apart
    return lives, FIRST_SCAN + (now - FIRST_SCAN) // A_WEEK * A_WEEK, now


def told_of(lives, scan, now):
    """The receipt of a history: the bill knows everything, the scan what was there, the ledger what was approved."""
    deleted = [life for life in lives if life.ours and life.until is not None]
    days = days_of(date(2026, 6, 8), (now.date() - date(2026, 6, 8)).days)
    found = report(
        accounts=[PAYMENTS],
        bill=a_bill({day: expected_gb([life.snapshots() for life in lives], day) for day in days}),
        inventories=[
            an_inventory(*(snapshots(one.gb, since=one.since) for one in lives if one.is_there(scan)), scanned_at=scan)
        ],
        lines=[
            a_ledger_line(number, when=life.until, published=life.since, gb=life.gb)
            for number, life in enumerate(deleted, start=1)
        ],
        today=now.date(),
    )
    return [some for some in (found.accounts[0].lately, found.accounts[0].ever) if isinstance(some, Saved)]


def hidden_gb(lives, scan, day):
    """The GB of a day that neither the scan nor the ledger explains; less than zero where something is missing."""
    total = 0.0
    for life in lives:
        if life.is_there(scan) and not life.ours:
            total -= life.snapshots().deleted(day)
        elif not life.is_there(scan) and not life.ours:
            total += life.snapshots().cached(day)
    return total


def has_a_week_that_is_counted(receipt, lives, scan, now):
    """Whether seven settled days without a delete lie between the first delete and the last scan."""
    deletes = {life.until.date() for life in lives if life.ours and life.until is not None}
    end = min(scan.date(), last_settled(now.date()) + A_DAY)
    first = receipt.before[-1] + A_DAY
    return len(set(days_of(first, (end - first).days)) - deletes) >= DAYS_COMPARED


@one_in(2)
@given(histories(ours=st.just(True)))
def test_a_history_in_which_nothing_is_hidden_is_explained_whenever_somebody_asks(history):
    lives, scan, now = history

    for receipt in told_of(lives, scan, now):
        if has_a_week_that_is_counted(receipt, lives, scan, now):
            assert receipt.unexplained_gb == pytest.approx(0, abs=1e-6)


@one_in(2)
@given(histories(ours=st.booleans()))
def test_what_somebody_else_deletes_is_unexplained_in_the_right_size(history):
    lives, scan, now = history

    for receipt in told_of(lives, scan, now):
        if has_a_week_that_is_counted(receipt, lives, scan, now):
            before, after = (
                fmean(hidden_gb(lives, scan, day) for day in days) for days in (receipt.before, receipt.after)
            )
            assert receipt.unexplained_gb == pytest.approx(after - before, abs=1e-6)
