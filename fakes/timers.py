"""The timers of the durable engine. Once they are stopped nothing is scheduled any more, whoever still asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from aws_durable_execution_sdk_python_testing.scheduler import Event, Scheduler


class Timers(Scheduler):
    """The testing SDK's scheduler, with an end.

    Threads outlive the engine that started them: a handler that answers, a lane that takes the answer up. What they
    schedule on a loop that has ended would be a coroutine that nobody ever awaits.
    """

    _guard = threading.Lock()
    _ended = False

    def call_later(
        self, func: Callable[[], Any], delay: float = 0, count: int | None = 1, completion_event: Event | None = None
    ) -> Future[Any]:
        """Call something later, or never where this was stopped: the future of that is cancelled."""
        with self._guard:
            if not self._ended:
                return super().call_later(func, delay, count, completion_event)
        never: Future[Any] = Future()
        never.cancel()
        return never

    def create_event(self) -> Event:
        """Make an event. Raises RuntimeError where this was stopped."""
        if self._ended:
            raise RuntimeError("the engine was stopped")
        return super().create_event()

    def stop(self) -> None:
        """Cancel what was scheduled, and release the loop, which the SDK leaves open."""
        with self._guard:
            self._ended = True
        super().stop()  # type: ignore[no-untyped-call]
        self._loop.close()
