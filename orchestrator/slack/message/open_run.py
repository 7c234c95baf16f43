"""Why a region that has an open run gets no second one: said in the channel and privately, in the same words."""

from __future__ import annotations

from orchestrator.domain.runs import SCANNING, WAITING, Run
from orchestrator.domain.words import count
from orchestrator.slack.message.text import day_and_time, link, person, place, time_of_day


def open_already(run: Run) -> str:
    """A run of the region is open, so nothing new was started."""
    opening = f": {link(run.permalink, 'open it')}" if run.permalink else "."
    if run.status == WAITING:
        until = f" until {day_and_time(run.expires_at)}" if run.expires_at else ""
        wait = "waits" if run.candidates == 1 else "wait"
        what = f"{count(run.candidates, 'version')} in {place(run)} {wait} for a decision{until}."
    else:
        doing = "being scanned already" if run.status == SCANNING else "being cleaned already"
        what = f"{place(run)} is {doing} ({person(run.requested_by)}, {time_of_day(run.started_at)})."
    return f"{what} Nothing new was started{opening}"
