"""Bills, inventories and receipts that tests are written with: one account, one region, list price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from orchestrator.domain.bill import CACHED, Asking, Bill, BillDay, Billed, Cache
from orchestrator.domain.inventory import Inventory, Snapshots
from orchestrator.domain.receipt import Saved
from tests.builders import ACCOUNT, NOW, REGION

PREFIX = "USW2"
LIST_PRICE = 0.0000015046
A_DAY = 86_400


def days_of(first: date, count: int) -> list[date]:
    """So many days from the first on."""
    return [first + timedelta(days=n) for n in range(count)]


def moment(day: date, hours: float = 0) -> datetime:
    """A moment of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def billed(gb: float, price: float = LIST_PRICE) -> Billed:
    """What AWS bills for so many GB that were cached all day."""
    return Billed(gb * A_DAY, gb * A_DAY * price)


def a_bill_day(day: date, gb: float | Mapping[Cache, float] = 1.0, **given: Any) -> BillDay:
    """A settled day of the bill, of one account and region unless told otherwise."""
    by_cache = gb if isinstance(gb, Mapping) else {Cache(ACCOUNT, PREFIX): gb}
    defaults: dict[str, Any] = {
        "estimated": False,
        "seen": frozenset({ACCOUNT} | {cache.account_id for cache in by_cache}),
        "cached": {cache: billed(some) for cache, some in by_cache.items()},
    }
    return BillDay(day=day, **{**defaults, **given})


def a_bill(days: Mapping[date, float | Mapping[Cache, float]], **given: Any) -> Bill:
    """A bill with so many GB on each day."""
    return Bill(days={day: a_bill_day(day, gb) for day, gb in days.items()}, **given)


def an_asking(days: Iterable[BillDay] = (), **given: Any) -> Asking:
    """A question that was answered."""
    known = tuple(days)
    defaults: dict[str, Any] = {
        "asked_at": NOW,
        "start": known[0].day if known else NOW.date() - timedelta(days=62),
        "end": NOW.date(),
        "answered": True,
    }
    return Asking(days=known, **{**defaults, **given})


def snapshots(gb: float = 1.0, *, since: datetime | None = None, until: datetime | None = None) -> Snapshots:
    """Snapshots that were there for longer than anybody asks, and still are."""
    return Snapshots(gb=gb, since=since, until=until)


def an_inventory(*some: Snapshots, **given: Any) -> Inventory:
    """What a scan counted a moment ago."""
    defaults: dict[str, Any] = {"account_id": ACCOUNT, "region": REGION, "scanned_at": NOW}
    return Inventory(snapshots=some, **{**defaults, "usd_per_gb_second": LIST_PRICE, **given})


def a_saving(**given: Any) -> Saved:
    """A month in which the bill fell from 41.2 to 23.9 GB."""
    defaults: dict[str, Any] = {
        "before": tuple(days_of(date(2026, 10, 5), 7)),
        "after": tuple(days_of(date(2026, 11, 11), 7)),
        "before_gb": 41.2,
        "after_gb": 23.9,
        "before_usd": 160.68,
        "after_usd": 93.21,
        "deleted_gb": 18.0,
        "published_gb": 0.7,
    }
    return Saved(**{**defaults, **given})


def a_group(usage_type: str, account_id: str, quantity: float, usd: float = 0.0) -> dict[str, Any]:
    """A group of Cost Explorer's answer."""
    return {
        "Keys": [usage_type, account_id],
        "Metrics": {
            "UsageQuantity": {"Amount": f"{quantity:.10f}", "Unit": "Lambda-GB-Second"},
            "UnblendedCost": {"Amount": f"{usd:.10f}", "Unit": "USD"},
        },
    }


def a_result(day: date, *groups: Mapping[str, Any], estimated: bool = False) -> dict[str, Any]:
    """A day of Cost Explorer's answer."""
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Total": {},
        "Groups": list(groups),
        "Estimated": estimated,
    }


def cached_groups(gb: float, *, account_id: str = ACCOUNT, prefix: str = PREFIX) -> list[dict[str, Any]]:
    """The groups of an account that cached so many GB all day, and ran a function."""
    usage_type = f"{prefix}-{CACHED}" if prefix else CACHED
    running = f"{prefix}-Lambda-GB-Second" if prefix else "Lambda-GB-Second"
    some = billed(gb)
    return [a_group(running, account_id, 120.5, 0.002), a_group(usage_type, account_id, some.gb_seconds, some.usd)]
