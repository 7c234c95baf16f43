"""What the channel is told when somebody pauses or resumes, so that nobody wonders why nothing is deleted."""

from __future__ import annotations

from orchestrator.domain.pause import Pause
from orchestrator.slack.message.blocks import Message, message, section
from orchestrator.slack.message.text import cut, date_in_words, escape, person

REASON = 300


def paused(pause: Pause, *, asked_by: str | None, command: str) -> Message:
    """A pause is in force: the one that counts, which may be an earlier and longer one than was asked for."""
    until = f"until {date_in_words(pause.until.isoformat(), year=True)}, that day included" if pause.until else None
    reason = f": {escape(cut(pause.reason, REASON))}" if pause.reason else ""
    before = "" if asked_by == pause.by else f" {person(asked_by)} asked for a pause that ends no later."
    return message(
        [
            section(
                f":double_vertical_bar: *Nothing is deleted {until or 'until an approver resumes'}.* Paused by "
                f"{person(pause.by)}{reason}.{before} Open questions stay open; to go on: `{command} resume`"
            )
        ]
    )


def resumed(pause: Pause) -> Message:
    """A pause is over."""
    by = pause.resumed_by.id if pause.resumed_by else None
    return message([section(f":arrow_forward: *What is approved is deleted again.* {person(by)} ended the pause.")])


def pause_failed(what: str, words: str) -> Message:
    """The warning that a pause could not be written down, or not be ended; `what` is what was asked for."""
    return message([section(f":warning: *The {what} did not take effect*: {escape(cut(words, REASON))}")])
