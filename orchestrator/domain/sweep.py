"""A sweep: one run for every account and region, and what its digest says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

from orchestrator.domain.accounts import Account
from orchestrator.domain.days import read_day
from orchestrator.domain.stored import Fields

SCHEMA_VERSION = 1
SAID_AGAIN_AFTER = timedelta(days=30)
"""What could not be looked at is said again after so long, and at once when the reason is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One run of a sweep: where it looks, and the name that starts it only once."""

    account: Account
    region: str
    name: str
    """The durable execution's name: the same sweep gives the same one, so that a redelivery starts nothing twice."""

    @property
    def place(self) -> str:
        """What tells it from the others: account and region."""
        return place(self.account.id, self.region)


def place(account_id: str, region: str) -> str:
    """An account and a region as one key."""
    return f"{account_id}/{region}"


def sweep_key(sweep: str) -> str:
    """Where it is written down which execution carries out a sweep."""
    return f"locks/sweeps/{_digest_of(sweep)}.json"


def _digest_of(sweep: str) -> str:
    return hashlib.sha256(sweep.encode()).hexdigest()[:16]


def children(sweep: str, accounts: Sequence[Account], regions: Sequence[str]) -> tuple[Child, ...]:
    """The runs of a sweep, account by account. `sweep` is what the sweep calls itself, the same when it comes again.

    Names hold to AWS's rule: at most 64 letters, digits, `-` and `_`.
    """
    return tuple(
        Child(account=account, region=region, name=f"sweep-{_digest_of(sweep)}-{account.id}-{region}")
        for account in accounts
        for region in regions
    )


class ChildState(StrEnum):
    """How far one run of a sweep is, as its digest says it."""

    SCANNING = "scanning"
    WAITING = "waiting"
    """It posted a question."""
    STILL_WAITING = "still_waiting"
    """An earlier run of the same account and region still waits, so nothing new was asked."""
    CLEAN = "clean"
    """There is nothing new to ask."""
    ENDED = "ended"
    """It asked, and was decided or stopped before the digest was written."""
    FAILED = "failed"
    NOT_ENTERED = "not_entered"
    """The account could not be entered."""

    @property
    def is_open(self) -> bool:
        """Whether the sweep still waits for it."""
        return self is ChildState.SCANNING

    @property
    def was_not_looked_at(self) -> bool:
        """Whether nothing was found out."""
        return self in {ChildState.FAILED, ChildState.NOT_ENTERED, ChildState.SCANNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of one run of a sweep."""

    account_id: str
    account_name: str | None
    region: str
    state: ChildState
    candidates: int = 0
    monthly_usd: float = 0.0
    permalink: str | None = None
    since: int | None = None
    """When the run that still waits began, in seconds since 1970."""
    words: str | None = None
    """Why it was not looked at."""

    @property
    def account(self) -> Account:
        """The account it looked at."""
        return Account(self.account_id, self.account_name)

    @property
    def place(self) -> str:
        """What tells it from the others: account and region."""
        return place(self.account_id, self.region)

    def to_dict(self) -> dict[str, Any]:
        """What a checkpoint carries."""
        return {
            "account_id": self.account_id,
            "account_name": self.account_name,
            "region": self.region,
            "state": self.state.value,
            "candidates": self.candidates,
            "monthly_usd": self.monthly_usd,
            "permalink": self.permalink,
            "since": self.since,
            "words": self.words,
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """What a checkpoint carried. Raises UnreadableField."""
        fields = Fields(data)
        since = fields.whole("since") if data.get("since") is not None else None
        return cls(
            account_id=fields.text("account_id"),
            account_name=fields.text_or_none("account_name"),
            region=fields.text("region"),
            state=fields.member("state", ChildState),
            candidates=fields.whole("candidates"),
            monthly_usd=fields.amount("monthly_usd"),
            permalink=fields.text_or_none("permalink"),
            since=since,
            words=fields.text_or_none("words"),
        )


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why an account and region was not looked at, and when that was last said."""

    words: str
    said_on: date


@dataclass(frozen=True, slots=True)
class SweepMemory:
    """What earlier digests said of what could not be looked at, by account and region."""

    unseen: Mapping[str, Unseen] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {
            "schema_version": SCHEMA_VERSION,
            "unseen": {
                key: {"words": unseen.words, "said_on": unseen.said_on.isoformat()}
                for key, unseen in self.unseen.items()
            },
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The memory of a stored record; what cannot be read was never said."""
        stored = data.get("unseen") if isinstance(data, Mapping) else None
        unseen = {}
        for key, entry in (stored or {}).items() if isinstance(stored, Mapping) else ():
            given = entry if isinstance(entry, Mapping) else {}
            words, said_on = given.get("words"), read_day(str(given.get("said_on")))
            if isinstance(words, str) and said_on is not None:
                unseen[key] = Unseen(words, said_on)
        return cls(unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a sweep says: its questions, what it could not look at, and how many places had nothing new."""

    asked: tuple[Found, ...]
    """Runs with a question of their own, dearest first."""
    still_waiting: tuple[Found, ...]
    unseen: tuple[Found, ...]
    """What could not be looked at, where that is worth saying today."""
    clean: int
    unseen_before: int
    """Places that could not be looked at either, for a reason that was said lately."""

    @property
    def is_worth_posting(self) -> bool:
        """Whether there is anything new in it."""
        return bool(self.asked or self.unseen)

    @property
    def candidates(self) -> int:
        """Idle versions in all its questions."""
        return sum(found.candidates for found in self.asked)

    @property
    def monthly_usd(self) -> float:
        """What they cost a month, in US dollars."""
        return round(sum(found.monthly_usd for found in self.asked), 2)


def digest(found: Iterable[Found], memory: SweepMemory, today: date) -> tuple[Digest, SweepMemory]:
    """Write the digest of a sweep, and remember what it says of what could not be looked at."""
    everyone = list(found)
    unseen = [one for one in everyone if one.state.was_not_looked_at]
    to_say = tuple(one for one in unseen if _is_worth_saying(one, memory, today))
    said = {one.place for one in to_say}
    remembered = {
        one.place: Unseen(_why(one), today) if one.place in said else memory.unseen[one.place] for one in unseen
    }
    asked = [one for one in everyone if one.state in {ChildState.WAITING, ChildState.ENDED}]
    written = Digest(
        asked=tuple(sorted(asked, key=lambda one: (-one.monthly_usd, one.place))),
        still_waiting=tuple(one for one in everyone if one.state is ChildState.STILL_WAITING),
        unseen=to_say,
        clean=sum(one.state is ChildState.CLEAN for one in everyone),
        unseen_before=len(unseen) - len(to_say),
    )
    return written, SweepMemory(remembered)


def _why(found: Found) -> str:
    return found.words or found.state.value


def _is_worth_saying(found: Found, memory: SweepMemory, today: date) -> bool:
    before = memory.unseen.get(found.place)
    return before is None or before.words != _why(found) or today - before.said_on >= SAID_AGAIN_AFTER
