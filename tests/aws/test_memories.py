"""The memories of all regions: changed on top of what stands there, taken over once, and set aside when damaged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.aws.errors import AwsError
from orchestrator.aws.memories import Memories, Place
from orchestrator.aws.storage import DirectoryStore, S3Store
from orchestrator.domain.memory import KeepReason, Memory, damaged_key, kept_before_key, memory_key
from orchestrator.domain.remember import after_deletion
from tests.builders import ACCOUNT, EXECUTION, FUNCTION, REGION, TODAY
from tests.memories import a_keep, a_memory, in_days

BUCKET = "reports"
HERE = Place(account_id=ACCOUNT, region=REGION, execution=EXECUTION, today=TODAY)
KEY, ASIDE = memory_key(ACCOUNT, REGION), damaged_key(ACCOUNT, REGION, EXECUTION)
KEPT_BEFORE = {"schema_version": 1, "versions": {"orders-api:12": {"by": "U1", "name": "one", "on": "2026-01-02"}}}
DAMAGED = [b"{half a mem", b"[]", b'{"schema_version": 9}', b"\xff\xfe", b"[" * 100_000]


@pytest.fixture(params=["s3", "directory"])
def store(request, tmp_path):
    if request.param == "directory":
        return DirectoryStore(tmp_path / "records")
    cloud = request.getfixturevalue("cloud")
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    return S3Store(s3, BUCKET)


def memories_of(store, *, own_account=ACCOUNT):
    return Memories(store, BUCKET, keep_days=90, own_account=lambda: own_account)


def keeping(*keeps):
    return lambda memory: replace(memory, keeps={**memory.keeps, **{keep.key: keep for keep in keeps}})


def test_a_region_begins_with_nothing(store):
    assert memories_of(store).recall(HERE) == (a_memory(), None)
    assert list(store.list_keys("memory/")) == []


def test_what_is_remembered_is_recalled_by_that_region_alone(store):
    memories = memories_of(store)
    memories.change(HERE, keeping(a_keep(1)))
    memories.change(HERE, keeping(a_keep(2)))

    assert memories.recall(HERE) == (a_memory(a_keep(1), a_keep(2)), None)
    assert memories.recall(replace(HERE, region="eu-west-1"))[0].keeps == {}
    assert memories.recall(replace(HERE, account_id="444455556666"))[0].keeps == {}


def test_what_changes_nothing_is_not_written(store):
    memories = memories_of(store)
    memories.change(HERE, keeping(a_keep(1)))
    before = store.get_json_with_etag(KEY)

    memories.change(HERE, keeping(a_keep(1)))

    assert store.get_json_with_etag(KEY) == before


def test_two_changes_at_once_are_both_remembered(store):
    memories = memories_of(store)
    meanwhile = iter([a_keep(2), a_keep(3)])

    def change(memory: Memory) -> Memory:
        other = next(meanwhile, None)
        if other is not None:  # somebody else was faster, twice
            memories.change(HERE, keeping(other))
        return keeping(a_keep(1))(memory)

    memories.change(HERE, change)

    assert set(memories.recall(HERE)[0].keeps) == {(FUNCTION, 1), (FUNCTION, 2), (FUNCTION, 3)}


def test_a_change_goes_on_from_what_stands_there(store):
    memories = memories_of(store)
    memories.change(HERE, keeping(a_keep(1), a_keep(2)))

    memories.change(HERE, lambda memory: after_deletion(memory, [(FUNCTION, 1)]))

    assert memories.recall(HERE)[0] == a_memory(a_keep(2))


# Taken over from the release before


def test_what_the_release_before_kept_is_taken_over_once(store):
    store.put_json(kept_before_key(REGION), KEPT_BEFORE)
    memories = memories_of(store)

    recalled, _ = memories.recall(HERE)
    assert recalled.keeps[FUNCTION, 12].reason is KeepReason.TAKEN_OVER
    assert recalled.keeps[FUNCTION, 12].until == in_days(90)
    memories.change(HERE, keeping(a_keep(1)))

    later, _ = memories.recall(replace(HERE, today=in_days(30)))
    assert later.keeps[FUNCTION, 12].until == in_days(90), "the end does not move"
    assert set(later.keeps) == {(FUNCTION, 1), (FUNCTION, 12)}


def test_what_the_release_before_kept_was_kept_in_its_own_account(store):
    store.put_json(kept_before_key(REGION), KEPT_BEFORE)

    assert memories_of(store, own_account="444455556666").recall(HERE) == (a_memory(), None)


# Damaged


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_memory_is_set_aside_and_said_by_every_attempt_of_the_run(store, damaged):
    store.put_bytes(KEY, damaged, "application/json")
    memories = memories_of(store)

    memory, said = memories.recall(HERE)

    assert memory == a_memory()
    assert said.startswith(f"{KEY}: ")
    assert said.endswith(f"; set aside as s3://reports/{ASIDE}")
    assert store.get_bytes(ASIDE, at_most=10**6) == damaged
    assert memories.recall(HERE) == (memory, said)


def test_the_next_run_remembers_anew_and_says_nothing(store):
    store.put_bytes(KEY, b"{half", "application/json")
    memories = memories_of(store)
    memories.recall(HERE)
    memories.change(HERE, keeping(a_keep(1)))

    assert memories.recall(replace(HERE, execution="another")) == (a_memory(a_keep(1)), None)


def test_what_is_damaged_between_recall_and_change_stops_no_change(store):
    memories = memories_of(store)
    store.put_bytes(KEY, b"{half", "application/json")

    memories.change(HERE, keeping(a_keep(1)))

    assert store.get_bytes(ASIDE, at_most=10**6) == b"{half"
    assert memories.recall(HERE)[0] == a_memory(a_keep(1))


@pytest.mark.parametrize("damaged", [b"{half", b'{"versions": []}'])
def test_a_damaged_record_of_the_release_before_is_set_aside_too(store, damaged):
    store.put_bytes(kept_before_key(REGION), damaged, "application/json")

    memory, said = memories_of(store).recall(HERE)

    assert memory == a_memory()
    assert said.startswith("kept/us-west-2.json: ")
    assert store.get_bytes(ASIDE, at_most=10**6) == damaged


def test_a_memory_that_s3_does_not_give_is_not_a_damaged_one(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    memories = memories_of(S3Store(s3, BUCKET))
    memories.change(HERE, keeping(a_keep(1)))
    cloud.faults.deny("GetObject")

    with pytest.raises(AwsError):
        memories.recall(HERE)


def test_what_ended_is_forgotten_only_when_there_is_no_room(store):
    memories = memories_of(store)
    memories.change(HERE, keeping(a_keep(1, until=in_days(-400))))

    assert memories.recall(HERE)[0] == a_memory(a_keep(1, until=in_days(-400)))
