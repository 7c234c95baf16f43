"""What a person can do, one plain function each: press a button, tick a box, type. Each returns what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.approval import pass_decision_on
from bot.checkup import pass_arrived_on
from bot.commands import DO, Typed
from bot.context import Context, Declined
from bot.deadline import Deadline, OutOfTime
from bot.executions import AwsCallError
from bot.replies import clicks, commands
from bot.slack_client import SlackCallError
from bot.slash_command import Mistyped, Targets, Verb, read_command
from orchestrator.domain.runs import UnreadableRecord
from orchestrator.slack import message
from orchestrator.slack.message import read_click

Json = Mapping[str, Any]


def decide(context: Context, payload: Json, deadline: Deadline) -> str:
    """*Approve*, *Reject* or *Stop here*: pass one decision on, or say why not.

    Raises UnreadableClick for a payload that is none of these.
    """
    click = read_click(payload)
    if click.channel_id != context.settings.channel_id:
        return clicks.decide_elsewhere(context.settings.channel_id)
    return pass_decision_on(context, payload, click, deadline)


def check(context: Context, payload: Json, deadline: Deadline) -> str:
    """The button that `doctor` posts: pass on what Slack sent with the press.

    Raises UnreadableClick for a payload that is not this.
    """
    click = read_click(payload)
    if click.channel_id != context.settings.channel_id:
        return clicks.decide_elsewhere(context.settings.channel_id)
    return pass_arrived_on(context, payload, click, deadline)


def note(_context: Context, _payload: Json, _deadline: Deadline) -> None:
    """A box, or a choice in a menu: nothing to do. They live in the person's own client until they press a button."""


def why_held(context: Context, payload: Json, deadline: Deadline) -> str | None:
    """*Why held?*: open the modal for anyone in the channel. Returns words only when it did not open.

    Raises UnreadableClick for a payload that is not this.
    """
    click = read_click(payload)
    if click.channel_id != context.settings.channel_id:
        return clicks.decide_elsewhere(context.settings.channel_id)
    try:
        held = deadline.ask(context.executions.held, click.execution)
        deadline.ask(context.slack.open_modal, click.trigger_id, message.why_held(held))
    except AwsCallError as trouble:
        return clicks.cannot_answer(f"AWS: {trouble.code}")
    except UnreadableRecord as problem:
        return clicks.cannot_answer(str(problem))
    except (OutOfTime, SlackCallError):
        return clicks.MODAL_TOO_LATE
    return None


def command(context: Context, form: Json, deadline: Deadline) -> str:
    """The slash command: what is typed after it is carried out, or every mistake in it is named."""
    settings = context.settings
    today = datetime.fromtimestamp(context.clock(), UTC).date()
    read = read_command(str(form.get("text") or ""), Targets.of(settings), today)
    if not isinstance(read, Mistyped) and read.verb is Verb.HELP:
        return commands.help_text(settings)
    if form.get("channel_id") != settings.channel_id:
        return commands.type_elsewhere(settings.channel_id)
    if isinstance(read, Mistyped):
        return commands.mistyped(settings, read.mistakes, read.verb)
    try:
        return DO[read.verb](context, Typed(form, read, deadline))
    except Declined as declined:
        return declined.words
    except OutOfTime:
        return commands.TOO_SLOW_TO_START
