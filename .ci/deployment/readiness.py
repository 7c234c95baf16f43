"""What still stands between a deployed stack and its first answer in Slack, as far as AWS knows."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

#: Makes a client of a service, by its name.
Client = Callable[[str], Any]


def whats_next(client: Client, stack: str, region: str, values: Mapping[str, str]) -> list[str]:
    """A line for each thing to do or to put right; what could not be looked at is said, and is no failure."""
    outputs = _outputs(client, stack)
    lines = [*_secret(client, region, outputs, values["SlackCommand"]), *_schedule(client, stack, values)]
    if values["AlarmTopicArn"]:
        lines += _topic(client, values["AlarmTopicArn"])
    return lines or [last_step(values)]


def last_step(values: Mapping[str, str]) -> str:
    """What is left to do where nothing is to be put right."""
    return f"Type {values['SlackCommand']} doctor in the review channel: it checks the rest from inside."


def _outputs(client: Client, stack: str) -> dict[str, str]:
    try:
        (found,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError):
        return {}
    return {it["OutputKey"]: it["OutputValue"] for it in found["Outputs"]}


def _secret(client: Client, region: str, outputs: Mapping[str, str], command: str) -> Iterator[str]:
    if not outputs:
        yield "The stack's outputs could not be read: look at them for BotUrl and SlackSecretArn."
        return
    try:
        secret = client("secretsmanager").describe_secret(SecretId=outputs["SlackSecretArn"])
    except (BotoCoreError, ClientError) as error:
        yield f"The Slack secret could not be looked at: {error}"
        return
    if not secret.get("VersionIdsToStages"):
        own = "" if command == "/snapstart" else f" COMMAND={command}"
        yield "The Slack secret has no value yet. Next, as docs/deploy.md says from step 2 on:"
        yield f"  make --silent manifest URL={outputs['BotUrl']}{own} > my-manifest.yaml"
        yield (
            f"  aws secretsmanager put-secret-value --region {region} --secret-id {outputs['SlackSecretArn']} "
            "--secret-string file://slack-secret.json"
        )


def _schedule(client: Client, stack: str, values: Mapping[str, str]) -> Iterator[str]:
    wanted = values["WeeklyScheduleState"]
    try:
        found = client("scheduler").get_schedule(GroupName=stack, Name=f"{stack}-scan")["State"]
    except (BotoCoreError, ClientError) as error:
        yield f"The schedule could not be looked at: {error}"
        return
    if found != wanted:
        yield f"The schedule {stack}-scan is {found}, not {wanted}: somebody changed it outside the stack."


def _topic(client: Client, topic: str) -> Iterator[str]:
    try:
        attributes = client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    except (BotoCoreError, ClientError) as error:
        yield f"The alarm topic could not be looked at: {error}"
        return
    if attributes.get("SubscriptionsConfirmed", "0") == "0":
        yield "Nobody has a confirmed subscription to the alarm topic, so nobody hears an alarm."
