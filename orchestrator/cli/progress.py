"""Say how far a scan is, on standard error: one line that changes on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from orchestrator.aws.quota import CallCount

REDRAW_SECONDS = 0.1
"""A line on a terminal changes no more often."""
LINE_SECONDS = 10.0
"""Where lines stay, one of the same step comes no more often."""

_STEPS = {1: "listing versions", 2: "aliases, traffic and other references", 3: "state and policies", 4: "report"}
_HOW_FAR: dict[int, Callable[[int, int], str]] = {
    1: lambda listed, found: f"{listed:,} listed, {found:,} with SnapStart",
    2: lambda done, total: f"{done:,} of {total:,} versions",
    3: lambda asked, _: f"{asked:,} versions",
}


class Progress:
    """One scan's progress. Called from any thread; `stream` None says nothing."""

    def __init__(self, stream: TextIO | None, *, live: bool, width: int, stopwatch: Callable[[], float]) -> None:
        self._stream = stream
        self._stopwatch = stopwatch
        self._lock = threading.RLock()
        self._step = 0
        self._words = ""
        self._calls = 0
        self._said_at = self._busy_at = float("-inf")
        self._line: Live | None = None
        if live and stream is not None:
            console = Console(file=stream, width=width, force_terminal=True, highlight=False, legacy_windows=False)
            self._line = Live(console=console, transient=True, auto_refresh=False)

    def say(self, step: int, done: int, total: int) -> None:
        """Say that a step, from 1 to 4, is this far."""
        with self._lock:
            entered = step != self._step
            self._step = step
            how_far = f" · {_HOW_FAR[step](done, total)}" if done else ""
            busy = " · AWS is busy" if self._stopwatch() - self._busy_at < LINE_SECONDS else ""
            self._words = f"Step {step} of {len(_STEPS)}: {_STEPS[step]}{how_far}{busy}"
            if self._line is not None:
                self._redraw(self._line, at_once=entered)
            elif entered or self._stopwatch() - self._said_at >= LINE_SECONDS:
                self._write(f"{self._words}\n")

    def count_call(self) -> None:
        """Show that another call was sent, so that a long step is seen to be alive."""
        with self._lock:
            self._calls += 1
            if self._line is not None and self._step:
                self._redraw(self._line, at_once=False)

    def note_busy(self) -> None:
        """Show for a while that AWS puts calls off, so that nobody takes a slow scan for a stuck one."""
        with self._lock:
            self._busy_at = self._stopwatch()

    def clear(self) -> None:
        """Take the changing line away, so that something else can be written."""
        with self._lock:
            if self._line is not None:
                self._line.stop()
            self._step = 0

    def _redraw(self, line: Live, *, at_once: bool) -> None:
        if not at_once and self._stopwatch() - self._said_at < REDRAW_SECONDS:
            return
        self._said_at = self._stopwatch()
        calls = f" · {self._calls:,} calls" if self._calls else ""
        line.start()
        line.update(Text(f"{self._words}{calls}", overflow="crop", no_wrap=True), refresh=True)

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._said_at = self._stopwatch()
            self._stream.write(text)
            self._stream.flush()


class WatchedCalls(CallCount):
    """Count calls, and tell the progress of each."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def add(self, quota: str) -> None:
        """Count one call."""
        super().add(quota)
        self._progress.count_call()

    def note_throttled(self) -> None:
        """Count one call that AWS put off."""
        super().note_throttled()
        self._progress.note_busy()
