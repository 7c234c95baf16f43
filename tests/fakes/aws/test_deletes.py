"""DeleteFunction, the one call that can not be taken back."""

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:lambda:us-west-2:111122223333:function:orders"


def refusal_of(functions, **given):
    with pytest.raises(ClientError) as refusal:
        functions.delete_function(**given)
    error, metadata = refusal.value.response["Error"], refusal.value.response["ResponseMetadata"]
    return error["Code"], metadata["HTTPStatusCode"], error["Message"]


def test_a_deleted_version_is_gone_from_everywhere(cloud, functions):
    cloud.function("orders").publish(2)
    answer = functions.delete_function(FunctionName="orders", Qualifier="1")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert [row["Version"] for row in functions.list_versions_by_function(FunctionName="orders")["Versions"]] == [
        "$LATEST",
        "2",
    ]
    assert cloud.deletions == [("orders", "1")]


@pytest.mark.parametrize("name", [f"{ARN}:1", "orders:1"])
def test_the_version_may_stand_in_the_name_alone(cloud, functions, name):
    cloud.function("orders").publish(2)
    functions.delete_function(FunctionName=name)
    assert "orders" in cloud.functions
    assert not cloud.has("orders", 1)


def test_deleting_a_version_that_is_not_there_succeeds_again_and_again(cloud, functions):
    cloud.function("orders").publish()
    for _ in range(2):
        answer = functions.delete_function(FunctionName="orders", Qualifier="99")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert cloud.deletions == []


def test_deleting_from_a_function_that_is_not_there_is_not_found(functions):
    assert refusal_of(functions, FunctionName="ghost", Qualifier="1")[:2] == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_version_behind_an_alias_is_refused_by_primary_and_by_weight(cloud, functions, version):
    cloud.function("orders").publish(2).alias("live", 2, weights={1: 0.1})
    code, status, message = refusal_of(functions, FunctionName="orders", Qualifier=version)
    assert (code, status) == ("ResourceConflictException", 409)
    assert message == "Unable to delete version because the following aliases reference it: [live]"
    assert cloud.has("orders", version)


def test_latest_and_an_alias_can_not_be_deleted(cloud, functions):
    cloud.function("orders").publish().alias("live", 1)
    for qualifier in ("$LATEST", "live"):
        assert refusal_of(functions, FunctionName="orders", Qualifier=qualifier)[:2] == (
            "InvalidParameterValueException",
            400,
        )
    assert cloud.has("orders", 1)


def test_a_replica_at_the_edge_can_not_be_deleted(cloud, functions):
    cloud.function("orders").publish(replicated=True)
    code, status, message = refusal_of(functions, FunctionName="orders", Qualifier="1")
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert "because it is a replicated function" in message


def test_without_a_qualifier_the_whole_function_is_gone(cloud, functions):
    cloud.function("orders").publish(3).alias("live", 3)
    functions.delete_function(FunctionName="orders")
    assert cloud.functions == {}
    assert ("orders", "(the whole function)") in cloud.deletions


def test_neither_event_sources_nor_policies_nor_executions_stop_a_delete(cloud, functions):
    cloud.function("orders", durable=True).publish().event_source(1).policy(1).running_execution(1)
    functions.delete_function(FunctionName="orders", Qualifier="1")
    assert not cloud.has("orders", 1)
