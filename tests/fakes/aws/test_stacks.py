"""CloudFormation's listing of stacks, and the tags their functions carry."""

import pytest
from botocore.exceptions import ClientError

from tests.fakes.aws.asking import ONCE


@pytest.fixture
def cloudformation(cloud):
    return cloud.client("cloudformation", config=ONCE)


def names(cloudformation, *statuses):
    pages = cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=list(statuses))
    return [stack["StackName"] for page in pages for stack in page["StackSummaries"]]


def test_stacks_are_listed_by_status(cloud, cloudformation):
    cloud.stack("shop", "UPDATE_IN_PROGRESS")
    cloud.stack("billing")
    assert names(cloudformation, "UPDATE_IN_PROGRESS", "UPDATE_FAILED") == ["shop"]
    assert names(cloudformation) == ["shop", "billing"]


def test_a_stack_changes_its_status(cloud, cloudformation):
    cloud.stack("shop", "UPDATE_IN_PROGRESS")
    cloud.stack("shop", "UPDATE_COMPLETE")
    (stack,) = cloudformation.list_stacks()["StackSummaries"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert stack["StackId"].startswith("arn:aws:cloudformation:us-west-2:111122223333:stack/shop/")


def test_more_than_a_page_is_paged(cloud, cloudformation):
    for number in range(250):
        cloud.stack(f"stack-{number}")
    assert len(cloudformation.list_stacks()["StackSummaries"]) == 100
    assert len(names(cloudformation)) == 250


def test_a_token_of_nobody_is_refused(cloudformation):
    with pytest.raises(ClientError, match="ValidationError"):
        cloudformation.list_stacks(NextToken="mine")


def test_functions_of_a_stack_carry_its_name_and_id(cloud):
    stack = cloud.stack("shop", functions=[cloud.function("orders", tags={"team": "shop"})])
    assert cloud.functions["orders"].tags == {
        "team": "shop",
        "aws:cloudformation:stack-name": "shop",
        "aws:cloudformation:stack-id": stack.id,
    }


@pytest.mark.parametrize(("fault", "code"), [("throttle", "Throttling"), ("deny", "AccessDenied")])
def test_faults_apply(cloud, cloudformation, fault, code):
    getattr(cloud.faults, fault)("ListStacks")
    with pytest.raises(ClientError, match=code):
        cloudformation.list_stacks()
