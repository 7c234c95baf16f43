"""Read a scan request: every mistake named at once, and never laxer than the stack's own policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.domain.policy import NEWEST_ASKED, Policy

ACTIVITY_RULES = ("attributed", "strict")
LONGEST_LOOKBACK_DAYS = 455
"""CloudWatch keeps hourly datapoints for 455 days (GetMetricData, retention)."""
SHORTEST_LOOKBACK_DAYS = 7
PERIODS = tuple(seconds for seconds in range(60, 3601, 60) if 3600 % seconds == 0)
"""Whole minutes that divide an hour: CloudWatch keeps nothing finer, and the reconciliation wants at most an hour."""
LONGEST_FUNCTION_NAME = 64
_FUNCTION_NAME = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_FUNCTION_NAME}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One scan that was asked for, with the policy it is judged by."""

    region: str
    policy: Policy
    requested_by: str | None = None
    """The Slack user id of who asked; None for the schedule."""
    channel_id: str | None = None
    request_id: str | None = None


class RefusedRequest(ValueError):
    """A request that cannot be carried out; `problems` names every field, its value and what is accepted."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def read_request(raw: Any, *, regions: Sequence[str], policy: Policy) -> Request:
    """Read a request against the stack's regions (the first is the default) and its policy.

    Raises RefusedRequest with all problems in one message.
    """
    if raw is not None and not isinstance(raw, Mapping):
        raise RefusedRequest([f"the request must be a JSON object, not {type(raw).__name__}"])
    given = {key: value for key, value in (raw or {}).items() if value is not None}
    problems = [f"`{key}` is not a field; the fields are {', '.join(_FIELDS)}" for key in given if key not in _FIELDS]
    possible = {}
    for field, value in given.items():
        wrong = _FIELDS[field](value) if field in _FIELDS else []
        problems += [f"`{field}` {_shown(value)}: {words}" for words in wrong]
        if not wrong:
            possible[field] = value
    problems += _conflicts(possible, regions, policy)
    if problems:
        raise RefusedRequest(problems)
    longer = {"lookback_days": lookback_for(given, policy)}
    return Request(
        region=given.get("region", regions[0]),
        policy=replace(policy, **{field: given[field] for field in _POLICY_FIELDS if field in given} | longer),
        requested_by=given.get("requested_by"),
        channel_id=given.get("channel_id"),
        request_id=given.get("request_id"),
    )


def lookback_for(given: Mapping[str, Any], policy: Policy) -> int:
    """The lookback asked for; the stack's own, made as long as the age asked for, when none was."""
    asked: int | None = given.get("lookback_days")
    return asked or max(policy.lookback_days, given.get("min_age_days", policy.min_age_days))


def _conflicts(given: Mapping[str, Any], regions: Sequence[str], policy: Policy) -> list[str]:
    problems = []
    if given.get("region", regions[0]) not in regions:
        problems.append(f"`region` {_shown(given['region'])}: must be one of {', '.join(regions)}")
    for field in ("min_age_days", "keep_last_n", "lookback_days"):
        least = getattr(policy, field)
        if given.get(field, least) < least:
            problems.append(f"`{field}` {given[field]}: must be {least} or more, as this stack is set")
    min_age = given.get("min_age_days", policy.min_age_days)
    lookback = lookback_for(given, policy)
    if lookback < min_age:
        problems.append(f"`lookback_days` {lookback}: must be at least `min_age_days`, {min_age}")
    if given.get("function_activity", policy.function_activity) != policy.function_activity == "strict":
        problems.append("`function_activity` 'attributed': must be strict, as this stack is set")
    prefix = policy.function_name_prefix or ""
    if not given.get("function_name_prefix", prefix).startswith(prefix):
        problems.append(
            f"`function_name_prefix` {_shown(given['function_name_prefix'])}: must start with {prefix!r}, "
            "as this stack is set"
        )
    return problems


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_FUNCTION_NAME else f"{text[: LONGEST_FUNCTION_NAME - 1]}…"


def _whole_number(least: int, most: int | None = None) -> Callable[[Any], list[str]]:
    def check(value: Any) -> list[str]:
        if type(value) is not int:
            return ["must be a whole number"]
        if value < least:
            return [f"must be {least} or more"]
        if most is not None and value > most:
            return [f"must be {most} or less"]
        return []

    return check


def _text(value: Any) -> list[str]:
    return [] if isinstance(value, str) and value else ["must be a text that is not empty"]


def _function_name_prefix(value: Any) -> list[str]:
    if isinstance(value, str) and _FUNCTION_NAME.fullmatch(value):
        return []
    return ["must be the beginning of a function name: letters, digits, - and _, at most 64"]


def _period(value: Any) -> list[str]:
    if type(value) is int and value in PERIODS:
        return []
    return [f"must be one of {', '.join(map(str, PERIODS))}"]


def _activity(value: Any) -> list[str]:
    return [] if value in ACTIVITY_RULES else [f"must be {' or '.join(ACTIVITY_RULES)}"]


_FIELDS: dict[str, Callable[[Any], list[str]]] = {
    "region": _text,
    "lookback_days": _whole_number(SHORTEST_LOOKBACK_DAYS, LONGEST_LOOKBACK_DAYS),
    "min_age_days": _whole_number(1, LONGEST_LOOKBACK_DAYS),
    "keep_last_n": _whole_number(1, NEWEST_ASKED),
    "period_seconds": _period,
    "function_name_prefix": _function_name_prefix,
    "function_activity": _activity,
    "requested_by": _text,
    "channel_id": _text,
    "request_id": _text,
}
_POLICY_FIELDS = (
    "min_age_days",
    "keep_last_n",
    "lookback_days",
    "period_seconds",
    "function_activity",
    "function_name_prefix",
)
