"""Post, edit and upload, each exactly once however often a durable step runs: the orchestrator's only way to Slack.

Slack has no idempotent post. So every message carries a mark in its metadata, and before a message is sent, also after
a failure that leaves open whether it arrived, the channel is asked whether it is there. Any app of the workspace can
copy a mark: only messages of our own bot count.

`Messenger` posts, edits and uploads; `Progress` edits at most every five seconds. What goes wrong is a `SlackError`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from math import inf
from typing import Any, TypeVar
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from orchestrator.slack.errors import (
    MessageRefused,
    RateLimited,
    SlackError,
    SlackRefused,
    SlackUnreachable,
    TokenRefused,
    refusal,
)
from orchestrator.slack.mark import Mark
from orchestrator.slack.message.blocks import Message

log = logging.getLogger(__name__)

T = TypeVar("T")
Json = Mapping[str, Any]

TIMEOUT_SECONDS = 10
PAUSES = (1.0, 4.0)
"""Seconds before each further attempt, when Slack cannot be reached: also the time a message needs to show up."""
RATE_LIMIT_WAITS = 3
LONGEST_WAIT_SECONDS = 60.0
"""Slack's own limits are a minute long; a longer wait is for the workflow to retry."""
SECONDS_BETWEEN_EDITS = 5.0
LOOK_BACK_SECONDS = 60
"""How much earlier than the run's start a message of the run may seem, by another machine's clock."""
MESSAGES_A_LOOK = 200

