"""Records by key: the same promises in S3 and in a local folder."""

import gzip
import json
import tracemalloc

import pytest

from orchestrator.aws.errors import CallFailed
from orchestrator.aws.storage import DirectoryStore, S3Store

BUCKET = "reports"
PART = 5 * 1024 * 1024
"""The smallest part that S3 takes."""


@pytest.fixture
def s3(cloud):
    client = cloud.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    return client


@pytest.fixture(params=["s3", "directory"])
def store(request, tmp_path):
    if request.param == "directory":
        return DirectoryStore(tmp_path / "records")
    return S3Store(request.getfixturevalue("s3"), BUCKET, part_bytes=PART)


def stored_bytes(store, key):
    if isinstance(store, DirectoryStore):
        return (store._root / key).read_bytes()
    return store._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def write_and_be_interrupted(store, key, data):
    with store.stream_upload(key, "application/json") as upload:
        upload.write(data)
        raise RuntimeError("the step was interrupted")


def test_an_object_comes_back_as_it_was_put(store):
    record = {"function_name": "orders", "rows": [1, 2.5, None, True], "words": "über „alles“ 3–16"}  # noqa: RUF001

    store.put_json("pending/run-1/run.json", record)

    assert store.get_json("pending/run-1/run.json") == record


def test_putting_again_replaces(store):
    store.put_json("run.json", {"state": "scanning"})
    store.put_json("run.json", {"state": "done"})

    assert store.get_json("run.json") == {"state": "done"}


def test_what_is_not_there_is_none(store):
    assert store.get_json("run.json") is None
    assert store.get_json_with_etag("run.json") is None


def test_bytes_come_back_unless_there_are_too_many(store):
    store.put_bytes("reports/run.csv", b"a,b\n1,2\n", "text/csv")

    assert store.get_bytes("reports/run.csv", at_most=8) == b"a,b\n1,2\n"
    assert store.get_bytes("reports/run.csv", at_most=7) is None
    assert store.get_bytes("reports/never.csv", at_most=8) is None


def test_only_the_first_of_two_claims_succeeds(store):
    assert store.put_json_if_absent("locks/us-west-2.json", {"execution": "first"})
    assert not store.put_json_if_absent("locks/us-west-2.json", {"execution": "second"})

    assert store.get_json("locks/us-west-2.json") == {"execution": "first"}


def test_only_what_was_read_is_replaced(store):
    store.put_json("lock.json", {"execution": "first"})
    _, etag = store.get_json_with_etag("lock.json")

    assert store.replace_json("lock.json", {"execution": "second"}, etag)
    assert not store.replace_json("lock.json", {"execution": "third"}, etag)

    assert store.get_json("lock.json") == {"execution": "second"}


def test_what_vanished_meanwhile_is_not_replaced(store):
    store.put_json("lock.json", {"execution": "first"})
    _, etag = store.get_json_with_etag("lock.json")

    assert not store.replace_json("gone.json", {"execution": "second"}, etag)
    assert store.get_json("gone.json") is None


def test_rows_come_back_one_after_the_other(store):
    store.put_lines("rows", ({"fn": "orders", "n": number} for number in range(1000)))

    rows = store.read_lines("rows")

    assert next(rows) == {"fn": "orders", "n": 0}
    assert sum(row["n"] for row in rows) == sum(range(1000))


def test_the_same_rows_are_stored_as_the_same_bytes(store):
    for key in ("first", "second"):
        store.put_lines(key, [{"fn": "orders"}] * 3)

    assert stored_bytes(store, "first") == stored_bytes(store, "second")


def test_no_rows_are_an_empty_record_and_not_a_missing_one(store):
    store.put_lines("rows", [])

    assert list(store.read_lines("rows")) == []
    with pytest.raises(FileNotFoundError):
        list(store.read_lines("never-written"))


def test_keys_are_listed_by_prefix_in_order(store):
    for key in (
        "outcomes/run-1/page-2.json",
        "outcomes/run-1/page-1.json",
        "outcomes/run-10.json",
        "reports/run-1.json",
    ):
        store.put_json(key, {})

    assert list(store.list_keys("outcomes/run-1/")) == ["outcomes/run-1/page-1.json", "outcomes/run-1/page-2.json"]
    assert len(list(store.list_keys("outcomes/run-1"))) == 3
    assert list(store.list_keys("nothing/")) == []


