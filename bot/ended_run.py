"""A run that nobody speaks for any more: the first click on its message takes the buttons away."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.context import SENDING, Context
from bot.deadline import Deadline, OutOfTime
from bot.executions import OVER, AwsCallError
from bot.slack_client import SlackCallError
from orchestrator.domain.runs import ENDED, Page, UnreadableRecord, short
from orchestrator.slack.message.click import BUTTONS, Click
from orchestrator.slack.message.over import over, without_words

logger = logging.getLogger(__name__)


def close_if_ended(context: Context, payload: Mapping[str, Any], click: Click, page: Page, deadline: Deadline) -> bool:
    """Whether the run is over, as far as AWS says. If it is and its buttons still stand, put its last words there.

    A live run's message is never touched: only when AWS says that nobody else can speak for the run.
    """
    spare = deadline.longer(SENDING)
    try:
        status = spare.ask(context.executions.status, page.execution_arn)
        if status not in OVER:
            return False
        if _buttons_stand(payload):
            run = spare.ask(context.executions.run, page.execution)
            last = over(run) if run.status == ENDED else without_words(run, status=status)
            spare.ask(context.slack.replace, click.channel_id, click.message_ts, last.text, last.blocks)
            logger.info("run %s is over (%s): its buttons are gone", short(page.execution), status)
    except (AwsCallError, UnreadableRecord, SlackCallError, OutOfTime) as problem:
        logger.warning("could not look after run %s: %s", short(page.execution), str(problem) or type(problem).__name__)
        return False
    return True


def _buttons_stand(payload: Mapping[str, Any]) -> bool:
    """Whether the message still has our buttons in Slack's own copy, which comes with the click."""
    posted = payload.get("message")
    blocks = posted.get("blocks") if isinstance(posted, Mapping) else None
    elements = [
        element
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, Mapping) and isinstance(block.get("elements"), list)
        for element in block["elements"]
    ]
    return any(isinstance(element, Mapping) and element.get("action_id") in BUTTONS for element in elements)
