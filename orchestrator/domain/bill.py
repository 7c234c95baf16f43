"""Read AWS's own bill: how many GB of snapshots it counts a day, by account and region, and how far it is settled.

Cost Explorer gives the usage type `Lambda-SnapStart-Cached-GB-S` in GB-seconds, with a prefix for the region everywhere
but in us-east-1. A day has 86,400 seconds in UTC, so the quantity divided by them is the GB that were cached.

What the bill does not say is never zero: a day that is missing, still estimated or one of the last two, and an account
for which the bill shows no use of Lambda at all on that day, are not checked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

SCHEMA_VERSION = 1
BILL = "bill/"
CACHED = "Lambda-SnapStart-Cached-GB-S"
SECONDS_IN_A_DAY = 86_400

UNSETTLED_DAYS = 2
"""The last whole days, which Cost Explorer still fills in, whether or not it calls them estimated."""
LONGEST_WINDOW_DAYS = 62
"""A month, the seven days before it, and the days until its receipt is told."""
SHORTEST_WINDOW_DAYS = 10
ASK_AGAIN_AFTER = timedelta(hours=1)
"""An asking that gave nothing may be made again after this; one that gave a page, on the next day."""

PREFIXES: Mapping[str, str] = {
    "": "us-east-1",
    "AFS1": "af-south-1",
    "APE1": "ap-east-1",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "APS7": "ap-southeast-5",
    "APS8": "ap-southeast-7",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "EU": "eu-west-1",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "ILC1": "il-central-1",
    "MEC1": "me-central-1",
    "MES1": "me-south-1",
    "MXC1": "mx-central-1",
    "SAE1": "sa-east-1",
    "UGE1": "us-gov-east-1",
    "UGW1": "us-gov-west-1",
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
}
"""The region each prefix of a usage type means. One that is not known counts for its account, and is named."""


class UnreadableBill(ValueError):
    """A page of Cost Explorer, or a stored record, is not one this release can read."""


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Why the bill says nothing here, in words that complete `not checked: …`."""

    words: str


@dataclass(frozen=True, slots=True)
class Billed:
    """What AWS counted of cached snapshots: GB-seconds, and US dollars before credits."""

    gb_seconds: float = 0.0
    usd: float = 0.0

    def __add__(self, other: Billed) -> Billed:
        return Billed(self.gb_seconds + other.gb_seconds, self.usd + other.usd)

    @property
    def gb(self) -> float:
        """The GB that were cached all day, when this is one day's."""
        return self.gb_seconds / SECONDS_IN_A_DAY


