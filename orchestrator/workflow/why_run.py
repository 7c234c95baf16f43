"""Answer why versions of a function are held or offered: one step, and a private answer."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import DurableOperationError

from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, RunFailed, error_words


def why_run(event: Any, context: DurableContext, adapters: Adapters) -> dict[str, Any]:
    """Judge, and tell who asked. Raises RunFailed when it could not be found out."""
    durable, why = Durable(context, adapters.patience), adapters.why
    try:
        answer: dict[str, Any] = durable.step(
            "judge", why.judge, event, context.execution_context.durable_execution_arn
        )
    except DurableOperationError as error:
        words = f"I could not find that out: {error_words(error)}"
        durable.attempt("say-what-failed", why.tell, event, {"words": words})
        raise RunFailed(words) from error
    durable.attempt("send-completion", why.tell, event, answer)
    return answer
