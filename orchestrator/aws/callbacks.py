"""Answer a durable callback from outside its execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.aws.errors import AWS_ERRORS, code_of, failure

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

SUCCEED = "lambda:SendDurableExecutionCallbackSuccess"
ACTIONS = (SUCCEED,)

_CLOSED = frozenset({"CallbackTimeoutException", "ResourceNotFoundException", "404"})
"""What is said of a callback that is closed: AWS's code, and those of the local engines."""


class Callbacks:
    """The callbacks of this stack's executions."""

    def __init__(self, lambda_client: LambdaClient) -> None:
        self._lambda = lambda_client

    def succeed(self, callback_id: str, result: bytes) -> bool:
        """Answer a callback; False when it is closed already. Raises AwsError."""
        try:
            self._lambda.send_durable_execution_callback_success(CallbackId=callback_id, Result=result)
        except AWS_ERRORS as error:
            if code_of(error) in _CLOSED:
                return False
            raise failure(error, SUCCEED) from error
        return True
