"""The AWS accounts whose functions are looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """One AWS account: its id of twelve digits and, where the stack was told one, its name."""

    id: str
    name: str | None = None

    @property
    def label(self) -> str:
        """How people read it: `payments (111122223333)`, or the id alone where it has no name."""
        return self.id if self.name is None else f"{self.name} ({self.id})"
