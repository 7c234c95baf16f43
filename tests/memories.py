"""What a region remembers, what it paused and what a ledger holds, with sensible defaults."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from orchestrator.domain.ledger import LedgerLine
from orchestrator.domain.memory import Expiry, Keep, KeepReason, Memory, Refusal, Sighting
from orchestrator.domain.news import Idle
from orchestrator.domain.pause import Pause
from orchestrator.domain.recalled import Recalled
from orchestrator.domain.remember import Box, PageAnswer
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Action, Approver
from orchestrator.domain.versions import Alias
from tests.builders import ACCOUNT, EXECUTION, FUNCTION, NOW, REGION, REPLICATED, TODAY, days_ago


def in_days(days: int, *, today: date = TODAY) -> date:
    """The day so many days after today."""
    return today + timedelta(days=days)


def a_keep(number: int = 1, *, function_name: str = FUNCTION, **given: Any) -> Keep:
    """A version that an approver unticked a week ago, for ninety days."""
    defaults: dict[str, Any] = {
        "by": "U0APPROVER",
        "name": "approver",
        "on": in_days(-7),
        "until": in_days(83),
        "reason": KeepReason.UNTICKED,
    }
    return Keep(function_name=function_name, number=number, **{**defaults, **given})


def a_refusal(number: int = 1, *, function_name: str = FUNCTION, **given: Any) -> Refusal:
    """A replica at the edge that AWS refused to delete a week ago."""
    defaults: dict[str, Any] = {"on": in_days(-7), "until": in_days(83), "words": REPLICATED}
    return Refusal(function_name=function_name, number=number, **{**defaults, **given})


def a_sighting(*aliases: Alias, first: float = 7, last: float = 0) -> Sighting:
    """A function's aliases, seen alike from so many days ago to so many days ago."""
    return Sighting(first_seen=days_ago(first), last_seen=days_ago(last), aliases=aliases)


def an_expiry(execution: str = EXECUTION, *, asked: int = -7, expired: int = -1) -> Expiry:
    """A question that nobody answered, asked and expired so many days from today."""
    return Expiry(execution=execution, asked_on=in_days(asked), expired_on=in_days(expired))


def a_memory(*remembered: Keep | Refusal, **given: Any) -> Memory:
    """What a region remembers: these keeps and refusals, and nothing else unless told so."""
    defaults: dict[str, Any] = {
        "account_id": ACCOUNT,
        "region": REGION,
        "keeps": {entry.key: entry for entry in remembered if isinstance(entry, Keep)},
        "refusals": {entry.key: entry for entry in remembered if isinstance(entry, Refusal)},
    }
    return Memory(**{**defaults, **given})


def a_box(number: int = 1, *, function_name: str = FUNCTION, **given: Any) -> Box:
    """A box that started ticked and came back ticked."""
    defaults: dict[str, Any] = {"started_ticked": True, "sent": True, "ticked": True}
    return Box(function_name=function_name, number=number, **{**defaults, **given})


def a_page_answer(*boxes: Box, **given: Any) -> PageAnswer:
    """An approver's approval of today, for real, of what is ticked."""
    defaults: dict[str, Any] = {
        "action": Action.APPROVE,
        "by": Approver("U0APPROVER", "approver"),
        "may_decide": True,
        "on": TODAY,
        "dry_run": False,
        "keep_days": 90,
    }
    return PageAnswer(boxes=boxes, **{**defaults, **given})


def recalled(*remembered: Keep | Refusal, today: date = TODAY, **given: Any) -> Recalled:
    """What a run that somebody asked for goes by."""
    defaults: dict[str, Any] = {"memory": a_memory(*remembered), "asked_for": True}
    return Recalled(day=today, **{**defaults, **given})


def an_idle(number: int = 1, *, function_name: str = FUNCTION, monthly_usd: float = 3.9, **given: Any) -> Idle:
    """An idle version that costs $3.90 a month."""
    return Idle(function_name=function_name, number=number, monthly_usd=monthly_usd, **given)


def a_ledger_line(number: int = 1, *, function_name: str = FUNCTION, **given: Any) -> LedgerLine:
    """An approved version that was deleted."""
    defaults: dict[str, Any] = {
        "execution": EXECUTION,
        "who": Approver("U0APPROVER", "approver"),
        "when": NOW,
        "offer_hash": "5f" * 32,
        "account_id": ACCOUNT,
        "region": REGION,
        "code_sha256": "4pJk0XWmVEPbQwJ8z1wYHn5xXo0B8y1cQ3o1kq0bq2A=",
        "gb": 1.0,
        "monthly_usd": 3.9,
        "outcome": Outcome.DELETED,
    }
    return LedgerLine(function_name=function_name, number=number, **{**defaults, **given})


def a_pause(**given: Any) -> Pause:
    """A pause of an hour ago, without an end."""
    defaults: dict[str, Any] = {
        "by": "U0OTHER",
        "name": "other",
        "reason": "release freeze",
        "since": NOW - timedelta(hours=1),
    }
    return Pause(**{**defaults, **given})
