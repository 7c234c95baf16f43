"""An account that survives its process."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from fakes.aws import Cloud
from fakes.aws.fleets import believable
from fakes.aws.shelf import keep
from tests.fakes.aws.asking import NOON

DAY = timedelta(days=1)


def started(folder, now=NOON, seed=believable):
    cloud = Cloud(clock=lambda: now)
    keep(cloud, folder, seed)
    return cloud


def bucket_of(cloud):
    storage = cloud.client("s3")
    storage.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    return storage


def dates(cloud):
    return {
        (name, number): version.last_modified
        for name, function in cloud.functions.items()
        for number, version in function.versions.items()
    }


def test_a_fleet_started_again_a_day_later_is_the_same_fleet_a_day_older(tmp_path):
    first, second = started(tmp_path), started(tmp_path, NOON + DAY)
    assert dates(first) == dates(second)
    assert second.clock() == NOON + DAY


def test_what_was_deleted_stays_deleted_and_what_was_published_stays(tmp_path):
    functions = started(tmp_path).client("lambda")
    functions.delete_function(FunctionName="orders-api", Qualifier="112")
    functions.delete_function(FunctionName="session-store")
    version = functions.publish_version(FunctionName="orders-api")["Version"]
    again = started(tmp_path, NOON + DAY)
    assert not again.has("orders-api", 112)
    assert again.functions["orders-api"].published_at(int(version)) == NOON
    assert "session-store" not in again.functions


def test_aliases_point_where_they_pointed(tmp_path):
    functions = started(tmp_path).client("lambda")
    weights = {"AdditionalVersionWeights": {"113": 0.1}}
    functions.update_alias(FunctionName="orders-api", Name="live", FunctionVersion="112", RoutingConfig=weights)
    functions.delete_alias(FunctionName="price-rules", Name="staging")
    again = started(tmp_path)
    live = again.functions["orders-api"].aliases["live"]
    assert (live.version, live.weights) == (112, {113: 0.1})
    assert "staging" not in again.functions["price-rules"].aliases


def test_objects_are_kept_and_deleted_ones_are_not(tmp_path):
    storage = bucket_of(started(tmp_path))
    storage.put_object(Bucket="reports", Key="pending/run 1/ü.json", Body=b"old")
    tag = storage.put_object(Bucket="reports", Key="pending/run 1/ü.json", Body=b"new")["ETag"]
    storage.put_object(Bucket="reports", Key="locks/us-west-2.json", Body=b"mine")
    storage.delete_object(Bucket="reports", Key="locks/us-west-2.json")
    again = started(tmp_path).client("s3")
    found = again.get_object(Bucket="reports", Key="pending/run 1/ü.json")
    assert (found["Body"].read(), found["ETag"]) == (b"new", tag)
    assert [one["Key"] for one in again.list_objects_v2(Bucket="reports")["Contents"]] == ["pending/run 1/ü.json"]


def test_many_deleted_at_once_are_deleted_on_disk(tmp_path):
    storage = bucket_of(started(tmp_path))
    for key in ("a", "b", "c"):
        storage.put_object(Bucket="reports", Key=key, Body=b"")
    storage.delete_objects(Bucket="reports", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    again = started(tmp_path).client("s3")
    assert [one["Key"] for one in again.list_objects_v2(Bucket="reports")["Contents"]] == ["c"]


def test_a_lost_conditional_put_changes_nothing_on_disk(tmp_path):
    storage = bucket_of(started(tmp_path))
    storage.put_object(Bucket="reports", Key="lock", Body=b"mine", IfNoneMatch="*")
    with pytest.raises(ClientError):
        storage.put_object(Bucket="reports", Key="lock", Body=b"theirs", IfNoneMatch="*")
    assert started(tmp_path).storage.read("reports", "lock") == b"mine"


def test_looking_writes_nothing(tmp_path):
    cloud = started(tmp_path)
    before = (tmp_path / "account.json").stat().st_mtime_ns
    cloud.client("lambda").list_functions()
    assert (tmp_path / "account.json").stat().st_mtime_ns == before


def test_when_a_version_went_is_kept_for_the_bill(tmp_path):
    first = started(tmp_path)
    functions = first.client("lambda")
    fresh = functions.publish_version(FunctionName="orders-api")["Version"]
    for version in ("112", fresh):
        functions.delete_function(FunctionName="orders-api", Qualifier=version)
    again = started(tmp_path, NOON + DAY)

    assert again.functions["orders-api"].gone == first.functions["orders-api"].gone
