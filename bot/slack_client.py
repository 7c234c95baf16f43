"""The only Slack the bot knows: who somebody is, what our installation is, and telling one person something.

Every call is made once: no retries, since somebody waits.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

Json = dict[str, Any]
T = TypeVar("T")

MEMBERS_KNOWN_FOR = 300.0
"""Seconds the members of a user group are believed before they are asked for again."""
TOO_MANY_REQUESTS = 429
OK = 200

_CREDENTIALS_DOUBTED = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"})
_OUTSIDERS = frozenset({"user_not_found", "user_not_visible"})
"""What Slack says of people that our workspace cannot see."""


class SlackCallError(Exception):
    """Slack did not do as asked; the words are its own error code, or what happened instead of an answer."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Installation:
    """Whose token we hold: the workspace, and the bot that posts our messages."""

    team_id: str
    bot_id: str


class Slack:
    """Slack, as the bot may touch it. Safe to use from several threads.

    `token` is asked before each call, `doubted` is told when Slack does not accept it. `clock` is a wall clock: one
    that stands still while the process is frozen would make old members look fresh.
    """

    def __init__(
        self,
        *,
        api_url: str,
        token: Callable[[], str],
        doubted: Callable[[], object],
        timeout: int,
        clock: Callable[[], float],
    ) -> None:
        self._client = WebClient(base_url=api_url, timeout=timeout, retry_handlers=[])
        self._timeout = timeout
        self._token = token
        self._doubted = doubted
        self._clock = clock
        self._installation: Installation | None = None
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def installation(self) -> Installation:
        """Our own installation, asked once. Raises SlackCallError."""
        if self._installation is None:
            answer = self._told(lambda: self._client.auth_test(token=self._token()))
            self._installation = Installation(_text(answer, "team_id"), _text(answer, "bot_id"))
        return self._installation

    def user(self, user_id: str) -> Json:
        """What Slack knows of somebody now; of an outsider it may tell no more than their id. Raises SlackCallError."""
        try:
            user = self._told(lambda: self._client.users_info(user=user_id, token=self._token())).get("user")
        except SlackCallError as trouble:
            if trouble.words in _OUTSIDERS:
                return {"id": user_id}
            raise
        if not isinstance(user, dict) or user.get("id") != user_id:
            raise SlackCallError("an answer without the user")
        return user

    def members(self, group_id: str) -> frozenset[str]:
        """Who is in a user group, as of five minutes ago at most. Raises SlackCallError."""
        with self._lock:
            asked_at, known = self._members.get(group_id, (float("-inf"), frozenset()))
        now = self._clock()
        if 0 <= now - asked_at < MEMBERS_KNOWN_FOR:
            return known
        users = self._told(lambda: self._client.usergroups_users_list(usergroup=group_id, token=self._token())).get(
            "users"
        )
        if not isinstance(users, list):
            raise SlackCallError("an answer without the users")
        members = frozenset(user for user in users if isinstance(user, str))
        with self._lock:
            self._members[group_id] = (now, members)
        return members

    def whisper(self, response_url: str, text: str, *, thread_ts: str | None) -> None:
        """Tell the person who acted, and nobody else, in the thread they acted in. Raises SlackCallError."""
        body: Json = {"text": text, "response_type": "ephemeral", "replace_original": False}
        if thread_ts is not None:
            body["thread_ts"] = thread_ts
        client = WebhookClient(response_url, timeout=self._timeout, retry_handlers=[])
        answer = _reached(lambda: client.send_dict(body))
        if answer.status_code != OK:
            raise SlackCallError(f"HTTP {answer.status_code}")

    def open_modal(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal for the person who holds the trigger. Raises SlackCallError."""
        self._told(lambda: self._client.views_open(trigger_id=trigger_id, view=dict(view), token=self._token()))

    def replace(self, channel_id: str, ts: str, text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
        """Put a message of a run that is over into its last form. Raises SlackCallError."""
        shown = [dict(block) for block in blocks]
        self._told(
            lambda: self._client.chat_update(channel=channel_id, ts=ts, text=text, blocks=shown, token=self._token())
        )

    def _told(self, call: Callable[[], Any]) -> Json:
        try:
            answer = _reached(call).data
        except SlackCallError as trouble:
            if trouble.words in _CREDENTIALS_DOUBTED:
                self._doubted()
            raise
        if not isinstance(answer, dict):
            raise SlackCallError("an answer that is not JSON")
        return answer


def _reached(call: Callable[[], T]) -> T:
    try:
        return call()
    except SlackApiError as error:
        raise SlackCallError(_error_code(error.response)) from error
    except AttributeError as error:  # slack_sdk trips over JSON that is no object
        raise SlackCallError("an answer that is not JSON") from error
    except (SlackClientError, OSError, http.client.HTTPException, ValueError) as error:
        # URLError and timeouts are OSErrors; ValueError is what urllib says of an address it cannot use
        raise SlackCallError("no answer") from error


def _error_code(response: Any) -> str:
    if getattr(response, "status_code", None) == TOO_MANY_REQUESTS:
        return "ratelimited"
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    # slack_sdk puts a whole body here when an answer is not JSON: no code of Slack's has a space
    return code if isinstance(code, str) and code and " " not in code else "an answer that is not JSON"


def _text(answer: Json, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise SlackCallError(f"an answer without the {name}")
    return value