@dataclass(frozen=True, slots=True)
class Cache:
    """Where snapshots were cached: the account, and the prefix of the usage type (empty for us-east-1)."""

    account_id: str
    prefix: str

    @property
    def region(self) -> str | None:
        """The region the prefix means; None when it is not known."""
        return PREFIXES.get(self.prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillDay:
    """One day of the bill."""

    day: date
    estimated: bool
    seen: frozenset[str]
    """The accounts with any use of Lambda on that day: for them no cached snapshots means none, for others nothing."""
    cached: Mapping[Cache, Billed] = field(default_factory=dict)

    def billed(self, account_id: str, region: str | None = None) -> Billed | None:
        """What was cached in an account, or in one of its regions. None when the day does not show the account."""
        if account_id not in self.seen:
            return None
        return sum(
            (
                billed
                for cache, billed in self.cached.items()
                if cache.account_id == account_id and region in (None, cache.region)
            ),
            Billed(),
        )

    def to_dict(self) -> dict[str, Any]:
        """The day as it is stored."""
        return {
            "day": self.day.isoformat(),
            "estimated": self.estimated,
            "seen": sorted(self.seen),
            "cached": [
                {
                    "account_id": cache.account_id,
                    "prefix": cache.prefix,
                    "gb_seconds": billed.gb_seconds,
                    "usd": billed.usd,
                }
                for cache, billed in self.cached.items()
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The day of a stored record."""
        return cls(
            day=date.fromisoformat(data["day"]),
            estimated=data["estimated"],
            seen=frozenset(data["seen"]),
            cached={
                Cache(row["account_id"], row["prefix"]): Billed(row["gb_seconds"], row["usd"]) for row in data["cached"]
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question to Cost Explorer and what came of it: a page of days, or the reason why there is none."""

    asked_at: datetime
    start: date
    end: date
    """The day after the last one asked for."""
    days: tuple[BillDay, ...] = ()
    problem: str | None = None
    """Why there is no answer, in AWS's own words; None with an answer, and while there is none yet."""
    answered: bool = False
    partial: bool = False
    """Whether the answer had more pages than the one that is paid for."""

    def may_ask_again(self, now: datetime) -> bool:
        """Whether the same day's question may be put once more."""
        return not self.answered and now - self.asked_at >= ASK_AGAIN_AFTER

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {
            "schema_version": SCHEMA_VERSION,
            "asked_at": self.asked_at.isoformat(),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "days": [day.to_dict() for day in self.days],
            "problem": self.problem,
            "answered": self.answered,
            "partial": self.partial,
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The asking of a stored record. Raises UnreadableBill when it is not one of this release."""
        try:
            if data["schema_version"] != SCHEMA_VERSION:
                raise UnreadableBill(f"the bill's record has schema_version {data['schema_version']!r}")
            return cls(
                asked_at=datetime.fromisoformat(data["asked_at"]),
                start=date.fromisoformat(data["start"]),
                end=date.fromisoformat(data["end"]),
                days=tuple(BillDay.from_dict(day) for day in data["days"]),
                problem=data["problem"],
                answered=data["answered"],
                partial=data["partial"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableBill(f"the bill's record cannot be read: {error!r}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """All that is known of the bill: its days, and why the latest question gave none, if it gave none."""

    days: Mapping[date, BillDay] = field(default_factory=dict)
    problem: str | None = None

    @classmethod
    def of(cls, askings: Iterable[Asking]) -> Self:
        """Put the answers together: of a day that was asked twice, the later answer counts."""
        in_order = sorted(askings, key=lambda asking: asking.asked_at)
        return cls(
            days={day.day: day for asking in in_order for day in asking.days},
            problem=_problem(in_order[-1]) if in_order else "it was never asked for",
        )

    def settled(self, today: date) -> tuple[date, ...]:
        """The days, oldest first, that will not change any more."""
        newest = last_settled(today)
        return tuple(sorted(day for day, bill in self.days.items() if day <= newest and not bill.estimated))

    def settled_of(self, account_id: str, today: date) -> tuple[date, ...]:
        """The settled days, oldest first, that show this account."""
        return tuple(day for day in self.settled(today) if account_id in self.days[day].seen)

    def month(self, account_id: str, year: int, month: int) -> Billed:
        """All that was billed to an account in a month so far."""
        days = (bill for day, bill in self.days.items() if (day.year, day.month) == (year, month))
        return sum((bill.billed(account_id) or Billed() for bill in days), Billed())

    def why_nothing(self, account_id: str) -> NotChecked:
        """Why there is no settled day of this account."""
        if self.problem is not None:
            return NotChecked(self.problem)
        if not any(account_id in bill.seen for bill in self.days.values()):
            return NotChecked(f"the bill shows no use of Lambda in account {account_id}")
        return NotChecked("AWS still calls these days estimated")


def _problem(latest: Asking) -> str | None:
    if latest.problem is not None or latest.answered:
        return latest.problem
    return "the question is still on its way"


def last_settled(today: date) -> date:
    """The newest day that Cost Explorer is done with, unless it says otherwise."""
    return today - timedelta(days=UNSETTLED_DAYS + 1)


def bill_key(day: date) -> str:
    """Where the question of one day, and its answer, are kept."""
    return f"{BILL}{day.isoformat()}.json"


def window(askings: Sequence[Asking], today: date) -> tuple[date, date]:
    """The days to ask for next, the second one excluded: what is not settled yet, never more than fits a page.

    After an answer that did not fit one page the window is half as long.
    """
    latest = max(askings, key=lambda asking: asking.asked_at, default=None)
    settled = Bill.of(askings).settled(today)
    wanted = (today - settled[-1]).days - 1 if settled else LONGEST_WINDOW_DAYS
    if latest is not None and latest.partial:
        wanted = min(wanted, (latest.end - latest.start).days // 2)
    length = min(max(wanted, SHORTEST_WINDOW_DAYS), LONGEST_WINDOW_DAYS)
    return today - timedelta(days=length), today


def read_days(page: Mapping[str, Any]) -> tuple[BillDay, ...]:
    """The days of a page of Cost Explorer, grouped by usage type and linked account.

    A day without any group says nothing, and is left out. Raises UnreadableBill.
    """
    try:
        return tuple(_day(result) for result in page["ResultsByTime"] if result["Groups"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableBill(f"Cost Explorer's answer cannot be read: {error!r}") from error


def _day(result: Mapping[str, Any]) -> BillDay:
    cached: dict[Cache, Billed] = {}
    seen = set()
    for group in result["Groups"]:
        usage_type, account_id = group["Keys"]
        seen.add(account_id)
        prefix = cached_prefix(usage_type)
        if prefix is not None:
            cache = Cache(account_id, prefix)
            cached[cache] = cached.get(cache, Billed()) + Billed(
                float(group["Metrics"]["UsageQuantity"]["Amount"]), float(group["Metrics"]["UnblendedCost"]["Amount"])
            )
    return BillDay(
        day=date.fromisoformat(result["TimePeriod"]["Start"]),
        estimated=bool(result["Estimated"]),
        seen=frozenset(seen),
        cached=cached,
    )


def cached_prefix(usage_type: str) -> str | None:
    """The region's prefix of a usage type that counts cached snapshots, `""` in us-east-1; None for any other type."""
    if usage_type == CACHED:
        return ""
    return usage_type.removesuffix(f"-{CACHED}") if usage_type.endswith(f"-{CACHED}") else None


def in_cents(usd: float) -> float:
    """An amount as AWS's bill shows it: a line is rounded up to the cent."""
    return math.ceil(round(usd * 100, 6)) / 100
