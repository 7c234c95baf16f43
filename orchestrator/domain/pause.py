"""The pause: while it is in force nothing is deleted, and nothing is approved. One that cannot be read is in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self

from orchestrator.domain.days import day_of, iso
from orchestrator.domain.runs import Approver
from orchestrator.domain.stored import Fields, UnreadableField

SCHEMA_VERSION = 1
PAUSE_KEY = "control/pause.json"
PAUSED = "paused"
"""How the reason of a version begins that stays because of a pause."""
NAME_AT_MOST = 80
REASON_AT_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Somebody's word that nothing is to be deleted for now."""

    by: str
    """The Slack user id of who paused."""
    name: str
    """Their name, for where ids do not render."""
    reason: str | None
    since: datetime
    until: date | None = None
    """The last day it counts, in UTC; None: until somebody resumes."""
    resumed_by: Approver | None = None
    """The approver who ended it."""
    resumed_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether nothing may be deleted now."""
        return self.resumed_at is None and (self.until is None or day_of(now) <= self.until)

    def in_words(self) -> str:
        """Who paused, why and until when: `paused by @other until 31 Jan 2027: release freeze`."""
        until = f" until {self.until.day} {self.until:%b %Y}" if self.until else ""
        return f"{PAUSED} by @{self.name}{until}" + (f": {self.reason}" if self.reason else "")

    def resumed(self, by: Approver, at: datetime) -> Self:
        """The same pause, ended; one that was ended before stays as it is."""
        return self if self.resumed_at else replace(self, resumed_by=by, resumed_at=at)

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        resumed_by = self.resumed_by
        return {
            "schema_version": SCHEMA_VERSION,
            "by": self.by,
            "name": self.name[:NAME_AT_MOST],
            "reason": self.reason and self.reason[:REASON_AT_MOST],
            "since": iso(self.since),
            "until": self.until and self.until.isoformat(),
            "resumed_by": resumed_by and {"id": resumed_by.id, "name": resumed_by.name[:NAME_AT_MOST]},
            "resumed_at": iso(self.resumed_at),
        }


@dataclass(frozen=True, slots=True)
class UnreadablePause:
    """A record of a pause that cannot be read: it counts as one, until it can."""

    words: str
    """What is wrong with it."""

    def in_force(self, now: datetime) -> bool:  # noqa: ARG002 - at any time
        """Unknown is protected."""
        return True

    def in_words(self) -> str:
        """Why nothing is deleted."""
        return f"{PAUSED}, because {PAUSE_KEY} cannot be read: {self.words}"


def pause_after(before: Pause | UnreadablePause | None, asked: Pause, now: datetime) -> Pause:
    """What is in force once somebody asked for a pause: never a shorter one, for only approvers may end what was.

    A pause that cannot be read may have been one without an end.
    """
    if isinstance(before, UnreadablePause):
        return replace(asked, until=None)
    if before is not None and before.in_force(now) and _end(before) >= _end(asked):
        return before
    return asked


def _end(pause: Pause) -> date:
    return pause.until or date.max


def resumed_after(before: Pause | UnreadablePause | None, by: Approver, now: datetime) -> Pause:
    """The record once an approver ended the pause; one that could not be read is replaced."""
    if isinstance(before, Pause):
        return before.resumed(by, now)
    return Pause(by=by.id, name=by.name, reason=None, since=now, resumed_by=by, resumed_at=now)


def read_pause(data: Any) -> Pause | UnreadablePause:
    """What a stored record says."""
    try:
        fields = Fields(data)
        if fields.whole("schema_version") != SCHEMA_VERSION:
            return UnreadablePause(f"schema_version must be {SCHEMA_VERSION}, not {fields.whole('schema_version')}")
        resumed_at = fields.moment_or_none("resumed_at")
        return Pause(
            by=fields.text("by"),
            name=fields.text("name"),
            reason=fields.text_or_none("reason"),
            since=fields.moment("since"),
            until=fields.day_or_none("until"),
            resumed_by=None if resumed_at is None else _resumed_by(fields.part("resumed_by")),
            resumed_at=resumed_at,
        )
    except UnreadableField as error:
        return UnreadablePause(str(error))


def _resumed_by(fields: Fields) -> Approver:
    return Approver(id=fields.text("id"), name=fields.text("name"))


def why_nothing_is_deleted(pause: Pause | UnreadablePause | None, now: datetime) -> str | None:
    """Why nothing may be deleted now, in words; None when it may."""
    return pause.in_words() if pause is not None and pause.in_force(now) else None
