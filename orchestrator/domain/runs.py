"""One run as everyone outside it sees it: what it waits for, page by page. The records the bot may read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeVar

from orchestrator.domain.accounts import Account
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.stored import known_fields

R = TypeVar("R")

SCHEMA_VERSION = 1

SCANNING, WAITING, DELETING, ENDED = "scanning", "waiting", "deleting", "ended"


class Ending(StrEnum):
    """How a run ended."""

    NOTHING_TO_DO = "nothing_to_do"
    APPROVED = "approved"
    REJECTED = "rejected"
    """Every page was rejected, or approved without a tick."""
    STOPPED_HERE = "stopped_here"
    """An approver ended it at a page, and left the rest undecided."""
    CANCELLED = "cancelled"
    """Who asked for it took it back, without the right to decide."""
    STOPPED = "stopped"
    """Somebody ended it from outside, with the command."""
    EXPIRED = "expired"
    BROKE_OFF = "broke_off"
    """It stopped itself amid its deletes."""
    UNHEARD = "unheard"
    """The wait for a decision failed, so that nobody could answer."""
    FAILED = "failed"
    REFUSED = "refused"
    """The request could not be used: nothing was scanned."""
    NOT_ENTERED = "not_entered"
    """The account could not be entered: nothing was scanned."""
    ALREADY_RUNNING = "already_running"
    """The region had an open run: nothing was scanned."""

    @classmethod
    def read(cls, value: Any) -> Ending | None:
        """The ending of a stored run; None for one that only another release knows, since its words say it all."""
        return cls(value) if value in [ending.value for ending in cls] else None


class Action(StrEnum):
    """What became of one page."""

    APPROVE = "approve"
    REJECT = "reject"
    STOP = "stop"
    """The run ends here; this page and the later ones stay undecided."""
    CANCELLED = "cancelled"
    """Who asked for the run took it back, without the right to decide: nothing is remembered."""
    EXPIRED = "expired"
    """Nobody decided in time."""


@dataclass(frozen=True, slots=True)
class Approver:
    """Who decided: the Slack user id, and the name shown where ids do not render."""

    id: str
    name: str


CLOSED_EXECUTIONS = frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED"})
"""What AWS calls an execution that is over; every other status, those AWS adds included, counts as running."""

_EXECUTION = re.compile(r"[A-Za-z0-9_-]{1,128}")


class UnreadableRecord(ValueError):
    """A stored record is not one this release can read; the message says what was found."""


def execution_id(execution_arn: str) -> str:
    """The id inside a durable execution's ARN: the name its records are stored under.

    AWS: `arn:...:function:name:version/durable-execution/execution-name/id`; a local engine: `id/...`.
    Raises ValueError when that part cannot be a key.
    """
    _, marker, named = execution_arn.rpartition("/durable-execution/")
    return checked_execution_id(named.rsplit("/", 1)[-1] if marker else execution_arn.split("/", 1)[0])


def checked_execution_id(text: str) -> str:
    """The same text, if it can be an execution's id. Raises ValueError otherwise."""
    if not _EXECUTION.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not an execution id")
    return text


def short(execution: str) -> str:
    """The run as people name it: the first six characters of its id."""
    return execution[:6]


PENDING = "pending/"


def run_key(execution: str) -> str:
    """Where the run itself is recorded."""
    return f"{PENDING}{execution}/run.json"


def page_key(execution: str, page: int) -> str:
    """Where one page of candidates is recorded before it is posted."""
    return f"{PENDING}{execution}/page-{page}.json"


