"""Each role can do what its code calls, on what it is meant for, and nothing else."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from deployment.template import Template

from orchestrator.command import permissions
from tests.deploy.source import IMPLIED, actions_called, modules

#: What Lambda does in the function's name, without a call in our code.
BY_THE_PLATFORM = {
    "Bot": {"logs:CreateLogStream", "logs:PutLogEvents"},
    "Orchestrator": {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "lambda:CheckpointDurableExecution",
        "lambda:GetDurableExecutionState",
        "sqs:SendMessage",
    },
}
STACK = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-west-2",
    "AWS::AccountId": "111122223333",
    "AWS::StackName": "cleaner",
}
BUCKET = "arn:aws:s3:::records"


def rendered(value: Any, prefix: str = "orders-") -> Any:
    """A part of the template with its references replaced by what they would be."""
    match value:
        case {"Fn::Sub": str(text)}:
            for name, real in {**STACK, "DeletablePrefix": prefix, "Records.Arn": BUCKET}.items():
                text = text.replace(f"${{{name}}}", real)
            return text
        case {"Fn::GetAtt": ["Records", "Arn"]} | {"Fn::GetAtt": "Records.Arn"}:
            return BUCKET
        case {"Fn::If": [_, chosen, _]}:
            return rendered(chosen, prefix)
        case dict():
            return {key: rendered(inner, prefix) for key, inner in value.items()}
        case list():
            return [rendered(inner, prefix) for inner in value]
        case _:
            return value


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(
    template: Template, role: str, *, deletes_on: bool = True, prefix: str = "orders-"
) -> Iterator[dict[str, Any]]:
    for policy in template.resources[role]["Properties"]["Policies"]:
        if "Fn::If" in policy:
            condition, inside, otherwise = policy["Fn::If"]
            assert (condition, otherwise) == ("DeletesAreOn", {"Ref": "AWS::NoValue"})
            if not deletes_on:
                continue
            policy = inside  # noqa: PLW2901
        for statement in policy["PolicyDocument"]["Statement"]:
            yield rendered(statement, prefix)


def allowed(template: Template, role: str, *, deletes_on: bool = True) -> set[str]:
    return {
        action
        for statement in statements(template, role, deletes_on=deletes_on)
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }


def may(template: Template, role: str, action: str, resource: str, *, prefix: str = "orders-") -> bool:
    """Whether the role's own policies allow an action on a resource, conditions aside."""
    effects = {
        statement["Effect"]
        for statement in statements(template, role, prefix=prefix)
        if action in as_list(statement["Action"])
        and any(
            fnmatchcase(resource, pattern) for pattern in as_list(statement["Resource"]) if isinstance(pattern, str)
        )
    }
    return effects == {"Allow"}


def function_arn(name: str, region: str = "us-west-2") -> str:
    return f"arn:aws:lambda:{region}:111122223333:function:{name}"


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_the_code_calls_nothing_that_its_role_does_not_allow(function: str, root: Path, template: Template) -> None:
    called = actions_called(modules(root, function))
    missing = {action: where for action, where in called.items() if action not in allowed(template, f"{function}Role")}

    assert called, "no call was found, so this test has looked at nothing"
    assert missing == {}


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_the_role_allows_nothing_that_its_code_does_not_call(function: str, root: Path, template: Template) -> None:
    called = set(actions_called(modules(root, function)))
    needed = called | BY_THE_PLATFORM[function] | {more for action in called for more in IMPLIED.get(action, ())}

    assert allowed(template, f"{function}Role") - needed == set()


def test_the_permissions_printed_for_people_are_those_the_role_scans_with(template: Template) -> None:
    (scan,) = [
        it for it in template.resources["OrchestratorRole"]["Properties"]["Policies"] if it.get("PolicyName") == "scan"
    ]
    role = {action for statement in scan["PolicyDocument"]["Statement"] for action in as_list(statement["Action"])}
    printed = {action for statement in permissions.policy()["Statement"] for action in statement["Action"]}

    # A function's versions are listed one by one only when approved ones are judged again.
    assert role == printed | {"lambda:ListVersionsByFunction"}


