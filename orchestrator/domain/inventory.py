"""How many GB of snapshots there should be: what a scan counts, and what the ledger says was deleted.

A scan counts every version that pays, with the moment it was published; the ledger knows until when a deleted one was
there. So the GB of any day in the past can be told, and held against the bill of that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from orchestrator.domain.cost import MB_IN_A_GB, Price, is_free
from orchestrator.domain.judging import Assessment
from orchestrator.domain.prevention import (
    GrowingFunction,
    UnusedFunction,
    dearest,
    fastest,
    growing_function,
    unused_function,
)
from orchestrator.domain.versions import FunctionFacts, Version

SCHEMA_VERSION = 1
PREFIX = "bill/inventory/"
SECONDS_IN_A_DAY = 86_400


class UnreadableInventory(ValueError):
    """A stored inventory is not one this release can read; the message says what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """Snapshots of one account and region that came and went together."""

    gb: float
    since: datetime | None = None
    """When they were published; None: longer ago than anybody asks."""
    until: datetime | None = None
    """When they were deleted; None: they are still there."""
    counted: bool = False
    """Whether an inventory counts them too, because they were deleted after its scan: nothing is published twice."""

    def published(self, day: date) -> float:
        """The GB of a day that they are there for, as if they were never deleted."""
        return 0.0 if self.counted else self.gb * _share_after(self.since, day)

    def deleted(self, day: date) -> float:
        """The GB of a day that are missing because they were deleted."""
        return 0.0 if self.until is None else self.gb * _share_after(self.until, day)

    def cached(self, day: date) -> float:
        """The GB of a day that AWS should bill for them; of those that are counted too, what is to be taken off."""
        return self.published(day) - self.deleted(day)


def _share_after(moment: datetime | None, day: date) -> float:
    """How much of a day in UTC lies after a moment."""
    if moment is None:
        return 1.0
    end = _midnight(day + timedelta(days=1))
    return min(max((end - moment).total_seconds() / SECONDS_IN_A_DAY, 0.0), 1.0)


