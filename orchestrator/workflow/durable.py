"""Durable operations by name: steps, the wait for an answer, and the words of what failed."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.config import Duration, StepConfig, WaitForCallbackConfig
from aws_durable_execution_sdk_python.exceptions import (
    CallbackError,
    CallbackExternalError,
    CallbackSubmitterError,
    DurableOperationError,
)
from aws_durable_execution_sdk_python.retries import RetryDecision

Json = dict[str, Any]

BREATH = Duration.from_seconds(1)
"""A wait between slices ends the invocation, so that each slice has Lambda's fifteen minutes to itself."""

RETRY_SECONDS = (5, 15, 45, 120)
"""How long a step that failed waits before each next attempt: about three minutes in all."""

Patience = Callable[[Exception, int], RetryDecision]


class RunFailed(Exception):
    """The run could not be finished; the words say what happened, and were said in Slack where it could be reached."""


class NotAsked(CallbackError):
    """What was to be asked was not taken, and asking the same again cannot help.

    Checkpoints keep its words and its sign, not its class.
    """

    SIGN = "not asked"
    permanent = True

    def __init__(self, words: str | None) -> None:
        super().__init__(words, data=self.SIGN)


def patience(error: Exception, attempts_made: int) -> RetryDecision:
    """Try a failed step again, unless the error says that trying again cannot help."""
    if getattr(error, "permanent", False) or attempts_made > len(RETRY_SECONDS):
        return RetryDecision.no_retry()
    return RetryDecision.retry(Duration.from_seconds(RETRY_SECONDS[attempts_made - 1]))


@dataclass(frozen=True, slots=True)
class Durable:
    """The durable operations of one execution. Everything with a side effect goes through here."""

    context: DurableContext
    patience: Patience

    def step(self, name: str, act: Callable[..., Any], *args: Any) -> Any:
        """Do something once and remember what it returned; a failure is tried again as long as that can help.

        Raises DurableOperationError when the last attempt failed.
        """
        return self.context.step(lambda _: act(*args), name=name, config=StepConfig(retry_strategy=self.patience))

    def attempt(self, name: str, act: Callable[..., Any], *args: Any) -> str | None:
        """Do something that may fail. Returns the words of the failure, None when it was done."""
        try:
            self.step(name, act, *args)
        except DurableOperationError as error:
            return error_words(error)
        return None

    def wait_for_answer(self, name: str, ask: Callable[[str], str | None], *, timeout_seconds: int) -> Any:
        """Ask with the id of a callback, and wait until it is answered; the wait costs nothing.

        `ask` returns why what it asks was not taken, None when it was. Raises NotAsked with those words,
        CallbackTimeoutError when nobody answers in time, CallbackError when the wait ends otherwise.
        """

        def submit(callback_id: str, _: object) -> None:
            refused = ask(callback_id)
            if refused is not None:
                raise NotAsked(refused)

        timeout = Duration.from_seconds(timeout_seconds)
        config = WaitForCallbackConfig(timeout=timeout, retry_strategy=self.patience)
        try:
            return self.context.wait_for_callback(submit, name=name, config=config)
        except CallbackSubmitterError as error:
            if error.data == NotAsked.SIGN:
                raise NotAsked(error.message) from error
            raise

    def breathe(self) -> None:
        """Give the next slice an invocation of its own."""
        self.context.wait(BREATH, name="next-slice")


def named(step: str, *numbers: int) -> str:
    """A step's name: plain for the first, with its page, slice or batch number after that."""
    return step if all(number == 1 for number in numbers) else "-".join([step, *map(str, numbers)])


def error_words(error: DurableOperationError) -> str:
    """What the error says; one that says too little by itself, such as KeyError, is named as well."""
    kind = error.error_type.rpartition(".")[2]
    if isinstance(error, CallbackExternalError):
        return f"the wait for a decision was ended by a failure that was sent in its place: {error.message}"
    if not error.message:
        return kind
    return f"{kind}: {error.message}" if hasattr(builtins, kind) else error.message


def joined(*words: str | None) -> str:
    """Everything that went wrong, each once."""
    return "; ".join(dict.fromkeys(said for said in words if said))
