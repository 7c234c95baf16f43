"""Facts, rows and records that tests are written with: every keyword has a default, so a test names only what matters.

Time stands still at `NOW`. Unless told otherwise all is idle: old, Active, unreferred, uncalled, and every check asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestrator.domain.candidates import Candidate
from orchestrator.domain.cost import Price
from orchestrator.domain.decisions import Decision
from orchestrator.domain.judging import Assessment, judge
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.report import HeldFunction, IdleFunction, NotJudged, Summary
from orchestrator.domain.runs import Action, Approver, Held, Page, Run
from orchestrator.domain.versions import (
    Alias,
    CallHistory,
    Confirmation,
    FunctionFacts,
    KeepTag,
    LastCall,
    LiveLately,
    Missing,
    Stack,
    State,
    Usage,
    Version,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
REPLICATED = "lambda:DeleteFunction InvalidParameterValueException, because it is a replicated function"
ACCOUNT = "111122223333"
REGION = "us-west-2"
FUNCTION = "orders-api"
EXECUTION = "8f3c2e1a-5b7d-4c1e-9a2f-0123456789ab"
ORCHESTRATOR = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:snapstart-orchestrator:3"
EXECUTION_ARN = f"{ORCHESTRATOR}/durable-execution/scan-1/{EXECUTION}"
THROTTLED = "cloudwatch:GetMetricData ThrottlingException, Rate exceeded"


def days_ago(days: float, *, now: datetime = NOW) -> datetime:
    """A moment so many days before `now`."""
    return now - timedelta(days=days)


def an_arn(function_name: str = FUNCTION, number: int = 1) -> str:
    """A version's ARN."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function_name}:{number}"


# Facts


def a_version(number: int = 1, *, function_name: str = FUNCTION, age_days: float = 100, **given: Any) -> Version:
    """A published SnapStart version, a hundred days old."""
    defaults: dict[str, Any] = {
        "arn": an_arn(function_name, number),
        "runtime": "python3.12",
        "architecture": "x86_64",
        "memory_mb": 1024,
        "package_type": "Zip",
        "last_modified": days_ago(age_days),
        "optimization_status": "On",
        "durable": False,
    }
    return Version(function_name=function_name, number=number, **{**defaults, **given})


def versions(numbers: Iterable[int], **given: Any) -> tuple[Version, ...]:
    """Versions with these numbers, otherwise alike."""
    return tuple(a_version(number, **given) for number in numbers)


def an_alias(name: str = "live", version: int | None = None, *, weights: Mapping[int, float] | None = None) -> Alias:
    """An alias; one that points to no number points to `$LATEST`."""
    return Alias(name=name, version=version, weights=tuple((weights or {}).items()))


def a_call(days: float = 1, *, through: str | None = None) -> LastCall:
    """The last call of a version, so many days ago."""
    return LastCall(days_ago(days), through)


def a_usage(asked: Iterable[int] = range(1, 101), **given: Any) -> Usage:
    """How a function was used: not at all, and every version was asked about."""
    return Usage(asked=frozenset(asked), **given)


def missing(check: Check, words: str = THROTTLED) -> Missing:
    """A check that could not be completed."""
    return Missing(check, words)


def facts(numbers: Iterable[int] = range(1, 11), *, name: str = FUNCTION, **given: Any) -> FunctionFacts:
    """What a listing alone tells of a function: its ten versions, and no check asked yet."""
    given.setdefault("versions", versions(numbers, function_name=name))
    return FunctionFacts(name=name, **given)


