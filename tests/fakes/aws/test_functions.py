"""What Lambda says about one function, version, policy, tag or execution."""

import json

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:lambda:us-west-2:111122223333:function:orders"


def refused(call, **given):
    with pytest.raises(ClientError) as refusal:
        call(**given)
    response = refusal.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def test_get_function_shows_the_state_that_listings_hide(cloud, functions):
    cloud.function("orders").publish(state="Failed", state_reason_code="InvalidImage")
    configuration = functions.get_function(FunctionName="orders", Qualifier="1")["Configuration"]
    assert (configuration["State"], configuration["StateReasonCode"]) == ("Failed", "InvalidImage")
    assert configuration["FunctionArn"] == f"{ARN}:1"
    assert configuration["SnapStart"]["ApplyOn"] == "PublishedVersions"


def test_get_function_hands_out_a_presigned_link_to_the_code(cloud, functions):
    cloud.function("orders").publish()
    assert "X-Amz-Signature=" in functions.get_function(FunctionName="orders", Qualifier="1")["Code"]["Location"]


def test_get_function_names_the_image_of_a_container(cloud, functions):
    cloud.function("orders", package_type="Image").publish()
    code = functions.get_function(FunctionName="orders", Qualifier="1")["Code"]
    assert code["RepositoryType"] == "ECR"
    assert "Location" not in code


def test_get_function_configuration_has_the_state_and_no_link(cloud, functions):
    cloud.function("orders").publish(state="Inactive", state_reason_code="Idle")
    configuration = functions.get_function_configuration(FunctionName="orders", Qualifier="1")
    assert configuration["State"] == "Inactive"
    assert "Code" not in configuration


def test_get_function_shows_the_functions_tags(cloud, functions):
    cloud.function("orders", tags={"team": "shop"}).publish()
    cloud.function("plain").publish()
    assert functions.get_function(FunctionName="orders")["Tags"] == {"team": "shop"}
    assert "Tags" not in functions.get_function(FunctionName="plain")


@pytest.mark.parametrize(
    ("name", "qualifier", "version"),
    [
        ("orders", "2", "2"),
        ("orders:2", None, "2"),
        ("orders:2", "2", "2"),
        (f"{ARN}:2", None, "2"),
        (ARN, "2", "2"),
        ("111122223333:function:orders:2", None, "2"),
        ("orders", "live", "2"),
        ("orders", "$LATEST", "$LATEST"),
        ("orders", None, "$LATEST"),
    ],
)
def test_a_version_can_be_named_in_every_way(cloud, functions, name, qualifier, version):
    cloud.function("orders").publish(2).alias("live", 2)
    given = {"Qualifier": qualifier} if qualifier else {}
    assert functions.get_function(FunctionName=name, **given)["Configuration"]["Version"] == version


def test_a_name_and_a_qualifier_that_disagree_are_refused(cloud, functions):
    cloud.function("orders").publish(2)
    for call in (functions.get_function, functions.delete_function):
        code, status, _ = refused(call, FunctionName=f"{ARN}:1", Qualifier="2")
        assert (code, status) == ("InvalidParameterValueException", 400)
    assert cloud.has("orders", 1)


@pytest.mark.parametrize("qualifier", ["99", "ghost"])
def test_a_missing_version_is_not_found_by_its_arn(cloud, functions, qualifier):
    cloud.function("orders").publish()
    code, status, message = refused(functions.get_function, FunctionName="orders", Qualifier=qualifier)
    assert (code, status) == ("ResourceNotFoundException", 404)
    assert message == f"Function not found: {ARN}:{qualifier}"


def test_an_arn_of_another_account_or_region_is_not_found(cloud, functions):
    cloud.function("orders").publish()
    for arn in (ARN.replace("us-west-2", "eu-west-1"), ARN.replace("111122223333", "444455556666")):
        assert refused(functions.get_function, FunctionName=arn)[:2] == ("ResourceNotFoundException", 404)