def expected_gb(snapshots: Iterable[Snapshots], day: date) -> float:
    """The GB that AWS should bill for a day."""
    return sum(some.cached(day) for some in snapshots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What one whole scan counted in an account and region, small enough to be kept."""

    account_id: str
    region: str
    scanned_at: datetime
    snapshots: tuple[Snapshots, ...]
    """One entry for each day on which versions were published that are still there."""
    image_gb: float = 0.0
    """How much of it are container images, which do not tell whether their runtime is free."""
    dotnet_gb: float = 0.0
    """How much of it is .NET whose State was not asked: an idle one may be Inactive, and then it is not billed."""
    usd_per_gb_second: float = 0.0
    growing: tuple[GrowingFunction, ...] = ()
    unused: tuple[UnusedFunction, ...] = ()

    @property
    def gb(self) -> float:
        """The GB of all versions that were there at the scan."""
        return sum(some.gb for some in self.snapshots)

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {
            "schema_version": SCHEMA_VERSION,
            "account_id": self.account_id,
            "region": self.region,
            "scanned_at": self.scanned_at.isoformat(),
            "snapshots": [
                {"gb": some.gb, "since": None if some.since is None else some.since.isoformat()}
                for some in self.snapshots
            ],
            "image_gb": self.image_gb,
            "dotnet_gb": self.dotnet_gb,
            "usd_per_gb_second": self.usd_per_gb_second,
            "growing": [function.to_dict() for function in self.growing],
            "unused": [function.to_dict() for function in self.unused],
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The inventory of a stored record. Raises UnreadableInventory when it is not one of this release."""
        try:
            if data["schema_version"] != SCHEMA_VERSION:
                raise UnreadableInventory(f"the inventory has schema_version {data['schema_version']!r}")
            return cls(
                account_id=data["account_id"],
                region=data["region"],
                scanned_at=datetime.fromisoformat(data["scanned_at"]),
                snapshots=tuple(_snapshots(some) for some in data["snapshots"]),
                image_gb=data["image_gb"],
                dotnet_gb=data["dotnet_gb"],
                usd_per_gb_second=data["usd_per_gb_second"],
                growing=tuple(GrowingFunction.from_dict(function) for function in data["growing"]),
                unused=tuple(UnusedFunction.from_dict(function) for function in data["unused"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableInventory(f"the inventory cannot be read: {error!r}") from error


def _snapshots(data: Mapping[str, Any]) -> Snapshots:
    since = data["since"]
    return Snapshots(gb=data["gb"], since=None if since is None else datetime.fromisoformat(since))


def inventory_key(account_id: str, region: str) -> str:
    """Where the count of the newest whole scan of an account and region is kept."""
    return f"{PREFIX}{account_id}/{region}.json"


@dataclass(slots=True)
class Count:
    """Count a scan for the bill, function by function, without keeping their versions."""

    price: Price
    scanned_at: datetime
    growing: tuple[GrowingFunction, ...] = ()
    unused: tuple[UnusedFunction, ...] = ()
    _by_day: defaultdict[date, float] = field(default_factory=lambda: defaultdict(float))
    """GB by the day of publication."""
    _seconds: defaultdict[date, float] = field(default_factory=lambda: defaultdict(float))
    """The same, times the seconds from midnight to each publication."""
    _of_unknown_age: float = 0.0
    image_gb: float = 0.0
    dotnet_gb: float = 0.0

    def add(self, facts: FunctionFacts, assessments: Sequence[Assessment]) -> None:
        """Count the versions of one function that pay: a State that was not asked counts as Active."""
        for assessment in assessments:
            self._add(assessment)
        added = growing_function(facts.name, assessments, self.price, self.scanned_at)
        idle = unused_function(facts.name, assessments, facts.usage, self.price)
        self.growing = fastest([*self.growing, *([added] if added else [])])
        self.unused = dearest([*self.unused, *([idle] if idle else [])])

    def _add(self, assessment: Assessment) -> None:
        version, state = assessment.version, assessment.state
        gb = paying_gb(version, state.name if state else None)
        if not gb:
            return
        if version.last_modified is None:
            self._of_unknown_age += gb
        else:
            published = version.last_modified.astimezone(UTC)
            self._by_day[published.date()] += gb
            self._seconds[published.date()] += gb * (published - _midnight(published.date())).total_seconds()
        if version.package_type == "Image":
            self.image_gb += gb
        elif (version.runtime or "").startswith("dotnet") and state is None:
            self.dotnet_gb += gb

    def inventory(self, account_id: str, region: str) -> Inventory:
        """All that was counted."""
        return Inventory(
            account_id=account_id,
            region=region,
            scanned_at=self.scanned_at,
            snapshots=self.snapshots(),
            image_gb=self.image_gb,
            dotnet_gb=self.dotnet_gb,
            usd_per_gb_second=self.price.usd_per_gb_second,
            growing=self.growing,
            unused=self.unused,
        )

    def snapshots(self) -> tuple[Snapshots, ...]:
        """What was counted, one entry for each day of publication: exact for every day, however many versions.

        The moment is the one at which all of a day could have been published together, for the same GB-seconds.
        """
        dated = (
            Snapshots(gb=gb, since=_midnight(day) + timedelta(seconds=self._seconds[day] / gb))
            for day, gb in sorted(self._by_day.items())
        )
        undated = [Snapshots(gb=self._of_unknown_age)] if self._of_unknown_age else []
        return (*undated, *dated)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def paying_gb(version: Version, state: str | None) -> float:
    """The GB that AWS bills for a version: nothing for managed Java, and only while it is Active."""
    if is_free(version.runtime) or state not in (None, "Active"):
        return 0.0
    return version.memory_mb / MB_IN_A_GB