def idle_facts(
    numbers: Iterable[int] = range(1, 11),
    *,
    states: Mapping[int, State | Missing | str | None] | None = None,
    policies: Mapping[int, bool | Missing | None] | None = None,
    executions: Mapping[int, bool | Missing] | None = None,
    histories: Mapping[int, CallHistory | Missing] | None = None,
    **given: Any,
) -> FunctionFacts:
    """A function of which everything was asked and nothing holds its versions but their rank.

    `states` and `policies` replace the answers of single versions; None takes the answer away: it was not asked.
    """
    known = facts(numbers, **given)
    listed = [version.number for version in known.versions]
    replaced: dict[str, Any] = {
        "aliases": (),
        "usage": a_usage(listed),
        "event_sources": frozenset(),
        "keep_tag": KeepTag(),
        "live_lately": LiveLately(),
        "stack": Stack(),
    } | given
    return FunctionFacts(
        name=known.name,
        versions=known.versions,
        other_numbers=known.other_numbers,
        aliases=replaced["aliases"],
        usage=replaced["usage"],
        event_sources=replaced["event_sources"],
        keep_tag=replaced["keep_tag"],
        live_lately=replaced["live_lately"],
        stack=replaced["stack"],
        confirmation=Confirmation(
            states={n: State(s) if isinstance(s, str) else s for n, s in _answers(listed, "Active", states)},
            policies=dict(_answers(listed, False, policies)),
            executions=executions or {},
            histories=histories or {},
        ),
    )


def _answers(numbers: Iterable[int], usual: Any, replaced: Mapping[int, Any] | None) -> Iterable[tuple[int, Any]]:
    answers = dict.fromkeys(numbers, usual) | dict(replaced or {})
    return [(number, answer) for number, answer in answers.items() if answer is not None]


def verdicts(
    known: FunctionFacts, *, policy: Policy | None = None, scope: Scope | None = None, now: datetime = NOW, **rules: Any
) -> dict[int, Assessment]:
    """The verdict on every version of a function, by number; `rules` are fields of the policy."""
    judged = judge(known, policy or Policy(**rules), scope or Scope(), now)
    return {assessment.version.number: assessment for assessment in judged}


def candidates_of(known: FunctionFacts, **how: Any) -> set[int]:
    """The numbers of the versions that may be offered."""
    return {number for number, assessment in verdicts(known, **how).items() if assessment.candidate}


def an_assessment(number: int = 1, *flags: Flag, function_name: str = FUNCTION, **given: Any) -> Assessment:
    """A verdict written down by hand: a candidate unless flags are given."""
    defaults: dict[str, Any] = {
        "version": a_version(number, function_name=function_name),
        "flags": frozenset(flags or {Flag.NO_ACTIVITY_AND_STALE}),
        "age_days": 100,
        "state": State("Active"),
    }
    return Assessment(**{**defaults, **given})


# Rows, totals and records


def a_price(usd_per_gb_second: float = 0.0000015046, **given: Any) -> Price:
    """The cache price of the region."""
    defaults: dict[str, Any] = {"region": REGION, "published": "2026-09-19", "source": "price list"}
    return Price(usd_per_gb_second=usd_per_gb_second, **{**defaults, **given})


def a_candidate(number: int = 1, *, function_name: str = FUNCTION, **given: Any) -> Candidate:
    """A version that is offered, at $3.90 a month."""
    defaults: dict[str, Any] = {
        "arn": an_arn(function_name, number),
        "monthly_usd": 3.9,
        "age_days": 100,
        "runtime": "python3.12",
        "memory_mb": 1024,
        "package_type": "Zip",
        "state": "Active",
        "published_on": "2026-08-12",
        "published_at": "2026-08-12T12:00:00Z",
    }
    return Candidate(function_name=function_name, number=number, **{**defaults, **given})


def candidates(numbers: Iterable[int] = range(1, 8), **given: Any) -> tuple[Candidate, ...]:
    """Candidates with these numbers, otherwise alike."""
    return tuple(a_candidate(number, **given) for number in numbers)


def a_run(**given: Any) -> Run:
    """A run somebody asked for, that has just begun."""
    defaults: dict[str, Any] = {
        "execution": EXECUTION,
        "execution_arn": EXECUTION_ARN,
        "region": REGION,
        "account_id": ACCOUNT,
        "started_at": int(NOW.timestamp()),
        "requested_by": "U0ASKER",
        "channel_id": "C0REVIEW",
        "dry_run": False,
        "policy": {"min_age_days": 14, "keep_last_n": 3, "lookback_days": 35},
    }
    return Run(**{**defaults, **given})


