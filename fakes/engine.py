"""The durable engine: the testing SDK's, with its store on disk, taking up after a restart what was open before.

It runs handlers by invoking them at an AWS endpoint, as the service does, so it knows nothing of what it runs.
"""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python.lambda_service import (
    CallbackOptions,
    Operation,
    OperationAction,
    OperationStatus,
    OperationType,
)
from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.invoker import LambdaInvoker
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput
from aws_durable_execution_sdk_python_testing.scheduler import Scheduler
from aws_durable_execution_sdk_python_testing.stores.sqlite import SQLiteExecutionStore
from aws_durable_execution_sdk_python_testing.token import CallbackToken
from aws_durable_execution_sdk_python_testing.web.server import WebServer, WebServiceConfig
from aws_durable_execution_sdk_python_testing.worker.registry import ExecutionRegistry

from fakes.aws.wire import Answer

INVOCATION_TIMEOUT_SECONDS = 900
HOW_OFTEN_TO_LOOK_FOR_THE_END = 0.05
SOON = 1


def utc_now() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


class NameTaken(Exception):
    """An execution of that name was started with another event."""


class Engine:
    """Durable executions of one account.

    `endpoint` is where handlers are invoked. `start` also takes up every execution that a stop interrupted. `now` is
    what its clock says; where that has jumped, `time_passed` is to be told.
    """

    def __init__(
        self, folder: Path, *, endpoint: str, account_id: str, region: str, now: Callable[[], datetime] = utc_now
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._account_id = account_id
        self._clock = _Clock(now)
        self._store = SQLiteExecutionStore.create_and_initialize(folder / "executions.db")
        self._scheduler = Scheduler()
        self._registry = ExecutionRegistry(self._store, self._scheduler)
        checkpoints = CheckpointProcessor(self._store, self._scheduler, clock=self._clock)
        self._executor = Executor(
            store=self._store,
            scheduler=self._scheduler,
            invoker=LambdaInvoker.create(endpoint, region, read_timeout_seconds=INVOCATION_TIMEOUT_SECONDS),
            checkpoint_processor=checkpoints,
            invocation_timeout_seconds=INVOCATION_TIMEOUT_SECONDS,
            registry=self._registry,
            region=region,
            clock=self._clock,
        )
        checkpoints.add_execution_observer(self._executor)
        self._server = WebServer(WebServiceConfig(host="127.0.0.1", port=0, log_level=logging.WARNING), self._executor)
        self._port = self._server.server_address[1]
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to serve, and go on with what was open when the engine was last stopped."""
        self._scheduler.start()  # type: ignore[no-untyped-call]
        threading.Thread(
            target=self._server.serve_forever, args=(HOW_OFTEN_TO_LOOK_FOR_THE_END,), daemon=True, name="engine"
        ).start()
        for execution in self.executions():
            if not execution.is_complete:
                self._take_up(execution)

    def stop(self) -> None:
        """Stop at once. What runs is interrupted, and taken up by the next start."""
        self._server.shutdown()
        self._server.server_close()
        self._executor.shutdown()
        self._registry.shutdown()
        self._scheduler.stop()  # type: ignore[no-untyped-call]
        self._scheduler._loop.close()  # noqa: SLF001 - the testing SDK leaves it open

    def time_passed(self) -> None:
        """Let every wait and every question that is due by now end, after the clock has jumped."""
        for execution in self.executions():
            if not execution.is_complete:
                self._arm_callbacks(execution)
                self._executor._schedule_earliest_pending(execution.durable_execution_arn)  # noqa: SLF001

    def start_execution(self, function: str, qualifier: str, name: str, event: bytes, *, timeout_seconds: int) -> str:
        """Start an execution and return its ARN. The same name with the same event starts nothing twice.

        Raises NameTaken when the name was used with another event.
        """
        with self._lock:
            known = next((e for e in self.executions() if e.start_input.execution_name == name), None)
            if known is not None and known.start_input.input == event.decode():
                return str(known.durable_execution_arn)
            if known is not None:
                raise NameTaken(name)
            started = self._executor.start_execution(
                StartDurableExecutionInput(
                    account_id=self._account_id,
                    function_name=function,
                    function_qualifier=qualifier,
                    execution_name=name,
                    execution_timeout_seconds=timeout_seconds,
                    execution_retention_period_days=30,
                    input=event.decode(),
                )
            )
        return str(started.execution_arn)

    def answer(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one of the service's own calls, as its web server does."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        try:
            passed_on = {name: value for name, value in headers.items() if name.lower() not in {"host", "connection"}}
            connection.request(method, f"{path}?{query}" if query else path, body, passed_on)
            response = connection.getresponse()
            answered = {name: value for name, value in response.getheaders() if name.lower() == "content-type"}
            return response.status, answered, response.read()
        finally:
            connection.close()

    def executions(self) -> list[Execution]:
        """Every execution, oldest first."""
        found: list[Execution] = self._store.list_all()
        return sorted(found, key=_started_at)

    def history(self, arn: str) -> list[dict[str, Any]]:
        """The events of an execution with their results, as GetDurableExecutionHistory tells them."""
        told: dict[str, Any] = self._executor.get_execution_history(arn, include_execution_data=True).to_dict()
        return list(told["Events"])

    def _take_up(self, execution: Execution) -> None:
        """Invoke an interrupted execution again, and let its open callbacks expire when they would have."""
        self._arm_callbacks(execution)
        execution.pause()
        execution.defer_invocation()
        self._store.save(execution)
        self._executor.resume_execution(execution.durable_execution_arn)

    def _arm_callbacks(self, execution: Execution) -> None:
        for operation in execution.operations:
            if operation.operation_type is OperationType.CALLBACK and operation.status is OperationStatus.STARTED:
                self._arm(execution, operation)

    def _arm(self, execution: Execution, operation: Operation) -> None:
        options = next(
            update.callback_options
            for update in execution.updates
            if update.operation_id == operation.operation_id and update.action is OperationAction.START
        )
        if options is None or operation.callback_details is None or operation.start_timestamp is None:
            return
        waited = (self._clock.now() - operation.start_timestamp).total_seconds()
        self._executor._cleanup_callback_timeouts(operation.callback_details.callback_id)  # noqa: SLF001
        self._executor.on_callback_created(
            execution.durable_execution_arn,
            operation.operation_id,
            CallbackOptions(timeout_seconds=max(SOON, int(options.timeout_seconds - waited))),
            CallbackToken.from_str(operation.callback_details.callback_id),
        )


class _Clock:
    """What the engine's timers go by."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now

    def arm(self, wake: datetime) -> float:
        """The real seconds until a moment of this clock."""
        return max((wake - self.now()).total_seconds(), 0.0)


def _started_at(execution: Execution) -> datetime:
    started: datetime | None = execution.get_operation_execution_started().start_timestamp
    return started or datetime.min.replace(tzinfo=UTC)
