"""A record is not what was stored, at the moment it is read: nothing is deleted on the strength of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import MortalHarness, Point, When, mortal_story, story_points
from tests.faults.law import Breaches, after_a_story, after_whatever_happened
from tests.faults.matrix import some
from tests.harness import BUCKET

SHARDS = 12
NEVER_WRITTEN = (" control/", " kept/", " locks/us-west-2.json", ".damaged-")
"""What is looked for in vain in this story."""
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


def with_fields_nobody_knows(record: Mapping[str, object]) -> object:
    """The same record as a later release might write it: more fields, in it and in the rows it lists."""
    new = {"of_tomorrow": {"new": [1]}}
    rows = {name: [{**row, **new} for row in rows] for name, rows in record.items() if _lists_rows(rows)}
    return {**record, **rows, **new}


def _lists_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def of_the_next_release(stored: bytes) -> bytes:
    try:
        record = json.loads(stored)
    except ValueError:  # rows of another form, packed
        return stored
    return json.dumps(with_fields_nobody_knows(record)).encode() if isinstance(record, dict) else stored


def without_a_field(place: int) -> Damage:
    """Take one field away, found by counting: as of a release that did not write it yet."""

    def taken_away(stored: bytes) -> bytes:
        def less(record: Mapping[str, object]) -> object:
            gone = sorted(record)[place % len(record)] if record else None
            return {name: value for name, value in record.items() if name != gone}

        return _changed(stored, less)

    return taken_away


FIELDS = 6
"""Fields of a record that are taken away, one at a time."""


@functools.cache
def reads() -> Sequence[Point]:
    """Every read of a record, but of the outcome that is being written: who damages that one takes the report away."""
    read = [point for point in story_points() if point.name.startswith("s3 GetObject") and point.when is When.BEFORE]
    return [point for point in read if not any(part in point.name for part in NEVER_WRITTEN)]


def damaged(read: Point, damage: Damage, memory: bytes | None = None) -> Breaches:
    with mortal_story() as play:
        if memory is not None:
            play.cloud.client("s3").put_object(Bucket=BUCKET, Key=MEMORY, Body=memory)
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
    chosen = (cases if every else some(cases, 4))[shard::of]

    broken = {f"{how}: {read}": damaged(read, DAMAGES[how]) for read, how in chosen}

    count("a broken record", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}


MEMORY = "memory/111122223333/us-west-2.json"
REMEMBERED = json.dumps(
    {
        "schema_version": 1,
        "account_id": "111122223333",
        "region": "us-west-2",
        "keeps": [
            {
                "function_name": "orders-api",
                "version": "2",
                "by": "U0APPROVER",
                "name": "approver",
                "on": "2026-11-01",
                "until": "2027-01-30",
                "reason": "untick",
            }
        ],
    }
).encode()
"""What an approver kept before: the version that is unticked in the story."""


def test_a_record_with_fields_that_nobody_knows_is_read_as_if_they_were_not_there(
    every: bool, count: Count, shard: int, of: int
) -> None:
    chosen = (reads() if every else some(reads(), 1))[shard::of]
    broken = {}
    for read in chosen:
        with mortal_story() as play:
            play.happens[read] = partial(_damage, play, read, of_the_next_release)
            broken[str(read)] = after_a_story(play, story.tell(play), story.EXPECTED)

    count("a record of another release", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}


def test_a_record_that_lacks_a_field_deletes_nothing_it_should_not_and_ends_in_words(
    every: bool, count: Count, shard: int, of: int
) -> None:
    cases = [(read, place) for read in reads() for place in range(FIELDS)]
    chosen = (cases if every else some(cases, 1))[shard::of]

    broken = {f"field {place}: {read}": damaged(read, without_a_field(place)) for read, place in chosen}

    count("a record of another release", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}


def test_a_memory_that_is_damaged_or_of_another_release_stops_nothing_and_deletes_nothing_unasked(
    every: bool, count: Count, shard: int, of: int
) -> None:
    kinds = {**DAMAGES, "of the next release": of_the_next_release, "as it was written": lambda stored: stored}
    memories = [read for read in reads() if read.name.endswith(MEMORY)]
    cases = [(read, how) for read in memories for how in kinds]
    chosen = (cases if every else some(cases, 1))[shard::of]

    broken = {f"{how}: {read}": damaged(read, kinds[how], REMEMBERED) for read, how in chosen}

    assert memories
    count("a record of another release", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}
