"""`python -m orchestrator`: look at a region from a terminal."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from orchestrator.cli.main import main

NOBODY_READS = 128 + signal.SIGPIPE


def _leave(number: int, _: FrameType | None) -> None:
    """End as the signal would, but clear up on the way."""
    sys.exit(128 + number)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End when the calls on their way are answered; the second time, at once."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    raise KeyboardInterrupt


def run() -> int:
    """Run the command on this process's own arguments and streams, and return its exit code."""
    signal.signal(signal.SIGINT, _interrupt)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a terminal of few letters is no reason to fail
    try:
        return main(sys.argv[1:], os.environ, sys.stdout, sys.stderr)
    except BrokenPipeError:
        # What is still buffered for the reader who left goes nowhere, and Python's last flush stays quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS


if __name__ == "__main__":
    sys.exit(run())
