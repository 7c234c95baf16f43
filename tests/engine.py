"""The durable engine as the harness runs it: who watches what it writes down, its time, and AWS's words for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aws_durable_execution_sdk_python import state as engine_state
from aws_durable_execution_sdk_python.lambda_service import OperationUpdate
from aws_durable_execution_sdk_python_testing.clock import SkipClock
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from aws_durable_execution_sdk_python_testing.worker.status import InvocationState

Answer = tuple[int, dict[str, str], bytes]

engine_state._STOP_SIGNAL_POLL_SECONDS = 0.005  # a tenth of a second at the end of every invocation adds up


class Watched:
    """The engine's own client, and somebody who is told of everything it wrote down, before the process is."""

    def __init__(self, client: Any, tell: Callable[[str, list[OperationUpdate]], None]) -> None:
        self._client = client
        self._tell = tell

    def checkpoint(
        self,
        durable_execution_arn: str,
        checkpoint_token: str,
        updates: list[OperationUpdate],
        client_token: str | None,
    ) -> Any:
        written = self._client.checkpoint(durable_execution_arn, checkpoint_token, updates, client_token)
        self._tell(durable_execution_arn, updates)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class PatientClock(SkipClock):
    """The engine's time: short waits are over at once, those of days are waited for until a test lets them be over."""

    LONG = timedelta(hours=12)
    FOR_OTHERS = timedelta(seconds=4)
    """Who waits so long waits for somebody else, who is given a moment."""

    def arm(self, wake: datetime) -> float:
        gap = wake - self.now()
        if gap > self.LONG:
            return gap.total_seconds()
        return super().arm(wake) + (0.1 if gap > self.FOR_OTHERS else 0)

    def reaches(self, wake: datetime) -> None:
        super().arm(wake)


def at_rest(executor: Any, arn: str) -> None:
    """Wait until nothing of a run is at work: an answer before that may be overlooked, but people are not so quick."""
    deadline = time.monotonic() + 20
    while executor._invocation_gate(arn) is InvocationState.INVOKING and time.monotonic() < deadline:
        time.sleep(0.001)


def described(executor: Any, arn: str, function_arn: str) -> Answer:
    """Answer GetDurableExecution as AWS does."""
    try:
        details = executor.get_execution_details(arn)
    except ResourceNotFoundException:
        return refusal(404, "ResourceNotFoundException", "The execution does not exist")
    execution = {
        "DurableExecutionArn": arn,
        "DurableExecutionName": "run",
        "FunctionArn": function_arn,
        "StartTimestamp": time.time(),
        "Status": details.status,
        "Result": details.result,
        "Error": {"ErrorMessage": details.error.message} if details.error else None,
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(execution).encode()


def refusal(status: int, code: str, words: str) -> Answer:
    """Refuse as AWS does."""
    return (
        status,
        {"Content-Type": "application/json", "X-Amzn-ErrorType": code},
        json.dumps({"Type": "User", "message": words}).encode(),
    )
