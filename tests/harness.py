"""The whole story on one harness: a local AWS, a local Slack, the durable engine, and both handlers as they ship."""

from __future__ import annotations

import functools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote

from aws_durable_execution_sdk_python.config import Duration
from aws_durable_execution_sdk_python.lambda_service import OperationAction, OperationUpdate
from aws_durable_execution_sdk_python.retries import RetryDecision
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestResult, DurableFunctionTestRunner

from bot import app as bot_app
from fakes.aws import Cloud
from fakes.slack import LocalSlack, Message, Person, team
from fakes.timers import Timers
from orchestrator import app as orchestrator_app
from orchestrator.domain.runs import execution_id
from orchestrator.workflow.durable import Patience, patience, patience_to_tell
from tests.engine import PatientClock, Watched, at_rest, described, refusal

BUCKET = "reports"
REGION = "us-west-2"
ORCHESTRATOR_ARN = f"arn:aws:lambda:{REGION}:111122223333:function:cleaner-orchestrator:live"


class ProcessDied(Exception):
    """The process is gone: nothing it knew is left but what was checkpointed."""


@dataclass(frozen=True)
class Checkpoint:
    """One thing that the engine wrote down."""

    execution_arn: str
    update: OperationUpdate

    @property
    def ends(self) -> str | None:
        """The step that this says was done."""
        return self.update.name if self.update.action is OperationAction.SUCCEED else None


