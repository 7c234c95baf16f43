"""Scan a served account in a process of its own, by the handler that ships, and say what that took.

python -m benchmark.scanner < what-to-do.json: waits take no time (see `virtual_time`), work takes its own.
"""

from __future__ import annotations

import functools
import json
import resource
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aws_durable_execution_sdk_python.lambda_service import OperationStatus, OperationType
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestRunner

from benchmark import latency
from benchmark.account import BUCKET, NOW_HEADER, REGION
from benchmark.relay import relayed
from benchmark.virtual_time import VirtualTime
from fakes.slack import team
from orchestrator import app
from orchestrator.aws.sessions import open_session

A_LONG_WAIT = timedelta(hours=1)
"""The engine skips waits shorter than this, such as those between slices; the one for a person is left open."""
GIVE_UP_AFTER = 1200
HOW_OFTEN_TO_LOOK = 0.02
ASKED = "approval submitter"
"""The operation that has succeeded once a person is asked."""
STORED = frozenset({"s3"})
STATUS = Path("/proc/self/status")
"""Where Linux tells a process about itself; elsewhere getrusage has to do."""


class MeteredSession:
    """Hands out real clients whose every call takes AWS's time, on a virtual clock, and is written down."""

    def __init__(self, endpoint: str, clock: VirtualTime) -> None:
        self._session = _session()
        self._endpoint = endpoint
        self._clock = clock
        self.log: list[tuple[float, str]] = []
        """When each call was sent, and its operation."""
        self.stored: list[tuple[float, str, str]] = []
        """The same of what is stored and read, with its path."""

    def client(self, service: str, **given: Any) -> Any:
        """Return a client, as boto3's session does."""
        made = self._session.client(service, endpoint_url=self._endpoint, **given)

        def take_its_time(request: Any, event_name: str, **_: Any) -> None:
            operation = event_name.rpartition(".")[2]
            if service in STORED:
                self.stored.append((self._clock.seconds(), operation, urlsplit(request.url).path))
            else:
                self.log.append((self._clock.seconds(), operation))
            self._clock.sleep(latency.of(operation))
            request.headers[NOW_HEADER] = f"{self._clock.seconds():.6f}"

        made.meta.events.register("before-send", take_its_time)
        return made


@functools.cache
def _session() -> Any:
    """One for all scans of a process: it reads the services' models once."""
    return open_session(aws_access_key_id="AKIALOCALLOCALLOCAL", aws_secret_access_key="local", region_name=REGION)


class Invocations:
    """The handler, as Lambda invokes it, and how long each invocation took."""

    def __init__(self, handler: app.Handler, clock: VirtualTime) -> None:
        self._handler = handler
        self._clock = clock
        self.seconds: list[float] = []
        """Waiting and working, one invocation after the other."""
        self.idle = threading.Event()

    def __call__(self, event: Any, context: Any) -> Any:
        """Invoke it once."""
        self.idle.clear()
        before = self._clock.seconds()
        try:
            return self._handler(event, context)
        finally:
            self.seconds.append(self._clock.seconds() - before)
            self.idle.set()


def scan(told: dict[str, Any]) -> dict[str, Any]:
    """Scan until a person is asked."""
    clock = VirtualTime(datetime.fromtimestamp(told["start"], UTC))
    with relayed(told["slack_api_url"], clock) as slack_api_url:
        return _scan(told["endpoint"], slack_api_url, clock, told["settings"])


def _scan(endpoint: str, slack_api_url: str, clock: VirtualTime, settings: Mapping[str, str]) -> dict[str, Any]:
    session = MeteredSession(endpoint, clock)
    environ = {
        "AWS_REGION": REGION,
        "SLACK_BOT_TOKEN": team.BOT_TOKEN,
        "SLACK_API_URL": slack_api_url,
        "SLACK_CHANNEL_ID": team.REVIEW,
        "REPORT_BUCKET": BUCKET,
        "TARGET_REGIONS": REGION,
        "APPROVERS": team.ONCALL,
        **settings,
    }
    outside = app.Dependencies(
        session=session, clock=clock.now, sleep=clock.sleep, stopwatch=clock.seconds, workers=clock.workers
    )
    invocations = Invocations(app.build(environ, outside), clock)
    runner = DurableFunctionTestRunner(invocations, poll_interval=0.02)
    _hold_long_waits(runner)
    idle_kib = _peak_kib()
    worked = time.process_time()
    try:
        arn = runner.run_async(
            input=json.dumps({"requested_by": team.ASKER}),
            execution_timeout=40_000_000,
            function_name="orchestrator",
        )
        _until_asked_or_over(runner, arn)
        invocations.idle.wait(GIVE_UP_AFTER)
        stored = runner._store.load(arn)  # noqa: SLF001 - the engine shows no payloads otherwise
    finally:
        runner.close()  # type: ignore[no-untyped-call]
        runner._scheduler._loop.close()  # noqa: SLF001 - the engine leaves it open
    operations = stored.operations
    return {
        "execution": arn.split("/", 1)[0],
        "seconds": _asked_at(session.stored) or clock.seconds(),
        "worked_seconds": time.process_time() - worked,
        "invocation_seconds": invocations.seconds,
        "idle_kib": idle_kib,
        "peak_kib": _peak_kib(),
        "operations": len(operations),
        "pauses": sum(operation.operation_type is OperationType.WAIT for operation in operations),
        "checkpoints": len(stored.updates),
        "largest_checkpoint_bytes": max(len((update.payload or "").encode()) for update in stored.updates),
        "report_seconds": _report_seconds(session.stored),
        "log": session.log,
    }


def _until_asked_or_over(runner: DurableFunctionTestRunner, arn: str) -> None:
    """Wait until the run waits for a person, or has ended because there is nothing to ask."""
    executor, give_up = runner._executor, time.monotonic() + GIVE_UP_AFTER  # noqa: SLF001 - nothing else tells both
    while not executor.get_execution(arn).is_complete and time.monotonic() < give_up:
        operations = runner._store.load(arn).operations  # noqa: SLF001
        if any(one.name == ASKED and one.status is OperationStatus.SUCCEEDED for one in operations):
            return
        time.sleep(HOW_OFTEN_TO_LOOK)


def _asked_at(stored: list[tuple[float, str, str]]) -> float | None:
    """When the question stood in Slack: that is written down next; None where nothing was asked."""
    page = next((moment for moment, operation, path in stored if operation == "PutObject" and "/page-1." in path), None)
    after = (moment for moment, operation, path in stored if operation == "PutObject" and path.endswith("/run.json"))
    return None if page is None else next((moment for moment in after if moment > page), None)


def _report_seconds(stored: list[tuple[float, str, str]]) -> float:
    """From the last look at what was found of the region to the offer that the report ends with."""
    began = max(moment for moment, operation, path in stored if operation == "GetObject" and "/region.json" in path)
    return (
        next(moment for moment, operation, path in stored if operation == "PutObject" and "/offer.json" in path) - began
    )


def _hold_long_waits(runner: DurableFunctionTestRunner) -> None:
    clock = runner._clock  # noqa: SLF001 - the engine skips all waits or none
    skip = clock.arm

    def arm(wake: datetime) -> float:
        gap = wake - clock.now()
        return float(gap.total_seconds()) if gap > A_LONG_WAIT else float(skip(wake))

    clock.arm = arm  # type: ignore[method-assign]


def _peak_kib() -> int:
    """The most memory this process ever had; what its parent had before the fork is not its own."""
    if STATUS.exists():
        return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


if __name__ == "__main__":
    print(json.dumps(scan(json.load(sys.stdin))))
