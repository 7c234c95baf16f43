"""What is remembered of one account and region from one run to the next, and how it is stored.

Only what an approver said in so many words, what AWS refused, what a scan saw of the aliases, what was reported as not
judged, and which questions nobody answered. All of it has an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from orchestrator.domain.candidates import NamesVersion, VersionKey
from orchestrator.domain.days import iso
from orchestrator.domain.stored import Fields, UnreadableField
from orchestrator.domain.versions import Alias

SCHEMA_VERSION = 1
NAME_AT_MOST = 80
"""Characters of a person's name that are remembered."""
WORDS_AT_MOST = 300
"""Characters of AWS's words that are remembered."""

Json = dict[str, Any]


class UnreadableMemory(ValueError):
    """The memory of a region is damaged, or not of this release; the message names the record and the field."""


class KeepReason(StrEnum):
    """What an approver did that keeps a version."""

    UNTICKED = "untick"
    """They unticked a box that had started ticked, and approved the others."""
    REJECTED = "reject"
    """They rejected the page it stood on."""
    TAKEN_OVER = "taken_over"
    """A record of the release before says so; it did not say how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(NamesVersion):
    """One version that is no news for a while."""

    function_name: str
    number: int
    on: date
    """The day it was settled, in UTC as all days here."""
    until: date
    """The last day it counts."""

    def in_force(self, today: date) -> bool:
        """Whether it counts today."""
        return today <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep(Settled):
    """One version that an approver keeps."""

    by: str
    """The Slack user id of the approver."""
    name: str
    """Their name, for where ids do not render."""
    reason: KeepReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Settled):
    """One version that AWS refuses to delete, such as a replica at the edge."""

    words: str
    """AWS's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """All aliases of one function, found alike by every scan from the first moment to the last.

    What happened between two scans it does not know: an alias may have gone elsewhere and come back.
    """

    first_seen: datetime
    last_seen: datetime
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """One scheduled question that nobody answered in time."""

    execution: str
    asked_on: date
    expired_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What one account and region remembers."""

    account_id: str
    region: str
    keeps: Mapping[VersionKey, Keep] = field(default_factory=lambda: MappingProxyType({}))
    """Those that ended stay: a row that was ever kept starts unticked."""
    refusals: Mapping[VersionKey, Refusal] = field(default_factory=lambda: MappingProxyType({}))
    """Those that ended stay, for the same reason."""
    sightings: Mapping[str, tuple[Sighting, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By function, oldest first."""
    in_vain: frozenset[VersionKey] = frozenset()
    """Idle rows that scans looked at since one last saw all there are, and that something holds after all."""
    not_judged: frozenset[VersionKey] = frozenset()
    """The rows that the last scan could not judge; each was reported, then or before."""
    expired_in_a_row: int = 0
    """How many scheduled questions expired since somebody last answered one."""
    expiries: tuple[Expiry, ...] = ()
    """The newest of them, newest last."""

    def to_dict(self) -> Json:
        """The record as it is stored."""
        return {
            "schema_version": SCHEMA_VERSION,
            "account_id": self.account_id,
            "region": self.region,
            "keeps": [_keep_to_dict(keep) for keep in self.keeps.values()],
            "refusals": [_refusal_to_dict(refusal) for refusal in self.refusals.values()],
            "aliases": [
                {"function_name": name, **_sighting_to_dict(sighting)}
                for name, sightings in sorted(self.sightings.items())
                for sighting in sightings
            ],
            "in_vain": [
                {"function_name": name, "versions": numbers} for name, numbers in _by_function(self.in_vain).items()
            ],
            "not_judged": [
                {"function_name": name, "versions": numbers} for name, numbers in _by_function(self.not_judged).items()
            ],
            "expired_in_a_row": self.expired_in_a_row,
            "expiries": [
                {"execution": e.execution, "asked_on": e.asked_on.isoformat(), "expired_on": e.expired_on.isoformat()}
                for e in self.expiries
            ],
        }

    @classmethod
    def from_dict(cls, data: Any, *, account_id: str, region: str) -> Self:
        """The memory of a stored record of this account and region.

        What a release before did not write is empty; unknown fields are ignored. Raises UnreadableMemory.
        """
        try:
            fields = Fields(data)
            _expect(fields.whole("schema_version"), SCHEMA_VERSION, "schema_version")
            _expect(fields.text("account_id"), account_id, "account_id")
            _expect(fields.text("region"), region, "region")
            sightings: dict[str, tuple[Sighting, ...]] = {}
            for entry in fields.entries("aliases"):
                name = entry.text("function_name")
                sightings[name] = (*sightings.get(name, ()), _sighting(entry))
            return cls(
                account_id=account_id,
                region=region,
                keeps={keep.key: keep for keep in map(_keep, fields.entries("keeps"))},
                refusals={refusal.key: refusal for refusal in map(_refusal, fields.entries("refusals"))},
                sightings=sightings,
                in_vain=frozenset(
                    (entry.text("function_name"), number)
                    for entry in fields.entries("in_vain")
                    for number in entry.versions("versions")
                ),
                not_judged=frozenset(
                    (entry.text("function_name"), number)
                    for entry in fields.entries("not_judged")
                    for number in entry.versions("versions")
                ),
                expired_in_a_row=fields.whole("expired_in_a_row"),
                expiries=tuple(
                    Expiry(
                        execution=entry.text("execution"),
                        asked_on=entry.day("asked_on"),
                        expired_on=entry.day("expired_on"),
                    )
                    for entry in fields.entries("expiries")
                ),
            )
        except UnreadableField as error:
            raise UnreadableMemory(f"{memory_key(account_id, region)}: {error}") from error


def memory_key(account_id: str, region: str) -> str:
    """Where the memory of one account and region is stored."""
    return f"memory/{account_id}/{region}.json"


def damaged_key(account_id: str, region: str, execution: str) -> str:
    """Where a run sets a memory aside that it cannot read."""
    return f"memory/{account_id}/{region}.damaged-{execution}.json"


def kept_before_key(region: str) -> str:
    """Where the release before stored what people kept."""
    return f"kept/{region}.json"


def take_over(data: Any, *, account_id: str, region: str, today: date, keep_days: int) -> Memory:
    """The memory that begins with the release before's record of what people kept, `function:version` by its keeper.

    That release kept for ever; from now on each has an end like all others, `keep_days` from today.
    Raises UnreadableMemory.
    """
    try:
        stored = Fields(data)
        _expect(stored.whole("schema_version", SCHEMA_VERSION), SCHEMA_VERSION, "schema_version")
        versions = stored.part("versions")
        keeps = [_kept_before(label, versions.part(label), today, keep_days) for label in versions.names()]
    except UnreadableField as error:
        raise UnreadableMemory(f"{kept_before_key(region)}: {error}") from error
    return Memory(account_id=account_id, region=region, keeps={keep.key: keep for keep in keeps})


def _kept_before(label: str, keeper: Fields, today: date, keep_days: int) -> Keep:
    name, _, number = label.rpartition(":")
    named = Fields({"function_name": name, "version": number}, f"versions.{label}")
    return Keep(
        function_name=named.text("function_name"),
        number=named.version("version"),
        by=keeper.text("by"),
        name=(keeper.text_or_none("name") or keeper.text("by"))[:NAME_AT_MOST],
        on=keeper.day("on"),
        until=today + timedelta(days=keep_days),
        reason=KeepReason.TAKEN_OVER,
    )


def _expect(found: object, wanted: object, name: str) -> None:
    if found != wanted:
        raise UnreadableField(f"{name} must be {wanted!r}, not {found!r}")


def _settled_to_dict(settled: Settled) -> Json:
    return {
        "function_name": settled.function_name,
        "version": str(settled.number),
        "on": settled.on.isoformat(),
        "until": settled.until.isoformat(),
    }


def _settled(entry: Fields) -> Json:
    return {
        "function_name": entry.text("function_name"),
        "number": entry.version("version"),
        "on": entry.day("on"),
        "until": entry.day("until"),
    }


def _keep_to_dict(keep: Keep) -> Json:
    return {**_settled_to_dict(keep), "by": keep.by, "name": keep.name, "reason": keep.reason.value}


def _keep(entry: Fields) -> Keep:
    return Keep(
        **_settled(entry), by=entry.text("by"), name=entry.text("name"), reason=entry.member("reason", KeepReason)
    )


def _refusal_to_dict(refusal: Refusal) -> Json:
    return {**_settled_to_dict(refusal), "words": refusal.words}


def _refusal(entry: Fields) -> Refusal:
    return Refusal(**_settled(entry), words=entry.text("words"))


def _sighting_to_dict(sighting: Sighting) -> Json:
    return {
        "first_seen": iso(sighting.first_seen),
        "last_seen": iso(sighting.last_seen),
        "aliases": [
            {
                "name": alias.name,
                "version": None if alias.version is None else str(alias.version),
                "weights": [{"version": str(number), "weight": weight} for number, weight in alias.weights],
            }
            for alias in sighting.aliases
        ],
    }


def _sighting(entry: Fields) -> Sighting:
    return Sighting(
        first_seen=entry.moment("first_seen"),
        last_seen=entry.moment("last_seen"),
        aliases=tuple(
            Alias(
                name=alias.text("name"),
                version=alias.version_or_none("version"),
                weights=tuple((share.version("version"), share.amount("weight")) for share in alias.entries("weights")),
            )
            for alias in entry.entries("aliases")
        ),
    )


def _by_function(keys: frozenset[VersionKey]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for name, number in sorted(keys):
        numbers.setdefault(name, []).append(number)
    return numbers
