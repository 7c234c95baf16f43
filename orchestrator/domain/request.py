"""Read a request: every mistake named at once, and never laxer than the stack's own policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from orchestrator.domain.accounts import Account
from orchestrator.domain.policy import (
    ACTIVITY_RULES,
    LONGEST_LOOKBACK_DAYS,
    NEWEST_ASKED,
    PERIODS,
    SHORTEST_LOOKBACK_DAYS,
    Policy,
)

LONGEST_FUNCTION_NAME = 64
LONGEST_REASON = 300
_FUNCTION_NAME = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_FUNCTION_NAME}}}")
_EXECUTION = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ADDRESS = re.compile(r"https?://[^\s<>|]{1,1000}")
_VERSION = re.compile(r"[1-9][0-9]{0,18}")

STRICTER = "a request may only be stricter than the stack's own setting"


class Kind(StrEnum):
    """What a request asks for."""

    SCAN = "scan"
    """Find idle versions in one account and region, ask, delete what is approved."""
    SWEEP = "sweep"
    """Scan every target account and region, and post one digest."""
    WHY = "why"
    """Say why one function's versions, or one of them, are held or offered."""
    PAUSE = "pause"
    """Let nothing be deleted for now."""
    RESUME = "resume"
    """End a pause."""
    STOP = "stop"
    """End the open run of one account and region."""
    DOCTOR = "doctor"
    """Test the installation from inside."""
    SAVED = "saved"
    """Say what the bill shows was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for, with the policy it is judged by."""

    kind: Kind = Kind.SCAN
    account_id: str | None = None
    """One of the target accounts; None for the first of them, which is the stack's own where none is named."""
    region: str
    policy: Policy
    requested_by: str | None = None
    """The Slack user id of who asked; None for the schedule."""
    channel_id: str | None = None
    request_id: str | None = None
    function_name: str | None = None
    """Whose versions a `why` asks about; never None there."""
    version: int | None = None
    """The one version a `why` asks about; None for all of the function."""
    until: datetime | None = None
    """The moment a pause ends, in UTC; None when it lasts until somebody resumes."""
    reason: str | None = None
    """Why a pause was asked for, in the asker's words."""
    requested_by_name: str | None = None
    """What who asked is called, for where an id does not render."""
    sweep: str | None = None
    """The sweep that a scan is part of: its digest speaks for it where it has no question of its own."""
    execution: str | None = None
    """The run that a `stop` was allowed to end; None: whichever is open in the account and region."""
    click: bool = True
    """Whether a `doctor` asks for the click that shows whether ticks arrive."""
    response_url: str | None = attribute(default=None, repr=False)
    """Where whoever typed a command is answered privately, for 30 minutes and five times: never logged or stored."""


class RefusedRequest(ValueError):
    """A request that cannot be carried out; `problems` names every field, its value and what is accepted."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def read_request(raw: Any, *, regions: Sequence[str], policy: Policy, accounts: Sequence[Account] = ()) -> Request:
    """Read a request against the stack's regions and accounts (the first of each is the default) and its policy.

    Raises RefusedRequest with all problems in one message.
    """
    if raw is not None and not isinstance(raw, Mapping):
        raise RefusedRequest([f"the request must be a JSON object, not {type(raw).__name__}"])
    given = {key: value for key, value in (raw or {}).items() if value is not None}
    problems = _misplaced(given)
    possible = {}
    for field, value in given.items():
        wrong = _FIELDS[field](value) if field in _FIELDS else []
        problems += [f"`{field}` {_shown(value)}: {words}" for words in wrong]
        if not wrong:
            possible[field] = value
    problems += _conflicts(possible, regions, policy, accounts)
    if problems:
        raise RefusedRequest(problems)
    longer = {"lookback_days": lookback_for(given, policy)}
    version, until = given.get("version"), given.get("until")
    return Request(
        kind=Kind(given.get("kind", Kind.SCAN)),
        account_id=given.get("account_id"),
        region=given.get("region", regions[0]),
        policy=replace(policy, **{field: given[field] for field in _POLICY_FIELDS if field in given} | longer),
        requested_by=given.get("requested_by"),
        channel_id=given.get("channel_id"),
        request_id=given.get("request_id"),
        function_name=given.get("function_name"),
        version=None if version is None else int(version),
        until=None if until is None else _moment(until),
        reason=given.get("reason"),
        requested_by_name=given.get("requested_by_name"),
        sweep=given.get("sweep"),
        execution=given.get("execution"),
        click=given.get("click", True),
        response_url=given.get("response_url"),
    )


def _misplaced(given: Mapping[str, Any]) -> list[str]:
    """Fields that the kind of request does not have, and one that it needs and lacks."""
    kind = given.get("kind", Kind.SCAN)
    fields = _fields_of(Kind(kind)) if kind in _KINDS else tuple(_FIELDS)
    whose = f"of a {kind} request" if kind in _KINDS else "of any request"
    refused = f"is not a field {whose}; the fields are {', '.join(fields)}"
    problems = [f"`{field}` {refused}" for field in given if field not in fields]
    if kind == Kind.WHY and "function_name" not in given:
        problems.append("`function_name` is missing: a why request needs the function it asks about")
    return problems


def _fields_of(kind: Kind) -> tuple[str, ...]:
    return tuple(field for field in _FIELDS if field in _EVERY_KIND or field in _OWN_FIELDS[kind])


def lookback_for(given: Mapping[str, Any], policy: Policy) -> int:
    """The lookback asked for; the stack's own, made as long as the age asked for, when none was."""
    asked: int | None = given.get("lookback_days")
    return asked or max(policy.lookback_days, given.get("min_age_days", policy.min_age_days))


