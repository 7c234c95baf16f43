"""Durable operations by name: steps, the wait for an answer, and the words of what failed."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.config import (
    BatchItemStatus,
    CompletionConfig,
    CompletionDecision,
    CompletionStatus,
    Duration,
    ParallelBranch,
    ParallelConfig,
    StepConfig,
    WaitForCallbackConfig,
    complete_batch,
    continue_batch,
)
from aws_durable_execution_sdk_python.exceptions import (
    CallbackError,
    CallbackExternalError,
    CallbackSubmitterError,
    DurableOperationError,
)
from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python.retries import RetryDecision
from aws_durable_execution_sdk_python.serdes import EXTENDED_TYPES_SERDES, SerDes, SerDesContext

P = ParamSpec("P")
T = TypeVar("T")


class Recorded(Protocol):
    """A value that a checkpoint can carry."""

    def to_dict(self) -> dict[str, Any]:
        """The value as plain JSON."""
        ...

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The value of plain JSON, also of the release before."""
        ...


R = TypeVar("R", bound=Recorded)

BREATH = Duration.from_seconds(1)
"""A wait between slices ends the invocation, so that each slice has Lambda's fifteen minutes to itself."""

RETRY_SECONDS = (5, 15, 45, 120)
"""How long a step that failed waits before each next attempt: about three minutes in all."""

TELLING_SECONDS = (*RETRY_SECONDS, 300, 900, 1_800, *[3_600] * 11)
"""The same for a step that only posts words: about twelve hours, since a durable wait costs nothing."""

Patience = Callable[[Exception, int], RetryDecision]


class RunFailed(Exception):
    """The run could not be finished; the words say what happened, and were said in Slack where it could be reached."""


class NotAsked(CallbackError):
    """The question was not taken, and asking the same again cannot help.

    Checkpoints keep its words and its sign, not its class.
    """

    SIGN = "not asked"
    permanent = True

    def __init__(self, words: str | None) -> None:
        super().__init__(words, data=self.SIGN)


def patience(error: Exception, attempts_made: int) -> RetryDecision:
    """Try a failed step again, unless the error says that trying again cannot help."""
    return _again_after(RETRY_SECONDS, error, attempts_made)


def patience_to_tell(error: Exception, attempts_made: int) -> RetryDecision:
    """Try a failed message again for hours, until Slack is back."""
    return _again_after(TELLING_SECONDS, error, attempts_made)


def _again_after(pauses: Sequence[int], error: Exception, attempts_made: int) -> RetryDecision:
    if getattr(error, "permanent", False) or attempts_made > len(pauses):
        return RetryDecision.no_retry()
    return RetryDecision.retry(Duration.from_seconds(pauses[attempts_made - 1]))


class Checkpoint(SerDes[R], Generic[R]):
    """Carries a value of one class as the SDK carries plain dicts."""

    def __init__(self, of: type[R]) -> None:
        self._of = of

    def serialize(self, value: R, serdes_context: SerDesContext) -> str:
        """The value as text."""
        return EXTENDED_TYPES_SERDES.serialize(value.to_dict(), serdes_context)

    def deserialize(self, data: str, serdes_context: SerDesContext) -> R:
        """The value of a text. Raises whatever the value's own codec does."""
        return self._of.from_dict(EXTENDED_TYPES_SERDES.deserialize(data, serdes_context))


