"""Quotas that throttle when asked for, time that is injected, and the log of what was called."""

import itertools
from datetime import timedelta

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes.aws import Cloud, Quotas
from tests.fakes.aws.asking import ONCE


def throttled_after(call, most=200):
    """How many calls were granted before the first was throttled, and how it was said."""
    for granted in range(most):
        try:
            call()
        except ClientError as error:
            return granted, error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return most, None, None


def test_nothing_is_throttled_until_asked_for(functions):
    assert throttled_after(functions.list_functions) == (200, None, None)


def test_the_shared_quota_is_shared_by_all_calls_without_one_of_their_own(cloud, functions):
    cloud.function("orders").publish()
    cloud.quotas = Quotas()
    calls = itertools.cycle([functions.list_functions, functions.list_event_source_mappings])

    def any_of_them():
        next(calls)()

    assert throttled_after(any_of_them) == (15, "TooManyRequestsException", 429)
    with pytest.raises(ClientError, match="Rate exceeded"):
        functions.delete_function(FunctionName="orders", Qualifier="1")
    assert cloud.has("orders", 1)


@pytest.mark.parametrize(
    ("operation", "rate"),
    [("get_function", 100), ("get_policy", 15), ("list_durable_executions_by_function", 15)],
)
def test_some_lambda_calls_have_quotas_of_their_own(cloud, functions, operation, rate):
    cloud.function("orders").publish().policy(None)
    cloud.quotas = Quotas()
    throttled_after(functions.list_functions)
    granted = throttled_after(lambda: getattr(functions, operation)(FunctionName="orders"))
    assert granted == (rate, "TooManyRequestsException", 429)


def test_cloudwatch_throttles_by_call_in_its_own_words(cloud, metrics):
    cloud.quotas = Quotas()
    assert throttled_after(lambda: metrics.ask([metrics.query()])) == (50, "ThrottlingException", 400)
    listing = lambda: metrics.client.list_metrics(Namespace="AWS/Lambda")  # noqa: E731
    assert throttled_after(listing) == (25, "ThrottlingException", 400)


def test_quota_comes_back_with_the_injected_clock(cloud, clock, functions):
    cloud.quotas = Quotas(shared=15)
    throttled_after(functions.list_functions)
    clock.pass_seconds(0.2)
    assert throttled_after(functions.list_functions)[0] == 3
    clock.pass_seconds(3600)
    assert throttled_after(functions.list_functions)[0] == 15


def test_a_client_that_waits_in_injected_time_gets_through(clock):
    cloud = Cloud(clock=clock, sleep=clock.pass_seconds)
    cloud.quotas = Quotas(shared=2)
    client = cloud.client("lambda", config=Config(retries={"mode": "standard", "total_max_attempts": 10}))
    for _ in range(20):
        client.list_functions()
    assert cloud.calls.throttled["shared"] > 0


@pytest.mark.parametrize("mode", ["standard", "adaptive"])
def test_retries_are_botocores_and_wait_in_injected_time_alone(mode):
    waited = []
    cloud = Cloud(sleep=waited.append)
    cloud.faults.throttle("ListFunctions", times=2)
    config = Config(retries={"mode": mode, "total_max_attempts": 4})
    answer = cloud.session().client("lambda", config=config).list_functions()
    assert answer["ResponseMetadata"]["RetryAttempts"] == len(waited) == 2


def test_latency_is_waited_through_the_injected_sleep(clock):
    cloud = Cloud(clock=clock, sleep=clock.pass_seconds)
    cloud.latency = {"ListFunctions": 0.25, "*": 0.5}
    client, before = cloud.client("lambda"), clock.now
    client.list_functions()
    client.list_event_source_mappings()
    cloud.client("sts").get_caller_identity()
    assert (clock.now - before).total_seconds() == 1.25


def test_calls_are_counted_by_operation_and_by_quota(cloud, functions, metrics):
    cloud.function("orders").publish().policy(1)
    functions.list_functions()
    functions.list_aliases(FunctionName="orders")
    functions.get_function(FunctionName="orders", Qualifier="1")
    functions.get_policy(FunctionName="orders", Qualifier="1")
    metrics.ask([metrics.query()])
    cloud.client("sts").get_caller_identity()
    assert cloud.calls.quota == {
        "shared": 2,
        "GetFunction": 1,
        "GetPolicy": 1,
        "GetMetricData": 1,
        "GetCallerIdentity": 1,
    }
    assert cloud.calls["ListAliases"] == 1
    assert cloud.calls.of("GetFunction") == [{"FunctionName": "orders", "Qualifier": "1"}]
    cloud.calls.reset()
    assert (cloud.calls["ListAliases"], cloud.calls.of("GetFunction")) == (0, [])


def test_every_attempt_is_a_call(cloud):
    cloud.faults.throttle("ListFunctions", times=2)
    cloud.client("lambda", config=Config(retries={"mode": "standard", "total_max_attempts": 3})).list_functions()
    assert cloud.calls["ListFunctions"] == 3


def test_regions_have_their_own_functions_and_quotas(cloud, functions):
    cloud.function("orders")
    europe = cloud.in_region("eu-west-1")
    europe.function("bestellungen")
    there = cloud.client("lambda", region_name="eu-west-1", config=ONCE)
    assert [row["FunctionName"] for row in there.list_functions()["Functions"]] == ["bestellungen"]
    cloud.quotas = Quotas()
    assert throttled_after(functions.list_functions)[0] == throttled_after(there.list_functions)[0] == 15
    assert europe.in_region("us-west-2") is cloud


def test_regions_share_storage_log_and_faults(cloud):
    europe = cloud.in_region("eu-west-1")
    cloud.faults.deny("ListFunctions", nth=2)
    there = cloud.client("lambda", region_name="eu-west-1", config=ONCE)
    assert throttled_after(there.list_functions)[:2] == (1, "AccessDeniedException")
    assert cloud.calls["ListFunctions"] == 2
    assert europe.storage is cloud.storage


def test_a_neighbour_takes_what_it_asks_for_first(cloud, clock, functions):
    cloud.quotas = Quotas(neighbour=20)
    granted = 0
    for _ in range(100):
        clock.now += timedelta(seconds=0.1)
        granted += throttled_after(functions.list_functions, most=1)[0]

    assert 5 <= granted <= 50
    cloud.quotas = Quotas()
    clock.now += timedelta(seconds=2)
    assert throttled_after(functions.list_functions)[0] == 15
