"""Start durable executions of this stack, and look how they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestrator.aws.errors import AWS_ERRORS, failure, is_gone
from orchestrator.aws.quota import Budget
from orchestrator.domain.runs import CLOSED_EXECUTIONS

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

GET_EXECUTION = "lambda:GetDurableExecution"
INVOKE = "lambda:InvokeFunction"
STOP_EXECUTION = "lambda:StopDurableExecution"
ACTIONS = (GET_EXECUTION, INVOKE, STOP_EXECUTION)
LOOKS_RATE = 15.0
"""How often a second an execution is looked at: half of the 30 that AWS allows of GetDurableExecution."""


@dataclass(frozen=True, slots=True)
class Execution:
    """How an execution is."""

    status: str
    """AWS's word for it; `GONE` when nobody knows it any more."""
    result: Mapping[str, Any] | None = None
    """What it returned, when that is a JSON object."""
    error: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self.status in CLOSED_EXECUTIONS or self.status == "GONE"


class Executions:
    """Durable executions of this stack."""

    def __init__(self, lambda_client: LambdaClient, looks: Budget) -> None:
        """`looks` paces the looking, which a sweep does for many executions at once."""
        self._lambda = lambda_client
        self._looks = looks

    def start(self, function_arn: str, name: str, request: Mapping[str, Any]) -> str:
        """Start an execution and return its ARN. The same name with the same request starts nothing twice.

        Raises AwsError.
        """
        try:
            answer = self._lambda.invoke(
                FunctionName=function_arn,
                InvocationType="Event",
                DurableExecutionName=name,
                Payload=json.dumps(request, sort_keys=True).encode(),
            )
        except AWS_ERRORS as error:
            raise failure(error, INVOKE) from error
        return answer["DurableExecutionArn"]

    def look(self, execution_arn: str) -> Execution:
        """Look how an execution is. Raises AwsError."""
        self._looks.take()
        try:
            answer = self._lambda.get_durable_execution(DurableExecutionArn=execution_arn)
        except AWS_ERRORS as error:
            if is_gone(error):
                return Execution("GONE")
            raise failure(error, GET_EXECUTION) from error
        error_words = answer.get("Error", {}).get("ErrorMessage")
        return Execution(answer["Status"], _object(answer.get("Result")), error_words)

    def stop(self, execution_arn: str, words: str) -> None:
        """Stop an execution; one that is over is over. Raises AwsError."""
        try:
            self._lambda.stop_durable_execution(
                DurableExecutionArn=execution_arn, Error={"ErrorType": "Stopped", "ErrorMessage": words}
            )
        except AWS_ERRORS as error:
            if not is_gone(error):
                raise failure(error, STOP_EXECUTION) from error

    def is_closed(self, execution_arn: str) -> bool:
        """Whether an execution is over, or so long ago that nobody knows it any more. Raises AwsError."""
        return self.look(execution_arn).is_closed


def _object(text: str | None) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text or "null")
    except ValueError:
        return None
    return value if isinstance(value, Mapping) else None