def test_in_dry_run_nobody_holds_a_delete_permission(template: Template) -> None:
    for role in (name for name, it in template.resources.items() if it["Type"] == "AWS::IAM::Role"):
        for action in allowed(template, role, deletes_on=False):
            assert "Delete" not in action
            assert "*" not in action, f"{role} allows {action}"


def test_the_bot_can_not_delete_even_when_deletes_are_on(template: Template) -> None:
    assert not [action for action in allowed(template, "BotRole") if "Delete" in action]


def test_only_functions_under_the_prefix_can_lose_a_version(template: Template) -> None:
    def may_delete(name: str, **given: str) -> bool:
        return may(template, "OrchestratorRole", "lambda:DeleteFunction", function_arn(name), **given)

    assert may_delete("orders-api")
    assert may_delete("orders-api:7"), "whichever of the two forms IAM is asked about"
    assert not may_delete("payments-api")
    assert not may_delete("old-orders-api")
    assert may_delete("payments-api", prefix="*")


@pytest.mark.parametrize("own", ["cleaner-orchestrator", "cleaner-orchestrator:4", "cleaner-bot", "cleaner-bot:live"])
def test_the_stacks_own_functions_are_denied_whatever_the_prefix(own: str, template: Template) -> None:
    for prefix in ("*", "cleaner-"):
        assert not may(template, "OrchestratorRole", "lambda:DeleteFunction", function_arn(own), prefix=prefix)


def test_deletes_and_reads_stay_in_the_regions_the_stack_was_given(template: Template) -> None:
    reaching_out = [
        statement
        for statement in statements(template, "OrchestratorRole")
        if statement["Effect"] == "Allow"
        and any(isinstance(it, str) and (it == "*" or ":lambda:*:" in it) for it in as_list(statement["Resource"]))
    ]

    assert len(reaching_out) == 4
    for statement in reaching_out:
        if statement["Action"] != "pricing:GetProducts":
            assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": {"Ref": "TargetRegions"}}}


def test_callbacks_can_be_answered_only_for_our_own_executions(template: Template) -> None:
    execution = function_arn("cleaner-orchestrator:4/durable-execution/run/0123")
    other = function_arn("cleaner-orchestrator-of-somebody-else:4/durable-execution/run/0123")
    for action in ("lambda:SendDurableExecutionCallbackSuccess", "lambda:GetDurableExecution"):
        assert may(template, "BotRole", action, execution)
        assert not may(template, "BotRole", action, other)


def test_the_bot_starts_the_orchestrator_only_through_live(template: Template) -> None:
    assert may(template, "BotRole", "lambda:InvokeFunction", function_arn("cleaner-orchestrator:live"))
    assert not may(template, "BotRole", "lambda:InvokeFunction", function_arn("cleaner-orchestrator"))
    assert not may(template, "BotRole", "lambda:InvokeFunction", function_arn("cleaner-orchestrator:4"))


def test_the_bot_reads_pending_pages_and_nothing_else_in_the_bucket(template: Template) -> None:
    assert may(template, "BotRole", "s3:GetObject", f"{BUCKET}/pending/run/page-1.json")
    for prefix in ("reports", "intermediate", "locks", "outcomes", "kept"):
        assert not may(template, "BotRole", "s3:GetObject", f"{BUCKET}/{prefix}/run.json")
    listing = [it for it in statements(template, "BotRole") if it["Action"] == "s3:ListBucket"]
    assert [it["Condition"] for it in listing] == [{"StringLike": {"s3:prefix": "pending/*"}}]
    assert "s3:PutObject" not in allowed(template, "BotRole")


def test_the_orchestrator_writes_only_where_the_contract_says_and_never_deletes_a_record(template: Template) -> None:
    for prefix in ("reports", "intermediate", "pending", "locks", "outcomes", "kept"):
        assert may(template, "OrchestratorRole", "s3:PutObject", f"{BUCKET}/{prefix}/run.json")
    assert not may(template, "OrchestratorRole", "s3:PutObject", f"{BUCKET}/elsewhere.json")
    assert not [action for action in allowed(template, "OrchestratorRole") if action.startswith("s3:Delete")]


def test_nobody_may_pass_a_role_or_change_a_policy(template: Template) -> None:
    for role in (name for name, it in template.resources.items() if it["Type"] == "AWS::IAM::Role"):
        assert not [action for action in allowed(template, role) if action.startswith("iam:")]
