"""What the stack tells the bot: read once, all mistakes named at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from orchestrator.domain.policy import NEWEST_ASKED, Policy
from orchestrator.domain.request import LONGEST_LOOKBACK_DAYS, SHORTEST_LOOKBACK_DAYS

_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_APPROVER = re.compile(r"[UWS][A-Z0-9]{2,}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ORCHESTRATOR = re.compile(r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):\d{12}:function:[A-Za-z0-9_-]+:[A-Za-z0-9$_-]+")
_ADDRESS = re.compile(r"https?://\S+")


class BadSettings(ValueError):
    """The environment cannot be worked with; the message names every variable and what is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The bot's part of the environment contract."""

    slack_secret_id: str | None
    slack_bot_token: str | None = field(repr=False)
    slack_signing_secret: str | None = field(repr=False)
    slack_api_url: str
    channel_id: str
    report_bucket: str
    orchestrator_arn: str
    """Qualified: the alias it starts."""
    target_regions: tuple[str, ...]
    """The regions that may be scanned; the first is the default."""
    approvers: tuple[str, ...]
    """User ids, user-group ids, or `*` alone."""
    require_second_person: bool
    policy: Policy
    """What the stack's runs are judged by, to say so and to refuse a laxer request at once."""
    dry_run: bool
    release_id: str

    @property
    def aws_region(self) -> str:
        """Where the orchestrator, its records and its secret live."""
        return self.orchestrator_arn.split(":")[3]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment. Raises BadSettings with all problems in one message."""
        read = _Reader(environ)
        token, signing_secret = read.maybe("SLACK_BOT_TOKEN"), read.maybe("SLACK_SIGNING_SECRET")
        secret_id = read.maybe("SLACK_SECRET_ID")
        if secret_id is None:
            for name, given in (("SLACK_BOT_TOKEN", token), ("SLACK_SIGNING_SECRET", signing_secret)):
                if given is None:
                    read.problem(name, "must be set where SLACK_SECRET_ID does not name the Slack secret")
        settings = cls(
            slack_secret_id=secret_id,
            slack_bot_token=token,
            slack_signing_secret=signing_secret,
            slack_api_url=read.text(
                "SLACK_API_URL", _ADDRESS, "the Web API's address", default="https://slack.com/api/"
            ),
            channel_id=read.text("SLACK_CHANNEL_ID", _CHANNEL, "a channel id, such as C0123456789"),
            report_bucket=read.text("REPORT_BUCKET", re.compile(r"\S+"), "the name of the report bucket"),
            orchestrator_arn=read.text(
                "ORCHESTRATOR_ARN", _ORCHESTRATOR, "the orchestrator's ARN with its alias at the end"
            ),
            target_regions=read.regions("TARGET_REGIONS"),
            approvers=read.approvers("APPROVERS"),
            require_second_person=read.flag("REQUIRE_SECOND_PERSON"),
            policy=Policy(
                min_age_days=read.number("MIN_AGE_DAYS", 14, 1, LONGEST_LOOKBACK_DAYS),
                keep_last_n=read.number("KEEP_LAST_N", 3, 1, NEWEST_ASKED),
                lookback_days=read.number("LOOKBACK_DAYS", 35, SHORTEST_LOOKBACK_DAYS, LONGEST_LOOKBACK_DAYS),
                function_name_prefix=read.maybe("FUNCTION_NAME_PREFIX"),
            ),
            dry_run=environ.get("DELETE_DRY_RUN", "true") != "false",
            release_id=read.maybe("RELEASE_ID") or "unreleased",
        )
        read.raise_problems()
        return settings


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
            raise BadSettings("the bot cannot start: " + "; ".join(self._problems))

    def maybe(self, name: str) -> str | None:
        return self._environ.get(name) or None

    def text(self, name: str, pattern: re.Pattern[str], words: str, default: str | None = None) -> str:
        value = self._environ.get(name, "")
        if value == "" and default is not None:
            return default
        if not pattern.fullmatch(value):
            self.problem(name, f"must be {words}")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self._environ.get(name, "")
        if value == "":
            return default
        if value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most:
            return int(value)
        self.problem(name, f"must be a whole number from {least} to {most}")
        return default

    def flag(self, name: str) -> bool:
        value = self._environ.get(name, "") or "false"
        if value not in ("true", "false"):
            self.problem(name, "must be true or false")
        return value == "true"

    def regions(self, name: str) -> tuple[str, ...]:
        regions = self._listed(name)
        if not regions or not all(_REGION.fullmatch(region) for region in regions):
            self.problem(name, "must be regions separated by commas, such as us-west-2,eu-west-1")
        return regions

    def approvers(self, name: str) -> tuple[str, ...]:
        approvers = self._listed(name)
        if approvers != ("*",) and not all(_APPROVER.fullmatch(approver) for approver in approvers):
            self.problem(name, "must be Slack user ids (U…, W…) and user-group ids (S…) separated by commas, or *")
        return approvers

    def _listed(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self._environ.get(name, "").split(",") if word.strip())
