"""The mark that tells one message of one run from all others, so that nothing is posted twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EVENT_TYPE = "snapstart_cleaner"


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one message of one run from all others."""

    run: str
    key: str

    @property
    def metadata(self) -> dict[str, Any]:
        """The mark as the message carries it."""
        return {"event_type": EVENT_TYPE, "event_payload": {"run": self.run, "key": self.key}}

    def is_on(self, message: Mapping[str, Any]) -> bool:
        """Whether a message of the channel carries this mark."""
        metadata = message.get("metadata") or {}
        return {key: metadata.get(key) for key in self.metadata} == self.metadata