def held_key(execution: str) -> str:
    """Where *Why held?* finds its answer."""
    return f"{PENDING}{execution}/held.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: who asked, how far it is, where its message stands, and how it ended."""

    execution: str
    execution_arn: str
    region: str
    account_id: str
    started_at: int
    """Seconds since the epoch, as all times of these records."""
    requested_by: str | None
    """The Slack user id of who asked; None for the schedule."""
    channel_id: str
    dry_run: bool
    policy: Mapping[str, Any]
    account_name: str | None = None
    """What the stack calls the account."""
    command: str = "/snapstart"
    """The slash command of the stack, for words that tell people what to type."""
    request_id: str | None = None
    """What the request called itself: the scheduler's execution, or the command's delivery."""
    sweep: str | None = None
    """The sweep it is part of; None for a run of its own."""
    status: str = SCANNING
    step: int = 1
    """Of four, while it scans."""
    message_ts: str | None = None
    permalink: str | None = None
    snapstart: int = 0
    candidates: int = 0
    monthly_usd: float = 0.0
    page: int = 0
    pages: int = 0
    expires_at: int | None = None
    ended_at: int | None = None
    ending: Ending | None = None
    ending_words: str | None = None
    """The ending in a few words for a list of runs, such as `43 deleted, about $212.55 a month`."""

    @property
    def account(self) -> Account:
        """The account it is about."""
        return Account(self.account_id, self.account_name)

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The run of a stored record. Raises UnreadableRecord when it cannot be read; unknown fields are ignored."""
        return _record(cls, data, {"ending": Ending.read})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of candidates, frozen before it is posted: what a click on it can mean."""

    execution: str
    execution_arn: str
    region: str
    account_id: str
    page: int
    pages: int
    revision: str
    """Minted anew whenever the page is posted anew; part of every block_id."""
    callback_id: str
    channel_id: str
    message_ts: str | None
    """None while the page is about to be posted as the root message."""
    requested_by: str | None
    dry_run: bool
    expires_at: int
    candidates: tuple[Candidate, ...]
    account_name: str | None = None
    decided: Mapping[str, Any] | None = None
    """Once decided: `action`, `approver_id`, `approver_name`, `decided_at` (epoch), `approved`, `offered`."""

    @property
    def offer_hash(self) -> str:
        """What an approval is bound to: the candidates of this page, in their order."""
        return offer_hash(self.execution, self.page, self.candidates)

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The page of a stored record. Raises UnreadableRecord when it cannot be read; unknown fields are ignored."""
        return _record(cls, data, {"candidates": _candidates})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What *Why held?* answers, in words already; plain text, to be escaped where it is shown."""

    execution: str
    snapstart: int
    held: int
    not_judged: int
    totals: str
    """The counts by reason, most first."""
    not_judged_lines: tuple[str, ...] = ()
    functions: tuple[tuple[str, int, tuple[str, ...]], ...] = field(default=())
    """Name, held versions, and a line a reason; most versions first."""
    functions_more: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The answer of a stored record. Raises UnreadableRecord when it cannot be read; unknown fields are ignored."""
        return _record(
            cls,
            data,
            {
                "not_judged_lines": tuple,
                "functions": lambda functions: tuple((name, held, tuple(lines)) for name, held, lines in functions),
            },
        )


def offer_hash(execution: str, page: int, candidates: Sequence[Candidate]) -> str:
    """The SHA-256 of what one page offers, in hex."""
    offered = [execution, page, [[c.function_name, c.number, c.arn] for c in candidates]]
    return hashlib.sha256(json.dumps(offered, separators=(",", ":")).encode()).hexdigest()


def _candidates(rows: Sequence[Mapping[str, Any]]) -> tuple[Candidate, ...]:
    return tuple(Candidate(**known_fields(Candidate, row)) for row in rows)


def _record(cls: type[R], data: Any, nested: Mapping[str, Any]) -> R:
    if not isinstance(data, Mapping):
        raise UnreadableRecord(f"a {cls.__name__.lower()} record must be an object, not {type(data).__name__}")
    version = data.get("schema_version")
    if version != SCHEMA_VERSION:
        raise UnreadableRecord(
            f"the {cls.__name__.lower()} record has schema_version {version!r}; this release reads {SCHEMA_VERSION}"
        )
    try:
        given = known_fields(cls, data)
        return cls(**{key: nested[key](value) if key in nested else value for key, value in given.items()})
    except (TypeError, ValueError, KeyError) as error:
        raise UnreadableRecord(f"the {cls.__name__.lower()} record cannot be read: {error}") from error
