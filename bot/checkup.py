"""A press on the button that `doctor` posts: what came with it is all that counts, so any full member may press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.approval import is_ours
from bot.authorisation import may_ask
from bot.context import Context, Declined, send
from bot.deadline import Deadline, OutOfTime
from bot.executions import AlreadyAnswered, AwsCallError, Unclear
from bot.replies import clicks as replies
from bot.slack_client import SlackCallError
from bot.speaker import Introduction
from orchestrator.domain.checkup import Checkup
from orchestrator.domain.runs import UnreadableRecord
from orchestrator.slack.message.checkup import read_arrived
from orchestrator.slack.message.click import Click


def pass_arrived_on(context: Context, payload: Mapping[str, Any], click: Click, deadline: Deadline) -> str:
    """Pass on what Slack sent with the press. Returns what the person is told.

    Raises UnreadableClick when the boxes that came with it are not of Slack's shape.
    """
    arrived = read_arrived(payload, click)
    try:
        callback_id = _question(context, payload, click, deadline).callback_id
        send(deadline, context.executions.answer, callback_id, arrived.to_dict())
    except (Declined, OutOfTime) as declined:
        return declined.words if isinstance(declined, Declined) else replies.TOO_SLOW
    except AlreadyAnswered:
        return replies.CHECKED_ALREADY
    except Unclear:
        return replies.maybe_decided()
    except AwsCallError as trouble:
        return replies.could_not_pass_on(f"AWS: {trouble.code}")
    return replies.CHECKED


def _question(context: Context, payload: Mapping[str, Any], click: Click, deadline: Deadline) -> Checkup:
    """The question that was pressed, if it is ours and a full member pressed it. Raises Declined and OutOfTime."""
    reading = deadline.start(context.executions.checkup, click.execution)
    asking = Introduction.of(context.slack, click.user_id, deadline)
    try:
        speaker = asking.heard(deadline)
        if not is_ours(payload, click, deadline.result(asking.installation)):
            raise Declined(replies.OTHER_INSTALLATION)
        if may_ask(speaker.user, speaker.team_id) is not None:
            raise Declined(replies.NOT_FOR_GUESTS)
        return deadline.result(reading)
    except SlackCallError as trouble:
        raise Declined(replies.cannot_check(f"Slack: {trouble.words}")) from trouble
    except AwsCallError as trouble:
        raise Declined(replies.cannot_answer(f"AWS: {trouble.code}")) from trouble
    except UnreadableRecord as problem:
        raise Declined(replies.cannot_answer(str(problem))) from problem
