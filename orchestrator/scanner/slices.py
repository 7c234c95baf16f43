"""Go through the phases of a scan, slice by slice, in the one order of asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from orchestrator.domain.slices import Asking, Confirmed, Fleet, Found, Listed, Listing, Reading, calls_of

S = TypeVar("S", Listing, Fleet, Reading, Asking, Confirmed)


class RunSlice(Protocol):
    """Runs one slice."""

    def __call__(self, of: type[S], name: str, number: int, act: Callable[..., S], /, *args: Any) -> S:
        """What `act` returns, a value of that class, given the phase's name and the slice's number."""


class Phases(Protocol):
    """What one slice of each phase does; each continues where the slice before it stopped.

    `act` may take more arguments before these, which whoever runs the slice adds.
    """

    @property
    def discover(self) -> Callable[..., Listing]:
        """List versions, given how far the listing is and the slice's number."""

    @property
    def stage_a(self) -> Callable[..., Fleet]:
        """Judge age and rank, given the number of listing slices."""

    @property
    def ask_region(self) -> Callable[..., Reading]:
        """Ask what is asked once a region, given what is listed, and begin to read where aliases pointed."""

    @property
    def alias_history(self) -> Callable[..., Reading]:
        """Read on where aliases pointed, given how far that is."""

    @property
    def stage_b(self) -> Callable[..., Asking]:
        """Ask aliases and usage, given all that was found and how far that is."""

    @property
    def confirm(self) -> Callable[..., Confirmed]:
        """Ask what is asked last, given all that was found, how far that is, and the slice's number."""


def scan_in_slices(phases: Phases, run_slice: RunSlice, pause: Callable[[], None]) -> Found:
    """Ask everything, with a pause between the slices of a phase. Returns what the report needs to know."""
    listing, slices = Listing(), 0
    while slices == 0 or listing.marker is not None:
        if slices:
            pause()
        slices += 1
        listing = run_slice(Listing, "discover-snapstart", slices, phases.discover, listing, slices)
    fleet = run_slice(Fleet, "stage-a-age-and-keep-last-n", 1, phases.stage_a, slices)

    listed = Listed(listed=listing.listed, fleet=fleet)
    reading, slices = run_slice(Reading, "stage-b-usage-and-protection", 1, phases.ask_region, listed), 1
    while not reading.finished:
        pause()
        slices += 1
        reading = run_slice(Reading, "stage-b-usage-and-protection", slices, phases.alias_history, reading)
    found = Found(listed=listing.listed, fleet=fleet, aliases_read=reading)

    asking, history_slices = Asking(), slices
    while asking.part <= fleet.parts:
        if slices > history_slices:
            pause()
        slices += 1
        asking = run_slice(Asking, "stage-b-usage-and-protection", slices, phases.stage_b, found, asking)
    found = replace(found, in_question=asking.in_question)

    confirmed, slices = Confirmed(), 0
    while not confirmed.finished:
        if slices:
            pause()
        slices += 1
        confirmed = run_slice(Confirmed, "confirm-state", slices, phases.confirm, found, confirmed, slices)
    calls = calls_of(listing.calls, reading.calls, asking.calls, confirmed.calls)
    return replace(found, confirming_slices=slices, calls=calls)
