"""Numbers for CloudWatch, as lines in the log (Embedded Metric Format), so that no call and no permission is needed."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping

from orchestrator.domain.report import Summary
from orchestrator.domain.results import Outcome, VersionResult
from orchestrator.domain.runs import Run

NAMESPACE = "SnapStartCleaner"
_UNITS = {"ScanSeconds": "Seconds"}


def scanned(run: Run, summary: Summary, *, seconds: int) -> None:
    """Write down what a scan saw."""
    _emit(
        run,
        {
            "VersionsScanned": summary.snapstart,
            "VersionsHeld": summary.held,
            "VersionsNotJudged": summary.not_judged,
            "Candidates": summary.candidates,
            "CallsMade": sum(summary.calls.values()),
            "ScanSeconds": seconds,
        },
    )


def carried_out(run: Run, results: Iterable[VersionResult]) -> None:
    """Write down what came of the approved versions of one page. A rehearsal deletes, and saves, nothing."""
    everything = list(results)
    deleted = [result for result in everything if result.outcome is Outcome.DELETED]
    _emit(
        run,
        {
            "Approved": len(everything),
            "Deleted": len(deleted),
            "Skipped": sum(result.outcome is Outcome.SKIPPED for result in everything),
            "DeleteFailed": sum(result.outcome is Outcome.FAILED for result in everything),
            "DollarsSavedPerMonth": round(sum(result.monthly_usd for result in deleted), 2),
        },
    )


def _emit(run: Run, values: Mapping[str, float]) -> None:
    """The orchestrator's name, which begins with its stack's, keeps the numbers of two stacks apart."""
    dimensions = {"Orchestrator": _function_of(run.execution_arn), "Account": run.account_id, "Region": run.region}
    definition = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in values],
    }
    line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]}, **dimensions}
    sys.stdout.write(json.dumps({**line, **values}) + "\n")


def _function_of(execution_arn: str) -> str:
    """The durable function's name; an engine on one machine names executions in its own way."""
    return execution_arn.partition(":function:")[2].partition(":")[0] or execution_arn
