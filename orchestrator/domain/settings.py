"""What the stack tells its two functions: every variable has one rule here, whoever reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

from orchestrator.domain.accounts import Account
from orchestrator.domain.days import LONGEST_KEEP_DAYS
from orchestrator.domain.environment import Environment, Form
from orchestrator.domain.policy import (
    LONGEST_LOOKBACK_DAYS,
    NEWEST_ASKED,
    PERIODS,
    SHORTEST_LOOKBACK_DAYS,
    Policy,
    Scope,
)

SIX_DAYS = 518_400
"""Seconds a question stays open by default: a weekly scan does not meet last week's open run."""
MOST_DELETIONS = 1_000
SHARED_QUOTA = 15.0
"""Lambda's control-plane calls a second that everybody in an account and region shares; AWS does not raise it."""
SHARED_RATE = SHARED_QUOTA / 2
"""Calls a second we take of the shared quota unless told otherwise: half."""

_TEXT = Form(r".+", "a text")
_ADDRESS = Form(r"https?://\S+", "the Web API's address, such as https://slack.com/api/")
_COMMAND = Form(r"/[a-z0-9_-]{1,31}", "a slash command: / and at most 31 lowercase letters, digits, - and _")
_CHANNEL = Form(r"[CG][A-Z0-9]{2,}", "a channel id, such as C0123456789")
_BUCKET = Form(r"\S+", "the name of the report bucket")
_ORCHESTRATOR = Form(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+:[A-Za-z0-9$_-]+",
    "the orchestrator's ARN with its alias at the end",
)
_REGION = Form(r"[a-z]{2}(-[a-z]+)+-\d", "regions separated by commas, such as us-west-2,eu-west-1")
_APPROVER = Form(
    r"[UWS][A-Z0-9]{2,}", "Slack user ids (U…, W…) and user-group ids (S…) separated by commas, or * for any member"
)
_ACCOUNT_ID = Form(r"[0-9]{12}", "account ids of twelve digits separated by commas")
_ACCOUNT_NAME = Form(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}", "letters, digits, ., - and _, at most 50")
_FUNCTION_PREFIX = Form(r"[A-Za-z0-9_-]{1,64}", "the beginning of function names: letters, digits, - and _, at most 64")
_DELETABLE = Form(r"[A-Za-z0-9_-]{1,64}|\*", "the beginning of function names, or * for all")
_SCHEDULE = Form(r"[0-9A-Za-z_.-]{1,64}/[0-9A-Za-z_.-]{1,64}", "a schedule as group/name")
_TOPIC = Form(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}", "the ARN of an SNS topic")
_ROLE_PREFIX = Form(r"[A-Za-z0-9+=,.@_-]{1,57}", "the beginning of an IAM role's name, at most 57 characters")
_EXTERNAL_ID = Form(r"[A-Za-z0-9+=,.@:/_-]{2,1224}", "an external id as IAM accepts it: 2 to 1224 characters")
_TAG = Form(r"[\w +=.:/@-]{1,128}", "the key of a tag")
_GROUP = Form(r"S[A-Z0-9]{2,}", "the user group that each means (S…)")

