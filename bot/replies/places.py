"""Where a run looks, in words: its region, and its account where there are several; and what to type for one."""

from __future__ import annotations

from orchestrator.domain.accounts import Account
from orchestrator.domain.settings import BotSettings


def account_of(settings: BotSettings, account_id: str) -> Account:
    """The account as the stack names it; one it no longer names goes by its id."""
    return next((account for account in settings.target_accounts if account.id == account_id), Account(account_id))


def several(settings: BotSettings) -> bool:
    """Whether an account has to be named for a place to be clear."""
    return len(settings.target_accounts) > 1


def place(settings: BotSettings, account_id: str | None, region: str) -> str:
    """Where something is: `us-west-2`, or `payments us-west-2` where there are several accounts."""
    if account_id is None or not several(settings):
        return region
    account = account_of(settings, account_id)
    return f"{account.name or account.id} {region}"


def to_type(settings: BotSettings, verb: str, account_id: str | None = None, region: str | None = None) -> str:
    """A command as somebody would type it, in backticks."""
    where = place(settings, account_id, region) if region else ""
    return f"`{' '.join(filter(None, [settings.slack_command, verb, where]))}`"


def to_scan(settings: BotSettings, account_id: str | None, region: str) -> str:
    """What to type for a list on fresh facts."""
    return to_type(settings, "scan", account_id, region)
