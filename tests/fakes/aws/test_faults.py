"""Things that go wrong on purpose, exactly where a test wants them."""

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.fakes.aws.asking import NOON, ONCE


def outcome(call, **given):
    try:
        call(**given)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except ConnectionClosedError:
        return "dropped"
    return "fine"


def outcomes(call, times, **given):
    return [outcome(call, **given) for _ in range(times)]


def test_a_refusal_carries_its_code_words_and_status(cloud, functions):
    cloud.function("orders")
    cloud.faults.refuse("GetFunction", "ServiceException", "Something broke.", status=500)
    with pytest.raises(ClientError) as refusal:
        functions.get_function(FunctionName="orders")
    response = refusal.value.response
    assert response["Error"] == {"Code": "ServiceException", "Message": "Something broke."}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_fault_can_strike_the_nth_call_only_or_so_many_times(cloud, functions):
    second = cloud.faults.refuse("ListFunctions", "ServiceException", nth=2)
    assert outcomes(functions.list_functions, 3) == ["fine", "ServiceException", "fine"]
    assert second.hits == 1
    cloud.faults.clear()
    cloud.faults.throttle("ListFunctions", times=2)
    assert outcomes(functions.list_functions, 3) == ["TooManyRequestsException"] * 2 + ["fine"]


def test_a_fault_can_be_lifted(cloud, functions):
    fault = cloud.faults.deny("ListFunctions")
    assert outcome(functions.list_functions) == "AccessDeniedException"
    fault.lift()
    assert outcome(functions.list_functions) == "fine"


@pytest.mark.parametrize("named", [{"FunctionName": "orders", "Qualifier": "1"}, {"FunctionName": "orders:1"}])
def test_a_fault_strikes_one_version_however_it_is_named(cloud, functions, named):
    cloud.function("orders").publish(2)
    cloud.function("other").publish(2)
    cloud.faults.deny("GetFunction", function="orders", qualifier=1)
    assert outcome(functions.get_function, **named) == "AccessDeniedException"
    assert outcome(functions.get_function, FunctionName="orders", Qualifier="2") == "fine"
    assert outcome(functions.get_function, FunctionName="other", Qualifier="1") == "fine"
    assert outcome(functions.list_aliases, FunctionName="orders") == "fine"


def test_a_fault_can_be_aimed_by_any_parameter(cloud, functions):
    cloud.function("orders")
    cloud.faults.refuse("*", "ServiceException", where=lambda asked: asked.get("Marker") == "page-2")
    assert outcome(functions.list_functions) == "fine"
    assert outcome(functions.list_functions, Marker="page-2") == "ServiceException"


def test_a_refused_delete_did_not_happen_unless_it_failed_afterwards(cloud, functions):
    cloud.function("orders").publish(2)
    cloud.faults.refuse("DeleteFunction", "ServiceException", qualifier=1)
    cloud.faults.refuse("DeleteFunction", "ServiceException", qualifier=2, after=True)
    for version in ("1", "2"):
        assert outcome(functions.delete_function, FunctionName="orders", Qualifier=version) == "ServiceException"
    assert (cloud.has("orders", 1), cloud.has("orders", 2)) == (True, False)


def test_a_dropped_connection_says_nothing_of_what_happened(cloud, functions):
    cloud.function("orders").publish(2)
    cloud.faults.drop("DeleteFunction", qualifier=1)
    cloud.faults.drop("DeleteFunction", qualifier=2, after=True)
    for version in ("1", "2"):
        assert outcome(functions.delete_function, FunctionName="orders", Qualifier=version) == "dropped"
    assert (cloud.has("orders", 1), cloud.has("orders", 2)) == (True, False)


def test_a_client_that_retries_survives_a_drop_and_a_throttle(cloud):
    cloud.faults.drop("ListFunctions", nth=1)
    cloud.faults.throttle("ListFunctions", nth=1)
    client = cloud.client("lambda", config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
    assert client.list_functions()["ResponseMetadata"]["RetryAttempts"] == 2


def test_something_can_happen_between_a_check_and_a_delete(cloud, functions):
    orders = cloud.function("orders").publish(2)
    cloud.faults.meanwhile("DeleteFunction", lambda: orders.alias("live", 1))
    assert outcome(functions.delete_function, FunctionName="orders", Qualifier="1") == "ResourceConflictException"


def test_a_process_can_die_in_the_middle_of_a_call(cloud, functions):
    class Killed(BaseException):
        pass

    def die():
        raise Killed

    cloud.function("orders").publish()
    cloud.faults.meanwhile("DeleteFunction", die, after=True)
    with pytest.raises(Killed):
        functions.delete_function(FunctionName="orders", Qualifier="1")
    assert not cloud.has("orders", 1)


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_a_blurred_series_answers_its_status_and_no_value(cloud, metrics, status):
    cloud.function("orders").publish().invoked(1, at=NOON)
    cloud.function("other").invoked(at=NOON)
    cloud.faults.blur(status, "No luck.", function="orders")
    assert metrics.result(FunctionName="orders") == {
        "Id": "m1",
        "Label": "orders Invocations",
        "Timestamps": [],
        "Values": [],
        "StatusCode": status,
        "Messages": [{"Code": status, "Value": "No luck."}],
    }
    assert metrics.result(FunctionName="other")["StatusCode"] == "Complete"


def test_one_series_can_be_blurred_once(cloud, metrics):
    cloud.faults.blur("InternalError", resource="orders:live", executed_version=7, times=1)
    asked = {"FunctionName": "orders", "Resource": "orders:live", "ExecutedVersion": "7"}
    assert metrics.result(**asked | {"ExecutedVersion": "6"})["StatusCode"] == "Complete"
    assert [metrics.result(**asked)["StatusCode"] for _ in range(2)] == ["InternalError", "Complete"]


def test_a_remark_stands_at_the_top_of_every_metric_answer(cloud, metrics):
    cloud.faults.remark("MaxMetricsExceeded", "Too many.")
    assert metrics.ask([metrics.query()])["Messages"] == [{"Code": "MaxMetricsExceeded", "Value": "Too many."}]
    cloud.faults.clear()
    assert not metrics.ask([metrics.query()]).get("Messages")


@pytest.mark.parametrize("operation", ["GetMetricData", "ListMetrics"])
def test_cloudwatch_can_be_throttled_in_its_own_words(cloud, metrics, operation):
    cloud.faults.throttle(operation)
    call = {
        "GetMetricData": lambda: metrics.ask([metrics.query()]),
        "ListMetrics": lambda: metrics.client.list_metrics(Namespace="AWS/Lambda"),
    }[operation]
    assert outcome(call) == "ThrottlingException"


def test_who_am_i_can_be_denied(cloud):
    cloud.faults.deny("GetCallerIdentity")
    assert outcome(cloud.client("sts", config=ONCE).get_caller_identity) == "AccessDeniedException"


def test_storage_and_secrets_can_fail_too(cloud):
    storage, secrets = cloud.client("s3", config=ONCE), cloud.client("secretsmanager", config=ONCE)
    cloud.faults.refuse("PutObject", "SlowDown", status=503, where=lambda asked: asked["Key"].startswith("locks/"))
    cloud.faults.deny("GetSecretValue")
    storage.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    assert outcome(storage.put_object, Bucket="reports", Key="locks/us-west-2.json", Body=b"") == "SlowDown"
    assert outcome(storage.put_object, Bucket="reports", Key="reports/1.json", Body=b"") == "fine"
    assert outcome(secrets.get_secret_value, SecretId="slack") == "AccessDeniedException"
    assert cloud.calls["PutObject"] == 2
