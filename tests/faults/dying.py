"""Processes that stop, and calls that go wrong: at one chosen point of a story.

The orchestrator dies there, and the engine resumes with a fresh process; or it lives, and an answer of AWS is lost or
is a refusal.

A point is one thing that leaves the process (a checkpoint, a call to AWS or to Slack) and when it dies of it: before it
leaves, after it was carried out, or after its answer came. A dead process does nothing more, whatever its threads were
about to do: every way out of it refuses. Its death passes every `except Exception`, as a kill would.
"""

from __future__ import annotations

import functools
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

from slack_sdk import WebClient

from fakes.aws import Cloud
from fakes.slack import LocalSlack
from orchestrator import app as orchestrator_app
from orchestrator.slack.messenger import build_client
from orchestrator.workflow import patience, patience_to_tell
from tests.faults import story
from tests.harness import Clock, Harness, ProcessDied, a_clock, harness_of, hurried


class When(StrEnum):
    """When a process dies of what it does."""

    BEFORE = "before it left"
    UNANSWERED = "carried out, the answer never came"
    ANSWERED = "answered"


@dataclass(frozen=True, order=True)
class Point:
    """One moment of a story: the `nth` time that something of this kind and name happens."""

    kind: str
    """`aws`, `slack` or `checkpoint`."""
    name: str
    nth: int
    when: When

    def __str__(self) -> str:
        return f"{self.kind} {self.name} #{self.nth}, {self.when}"


class Death(BaseException):
    """The process stops here."""


@dataclass(slots=True, kw_only=True)
class Refusal:
    """AWS says no to one call, from the `nth` time on, so many `times`."""

    name: str
    nth: int = 1
    times: int | None = None
    code: str
    status: int = 400
    asked: int = 0

    def of(self, name: str) -> tuple[Any, dict[str, Any]] | None:
        """The refusal of a call, as botocore would have read it after its last attempt; None when it is let through."""
        if name != self.name:
            return None
        self.asked += 1
        if self.asked < self.nth or (self.times is not None and self.asked >= self.nth + self.times):
            return None
        error = {"Code": self.code, "Message": "Made to fail."}
        return SimpleNamespace(status_code=self.status), {
            "Error": error,
            "ResponseMetadata": {"HTTPStatusCode": self.status, "HTTPHeaders": {}, "RetryAttempts": 4},
        }


class Process:
    """One process of the orchestrator: alive until it reaches the point it dies at."""

    def __init__(self, seen: Counter[tuple[str, str, When]], dies_at: Callable[[], Point | None]) -> None:
        self.alive = True
        self._dies_at = dies_at
        self._seen = seen
        self._lock = threading.Lock()

    def reaches(self, kind: str, name: str, when: When) -> None:
        """Note that it comes to a point. Raises Death there, and everywhere from then on."""
        with self._lock:
            if not self.alive:
                raise Death
            self._seen[kind, name, when] += 1
            if self._dies_at() == Point(kind, name, self._seen[kind, name, when], when):
                self.alive = False
                raise Death


class MortalHarness(Harness):
    """A harness whose orchestrator dies once, at a point; every process that follows lives on."""

    def __init__(self, cloud: Cloud, slack: LocalSlack, clock: Clock, settings: Mapping[str, str]) -> None:
        super().__init__(cloud, slack, clock, settings)
        self.seen: Counter[tuple[str, str, When]] = Counter()
        """How often each thing that leaves the process happened."""
        self.deaths = 0
        self.dies_at: Point | None = None
        self.happens: dict[Point, Callable[[], object]] = {}
        """What happens once at a call to AWS; what it raises, the process meets as the call's own failure."""
        self.refusal: Refusal | None = None
        self.rests: Callable[[], object] = _nothing
        """What happens between a death and the next process."""
        self._process: Process | None = None

    @property
    def points(self) -> list[Point]:
        """Every point that the story so far has passed, in an order that does not depend on its threads."""
        return sorted(
            Point(kind, name, nth, when)
            for (kind, name, when), times in self.seen.items()
            for nth in range(1, times + 1)
        )

    def _invoked(self, event: Any, context: Any) -> Any:
        with self._lock:
            if self._process is None:
                self._process = process = Process(self.seen, lambda: self.dies_at)
                self._handler = orchestrator_app.build(
                    self.environ,
                    orchestrator_app.Dependencies(
                        session=_Session(self.cloud.session(), process, self),
                        clock=self.clock,
                        patience=hurried(patience),
                        patience_to_tell=hurried(patience_to_tell),
                        sleep=lambda _: None,
                        slack=lambda token, url: _SlackClient(build_client(token, url), process),
                    ),
                )
            process, handler = self._process, self._handler
        assert handler is not None
        watched = replace(event, service_client=_Checkpoints(event.service_client, process))
        try:
            return handler(watched, context)
        except (Death, ProcessDied):
            return self._buried(process)
        except BaseException:
            if process.alive:
                raise
            return self._buried(process)

    def _buried(self, process: Process) -> Any:
        process.alive = False
        self.deaths += 1
        self.dies_at = None
        self.restart()
        self.rests()
        raise ProcessDied

    def restart(self) -> None:
        super().restart()
        self._process = None


