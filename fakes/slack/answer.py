"""An HTTP answer, whoever gives it."""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """Status, headers and the body's bytes."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body in words."""
        return self.body.decode()
