"""The durable engine: the testing SDK's, with its store on disk, taking up after a restart what was open before.

It runs handlers by invoking them at an AWS endpoint, as the service does, so it knows nothing of what it runs.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from aws_durable_execution_sdk_python.lambda_service import (
    CallbackOptions,
    Operation,
    OperationAction,
    OperationStatus,
    OperationType,
)
from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.exceptions import AwsApiException
from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.invoker import LambdaInvoker
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput
from aws_durable_execution_sdk_python_testing.token import CallbackToken
from aws_durable_execution_sdk_python_testing.web import handlers, routes
from aws_durable_execution_sdk_python_testing.web.models import HTTPRequest, HTTPResponse
from aws_durable_execution_sdk_python_testing.worker.lane import SerialTaskLane
from aws_durable_execution_sdk_python_testing.worker.registry import ExecutionRegistry

from fakes.aws.wire import Answer
from fakes.executions import Executions
from fakes.timers import Timers

INVOCATION_TIMEOUT_SECONDS = 900
SOON = 1
A_DAY = timedelta(days=1)
HANDLERS: Mapping[type[routes.Route], Callable[[Executor], handlers.EndpointHandler]] = {
    routes.CheckpointDurableExecutionRoute: handlers.CheckpointDurableExecutionHandler,
    routes.GetDurableExecutionStateRoute: handlers.GetDurableExecutionStateHandler,
    routes.GetDurableExecutionRoute: handlers.GetDurableExecutionHandler,
    routes.StopDurableExecutionRoute: handlers.StopDurableExecutionHandler,
    routes.CallbackSuccessRoute: handlers.SendDurableExecutionCallbackSuccessHandler,
}
"""The service's calls that the two functions make."""


def utc_now() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


class NameTaken(Exception):
    """An execution of that name was started with another event."""


class Engine:
    """Durable executions of one account.

    `endpoint` is where handlers are invoked. `start` also takes up every execution that a stop interrupted. `now` is
    what its clock says; where that has jumped, `time_passed` is to be told. An execution waits `longest_wait` seconds
    at most for what comes within a day. `watcher` is told whenever one has moved on.
    """

    def __init__(
        self,
        folder: Path,
        *,
        endpoint: str,
        account_id: str,
        region: str,
        now: Callable[[], datetime] = utc_now,
        longest_wait: float = math.inf,
        watcher: Callable[[], object] = lambda: None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._account_id = account_id
        self._clock = _Clock(now, longest_wait)
        self._store = Executions(folder, watcher)
        self._scheduler = Timers()
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
        self._router = routes.Router()
        self._handlers = {route: handler(self._executor) for route, handler in HANDLERS.items()}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Go on with what was open when the engine was last stopped."""
        self._scheduler.start()  # type: ignore[no-untyped-call]
        for execution in self.executions():
            if not execution.is_complete:
                self._take_up(execution)

    def stop(self) -> None:
        """Stop at once. What runs is interrupted, and taken up by the next start."""
        with self._lock:
            self._executor.shutdown()
        for lane in self._lanes():
            lane._thread.join()  # noqa: SLF001
        self._scheduler.stop()

    def _lanes(self) -> list[SerialTaskLane]:
        """Stop the lanes, which the SDK lets go on, and return them all; no other is made meanwhile, nor after."""
        registry = self._registry
        with registry._lock:  # noqa: SLF001
            registry._shut_down = True  # noqa: SLF001
            lanes = [worker._lane for worker in registry._workers.values()]  # noqa: SLF001
        registry.shutdown()
        return lanes

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
        try:
            route = self._router.find_route(path, method)
            asked = HTTPRequest(method, route, dict(headers), parse_qs(query), body)
            response: HTTPResponse = self._handlers[type(route)].handle(route, asked)
        except AwsApiException as error:
            response = HTTPResponse.create_error_from_exception(error)
        return response.status_code, response.headers, response.body_to_bytes() if response.body else b""

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
    """What the engine's timers go by: a clock, and beyond it what was left out of short waits."""

    def __init__(self, now: Callable[[], datetime], longest_wait: float) -> None:
        self._now = now
        self._longest_wait = longest_wait
        self._left_out = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now() + self._left_out

    def arm(self, wake: datetime) -> float:
        """The real seconds until a moment of this clock."""
        with self._lock:
            gap = wake - self.now()
            if gap < A_DAY and gap.total_seconds() > self._longest_wait:
                self._left_out += gap - timedelta(seconds=self._longest_wait)
            return max((wake - self.now()).total_seconds(), 0.0)


def _started_at(execution: Execution) -> datetime:
    started: datetime | None = execution.get_operation_execution_started().start_timestamp
    return started or datetime.min.replace(tzinfo=UTC)
