"""The sandboxes of one function: as many processes as there are invocations at once, each kept warm for the next."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STOPPED_WITHIN = 3.0


class HandlerFailed(Exception):
    """The handler raised; the words are Lambda's JSON of it."""


class SandboxDied(Exception):
    """The process ended in the middle of an invocation, or before its first."""


class Sandboxes:
    """Invoke one handler as Lambda does. Safe to use from several threads.

    `environ` is the whole environment of the processes; what they log is appended to `log`.
    """

    def __init__(self, handler: str, environ: Mapping[str, str], log: Path) -> None:
        self._handler = handler
        self._environ = dict(environ)
        self._log = log
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._closed = False
        self._lock = threading.Lock()

    @property
    def busy(self) -> int:
        """How many invocations run at this moment."""
        with self._lock:
            return len(self._busy)

    def warm(self) -> None:
        """Have one process ready before it is needed. Raises SandboxDied where the handler cannot be loaded."""
        process = self._take()
        process.wait_until_ready()
        self._put_back(process)

    def invoke(self, event: Any) -> Any:
        """Hand an event to a handler. Raises HandlerFailed and SandboxDied."""
        process = self._take()
        try:
            answer = process.ask(event)
        except BaseException:
            self._drop(process)
            raise
        self._put_back(process)
        if "error" in answer:
            raise HandlerFailed(json.dumps(answer["error"]))
        return answer["value"]

    def deploy(self, changed: Mapping[str, str]) -> None:
        """Change the environment: what runs now goes on as it is, what is invoked next is new."""
        with self._lock:
            if changed.items() <= self._environ.items():
                return
            self._environ |= changed
            idle, self._idle = self._idle, []
        for process in idle:
            process.stop()

    def kill(self) -> int:
        """Kill every process that is in the middle of something. Returns how many."""
        with self._lock:
            busy = list(self._busy)
        for process in busy:
            process.stop()
        return len(busy)

    def close(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._closed = True
            everyone = [*self._idle, *self._busy]
            self._idle = []
        for process in everyone:
            process.stop()

    def _take(self) -> _Process:
        with self._lock:
            if self._closed:
                raise SandboxDied("the function is gone")
            process = self._idle.pop() if self._idle else _Process(self._handler, self._environ, self._log)
            self._busy.add(process)
            return process

    def _put_back(self, process: _Process) -> None:
        with self._lock:
            self._busy.discard(process)
            current = not self._closed and process.environ == self._environ
            if current:
                self._idle.append(process)
        if not current:
            process.stop()

    def _drop(self, process: _Process) -> None:
        with self._lock:
            self._busy.discard(process)
        process.stop()


class _Process:
    def __init__(self, handler: str, environ: Mapping[str, str], log: Path) -> None:
        self.environ = dict(environ)
        self._is_ready = False
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [sys.executable, "-m", "fakes.sandbox", handler],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )

    def wait_until_ready(self) -> None:
        if not self._is_ready:
            self._listen()
            self._is_ready = True

    def ask(self, event: Any) -> dict[str, Any]:
        self.wait_until_ready()
        assert self._popen.stdin is not None  # noqa: S101 - it was opened as a pipe
        try:
            self._popen.stdin.write(json.dumps(event) + "\n")
            self._popen.stdin.flush()
        except OSError as error:
            raise SandboxDied("the process ended") from error
        return self._listen()

    def stop(self) -> None:
        self._popen.kill()
        self._popen.wait(STOPPED_WITHIN)
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was still in the pipe has no reader any more
                    pipe.close()

    def _listen(self) -> dict[str, Any]:
        assert self._popen.stdout is not None  # noqa: S101 - it was opened as a pipe
        line = self._popen.stdout.readline()
        if not line.endswith("\n"):
            raise SandboxDied(f"the process ended with {self._popen.poll()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
