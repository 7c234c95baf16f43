"""Test the installation from inside: the stack, Slack, every account, and with one click whether ticks arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.exceptions import CallbackTimeoutError, DurableOperationError

from orchestrator.domain.handovers import Asked, RunResult
from orchestrator.domain.readiness import Findings, Line, nobody_pressed
from orchestrator.steps.doctor import AN_HOUR, heard, wants_a_click
from orchestrator.workflow.adapters import Adapters
from orchestrator.workflow.durable import Durable, RunFailed, error_words, joined, named


def doctor_run(event: Any, context: DurableContext, adapters: Adapters) -> dict[str, Any]:
    """Test everything, and tell what passes and what to do. Raises RunFailed when that could not be told."""
    durable, telling = Durable(context, adapters.patience), Durable(context, adapters.patience_to_tell)
    doctor = adapters.doctor
    found = Findings()
    try:
        asked = durable.value(
            Asked, "read-request", doctor.begin, event, context.execution_context.durable_execution_arn
        )
        if asked.problems:
            return telling.value(RunResult, "send-completion", adapters.closing.decline, asked.declined).to_dict()
        for more in _tested(durable, adapters, asked):
            found += more
        if not wants_a_click(event):
            return doctor.result(found)
        found += Findings((_clicked(durable, adapters, asked, found),))
        found += telling.value(Findings, "test-thread", doctor.test_thread, asked)
        durable.step("write-readiness", doctor.write, asked, found)
        return telling.step("send-completion", doctor.tell, asked, found)
    except DurableOperationError as error:
        words = error_words(error)
        unsaid = durable.attempt("say-what-failed", doctor.fail, event, found, words)
        raise RunFailed(joined(words, unsaid)) from error


def _tested(durable: Durable, adapters: Adapters, asked: Asked) -> Iterator[Findings]:
    """Run every test that needs no click; each account has an invocation of its own."""
    doctor = adapters.doctor
    yield durable.value(Findings, "test-slack", doctor.test_slack)
    yield durable.value(Findings, "test-stack", doctor.test_stack, asked)
    for number in range(doctor.account_count):
        if number:
            durable.breathe()
        yield durable.value(Findings, named("test-account", number + 1), doctor.test_account, number, asked)


def _clicked(durable: Durable, adapters: Adapters, asked: Asked, found: Findings) -> Line:
    """Ask for the click, and read from it whether ticks arrive. Raises CallbackError when it could not be asked for."""

    def ask(callback_id: str) -> None:
        adapters.doctor.ask(asked, found, callback_id)

    try:
        answer = durable.wait_for_answer("ticks", ask, timeout_seconds=AN_HOUR)
    except CallbackTimeoutError:
        return nobody_pressed()
    return heard(answer)
