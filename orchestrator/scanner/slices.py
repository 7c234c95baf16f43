"""Go through the phases of a scan, slice by slice, in the one order of asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

Json = dict[str, Any]

RunSlice = Callable[..., Any]
"""Runs one slice and returns what it returned. Given: the phase's name, the slice's number, the act, its arguments."""


BEGIN_LISTING: Json = {"marker": None, "listed": 0, "snapstart": 0}
BEGIN_ASKING: Json = {"part": 1, "done": 0, "in_question": 0, "slices": 0}
BEGIN_CONFIRMING: Json = {"looked_at": 0, "passed": 0, "all_asked": False, "finished": False}
"""Where the first slice of a phase begins; each slice returns where the next one does."""


class Phases(Protocol):
    """What one slice of each phase does; each continues where the slice before it stopped.

    `act` may take more arguments before these, which whoever runs the slice adds.
    """

    @property
    def discover(self) -> Callable[..., Json]:
        """List versions: given `marker`, `listed`, `snapstart` and the slice's number, returns them further on."""

    @property
    def stage_a(self) -> Callable[..., Json]:
        """Judge age and rank, given the number of listing slices: returns `parts`, `survivors` and more counts."""

    @property
    def ask_region(self) -> Callable[..., Json]:
        """Ask what is asked once a region: returns more counts, and `alias_history`, how far that was read."""

    @property
    def alias_history(self) -> Callable[..., Json]:
        """Read on where aliases pointed, given how far it was read (`finished` or not), which it returns."""

    @property
    def stage_b(self) -> Callable[..., Json]:
        """Ask aliases and metrics, given all that was found and where to go on, which it returns."""

    @property
    def confirm(self) -> Callable[..., Json]:
        """Ask what is asked last, given all that was found, where to go on, and the slice's number."""


def scan_in_slices(phases: Phases, run_slice: RunSlice, pause: Callable[[], None]) -> Json:
    """Ask everything, with a pause between the slices of a phase. Returns what the report needs to know."""
    listing = BEGIN_LISTING
    slices = 0
    while slices == 0 or listing["marker"] is not None:
        if slices:
            pause()
        slices += 1
        listing = run_slice("discover-snapstart", slices, phases.discover, listing, slices)
    found: Json = run_slice("stage-a-age-and-keep-last-n", 1, phases.stage_a, slices)
    found["listed"] = listing["listed"]
    found |= run_slice("stage-b-usage-and-protection", 1, phases.ask_region)

    slices = 1
    while not found["alias_history"]["finished"]:
        pause()
        slices += 1
        found["alias_history"] = run_slice(
            "stage-b-usage-and-protection", slices, phases.alias_history, found["alias_history"]
        )
    history_slices = slices

    asked = BEGIN_ASKING
    while asked["part"] <= found["parts"]:
        if slices > history_slices:
            pause()
        slices += 1
        asked = run_slice("stage-b-usage-and-protection", slices, phases.stage_b, found, asked)
    found["in_question"] = asked["in_question"]

    confirmed = BEGIN_CONFIRMING
    slices = 0
    while not confirmed["finished"]:
        if slices:
            pause()
        slices += 1
        confirmed = run_slice("confirm-state", slices, phases.confirm, found, confirmed, slices)
    found["confirmed"] = slices
    return found
