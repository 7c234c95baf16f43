"""Which functions belong to a stack, and which stacks are being changed, or failed to be? Two listings a region.

Both functions raise CredentialsError when the credentials themselves fail, since then nothing can be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from orchestrator.aws.errors import AWS_ERRORS, not_judged
from orchestrator.aws.tags import GET_RESOURCES, tag_values
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Missing

if TYPE_CHECKING:
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

LIST_STACKS = "cloudformation:ListStacks"
ACTIONS = (GET_RESOURCES, LIST_STACKS)

STACK_NAME_TAG = "aws:cloudformation:stack-name"
IN_MOTION = ("_IN_PROGRESS", "_FAILED")
"""How the statuses end of a stack that is being changed, or whose last change failed."""


class CloudFormation(Protocol):
    """The one operation that is used, and where its statuses are named."""

    meta: Any

    def list_stacks(self, **asked: Any) -> Mapping[str, Any]:
        """Return one page of stacks."""
        ...


def stack_names(tagging_client: ResourceGroupsTaggingAPIClient) -> Mapping[str, str] | Missing:
    """Return the stack of every function that belongs to one, by function name."""
    return tag_values(tagging_client, STACK_NAME_TAG, Check.STACKS)


def stacks_in_motion(client: CloudFormation) -> Mapping[str, str] | Missing:
    """Return the status of every stack that is being changed or whose last change failed, by stack name."""
    known = client.meta.service_model.shape_for("StackStatus").enum
    asked: dict[str, Any] = {"StackStatusFilter": sorted(status for status in known if status.endswith(IN_MOTION))}
    found: dict[str, str] = {}
    try:
        while True:
            answer = client.list_stacks(**asked)
            found |= {stack["StackName"]: stack["StackStatus"] for stack in answer["StackSummaries"]}
            if not answer.get("NextToken"):
                return found
            asked["NextToken"] = answer["NextToken"]
    except AWS_ERRORS as error:
        return not_judged(Check.STACKS, error, LIST_STACKS)
