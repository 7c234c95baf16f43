"""Look after what a stack needs beside its functions: the schedule, and somebody who hears the alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.config import Config

from orchestrator.aws.errors import AWS_ERRORS, failure
from orchestrator.domain.readiness import Schedule

if TYPE_CHECKING:
    import boto3

GET_SCHEDULE = "scheduler:GetSchedule"
GET_TOPIC_ATTRIBUTES = "sns:GetTopicAttributes"
ACTIONS = (GET_SCHEDULE, GET_TOPIC_ATTRIBUTES)

_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 3})


def schedule(session: boto3.Session, name: str) -> Schedule:
    """Return a schedule by its `group/name`. Raises AwsError."""
    group, _, own_name = name.partition("/")
    client: Any = session.client("scheduler", config=_PATIENT)
    try:
        found = client.get_schedule(GroupName=group, Name=own_name)
    except AWS_ERRORS as error:
        raise failure(error, GET_SCHEDULE) from error
    return Schedule(state=str(found["State"]), target=str(found["Target"]["Arn"]))


def confirmed_subscriptions(session: boto3.Session, topic_arn: str) -> int:
    """Return how many subscriptions of a topic are confirmed. Raises AwsError."""
    client: Any = session.client("sns", region_name=topic_arn.split(":")[3], config=_PATIENT)
    try:
        attributes = client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    except AWS_ERRORS as error:
        raise failure(error, GET_TOPIC_ATTRIBUTES) from error
    return int(attributes.get("SubscriptionsConfirmed", "0"))
