"""The only Slack the bot knows: who somebody is, what our installation is, and telling one person something.

Every call is made once, and again only with another token: no retries, since somebody waits.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

Json = dict[str, Any]
T = TypeVar("T")

TOO_MANY_REQUESTS = 429
OK = 200

_CREDENTIALS_DOUBTED = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"})
_OUTSIDERS = frozenset({"user_not_found", "user_not_visible"})
"""What Slack says of people that our workspace cannot see."""
_SCOPES = re.compile(r"[a-z.:]+(,[a-z.:]+)*")


class SlackCallError(Exception):
    """Slack did not do as asked.

    `code` is Slack's own error code, or says what happened instead of an answer. `needed` names the scopes that a
    `missing_scope` asks for, separated by commas; it is empty for every other error.
    """

    def __init__(self, code: str, *, needed: str = "") -> None:
        self.code = code
        self.needed = needed
        self.words = f"{code}, it needs {needed}" if needed else code
        super().__init__(self.words)

    @property
    def refuses_the_token(self) -> bool:
        """Whether Slack does not accept the token at all."""
        return self.code in _CREDENTIALS_DOUBTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Whose token we hold: the workspace, the bot that posts our messages, and what the token may do."""

    team_id: str
    bot_id: str
    user_id: str | None
    """The bot as a member of channels; None when Slack did not tell."""
    scopes: frozenset[str] | None
    """The scopes the token was granted; None when Slack did not tell."""


class Slack:
    """Slack, as the bot may touch it. Safe to use from several threads.

    `token` is asked before each call. `doubted` is told when Slack does not accept it; the call is made once more where
    there is another token by then, since the person's click is not to be lost by a rotation.
    """

    def __init__(
        self,
        *,
        api_url: str,
        token: Callable[[], str],
        doubted: Callable[[], object],
        timeout: int,
    ) -> None:
        self._client = WebClient(base_url=api_url, timeout=timeout, retry_handlers=[])
        self._timeout = timeout
        self._token = token
        self._doubted = doubted
        self._installation: Installation | None = None

    def installation(self) -> Installation:
        """Our own installation: whose it is never changes, so it is asked once. Raises SlackCallError."""
        return self._installation or self.installation_now()

    def installation_now(self) -> Installation:
        """Our own installation as Slack knows it at this moment, scopes included. Raises SlackCallError."""
        response = self._answered(lambda token: self._client.auth_test(token=token))
        answer = _object(response)
        user_id = answer.get("user_id")
        self._installation = Installation(
            team_id=_text(answer, "team_id"),
            bot_id=_text(answer, "bot_id"),
            user_id=user_id if isinstance(user_id, str) else None,
            scopes=_scopes(response),
        )
        return self._installation

    def channel(self, channel_id: str) -> Json:
        """What Slack tells of a channel: whether we are in it, whether it is archived or shared.

        Raises SlackCallError.
        """
        answer = self._told(lambda token: self._client.conversations_info(channel=channel_id, token=token))
        channel = answer.get("channel")
        if not isinstance(channel, dict):
            raise SlackCallError("an answer without the channel")
        return channel

    def user(self, user_id: str) -> Json:
        """What Slack knows of somebody now; of an outsider it may tell no more than their id. Raises SlackCallError."""
        try:
            user = self._told(lambda token: self._client.users_info(user=user_id, token=token)).get("user")
        except SlackCallError as trouble:
            if trouble.code in _OUTSIDERS:
                return {"id": user_id}
            raise
        if not isinstance(user, dict) or user.get("id") != user_id:
            raise SlackCallError("an answer without the user")
        return user

    def members(self, group_id: str) -> frozenset[str]:
        """Who is in a user group now: asked anew for every decision. Raises SlackCallError."""
        answer = self._told(lambda token: self._client.usergroups_users_list(usergroup=group_id, token=token))
        users = answer.get("users")
        if not isinstance(users, list):
            raise SlackCallError("an answer without the users")
        return frozenset(user for user in users if isinstance(user, str))

    def has_message(self, channel_id: str, ts: str) -> bool:
        """Whether a message still stands in a channel. Raises SlackCallError."""
        try:
            self._told(lambda token: self._client.chat_getPermalink(channel=channel_id, message_ts=ts, token=token))
        except SlackCallError as trouble:
            if trouble.code == "message_not_found":
                return False
            raise
        return True

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
        self._told(lambda token: self._client.views_open(trigger_id=trigger_id, view=dict(view), token=token))

    def replace(self, channel_id: str, ts: str, text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
        """Put a message of a run that is over into its last form. Raises SlackCallError."""
        shown = [dict(block) for block in blocks]
        self._told(
            lambda token: self._client.chat_update(channel=channel_id, ts=ts, text=text, blocks=shown, token=token)
        )

    def _told(self, call: Callable[[str], Any]) -> Json:
        return _object(self._answered(call))

    def _answered(self, call: Callable[[str], T]) -> T:
        token = self._token()
        try:
            return _reached(partial(call, token))
        except SlackCallError as trouble:
            if not trouble.refuses_the_token:
                raise
            self._doubted()
            newer = self._token()  # calls run side by side: another one may have had it read
            if newer == token:
                raise
        return _reached(partial(call, newer))


def _reached(call: Callable[[], T]) -> T:
    try:
        return call()
    except SlackApiError as error:
        raise SlackCallError(_error_code(error.response), needed=_needed(error.response)) from error
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


def _needed(response: Any) -> str:
    """The scopes that Slack asks for, as it names them in a `missing_scope`."""
    data = getattr(response, "data", None)
    needed = data.get("needed") if isinstance(data, dict) and data.get("error") == "missing_scope" else None
    return needed if isinstance(needed, str) and _SCOPES.fullmatch(needed) else ""


def _scopes(response: Any) -> frozenset[str] | None:
    """The scopes of the token, which Slack names in a header of every answer."""
    headers = {str(name).lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
    named = headers.get("x-oauth-scopes")
    return frozenset(scope.strip() for scope in named.split(",")) if isinstance(named, str) else None


def _object(response: Any) -> Json:
    answer = response.data
    if not isinstance(answer, dict):
        raise SlackCallError("an answer that is not JSON")
    return answer


def _text(answer: Json, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise SlackCallError(f"an answer without the {name}")
    return value
