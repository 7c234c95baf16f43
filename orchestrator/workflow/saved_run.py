"""Say what was saved: one request, one receipt."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import DurableOperationError

from orchestrator.domain.handovers import Asked, RunResult
from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, RunFailed, error_words, joined


def saved_run(event: Any, context: DurableContext, adapters: Adapters) -> dict[str, Any]:
    """Tell what the bill shows was saved. Raises RunFailed when nothing could be said."""
    durable, telling = Durable(context, adapters.patience), Durable(context, adapters.patience_to_tell)
    saved = adapters.saved
    execution_arn = context.execution_context.durable_execution_arn
    try:
        asked = durable.value(Asked, "read-request", saved.begin, event, execution_arn)
        if asked.problems:
            return telling.value(RunResult, "send-completion", adapters.closing.decline, asked.declined).to_dict()
        durable.step("ask-bill", saved.ask)
        return telling.step("send-completion", saved.tell, asked)
    except DurableOperationError as error:
        words = error_words(error)
        unsaid = durable.attempt("say-what-failed", saved.fail, event, execution_arn, words)
        raise RunFailed(joined(words, unsaid)) from error
