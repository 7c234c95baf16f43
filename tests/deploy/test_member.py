"""What a member account gives: one role that reads and, only when deletes are on there, one that deletes."""

import re
from typing import Any

import pytest

from orchestrator.aws import deletion
from orchestrator.aws.accounts import Purpose
from tests.deploy.cloudformation import resources
from tests.deploy.roles import EVERYTHING, allowed, as_list, granting, may, statements_of

HUB = "arn:aws:iam::999988887777:role/cleaner-OrchestratorRole-A1B2C3D4E5F6"
GIVEN = {
    "OrchestratorRoleArn": HUB,
    "ExternalId": "cleaner-of-ours",
    "OrganizationId": "o-a1b2c3d4e5",
    "TargetRegions": "us-west-2,eu-central-1",
}
DELETING = GIVEN | {"DeleteDryRun": "false", "DeletablePrefix": "payments-"}


def function_arn(name: str, account: str = "111122223333") -> str:
    return f"arn:aws:lambda:us-west-2:{account}:function:{name}"


def trust(role: dict[str, Any]) -> dict[str, Any]:
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    return statement


def test_in_a_dry_run_there_is_no_role_that_could_delete(member: dict[str, Any]) -> None:
    made = resources(member, GIVEN)

    assert made.keys() == {"ReadRole"}
    assert not [action for action in allowed(statements_of(made)["ReadRole"]) if re.search("Delete|Put|Update", action)]


def test_the_read_role_allows_exactly_what_the_hub_scans_its_own_account_with(
    member: dict[str, Any], cloudformation: dict[str, Any]
) -> None:
    hub = resources(cloudformation, EVERYTHING | {"BillCheck": "off", "TargetAccounts": ""})["OrchestratorRole"]
    (scan,) = [it for it in hub["Properties"]["Policies"] if it["PolicyName"] == "scan"]
    expected = {action for it in scan["PolicyDocument"]["Statement"] for action in as_list(it["Action"])}

    assert allowed(statements_of(resources(member, GIVEN))["ReadRole"]) == expected


def test_the_delete_role_allows_exactly_what_the_module_that_deletes_calls(member: dict[str, Any]) -> None:
    granted = allowed(statements_of(resources(member, DELETING))["DeleteRole"])

    assert granted == set(deletion.ACTIONS)


def test_only_functions_under_this_accounts_prefix_can_lose_a_version(member: dict[str, Any]) -> None:
    def may_delete(name: str, **given: str) -> bool:
        role = statements_of(resources(member, DELETING | given))["DeleteRole"]
        return may(role, "lambda:DeleteFunction", function_arn(name))

    assert may_delete("payments-api")
    assert may_delete("payments-api:7")
    assert not may_delete("orders-api")
    assert may_delete("orders-api", DeletablePrefix="*")
    role = statements_of(resources(member, DELETING))["DeleteRole"]
    assert not may(role, "lambda:DeleteFunction", function_arn("payments-api", account="444455556666"))


def test_deletes_and_reads_stay_in_the_regions_that_were_given(member: dict[str, Any]) -> None:
    for statements in statements_of(resources(member, DELETING)).values():
        for statement in statements:
            if statement["Action"] != "pricing:GetProducts":
                assert statement["Condition"] == {
                    "StringEquals": {"aws:RequestedRegion": ["us-west-2", "eu-central-1"]}
                }, statement["Sid"]


@pytest.mark.parametrize("role", ["ReadRole", "DeleteRole"])
def test_only_the_orchestrator_of_our_organization_may_enter_and_only_with_the_external_id(
    role: str, member: dict[str, Any]
) -> None:
    assert trust(resources(member, DELETING)[role]) == {
        "Sid": "OnlyTheOrchestrator",
        "Effect": "Allow",
        "Principal": {"AWS": "999988887777"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": HUB},
            "StringEquals": {"sts:ExternalId": "cleaner-of-ours", "aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        },
    }


def test_an_organization_is_left_out_only_on_purpose(member: dict[str, Any]) -> None:
    without = trust(resources(member, GIVEN | {"OrganizationId": ""})["ReadRole"])

    assert "Default" not in member["Parameters"]["OrganizationId"]
    assert without["Condition"]["StringEquals"] == {"sts:ExternalId": "cleaner-of-ours"}


def test_the_hub_may_assume_exactly_these_two_roles(member: dict[str, Any], cloudformation: dict[str, Any]) -> None:
    hub = statements_of(resources(cloudformation, EVERYTHING))["OrchestratorRole"]
    names = {role["Properties"]["RoleName"] for role in resources(member, DELETING).values()}

    assert names == {f"snapstart-cleaner-{purpose}" for purpose in Purpose}
    for name in names:
        assert may(hub, "sts:AssumeRole", f"arn:aws:iam::111122223333:role/{name}")
    assert len(list(granting(hub, "sts:AssumeRole"))) == len(names)


def test_every_role_can_be_given_a_boundary(member: dict[str, Any]) -> None:
    boundary = "arn:aws:iam::111122223333:policy/boundary"
    for role in resources(member, DELETING | {"PermissionsBoundaryArn": boundary}).values():
        assert role["Properties"]["PermissionsBoundary"] == boundary
    for role in resources(member, DELETING).values():
        assert "PermissionsBoundary" not in role["Properties"]


def test_what_both_templates_ask_is_asked_in_the_same_way(member: dict[str, Any], raw_template: dict[str, Any]) -> None:
    hub = raw_template["Parameters"]
    same = {"DeletablePrefix": "DeletablePrefix", "TargetRegions": "TargetRegions", "RolePrefix": "MemberRolePrefix"}
    for here, there in same.items():
        assert member["Parameters"][here]["AllowedPattern"] == hub[there]["AllowedPattern"]
    assert member["Parameters"]["RolePrefix"]["Default"] == hub["MemberRolePrefix"]["Default"]
    for optional in ("ExternalId", "OrganizationId"):
        pattern = member["Parameters"][optional]["AllowedPattern"].strip("^$")
        assert pattern.strip("()?") in hub[optional]["AllowedPattern"]


def test_every_parameter_is_described_and_bounded(member: dict[str, Any]) -> None:
    shown = [
        name
        for group in member["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        for name in group["Parameters"]
    ]

    assert sorted(shown) == sorted(member["Parameters"])
    for name, parameter in member["Parameters"].items():
        assert parameter["Description"], name
        assert parameter.keys() & {"AllowedValues", "AllowedPattern"}, f"{name} accepts anything"