_ACCOUNTS = (
    f"{_ACCOUNT_ID.words}, each once, with a name of its own ({_ACCOUNT_NAME.words}) or none, "
    "such as 111122223333=payments,444455556666"
)
_OWNERS = f"values of the owner tag, each once, with {_GROUP.words}, such as payments=S0123ABC,search=S0456DEF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What both functions are told."""

    slack_secret_id: str | None
    slack_bot_token: str | None = field(repr=False)
    slack_api_url: str
    slack_command: str
    channel_id: str
    """The review channel."""
    report_bucket: str
    target_regions: tuple[str, ...]
    """The regions that may be scanned; the first is the default."""
    target_accounts: tuple[Account, ...]
    """The accounts that may be scanned; the first is the default. The stack's own where none is named.

    Empty where the stack's own is not known from the orchestrator's ARN either.
    """
    approvers: tuple[str, ...]
    """User ids, user-group ids, or `*` alone; empty: nobody can approve."""
    require_second_person: bool
    policy: Policy
    """What runs are judged by; the bot knows it to refuse a laxer request at once."""
    dry_run: bool
    release_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSettings(Settings):
    """What the bot is told."""

    slack_signing_secret: str | None = field(repr=False)
    orchestrator_arn: str
    """Qualified: the alias it starts."""

    @property
    def aws_region(self) -> str:
        """Where the orchestrator, its records and its secret live."""
        return self.orchestrator_arn.split(":")[3]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment. Raises SettingsError with all problems in one message."""
        env = Environment(environ)
        settings = cls(
            **_shared(env),
            slack_signing_secret=_credential(env, "SLACK_SIGNING_SECRET"),
            orchestrator_arn=env.text("ORCHESTRATOR_ARN", _ORCHESTRATOR),
        )
        env.check()
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorSettings(Settings):
    """What the orchestrator is told."""

    orchestrator_arn: str | None
    """Qualified: the alias that a sweep starts; None: it can start none."""
    schedule_name: str | None
    """`group/name` of the schedule that `doctor` looks after."""
    alarm_topic_arn: str | None
    deletable_prefix: str
    """Functions whose versions may be deleted; `*` for all."""
    own_functions: frozenset[str]
    """The stack's own functions, which are never cleaned."""
    approval_timeout_seconds: int
    member_role_prefix: str
    """Roles `<prefix>-read` and `<prefix>-delete` are assumed in other accounts."""
    external_id: str | None
    keep_days: int
    """How many days an untick counts when nobody chose otherwise."""
    bill_check: bool
    """Whether Cost Explorer is asked."""
    owner_tag: str | None
    owners: Mapping[str, str]
    """The user group that each value of the owner tag means."""
    shared_rate: float
    """Control-plane calls a second that one run may take of an account's shared quota."""

    @property
    def scope(self) -> Scope:
        """Whose versions this stack may delete."""
        return Scope(prefix=self.deletable_prefix, own_functions=self.own_functions)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment. Raises SettingsError with all problems in one message."""
        env = Environment(environ)
        shared = _shared(env)
        shared["policy"] = replace(
            shared["policy"],
            period_seconds=env.number_among("PERIOD_SECONDS", 3600, PERIODS),
            max_deletions=env.number("MAX_DELETIONS", 200, 1, MOST_DELETIONS),
            alias_history_required=env.choice("ALIAS_HISTORY", "required", "off") == "required",
        )
        settings = cls(
            **shared,
            orchestrator_arn=env.optional("ORCHESTRATOR_ARN", _ORCHESTRATOR),
            schedule_name=env.optional("SCHEDULE_NAME", _SCHEDULE),
            alarm_topic_arn=env.optional("ALARM_TOPIC_ARN", _TOPIC),
            deletable_prefix=_deletable_prefix(env, dry_run=shared["dry_run"]),
            own_functions=frozenset({*env.listed("OWN_FUNCTIONS"), *env.listed("AWS_LAMBDA_FUNCTION_NAME")}),
            approval_timeout_seconds=env.number("APPROVAL_TIMEOUT_SECONDS", SIX_DAYS, 120, 31_000_000),
            member_role_prefix=env.optional("MEMBER_ROLE_PREFIX", _ROLE_PREFIX) or "snapstart-cleaner",
            external_id=_external_id(env, shared["target_accounts"]),
            keep_days=env.number("KEEP_DAYS", 90, 1, LONGEST_KEEP_DAYS),
            bill_check=env.choice("BILL_CHECK", "off", "on") == "on",
            owner_tag=env.optional("OWNER_TAG", _TAG),
            owners=_owners(env),
            shared_rate=env.decimal("SHARED_CALLS_PER_SECOND", SHARED_RATE, 1, SHARED_QUOTA),
        )
        env.check()
        return settings


def _shared(env: Environment) -> dict[str, Any]:
    """The fields of Settings."""
    return {
        "slack_secret_id": env.optional("SLACK_SECRET_ID", _TEXT),
        "slack_bot_token": _credential(env, "SLACK_BOT_TOKEN"),
        "slack_api_url": env.optional("SLACK_API_URL", _ADDRESS) or "https://slack.com/api/",
        "slack_command": env.optional("SLACK_COMMAND", _COMMAND) or "/snapstart",
        "channel_id": env.text("SLACK_CHANNEL_ID", _CHANNEL),
        "report_bucket": env.text("REPORT_BUCKET", _BUCKET),
        "target_regions": _regions(env),
        "target_accounts": _accounts(env),
        "approvers": _approvers(env),
        "require_second_person": env.choice("REQUIRE_SECOND_PERSON", "false", "true") == "true",
        "policy": _policy(env),
        "dry_run": not env.exactly("DELETE_DRY_RUN", "false"),
        "release_id": env.optional("RELEASE_ID", _TEXT) or "unreleased",
    }


def _credential(env: Environment, name: str) -> str | None:
    """A credential of Slack's that stands in the environment itself. Its value is never shown."""
    if not env.given(name) and not env.given("SLACK_SECRET_ID"):
        env.problem(name, "must be set where SLACK_SECRET_ID does not name the Slack secret")
    return env.given(name) or None


