"""A durable execution as people follow it: its steps in order, from the history the engine keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aws_durable_execution_sdk_python.exceptions import SerDesError
from aws_durable_execution_sdk_python.serdes import ExtendedTypeSerDes

Json = dict[str, Any]

PLAN = (
    "claim-region",
    "announce-scan",
    "discover-snapstart",
    "stage-a-age-and-keep-last-n",
    "stage-b-usage-and-protection",
    "confirm-state",
    "build-and-upload-report",
    "open-page",
    "approval",
    "record-decision",
    "recheck",
    "delete-versions",
    "close-page",
    "send-completion",
    "close-run",
)
"""The steps of a run that has something to offer, in their order: what is still to come is shown ahead."""

_NUMBERED = re.compile(r"^(.*?)(?:-\d+)+$")
_RETURNED = ("StepSucceededDetails", "CallbackSucceededDetails")
_RAISED = ("StepFailedDetails", "CallbackFailedDetails", "ContextFailedDetails", "CallbackTimedOutDetails")


@dataclass
class _Step:
    name: str
    status: str = "running"
    started: datetime | None = None
    ended: datetime | None = None
    attempts: int = 0
    parts: int = 0
    results: list[Any] = field(default_factory=list)
    error: str | None = None

    def shown(self) -> Json:
        seconds = (self.ended - self.started).total_seconds() if self.started and self.ended else None
        return {
            "name": self.name,
            "status": self.status,
            "started": self.started.timestamp() if self.started else None,
            "seconds": seconds,
            "retried": max(0, self.attempts - self.parts),
            "parts": self.parts,
            "result": self.results[-1] if self.results else None,
            "error": self.error,
        }


def steps(events: Iterable[Mapping[str, Any]]) -> Json:
    """The run: its status and its steps. Slices and batches of one step are one, with the number of its parts."""
    found: dict[str, _Step] = {}
    parts: dict[str, set[str]] = {}
    status = "RUNNING"
    waits = False
    for event in events:
        kind: str = event["EventType"]
        if kind.startswith("Execution") and kind != "ExecutionStarted":
            status = kind.removeprefix("Execution").upper()
        named = event.get("Name")
        if named is None or kind.startswith("Execution"):
            continue
        name = _base(named.removesuffix(" create callback id").removesuffix(" submitter"))
        step = found.setdefault(name, _Step(name))
        at: datetime = event["EventTimestamp"]
        is_callback = kind.startswith("Callback")
        if kind.endswith("Started"):
            step.started = step.started or at
            step.status, step.ended = "running", None
            if kind == "StepStarted" and event.get("ParentId") is None:
                step.attempts += 1
                parts.setdefault(name, set()).add(event["Id"])
                step.parts = len(parts[name])
            waits = True if is_callback else waits
        elif kind.endswith("Succeeded"):
            waits = False if is_callback else waits
            if event.get("ParentId") is None or is_callback:
                step.ended, step.error = at, None
                step.status = "done" if not is_callback else step.status
                step.results += _results(event)
        else:
            waits = False if is_callback else waits
            step.ended, step.status, step.error = at, "failed", _error(event)
    if waits and "approval" in found:
        found["approval"].status = "waiting"
    for step in found.values():
        if step.status == "failed" and status == "RUNNING":
            step.status = "retrying"
    return {"status": status, "steps": [step.shown() for step in found.values()], "ahead": _ahead(found, status)}


def _ahead(found: Mapping[str, _Step], status: str) -> list[str]:
    if status != "RUNNING":
        return []
    reached = max((PLAN.index(name) for name in found if name in PLAN), default=-1)
    return list(PLAN[reached + 1 :])


def _base(name: str) -> str:
    """The step without the numbers of its page, slice or batch."""
    numbered = _NUMBERED.match(name)
    return numbered[1] if numbered else name


def _results(event: Mapping[str, Any]) -> list[Any]:
    for details in _RETURNED:
        payload = event.get(details, {}).get("Result", {}).get("Payload")
        if payload is not None:
            return [_decoded(payload)]
    return []


def _decoded(payload: str) -> Any:
    """A step's result as JSON, without the engine's own tags of types; an answer from outside has none."""
    try:
        result = ExtendedTypeSerDes[Any]().deserialize(payload)
    except SerDesError:
        return json.loads(payload)
    return json.loads(result) if isinstance(result, str) and result.startswith("{") else result


def _error(event: Mapping[str, Any]) -> str:
    for details in _RAISED:
        payload = event.get(details, {}).get("Error", {}).get("Payload")
        if payload:
            return str(payload.get("ErrorMessage") or payload.get("ErrorType") or "failed")
    return "failed"
