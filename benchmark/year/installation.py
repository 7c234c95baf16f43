"""The product as it ships, installed in an account and a workspace of this process, on the year's clock."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote

from aws_durable_execution_sdk_python import state
from aws_durable_execution_sdk_python.lambda_service import OperationStatus
from aws_durable_execution_sdk_python_testing.clock import SkipClock
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestRunner

from benchmark.year.clock import Clock
from bot import app as bot
from fakes.aws import Cloud
from fakes.aws.wire import Answer
from fakes.slack import LocalSlack, Message, Person, team
from orchestrator import app as orchestrator
from orchestrator.domain.runs import execution_id

T = TypeVar("T")

BUCKET = "reports"
REGION = "us-west-2"
A_LONG_WAIT = timedelta(hours=12)
"""The engine skips shorter waits; longer ones are over when the year's clock has come so far."""
GIVE_UP_AFTER = 60
HOW_OFTEN_TO_LOOK = 0.004
JSON_TYPE = {"Content-Type": "application/json"}


class Installation:
    """Both handlers, the engine that runs them, and what there is to see of a run."""

    def __init__(self, cloud: Cloud, slack: LocalSlack, clock: Clock, settings: Mapping[str, str]) -> None:
        self.cloud, self.slack, self.clock = cloud, slack, clock
        self._environ = {
            "AWS_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": "cleaner-orchestrator",
            "SLACK_BOT_TOKEN": team.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": team.SIGNING_SECRET,
            "SLACK_API_URL": slack.api_url,
            "SLACK_CHANNEL_ID": team.REVIEW,
            "REPORT_BUCKET": BUCKET,
            "ORCHESTRATOR_ARN": f"arn:aws:lambda:{REGION}:{cloud.account_id}:function:cleaner-orchestrator:live",
            "TARGET_REGIONS": REGION,
            "DELETE_DRY_RUN": "false",
            "DELETABLE_PREFIX": "*",
            "APPROVERS": team.ONCALL,
            "BILL_CHECK": "on",
            **settings,
        }
        cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        cloud.durable = self._durable
        self._handler = orchestrator.build(
            self._environ, orchestrator.Dependencies(session=cloud.session(), clock=clock, sleep=lambda _: None)
        )
        self._runner = DurableFunctionTestRunner(self._invoke, poll_interval=0.01, skip_time=True)
        self._runner._clock.__class__ = _PatientClock
        self._bot = bot.build(self._environ, client=cloud.client, clock=clock.seconds)

    def close(self) -> None:
        """Let the engine end."""
        self._runner.close()  # type: ignore[no-untyped-call]
        self._runner._scheduler._loop.close()  # the engine leaves it open

    # What is started and answered

    def start(self, request: Mapping[str, Any]) -> str:
        """Start a run as the schedule does, and return its ARN."""
        arn: str = self._runner.run_async(
            input=json.dumps(request), execution_timeout=40_000_000, function_name="orchestrator"
        )
        return arn

    def is_asked(self, arn: str, page: int = 1) -> bool:
        """Wait until a page of the run waits for a person, or the run is over: whether it waits."""
        asking = f"{'approval' if page == 1 else f'approval-{page}'} submitter"

        def asked_or_over() -> bool | None:
            if self._runner._executor.get_execution(arn).is_complete:
                return False
            operations = self._runner._store.load(arn).operations
            waits = any(one.name == asking and one.status is OperationStatus.SUCCEEDED for one in operations)
            return True if waits else None

        return _eventually(asked_or_over)

    def approver(self) -> Person:
        """An approver in front of Slack."""
        return Person(
            self.slack.workspace,
            team.APPROVER,
            self._bot.handler,
            signing_secret=team.SIGNING_SECRET,
            app_id=team.APP,
            team_id=team.TEAM,
            clock=self.clock.seconds,
        )

    def remind(self, arn: str) -> None:
        """The moment has come at which the open question is recalled."""
        executor: Any = self._runner._executor
        engine_clock: Any = self._runner._clock
        wake = _eventually(lambda: executor._earliest_pending_timestamp(self._runner._store.load(arn)))
        before = len(self.slack.calls_of("chat.postMessage"))
        engine_clock.reaches(wake)
        self._runner._scheduler.call_later(executor._fire_due_and_invoke_handler(arn), delay=0)
        _eventually(lambda: len(self.slack.calls_of("chat.postMessage")) > before or None)

    def expires_at(self, arn: str, page: int = 1) -> datetime:
        """When the open page's time is over."""
        return datetime.fromtimestamp(self._page(arn, page)["expires_at"], UTC)

    def expire(self, arn: str, page: int = 1) -> None:
        """The time of the open page is over."""
        self._runner._executor._on_callback_timeout(arn, self._page(arn, page)["callback_id"])
        self.end_of(arn)

    def end_of(self, arn: str) -> dict[str, Any] | None:
        """Wait for the run's end, and return its result; None where it failed."""
        executor = self._runner._executor
        _eventually(lambda: executor.get_execution(arn).is_complete or None)
        result = executor.get_execution_details(arn).result
        return json.loads(result) if result else None

    @property
    def root(self) -> Message:
        """The newest message of the channel."""
        return self.roots[-1]

    @property
    def roots(self) -> list[Message]:
        """All messages of the channel itself."""
        return self.slack.workspace.roots(team.REVIEW)

    def replies(self) -> list[Message]:
        """All replies in the channel's threads."""
        return [one for one in self.slack.workspace.messages(team.REVIEW) if one.thread_ts not in {None, one.ts}]

    def _page(self, arn: str, page: int) -> dict[str, Any]:
        stored = self.cloud.storage.read(BUCKET, f"pending/{execution_id(arn)}/page-{page}.json")
        record: dict[str, Any] = json.loads(stored or b"{}")
        return record

    # The engine

    def _invoke(self, event: Any, context: Any) -> Any:
        return self._handler(event, context)

    def _durable(self, method: str, path: str, _query: str, _headers: Mapping[str, str], body: bytes) -> Answer | None:
        answered = re.fullmatch(r"/2025-12-01/durable-execution-callbacks/(.+)/succeed", path)
        if answered:
            try:
                self._runner.send_callback_success(unquote(answered[1]), body)
            except ResourceNotFoundException:
                refusal = {"Type": "User", "message": "The callback has expired or is already closed"}
                return 400, {**JSON_TYPE, "X-Amzn-ErrorType": "CallbackTimeoutException"}, json.dumps(refusal).encode()
            return 200, {}, b"{}"
        asked = re.fullmatch(r"/2025-12-01/durable-executions/(.+)", path)
        if asked and method == "GET":
            return self._describe(unquote(asked[1]))
        return None

    def _describe(self, arn: str) -> Answer:
        details = self._runner._executor.get_execution_details(arn)
        described = {"DurableExecutionArn": arn, "Status": details.status, "Result": details.result}
        return 200, JSON_TYPE, json.dumps(described).encode()


class _PatientClock(SkipClock):
    """The engine's time: short waits are over at once, long ones when they are let be over."""

    def arm(self, wake: datetime) -> float:
        gap = (wake - self.now()).total_seconds()
        return float(gap if gap > A_LONG_WAIT.total_seconds() else super().arm(wake))

    def reaches(self, wake: datetime) -> None:
        """It is that late now."""
        super().arm(wake)


@contextmanager
def installed(cloud: Cloud, clock: Clock, settings: Mapping[str, str]) -> Iterator[Installation]:
    """Install the product, and end everything afterwards."""
    state._STOP_SIGNAL_POLL_SECONDS = 0.005  # a tenth of a second at the end of every invocation adds up in a year
    with LocalSlack(team.review_workspace(clock=clock.seconds), on_a_port=False) as slack:
        installation = Installation(cloud, slack, clock, settings)
        try:
            yield installation
        finally:
            installation.close()


def _eventually(look: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + GIVE_UP_AFTER
    while time.monotonic() < deadline:
        seen = look()
        if seen is not None:
            return seen
        time.sleep(HOW_OFTEN_TO_LOOK)
    raise TimeoutError(f"it did not happen within {GIVE_UP_AFTER} seconds")
