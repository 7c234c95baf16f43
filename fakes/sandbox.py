"""One Lambda sandbox: a process of its own that holds a handler and answers one event after another.

python -m fakes.sandbox orchestrator.app.handler
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
import traceback
import uuid
from dataclasses import dataclass, field
from typing import Any

from fakes.clock_ahead import AHEAD_SECONDS, set_ahead

TIMEOUT_SECONDS = 900


@dataclass
class LambdaContext:
    """What Lambda tells a handler about its invocation."""

    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_name: str = field(default_factory=lambda: os.environ["AWS_LAMBDA_FUNCTION_NAME"])
    function_version: str = "1"
    invoked_function_arn: str = ""
    memory_limit_in_mb: str = "1024"
    log_group_name: str | None = None
    log_stream_name: str | None = None
    tenant_id: str | None = None
    client_context: Any = None
    identity: Any = None
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would stop the invocation."""
        return int((TIMEOUT_SECONDS - (time.monotonic() - self.started)) * 1000)

    def log(self, message: object) -> None:
        """Write to the log, as Lambda's own context does."""
        sys.stderr.write(f"{message}\n")


def serve(named: str) -> None:
    """Load a handler and answer events from standard input, each a line of JSON, on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear: it ends our input
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever is printed is a log line

    def tell(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    set_ahead(float(os.environ.get(AHEAD_SECONDS) or 0))
    module, _, name = named.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    tell({"ready": True})
    for line in sys.stdin:
        try:
            answer = {"value": handler(json.loads(line), LambdaContext())}
        except Exception as error:  # noqa: BLE001 - as Lambda does: told to the caller, whatever it is
            traceback.print_exc()
            answer = {"error": {"errorType": type(error).__name__, "errorMessage": str(error)}}
        sys.stdout.flush()
        tell(answer)


if __name__ == "__main__":
    serve(sys.argv[1])
