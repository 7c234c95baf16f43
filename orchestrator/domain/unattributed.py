"""Calls through an alias of which nothing tells which version they reached: they count for all it pointed to then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from orchestrator.domain.versions import LastCall, Missing, Usage

PointedTo: TypeAlias = Callable[[str, datetime, datetime], frozenset[int] | None]
"""The versions an alias pointed to at any moment between two; None where that is not known."""


def nowhere_known(_alias: str, _start: datetime, _end: datetime) -> None:
    """Say that nothing is known of where aliases pointed."""


def attribute(usage: Usage, pointed_to: PointedTo) -> Usage:
    """Count each such call for every version the alias pointed to; where that is not known, the function is uncertain.

    What is Missing stays: a total that could not be read is not made good by what other totals say.
    """
    calls = dict(usage.calls)
    unexplained = usage.unexplained
    for call in usage.unattributed:
        versions = pointed_to(call.alias, call.start, call.end)
        if versions is None:
            if not isinstance(unexplained, Missing) and (unexplained is None or unexplained < call.start):
                unexplained = call.start
            continue
        for number in versions:
            before = calls.get(number)
            if before is None or before.at < call.start:
                calls[number] = LastCall(call.start, call.alias)
    return replace(usage, calls=calls, unexplained=unexplained)
