"""The orchestrator as it ships, for an account without quotas: what it waits for, to keep within them, is over at once.

python -m fakes.sandbox demo.at_once.handler
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import boto3

from demo.jumps import Jumps
from orchestrator.app import Dependencies, build


def __getattr__(name: str) -> Any:
    """Build the handler when a sandbox looks it up."""
    if name != "handler":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    time = Jumps()
    built = build(
        os.environ,
        Dependencies(session=boto3.Session(), clock=lambda: datetime.now(UTC), sleep=time.passes, stopwatch=time.now),
    )
    globals()["handler"] = built
    return built
