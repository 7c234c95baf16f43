"""The ids of the question that `doctor` asks, and what a press on its button brings back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orchestrator.domain.checkup import Arrived
from orchestrator.slack.message.click import Click, ticked_in


def checkup_boxes_id(execution: str) -> str:
    """The block id of the question's boxes, whose action id is `TICKS`."""
    return f"boxes.checkup.{execution}"


def checkup_value(execution: str) -> str:
    """What the question's button carries, whose action id is `CHECKUP`."""
    return json.dumps({"e": execution, "p": 1, "r": "checkup"}, separators=(",", ":"))


def read_arrived(payload: Mapping[str, Any], click: Click) -> Arrived:
    """What came with a press. Raises UnreadableClick when the state is not of Slack's shape."""
    return Arrived(ticked=ticked_in(payload, checkup_boxes_id(click.execution)), by=click.user_id)
