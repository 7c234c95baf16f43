"""What the orchestrator does, step by step: one module for each kind of request.

The workflows are the sole users of the durable context. They name steps in their order and carry small values between
them; what a step does lives in `orchestrator.steps`. Nothing with a side effect runs outside a step, and no clock is
read here: an execution that was interrupted runs its workflow again and finds every step that was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_durable_execution_sdk_python import DurableContext

from orchestrator.domain.request import Kind
from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.doctor_run import doctor_run
from orchestrator.workflow.durable import RunFailed, patience, patience_to_tell
from orchestrator.workflow.pause_run import pause_run
from orchestrator.workflow.saved_run import saved_run
from orchestrator.workflow.scan_run import scan_run
from orchestrator.workflow.stop_run import stop_run
from orchestrator.workflow.sweep_run import sweep_run
from orchestrator.workflow.why_run import why_run

__all__ = ["Adapters", "RunFailed", "handle", "patience", "patience_to_tell"]

Workflow = Callable[[Any, DurableContext, Adapters], Any]

WORKFLOWS: Mapping[str, Workflow] = {
    Kind.SCAN: scan_run,
    Kind.SAVED: saved_run,
    Kind.PAUSE: pause_run,
    Kind.RESUME: pause_run,
    Kind.SWEEP: sweep_run,
    Kind.STOP: stop_run,
    Kind.WHY: why_run,
    Kind.DOCTOR: doctor_run,
}
"""What runs for a request of each kind."""


def handle(event: Any, context: DurableContext, adapters: Adapters) -> Any:
    """Run the workflow of the request's kind: a scan when it names none, or none of these, to be refused in words."""
    kind = event.get("kind") if isinstance(event, Mapping) else None
    workflow = WORKFLOWS.get(kind, scan_run) if isinstance(kind, str) else scan_run
    return workflow(event, context, adapters)
