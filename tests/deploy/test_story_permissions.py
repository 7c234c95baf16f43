"""A whole run, from the command to the last delete, is allowed by the roles on the very things it names."""

from typing import Any

import pytest
from botocore import xform_name

from fakes.aws import Cloud
from fakes.slack import team
from tests.deploy.roles import may, roles
from tests.deploy.source import FREE, OPERATIONS
from tests.harness import a_clock, harness
from tests.workflow.fleets import two_functions

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
        for actions in [OPERATIONS[xform_name(operation)] - FREE]
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
