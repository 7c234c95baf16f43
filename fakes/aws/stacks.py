"""CloudFormation, as far as it says which stacks are being changed: `ListStacks` by status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

PAGE = 100
STACK_NAME_TAG = "aws:cloudformation:stack-name"
STACK_ID_TAG = "aws:cloudformation:stack-id"


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack as the listing shows it."""

    name: str
    id: str
    status: str
    created: datetime


def list_stacks(cloud: Cloud, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return stacks by status, at most a hundred a page; without a filter every one, deleted ones too."""
    wanted = given.get("StackStatusFilter") or []
    found = [stack for stack in cloud.stacks.values() if not wanted or stack.status in wanted]
    try:
        start = int(given.get("NextToken") or 0)
    except ValueError:
        raise RefusalError("ValidationError", "The token is not one of ours") from None
    rows = [
        {
            "StackId": stack.id,
            "StackName": stack.name,
            "CreationTime": stack.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "StackStatus": stack.status,
        }
        for stack in found[start : start + PAGE]
    ]
    body: dict[str, Any] = {"StackSummaries": rows}
    if start + PAGE < len(found):
        body["NextToken"] = str(start + PAGE)
    return body
