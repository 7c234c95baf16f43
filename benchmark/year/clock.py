"""The clock of the year: it stands still while somebody works, and jumps from one event to the next."""

from __future__ import annotations

from datetime import datetime


class Clock:
    """A moment that everybody agrees on."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment, as the product and the fakes ask for it."""
        return self.now

    def seconds(self) -> float:
        """The same since 1970."""
        return self.now.timestamp()