def a_page(*offered: Candidate, **given: Any) -> Page:
    """The only page of a run, posted and waiting: seven versions of one function unless told otherwise."""
    defaults: dict[str, Any] = {
        "execution": EXECUTION,
        "execution_arn": EXECUTION_ARN,
        "region": REGION,
        "account_id": ACCOUNT,
        "page": 1,
        "pages": 1,
        "revision": "1r674d",
        "callback_id": "Y2FsbGJhY2s=",
        "channel_id": "C0REVIEW",
        "message_ts": "1795000000.000100",
        "requested_by": "U0ASKER",
        "dry_run": False,
        "expires_at": int(days_ago(-6).timestamp()),
        "candidates": offered or candidates(),
    }
    return Page(**{**defaults, **given})


def a_held(**given: Any) -> Held:
    """What *Why held?* answers for one function with three versions behind their rank."""
    defaults: dict[str, Any] = {
        "execution": EXECUTION,
        "snapstart": 10,
        "held": 3,
        "not_judged": 0,
        "totals": "3 newest 3",
        "functions": ((FUNCTION, 3, ("8–10 among the newest 3 of its function",)),),  # noqa: RUF001
    }
    return Held(**{**defaults, **given})


def a_summary(**given: Any) -> Summary:
    """The totals of a scan that found seven idle versions of one function, at $27.30 a month."""
    defaults: dict[str, Any] = {
        "listed": 40,
        "snapstart": 10,
        "candidates": 7,
        "monthly_usd": 27.3,
        "held": 3,
        "not_judged": 0,
        "not_looked_at": 0,
        "not_looked_at_usd": 0.0,
        "held_by_flag": {"protected_kept_last_n": 3},
        "functions": (an_idle_function(),),
        "held_functions": (a_held_function(),),
        "held_functions_more": 0,
        "not_judged_rows": (),
        "not_judged_more": 0,
        "region_active": True,
        "lookback_period_seconds": 3600,
        "period_widened": False,
        "price": a_price(),
        "calls": {"shared": 4},
    }
    return Summary(**{**defaults, **given})


def an_idle_function(name: str = FUNCTION, **given: Any) -> IdleFunction:
    """One function's line of the table: seven idle, three stay."""
    defaults: dict[str, Any] = {"idle": 7, "monthly_usd": 27.3, "stays": ("10 live", "9", "8"), "stays_more": 0}
    return IdleFunction(name=name, **{**defaults, **given})


def a_held_function(name: str = FUNCTION, **given: Any) -> HeldFunction:
    """One function's paragraph of *Why held?*."""
    defaults: dict[str, Any] = {"held": 3, "lines": ("8–10 among the newest 3 of its function",)}  # noqa: RUF001
    return HeldFunction(name=name, **{**defaults, **given})


def not_judged(function_name: str = "pdf-render", **given: Any) -> NotJudged:
    """Versions that could not be judged."""
    return NotJudged(function_name=function_name, **{"numbers": "3–16", "words": THROTTLED, **given})  # noqa: RUF001


# Decisions


def an_answer(*approved: tuple[str, int], **given: Any) -> dict[str, Any]:
    """What the durable callback carries: an approval of these versions, or with `approved=False` a rejection."""
    defaults: dict[str, Any] = {
        "approved": True,
        "approved_versions": [{"function_name": name, "version": str(number)} for name, number in approved],
        "approver": {"id": "U0APPROVER", "name": "approver"},
        "decided_at": "2026-11-20T14:20:00Z",
    }
    return {**defaults, **given}


def a_decision(*approved: tuple[str, int], **given: Any) -> Decision:
    """One person's answer to one page."""
    defaults: dict[str, Any] = {
        "action": Action.APPROVE if approved else Action.REJECT,
        "approver": Approver("U0APPROVER", "approver"),
        "decided_at": "2026-11-20T14:20:00Z",
    }
    return Decision(versions=frozenset(approved), **{**defaults, **given})


# Memory, ledger and pause
