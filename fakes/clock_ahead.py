"""A machine whose clock is ahead: what a process is told of the day, so that weeks can pass in a moment.

Only the wall clock moves. How long something takes is measured as ever.
"""

from __future__ import annotations

import datetime as dt
import time
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

AHEAD_SECONDS = "MACHINE_CLOCK_AHEAD_SECONDS"
"""The variable of the environment that says by how much."""

_time = time.time


class _AnyDatetime(type):
    """Every datetime counts as one of these: modules that were loaded before still make the usual ones."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


def set_ahead(seconds: float) -> None:
    """Let the clock of this process be ahead, for every module that is loaded from now on."""
    if not seconds:
        return

    class Ahead(datetime, metaclass=_AnyDatetime):
        """A datetime whose now is later."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=seconds)

        @classmethod
        def utcnow(cls) -> Self:
            return super().utcnow() + timedelta(seconds=seconds)

    def ahead() -> float:
        return _time() + seconds

    patched: Any = dt
    patched.datetime = Ahead
    patched_time: Any = time
    patched_time.time = ahead