def _policy(env: Environment) -> Policy:
    """The part of the policy that both functions are told."""
    policy = Policy(
        min_age_days=env.number("MIN_AGE_DAYS", 14, 1, LONGEST_LOOKBACK_DAYS),
        keep_last_n=env.number("KEEP_LAST_N", 3, 1, NEWEST_ASKED),
        lookback_days=env.number("LOOKBACK_DAYS", 35, SHORTEST_LOOKBACK_DAYS, LONGEST_LOOKBACK_DAYS),
        function_name_prefix=env.optional("FUNCTION_NAME_PREFIX", _FUNCTION_PREFIX),
    )
    if policy.lookback_days < policy.min_age_days and env.sound("MIN_AGE_DAYS", "LOOKBACK_DAYS"):
        left_out = "" if env.given("LOOKBACK_DAYS") else f" (it is {policy.lookback_days} when left out)"
        env.problem("LOOKBACK_DAYS", f"must be at least MIN_AGE_DAYS, {policy.min_age_days}{left_out}")
    return policy


def _deletable_prefix(env: Environment, *, dry_run: bool) -> str:
    """Whose versions may be deleted: a rehearsal may look at everything, a delete must be told."""
    prefix = env.optional("DELETABLE_PREFIX", _DELETABLE)
    if prefix is None and not dry_run:
        env.problem("DELETABLE_PREFIX", "must be given when DELETE_DRY_RUN is false; type * to allow all functions")
    return prefix or "*"


def _regions(env: Environment) -> tuple[str, ...]:
    regions = env.listed("TARGET_REGIONS")
    if not regions or not all(map(_REGION.fits, regions)):
        env.problem("TARGET_REGIONS", f"must be {_REGION.words}")
    return regions


def _approvers(env: Environment) -> tuple[str, ...]:
    approvers = env.listed("APPROVERS")
    if approvers != ("*",) and not all(map(_APPROVER.fits, approvers)):
        env.problem("APPROVERS", f"must be {_APPROVER.words}")
    return approvers


def _accounts(env: Environment) -> tuple[Account, ...]:
    accounts = tuple(_account(entry) for entry in env.listed("TARGET_ACCOUNTS"))
    names = [account.name for account in accounts if account.name is not None]
    if not (
        all(_ACCOUNT_ID.fits(account.id) for account in accounts)
        and all(map(_is_account_name, names))
        and _each_once(account.id for account in accounts)
        and _each_once(names)
    ):
        env.problem("TARGET_ACCOUNTS", f"must be {_ACCOUNTS}")
    return accounts or _own_account(env)


def _account(entry: str) -> Account:
    account_id, named, name = entry.partition("=")
    return Account(account_id.strip(), name.strip() if named else None)


def _is_account_name(name: str) -> bool:
    """A name that can be typed where an account or a region is expected, and is mistaken for neither."""
    return _ACCOUNT_NAME.fits(name) and not _ACCOUNT_ID.fits(name) and not _REGION.fits(name)


def _own_account(env: Environment) -> tuple[Account, ...]:
    arn = env.given("ORCHESTRATOR_ARN")
    return (Account(arn.split(":")[4]),) if _ORCHESTRATOR.fits(arn) else ()


def _external_id(env: Environment, accounts: Iterable[Account]) -> str | None:
    """What other accounts' roles ask for; the stack's own account is entered by none."""
    own = {account.id for account in _own_account(env)}
    if any(account.id not in own for account in accounts) and not env.given("EXTERNAL_ID"):
        env.problem("EXTERNAL_ID", "must be given where TARGET_ACCOUNTS names other accounts; their roles ask for it")
    return env.optional("EXTERNAL_ID", _EXTERNAL_ID)


def _owners(env: Environment) -> Mapping[str, str]:
    entries = [entry.rpartition("=") for entry in env.listed("OWNERS")]
    owners = {value.strip(): group.strip() for value, _, group in entries}
    if "" in owners or len(owners) < len(entries) or not all(map(_GROUP.fits, owners.values())):
        env.problem("OWNERS", f"must be {_OWNERS}")
    elif owners and not env.given("OWNER_TAG"):
        env.problem("OWNER_TAG", "must be given where OWNERS is: the tag whose values those are")
    return MappingProxyType(owners)


def _each_once(texts: Iterable[str]) -> bool:
    return all(times == 1 for times in Counter(texts).values())