class Clock:
    """Time that passes only when a test says so, but never stands still for two readings of the engine."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


def hurried(patience: Patience) -> Patience:
    """As patient as the product, in as many attempts, without its long pauses."""

    def decide(error: Exception, attempts_made: int) -> RetryDecision:
        decision = patience(error, attempts_made)
        return RetryDecision.retry(Duration.from_seconds(1)) if decision.should_retry else decision

    return decide


class Harness:
    """Everything a run meets, and what there is to see of it."""

    def __init__(self, cloud: Cloud, slack: LocalSlack, clock: Clock, settings: Mapping[str, str]) -> None:
        self.cloud = cloud
        self.slack = slack
        self.clock = clock
        self.workspace = slack.workspace
        self.environ = {
            "AWS_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": "cleaner-orchestrator",
            "OWN_FUNCTIONS": "cleaner-orchestrator,cleaner-bot",
            "SLACK_BOT_TOKEN": team.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": team.SIGNING_SECRET,
            "SLACK_API_URL": slack.api_url,
            "SLACK_CHANNEL_ID": team.REVIEW,
            "REPORT_BUCKET": BUCKET,
            "ORCHESTRATOR_ARN": ORCHESTRATOR_ARN,
            "TARGET_REGIONS": REGION,
            "DELETE_DRY_RUN": "false",
            "DELETABLE_PREFIX": "*",
            "APPROVERS": team.ONCALL,
            **settings,
        }
        cloud.storage.make_bucket(BUCKET)
        cloud.durable = self._durable
        self._handler: Callable[[Any, Any], Any] | None = None
        self.runner = DurableFunctionTestRunner(self._invoked, poll_interval=0.01, skip_time=True)
        self.runner._executor.RETRY_BACKOFF_SECONDS = 0
        self.runner._clock.__class__ = PatientClock
        self.runner._scheduler.__class__ = Timers
        self.runner._invoker.service_client = Watched(self.runner._service_client, self._written)
        self.stopwatch: Callable[[], float] = time.monotonic
        """What the product times its slices and its progress by."""
        self.checkpoints: list[Checkpoint] = []
        """Everything the engine wrote down, in order."""
        self._ended: dict[str, list[str]] = {}
        self._something_new = threading.Event()
        self._dies_after: list[int] = []
        self.deaths = 0
        self._afterwards: dict[str, list[Callable[[], object]]] = {}
        self.answered: list[str] = []
        """The callbacks that were answered over AWS's API, in order."""
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    @functools.cached_property
    def bot(self) -> bot_app.Bot:
        """The bot of this process; a story in which nobody presses or types needs none."""
        return bot_app.build(self.environ, client=self.cloud.client, clock=self.clock.seconds)

    # The engine

    def _invoked(self, event: Any, context: Any) -> Any:
        with self._lock:
            if self._handler is None:
                self._handler = orchestrator_app.build(
                    self.environ,
                    orchestrator_app.Dependencies(
                        session=self.cloud.session(),
                        clock=self.clock,
                        patience=hurried(patience),
                        patience_to_tell=hurried(patience_to_tell),
                        sleep=lambda _: None,
                        stopwatch=self.stopwatch,
                    ),
                )
        try:
            return self._handler(event, context)
        except ProcessDied:
            self.restart()
            raise

    def restart(self) -> None:
        """Forget everything a process keeps in memory, as a new one would."""
        self._handler = None

    def dies_after(self, *checkpoints: int) -> None:
        """Let the process die, right after the engine wrote down so many things, and again after so many more.

        What dies is everything after it: a step that was under way beside the write still has its effects, and is then
        forgotten, as if death had come at its last line.
        """
        self._dies_after = sorted(checkpoints)

    def after(self, step: str, happens: Callable[[], object]) -> None:
        """Let something happen elsewhere, once: when a step was written down as done, before the next one begins.

        What is said of the same step several times happens in that order.
        """
        self._afterwards.setdefault(step, []).append(happens)

    def _written(self, arn: str, updates: list[OperationUpdate]) -> None:
        self._something_new.set()
        for update in updates:
            written = Checkpoint(arn, update)
            self.checkpoints.append(written)
            if written.ends is not None:
                self._ended.setdefault(arn, []).append(written.ends)
                for happens in self._afterwards.pop(written.ends, ()):
                    happens()
        if self._dies_after and len(self.checkpoints) >= self._dies_after[0]:
            del self._dies_after[0]
            self.deaths += 1
            raise ProcessDied

    def _durable(
        self, method: str, path: str, _query: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes] | None:
        """Answer the durable calls of both handlers from the engine, with AWS's own errors."""
        if method == "POST" and path.endswith("/invocations"):
            lowered = {key.lower(): value for key, value in headers.items()}
            arn = self.starts(json.loads(body), name=lowered.get("x-amz-durable-execution-name"))
            return 202, {"X-Amz-Durable-Execution-Arn": arn}, b""
        answered = re.fullmatch(r"/2025-12-01/durable-execution-callbacks/(.+)/succeed", path)
        if answered:
            return self._answer_callback(unquote(answered[1]), body)
        stopped = re.fullmatch(r"/2025-12-01/durable-executions/(.+)/stop", path)
        if stopped:
            self.runner._executor.stop_execution(unquote(stopped[1]))
            return 200, {"Content-Type": "application/json"}, json.dumps({"StopTimestamp": time.time()}).encode()
        asked = re.fullmatch(r"/2025-12-01/durable-executions/(.+)", path)
        if asked and method == "GET":
            return described(self.runner._executor, unquote(asked[1]), ORCHESTRATOR_ARN)
        return None

    def _answer_callback(self, callback_id: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        try:
            self.runner.send_callback_success(callback_id, body)
        except ResourceNotFoundException:  # what the engine says of a callback that is closed; AWS says this:
            return refusal(400, "CallbackTimeoutException", "The callback has expired or is already closed")
        self.answered.append(callback_id)
        return 200, {}, b"{}"

    def starts(self, request: Any = None, *, name: str | None = None) -> str:
        """Start a run as an invocation does. The same name starts nothing twice."""
        if name is not None and name in self._names:
            return self._names[name]
        arn = self.runner.run_async(
            input=json.dumps(request if request is not None else {}), execution_timeout=40_000_000, function_name="o"
        )
        if name is not None:
            self._names[name] = arn
        return arn

    # What a test does

    def somebody(self, user_id: str, *, untouched_groups_arrive: bool = True) -> Person:
        """A person in front of Slack."""
        return Person(
            self.workspace,
            user_id,
            self.bot.handler,
            signing_secret=team.SIGNING_SECRET,
            app_id=team.APP,
            team_id=team.TEAM,
            clock=self.clock.seconds,
            untouched_groups_arrive=untouched_groups_arrive,
        )

    def scan(self, **request: Any) -> str:
        """A run that the asker asked for, up to the moment it waits for a person."""
        arn = self.starts({"requested_by": team.ASKER, **request})
        self.until_asked(arn)
        return arn

    def until_asked(self, arn: str, page: int = 1) -> Message:
        """Wait until a page waits for a person, and show its message."""
        self._until_asked(arn, page)
        return self.root

    def _until_asked(self, arn: str, page: int) -> None:
        asking = f"{_approval(page)} submitter"
        self.eventually(lambda: asking in self.steps(arn) or self.is_over(arn))
        assert not self.is_over(arn), self.result(arn).error or self.result(arn).result
        at_rest(self.runner._executor, arn)

    def answers(self, arn: str, answer: bytes, page: int = 1) -> None:
        """Answer the open callback by hand, without Slack and the bot."""
        callback_id = self.record(f"pending/{self.execution(arn)}/page-{page}.json")["callback_id"]
        self.runner.send_callback_success(callback_id, answer)

    def is_reminded(self, arn: str) -> None:
        """Let the moment come at which the open question is recalled."""
        executor = self.runner._executor
        wake = self.eventually(lambda: executor._earliest_pending_timestamp(self.runner._store.load(arn)))
        self.clock.now += wake - self.runner._clock.now()
        self.runner._clock.reaches(wake)
        self.runner._scheduler.call_later(executor._fire_due_and_invoke_handler(arn), delay=0)

    def nobody_decides(self, arn: str, page: int = 1) -> None:
        """Let the time of the open page run out: everybody's clock is past it, and the callback is timed out."""
        self._until_asked(arn, page)
        opened = self.record(f"pending/{self.execution(arn)}/page-{page}.json")
        self.clock.now = datetime.fromtimestamp(opened["expires_at"], UTC) + timedelta(minutes=1)
        self.runner._executor._on_callback_timeout(arn, opened["callback_id"])

    @property
    def runs(self) -> list[str]:
        """Everything that was started by name, as the bot does."""
        return list(self._names.values())

    def result(self, arn: str) -> Any:
        """The run's result once it is over; it may be asked for again, unlike the engine's own."""
        self.eventually(lambda: self.is_over(arn))
        return DurableFunctionTestResult.create(execution=self.runner._store.load(arn))

    def eventually(self, look: Callable[[], Any]) -> Any:
        """What `look` sees, as soon as it sees something."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            self._something_new.clear()
            seen = look()
            if seen:
                return seen
            self._something_new.wait(0.02)
        raise AssertionError("it did not happen within 20 seconds")

    def is_over(self, arn: str) -> bool:
        """Whether the run has ended."""
        return bool(self.runner._executor.get_execution(arn).is_complete)

    # What a test looks at

    @property
    def roots(self) -> list[Message]:
        """The messages of the review channel itself."""
        return self.workspace.roots(team.REVIEW)

    @property
    def root(self) -> Message:
        """The newest message of the review channel."""
        return self.roots[-1]

    @property
    def thread(self) -> list[Message]:
        """The replies to it."""
        return [m for m in self.workspace.thread(team.REVIEW, self.root.ts) if m.ts != self.root.ts]

    def record(self, key: str) -> Any:
        """A JSON record of the report bucket."""
        stored = self.cloud.storage.read(BUCKET, key)
        if stored is None:
            raise LookupError(f"There is no {key} in the bucket")
        return json.loads(stored)

    def lock(self, region: str = REGION) -> Any:
        """The lock of a region of the stack's own account."""
        return self.record(f"locks/{self.cloud.account_id}/{region}.json")

    def keys(self, prefix: str) -> list[str]:
        """The records under a prefix."""
        return self.cloud.storage.keys(BUCKET, prefix)

    @property
    def memory(self) -> Any:
        """What the region remembers."""
        return self.record(f"memory/{self.cloud.account_id}/{REGION}.json")

    @property
    def kept(self) -> list[str]:
        """What approvers keep, as `function:version`."""
        return sorted(f"{keep['function_name']}:{keep['version']}" for keep in self.memory["keeps"])

    def execution(self, arn: str) -> str:
        """The id a run's records are stored under."""
        return execution_id(arn)

    def run(self, arn: str) -> Any:
        """A run's own record."""
        return self.record(f"pending/{self.execution(arn)}/run.json")

    def outcome(self, arn: str, page: int | None = None) -> Any:
        """The sum of a run, or what came of one page of it."""
        execution = self.execution(arn)
        return self.record(f"outcomes/{execution}.json" if page is None else f"outcomes/{execution}/page-{page}.json")

    def steps(self, arn: str) -> list[str]:
        """The names of a run's steps that were written down as done, in order."""
        return list(self._ended.get(arn, ()))

    @property
    def posts(self) -> list[tuple[str, str]]:
        """Every message that was posted: the run it belongs to and its key."""
        payloads = [m.metadata["event_payload"] for m in self.workspace.messages(team.REVIEW) if m.metadata is not None]
        return [(payload["run"], payload["key"]) for payload in payloads]

    @property
    def deleted(self) -> list[str]:
        """Versions that were really deleted, as `function:version`, in order."""
        return [f"{name}:{qualifier}" for name, qualifier in self.cloud.deletions]


H = TypeVar("H", bound=Harness)


@contextmanager
def harness(cloud: Cloud, clock: Clock, **settings: str) -> Iterator[Harness]:
    """Set the harness, and clear it afterwards."""
    with harness_of(Harness, cloud, clock, **settings) as play:
        yield play


@contextmanager
def harness_of(kind: type[H], cloud: Cloud, clock: Clock, **settings: str) -> Iterator[H]:
    """The same for a harness of this class."""
    with LocalSlack(team.review_workspace(clock=clock.seconds), on_a_port=False) as slack:
        play = kind(cloud, slack, clock, settings)
        try:
            yield play
        finally:
            play.runner.close()


def a_clock() -> Clock:
    """The clock every story starts at."""
    return Clock(datetime(2026, 11, 20, 12, tzinfo=UTC))


def _approval(page: int) -> str:
    return "approval" if page == 1 else f"approval-{page}"
