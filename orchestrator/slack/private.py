"""Answer who typed a command, privately, at the address that came with it. The address is a secret for half an hour."""

from __future__ import annotations

import logging

from slack_sdk.webhook import WebhookClient

from orchestrator.slack.errors import SlackUnreachable

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
LONGEST = 3_900
"""Bytes of a text that Slack takes."""
OK = 200


def answer_privately(response_url: str, text: str) -> None:
    """Tell one person something. Raises SlackUnreachable when Slack did not take it."""
    client = WebhookClient(response_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
    try:
        answer = client.send(text=_cut(text), response_type="ephemeral")
    except OSError as error:
        raise SlackUnreachable("response_url", f"could not be reached ({type(error).__name__})") from error
    if answer.status_code != OK:
        raise SlackUnreachable("response_url", f"HTTP {answer.status_code}")


def _cut(text: str) -> str:
    if len(text.encode()) <= LONGEST:
        return text
    return text.encode()[: LONGEST - 3].decode(errors="ignore") + "…"
