"""What Slack refused, or left open, in words for people, told apart by what may mend it.

Every failure is a `SlackError`: `SlackUnreachable`, which another attempt may mend, or `SlackRefused`, which it cannot;
of those, `MessageRefused` is about the message itself, and `TokenRefused` about the token, which another one may mend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
MESSAGE_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
"""What Slack says of a message that it does not take as it is, and may take simpler."""
IN_DOUBT = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""Slack's own failures: whether the call was carried out is not known."""
TOKEN_REFUSED = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""What Slack says of a token that was replaced."""

_CODE = re.compile(r"[a-z0-9_]+")
_SCOPES = re.compile(r"[a-z.:]+(,[a-z.:]+)*")


class SlackError(Exception):
    """Slack did not do what it was asked to; `words` say so to people. Raised as one of the two below."""

    permanent: bool
    """Whether another attempt is of no use."""

    def __init__(self, method: str, words: str) -> None:
        super().__init__(f"Slack: {words} ({method})")
        self.method = method
        self.words = f"Slack: {words}"


class SlackUnreachable(SlackError):
    """Slack did not answer, or only that it is unwell: whether the call was carried out is not known."""

    permanent = False


class SlackRefused(SlackError):
    """Slack said no; `code` is its own word for it, such as `channel_not_found`."""

    permanent = True

    def __init__(self, method: str, code: str, words: str | None = None) -> None:
        super().__init__(method, words or code)
        self.code = code


class MessageRefused(SlackRefused):
    """Slack does not take the message as it is: too long, or with blocks it does not draw."""


class TokenRefused(SlackRefused):
    """Slack does not take the token; another one may be on its way into the secret."""

    permanent = False


class RateLimited(SlackUnreachable):
    """Slack asked to wait longer, or more often, than we do. The call was not carried out."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(method, "ratelimited")
        self.seconds = seconds


def refusal(method: str, error: SlackApiError) -> SlackError:
    """The problem behind an answer of Slack that is not ok."""
    response: Any = error.response
    if response.status_code == TOO_MANY_REQUESTS:
        return RateLimited(method, _retry_after(response.headers))
    if response.status_code >= SERVER_ERROR:
        return SlackUnreachable(method, f"HTTP {response.status_code}")
    code = str(response.get("error"))
    if code in IN_DOUBT:
        return SlackUnreachable(method, code)
    if not _CODE.fullmatch(code):  # some proxy's page
        return SlackUnreachable(method, "an answer that is not Slack's")
    kind = MessageRefused if code in MESSAGE_REFUSED else TokenRefused if code in TOKEN_REFUSED else SlackRefused
    return kind(method, code, _with_what_it_needs(code, response.get("needed")))


def _with_what_it_needs(code: str, needed: object) -> str:
    """Slack's code, and the scopes that it names beside a `missing_scope`."""
    if code != "missing_scope" or not isinstance(needed, str) or not _SCOPES.fullmatch(needed):
        return code
    return f"{code}, it needs {needed}"


def _retry_after(headers: Mapping[str, Any]) -> float:
    """The seconds Slack asks to wait; one when it does not say."""
    told = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(told) if told.isdecimal() else 1.0
