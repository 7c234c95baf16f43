"""A sweep: one run for every account and region, side by side, and one digest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import DurableOperationError

from orchestrator.domain.handovers import Asked
from orchestrator.domain.runs import Ending, execution_id
from orchestrator.steps.sweep import Seen, Started, SweepBegun
from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, RunFailed, error_words, joined, named
from orchestrator.workflow.scan_run import scan_run

WAITS_AT_MOST_SECONDS = 7_200
"""After so long the runs that still scan are named, and the digest is posted without them."""
FIRST_LOOKS_SECONDS, LAST_LOOKS_SECONDS = 5, 300


def sweep_run(event: Any, context: DurableContext, adapters: Adapters) -> dict[str, Any]:
    """Sweep every account and region, or scan the only one. Raises RunFailed when the sweep could not be finished."""
    if adapters.sweep.is_one_run:
        return scan_run({key: value for key, value in event.items() if key != "kind"}, context, adapters)
    durable, telling = Durable(context, adapters.patience), Durable(context, adapters.patience_to_tell)
    execution_arn = context.execution_context.durable_execution_arn
    try:
        return _sweep(event, execution_arn, durable, telling, adapters)
    except DurableOperationError as error:
        words = error_words(error)
        unsaid = durable.attempt("say-what-failed", adapters.sweep.fail, execution_id(execution_arn), words)
        raise RunFailed(joined(words, unsaid)) from error


def _sweep(event: Any, execution_arn: str, durable: Durable, telling: Durable, adapters: Adapters) -> dict[str, Any]:
    sweep = adapters.sweep
    begun = durable.value(SweepBegun, "claim-sweep", sweep.begin, event, execution_arn)
    if begun.problems:
        refused: dict[str, Any] = durable.step("send-completion", sweep.refuse, begun)
        return refused
    if begun.held_by is not None:
        return {"ending": Ending.ALREADY_RUNNING.value, "words": f"{begun.held_by} carries out this sweep already"}
    if adapters.bill.is_on:
        durable.attempt("ask-bill", adapters.saved.ask)  # once, before its runs would all ask at the same moment
    started = durable.value(Started, "start-runs", sweep.start, event, begun)
    seen = Seen()
    for number, seconds in enumerate(waits_between_looks(), start=1):
        durable.wait(seconds, name=named("wait-for-runs", number))
        seen = durable.value(Seen, named("look-at-runs", number), sweep.look, begun, started, seen)
        if seen.is_complete:
            break
    if adapters.saved.monthly and begun.requested_by is None:
        asked = Asked(execution=begun.execution, started_at=begun.started_at, requested_by=None)
        durable.attempt("monthly-receipt", adapters.saved.tell_monthly, asked)
    told: dict[str, Any] = telling.step("send-completion", sweep.tell, begun, seen)
    return told


def waits_between_looks() -> Iterator[int]:
    """The seconds to wait before each look at the runs: a tenth of the time that has passed."""
    waited = 0
    while waited < WAITS_AT_MOST_SECONDS:
        seconds = min(max(FIRST_LOOKS_SECONDS, waited // 10), LAST_LOOKS_SECONDS)
        waited += seconds
        yield seconds
