"""A record is not what was stored, at the moment it is read: nothing is deleted on the strength of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence

import pytest

from fakes.aws import Cloud
from tests.faults import story
from tests.faults.conftest import Count, shards
from tests.faults.dying import MortalHarness, Point, When, mortal_harness
from tests.faults.law import Breaches, after_whatever_happened
from tests.faults.matrix import some
from tests.harness import BUCKET, a_clock

SHARDS = 12
Damage = Callable[[bytes], bytes | None]


def of_another_release(stored: bytes) -> bytes:
    return _changed(stored, lambda record: {**record, "schema_version": 999})


def with_a_live_version_in_it(stored: bytes) -> bytes:
    """Name the version that `live` points to wherever an idle one was named."""
    return stored.replace(b'"number": 4', b'"number": 7').replace(b"orders-api:4", b"orders-api:7")


def with_the_unticked_version_approved(stored: bytes) -> bytes:
    return stored.replace(b'["orders-api", 1]', b'["orders-api", 2]').replace(b'"number": 1', b'"number": 2')


def _changed(stored: bytes, change: Callable[[Mapping[str, object]], object]) -> bytes:
    try:
        record = json.loads(stored)
    except ValueError:
        return stored[::-1]
    return json.dumps(change(record)).encode() if isinstance(record, dict) else b"0"


DAMAGES: Mapping[str, Damage] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "cut off": lambda stored: stored[: len(stored) // 2],
    "an empty object": lambda _: b"{}",
    "a list": lambda _: b"[]",
    "null": lambda _: b"null",
    "no JSON": lambda _: b"<html>",
    "of another release": of_another_release,
    "naming a live version": with_a_live_version_in_it,
    "naming what was unticked": with_the_unticked_version_approved,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "shard" in metafunc.fixturenames:
        metafunc.parametrize(("shard", "of"), shards(metafunc.config, SHARDS))


@functools.cache
def reads() -> Sequence[Point]:
    """Every read of a record, but of the outcome that is being written: who damages that one takes the report away."""
    clock = a_clock()
    with mortal_harness(story.fill(Cloud(clock=clock)), clock) as play:
        story.tell(play)
        return [point for point in play.points if point.name.startswith("s3 GetObject") and point.when is When.BEFORE]


def damaged(read: Point, damage: Damage) -> Breaches:
    clock = a_clock()
    with mortal_harness(story.fill(Cloud(clock=clock)), clock) as play:
        play.happens[read] = lambda: _damage(play, read, damage)
        arn = story.tell_whatever_happens(play)
        assert not play.happens, f"{read} never came"
        return after_whatever_happened(play, arn, story.SAFE)


def _damage(play: MortalHarness, read: Point, damage: Damage) -> None:
    s3 = play.cloud.client("s3")
    key = read.name.split(" ")[-1]
    if "RUN" in key:
        execution = next(k.split("/")[1] for k in play.keys("pending/"))
        key = key.replace("RUN", execution)
    if key not in play.keys(key):
        return
    left = damage(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    if left is None:
        s3.delete_object(Bucket=BUCKET, Key=key)
    else:
        s3.put_object(Bucket=BUCKET, Key=key, Body=left)


def test_a_record_that_is_not_what_was_stored_deletes_nothing_it_should_not_and_ends_in_words(
    shard: int, of: int, every: bool, count: Count
) -> None:
    cases = [(read, how) for read in reads() for how in DAMAGES]
    chosen = (cases if every else some(cases, 10))[shard::of]

    broken = {f"{how}: {read}": damaged(read, DAMAGES[how]) for read, how in chosen}

    count("a broken record", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}
