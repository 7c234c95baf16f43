"""The steps that the workflows call, and how long a failed one is tried again."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.steps.bill import BillCheck
from orchestrator.steps.cleanup import Cleanup
from orchestrator.steps.closing import Closing
from orchestrator.steps.doctor import Doctor
from orchestrator.steps.pausing import Pausing
from orchestrator.steps.review import Review
from orchestrator.steps.run import Lifecycle
from orchestrator.steps.saved import SavedReceipt
from orchestrator.steps.scan import Scan
from orchestrator.steps.stopping import Stopping
from orchestrator.steps.sweep import Sweep
from orchestrator.steps.why import Why
from orchestrator.workflow.durable import Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What steps do, wired to AWS and Slack."""

    patience: Patience
    patience_to_tell: Patience
    """The same for a step that needs only Slack: hours, since a durable wait costs nothing."""
    lifecycle: Lifecycle
    scan: Scan
    review: Review
    closing: Closing
    cleanup: Cleanup
    bill: BillCheck
    doctor: Doctor
    saved: SavedReceipt
    pausing: Pausing
    stopping: Stopping
    sweep: Sweep
    why: Why
