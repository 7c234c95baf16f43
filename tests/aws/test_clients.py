"""Clients that pace themselves before each attempt and count it."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from fakes.aws.quotas import Quotas
from orchestrator.aws.answers import FIRST_PAUSE_SECONDS
from orchestrator.aws.clients import ATTEMPTS, DATAPOINTS_RATE, OWN_RATES, build_clients
from orchestrator.aws.quota import CallCount


class Time:
    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def calls():
    return CallCount()


@pytest.fixture
def clients(cloud, time, calls):
    cloud.function("orders").publish(3).alias("live", 3).policy(1)
    return build_clients(
        cloud.session(), cloud.region, shared_rate=7.5, calls=calls, attempts=2, clock=time.clock, sleep=time.sleep
    )


def test_all_control_plane_calls_share_one_rate(clients, time, calls):
    for _ in range(8):
        clients.lambda_.list_functions(FunctionVersion="ALL")
        clients.lambda_.list_aliases(FunctionName="orders")

    assert time.now == pytest.approx(15 / 7.5)
    assert calls.as_dict() == {"shared": 16}


def test_operations_with_a_quota_of_their_own_keep_half_of_it_and_leave_the_shared_one_alone(clients, time, calls):
    for _ in range(11):
        clients.lambda_.get_policy(FunctionName="orders", Qualifier="1")
    assert time.now == pytest.approx(10 / OWN_RATES["GetPolicy"])

    clients.lambda_.list_functions()

    assert time.now == pytest.approx(10 / OWN_RATES["GetPolicy"])
    assert calls.as_dict() == {"GetPolicy": 11, "shared": 1}


def test_a_retry_is_paced_and_counted_like_any_call(cloud, clients, time, calls):
    cloud.faults.throttle("ListFunctions", times=1)

    clients.lambda_.list_functions()

    assert cloud.calls["ListFunctions"] == 2
    assert calls.as_dict() == {"shared": 2}
    assert FIRST_PAUSE_SECONDS / 2 <= time.now <= FIRST_PAUSE_SECONDS


def test_what_is_throttled_is_asked_again_beyond_botocores_allowance(cloud, time, calls):
    cloud.function("orders").publish(3)
    lambda_ = build_clients(
        cloud.session(),
        cloud.region,
        shared_rate=7.5,
        calls=calls,
        attempts=ATTEMPTS,
        clock=time.clock,
        sleep=time.sleep,
    ).lambda_
    for _ in range(30):  # botocore's allowance is a hundred repeats
        cloud.faults.throttle("ListFunctions", times=ATTEMPTS - 1)
        assert lambda_.list_functions()["Functions"]

    cloud.faults.throttle("ListFunctions")
    with pytest.raises(ClientError, match="Rate exceeded"):
        lambda_.list_functions()
    assert calls.as_dict() == {"shared": 31 * ATTEMPTS}


def test_small_services_are_counted(clients, calls):
    clients.tagging.get_resources(ResourceTypeFilters=["lambda:function"])
    clients.pricing.get_products(ServiceCode="AWSLambda")

    assert calls.as_dict() == {"GetProducts": 1, "GetResources": 1}


def test_the_price_list_is_asked_where_it_answers(clients):
    assert clients.pricing.meta.region_name == "us-east-1"
    assert clients.lambda_.meta.region_name == "us-west-2"


def test_datapoints_are_paced_by_what_a_query_could_return(clients, time, now):
    def ask(period, queries):
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": []}
        clients.cloudwatch.get_metric_data(
            MetricDataQueries=[
                {"Id": f"m{i}", "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}
                for i in range(queries)
            ],
            StartTime=now - timedelta(days=33),
            EndTime=now,
        )

    ask(period=3600, queries=250)
    ask(period=86_400, queries=1)

    assert time.now == pytest.approx(33 * 24 * 250 / DATAPOINTS_RATE)


def test_a_thousand_calls_at_our_share_are_never_throttled(cloud, now, calls):
    """The fake account enforces AWS's own quotas on the very clock that the budgets wait on."""
    time = Time()
    cloud.clock = lambda: now + timedelta(seconds=time.now)
    cloud.quotas = Quotas()
    cloud.function("orders").publish(1)
    clients = build_clients(
        cloud.session(), cloud.region, shared_rate=15, calls=calls, clock=time.clock, sleep=time.sleep
    )

    for _ in range(500):
        clients.lambda_.list_aliases(FunctionName="orders")
        clients.lambda_.get_function_configuration(FunctionName="orders", Qualifier="1")

    assert cloud.calls.throttled == {}
    assert time.now == pytest.approx(999 / 15, rel=0.01)


def test_a_call_that_aws_put_off_is_counted_and_made_again(cloud):
    calls = CallCount()
    lambda_ = build_clients(cloud.session(), "us-west-2", shared_rate=15, calls=calls, sleep=lambda _: None).lambda_
    cloud.faults.throttle("ListFunctions", times=1)

    lambda_.list_functions()

    assert calls.throttled == 1
    assert calls.as_dict()["shared"] == 2
