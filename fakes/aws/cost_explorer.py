"""Cost Explorer: what Lambda is billed for, day by day, from the versions that were there and those that are.

It groups by two dimensions at most, reaches back fourteen months, and calls the last days estimated: they hold a part
of what they will. Credits lower the cost of every record, but not of those of type Usage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from fakes.aws.account import Build, Function
from fakes.aws.catalogue import REGIONS
from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

SERVICE = "AWS Lambda"
GROUPINGS = ("LINKED_ACCOUNT", "REGION", "SERVICE", "USAGE_TYPE")
METRICS = ("AmortizedCost", "BlendedCost", "NetUnblendedCost", "UnblendedCost", "UsageQuantity")
MOST_GROUPINGS = 2
MONTHS_KEPT = timedelta(days=425)
PAGE_GROUPS = 5_000
A_DAY = timedelta(days=1)


@dataclass(slots=True)
class Billing:
    """What the bill is made of beside the account itself, and how it is told."""

    linked: list[Cloud] = field(default_factory=list)
    """The other accounts that the bill shows, as the management account of an organisation sees them."""
    credited: bool = False
    """Whether credits pay for everything."""
    estimated_days: int = 2
    """How many whole days before today are estimated still."""
    page_groups: int = PAGE_GROUPS
    prefixes: dict[str, str] = field(default_factory=dict)
    """The usage type prefix of a region, where it is not the usual one."""
    silent: set[str] = field(default_factory=set)
    """Accounts that the bill does not show, though they are there."""


def get_cost_and_usage(cloud: Cloud, given: Mapping[str, Any]) -> dict[str, Any]:
    """Costs and usage of Lambda by day, in groups, a page at a time."""
    billing, today = cloud.home.billing, cloud.now().date()
    first, end = _period(given, today)
    groupings = [one["Key"] for one in given.get("GroupBy") or []]
    _check(given, groupings)
    wanted = _filter(given.get("Filter"))
    items = [item for item in _items(cloud.home, first, end, today) if _kept(item, wanted)]
    credited = billing.credited and wanted.get("RECORD_TYPE") != ["Usage"]
    results = [
        _result(day, [item for item in items if item.day == day], groupings, given["Metrics"], credited=credited)
        | {"Estimated": (today - day).days <= billing.estimated_days}
        for day in _days(first, end)
    ]
    return _page(results, given.get("NextPageToken"), billing.page_groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One line of the bill."""

    day: date
    account_id: str
    region: str
    usage_type: str
    quantity: float
    usd: float

    def dimension(self, name: str) -> str:
        return {
            "LINKED_ACCOUNT": self.account_id,
            "REGION": self.region,
            "SERVICE": SERVICE,
            "USAGE_TYPE": self.usage_type,
        }[name]


def _period(given: Mapping[str, Any], today: date) -> tuple[date, date]:
    first, end = (date.fromisoformat(given["TimePeriod"][name]) for name in ("Start", "End"))
    if not first < end:
        raise _invalid("Start date (and hour) should be before end date (and hour)")
    if first > today:
        raise _invalid("Start date must be equal to or no later than the current date")
    if today - first > MONTHS_KEPT:
        raise _invalid("You haven't enabled historical data beyond 14 months")
    return first, end


def _check(given: Mapping[str, Any], groupings: list[str]) -> None:
    if given["Granularity"] != "DAILY":
        raise _invalid("This local account knows days only")
    if len(groupings) > MOST_GROUPINGS:
        raise _invalid(f"You can group by at most {MOST_GROUPINGS} dimensions")
    unknown = [name for name in groupings if name not in GROUPINGS]
    unknown += [name for name in given["Metrics"] if name not in METRICS]
    if unknown:
        raise _invalid(f"Unknown: {', '.join(unknown)}")


