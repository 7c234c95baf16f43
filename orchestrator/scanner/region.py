"""What is asked once a region, and how it is handed from one step to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from orchestrator.aws import protections
from orchestrator.aws.lookback import Window
from orchestrator.domain.cost import Price
from orchestrator.domain.days import iso
from orchestrator.domain.encoding import decode_answer, encode_asked
from orchestrator.domain.stored import known_fields
from orchestrator.domain.versions import Missing
from orchestrator.scanner.history import RegionHistory

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What is asked once for all functions, and what each is judged by: scan and re-check alike."""

    window: Window
    event_sources: protections.EventSources | Missing
    keep_tags: Mapping[str, str] | Missing
    stack_names: Mapping[str, str] | Missing
    """The stack of every function that belongs to one."""
    stacks_in_motion: Mapping[str, str] | Missing
    """The status of every stack that is being changed, or whose last change failed."""
    history: RegionHistory | None = None
    """Where aliases pointed; None while that is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFacts:
    """What is asked once a region."""

    references: References
    active: bool | None
    """Whether anything in the region was called in the lookback; None when CloudWatch did not say."""
    price: Price


def region_to_dict(facts: RegionFacts) -> Json:
    """The facts as a dict; the history of aliases is stored apart."""
    return {
        "window": {
            "start": iso(facts.references.window.start),
            "end": iso(facts.references.window.end),
            "settled_end": iso(facts.references.window.settled_end),
            "period_seconds": facts.references.window.period_seconds,
            "widened": facts.references.window.widened,
        },
        "event_sources": encode_asked(
            facts.references.event_sources, lambda found: {fn: sorted(called) for fn, called in found.items()}
        ),
        "keep_tags": encode_asked(facts.references.keep_tags, dict),
        "stack_names": encode_asked(facts.references.stack_names, dict),
        "stacks_in_motion": encode_asked(facts.references.stacks_in_motion, dict),
        "active": facts.active,
        "price": asdict(facts.price),
    }


def region_from_dict(data: Json, history: RegionHistory) -> RegionFacts:
    """The facts of a dict, with what was read of the aliases."""
    window = data["window"]
    references = References(
        window=Window(
            start=datetime.fromisoformat(window["start"]),
            end=datetime.fromisoformat(window["end"]),
            settled_end=datetime.fromisoformat(window["settled_end"]),
            period_seconds=window["period_seconds"],
            widened=window["widened"],
        ),
        event_sources=decode_answer(
            data["event_sources"],
            lambda found: {fn: frozenset(called) for fn, called in found.items()},
        ),
        keep_tags=decode_answer(data["keep_tags"], dict),
        stack_names=decode_answer(data["stack_names"], dict),
        stacks_in_motion=decode_answer(data["stacks_in_motion"], dict),
        history=history,
    )
    return RegionFacts(
        references=references,
        active=data["active"],
        price=Price(**known_fields(Price, data["price"])),
    )
