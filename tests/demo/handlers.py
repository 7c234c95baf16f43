"""Small handlers that a sandbox can load by name."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Any


def echo(event: Any, context: Any) -> Any:
    print("this is a log line, not an answer")  # noqa: T201 - handlers do
    return {"event": event, "function": context.function_name, "pid": os.getpid()}


def picky(event: Any, _context: Any) -> Any:
    raise ValueError(f"not this: {event}")


def slow(event: Any, _context: Any) -> Any:
    time.sleep(event)
    return "awake"


def clocks(_event: Any, _context: Any) -> Any:
    return [datetime.now(UTC).timestamp(), time.time(), isinstance(datetime(2026, 1, 1, tzinfo=UTC), datetime)]


def environment(event: str, _context: Any) -> Any:
    return os.environ.get(event)
