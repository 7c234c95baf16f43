"""Receipts as messages: what the golden files show of the bill, the ledger and the prevention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from orchestrator.domain.accounts import Account
from orchestrator.domain.bill import NotChecked
from orchestrator.domain.prevention import GrowingFunction, UnusedFunction
from orchestrator.domain.receipt import DayChecked, TooEarly
from orchestrator.domain.runs import Approver
from orchestrator.domain.saved import AccountReceipt, Deletions, Placed, SavedReport
from orchestrator.slack.message import receipt as words
from orchestrator.slack.message.blocks import Message
from tests.bills import a_saving, an_inventory, days_of, snapshots

TODAY = date(2026, 11, 20)
PAYMENTS, SEARCH, LABS = Account("111122223333", "payments"), Account("444455556666", "search"), Account("777788889999")
TOO_EARLY = TooEarly(first_delete=date(2026, 11, 16), not_before=date(2026, 11, 26))
DENIED = NotChecked("ce:GetCostAndUsage AccessDeniedException, not authorized to perform <ce:GetCostAndUsage>")
DELETIONS = Deletions(
    versions=46,
    gb=40.5,
    monthly_usd=157.95,
    first=date(2026, 8, 3),
    decisions=((Approver("U0APPROVER", "approver"), 5), (Approver("U0OTHER", "other"), 2)),
)
DAYS = tuple(
    (day, None if day.day == 1 else 41.2 - max(0, (day - date(2026, 10, 12)).days // 3) * 1.57)
    for day in days_of(date(2026, 9, 24), 55)
)
GROWING = tuple(
    Placed(
        account=PAYMENTS,
        region="us-west-2",
        function=GrowingFunction(function_name=name, versions_a_month=number, usd_a_month=round(number * 5.85, 2)),
    )
    for name, number in [("orders-api", 12), ("checkout", 8), ("pdf-render", 1)]
)
UNUSED = (
    Placed(
        account=PAYMENTS,
        region="us-west-2",
        function=UnusedFunction(function_name="nightly_report", versions=4, usd_a_month=15.6),
    ),
)


def a_report(**given: Any) -> SavedReport:
    """What one account saved since October."""
    long_ago = {"before_gb": 64.4, "after_gb": 23.9, "before_usd": 251.16, "deleted_gb": 40.5, "published_gb": 0.0}
    told = AccountReceipt(account=PAYMENTS, lately=a_saving(), ever=a_saving(**long_ago))
    defaults: dict[str, Any] = {
        "today": TODAY,
        "since": date(2026, 10, 1),
        "accounts": (told,),
        "deletions": DELETIONS,
        "days": DAYS,
        "growing": GROWING,
        "unused": UNUSED,
        "counted_on": date(2026, 11, 16),
    }
    return SavedReport(**{**defaults, **given})


def told_alone(lately: Any, **given: Any) -> SavedReport:
    """One account, told this way only."""
    return a_report(
        **{
            "accounts": (AccountReceipt(account=PAYMENTS, lately=lately, ever=lately),),
            "days": (),
            "growing": (),
            "unused": (),
            **given,
        }
    )


def an_organisation(size: int) -> SavedReport:
    """So many accounts: most are told, some are not."""
    accounts = tuple(
        AccountReceipt(
            account=Account(f"{number:012}", f"team-{number}"),
            lately=DENIED if number == 7 else TOO_EARLY if number == 9 else a_saving(),
            ever=a_saving(),
        )
        for number in range(1, size + 1)
    )
    return a_report(accounts=accounts)


def receipt(report: SavedReport, **given: Any) -> Message:
    return words.receipt(report, **{"requested_by": "U0ASKER", "command": "/snapstart", **given})


def in_thread(checked: DayChecked, **given: Any) -> Message:
    return words.bill_in_thread(words.bill_compared(checked, an_inventory(snapshots(41), **given)))


def a_day(billed: float, counted: float, **prefixes: float) -> DayChecked:
    return DayChecked(day=date(2026, 11, 17), billed_gb=billed, counted_gb=counted, other_prefixes=prefixes)


RECEIPTS: dict[str, Callable[[], Message]] = {
    "receipt": lambda: receipt(a_report()),
    "receipt-of-the-first-month": lambda: receipt(a_report(deletions=replace(DELETIONS, first=date(2026, 10, 12)))),
    "receipt-of-the-schedule": lambda: receipt(a_report(), requested_by=None),
    "receipt-of-three-accounts": lambda: receipt(
        a_report(
            accounts=(
                AccountReceipt(account=PAYMENTS, lately=a_saving(), ever=a_saving()),
                AccountReceipt(account=SEARCH, lately=TOO_EARLY, ever=TOO_EARLY),
                AccountReceipt(account=LABS, lately=NotChecked("the bill shows no use of Lambda"), ever=None),
            )
        )
    ),
    "receipt-of-forty-accounts": lambda: receipt(an_organisation(40)),
    "receipt-of-two-hundred-accounts": lambda: receipt(an_organisation(200)),
    "receipt-with-something-unexplained": lambda: receipt(
        told_alone(
            a_saving(
                after_gb=31.4,
                after_usd=122.46,
                partly=(date(2026, 11, 9), date(2026, 11, 16)),
                not_yet=(date(2026, 11, 18),),
            )
        )
    ),
    "receipt-with-something-that-somebody-else-deleted": lambda: receipt(
        told_alone(a_saving(after_gb=19.9, after_usd=77.61), counted_on=date(2026, 11, 18))
    ),
    "receipt-of-a-small-bill-that-grew": lambda: receipt(
        told_alone(
            a_saving(before_gb=0.5, after_gb=1.125, before_usd=1.95, after_usd=4.39, deleted_gb=0, published_gb=0.625),
            deletions=Deletions(),
            counted_on=None,
        )
    ),
    "receipt-too-early": lambda: receipt(told_alone(TOO_EARLY)),
    "receipt-not-settled": lambda: receipt(told_alone(replace(TOO_EARLY, not_before=None))),
    "receipt-not-checked": lambda: receipt(told_alone(DENIED)),
    "receipt-failed": lambda: words.receipt_failed("s3:GetObject: SlowDown <please>", requested_by="U0ASKER"),
    "bill-in-thread": lambda: in_thread(a_day(41.2, 41.0)),
    "bill-in-thread-less-than-counted": lambda: in_thread(a_day(23.9, 41.0, QQ7=3.1), image_gb=8.0, dotnet_gb=2.0),
    "bill-in-thread-more-than-counted": lambda: in_thread(a_day(2.5, 0.5)),
    "bill-in-thread-not-checked": lambda: words.bill_in_thread(words.bill_not_compared(DENIED)),
}
