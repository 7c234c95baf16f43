"""S3 and Secrets Manager as the product needs them, each cloud on its own."""

import pytest
from botocore.exceptions import ClientError

from fakes.aws import Cloud

HERE = {"LocationConstraint": "us-west-2"}


@pytest.fixture
def bucket(cloud):
    cloud.client("s3").create_bucket(Bucket="reports", CreateBucketConfiguration=HERE)
    return cloud.client("s3")


def refused(call, **given):
    with pytest.raises(ClientError) as refusal:
        call(**given)
    return refusal.value.response["Error"]["Code"], refusal.value.response["ResponseMetadata"]["HTTPStatusCode"]


def read(client, key):
    return client.get_object(Bucket="reports", Key=key)["Body"].read()


def test_a_conditional_put_is_won_once(bucket):
    bucket.put_object(Bucket="reports", Key="locks/us-west-2.json", Body=b"first", IfNoneMatch="*")
    lost = refused(bucket.put_object, Bucket="reports", Key="locks/us-west-2.json", Body=b"second", IfNoneMatch="*")
    assert lost == ("PreconditionFailed", 412)
    assert read(bucket, "locks/us-west-2.json") == b"first"


def test_a_put_can_replace_exactly_what_was_read(bucket):
    tag = bucket.put_object(Bucket="reports", Key="lock", Body=b"first")["ETag"]
    newer = bucket.put_object(Bucket="reports", Key="lock", Body=b"second", IfMatch=tag)["ETag"]
    assert newer != tag
    assert refused(bucket.put_object, Bucket="reports", Key="lock", Body=b"third", IfMatch=tag)[1] == 412
    assert read(bucket, "lock") == b"second"


def test_replacing_what_is_not_there_is_not_found(bucket):
    asked = {"Bucket": "reports", "Key": "ghost", "Body": b"", "IfMatch": '"0123456789abcdef0123456789abcdef"'}
    assert refused(bucket.put_object, **asked) == ("NoSuchKey", 404)


def test_a_delete_can_be_conditional_too(bucket):
    tag = bucket.put_object(Bucket="reports", Key="lock", Body=b"mine")["ETag"]
    bucket.put_object(Bucket="reports", Key="lock", Body=b"theirs")
    assert refused(bucket.delete_object, Bucket="reports", Key="lock", IfMatch=tag)[1] == 412
    assert read(bucket, "lock") == b"theirs"


def test_a_missing_key_is_not_found(bucket):
    assert refused(bucket.get_object, Bucket="reports", Key="ghost") == ("NoSuchKey", 404)
    assert refused(bucket.head_object, Bucket="reports", Key="ghost") == ("404", 404)


def test_a_read_can_be_spared_when_nothing_changed(bucket):
    tag = bucket.put_object(Bucket="reports", Key="page", Body=b"1")["ETag"]
    assert refused(bucket.get_object, Bucket="reports", Key="page", IfNoneMatch=tag)[1] == 304


def test_keys_are_listed_by_prefix_and_page(bucket):
    for index in range(5):
        bucket.put_object(Bucket="reports", Key=f"pending/run 1+ü/{index}.json", Body=b"{}")
    bucket.put_object(Bucket="reports", Key="other", Body=b"{}")
    pages = list(
        bucket.get_paginator("list_objects_v2").paginate(
            Bucket="reports", Prefix="pending/", PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["Contents"]) for page in pages] == [2, 2, 1]
    assert pages[0]["Contents"][0]["Key"] == "pending/run 1+ü/0.json"


def test_folders_can_be_listed(bucket):
    bucket.put_object(Bucket="reports", Key="a/1", Body=b"")
    bucket.put_object(Bucket="reports", Key="b/1", Body=b"")
    prefixes = bucket.list_objects_v2(Bucket="reports", Delimiter="/")["CommonPrefixes"]
    assert [one["Prefix"] for one in prefixes] == ["a/", "b/"]


def test_many_keys_are_deleted_at_once(bucket):
    for key in ("a", "b", "c"):
        bucket.put_object(Bucket="reports", Key=key, Body=b"")
    bucket.delete_objects(Bucket="reports", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, {"Key": "ghost"}]})
    assert [one["Key"] for one in bucket.list_objects_v2(Bucket="reports")["Contents"]] == ["c"]


def test_a_report_is_put_together_from_parts(bucket):
    upload = bucket.create_multipart_upload(Bucket="reports", Key="big.json")["UploadId"]
    parts = []
    for number, body in ((1, b"a" * 5 * 1024 * 1024), (2, b"b")):
        tag = bucket.upload_part(Bucket="reports", Key="big.json", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": tag["ETag"]})
    given = {"Bucket": "reports", "Key": "big.json", "UploadId": upload, "MultipartUpload": {"Parts": parts}}
    bucket.complete_multipart_upload(**given, IfNoneMatch="*")
    assert len(read(bucket, "big.json")) == 5 * 1024 * 1024 + 1


def test_parts_can_be_copied_and_uploads_abandoned(bucket):
    bucket.put_object(Bucket="reports", Key="rows", Body=b"r" * 5 * 1024 * 1024)
    upload = bucket.create_multipart_upload(Bucket="reports", Key="big")["UploadId"]
    part = bucket.upload_part_copy(
        Bucket="reports", Key="big", UploadId=upload, PartNumber=1, CopySource={"Bucket": "reports", "Key": "rows"}
    )
    assert part["CopyPartResult"]["ETag"]
    bucket.abort_multipart_upload(Bucket="reports", Key="big", UploadId=upload)
    assert refused(bucket.head_object, Bucket="reports", Key="big")[1] == 404


def test_metadata_type_and_encryption_are_kept(bucket):
    bucket.put_object(
        Bucket="reports",
        Key="page",
        Body=b"{}",
        ContentType="application/json",
        Metadata={"run": "1"},
        ServerSideEncryption="AES256",
    )
    head = bucket.head_object(Bucket="reports", Key="page")
    assert (head["ContentType"], head["Metadata"], head["ServerSideEncryption"]) == (
        "application/json",
        {"run": "1"},
        "AES256",
    )


def test_two_clouds_share_no_bucket_and_no_secret(cloud, bucket):
    other = Cloud()
    other.client("s3").create_bucket(Bucket="reports", CreateBucketConfiguration=HERE)
    bucket.put_object(Bucket="reports", Key="mine", Body=b"")
    assert other.client("s3").list_objects_v2(Bucket="reports")["KeyCount"] == 0
    cloud.client("secretsmanager").create_secret(Name="slack", SecretString="{}")
    assert other.client("secretsmanager").list_secrets()["SecretList"] == []


def test_a_secret_is_read_by_name_and_by_arn(cloud):
    client = cloud.client("secretsmanager")
    arn = client.create_secret(Name="slack", SecretString='{"bot_token": "xoxb"}')["ARN"]
    assert arn.startswith("arn:aws:secretsmanager:us-west-2:111122223333:secret:slack-")
    for name in ("slack", arn):
        assert client.get_secret_value(SecretId=name)["SecretString"] == '{"bot_token": "xoxb"}'
    assert refused(client.get_secret_value, SecretId="ghost")[0] == "ResourceNotFoundException"


def test_the_account_owns_its_buckets(cloud, bucket):
    assert [one["Name"] for one in bucket.list_buckets()["Buckets"]] == ["reports"]
    assert refused(bucket.head_bucket, Bucket="somebody-elses")[1] == 404
    assert bucket.head_bucket(Bucket="reports", ExpectedBucketOwner=cloud.account_id)
