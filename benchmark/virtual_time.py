"""A clock that need not be waited for: it shows the time this process worked, and the time it would have waited.

A scan mostly waits: for its share of a quota, for an answer. Here such a wait takes no time at all: as soon as every
thread of the scan waits, the clock jumps to the moment at which the first of them goes on. Work takes the processor
time it takes, and who waits meanwhile goes on in time. So the time that a scan shows is as exact as its work, and
neither what plays AWS nor any other program adds to it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from time import process_time, sleep
from typing import Any, TypeVar

T = TypeVar("T")

A_LOOK = 0.005
"""How often it is looked, in real seconds, whether somebody must go on while others work: as often as Python does."""


class VirtualTime:
    """A clock, the sleep that moves it, and the workers it knows to be at work.

    One thread at a time may be the main one; the others must come from `workers`. Threads of libraries that never sleep
    here do not matter.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._skipped = -process_time()
        self._at_work = 1
        self._asleep: list[tuple[float, int, threading.Event]] = []
        self._somebody_sleeps = threading.Event()
        self._order = count()
        self._lock = threading.RLock()
        threading.Thread(target=self._wake_in_time, daemon=True, name="virtual time").start()

    def now(self) -> datetime:
        """What the clock shows."""
        return self._start + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """How much time has passed since the start."""
        return self._skipped + process_time()

    def sleep(self, seconds: float) -> None:
        """Go on when so much time has passed."""
        if seconds <= 0:
            return
        woken = threading.Event()
        with self._lock:
            heappush(self._asleep, (self.seconds() + seconds, next(self._order), woken))
            self._somebody_sleeps.set()
            self._one_less_at_work()
        woken.wait()

    def workers(self, most: int) -> Executor:
        """An executor of at most so many threads."""
        return _Workers(self, most)

    # What the workers tell

    def begin(self) -> None:
        """One more is at work."""
        with self._lock:
            self._at_work += 1

    def end(self) -> None:
        """One less is at work."""
        with self._lock:
            self._one_less_at_work()

    def await_(self, promise: _Promise[Any]) -> None:
        """Wait until a promise is kept, while others work."""
        with self._lock:
            if promise.done():
                return
            woken = threading.Event()
            promise.waiting.append(woken)
            self._one_less_at_work()
        woken.wait()

    def keep(self, promise: _Promise[Any], settle: Callable[[], None]) -> None:
        """Settle a promise; whoever waits for it is at work from this moment on."""
        with self._lock:
            settle()
            self._at_work += len(promise.waiting)
            for woken in promise.waiting:
                woken.set()
            promise.waiting.clear()

    def _one_less_at_work(self) -> None:
        self._at_work -= 1
        if self._at_work == 0 and self._asleep:
            self._skipped += max(0.0, self._asleep[0][0] - self.seconds())
            self._wake_first()

    def _wake_first(self) -> None:
        _, _, woken = heappop(self._asleep)
        self._at_work += 1
        woken.set()

    def _wake_in_time(self) -> None:
        """Wake those whose moment comes while others work."""
        while self._somebody_sleeps.wait():
            sleep(A_LOOK)
            with self._lock:
                while self._asleep and self._asleep[0][0] <= self.seconds():
                    self._wake_first()
                if not self._asleep:
                    self._somebody_sleeps.clear()


class _Promise(Future[T]):
    """A result to come; waiting for it lets time pass."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time
        self.waiting: list[threading.Event] = []

    def result(self, timeout: float | None = None) -> T:
        """Wait for the result, and return or raise it."""
        self._time.await_(self)
        return super().result(timeout)


@dataclass(slots=True)
class _Task:
    promise: _Promise[Any]
    work: Callable[[], Any]

    def run(self, time: VirtualTime) -> None:
        if not self.promise.set_running_or_notify_cancel():
            return
        try:
            result = self.work()
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it, as from any executor
            raised = error
            time.keep(self.promise, lambda: self.promise.set_exception(raised))
        else:
            time.keep(self.promise, lambda: self.promise.set_result(result))


@dataclass(slots=True)
class _Workers(Executor):
    """An executor whose threads begin when there is work and end when there is none left."""

    time: VirtualTime
    most: int
    waiting: deque[_Task] = field(default_factory=deque)
    unfinished: set[_Promise[Any]] = field(default_factory=set)
    threads: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Let a worker call it."""
        task = _Task(_Promise(self.time), lambda: fn(*args, **kwargs))
        with self.lock:
            self.waiting.append(task)
            self.unfinished.add(task.promise)
            if self.threads < self.most:
                self.threads += 1
                self.time.begin()
                threading.Thread(target=self._work, daemon=True).start()
        return task.promise

    def _work(self) -> None:
        while True:
            with self.lock:
                if not self.waiting:
                    self.threads -= 1
                    break
                task = self.waiting.popleft()
            task.run(self.time)
            with self.lock:
                self.unfinished.discard(task.promise)
        self.time.end()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as it is called
        """Wait until all is done."""
        with self.lock:
            unfinished = list(self.unfinished)
            if cancel_futures:
                unfinished = [promise for promise in unfinished if not promise.cancel()]
        if wait:
            for promise in unfinished:
                self.time.await_(promise)