@dataclass(frozen=True, slots=True)
class Durable:
    """The durable operations of one execution. Everything with a side effect goes through here."""

    context: DurableContext
    patience: Patience

    def step(self, name: str, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `act` once and checkpoint the plain JSON it returns; after a failure, try again while that can help.

        Raises DurableOperationError when the last attempt failed.
        """
        config = StepConfig(retry_strategy=self.patience)
        return self.context.step(lambda _: act(*args, **kwargs), name=name, config=config)

    def value(self, of: type[R], name: str, act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `act` as a step that returns a value of this class. Raises DurableOperationError."""
        config = StepConfig(retry_strategy=self.patience, serdes=Checkpoint(of))
        return self.context.step(lambda _: act(*args, **kwargs), name=name, config=config)

    def attempt(self, name: str, act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> str | None:
        """Run `act` as a step that may fail. Returns the words of the failure, None when it succeeded."""
        try:
            self.step(name, lambda: _nothing(act(*args, **kwargs)))
        except DurableOperationError as error:
            return error_words(error)
        return None

    def wait_for_answer(self, name: str, ask: Callable[[str], str | None], *, timeout_seconds: int) -> Any:
        """Ask with the id of a callback, and wait until it is answered; the wait costs nothing.

        `ask` returns None when its question was taken, and why not otherwise. Raises NotAsked with those words,
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

    def wait_for_answer_and_remind(
        self,
        name: str,
        ask: Callable[[str], str | None],
        remind: Callable[[Durable], None],
        *,
        timeout_seconds: int,
        remind_in_seconds: int,
    ) -> Any:
        """Ask and wait as `wait_for_answer` does, and send one reminder while the question is open.

        The question stays open under one callback id for all its time, and the reminder waits beside it: an answer in
        the moment of the reminder counts like any other. Raises what `wait_for_answer` raises.
        """

        def question(context: DurableContext) -> Any:
            return Durable(context, self.patience).wait_for_answer(name, ask, timeout_seconds=timeout_seconds)

        def reminder(context: DurableContext) -> None:
            context.wait(Duration.from_seconds(remind_in_seconds), name="until-the-reminder")
            remind(Durable(context, self.patience))
            # An answer that came meanwhile is heard by the next invocation, so there is always something to wait for.
            context.wait(BREATH, name="next-slice")

        branches: list[ParallelBranch[Any]] = [
            ParallelBranch(func=question, name=f"{name} question"),
            ParallelBranch(func=reminder, name=f"{name} reminder"),
        ]
        config = ParallelConfig(completion_config=CompletionConfig(should_complete=_once_answered))
        answered = self.context.parallel(branches, name=f"{name} with a reminder", config=config).all[0]
        if answered.error is not None:
            raise _as_it_was(answered.error)
        return answered.result

    def wait(self, seconds: int, *, name: str) -> None:
        """Let time pass; it costs nothing."""
        self.context.wait(Duration.from_seconds(seconds), name=name)

    def breathe(self) -> None:
        """Give the next slice an invocation of its own."""
        self.context.wait(BREATH, name="next-slice")


def _once_answered(status: CompletionStatus) -> CompletionDecision:
    """Complete the wait once the question has ended, whatever became of the reminder."""
    over = bool(status.items) and status.items[0].status in {BatchItemStatus.SUCCEEDED, BatchItemStatus.FAILED}
    return complete_batch() if over else continue_batch()


def _as_it_was(error: ErrorObject) -> DurableOperationError:
    """The error that ended a branch, as it would have been raised without the branch."""
    raised = DurableOperationError.from_error_fields(
        error_type=error.type, message=error.message, data=error.data, stack_trace=error.stack_trace
    )
    return NotAsked(raised.message) if raised.data == NotAsked.SIGN else raised


def named(step: str, *numbers: int) -> str:
    """A step's name: plain for the first, with its page, slice or batch number after that."""
    return step if all(number == 1 for number in numbers) else "-".join([step, *map(str, numbers)])


def error_words(error: DurableOperationError) -> str:
    """The error's words, with the name of its class where they say too little by themselves, as a KeyError's do."""
    kind = error.error_type.rpartition(".")[2]
    if isinstance(error, CallbackExternalError):
        return f"the wait for a decision was ended by a failure that was sent in its place: {error.message}"
    if not error.message:
        return kind
    return f"{kind}: {error.message}" if hasattr(builtins, kind) else error.message


def _nothing(_: object) -> None:
    """What a checkpoint keeps of a step whose value nobody needs."""


def joined(*words: str | None) -> str:
    """Everything that went wrong, each once."""
    return "; ".join(dict.fromkeys(said for said in words if said))
