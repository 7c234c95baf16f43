"""Every guard, with what it sees, what it cannot read, and what it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fakes.aws.account import SECRET_VALUE
from orchestrator.aws import protections
from orchestrator.aws.errors import CredentialsError
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import DELETED, Alias, Missing, State


@dataclass(frozen=True)
class Guard:
    """How a guard is asked about version 1 of `orders`, the call it makes, and the check it stands for."""

    name: str
    ask: Callable[[Any, Any], object]
    action: str
    check: Check

    @property
    def operation(self):
        return self.action.split(":")[1]


ORDERS = "arn:aws:lambda:us-west-2:111122223333:function:orders"
GUARDS = [
    Guard("aliases", lambda lambda_, _: protections.aliases(lambda_, "orders"), "lambda:ListAliases", Check.ALIASES),
    Guard(
        "event sources",
        lambda lambda_, _: protections.event_sources(lambda_),
        "lambda:ListEventSourceMappings",
        Check.EVENT_SOURCE_MAPPINGS,
    ),
    Guard("a function's own tags", lambda lambda_, _: protections.tags(lambda_, ORDERS), "lambda:ListTags", Check.TAGS),
    Guard("keep tags", lambda _, tagging: protections.keep_tags(tagging), "tag:GetResources", Check.TAGS),
    Guard(
        "state",
        lambda lambda_, _: protections.state(lambda_, "orders", 1),
        "lambda:GetFunctionConfiguration",
        Check.STATE,
    ),
    Guard(
        "resource policy",
        lambda lambda_, _: protections.resource_policy(lambda_, "orders", 1),
        "lambda:GetPolicy",
        Check.RESOURCE_POLICY,
    ),
    Guard(
        "running execution",
        lambda lambda_, _: protections.running_execution(lambda_, "orders", 1),
        "lambda:ListDurableExecutionsByFunction",
        Check.DURABLE_EXECUTIONS,
    ),
]
every_guard = pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)


@pytest.fixture
def orders(cloud):
    return cloud.function("orders", durable=True).publish(3)


@every_guard
@pytest.mark.usefixtures("orders")
def test_a_guard_that_is_throttled_is_not_judged(cloud, lambda_, tagging, guard):
    code = "ThrottlingException" if guard.operation == "GetResources" else "TooManyRequestsException"
    cloud.faults.throttle(guard.operation)

    assert guard.ask(lambda_, tagging) == Missing(guard.check, f"{guard.action} {code}, Rate exceeded")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("deny", "AccessDeniedException, User is not authorized"),
        ("drop", "ConnectionClosedError, Connection was closed"),
    ],
)
@every_guard
@pytest.mark.usefixtures("orders")
def test_a_guard_that_is_denied_or_gets_no_answer_is_not_judged(cloud, lambda_, tagging, guard, fault, words):
    getattr(cloud.faults, fault)(guard.operation)

    answer = guard.ask(lambda_, tagging)

    assert isinstance(answer, Missing)
    assert answer.check is guard.check
    assert answer.words.startswith(f"{guard.action} {words}")


@every_guard
@pytest.mark.usefixtures("orders")
def test_expired_credentials_end_every_guard(cloud, lambda_, tagging, guard):
    cloud.faults.refuse("*", "ExpiredTokenException", "expired", status=403)

    with pytest.raises(CredentialsError, match=f"{guard.action} ExpiredTokenException, expired"):
        guard.ask(lambda_, tagging)


@every_guard
def test_every_guards_permission_is_in_the_policy(guard):
    assert guard.action in protections.ACTIONS


def test_aliases_come_with_their_weights(orders, lambda_):
    orders.alias("live", 3, weights={2: 0.1}).alias("canary", 1)

    assert protections.aliases(lambda_, "orders") == (
        Alias(name="canary", version=1),
        Alias(name="live", version=3, weights=((2, 0.1),)),
    )


def test_all_pages_of_aliases_are_read_without_a_filter(cloud, orders, lambda_):
    for number in range(120):
        orders.alias(f"pr-{number:03}", 1)

    assert len(protections.aliases(lambda_, "orders")) == 120
    assert all("FunctionVersion" not in given for given in cloud.calls.of("ListAliases"))
    assert cloud.calls["ListAliases"] == 3


def test_aliases_that_break_off_half_way_are_not_judged(cloud, orders, lambda_):
    for number in range(60):
        orders.alias(f"pr-{number:03}", 1)
    cloud.faults.throttle("ListAliases", nth=2)

    assert isinstance(protections.aliases(lambda_, "orders"), Missing)


def test_an_alias_of_latest_refers_to_no_version(cloud, orders, lambda_):
    orders.alias("dev", 1)
    cloud.functions["orders"].aliases["dev"] = type(orders.aliases["dev"])("dev", "$LATEST")

    assert protections.aliases(lambda_, "orders") == (Alias(name="dev", version=None),)


def test_the_aliases_of_a_function_that_is_gone_are_not_judged(lambda_):
    answer = protections.aliases(lambda_, "orders")

    assert isinstance(answer, Missing)
    assert answer.words.startswith("lambda:ListAliases ResourceNotFoundException, Function not found")


def test_one_listing_tells_what_all_event_sources_call(cloud, orders, lambda_):
    orders.event_source(2).event_source("live").event_source()
    cloud.function("mail").publish(1).event_source(1)
    busy = cloud.function("busy")
    for number in range(1, 151):
        busy.event_source(number)

    sources = protections.event_sources(lambda_)

    assert sources["orders"] == {"2", "live"}
    assert sources["mail"] == {"1"}
    assert len(sources["busy"]) == 150
    assert cloud.calls["ListEventSourceMappings"] == 2


def test_an_event_source_that_names_no_function_leaves_the_check_open(cloud, orders, lambda_):
    orders.event_source(2)
    cloud.event_sources[0] = type(cloud.event_sources[0])("id", "arn:aws:sqs:us-west-2:1:queue", "arn:aws:sqs")

    answer = protections.event_sources(lambda_)

    assert isinstance(answer, Missing)
    assert answer.words.startswith("lambda:ListEventSourceMappings not the ARN of a Lambda function")


def test_keep_tags_come_with_their_values_over_all_pages(cloud, tagging):
    for number in range(150):
        cloud.function(f"kept-{number:03}", tags={"snapstart-cleaner:keep": "true", "team": "shop"})
    cloud.function("some", tags={"snapstart-cleaner:keep": "3 5"})
    cloud.function("odd", tags={"snapstart-cleaner:keep": ""})
    cloud.function("other", tags={"team": "shop"})

    tags = protections.keep_tags(tagging)

    assert len(tags) == 152
    assert (tags["some"], tags["odd"], tags["kept-149"]) == ("3 5", "", "true")


def test_a_tag_in_other_letters_is_another_tag(cloud, tagging):
    cloud.function("orders", tags={"SnapStart-Cleaner:Keep": "true"})

    assert protections.keep_tags(tagging) == {}


def test_state_is_what_get_function_says_now(cloud, lambda_):
    orders = cloud.function("orders").publish(1).publish(1, state="Failed", state_reason_code="FunctionError")
    orders.publish(1, durable=True, state="Inactive")

    states = [protections.state(lambda_, "orders", number) for number in (1, 2, 3)]

    assert states == [State("Active"), State("Failed", "FunctionError"), State("Inactive", durable=True)]


@pytest.mark.usefixtures("orders")
def test_a_version_that_is_gone_is_deleted(lambda_):
    assert protections.state(lambda_, "orders", 99) == State(DELETED)
    assert protections.state(lambda_, "never-was", 1) == State(DELETED)


def test_a_version_without_a_state_is_unknown(cloud, lambda_):
    cloud.function("orders").publish(1, overrides={"State": None})

    assert protections.state(lambda_, "orders", 1) == State("Unknown")


def test_state_leaves_code_link_environment_and_tags_behind(cloud, lambda_):
    cloud.function("orders", tags={"owner": "tag-value"}).publish(1)

    seen = repr(protections.state(lambda_, "orders", 1))

    assert SECRET_VALUE not in seen
    assert "X-Amz-Signature" not in seen
    assert "tag-value" not in seen


def test_a_resource_policy_counts_on_its_own_version_only(orders, lambda_):
    orders.policy(2).policy(None).alias("live", 3).policy("live")

    assert [protections.resource_policy(lambda_, "orders", number) for number in (1, 2, 3)] == [False, True, False]


@pytest.mark.parametrize("status", ["RUNNING", "PAUSING", "PAUSED", "DELETING"])
def test_an_execution_that_is_not_closed_runs(orders, lambda_, status):
    orders.running_execution(2, status=status)

    assert protections.running_execution(lambda_, "orders", 2) is True
    assert protections.running_execution(lambda_, "orders", 1) is False


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED"])
def test_a_closed_execution_does_not_run(orders, lambda_, status):
    orders.running_execution(2, status=status)

    assert protections.running_execution(lambda_, "orders", 2) is False
