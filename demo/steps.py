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
    "compare-bill",
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

CALLBACK, SUBMITTER = " create callback id", " submitter"
"""How the SDK names the two halves of a wait for a callback."""

BESIDE_A_QUESTION = re.compile(r".+ (?:question|reminder|with a reminder)|until-the-reminder|next-slice")
"""What only waits beside a question, or holds the two together: nobody follows it."""
_NUMBERED = re.compile(r"^(.*?)(?:-\d+)+$")
_RETURNED = ("StepSucceededDetails", "CallbackSucceededDetails")
_RAISED = ("StepFailedDetails", "CallbackFailedDetails", "ContextFailedDetails", "CallbackTimedOutDetails")


@dataclass
class _Step:
    name: str
    status: str = "running"
    started: datetime | None = None
    seconds: float | None = None
    attempts: int = 0
    parts: dict[str, datetime] = field(default_factory=dict)
    """When each slice or batch began, by its id."""
    results: list[Any] = field(default_factory=list)
    error: str | None = None
    expired: bool = False
    """Whether nobody answered in time: an end as good as another."""

    def hear(self, kind: str, event: Mapping[str, Any]) -> None:
        """Take up one event of this step, or of a half of this wait."""
        at: datetime = event["EventTimestamp"]
        is_half = event["Name"].endswith((CALLBACK, SUBMITTER))
        if kind.endswith("Started"):
            self.started = self.started or at
            self.status = "running"
            if not is_half:
                self.attempts += 1
                self.parts.setdefault(event["Id"], at)
        elif kind.endswith("Succeeded"):
            self.error = None
            self.results += _results(event)
            if event["Name"].endswith(SUBMITTER):
                self.status = "waiting"
            elif not is_half:
                self.status = "done"
                self.seconds = (self.seconds or 0) + (at - self.parts[event["Id"]]).total_seconds()
        elif kind.endswith("TimedOut") or self.expired:
            self.status, self.expired = "done", True
        else:
            self.status, self.error = "failed", _error(event)

    def shown(self) -> Json:
        return {
            "name": self.name,
            "status": self.status,
            "started": self.started.timestamp() if self.started else None,
            "seconds": self.seconds,
            "retried": max(0, self.attempts - len(self.parts)),
            "parts": len(self.parts),
            "result": self.results[-1] if self.results else None,
            "error": self.error,
        }


def steps(events: Iterable[Mapping[str, Any]]) -> Json:
    """The run: its status and its steps. Slices and batches of one step are one, with the number of its parts."""
    found: dict[str, _Step] = {}
    status = "RUNNING"
    for event in events:
        kind: str = event["EventType"]
        if kind.startswith("Execution"):
            status = "RUNNING" if kind == "ExecutionStarted" else kind.removeprefix("Execution").upper()
        elif "Name" in event and not BESIDE_A_QUESTION.fullmatch(_base(event["Name"])):
            found.setdefault(_base(event["Name"]), _Step(_base(event["Name"]))).hear(kind, event)
    for step in found.values():
        if step.status == "failed" and status == "RUNNING":
            step.status = "retrying"
    return {"status": status, "steps": [step.shown() for step in found.values()], "ahead": _ahead(found, status)}


def _ahead(found: Mapping[str, _Step], status: str) -> list[str]:
    is_of_another_kind = "claim-sweep" in found or (bool(found) and not any(name in PLAN for name in found))
    if status != "RUNNING" or is_of_another_kind:
        return []
    reached = max((PLAN.index(name) for name in found if name in PLAN), default=-1)
    return list(PLAN[reached + 1 :])


def _base(name: str) -> str:
    """The step without the numbers of its page, slice or batch; what a wait is made of belongs to it."""
    whole = name.removesuffix(CALLBACK).removesuffix(SUBMITTER)
    numbered = _NUMBERED.match(whole)
    return numbered[1] if numbered else whole


def _results(event: Mapping[str, Any]) -> list[Any]:
    for details in _RETURNED:
        payload = event.get(details, {}).get("Result", {}).get("Payload")
        if payload is not None:
            return [_decoded(payload)]
    return []


def _decoded(payload: str) -> Any:
    """A step's result as JSON, without the engine's own tags of types; an answer from outside has none."""
    try:
        result = ExtendedTypeSerDes[Any]().deserialize(payload)  # type: ignore[no-untyped-call]
    except SerDesError:
        return json.loads(payload)
    return json.loads(result) if isinstance(result, str) and result.startswith("{") else result


def _error(event: Mapping[str, Any]) -> str:
    for details in _RAISED:
        payload = event.get(details, {}).get("Error", {}).get("Payload")
        if payload:
            return str(payload.get("ErrorMessage") or payload.get("ErrorType") or "failed")
    return "failed"
