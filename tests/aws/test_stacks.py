"""Which functions are of a stack, and which stacks are in motion; what cannot be listed is said."""

import pytest

from orchestrator.aws import stacks
from orchestrator.aws.errors import CredentialsError
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Missing
from tests.aws.conftest import impatient


@pytest.fixture
def cloudformation(cloud):
    return impatient(cloud, "cloudformation")


def test_functions_are_known_by_the_stack_they_belong_to(cloud, tagging):
    cloud.stack("shop", functions=[cloud.function("orders", tags={"team": "shop"}), cloud.function("checkout")])
    cloud.function("by-hand", tags={"team": "shop"})
    assert stacks.stack_names(tagging) == {"orders": "shop", "checkout": "shop"}


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("UPDATE_COMPLETE", False),
        ("ROLLBACK_COMPLETE", False),
        ("UPDATE_ROLLBACK_COMPLETE", False),
        ("UPDATE_IN_PROGRESS", True),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_FAILED", True),
        ("CREATE_FAILED", True),
        ("DELETE_IN_PROGRESS", True),
    ],
)
def test_a_stack_that_is_being_changed_or_failed_is_in_motion(cloud, cloudformation, status, moves):
    cloud.stack("shop", status)
    assert stacks.stacks_in_motion(cloudformation) == ({"shop": status} if moves else {})


def test_all_pages_of_stacks_are_read(cloud, cloudformation):
    for number in range(120):
        cloud.stack(f"stack-{number}", "UPDATE_IN_PROGRESS")
    assert len(stacks.stacks_in_motion(cloudformation)) == 120


def test_tags_that_cannot_be_listed_are_missing(cloud, tagging):
    cloud.faults.deny("GetResources")
    answer = stacks.stack_names(tagging)
    assert isinstance(answer, Missing)
    assert answer.check is Check.STACKS
    assert answer.words.startswith("tag:GetResources AccessDeniedException")


def test_a_resource_that_is_no_function_is_missing(cloud, tagging):
    function = cloud.function("orders")
    cloud.stack("shop", functions=[function])
    function.arn = "arn:aws:s3:::bucket"
    assert isinstance(stacks.stack_names(tagging), Missing)


@pytest.mark.parametrize("fault", ["deny", "throttle", "drop"])
def test_stacks_that_cannot_be_listed_are_missing(cloud, cloudformation, fault):
    getattr(cloud.faults, fault)("ListStacks")
    answer = stacks.stacks_in_motion(cloudformation)
    assert isinstance(answer, Missing)
    assert answer.words.startswith("cloudformation:ListStacks ")


def test_a_second_page_that_cannot_be_read_is_missing(cloud, cloudformation):
    for number in range(120):
        cloud.stack(f"stack-{number}", "UPDATE_IN_PROGRESS")
    cloud.faults.throttle("ListStacks", nth=2)
    assert isinstance(stacks.stacks_in_motion(cloudformation), Missing)


def test_credentials_that_fail_are_no_missing_check(cloud, cloudformation):
    cloud.faults.refuse("ListStacks", "ExpiredToken", "The security token included in the request is expired")
    with pytest.raises(CredentialsError):
        stacks.stacks_in_motion(cloudformation)
