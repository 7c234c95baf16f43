"""A review channel in a local Slack, and a messenger in it."""

from __future__ import annotations

from typing import Any

from fakes.slack import LocalSlack
from fakes.slack.team import BOT_TOKEN, REVIEW
from orchestrator.slack.message.blocks import Message, header, message, section, table
from orchestrator.slack.messenger import Messenger, build_client

RUN = "8f3c2e71"
WORDS = message([header("Scanning"), section("one of four")])
MORE_WORDS = message([header("Scanning"), section("two of four")])
WITH_TABLE = message([section("two functions"), table(["Function", "Idle"], [["orders-api", "3"]], numeric=[1])])


class Channel:
    """A local Slack with the review channel, a messenger in it, and time that passes only when somebody waits."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.faults = slack.faults
        self.workspace = slack.workspace
        self.now = 0.0
        self.waited: list[float] = []
        self.began = int(self.workspace.clock())

    def messenger(self) -> Messenger:
        """Another messenger, as after a restart."""
        client = build_client(BOT_TOKEN, self.slack.api_url)
        return Messenger(client, REVIEW, stopwatch=lambda: self.now, sleep=self._wait)

    def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def post(self, key: str = "root", said: Message = WORDS, thread_ts: str | None = None) -> Any:
        return self.messenger().post(said, run_key=RUN, message_key=key, not_before=self.began, thread_ts=thread_ts)

    def attach(self, thread_ts: str) -> None:
        self.messenger().upload_csv(thread_ts=thread_ts, filename="snapstart-8f3c2e.csv", content=b"a,b\n", run_key=RUN)

    @property
    def said(self) -> list[str]:
        return [posted.text.partition("\n")[2] or posted.text for posted in self.workspace.messages(REVIEW)]

    @property
    def files(self) -> list[str]:
        return [self.workspace.files[file].name for posted in self.workspace.messages(REVIEW) for file in posted.files]

    def calls(self, method: str) -> int:
        return len(self.slack.calls_of(method))