def _filter(expression: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """What each dimension may be. An expression of one dimension, or of several joined by And."""
    parts = (expression or {}).get("And") or ([expression] if expression else [])
    return {part["Dimensions"]["Key"]: part["Dimensions"]["Values"] for part in parts}


def _kept(item: _Item, wanted: Mapping[str, list[str]]) -> bool:
    return all(name == "RECORD_TYPE" or item.dimension(name) in values for name, values in wanted.items())


def _items(home: Cloud, first: date, end: date, today: date) -> Iterator[_Item]:
    billing = home.billing
    for account in [home, *billing.linked]:
        if account.account_id in billing.silent:
            continue
        for region, cloud in account.regions.items():
            usual, _, price = REGIONS[region]
            prefix = billing.prefixes.get(region, usual)
            cached = _cached([*cloud.functions.values(), *cloud.removed], first, end)
            for day in _days(first, min(end, today + A_DAY)):
                known = _share_known(day, today)
                lines = [("Lambda-SnapStart-Cached-GB-S", cached[day] * known, float(price))]
                if cloud.functions:
                    lines.append(("Lambda-GB-Second", 100.0 * known, 0.0000166667))
                for usage_type, quantity, usd in lines:
                    if quantity:
                        yield _Item(
                            day=day,
                            account_id=account.account_id,
                            region=region,
                            usage_type=f"{prefix}{usage_type}",
                            quantity=quantity,
                            usd=quantity * usd,
                        )


def _share_known(day: date, today: date) -> float:
    """How much of a day's usage has reached the bill: all of it after two days."""
    return {0: 0.2, 1: 0.7}.get((today - day).days, 1.0)


def _cached(functions: Iterable[Function], first: date, end: date) -> Counter[date]:
    """GB-seconds of cached snapshots by day."""
    by_day: Counter[date] = Counter()
    for function in functions:
        for build, since, until in _lives(function):
            for day in _days(max(first, since.date()), end if until is None else min(end, until.date() + A_DAY)):
                by_day[day] += build.memory_mb / 1024 * _seconds_of(day, since, until)  # type: ignore[assignment]
    return by_day


def _lives(function: Function) -> Iterator[tuple[Build, datetime, datetime | None]]:
    """The snapshots that are charged, with the moments from and until which they are."""
    for number in function.numbers:
        version = function.versions[number]
        if version.pays:
            yield version.build, function.published_at(number), None
    for gone in function.gone:
        if gone.version.pays:
            yield gone.version.build, gone.version.published_at, gone.at


def _seconds_of(day: date, since: datetime, until: datetime | None) -> float:
    start = datetime.combine(day, time(), UTC)
    end = start + A_DAY
    return max((min(until or end, end) - max(since, start)).total_seconds(), 0.0)


def _days(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((end - first).days))


def _result(
    day: date, items: list[_Item], groupings: list[str], metrics: list[str], *, credited: bool
) -> dict[str, Any]:
    period = {"Start": day.isoformat(), "End": (day + A_DAY).isoformat()}
    groups: dict[tuple[str, ...], list[_Item]] = {}
    for item in items:
        groups.setdefault(tuple(item.dimension(name) for name in groupings), []).append(item)
    if not groupings:
        return {"TimePeriod": period, "Total": _amounts(items, metrics, credited=credited), "Groups": []}
    return {
        "TimePeriod": period,
        "Total": {},
        "Groups": [
            {"Keys": list(keys), "Metrics": _amounts(some, metrics, credited=credited)}
            for keys, some in sorted(groups.items())
        ],
    }


def _amounts(items: list[_Item], metrics: list[str], *, credited: bool) -> dict[str, Any]:
    quantity, usd = sum(item.quantity for item in items), 0.0 if credited else sum(item.usd for item in items)
    return {
        name: {"Amount": f"{quantity:.10f}", "Unit": "Lambda-GB-Second"}
        if name == "UsageQuantity"
        else {"Amount": f"{usd:.10f}", "Unit": "USD"}
        for name in metrics
    }


def _page(results: list[dict[str, Any]], token: str | None, page_groups: int) -> dict[str, Any]:
    """So many days as fit a page, a whole day at least."""
    start = int(token or 0)
    chosen: list[dict[str, Any]] = []
    for result in results[start:]:
        if chosen and sum(len(one["Groups"]) for one in [*chosen, result]) > page_groups:
            break
        chosen.append(result)
    more = start + len(chosen) < len(results)
    return {"ResultsByTime": chosen} | ({"NextPageToken": str(start + len(chosen))} if more else {})


def _invalid(message: str) -> RefusalError:
    return RefusalError("ValidationException", message)
