"""The bot on its stage: a local Slack with people in it, a local AWS, and a durable engine as far as a bot sees it."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from bot import app as bot_app
from fakes.aws import Cloud
from fakes.slack import LocalSlack, Meanwhile, Message, Person, team
from orchestrator.domain.policy import Policy
from orchestrator.domain.runs import WAITING, Held, Page, Run, held_key, page_key, run_key
from orchestrator.slack.message.candidates import candidates
from tests.builders import NOW, a_candidate, a_page, a_run, a_summary, an_idle_function
from tests.fakes.slack.builders import Clock

REGION = "us-west-2"
OTHER_REGION = "eu-west-1"
ORCHESTRATOR_ARN = f"arn:aws:lambda:{REGION}:111122223333:function:snapstart-cleaner-orchestrator:live"


@dataclass
class Engine:
    """Durable executions as the Lambda API shows them: named starts, statuses, and callbacks that close once."""

    started: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    says_closed: tuple[int, str | None] = (400, "CallbackTimeoutException")
    """How a closed callback is refused: by AWS so, by a local engine otherwise."""

    def answer(
        self, method: str, path: str, _query: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes] | None:
        given = {name.lower(): value for name, value in headers.items()}
        if path.endswith("/invocations"):
            assert unquote(path.split("/")[3]) == ORCHESTRATOR_ARN
            assert given["x-amz-invocation-type"] == "Event"
            return self._start(given["x-amz-durable-execution-name"], json.loads(body))
        if callback := re.fullmatch(r"/2025-12-01/durable-execution-callbacks/(.+)/succeed", path):
            return self._close(unquote(callback[1]), json.loads(body))
        if execution := re.fullmatch(r"/2025-12-01/durable-executions/(.+)", path):
            return self._describe(unquote(execution[1]))
        raise AssertionError(f"{method} {path} is not for the bot")

    def _start(self, name: str, request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)
        for known, before in self.started:
            if known == name and before != request:
                return _refusal(409, "DurableExecutionAlreadyStartedException")
        if name not in dict(self.started):
            self.started.append((name, request))
        return 202, {}, b""

    def _close(self, callback: str, decision: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        if callback in self.closed:
            return _refusal(*self.says_closed)
        self.closed.add(callback)
        self.decisions.append(decision)
        return 200, {}, b"{}"

    def _describe(self, arn: str) -> tuple[int, dict[str, str], bytes]:
        status = self.statuses.get(arn)
        if status is None:
            return _refusal(404, "ResourceNotFoundException")
        return (
            200,
            {"Content-Type": "application/json"},
            json.dumps({"DurableExecutionArn": arn, "Status": status}).encode(),
        )


def _refusal(status: int, code: str | None) -> tuple[int, dict[str, str], bytes]:
    return status, {"X-Amzn-ErrorType": code} if code else {}, b'{"message": "no"}'


class Region:
    """An AWS account and its clients, which cost more than a test does: shared, and swept between scenes."""

    def __init__(self) -> None:
        self.clock = at_noon()
        self.cloud = Cloud(clock=lambda: datetime.fromtimestamp(self.clock.now, UTC))
        self.scenes = 0
        self._clients: dict[str, Any] = {}

    def client(self, service: str, **_: Any) -> Any:
        """The one client of a service."""
        if service not in self._clients:
            self._clients[service] = self.cloud.client(service, config=bot_app.ONE_ATTEMPT)
        return self._clients[service]

    def swept(self) -> None:
        """Nothing goes wrong, nobody was asked anything yet, and it is noon."""
        self.scenes += 1
        self.clock = at_noon()
        self.cloud.faults.clear()
        self.cloud.calls.reset()


class Scene:
    """A review channel where somebody waits for a decision, and all there is to see of what the bot did."""

    def __init__(self, region: Region, slack: LocalSlack) -> None:
        self.clock = region.clock
        self.cloud = region.cloud
        self.client = region.client
        self.name = f"scene-{region.scenes}"
        """What its bucket and its secret are called."""
        self.slack = slack
        self.workspace = slack.workspace
        self.engine = Engine()
        self.cloud.durable = self.engine.answer
        self.s3 = self.client("s3")
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.bot: bot_app.Bot
        self.heard: list[dict[str, Any]] = []
        """Every request that reached the bot, as it arrived."""
        self._threads: list[ThreadPoolExecutor] = []
        self.deploys()

    def deploys(self, *, decide_within: float = 20, **settings: str) -> None:
        """Put a bot in service with these settings; by default only tests run out of time, never it."""
        environ = {
            "SLACK_BOT_TOKEN": team.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": team.SIGNING_SECRET,
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_CHANNEL_ID": team.REVIEW,
            "REPORT_BUCKET": self.name,
            "ORCHESTRATOR_ARN": ORCHESTRATOR_ARN,
            "TARGET_REGIONS": f"{REGION},{OTHER_REGION}",
            "APPROVERS": team.ONCALL,
        } | settings
        self._threads.append(ThreadPoolExecutor(8))
        self.bot = bot_app.build(
            environ,
            client=self.client,
            clock=self.clock,
            threads=self._threads[-1],
            decide_within=decide_within,
        )

    def settles(self) -> None:
        """Everything that was begun is over; no bot is in service after that."""
        for threads in self._threads:
            threads.shutdown()

    # What the orchestrator did before.

    def waits(self, page: Page | None = None, **of_run: Any) -> Message:
        """A page is posted and recorded, and its callback is open."""
        page = page or two_groups()
        shown = candidates(
            page,
            offered=page.candidates,
            summary=a_summary(functions=tuple(an_idle_function(name) for name in _functions_of(page))),
            policy=Policy(),
            approvers=(team.ONCALL,),
            second_person=False,
        )
        posted = self.workspace.post(
            Message(
                channel=page.channel_id,
                ts="",
                user=team.BOT_USER,
                app_id=team.APP,
                text=shown.text,
                blocks=shown.blocks,
            )
        )
        self.records(replace(page, message_ts=posted.ts))
        self.runs(
            **{
                "execution": page.execution,
                "execution_arn": page.execution_arn,
                "status": WAITING,
                "candidates": len(page.candidates),
                "expires_at": page.expires_at,
                "message_ts": posted.ts,
                **of_run,
            }
        )
        return posted

    def records(self, record: Page | Held) -> None:
        """A record is written, or written over."""
        key = page_key(record.execution, record.page) if isinstance(record, Page) else held_key(record.execution)
        self.stores(key, record.to_dict())

    def runs(self, *, execution_status: str | None = "RUNNING", **given: Any) -> Run:
        """A run is recorded, and AWS says this of its execution; None when it no longer knows it."""
        run = a_run(**given)
        self.stores(run_key(run.execution), run.to_dict())
        if execution_status is not None:
            self.engine.statuses[run.execution_arn] = execution_status
        return run

    def stores(self, key: str, content: Any) -> None:
        """Anything is stored under a key: JSON, or bytes as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    # Who is there, and what they see.

    def somebody(self, user_id: str, **how: Any) -> Person:
        """A person in front of this Slack; a bot that is deployed later hears them as well."""

        def endpoint(event: Any, context: Any) -> Any:
            self.heard.append(event)
            return self.bot.handler(event, context)

        return Person(self.workspace, user_id, endpoint, **how)

    def told(self, user_id: str) -> list[str]:
        """What somebody alone was told, oldest first."""
        return [told.text for told in self.workspace.ephemerals(user_id)]

    def current(self, shown: Message) -> Message:
        """A message as it stands now."""
        message_now = self.workspace.message(shown.channel, shown.ts)
        assert message_now is not None
        return message_now

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """What the orchestrator was told."""
        return self.engine.decisions


