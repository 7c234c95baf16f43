"""How often a method may be called: so many calls a minute, and about a message a second in each channel."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

POSTS_A_SECOND = 1.0
POSTS_AT_ONCE = 5


class RateLimits:
    """Slack's rate limits. `clock` counts in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._lock = threading.Lock()

    def seconds_to_wait(self, method: str, *, a_minute: int | None, channel: str = "") -> int:
        """Take one call from the method's bucket: 0 when there was one, else whole seconds until there is one."""
        if method == "chat.postMessage":
            return self._take((method, channel), POSTS_AT_ONCE, POSTS_A_SECOND)
        return 0 if a_minute is None else self._take((method,), a_minute, a_minute / 60)

    def _take(self, name: tuple[str, ...], size: int, a_second: float) -> int:
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(name, _Bucket(left=size, at=now))
            bucket.left = min(size, bucket.left + (now - bucket.at) * a_second)
            bucket.at = now
            if bucket.left >= 1:
                bucket.left -= 1
                return 0
            return max(1, math.ceil((1 - bucket.left) / a_second))


@dataclass
class _Bucket:
    left: float
    at: float
