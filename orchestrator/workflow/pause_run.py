"""Pause and resume: write the record, tell the channel."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import DurableOperationError

from orchestrator.domain.handovers import Asked
from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, RunFailed, error_words, joined


def pause_run(event: Any, context: DurableContext, adapters: Adapters) -> dict[str, Any]:
    """Pause deletes, or resume them. Raises RunFailed when that was not written down or not said."""
    durable, telling = Durable(context, adapters.patience), Durable(context, adapters.patience_to_tell)
    pausing = adapters.pausing
    execution_arn = context.execution_context.durable_execution_arn
    try:
        asked = durable.value(Asked, "write-pause", pausing.write, event, execution_arn)
    except DurableOperationError as error:
        words = error_words(error)
        unsaid = telling.attempt("say-what-failed", pausing.fail, event, execution_arn, words)
        raise RunFailed(joined(words, unsaid)) from error
    try:
        if asked.problems:
            return telling.step("send-completion", pausing.decline, event, asked)
        return telling.step("send-completion", pausing.tell, event, asked)
    except DurableOperationError as error:
        raise RunFailed(error_words(error)) from error