class _Session:
    """A session whose clients are one process's."""

    def __init__(self, session: Any, process: Process, play: MortalHarness) -> None:
        self._session = session
        self._process = process
        self._play = play

    def client(self, *args: Any, **given: Any) -> Any:
        made = self._session.client(*args, **given)

        def dies(when: When) -> Callable[..., None]:
            def reached(request: Any, event_name: str, **_: Any) -> None:
                name = _call_of(event_name, request.method, request.url)
                self._process.reaches("aws", name, when)
                self._play.happens.pop(Point("aws", name, self._play.seen["aws", name, when], when), _nothing)()

            return reached

        def refused(params: Mapping[str, Any], event_name: str, **_: Any) -> Any:
            refusal = self._play.refusal
            return refusal and refusal.of(_call_of(event_name, params["method"], params["url"]))

        def answered(event_name: str, context: Mapping[str, Any], **_: Any) -> None:
            self._process.reaches("aws", context.get("asked", event_name), When.ANSWERED)

        def remember(request: Any, event_name: str, **_: Any) -> None:
            request.context["asked"] = _call_of(event_name, request.method, request.url)

        made.meta.events.register("request-created", remember)
        made.meta.events.register_first("before-send", dies(When.BEFORE))
        made.meta.events.register_last("before-send", dies(When.UNANSWERED))
        made.meta.events.register("before-call", refused)
        made.meta.events.register("after-call", answered)
        return made


_EXECUTION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _call_of(event_name: str, method: str, url: str) -> str:
    """A call's name, the same in every run of a story: its operation and what it names, without the run's own id."""
    service, operation = event_name.split(".")[1:3]
    address = urlsplit(url)
    named = [_without_ids(part) for part in unquote(address.path).split("/") if part]
    qualifier = address.query if operation in {"GetFunctionConfiguration", "DeleteFunction", "GetPolicy"} else ""
    return " ".join(part for part in (service, operation, method, "/".join(named), qualifier) if part)


def _without_ids(part: str) -> str:
    return _EXECUTION.sub("RUN", part)


class _SlackClient(WebClient):
    """Slack's client of one process."""

    def __init__(self, client: WebClient, process: Process) -> None:
        super().__init__(
            token=client.token, base_url=client.base_url, timeout=client.timeout, retry_handlers=client.retry_handlers
        )
        self._process = process

    def api_call(self, api_method: str, **given: Any) -> Any:
        return self._watched(api_method, lambda: super(_SlackClient, self).api_call(api_method, **given))

    def _upload_file(self, **given: Any) -> Any:
        return self._watched("the file's bytes", lambda: super(_SlackClient, self)._upload_file(**given))

    def _watched(self, name: str, call: Callable[[], Any]) -> Any:
        self._process.reaches("slack", name, When.BEFORE)
        answer = call()
        self._process.reaches("slack", name, When.UNANSWERED)
        self._process.reaches("slack", name, When.ANSWERED)
        return answer


class _Checkpoints:
    """The engine's client of one process."""

    def __init__(self, client: Any, process: Process) -> None:
        self._client = client
        self._process = process

    def checkpoint(
        self, durable_execution_arn: str, checkpoint_token: str, updates: list[Any], client_token: str | None
    ) -> Any:
        names = [f"{update.action.value} {update.name or update.operation_type.value}" for update in updates]

        def reaches(when: When) -> None:
            for name in names:  # what is written together differs from run to run; what is written does not
                self._process.reaches("checkpoint", name, when)

        try:
            reaches(When.BEFORE)
            written = self._client.checkpoint(durable_execution_arn, checkpoint_token, updates, client_token)
            reaches(When.UNANSWERED)
            reaches(When.ANSWERED)
        except Death:  # the engine's own thread hands on nothing but an Exception
            raise ProcessDied from None
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@contextmanager
def mortal_harness(cloud: Cloud, clock: Clock, **settings: str) -> Iterator[MortalHarness]:
    """Set a harness for a death, and clear it afterwards."""
    with harness_of(MortalHarness, cloud, clock, **settings) as play:
        yield play


@contextmanager
def mortal_story(**settings: str) -> Iterator[MortalHarness]:
    """The same, with the story's account."""
    clock = a_clock()
    with mortal_harness(story.fill(Cloud(clock=clock)), clock, **settings) as play:
        yield play


@functools.cache
def story_points() -> Sequence[Point]:
    """Every point that the story passes while nothing goes wrong, in order."""
    with mortal_story() as play:
        story.tell(play)
        return play.points


def _nothing() -> None:
    pass
