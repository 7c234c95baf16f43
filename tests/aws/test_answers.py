"""An answer counts only when all of it arrived."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.aws import Cloud
from fakes.aws.upkeep import Schedule
from orchestrator.aws import discovery, protections, stacks, upkeep, usage
from orchestrator.aws.accounts import Accounts, Purpose, identity_of
from orchestrator.aws.answers import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, WholeAnswers
from orchestrator.aws.bill import BillReader, cost_explorer
from orchestrator.aws.clients import build_clients
from orchestrator.aws.errors import AwsError, CallFailed
from orchestrator.aws.lookback import window
from orchestrator.aws.quota import CallCount
from orchestrator.aws.storage import S3Store
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Missing
from tests.aws.conftest import NOW
from tests.executors import OneAfterTheOther
from tests.laws import one_in

WINDOW = window(NOW, 35, 3600)
ORDERS = "arn:aws:lambda:us-west-2:111122223333:function:orders"
QUESTIONS = {
    "ListAliases": lambda clients: protections.aliases(clients.lambda_, "orders"),
    "ListEventSourceMappings": lambda clients: protections.event_sources(clients.lambda_),
    "GetResources": lambda clients: protections.keep_tags(clients.tagging),
    "ListTags": lambda clients: protections.tags(clients.lambda_, ORDERS),
    "GetFunctionConfiguration": lambda clients: protections.state(clients.lambda_, "orders", 1),
    "GetPolicy": lambda clients: protections.resource_policy(clients.lambda_, "orders", 1),
    "ListDurableExecutionsByFunction": lambda clients: protections.running_execution(clients.lambda_, "orders", 1),
    "ListMetrics": lambda clients: usage.seen_qualifiers(clients.cloudwatch, "orders"),
    "GetMetricData": lambda clients: usage.region_activity(clients.cloudwatch, WINDOW, OneAfterTheOther(1)),
}


def an_account():
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    orders = cloud.function("orders", tags={"snapstart-cleaner:keep": "7"}).publish(3, age_days=40).alias("live", 3)
    orders.policy(1).event_source(2).invoked("live", every=timedelta(hours=6), count=1)
    return cloud


def clients_of(cloud, *, attempts, slept=None):
    return build_clients(
        WholeAnswers(cloud.session(), ([] if slept is None else slept).append),
        cloud.region,
        shared_rate=15,
        calls=CallCount(),
        attempts=attempts,
        clock=lambda: 0.0,
        sleep=lambda _: None,
    )


@pytest.mark.parametrize(("operation", "ask"), QUESTIONS.items(), ids=QUESTIONS)
def test_an_answer_that_breaks_off_is_asked_for_again(operation, ask):
    whole = ask(clients_of(an_account(), attempts=1))
    cloud = an_account()
    cloud.faults.break_off(operation, times=2)

    assert ask(clients_of(cloud, attempts=3)) == whole
    assert not isinstance(whole, Missing)
    assert cloud.calls[operation] == 3


@pytest.mark.parametrize(("operation", "ask"), QUESTIONS.items(), ids=QUESTIONS)
@one_in(10)
@given(share=st.floats(0, 0.999))
def test_an_answer_that_never_arrives_whole_is_not_judged_wherever_it_breaks(operation, ask, share):
    cloud = an_account()
    cloud.faults.break_off(operation, keep=share)

    answer = ask(clients_of(cloud, attempts=2))

    assert isinstance(answer, Missing)
    assert f":{operation} BrokenAnswer, the answer broke off after " in answer.words


def test_an_answer_in_xml_that_breaks_off_is_not_judged():
    cloud = an_account()
    cloud.stack("shop", "UPDATE_IN_PROGRESS")
    cloud.faults.break_off("ListStacks")

    assert isinstance(stacks.stacks_in_motion(clients_of(cloud, attempts=2).cloudformation), Missing)


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_an_answer_in_xml_that_breaks_off_once_is_asked_for_again(share, announced):
    cloud = a_stack()
    cloud.faults.break_off("GetCallerIdentity", keep=share, announced=announced, times=1)

    assert identity_of(whole(cloud.session()))() == cloud.account_id
    assert cloud.calls["GetCallerIdentity"] == 2


def test_the_pause_before_asking_again_grows_and_ends():
    cloud, slept = an_account(), []
    cloud.faults.break_off("ListAliases", times=7)

    protections.aliases(clients_of(cloud, attempts=8, slept=slept).lambda_, "orders")

    assert slept == [min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**n) for n in range(7)]


def test_a_page_of_a_listing_that_never_arrives_whole_ends_the_listing_in_words():
    cloud = an_account()
    cloud.function("large").publish(60, age_days=40)
    cloud.faults.break_off("ListFunctions", where=lambda given: bool(given.get("Marker")))

    with pytest.raises(CallFailed, match="lambda:ListFunctions BrokenAnswer, the answer broke off after"):
        list(discovery.list_versions(clients_of(cloud, attempts=2).lambda_))


def test_an_answer_that_holds_less_than_must_stand_in_it_is_none():
    cloud = an_account()
    cloud.faults.break_off("ListAliases", announced=False)

    answer = protections.aliases(clients_of(cloud, attempts=2).lambda_, "orders")

    assert answer == Missing(Check.ALIASES, "lambda:ListAliases BrokenAnswer, the answer has no Aliases")


def test_a_no_that_breaks_off_is_asked_for_again_too():
    cloud = an_account()
    cloud.faults.break_off("GetPolicy", qualifier=2)

    answer = protections.resource_policy(clients_of(cloud, attempts=2).lambda_, "orders", 2)

    assert isinstance(answer, Missing)
    assert cloud.calls["GetPolicy"] == 2


# What the stack asks about itself, with clients of its own


def whole(session):
    return WholeAnswers(session, lambda _: None)


def store_of(cloud):
    return S3Store(whole(cloud.session()).client("s3"), "reports")


def entered(cloud):
    own = Accounts(
        whole(cloud.session()),
        own_account=lambda: cloud.account_id,
        role_prefix="cleaner",
        external_id=None,
        partition="aws",
        clock=cloud.now,
    )
    return identity_of(own.session("444455556666", Purpose.READ))()


OF_THE_STACK = {
    "GetObject": lambda cloud: store_of(cloud).get_json("a.json"),
    "GetObject of bytes": lambda cloud: store_of(cloud).get_bytes("a.json", at_most=1000),
    "ListObjectsV2": lambda cloud: list(store_of(cloud).list_keys("")),
    "AssumeRole": entered,
    "GetCallerIdentity": lambda cloud: identity_of(whole(cloud.session()))(),
    "GetSchedule": lambda cloud: upkeep.schedule(whole(cloud.session()), "cleaner/scan"),
    "GetTopicAttributes": lambda cloud: upkeep.confirmed_subscriptions(whole(cloud.session()), TOPIC),
}
TOPIC = "arn:aws:sns:us-west-2:111122223333:alarms"


def a_stack():
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    cloud.storage.write("reports", "a.json", b'{"rows": [1, 2, 3]}')
    cloud.member("444455556666").admits("cleaner-read")
    cloud.schedules["cleaner", "scan"] = Schedule("arn:orchestrator")
    cloud.subscriptions[TOPIC] = 1
    return cloud


@pytest.mark.parametrize(("operation", "ask"), OF_THE_STACK.items(), ids=OF_THE_STACK)
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_what_a_stack_asks_about_itself_is_never_answered_by_half(operation, ask, share):
    assert ask(a_stack())
    cloud = a_stack()
    cloud.faults.break_off(operation.partition(" ")[0], keep=share)

    with pytest.raises(AwsError):
        ask(cloud)


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetSchedule"])
def test_what_a_stack_asks_about_itself_is_asked_for_again(operation):
    cloud = a_stack()
    cloud.faults.break_off(operation, keep=0.0, times=2)

    assert OF_THE_STACK[operation](cloud) == OF_THE_STACK[operation](a_stack())


def test_rows_that_break_off_are_an_error_and_not_fewer_rows():
    cloud = a_stack()
    store_of(cloud).put_lines("rows", [{"n": n} for n in range(1000)])
    cloud.faults.break_off("GetObject")

    with pytest.raises(CallFailed, match="s3:GetObject IncompleteReadError"):
        list(store_of(cloud).read_lines("rows"))


def test_a_question_that_costs_a_cent_is_not_put_again_when_its_answer_breaks_off():
    cloud = a_stack()
    cloud.faults.break_off("GetCostAndUsage")
    bill = BillReader(lambda: cost_explorer(whole(cloud.session())), store_of(cloud), lambda: NOW)
    bill.ask()

    assert "the answer broke off" in str(bill.read(NOW.date() - timedelta(days=90)).problem)
    assert cloud.calls["GetCostAndUsage"] == 1
