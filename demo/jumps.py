"""Time that passes at once: real time, and beyond it whatever somebody would have waited for."""

from __future__ import annotations

import threading
import time


class Jumps:
    """A stopwatch and its pause, for who is paced by them; any number of threads may use them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jumped = 0.0

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic() + self._jumped

    def passes(self, seconds: float) -> None:
        """Let so many seconds be over."""
        with self._lock:
            self._jumped += seconds