def _functions_of(page: Page) -> list[str]:
    return sorted({candidate.function_name for candidate in page.candidates})


def two_groups(**given: Any) -> Page:
    """Twelve versions of two functions: the boxes of ten orders, and of two thumbs."""
    offered = [a_candidate(number, function_name="orders-api") for number in range(1, 11)]
    offered += [a_candidate(number, function_name="thumbs") for number in (4, 5)]
    return a_page(*offered, **given)


def approved(decision: Mapping[str, Any]) -> list[str]:
    """The versions a decision approves, as people name them."""
    return [f"{version['function_name']}:{version['version']}" for version in decision["approved_versions"]]


def types(
    scene: Scene, text: str, who: str = team.ASKER, channel: str = team.REVIEW, command: str = "/snapstart"
) -> str:
    """Somebody types after the slash command, and is told this."""
    scene.somebody(who).types(f"{command} {text}", channel=channel)
    return scene.told(who)[-1]


def payload_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The interaction that an event carries."""
    payload: dict[str, Any] = json.loads(dict(parse_qsl(base64.b64decode(event["body"]).decode()))["payload"])
    return payload


def at_noon() -> Clock:
    """The clock every scene starts at."""
    return Clock(NOW.timestamp())


class Slowly:
    """Holds calls up until it ends, so that only the deadline can be what a test meets."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.end = threading.Event()

    def slack(self, method: str) -> None:
        """Slack does not answer this method."""
        self._scene.slack.faults.add(method, Meanwhile(self.end.wait))

    def aws(self, operation: str) -> None:
        """AWS does not answer this operation."""
        self._scene.cloud.faults.meanwhile(operation, self.end.wait)

    def engine(self) -> None:
        """The durable calls are carried out, and answered late."""
        answer = self._scene.engine.answer

        def late(*request: Any) -> Any:
            answered = answer(*request)
            self.end.wait()
            return answered

        self._scene.cloud.durable = late

    def ends(self) -> None:
        """Everything held up goes on, and is waited for."""
        self.end.set()
        self._scene.settles()
