"""Why a region that has an open run gets no second one: said in the channel and privately, in the same words."""

from __future__ import annotations

from orchestrator.domain.runs import SCANNING, WAITING, Run
from orchestrator.domain.stop import Stop
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Message, context, header, message, section
from orchestrator.slack.message.text import account, day_and_time, link, person, place, time_of_day


def message_deleted(run: Run) -> str:
    """That somebody deleted a run's message, and how the run is ended, as one more sentence."""
    where = f"{run.account_name} {run.region}" if run.account_name else run.region
    return f" Its message was deleted; `{run.command} stop {where}` ends it."


def open_already(run: Run, *, message_is_gone: bool = False) -> str:
    """A run of the region is open, so nothing new was started."""
    opening = f": {link(run.permalink, 'open it')}" if run.permalink else "."
    if message_is_gone:
        opening = f".{message_deleted(run)}"
    if run.status == WAITING:
        until = f" until {day_and_time(run.expires_at)}" if run.expires_at else ""
        wait = "waits" if run.candidates == 1 else "wait"
        what = f"{count(run.candidates, 'version')} in {place(run)} {wait} for a decision{until}."
    else:
        doing = "being scanned already" if run.status == SCANNING else "being cleaned already"
        what = f"{place(run)} is {doing} ({person(run.requested_by)}, {time_of_day(run.started_at)})."
    return f"{what} Nothing new was started{opening}"


def stopped_from_outside(run: Run, by: Stop) -> Message:
    """The root message of a run that somebody ended with the command, where it could not say so itself."""
    where = f"{account(run)} · {run.region}"
    return message(
        [
            header(f":no_entry_sign: Stopped: nothing in {run.region} is deleted by this run"),
            context(f"Stopped by {person(by.by)} · asked by {person(run.requested_by)} · {where}"),
            section("Nothing is remembered of it. A new scan may begin."),
        ]
    )
