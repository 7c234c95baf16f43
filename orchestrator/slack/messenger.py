"""Post, edit and upload, each exactly once however often a durable step runs: the orchestrator's only way to Slack.

Slack has no idempotent post, so every message carries a mark in its metadata, and a post first looks for the message
it would make. Metadata can be read and written by any app of the workspace: only our own bot's messages count.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from orchestrator.slack.message import Message

log = logging.getLogger(__name__)

EVENT_TYPE = "snapstart_cleaner"
SECONDS_BETWEEN_EDITS = 5.0
TIMEOUT_SECONDS = 10
RATE_LIMIT_RETRIES = 3
LOOK_BACK_SECONDS = 60
"""How much earlier than the run's start a message of the run may seem, by another machine's clock."""
MESSAGES_A_LOOK = 200

_TOO_MUCH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
_PASSING = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)


class SlackProblem(Exception):
    """Slack could not be reached, or refused. `words` are for people; `permanent` says trying again cannot help."""

    def __init__(self, method: str, words: str, *, permanent: bool = False) -> None:
        super().__init__(f"Slack: {words} ({method})")
        self.method = method
        self.words = f"Slack: {words}"
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that stands in the channel."""

    ts: str
    permalink: str | None = None


def build_client(token: str, api_url: str) -> WebClient:
    """A client that waits out rate limits as told, and never sends anything twice by itself."""
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_RETRIES)],
    )


class Messenger:
    """Speaks in one channel."""

    def __init__(
        self,
        client: WebClient,
        channel_id: str,
        *,
        clock: Callable[[], datetime],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._channel = channel_id
        self._clock = clock
        self._stopwatch = stopwatch
        self._bot_id: str | None = None
        self._edited: dict[str, float] = {}

    def check_channel(self) -> None:
        """Raise SlackProblem for a channel that must not be used: missing, archived, shared, or without the bot."""
        channel = self._call("conversations.info", channel=self._channel)["channel"]
        for field, words in (
            ("is_archived", "is_archived"),
            ("is_ext_shared", "the review channel is shared with another organisation"),
            ("is_org_shared", "the review channel is shared with another workspace"),
        ):
            if channel.get(field):
                raise SlackProblem("conversations.info", words, permanent=True)
        if channel.get("is_member") is False:
            raise SlackProblem("conversations.info", "not_in_channel", permanent=True)

    def post(
        self, said: Message, *, run_key: str, message_key: str, not_before: int, thread_ts: str | None = None
    ) -> Posted:
        """Post a message of a run once; `not_before` is when the run began, in seconds since 1970."""
        found = self._find(run_key, message_key, not_before, thread_ts)
        if found is None:
            metadata = {"event_type": EVENT_TYPE, "event_payload": {"run": run_key, "key": message_key}}
            arguments: dict[str, Any] = {"metadata": metadata, "unfurl_links": False, "unfurl_media": False}
            if thread_ts is not None:
                arguments["thread_ts"] = thread_ts
            found = str(self._send("chat.postMessage", said, **arguments)["ts"])
        return Posted(found, None if thread_ts is not None else self._permalink(found))

    def update(self, ts: str, said: Message) -> None:
        """Edit a message; the same edit twice is one."""
        self._send("chat.update", said, ts=ts)

    def progress(self, ts: str | None) -> Progress:
        """A way to show progress in a message, no more often than Slack allows."""
        return Progress(self, ts, self._edited, self._stopwatch)

    def upload_csv(self, *, thread_ts: str, filename: str, content: bytes, run_key: str) -> None:
        """Attach a file to a thread once; its name tells whether it is there."""
        for reply in self._pages("conversations.replies", ts=thread_ts):
            if any(shared.get("name") == filename for shared in reply.get("files", [])):
                return
        try:
            self._client.files_upload_v2(
                channel=self._channel, thread_ts=thread_ts, filename=filename, title=filename, content=content
            )
        except SlackApiError as error:
            raise _problem("files.upload", error) from error
        except OSError as error:
            raise SlackProblem("files.upload", f"could not be reached, {error}") from error
        log.info("attached", extra={"run": run_key, "file": filename})

    def _find(self, run_key: str, message_key: str, not_before: int, thread_ts: str | None) -> str | None:
        if thread_ts is not None:
            messages = self._pages("conversations.replies", ts=thread_ts, include_all_metadata=True)
        else:
            oldest = str(not_before - LOOK_BACK_SECONDS)
            messages = self._pages("conversations.history", oldest=oldest, include_all_metadata=True)
        for message in messages:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            marked = metadata.get("event_type") == EVENT_TYPE and payload == {"run": run_key, "key": message_key}
            if marked and message.get("bot_id") == self._our_bot_id():
                return str(message["ts"])
        return None

    def _our_bot_id(self) -> str:
        if self._bot_id is None:
            self._bot_id = str(self._call("auth.test")["bot_id"])
        return self._bot_id

    def _pages(self, method: str, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        while True:
            answer = self._call(method, channel=self._channel, limit=MESSAGES_A_LOOK, cursor=cursor, **arguments)
            yield from answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _permalink(self, ts: str) -> str | None:
        try:
            return str(self._call("chat.getPermalink", channel=self._channel, message_ts=ts)["permalink"])
        except SlackProblem:
            return None  # a link is a courtesy

    def _send(self, method: str, said: Message, **arguments: Any) -> Mapping[str, Any]:
        """Send a message; what Slack will not draw is sent once more without the table, then as text."""
        forms = [said.blocks, [block for block in said.blocks if block["type"] != "table"], []]
        for blocks, simpler in zip(forms, [*forms[1:], None], strict=True):
            try:
                return self._call(method, channel=self._channel, text=said.text, blocks=blocks, **arguments)
            except SlackProblem as problem:
                if simpler is None or problem.words.removeprefix("Slack: ") not in _TOO_MUCH:
                    raise
                log.warning("Slack refused the blocks", extra={"method": method, "problem": problem.words})
        raise AssertionError("unreachable")

    def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            return self._client.api_call(method, json=arguments).data  # type: ignore[return-value]
        except SlackApiError as error:
            raise _problem(method, error) from error
        except OSError as error:  # refused, dropped or timed out: whether it arrived is for the next attempt to see
            raise SlackProblem(method, f"could not be reached, {error}") from error


class Progress:
    """Edits of one message while something is under way; decoration, so a failure is only logged."""

    def __init__(
        self, messenger: Messenger, ts: str | None, edited: dict[str, float], stopwatch: Callable[[], float]
    ) -> None:
        self._messenger = messenger
        self._ts = ts
        self._edited = edited
        self._stopwatch = stopwatch

    def show(self, said: Message, *, at_once: bool = False) -> None:
        """Show how far it is, unless the last edit was less than five seconds ago."""
        now = self._stopwatch()
        if self._ts is None or (not at_once and now - self._edited.get(self._ts, -1e9) < SECONDS_BETWEEN_EDITS):
            return
        self._edited[self._ts] = now
        try:
            self._messenger.update(self._ts, said)
        except SlackProblem as problem:
            log.warning("progress was not shown", extra={"problem": problem.words})


def _problem(method: str, error: SlackApiError) -> SlackProblem:
    response: Any = error.response
    code = response.get("error") if hasattr(response, "get") else None
    status = getattr(response, "status_code", None)
    passing = code in _PASSING or status == HTTPStatus.TOO_MANY_REQUESTS or status in range(500, 600)
    return SlackProblem(method, str(code or f"HTTP {status}"), permanent=not passing)
