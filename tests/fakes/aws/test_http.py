"""The same account behind a real port: what `AWS_ENDPOINT_URL` points at."""

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError

from tests.fakes.aws.asking import ONCE
from tests.over_http import over_http


@pytest.fixture
def endpoint(cloud):
    with over_http(cloud) as address:
        yield address


@pytest.fixture
def client(endpoint):
    session = boto3.Session(aws_access_key_id="AKIALOCAL", aws_secret_access_key="local", region_name="us-west-2")
    made = []

    def make(service):
        made.append(session.client(service, endpoint_url=endpoint, config=ONCE))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_every_service_answers_at_one_address(cloud, client):
    cloud.function("orders", tags={"keep": "true"}).publish(60).alias("live", 60).invoked("live")
    pages = client("lambda").get_paginator("list_functions").paginate(FunctionVersion="ALL")
    assert sum(len(page["Functions"]) for page in pages) == 61
    assert len(client("cloudwatch").list_metrics(Namespace="AWS/Lambda")["Metrics"]) == 4
    assert len(client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]) == 1
    assert client("sts").get_caller_identity()["Account"] == cloud.account_id


def test_storage_and_secrets_answer_there_too(client):
    storage, secrets = client("s3"), client("secretsmanager")
    storage.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    storage.put_object(Bucket="reports", Key="a b/ü.json", Body=b"{}", IfNoneMatch="*")
    assert storage.get_object(Bucket="reports", Key="a b/ü.json")["Body"].read() == b"{}"
    assert storage.head_object(Bucket="reports", Key="a b/ü.json")["ContentLength"] == 2
    assert [one["Key"] for one in storage.list_objects_v2(Bucket="reports", Prefix="a b/")["Contents"]] == [
        "a b/ü.json"
    ]
    secrets.create_secret(Name="slack", SecretString="{}")
    assert secrets.get_secret_value(SecretId="slack")["SecretString"] == "{}"


def test_a_dropped_connection_is_dropped(cloud, client):
    cloud.faults.drop("ListFunctions")
    with pytest.raises(ConnectionClosedError):
        client("lambda").list_functions()
