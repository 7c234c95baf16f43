"""Stop an open run: one step, and a private answer."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import DurableOperationError

from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, RunFailed, error_words


def stop_run(event: Any, context: DurableContext, adapters: Adapters) -> dict[str, Any]:
    """Stop the run that the request means, and tell who asked. Raises RunFailed when it could not be stopped."""
    durable = Durable(context, adapters.patience)
    try:
        stopped: dict[str, Any] = durable.step("stop-run", adapters.stopping.stop, event)
    except DurableOperationError as error:
        words = f"It could not be stopped: {error_words(error)}"
        durable.attempt("say-what-failed", adapters.stopping.tell, event, {"words": words})
        raise RunFailed(words) from error
    durable.attempt("send-completion", adapters.stopping.tell, event, stopped)
    return stopped