UNFIT_CHANNEL = {
    "is_archived": "the review channel is archived",
    "is_ext_shared": "the review channel is shared with another organisation",
    "is_org_shared": "the review channel is shared with another workspace",
}


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that stands in the channel."""

    ts: str
    permalink: str | None = None
    """None for replies, and when Slack did not tell."""


def build_client(token: str, api_url: str) -> WebClient:
    """A client that never sends anything twice by itself: its default repeats a post whose connection dropped."""
    return WebClient(token=token, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])


class Messenger:
    """Speaks in one channel. Every method may be called again with the same arguments, and nothing is said twice."""

    def __init__(
        self,
        client: WebClient,
        channel_id: str,
        *,
        renewed: Callable[[], WebClient | None] = lambda: None,
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`renewed` makes a client of the token as it is by now; None when that is the same one."""
        self._client = client
        self._renewed = renewed
        self._channel = channel_id
        self._stopwatch = stopwatch
        self._sleep = sleep
        self._we: tuple[str, str] | None = None
        self._edited: dict[str, float] = {}

    def check_channel(self) -> Json:
        """What Slack tells of the channel.

        Raises SlackRefused for one that must not be used: missing, archived, shared, or without the bot.
        """
        method = "conversations.info"
        answer = self._patiently(lambda: self._call(method, self._client.conversations_info, channel=self._channel))
        channel: Json = answer["channel"]
        for field, words in UNFIT_CHANNEL.items():
            if channel.get(field):
                raise SlackRefused(method, field, words)
        if channel.get("is_member") is False:
            raise SlackRefused(method, "not_in_channel")
        return channel

    def scopes(self) -> frozenset[str] | None:
        """The scopes of the token, which Slack names in a header; None where it does not. Raises SlackError."""
        named: list[str] = []

        def asked() -> Any:
            answer = self._client.auth_test()
            named.extend(value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes")
            return answer

        self._patiently(lambda: self._call("auth.test", asked))
        return frozenset(scope.strip() for scope in named[-1].split(",")) if named else None

    def person(self, user_id: str) -> Json:
        """What Slack tells of a person. Raises SlackError."""
        answer = self._patiently(lambda: self._call("users.info", self._client.users_info, user=user_id))
        person: Json = answer["user"]
        return person

    def members(self, group_id: str) -> tuple[str, ...]:
        """Who is in a user group. Raises SlackError."""
        method = "usergroups.users.list"
        answer = self._patiently(lambda: self._call(method, self._client.usergroups_users_list, usergroup=group_id))
        return tuple(map(str, answer["users"]))

    def shows(self, *, run_key: str, message_key: str, not_before: int, thread_ts: str) -> bool:
        """Whether a reply that was posted can be read back from its thread. Raises SlackError."""
        mark, oldest = Mark(run_key, message_key), str(not_before - LOOK_BACK_SECONDS)
        return self._patiently(lambda: self._find(mark, oldest, thread_ts)) is not None

    def post(
        self, said: Message, *, run_key: str, message_key: str, not_before: int, thread_ts: str | None = None
    ) -> Posted:
        """Post a message of a run once, in the channel or as a reply.

        `not_before` is when the run began, in seconds since 1970: no message of it is older. Raises SlackError.
        """
        mark = Mark(run_key, message_key)
        oldest = str(not_before - LOOK_BACK_SECONDS)

        def posted_or_sent() -> str:
            found = self._find(mark, oldest, thread_ts)
            if found is not None:
                log.info("found what was posted before", extra={"run": run_key, "key": message_key, "ts": found})
                return found
            ts = str(self._say(said, thread_ts=thread_ts, metadata=mark.metadata)["ts"])
            log.info("posted", extra={"run": run_key, "key": message_key, "ts": ts})
            return ts

        try:
            ts = self._patiently(posted_or_sent)
        except SlackUnreachable:
            found = self._find(mark, oldest, thread_ts)
            if found is None:
                raise
            ts = found
        return Posted(ts, self._permalink(ts) if thread_ts is None else None)

    def update(self, ts: str, said: Message) -> None:
        """Edit a message. Raises SlackError."""
        self._patiently(lambda: self._edit(ts, said))

    def progress(self, ts: str | None) -> Progress:
        """A way to show progress in a message, no more often than Slack allows; without a message it shows nothing."""
        return Progress(self, ts, self._edited, self._stopwatch)

    def show(self, ts: str, said: Message) -> None:
        """Edit a message with one attempt, waiting for nothing. Raises SlackError."""
        self._edit(ts, said, rate_limit_waits=0)

    def upload_csv(self, *, thread_ts: str, filename: str, content: bytes, run_key: str) -> None:
        """Attach a file to a thread once: its name, which must be the run's own, tells whether it is there.

        Raises SlackError. A file shows up in its thread a moment after Slack confirmed it, so a run that dies in
        that very moment attaches it twice: the one thing here that can happen twice, and harmless.
        """

        def attached_or_sent() -> None:
            if self._is_attached(thread_ts, filename):
                return
            self._call(
                "files.upload",
                self._client.files_upload_v2,
                channel=self._channel,
                thread_ts=thread_ts,
                filename=filename,
                title=filename,
                content=content,
            )
            log.info("attached", extra={"run": run_key, "file": filename})

        self._patiently(attached_or_sent)

    # What stands in the channel already

    def _find(self, mark: Mark, oldest: str, thread_ts: str | None) -> str | None:
        marked = (m for m in self._messages(thread_ts, oldest) if mark.is_on(m) and self._is_ours(m))
        return next((str(message["ts"]) for message in marked), None)

    def _is_attached(self, thread_ts: str, filename: str) -> bool:
        # Whether Slack shows a bot_id on the message of a file is not documented; the user is there.
        ours = (reply for reply in self._messages(thread_ts, thread_ts) if reply.get("user") == self._ourselves()[1])
        return any(shared.get("name") == filename for reply in ours for shared in reply.get("files") or [])

    def _messages(self, thread_ts: str | None, oldest: str) -> Iterator[Json]:
        """The channel's messages, or a thread's, page by page."""
        arguments: dict[str, Any] = {
            "channel": self._channel,
            "oldest": oldest,
            "limit": MESSAGES_A_LOOK,
            "include_all_metadata": True,
        }
        method = "conversations.history" if thread_ts is None else "conversations.replies"
        call: Callable[..., Any] = self._client.conversations_history
        if thread_ts is not None:
            call, arguments["ts"] = self._client.conversations_replies, thread_ts
        cursor: str | None = None
        while True:
            answer = self._call(method, call, **arguments, cursor=cursor)
            yield from answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    def _is_ours(self, message: Json) -> bool:
        return (message.get("bot_id"), message.get("user")) == self._ourselves()

    def _ourselves(self) -> tuple[str, str]:
        """Our bot's id, and the user it speaks as."""
        if self._we is None:
            answer = self._call("auth.test", self._client.auth_test)
            self._we = str(answer["bot_id"]), str(answer["user_id"])
        return self._we

    def _permalink(self, ts: str) -> str | None:
        try:
            answer = self._call(
                "chat.getPermalink", self._client.chat_getPermalink, channel=self._channel, message_ts=ts
            )
        except SlackError as problem:  # a link is a courtesy
            log.warning("no link to the message", extra={"ts": ts, "problem": problem.words})
            return None
        return str(answer["permalink"])

    # Sending

    def _say(self, said: Message, *, thread_ts: str | None, metadata: Json) -> Json:
        return self._in_simplest_form(
            said,
            lambda form: self._call(
                "chat.postMessage",
                self._client.chat_postMessage,
                channel=self._channel,
                text=form.text,
                blocks=form.blocks,
                thread_ts=thread_ts,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )

    def _edit(self, ts: str, said: Message, *, rate_limit_waits: int = RATE_LIMIT_WAITS) -> None:
        self._in_simplest_form(
            said,
            lambda form: self._call(
                "chat.update",
                self._client.chat_update,
                rate_limit_waits=rate_limit_waits,
                channel=self._channel,
                ts=ts,
                text=form.text,
                blocks=form.blocks,
            ),
        )

    def _in_simplest_form(self, said: Message, send: Callable[[Message], T]) -> T:
        """Send it; if Slack does not take it so, in simpler forms. A question is never sent without its buttons."""
        first, *simpler = said.forms
        try:
            return send(first)
        except MessageRefused as refused:
            for form in simpler:
                log.warning(
                    "Slack does not take the message; sending less",
                    extra={"method": refused.method, "problem": refused.words, "blocks": len(form.blocks)},
                )
                with suppress(MessageRefused):
                    return send(form)
            raise

    def _patiently(self, attempt: Callable[[], T]) -> T:
        """Attempt something that may be attempted again: while Slack cannot be reached, and with a new token."""
        try:
            return self._while_unreachable(attempt)
        except TokenRefused as refused:
            client = self._renewed()
            if client is None:
                raise
            log.info("the token was replaced", extra={"method": refused.method, "problem": refused.words})
            self._client, self._we = client, None
            return self._while_unreachable(attempt)

    def _while_unreachable(self, attempt: Callable[[], T]) -> T:
        for pause in PAUSES:
            try:
                return attempt()
            except RateLimited:
                raise
            except SlackUnreachable as problem:
                log.warning("Slack cannot be reached", extra={"method": problem.method, "problem": problem.words})
                self._sleep(pause)
        return attempt()

    def _call(
        self, method: str, call: Callable[..., Any], *, rate_limit_waits: int = RATE_LIMIT_WAITS, **arguments: Any
    ) -> Json:
        """Call a method, and wait as told when there were too many calls: then nothing was carried out."""
        try:
            answer: Json = call(**arguments).data
        except SlackApiError as error:
            problem = refusal(method, error)
            if not isinstance(problem, RateLimited) or not rate_limit_waits or problem.seconds > LONGEST_WAIT_SECONDS:
                raise problem from error
            log.info("waiting as Slack asked", extra={"method": method, "seconds": problem.seconds})
            self._sleep(problem.seconds)
            return self._call(method, call, rate_limit_waits=rate_limit_waits - 1, **arguments)
        except (OSError, HTTPException, SlackRequestError) as error:
            raise SlackUnreachable(method, f"could not be reached ({_why(error)})") from error
        return answer


class Progress:
    """Edits of one message while something is under way: decoration, so a failure is only logged."""

    def __init__(
        self, messenger: Messenger, ts: str | None, edited: dict[str, float], stopwatch: Callable[[], float]
    ) -> None:
        self._messenger = messenger
        self._ts = ts
        self._edited = edited
        self._stopwatch = stopwatch

    def show(self, said: Message, *, at_once: bool = False) -> None:
        """Show how far it is, unless the last edit was less than five seconds ago; `at_once` for a new step."""
        now = self._stopwatch()
        if self._ts is None or (not at_once and now - self._edited.get(self._ts, -inf) < SECONDS_BETWEEN_EDITS):
            return
        self._edited[self._ts] = now
        try:
            self._messenger.show(self._ts, said)
        except SlackError as problem:
            log.warning("progress was not shown", extra={"ts": self._ts, "problem": problem.words})


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    return type(reason).__name__ if isinstance(reason, Exception) else str(reason)
