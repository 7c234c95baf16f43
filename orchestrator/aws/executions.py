"""Ask whether another durable execution is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.aws.errors import AWS_ERRORS, failure, is_gone
from orchestrator.domain.runs import CLOSED_EXECUTIONS

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

GET_EXECUTION = "lambda:GetDurableExecution"
ACTIONS = (GET_EXECUTION,)


class Executions:
    """Durable executions of this stack, as the region's lock needs to know them."""

    def __init__(self, lambda_client: LambdaClient) -> None:
        self._lambda = lambda_client

    def is_closed(self, execution_arn: str) -> bool:
        """Whether an execution is over, or so long ago that nobody knows it any more. Raises AwsError."""
        try:
            answer = self._lambda.get_durable_execution(DurableExecutionArn=execution_arn)
        except AWS_ERRORS as error:
            if is_gone(error):
                return True
            raise failure(error, GET_EXECUTION) from error
        return answer["Status"] in CLOSED_EXECUTIONS
