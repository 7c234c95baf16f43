"""Why nothing was started: the request cannot be used, or the region has an open run."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.domain.runs import Run, short
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Message, context, header, message, section, titled
from orchestrator.slack.message.open_run import message_deleted, open_already
from orchestrator.slack.message.text import day_and_time, escape, person, place, scan_again


def refused(problems: Iterable[str], *, requested_by: str | None, execution: str, region: str, command: str) -> Message:
    """The whole message of a run that was asked for something impossible; nothing was scanned.

    `region` and `command` are the stack's own, for an example of what can be asked.
    """
    bullets = [f"• {escape(problem)}" for problem in problems]
    asked = f"asked by {person(requested_by)} · run {short(execution)}"
    return message(
        [
            header(":warning: Nothing was scanned: the request cannot be used"),
            *titled("*What happened*", bullets, "\n"),
            section(f"*What to do* Change it and ask again, for example {scan_again(command, region)}"),
            context(asked),
        ]
    )


def already_open(holder: Run, *, requested_by: str) -> Message:
    """The whole message of a run that was asked for while the region had another: it says which, and ends."""
    return message([section(f"{person(requested_by)}: {open_already(holder)}")])


def already_claimed(region: str, *, requested_by: str) -> Message:
    """The same, when the other run has not written down yet what it is about."""
    return message([section(f"{person(requested_by)}: {region} is being scanned already. Nothing new was started.")])


def met_by_the_schedule(run: Run, *, thread_is_gone: bool = False) -> Message:
    """What the schedule says in the thread of a run that still waits: it started nothing new.

    Where somebody deleted that run's message, it stands in the channel and says how to end the run.
    """
    until = f" until {day_and_time(run.expires_at)}" if run.expires_at else ""
    versions = count(run.candidates, "version")
    verb = "waits" if run.candidates == 1 else "wait"
    return message(
        [
            section(
                f"The scheduled scan of {place(run)} found this run open: {versions} still {verb} for a decision"
                f"{until}. Nothing new was started.{message_deleted(run) if thread_is_gone else ''}"
            )
        ]
    )
