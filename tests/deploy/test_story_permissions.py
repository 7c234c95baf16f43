"""A whole run, from the command to the last delete, is allowed by the roles on the very things it names."""

from typing import Any

import pytest
from botocore import xform_name

from fakes.aws import Cloud
from fakes.slack import team
from tests.deploy.cloudformation import resources
from tests.deploy.roles import allowed, may, roles, statements_of
from tests.deploy.source import FREE, operations
from tests.harness import a_clock, harness
from tests.workflow.fleets import a_function, two_functions

Call = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    """Every call of AWS that was answered while somebody scanned, approved and had four versions deleted."""
    clock = a_clock()
    cloud = Cloud(clock=clock)
    two_functions(cloud)
    made: list[Call] = []
    with harness(cloud, clock) as play:
        cloud.watchers.append(lambda operation, given: made.append((operation, dict(given))))
        arn = play.scan()
        play.somebody(team.APPROVER).presses(play.root, "approve")
        play.result(arn)
        assert len(play.deleted) == 4
    return made


def resource(given: dict[str, Any]) -> str:
    """What IAM is asked about."""
    if "Key" in given:
        return f"arn:aws:s3:::records/{given['Key']}"
    if "Bucket" in given:
        return "arn:aws:s3:::records"
    named = str(given.get("FunctionName") or given.get("Resource") or "*")
    return (
        named if named == "*" or named.startswith("arn:") else f"arn:aws:lambda:us-west-2:111122223333:function:{named}"
    )


def refused(calls: list[Call], statements: list[dict[str, Any]]) -> set[str]:
    """The calls that these statements do not allow."""
    return {
        f"{operation} {resource(given)}"
        for operation, given in calls
        for actions in [operations()[xform_name(operation)] - FREE]
        if actions and not any(may(statements, action, resource(given)) for action in actions)
    }


def test_everything_a_run_asks_is_allowed_where_it_asks_it(calls: list[Call], cloudformation: dict[str, Any]) -> None:
    both = roles(cloudformation, DeletablePrefix="*", TargetRegions="us-west-2")

    assert {"DeleteFunction", "PutObject", "GetMetricData"} <= {operation for operation, _ in calls}
    assert refused(calls, both["OrchestratorRole"] + both["BotRole"]) == set()


def test_under_another_prefix_the_deletes_alone_are_refused(calls: list[Call], cloudformation: dict[str, Any]) -> None:
    both = roles(cloudformation, DeletablePrefix="payments-", TargetRegions="us-west-2")

    assert {it.split()[0] for it in refused(calls, both["OrchestratorRole"])} == {"DeleteFunction"}


def test_the_bot_alone_could_neither_write_nor_delete_nor_read_what_is_not_for_it(
    calls: list[Call], cloudformation: dict[str, Any]
) -> None:
    not_its = refused(calls, roles(cloudformation)["BotRole"])

    assert {"DeleteFunction", "PutObject", "GetObject"} <= {it.split()[0] for it in not_its}
    assert not [it for it in not_its if it.startswith("GetObject") and ("/pending/" in it or "/control/" in it)]


MEMBER = "444455556666"
MEMBERS = {"TARGET_ACCOUNTS": f"111122223333=payments,{MEMBER}=search", "EXTERNAL_ID": "apricot"}
TRUSTING = {
    "OrchestratorRoleArn": "arn:aws:iam::111122223333:role/cleaner-OrchestratorRole-A1B2C3D4E5F6",
    "ExternalId": "apricot",
    "OrganizationId": "o-a1b2c3d4e5",
    "TargetRegions": "us-west-2",
}


def admitting(member: dict[str, Any], **given: str) -> Cloud:
    """An account of its own beside the stack's, which admits the orchestrator as member.yaml says."""
    cloud = Cloud(clock=a_clock())
    other = cloud.member(MEMBER)
    stack = resources(member, TRUSTING | given)
    for name, role in stack.items():
        operations = frozenset(action.partition(":")[2] for action in allowed(statements_of(stack)[name]))
        other.admits(role["Properties"]["RoleName"], external_id="apricot", actions=operations)
    a_function(other, "orders-api", idle=3)
    return cloud


def test_a_member_account_is_scanned_and_cleaned_with_what_its_two_roles_allow(member: dict[str, Any]) -> None:
    cloud = admitting(member, DeleteDryRun="false", DeletablePrefix="*")
    with harness(cloud, cloud.clock, **MEMBERS) as play:
        arn = play.scan(account_id=MEMBER)
        play.somebody(team.APPROVER).presses(play.root, "approve")
        play.result(arn)

        assert play.run(arn)["ending"] == "approved"
    assert len(cloud.member(MEMBER).functions["orders-api"].numbers) == 3


def test_a_member_account_in_dry_run_is_scanned_and_loses_nothing(member: dict[str, Any]) -> None:
    cloud = admitting(member)
    with harness(cloud, cloud.clock, **MEMBERS) as play:
        arn = play.scan(account_id=MEMBER)
        play.somebody(team.APPROVER).presses(play.root, "approve")
        play.result(arn)
    assert len(cloud.member(MEMBER).functions["orders-api"].numbers) == 6