def _conflicts(
    given: Mapping[str, Any], regions: Sequence[str], policy: Policy, accounts: Sequence[Account]
) -> list[str]:
    problems = []
    if "account_id" in given and given["account_id"] not in [account.id for account in accounts]:
        known = f"one of {', '.join(account.label for account in accounts)}" if accounts else "left out"
        problems.append(f"`account_id` {_shown(given['account_id'])}: must be {known}")
    if given.get("region", regions[0]) not in regions:
        problems.append(f"`region` {_shown(given['region'])}: must be one of {', '.join(regions)}")
    for field in ("min_age_days", "keep_last_n", "lookback_days"):
        least = getattr(policy, field)
        if given.get(field, least) < least:
            problems.append(f"`{field}` {given[field]}: must be {least} or more; {STRICTER}")
    min_age = given.get("min_age_days", policy.min_age_days)
    lookback = lookback_for(given, policy)
    if lookback < min_age:
        problems.append(f"`lookback_days` {lookback}: must be at least `min_age_days`, {min_age}")
    if given.get("function_activity", policy.function_activity) != policy.function_activity == "strict":
        problems.append(f"`function_activity` 'attributed': must be strict; {STRICTER}")
    prefix = policy.function_name_prefix or ""
    if not given.get("function_name_prefix", prefix).startswith(prefix):
        problems.append(
            f"`function_name_prefix` {_shown(given['function_name_prefix'])}: must start with {prefix!r}; {STRICTER}"
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


def _kind(value: Any) -> list[str]:
    return [] if value in _KINDS else [f"must be one of {', '.join(_KINDS)}"]


def _function_name(value: Any) -> list[str]:
    if isinstance(value, str) and _FUNCTION_NAME.fullmatch(value):
        return []
    return ["must be the name of a function: letters, digits, - and _, at most 64"]


def _version(value: Any) -> list[str]:
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return []
    return ["must be the number of a published version, as a text"]


def _reason(value: Any) -> list[str]:
    if isinstance(value, str) and 0 < len(value) <= LONGEST_REASON:
        return []
    return [f"must be a text of at most {LONGEST_REASON} characters"]


def _execution(value: Any) -> list[str]:
    if isinstance(value, str) and _EXECUTION.fullmatch(value):
        return []
    return ["must be the id of a run"]


def _flag(value: Any) -> list[str]:
    return [] if isinstance(value, bool) else ["must be true or false"]


def _address(value: Any) -> list[str]:
    return [] if isinstance(value, str) and _ADDRESS.fullmatch(value) else ["must be a web address"]


def _until(value: Any) -> list[str]:
    try:
        _moment(value)
    except (TypeError, ValueError, OverflowError):
        return ["must be a date (2026-12-24, that day included) or a moment (2026-12-24T18:00Z), in UTC unless it says"]
    return []


def _moment(text: str) -> datetime:
    """The moment a text names in UTC; the end of the day for a date."""
    try:
        moment = datetime.combine(date.fromisoformat(text), time.min) + timedelta(days=1)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_FIELDS: dict[str, Callable[[Any], list[str]]] = {
    "kind": _kind,
    "account_id": _text,
    "region": _text,
    "lookback_days": _whole_number(SHORTEST_LOOKBACK_DAYS, LONGEST_LOOKBACK_DAYS),
    "min_age_days": _whole_number(1, LONGEST_LOOKBACK_DAYS),
    "keep_last_n": _whole_number(1, NEWEST_ASKED),
    "period_seconds": _period,
    "function_name_prefix": _function_name_prefix,
    "function_activity": _activity,
    "function_name": _function_name,
    "version": _version,
    "until": _until,
    "reason": _reason,
    "execution": _execution,
    "click": _flag,
    "sweep": _text,
    "requested_by": _text,
    "requested_by_name": _text,
    "channel_id": _text,
    "request_id": _text,
    "response_url": _address,
}
_KINDS = tuple(kind.value for kind in Kind)
_POLICY_FIELDS = (
    "min_age_days",
    "keep_last_n",
    "lookback_days",
    "period_seconds",
    "function_activity",
    "function_name_prefix",
)
_EVERY_KIND = ("kind", "requested_by", "requested_by_name", "channel_id", "request_id")
_ANSWERED = ("response_url",)
"""What a request has that is answered privately."""
_OWN_FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.SCAN: ("account_id", "region", "sweep", *_POLICY_FIELDS),
    Kind.SWEEP: _POLICY_FIELDS,
    Kind.WHY: ("account_id", "region", "function_name", "version", *_ANSWERED),
    Kind.PAUSE: ("until", "reason", *_ANSWERED),
    Kind.RESUME: _ANSWERED,
    Kind.STOP: ("account_id", "region", "execution", *_ANSWERED),
    Kind.DOCTOR: ("click", *_ANSWERED),
    Kind.SAVED: _ANSWERED,
}
