"""What stands beside a stack's functions: schedules of EventBridge Scheduler, and topics of SNS with who subscribed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule: what it starts, and whether it is on."""

    target: str
    state: str = "ENABLED"


def get_schedule(cloud: Cloud, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return one schedule of a group."""
    group, name = given.get("groupName", "default"), given["Name"]
    found = cloud.schedules.get((group, name))
    if found is None:
        raise RefusalError("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
    return {
        "Arn": f"arn:aws:scheduler:{cloud.region}:{cloud.account_id}:schedule/{group}/{name}",
        "GroupName": group,
        "Name": name,
        "State": found.state,
        "Target": {"Arn": found.target, "RoleArn": f"arn:aws:iam::{cloud.account_id}:role/schedule"},
    }


def get_topic_attributes(cloud: Cloud, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a topic's attributes the one that tells how many subscriptions are confirmed."""
    confirmed = cloud.subscriptions.get(given["TopicArn"])
    if confirmed is None:
        raise RefusalError("NotFound", "Topic does not exist", 404)
    return {"Attributes": {"entry": {"key": "SubscriptionsConfirmed", "value": str(confirmed)}}}
