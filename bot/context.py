"""What the listeners work with, how one of them says no, and how the one call that changes something is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.authorisation import Approvers
from bot.deadline import Deadline, OutOfTime
from bot.executions import Executions, Unclear
from bot.slack_client import Slack
from orchestrator.domain.settings import BotSettings

SENDING = 0.5
"""Seconds beyond the deadline that a call which was sent in time is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the listeners work with."""

    settings: BotSettings
    approvers: Approvers
    slack: Slack
    executions: Executions
    clock: Callable[[], float]
    """Seconds since 1970."""


class Declined(Exception):
    """Nothing is decided or started; the words tell the person why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def send(deadline: Deadline, call: Callable[..., None], *args: Any) -> None:
    """Make the one call that changes something: not begun past the deadline, and then given time to be answered.

    Raises Unclear when no answer came in that time.
    """
    sent = deadline.start(call, *args)
    try:
        deadline.longer(SENDING).result(sent)
    except OutOfTime:
        if sent.cancelled():
            raise
        raise Unclear("no answer", "the call") from None
