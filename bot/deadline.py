"""Time to answer in: one budget for all the calls a click needs, however many they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class OutOfTime(Exception):
    """The time to answer in is over; what was asked may still be under way, and nobody waits for it."""


class Deadline:
    """So many seconds from now, shared by every call that is made under it.

    Calls run in the executor's threads, so that those which do not need each other overlap, and so that none can hold
    the answer up: not even a name that does not resolve, which no socket timeout covers.
    """

    def __init__(self, seconds: float, executor: Executor, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._executor = executor
        self._ends = clock() + seconds

    def longer(self, seconds: float) -> Deadline:
        """The same deadline, so many seconds later; later than now where it is over."""
        return Deadline(self.left + seconds, self._executor, clock=self._clock)

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(self._ends - self._clock(), 0.0)

    def start(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin a call. Raises OutOfTime, and begins nothing, when no time is left."""
        if not self.left:
            raise OutOfTime
        return self._executor.submit(call, *args, **kwargs)

    def result(self, call: Future[T]) -> T:
        """What the call came to, or what it raised. Raises OutOfTime when it takes longer than is left."""
        done, _ = wait([call], timeout=self.left)
        if not done:
            call.cancel()
            raise OutOfTime
        return call.result()

    def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make one call and wait for it. Raises OutOfTime, as `start` and `result` do."""
        return self.result(self.start(call, *args, **kwargs))
