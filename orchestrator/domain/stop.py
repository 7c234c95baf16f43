"""The record that somebody stopped a run: read right before every delete of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stopped a run."""

    by: str
    """Their Slack user id."""
    name: str

    def in_words(self) -> str:
        """Why nothing more is deleted."""
        return f"stopped by @{self.name}"

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {"schema_version": SCHEMA_VERSION, "by": self.by, "name": self.name}


def stop_key(execution: str) -> str:
    """Where it is recorded that a run was stopped."""
    return f"control/stop/{execution}.json"


def read_stop(data: Any) -> Stop | None:
    """The stop of a stored record; None when there is none. What cannot be read is a stop all the same."""
    if data is None:
        return None
    given = data if isinstance(data, Mapping) else {}
    by, name = given.get("by"), given.get("name")
    known = by if isinstance(by, str) and by else "somebody"
    return Stop(by=known, name=name if isinstance(name, str) and name else known)
