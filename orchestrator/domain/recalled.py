"""What one run goes by: the memory as it was when the run asked the region, the same in every step after that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.memory import Memory
from orchestrator.domain.news import Idle, Place, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What was remembered when a run began, and who the run is for."""

    memory: Memory
    day: date
    """The day of the run in UTC; it stays that day."""
    asked_for: bool
    """Whether a person asked for the run; the schedule only counts what is kept or refused for now."""
    set_aside: str | None = None
    """Why the memory could not be read, and where it was set aside; None when it could."""

    def place(self, idle: Idle) -> Place:
        """What an idle version is today."""
        return place(idle, self.memory, self.day)

    def is_kept(self, key: VersionKey) -> bool:
        """Whether an approver keeps a version today."""
        keep = self.memory.keeps.get(key)
        return keep is not None and keep.in_force(self.day)

    def is_settled(self, key: VersionKey) -> bool:
        """Whether an approver keeps a version today, or AWS refused it and it is not yet time to try again."""
        refusal = self.memory.refusals.get(key)
        return self.is_kept(key) or (refusal is not None and refusal.in_force(self.day))

    def to_dict(self) -> dict[str, Any]:
        """The hand-off as it is stored."""
        return {
            "memory": self.memory.to_dict(),
            "day": self.day.isoformat(),
            "asked_for": self.asked_for,
            "set_aside": self.set_aside,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What was recalled of a hand-off. Raises KeyError or ValueError for anything else."""
        stored = data["memory"]
        return cls(
            memory=Memory.from_dict(stored, account_id=stored["account_id"], region=stored["region"]),
            day=date.fromisoformat(data["day"]),
            asked_for=data["asked_for"],
            set_aside=data["set_aside"],
        )


def nothing_remembered(today: date) -> Recalled:
    """What somebody who asks for the first time goes by, such as a scan at the terminal, which remembers nothing."""
    return Recalled(memory=Memory(account_id="none", region="none"), day=today, asked_for=True)
