"""A function made by calls alone, and called: what AWS refuses, and what its metrics say."""

import io
import zipfile
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.fakes.aws.asking import NOON, ONCE


@pytest.fixture
def roles(cloud):
    return cloud.client("iam", config=ONCE)


@pytest.fixture
def role(clock, roles):
    made = roles.create_role(
        RoleName="orders",
        Path="/shop/",
        AssumeRolePolicyDocument="{}",
        Tags=[{"Key": "team", "Value": "shop"}, {"Key": "stage", "Value": "test"}],
    )["Role"]["Arn"]
    clock.pass_seconds(8)
    return made


def create(functions, role):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    return functions.create_function(
        FunctionName="orders",
        Role=role,
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        SnapStart={"ApplyOn": "PublishedVersions"},
        Tags={"team": "shop"},
    )


def refused(act):
    with pytest.raises(ClientError) as caught:
        act()
    return caught.value.response["Error"]["Code"]


def test_roles_are_listed_by_path_and_their_tags_asked_apart(roles, role):
    assert role == "arn:aws:iam::111122223333:role/shop/orders"
    assert [one["RoleName"] for one in roles.list_roles(PathPrefix="/shop/")["Roles"]] == ["orders"]
    assert roles.list_roles(PathPrefix="/other/")["Roles"] == []
    assert roles.list_role_tags(RoleName="orders")["Tags"] == [
        {"Key": "team", "Value": "shop"},
        {"Key": "stage", "Value": "test"},
    ]
    assert refused(lambda: roles.create_role(RoleName="orders", AssumeRolePolicyDocument="{}")) == "EntityAlreadyExists"
    roles.delete_role(RoleName="orders")
    assert refused(lambda: roles.delete_role(RoleName="orders")) == "NoSuchEntity"


def test_a_role_that_was_just_made_can_not_be_assumed_yet(clock, functions, roles):
    role = roles.create_role(RoleName="orders", AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    assert refused(lambda: create(functions, role)) == "InvalidParameterValueException"
    clock.pass_seconds(8)
    assert create(functions, role)["FunctionName"] == "orders"
    assert refused(lambda: create(functions, role)) == "ResourceConflictException"


def test_a_version_keeps_the_description_it_was_published_with(functions, role):
    create(functions, role)
    functions.update_function_configuration(FunctionName="orders", Description="next")
    functions.publish_version(FunctionName="orders", Description="first")
    functions.publish_version(FunctionName="orders")

    rows = functions.list_versions_by_function(FunctionName="orders")["Versions"]
    assert [(row["Version"], row["Description"]) for row in rows] == [
        ("$LATEST", "next"),
        ("1", "first"),
        ("2", "next"),
    ]
    assert len({row["CodeSha256"] for row in rows}) == 1


def test_each_call_is_counted_under_the_sets_it_publishes(cloud, functions, metrics):
    cloud.function("orders").publish(3).alias("live", 2, weights={3: 0.25})

    ran = [functions.invoke(FunctionName="orders", Qualifier="live")["ExecutedVersion"] for _ in range(8)]
    assert functions.invoke(FunctionName="orders", Qualifier="1")["ExecutedVersion"] == "1"
    assert functions.invoke(FunctionName="orders")["ExecutedVersion"] == "$LATEST"

    assert sorted(ran) == ["2"] * 6 + ["3"] * 2
    count = {}
    for row in cloud.client("cloudwatch").list_metrics(Namespace="AWS/Lambda", MetricName="Invocations")["Metrics"]:
        sets = {one["Name"]: one["Value"] for one in row["Dimensions"]}
        count[sets.get("Resource"), sets.get("ExecutedVersion")] = metrics.total(
            until=NOON + timedelta(hours=1), **sets
        )
    assert count == {
        (None, None): 10,
        ("orders", None): 1,
        ("orders:1", None): 1,
        ("orders:live", None): 8,
        ("orders:live", "2"): 6,
        ("orders:live", "3"): 2,
    }


def test_without_concurrency_every_call_is_throttled_and_counted_apart(cloud, functions):
    cloud.function("orders").publish()
    functions.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)

    assert refused(lambda: functions.invoke(FunctionName="orders")) == "TooManyRequestsException"
    functions.delete_function_concurrency(FunctionName="orders")
    functions.invoke(FunctionName="orders")

    now = int(cloud.now().timestamp())
    for kept in (cloud.throttles, cloud.metrics):
        assert sum(kept.find({"FunctionName": "orders"}).sums(now - 60, now + 60, 60, now + 1).values()) == 1


def test_a_call_of_what_is_not_there_is_refused(cloud, functions):
    cloud.function("orders").publish()

    assert refused(lambda: functions.invoke(FunctionName="orders", Qualifier="7")) == "ResourceNotFoundException"


def test_functions_take_tags_and_versions_none(cloud, functions):
    arn = cloud.function("orders").publish().arn

    functions.tag_resource(Resource=arn, Tags={"team": "shop"})

    assert functions.list_tags(Resource=arn)["Tags"] == {"team": "shop"}
    assert refused(lambda: functions.tag_resource(Resource=f"{arn}:1", Tags={})) == "InvalidParameterValueException"


def test_a_permission_stands_in_the_policy_of_its_qualifier_alone(cloud, functions):
    arn = cloud.function("orders").publish(2).arn
    for sid in ("a", "b"):
        functions.add_permission(
            FunctionName="orders", Qualifier="1", StatementId=sid, Action="lambda:InvokeFunction", Principal="s3"
        )

    policy = functions.get_policy(FunctionName="orders", Qualifier="1")["Policy"]
    assert policy.count(f'"{arn}:1"') == 2
    assert refused(lambda: functions.get_policy(FunctionName="orders", Qualifier="2")) == "ResourceNotFoundException"


def test_an_answer_can_be_what_aws_would_not_give(cloud, functions):
    cloud.function("orders").publish().alias("live", 1)
    cloud.faults.distort("ListAliases", lambda _, body: {**body, "Aliases": []}, function="orders")
    cloud.faults.forgive("DeleteFunction", qualifier=1)

    assert functions.list_aliases(FunctionName="orders")["Aliases"] == []
    assert functions.delete_function(FunctionName="orders", Qualifier="1")["StatusCode"] == 204
    assert cloud.has("orders", 1)
    cloud.faults.clear()
    assert len(functions.list_aliases(FunctionName="orders")["Aliases"]) == 1
    assert (
        refused(lambda: functions.delete_function(FunctionName="orders", Qualifier="1")) == "ResourceConflictException"
    )
