"""Could a run post its message? The token, its scopes and the channel, as Slack tells of them at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.replies import readiness as say
from bot.replies.readiness import Finding
from bot.slack_client import Installation, SlackCallError
from orchestrator.domain.readiness import Mark, needed_scopes
from orchestrator.domain.settings import BotSettings

Json = Mapping[str, Any]

_NOT_THERE = frozenset({"channel_not_found", "not_in_channel"})


def findings(
    installation: Installation, channel: Json | SlackCallError, settings: BotSettings
) -> tuple[Finding, Finding]:
    """What can be said of the app's scopes and of the review channel."""
    return _scopes(installation, channel, settings), _channel(installation, channel, settings)


def _scopes(installation: Installation, channel: Json | SlackCallError, settings: BotSettings) -> Finding:
    if installation.scopes is None:
        return Finding(Mark.UNKNOWN, say.SCOPES_NOT_TOLD)
    missing = [scope for scope in _needed(channel, settings) if scope not in installation.scopes]
    return Finding(Mark.FAILS, say.lacks_scopes(missing)) if missing else Finding(Mark.PASSES, say.ALL_SCOPES)


def _needed(channel: Json | SlackCallError, settings: BotSettings) -> list[str]:
    """The scopes that this stack uses."""
    kind = None if isinstance(channel, SlackCallError) else channel.get("is_private")
    groups = any(approver.startswith("S") for approver in settings.approvers)
    return needed_scopes(is_private=kind if isinstance(kind, bool) else None, groups=groups)


def _channel(installation: Installation, channel: Json | SlackCallError, settings: BotSettings) -> Finding:
    channel_id = settings.channel_id
    if isinstance(channel, SlackCallError):
        if channel.code in _NOT_THERE:
            return Finding(Mark.FAILS, say.no_such_channel(channel_id))
        if channel.needed:
            return Finding(Mark.FAILS, say.lacks_scopes(channel.needed.split(",")))
        return say.cannot_tell("The review channel", f"Slack: {channel.words}")
    for flag, words in (
        ("is_archived", say.ARCHIVED),
        ("is_ext_shared", say.SHARED_OUTSIDE),
        ("is_org_shared", say.SHARED_IN_ORGANISATION),
    ):
        if channel.get(flag):
            return Finding(Mark.FAILS, words)
    if channel.get("is_member") is False:
        return Finding(Mark.FAILS, say.not_in_channel(channel_id, installation.user_id))
    return Finding(Mark.PASSES, say.in_channel(channel_id))


def token(trouble: SlackCallError) -> Finding:
    """What can be said of the token when Slack did not say whose it is."""
    if trouble.refuses_the_token:
        return say.bad_token(trouble.words)
    return say.cannot_tell("The bot token", f"Slack: {trouble.words}")


def in_the_way(looked_at: tuple[Finding, ...]) -> list[str]:
    """What surely keeps a message from being posted, each once."""
    return list(dict.fromkeys(finding.words for finding in looked_at if finding.mark is Mark.FAILS))
