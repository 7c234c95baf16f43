"""Keep our share of a quota before the call, not after the refusal."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

SHARED = "shared"
"""The class of Lambda's control-plane calls that draw on one quota, which is everybody's and cannot be raised."""


class Budget:
    """A rate that any number of threads keep together: `burst` at once, then evenly spaced, first come first served.

    Nobody counts what was sent: there is one moment, `_free_at`, before which nothing more may go. Who takes some
    reserves that moment for itself and moves it on by as long as what it took needs, under the lock, and then waits for
    its moment outside of it. A process that was held up (a frozen Lambda, a busy laptop) wakes with many moments
    behind it; sent at once, those calls would be a burst. So lateness is added up in `_late`, and every moment that was
    reserved before somebody woke late is put off by as much: the spacing holds, only later.
    """

    def __init__(
        self,
        rate: float,
        *,
        burst: float = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError(f"a budget needs a rate above 0 and a burst of at least 1, not {rate!r} and {burst!r}")
        self._rate = rate
        self._saved_up = (burst - 1) / rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at = float("-inf")
        self._late = 0.0

    def take(self, amount: float = 1) -> None:
        """Wait until `amount` may be used: each caller reserves its moment, and one that wakes late puts off the rest.

        So no two go closer together than the rate allows, also after this process was held up.
        """
        with self._lock:
            late_so_far = self._late
            now = self._clock() - late_so_far
            reserved = max(self._free_at, now - self._saved_up)
            self._free_at = reserved + amount / self._rate
        if reserved > now:
            self._sleep(reserved - now)
            put_off = self._put_off(reserved, late_so_far)
            if put_off > 0:
                self._sleep(put_off)

    def _put_off(self, reserved: float, late_so_far: float) -> float:
        with self._lock:
            early = reserved + self._late - self._clock()
            self._late -= min(0.0, early)
            return min(early, self._late - late_so_far)


class CallCount:
    """How many calls of each quota class were sent, retries included; any number of threads may count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._throttled = 0

    def add(self, quota: str) -> None:
        """Count one call."""
        with self._lock:
            self._calls[quota] += 1

    def as_dict(self) -> dict[str, int]:
        """Return the calls so far by quota class: `shared`, or the operation that has a quota of its own."""
        with self._lock:
            return dict(sorted(self._calls.items()))

    def note_throttled(self) -> None:
        """Count one call that AWS put off."""
        with self._lock:
            self._throttled += 1

    @property
    def throttled(self) -> int:
        """How many calls AWS put off so far."""
        with self._lock:
            return self._throttled
