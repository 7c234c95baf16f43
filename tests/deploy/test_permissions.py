"""Each role can do what its code calls, on what it is meant for, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli import permissions
from tests.deploy.cloudformation import resources
from tests.deploy.roles import EVERYTHING, allowed, as_list, granting, may, roles
from tests.deploy.source import IMPLIED, actions_called, modules

#: What Lambda does in the function's name, without a call in our code.
IN_A_VPC = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}
WITH_A_KEY = {"kms:Decrypt", "kms:GenerateDataKey"}
EVERYWHERE_IT_RUNS = {"logs:CreateLogStream", "logs:PutLogEvents"} | IN_A_VPC | WITH_A_KEY
BY_THE_PLATFORM = {
    "Bot": EVERYWHERE_IT_RUNS,
    "Orchestrator": EVERYWHERE_IT_RUNS
    | {
        "lambda:CheckpointDurableExecution",
        "lambda:GetDurableExecutionState",
        "sqs:SendMessage",
    },
}
BUCKET = "arn:aws:s3:::records"
WRITTEN = ("reports", "intermediate", "pending", "locks", "outcomes", "memory", "control", "ledger", "bill")


def function_arn(name: str, region: str = "us-west-2") -> str:
    return f"arn:aws:lambda:{region}:111122223333:function:{name}"


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_the_code_calls_nothing_that_its_role_does_not_allow(
    function: str, root: Path, cloudformation: dict[str, Any]
) -> None:
    called = actions_called(modules(root, function))
    granted = allowed(roles(cloudformation)[f"{function}Role"])

    assert called, "no call was found, so this test has looked at nothing"
    assert {action: where for action, where in called.items() if action not in granted} == {}


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_the_role_allows_nothing_that_its_code_does_not_call(
    function: str, root: Path, cloudformation: dict[str, Any]
) -> None:
    called = set(actions_called(modules(root, function)))
    needed = called | BY_THE_PLATFORM[function] | {more for action in called for more in IMPLIED.get(action, ())}

    assert allowed(roles(cloudformation)[f"{function}Role"]) - needed == set()


def test_the_permissions_printed_for_people_are_those_the_role_scans_with(cloudformation: dict[str, Any]) -> None:
    made = resources(cloudformation, EVERYTHING | {"BillCheck": "off", "TargetAccounts": ""})
    (scan,) = [it for it in made["OrchestratorRole"]["Properties"]["Policies"] if it["PolicyName"] == "scan"]
    role = {action for statement in scan["PolicyDocument"]["Statement"] for action in as_list(statement["Action"])}
    printed = {action for statement in permissions.policy()["Statement"] for action in statement["Action"]}

    # A function's versions and its tags are asked one by one only when approved ones are judged again.
    assert role == printed | {"lambda:ListVersionsByFunction", "lambda:ListTags"}


def test_in_dry_run_nobody_holds_a_delete_permission(cloudformation: dict[str, Any]) -> None:
    for role, statements in roles(cloudformation, DeleteDryRun="true").items():
        for action in allowed(statements):
            assert "Delete" not in action or action == "ec2:DeleteNetworkInterface"
            assert "*" not in action, f"{role} allows {action}"
        assert not may(statements, "sts:AssumeRole", "arn:aws:iam::444455556666:role/snapstart-cleaner-delete")


def test_the_bot_can_not_delete_even_when_deletes_are_on(cloudformation: dict[str, Any]) -> None:
    bot = roles(cloudformation)["BotRole"]

    assert not [action for action in allowed(bot) - IN_A_VPC if "Delete" in action or action.startswith("sts:")]


def test_only_functions_under_the_prefix_can_lose_a_version(cloudformation: dict[str, Any]) -> None:
    def may_delete(name: str, **given: str) -> bool:
        return may(roles(cloudformation, **given)["OrchestratorRole"], "lambda:DeleteFunction", function_arn(name))

    assert may_delete("orders-api")
    assert may_delete("orders-api:7"), "whichever of the two forms IAM is asked about"
    assert not may_delete("payments-api")
    assert not may_delete("old-orders-api")
    assert may_delete("payments-api", DeletablePrefix="*")


@pytest.mark.parametrize("own", ["cleaner-orchestrator", "cleaner-orchestrator:4", "cleaner-bot", "cleaner-bot:live"])
def test_the_stacks_own_functions_are_denied_whatever_the_prefix(own: str, cloudformation: dict[str, Any]) -> None:
    for prefix in ("*", "cleaner-"):
        orchestrator = roles(cloudformation, DeletablePrefix=prefix)["OrchestratorRole"]
        assert not may(orchestrator, "lambda:DeleteFunction", function_arn(own))


#: They live in regions of their own, whatever is scanned: the price list, the bill, the roles of other accounts.
EVERYWHERE = {"pricing:GetProducts", "ce:GetCostAndUsage", "sts:AssumeRole"}


def test_deletes_and_reads_stay_in_the_regions_the_stack_was_given(cloudformation: dict[str, Any]) -> None:
    reaching_out = [
        statement
        for statement in roles(cloudformation)["OrchestratorRole"]
        if statement["Effect"] == "Allow"
        and any(it == "*" or ":lambda:*:" in it for it in as_list(statement["Resource"]))
        and not (EVERYWHERE | IN_A_VPC).issuperset(as_list(statement["Action"]))
    ]

    assert len(reaching_out) == 3
    for statement in reaching_out:
        assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["us-west-2", "eu-central-1"]}}, (
            statement["Sid"]
        )


def test_other_accounts_are_entered_through_the_two_roles_alone(cloudformation: dict[str, Any]) -> None:
    orchestrator = roles(cloudformation, MemberRolePrefix="cleaner-x")["OrchestratorRole"]

    assert may(orchestrator, "sts:AssumeRole", "arn:aws:iam::444455556666:role/cleaner-x-read")
    assert may(orchestrator, "sts:AssumeRole", "arn:aws:iam::444455556666:role/cleaner-x-delete")
    assert not may(orchestrator, "sts:AssumeRole", "arn:aws:iam::444455556666:role/administrator")
    assert not may(orchestrator, "sts:AssumeRole", "arn:aws:iam::444455556666:role/snapstart-cleaner-read")
    for statement in granting(orchestrator, "sts:AssumeRole"):
        assert statement["Condition"] == {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}


def test_without_an_organization_its_id_is_not_asked_for(cloudformation: dict[str, Any]) -> None:
    entering = list(granting(roles(cloudformation, OrganizationId="")["OrchestratorRole"], "sts:AssumeRole"))

    assert len(entering) == 2
    assert not [it for it in entering if "Condition" in it]


def test_a_stack_for_its_own_account_enters_no_other_and_reads_no_bill_unasked(cloudformation: dict[str, Any]) -> None:
    orchestrator = roles(cloudformation, TargetAccounts="", BillCheck="off")["OrchestratorRole"]

    assert allowed(orchestrator).isdisjoint({"sts:AssumeRole", "ce:GetCostAndUsage"})


def test_callbacks_can_be_answered_only_for_our_own_executions(cloudformation: dict[str, Any]) -> None:
    execution = function_arn("cleaner-orchestrator:4/durable-execution/run/0123")
    other = function_arn("cleaner-orchestrator-of-somebody-else:4/durable-execution/run/0123")
    for role in ("BotRole", "OrchestratorRole"):
        for action in ("lambda:SendDurableExecutionCallbackSuccess", "lambda:GetDurableExecution"):
            assert may(roles(cloudformation)[role], action, execution)
            assert not may(roles(cloudformation)[role], action, other)


@pytest.mark.parametrize("role", ["BotRole", "OrchestratorRole", "ScheduleRole"])
def test_the_orchestrator_is_started_only_through_live(role: str, cloudformation: dict[str, Any]) -> None:
    statements = roles(cloudformation)[role]

    assert may(statements, "lambda:InvokeFunction", function_arn("cleaner-orchestrator:live"))
    assert not may(statements, "lambda:InvokeFunction", function_arn("cleaner-orchestrator"))
    assert not may(statements, "lambda:InvokeFunction", function_arn("cleaner-orchestrator:4"))
    assert not may(statements, "lambda:InvokeFunction", function_arn("orders-api:live"))


def test_the_bot_reads_pages_and_the_pause_and_nothing_else_in_the_bucket(cloudformation: dict[str, Any]) -> None:
    bot = roles(cloudformation)["BotRole"]

    assert may(bot, "s3:GetObject", f"{BUCKET}/pending/run/page-1.json")
    assert may(bot, "s3:GetObject", f"{BUCKET}/control/pause.json")
    for prefix in set(WRITTEN) - {"pending", "control"}:
        assert not may(bot, "s3:GetObject", f"{BUCKET}/{prefix}/run.json")
    assert [it["Condition"] for it in granting(bot, "s3:ListBucket")] == [
        {"StringLike": {"s3:prefix": ["pending/*", "control/*"]}}
    ]
    assert "s3:PutObject" not in allowed(bot)


def test_the_orchestrator_writes_only_where_the_contract_says_and_never_deletes_a_record(
    cloudformation: dict[str, Any],
) -> None:
    orchestrator = roles(cloudformation)["OrchestratorRole"]

    for prefix in WRITTEN:
        assert may(orchestrator, "s3:PutObject", f"{BUCKET}/{prefix}/run.json")
    for elsewhere in ("elsewhere.json", "kept/us-west-2.json"):
        assert not may(orchestrator, "s3:PutObject", f"{BUCKET}/{elsewhere}")
    assert not [action for action in allowed(orchestrator) if action.startswith("s3:Delete")]


def test_network_interfaces_are_lambdas_to_make_and_never_our_codes(cloudformation: dict[str, Any]) -> None:
    for name, function in (("BotRole", "cleaner-bot"), ("OrchestratorRole", "cleaner-orchestrator")):
        (denied,) = [
            it
            for it in roles(cloudformation)[name]
            if it["Effect"] == "Deny" and IN_A_VPC.issubset(as_list(it["Action"]))
        ]
        assert denied["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": function_arn(function)}}
        assert allowed(roles(cloudformation, SubnetIds="")[name]).isdisjoint(IN_A_VPC)


def test_an_own_key_is_the_only_one_used_and_without_one_none_is(cloudformation: dict[str, Any]) -> None:
    for name in ("BotRole", "OrchestratorRole", "ScheduleRole"):
        assert may(roles(cloudformation)[name], "kms:GenerateDataKey", EVERYTHING["KmsKeyArn"])
        assert not may(roles(cloudformation)[name], "kms:Decrypt", EVERYTHING["KmsKeyArn"].replace("0123", "4567"))
        assert allowed(roles(cloudformation, KmsKeyArn="")[name]).isdisjoint(WITH_A_KEY)


def test_what_doctor_looks_at_is_the_stacks_own_schedule_and_topic(cloudformation: dict[str, Any]) -> None:
    orchestrator = roles(cloudformation)["OrchestratorRole"]
    schedules = "arn:aws:scheduler:us-west-2:111122223333:schedule"

    assert may(orchestrator, "scheduler:GetSchedule", f"{schedules}/cleaner/cleaner-scan")
    assert not may(orchestrator, "scheduler:GetSchedule", f"{schedules}/default/somebody-elses")
    assert may(orchestrator, "sns:GetTopicAttributes", EVERYTHING["AlarmTopicArn"])
    assert "sns:GetTopicAttributes" not in allowed(roles(cloudformation, AlarmTopicArn="")["OrchestratorRole"])


def test_nobody_may_pass_a_role_or_change_a_policy(cloudformation: dict[str, Any]) -> None:
    for statements in roles(cloudformation).values():
        assert not [action for action in allowed(statements) if action.startswith("iam:")]
