"""What stands in the way of a run's message, in words; and the lines of `doctor` that the bot knows at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orchestrator.domain.readiness import SCOPES, Mark
from orchestrator.domain.settings import BotSettings
from orchestrator.slack.message.doctor import SIGNS
from orchestrator.slack.message.text import escape


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    mark: Mark
    words: str


def bad_token(words: str) -> Finding:
    """Slack does not accept the bot's token; `words` say why, such as `invalid_auth`."""
    return Finding(
        Mark.FAILS,
        f"Slack does not accept the bot's token (Slack: {escape(words)}). Install the app again and put its new bot "
        "token into the secret; it is read again within a minute.",
    )


def lacks_scopes(scopes: Iterable[str]) -> str:
    """The app was installed without scopes that it needs."""
    named = [f"`{scope}`" + (f" to {SCOPES[scope]}" if scope in SCOPES else "") for scope in scopes]
    several = "scopes" if len(named) > 1 else "scope"
    return (
        f"The Slack app lacks the {several} {', '.join(named)}. Add it under *OAuth & Permissions*, or take the "
        "manifest again, and install the app again."
    )


def not_in_channel(channel_id: str, bot: str | None) -> str:
    """The bot is no member of the review channel."""
    who = f"<@{bot}>" if bot else "This app"
    return f"{who} is not in <#{channel_id}> and cannot post there. Add it: type `/invite` and its name in the channel."


def no_such_channel(channel_id: str) -> str:
    """Slack knows no such channel, or a private one that the bot is not in."""
    return (
        f"Slack does not show me the review channel (`{escape(channel_id)}`). If it is private, add this app to it; "
        "else correct the stack's SlackChannelId parameter."
    )


ARCHIVED = "The review channel is archived."
SHARED_OUTSIDE = "The review channel is shared with another organisation, so nothing is posted there."
SHARED_IN_ORGANISATION = "The review channel is shared with another workspace, so nothing is posted there."


def cannot_tell(what: str, words: str) -> Finding:
    """Something could not be looked at; `words` say why, such as `Slack: ratelimited`."""
    return Finding(Mark.UNKNOWN, f"{what} could not be looked at ({escape(words)}). Try again in a minute.")


def cannot_start(problems: Sequence[str]) -> str:
    """Nothing was started, since nobody would see it."""
    return "\n".join(["Nothing was started, because its message could not be posted:", *(f"• {p}" for p in problems)])


# The lines of `doctor`.

SIGNED = Finding(Mark.PASSES, "The signing secret is right: this command came signed.")
TOKEN_WORKS = Finding(Mark.PASSES, "The bot token works.")
ALL_SCOPES = "The app has every scope it needs."
SCOPES_NOT_TOLD = "Slack did not say which scopes the token has."


def in_channel(channel_id: str) -> str:
    """The channel is fit for use."""
    return f"The app is in <#{channel_id}>, which is neither archived nor shared."


def doctor(found: Iterable[Finding], settings: BotSettings, *, goes_on: bool) -> str:
    """What could be seen at once, a line each, and what comes next."""
    last = (
        f"The rest is tested from inside the stack, release {escape(settings.release_id)}: its message appears here "
        "in a moment."
        if goes_on
        else "The rest was not tested: its message could not be posted. Correct this and type it again."
    )
    return "\n".join([*(f"{SIGNS[finding.mark]} {finding.words}" for finding in found), last])
