"""The question of `doctor`: ticked boxes and a button, by which it learns what Slack sends with a click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from orchestrator.domain.runs import PENDING, SCHEMA_VERSION, UnreadableRecord
from orchestrator.domain.stored import Fields, UnreadableField


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """A question that is open: where it stands, and which callback a press on its button answers."""

    execution: str
    callback_id: str
    channel_id: str
    message_ts: str | None = None
    """None while the question is about to be posted."""

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored, before the question is posted."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The question of a stored record. Raises UnreadableRecord when it is not one of this release."""
        try:
            fields = Fields(data)
            if fields.whole("schema_version") != SCHEMA_VERSION:
                raise UnreadableRecord(f"the checkup record is none of schema_version {SCHEMA_VERSION}")
            return cls(
                execution=fields.text("execution"),
                callback_id=fields.text("callback_id"),
                channel_id=fields.text("channel_id"),
                message_ts=fields.text_or_none("message_ts"),
            )
        except UnreadableField as error:
            raise UnreadableRecord(f"the checkup record cannot be read: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What came with a press on the question's button."""

    ticked: frozenset[str] | None
    """The values of the ticked boxes; None when Slack sent no boxes at all."""
    by: str
    """The Slack user id of who pressed."""

    def to_dict(self) -> dict[str, Any]:
        """What the durable callback is told."""
        return {"ticked": None if self.ticked is None else sorted(self.ticked), "by": self.by}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """What a durable callback was told. Raises UnreadableRecord when it is not that."""
        ticked = data.get("ticked") if isinstance(data, Mapping) else ()
        by = data.get("by") if isinstance(data, Mapping) else None
        texts = ticked is None or (isinstance(ticked, list) and all(isinstance(value, str) for value in ticked))
        if not texts or not isinstance(by, str):
            raise UnreadableRecord("the answer to the checkup is none")
        return cls(ticked=None if ticked is None else frozenset(ticked), by=by)


def checkup_key(execution: str) -> str:
    """Where the question is recorded before it is posted."""
    return f"{PENDING}{execution}/checkup.json"
