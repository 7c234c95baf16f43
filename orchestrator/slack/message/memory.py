"""What is said where a run can not go by what was remembered."""

from __future__ import annotations

from orchestrator.slack.message.blocks import Message, message, section
from orchestrator.slack.message.text import escape


def memory_set_aside(why: str) -> Message:
    """The warning in the thread of a run that asks without knowing what was kept; `why` says where it was put."""
    return message(
        [
            section(
                ":warning: *What people kept here could not be read*, so every box starts as if nobody had ever kept "
                f"it. {escape(why)}"
            )
        ]
    )