def test_a_policy_belongs_to_exactly_one_qualifier(cloud, functions):
    cloud.function("orders").publish(2).policy(1).policy(None)
    statement = json.loads(functions.get_policy(FunctionName="orders", Qualifier="1")["Policy"])["Statement"][0]
    assert statement["Resource"] == f"{ARN}:1"
    assert functions.get_policy(FunctionName="orders")["Policy"] != json.dumps(statement)
    code, status, _ = refused(functions.get_policy, FunctionName="orders", Qualifier="2")
    assert (code, status) == ("ResourceNotFoundException", 404)


def test_the_policy_of_a_missing_version_is_not_found(cloud, functions):
    cloud.function("orders").publish()
    assert "Function not found" in refused(functions.get_policy, FunctionName="orders", Qualifier="9")[2]


def test_tags_are_the_functions_and_no_versions(cloud, functions):
    cloud.function("orders", tags={"team": "shop"}).publish()
    assert functions.list_tags(Resource=ARN)["Tags"] == {"team": "shop"}
    assert refused(functions.list_tags, Resource=f"{ARN}:1")[0] == "InvalidParameterValueException"


def test_durable_executions_are_found_by_version_and_status(cloud, functions):
    flow = cloud.function("flow", durable=True).publish(2).alias("live", 2)
    flow.running_execution(1).running_execution(1, status="SUCCEEDED").running_execution(2, status="PAUSED")

    def statuses(**given):
        found = functions.list_durable_executions_by_function(FunctionName="flow", **given)["DurableExecutions"]
        return [(one["FunctionArn"].rsplit(":", 1)[1], one["Status"]) for one in found]

    assert statuses() == [("1", "RUNNING"), ("1", "SUCCEEDED"), ("2", "PAUSED")]
    assert statuses(Qualifier="1", Statuses=["RUNNING", "PAUSING", "PAUSED"]) == [("1", "RUNNING")]
    assert statuses(Qualifier="live") == [("2", "PAUSED")]
    assert statuses(DurableExecutionName="execution-2") == [("1", "SUCCEEDED")]


def test_durable_executions_are_paged(cloud, functions):
    flow = cloud.function("flow", durable=True).publish()
    for _ in range(3):
        flow.running_execution(1)
    pages = list(
        functions.get_paginator("list_durable_executions_by_function").paginate(
            FunctionName="flow", PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["DurableExecutions"]) for page in pages] == [2, 1]


def test_an_alias_can_be_created_moved_weighted_and_removed(cloud, functions):
    orders = cloud.function("orders").publish(3)
    functions.create_alias(FunctionName="orders", Name="live", FunctionVersion="2")
    weights = {"AdditionalVersionWeights": {"1": 0.2}}
    functions.update_alias(FunctionName="orders", Name="live", FunctionVersion="3", RoutingConfig=weights)
    assert (orders.aliases["live"].version, orders.aliases["live"].weights) == (3, {1: 0.2})
    assert functions.get_alias(FunctionName="orders", Name="live")["RoutingConfig"] == weights
    functions.update_alias(FunctionName="orders", Name="live", Description="only words")
    assert orders.aliases["live"].weights == {1: 0.2}
    functions.delete_alias(FunctionName="orders", Name="live")
    assert orders.aliases == {}


def test_an_alias_is_made_once_and_points_at_what_exists(cloud, functions):
    cloud.function("orders").publish().alias("live", 1)
    made = refused(functions.create_alias, FunctionName="orders", Name="live", FunctionVersion="1")
    assert made[:2] == ("ResourceConflictException", 409)
    assert refused(functions.update_alias, FunctionName="orders", Name="live", FunctionVersion="9")[1] == 404
    assert refused(functions.update_alias, FunctionName="orders", Name="ghost", FunctionVersion="1")[1] == 404


def test_a_published_version_gets_the_next_number_even_after_deletes(cloud, functions):
    orders = cloud.function("orders").publish(3)
    orders.remove(3)
    assert functions.publish_version(FunctionName="orders")["Version"] == "4"


def test_builders_refuse_stories_that_can_not_be(cloud):
    orders = cloud.function("orders").publish()
    with pytest.raises(ValueError, match="already"):
        cloud.function("orders")
    with pytest.raises(ValueError, match="already"):
        orders.publish(number=1)
    with pytest.raises(ValueError, match="no version 7"):
        orders.alias("live", 7)