def test_a_stream_that_fails_leaves_no_object_behind(store):
    def rows():
        yield {"fn": "orders"}
        raise RuntimeError("the step was interrupted")

    with pytest.raises(RuntimeError):
        store.put_lines("intermediate/rows", rows())

    assert list(store.list_keys("")) == []


def test_a_stream_that_fails_leaves_the_earlier_object_as_it_was(store):
    store.put_json("reports/run.json", {"rows": 1})

    with pytest.raises(RuntimeError):
        write_and_be_interrupted(store, "reports/run.json", b'{"rows": 2')

    assert store.get_json("reports/run.json") == {"rows": 1}


@pytest.mark.parametrize("parts", [0, 1, 2, 3.5])
def test_a_stream_of_any_length_arrives_whole(store, parts):
    written = b"x" * int(parts * PART)

    with store.stream_upload("reports/run.json", "application/json") as report:
        for start in range(0, len(written), 1_000_000):
            report.write(written[start : start + 1_000_000])

    assert stored_bytes(store, "reports/run.json") == written


def test_a_long_stream_in_s3_goes_in_parts_and_a_short_one_at_once(s3):
    store = S3Store(s3, BUCKET, part_bytes=PART)
    sent = []
    s3.meta.events.register("before-call.s3", lambda model, **_: sent.append(model.name))

    with store.stream_upload("long", "text/csv") as upload:
        upload.write(b"x" * (PART + 1))
        upload.write(b"y")
    assert sent == ["CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"]

    sent.clear()
    with store.stream_upload("short", "text/csv") as upload:
        upload.write(b"x")
    assert sent == ["PutObject"]
    assert s3.head_object(Bucket=BUCKET, Key="short")["ContentType"] == "text/csv"
    assert s3.head_object(Bucket=BUCKET, Key="long")["ContentType"] == "text/csv"


def test_a_long_stream_that_fails_gives_its_parts_back(s3):
    store = S3Store(s3, BUCKET, part_bytes=PART)

    with pytest.raises(RuntimeError):
        write_and_be_interrupted(store, "long", b"x" * (PART + 1))

    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


def test_reading_rows_takes_memory_for_one_at_a_time(store):
    store.put_lines("rows", ({"fn": f"service-{number}", "pad": "x" * 5_000} for number in range(2_000)))
    tracemalloc.start()
    rows = sum(1 for _ in store.read_lines("rows"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rows == 2_000
    assert peak < 2_000_000


def test_records_in_s3_are_typed_and_rows_are_gzipped_json_lines(s3):
    store = S3Store(s3, BUCKET)
    store.put_json("run.json", {"a": 1})
    store.put_lines("rows", [{"a": 1}, {"a": 2}])

    assert s3.head_object(Bucket=BUCKET, Key="run.json")["ContentType"] == "application/json"
    body = s3.get_object(Bucket=BUCKET, Key="rows")["Body"].read()
    assert body[4:8] == bytes(4)  # no time of day in it: the same rows are the same bytes tomorrow
    assert [json.loads(line) for line in gzip.decompress(body).splitlines()] == [{"a": 1}, {"a": 2}]


def test_a_bucket_that_is_not_there_is_an_error_and_not_an_absent_record(cloud):
    store = S3Store(cloud.client("s3"), "nowhere")

    with pytest.raises(CallFailed, match="NoSuchBucket"):
        store.get_json("run.json")
    with pytest.raises(CallFailed, match="NoSuchBucket"):
        store.put_json_if_absent("run.json", {})
    with pytest.raises(CallFailed, match="NoSuchBucket"):
        list(store.read_lines("rows"))


def test_an_interrupted_stream_leaves_no_half_written_file_in_the_folder(tmp_path):
    with pytest.raises(RuntimeError):
        write_and_be_interrupted(DirectoryStore(tmp_path), "run.json", b"{")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["../outside.json", "/etc/passwd", "a/../../outside.json", ""])
def test_no_key_leads_out_of_the_folder(tmp_path, key):
    store = DirectoryStore(tmp_path / "records")

    with pytest.raises(ValueError, match="leads out of the folder"):
        store.put_json(key, {})
