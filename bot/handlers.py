"""What a person can press or tick, one plain function each. Each returns what the person is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.approval import pass_decision_on
from bot.checkup import pass_arrived_on
from bot.context import Context
from bot.deadline import Deadline, OutOfTime
from bot.executions import AwsCallError
from bot.replies import clicks
from bot.slack_client import SlackCallError
from orchestrator.domain.runs import UnreadableRecord
from orchestrator.slack.message.click import read_click
from orchestrator.slack.message.held import why_held as why_held_modal

Json = Mapping[str, Any]


def decide(context: Context, payload: Json, deadline: Deadline) -> str:
    """*Approve*, *Reject* or *Stop here*: pass one decision on, or say why not.

    Raises UnreadableClick for a payload that is none of these.
    """
    click = read_click(payload)
    if click.channel_id != context.settings.channel_id:
        return clicks.not_in_this_channel(context.settings.channel_id, context.settings.slack_command)
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
        deadline.ask(context.slack.open_modal, click.trigger_id, why_held_modal(held))
    except AwsCallError as trouble:
        return clicks.cannot_answer(f"AWS: {trouble.code}")
    except UnreadableRecord as problem:
        return clicks.cannot_answer(str(problem))
    except (OutOfTime, SlackCallError):
        return clicks.MODAL_TOO_LATE
    return None
