"""What a role allows, read from a template."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.deploy.cloudformation import resources

#: The least that must be given.
PLAIN = {"SlackChannelId": "C0123456789", "TargetRegions": "us-west-2", "ReleaseId": "0123456789abcdef"}

#: Every choice that gives a role more than it has by default.
EVERYTHING = {
    "SlackChannelId": "C0123456789",
    "TargetRegions": "us-west-2,eu-central-1",
    "ReleaseId": "0123456789abcdef",
    "DeleteDryRun": "false",
    "DeletablePrefix": "orders-",
    "AlarmTopicArn": "arn:aws:sns:us-west-2:111122223333:alarms",
    "BillCheck": "on",
    "TargetAccounts": "111122223333=payments,444455556666=search",
    "ExternalId": "cleaner-of-ours",
    "OrganizationId": "o-a1b2c3d4e5",
    "KmsKeyArn": "arn:aws:kms:us-west-2:111122223333:key/01234567-89ab-cdef-0123-456789abcdef",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "SecurityGroupIds": "sg-0123456789abcdef0",
}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def roles(cloudformation: Mapping[str, Any], **given: str) -> dict[str, list[dict[str, Any]]]:
    """The statements of every role of the hub's stack, with every choice on but for those given."""
    return statements_of(resources(cloudformation, {**EVERYTHING, **given}))


def statements_of(made: Mapping[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The statements of every role among these resources, by its logical id."""
    return {
        name: [
            statement
            for policy in role["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        for name, role in made.items()
        if role["Type"] == "AWS::IAM::Role"
    }


def allowed(statements: list[dict[str, Any]]) -> set[str]:
    return {
        action for statement in statements if statement["Effect"] == "Allow" for action in as_list(statement["Action"])
    }


def may(statements: list[dict[str, Any]], action: str, resource: str) -> bool:
    """Whether these statements allow an action on a resource, conditions aside."""
    effects = {
        statement["Effect"]
        for statement in statements
        if action in as_list(statement["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in as_list(statement["Resource"]))
    }
    return effects == {"Allow"}


def granting(statements: list[dict[str, Any]], action: str) -> Iterator[dict[str, Any]]:
    """The statements that allow an action."""
    return (it for it in statements if it["Effect"] == "Allow" and action in as_list(it["Action"]))
