"""What the stack tells the orchestrator: read once, all mistakes named at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from orchestrator.aws.quota import SHARED_QUOTA, SHARED_RATE
from orchestrator.domain.policy import NEWEST_ASKED, Policy, Scope
from orchestrator.domain.request import LONGEST_LOOKBACK_DAYS, PERIODS, SHORTEST_LOOKBACK_DAYS

N = TypeVar("N", int, float)

SIX_DAYS = 518_400
MOST_DELETIONS = 1_000
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_APPROVER = re.compile(r"[UWS][A-Z0-9]{2,}")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,64}|\*")


class BadSettings(ValueError):
    """The environment cannot be worked with; the message names every variable, its value and what is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The orchestrator's part of the environment contract."""

    slack_secret_id: str | None
    slack_bot_token: str | None
    slack_api_url: str
    slack_channel_id: str
    report_bucket: str
    target_regions: tuple[str, ...]
    dry_run: bool
    scope_prefix: str
    policy: Policy
    approval_timeout_seconds: int
    approvers: tuple[str, ...]
    require_second_person: bool
    release_id: str
    shared_rate: float
    """Control-plane calls a second that one run may take of the account's shared quota."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment. Raises BadSettings with all problems in one message."""
        read = _Reader(environ)
        token, secret = environ.get("SLACK_BOT_TOKEN") or None, environ.get("SLACK_SECRET_ID") or None
        if token is None and secret is None:
            read.problem("SLACK_SECRET_ID", "must name the Slack secret (or set SLACK_BOT_TOKEN)")
        dry_run = environ.get("DELETE_DRY_RUN", "true") != "false"
        prefix = read.text("DELETABLE_PREFIX", _PREFIX, "the beginning of function names, or * for all", default="")
        if not dry_run and not prefix:
            read.problem("DELETABLE_PREFIX", "must be given when deletes are on; type * to allow all functions")
        settings = cls(
            slack_secret_id=secret,
            slack_bot_token=token,
            slack_api_url=environ.get("SLACK_API_URL") or "https://slack.com/api/",
            slack_channel_id=read.text("SLACK_CHANNEL_ID", _CHANNEL, "a channel id, such as C0123456789"),
            report_bucket=read.text("REPORT_BUCKET", re.compile(r"\S+"), "the name of the report bucket"),
            target_regions=read.regions("TARGET_REGIONS"),
            dry_run=dry_run,
            scope_prefix=prefix or "*",  # a rehearsal may look at everything; a delete must be told
            policy=Policy(
                min_age_days=read.number("MIN_AGE_DAYS", 14, 1, LONGEST_LOOKBACK_DAYS),
                keep_last_n=read.number("KEEP_LAST_N", 3, 1, NEWEST_ASKED),
                lookback_days=read.number("LOOKBACK_DAYS", 35, SHORTEST_LOOKBACK_DAYS, LONGEST_LOOKBACK_DAYS),
                period_seconds=read.one_of("PERIOD_SECONDS", 3600, PERIODS),
                function_name_prefix=environ.get("FUNCTION_NAME_PREFIX") or None,
                max_deletions=read.number("MAX_DELETIONS", 200, 1, MOST_DELETIONS),
            ),
            approval_timeout_seconds=read.number("APPROVAL_TIMEOUT_SECONDS", SIX_DAYS, 120, 31_000_000),
            approvers=read.approvers("APPROVERS"),
            require_second_person=read.flag("REQUIRE_SECOND_PERSON"),
            release_id=environ.get("RELEASE_ID") or "unreleased",
            shared_rate=read.rate("SHARED_CALLS_PER_SECOND", SHARED_RATE),
        )
        if settings.policy.lookback_days < settings.policy.min_age_days:
            read.problem("LOOKBACK_DAYS", f"must be at least MIN_AGE_DAYS, {settings.policy.min_age_days}")
        read.raise_problems()
        return settings

    def scope(self, own_functions: frozenset[str]) -> Scope:
        """Whose versions this stack may delete."""
        return Scope(prefix=self.scope_prefix, own_functions=own_functions)


class _Reader:
    """Read variables one by one, and remember every problem instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def problem(self, name: str, words: str) -> None:
        given = self._environ.get(name)
        shown = "is not set" if not given else f"is {given[:80]!r}"
        self._problems.append(f"{name} {shown}: {words}")

    def raise_problems(self) -> None:
        if self._problems:
            raise BadSettings("the orchestrator cannot start: " + "; ".join(self._problems))

    def text(self, name: str, pattern: re.Pattern[str], words: str, default: str | None = None) -> str:
        value = self._environ.get(name, "")
        if value == "" and default is not None:
            return default
        if not pattern.fullmatch(value):
            self.problem(name, f"must be {words}")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        return self._parsed(
            name, default, int, lambda n: least <= n <= most, f"must be a whole number from {least} to {most}"
        )

    def one_of(self, name: str, default: int, accepted: tuple[int, ...]) -> int:
        return self._parsed(
            name, default, int, lambda n: n in accepted, f"must be one of {', '.join(map(str, accepted))}"
        )

    def rate(self, name: str, default: float) -> float:
        return self._parsed(
            name, default, float, lambda n: 1 <= n <= SHARED_QUOTA, f"must be from 1 to {SHARED_QUOTA:g}"
        )

    def _parsed(self, name: str, default: N, parse: Callable[[str], N], fits: Callable[[N], bool], words: str) -> N:
        value = self._environ.get(name, "")
        if value == "":
            return default
        try:
            parsed = parse(value)
        except ValueError:
            self.problem(name, words)
            return default
        if not fits(parsed):
            self.problem(name, words)
        return parsed

    def flag(self, name: str) -> bool:
        value = self._environ.get(name, "") or "false"
        if value not in ("true", "false"):
            self.problem(name, "must be true or false")
        return value == "true"

    def _listed(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self._environ.get(name, "").split(",") if word.strip())

    def regions(self, name: str) -> tuple[str, ...]:
        regions = self._listed(name)
        wrong = [region for region in regions if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region)]
        if wrong or not regions:
            self.problem(name, "must be regions separated by commas, such as us-west-2,eu-west-1")
        return regions

    def approvers(self, name: str) -> tuple[str, ...]:
        approvers = self._listed(name)
        if approvers == ("*",):
            return approvers
        if any(not _APPROVER.fullmatch(approver) for approver in approvers):
            self.problem(name, "must be Slack user ids (U…, W…) and user-group ids (S…) separated by commas, or *")
        return approvers
