"""What is remembered of a region: stored and read back, taken over from the release before, and never misread."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.memory import (
    NAME_AT_MOST,
    KeepReason,
    Memory,
    UnreadableMemory,
    damaged_key,
    kept_before_key,
    memory_key,
    take_over,
)
from tests.builders import ACCOUNT, EXECUTION, FUNCTION, REGION, TODAY, an_alias
from tests.memories import a_keep, a_memory, a_refusal, a_sighting, an_expiry, in_days

FULL = a_memory(
    a_keep(12),
    a_keep(14, reason=KeepReason.REJECTED),
    a_refusal(15),
    sightings={
        FUNCTION: (a_sighting(first=20, last=8), a_sighting(an_alias("live", 7, weights={8: 0.1}), an_alias("dev")))
    },
    in_vain=frozenset({("mailer", 2), ("mailer", 4)}),
    not_judged=frozenset({("pdf-render", 3), ("pdf-render", 12), ("mailer", 1)}),
    expired_in_a_row=2,
    expiries=(an_expiry("one", asked=-14, expired=-8), an_expiry("two")),
)


def read(data):
    return Memory.from_dict(data, account_id=ACCOUNT, region=REGION)


def stored(memory):
    return json.loads(json.dumps(memory.to_dict()))


def taken_over(data, **given):
    return take_over(data, account_id=ACCOUNT, region=REGION, today=TODAY, keep_days=90, **given)


# Stored and read back


def test_a_memory_is_read_back_as_it_was_stored():
    assert read(stored(FULL)) == FULL


def test_a_new_memory_is_empty():
    assert read(stored(a_memory())) == a_memory()


def test_fields_a_release_before_did_not_write_are_empty():
    record = {"schema_version": 1, "account_id": ACCOUNT, "region": REGION}

    assert read(record) == Memory(account_id=ACCOUNT, region=REGION)


def test_fields_of_a_release_after_are_ignored():
    record = stored(FULL)
    record["bill"] = {"days": []}
    record["keeps"][0]["ticket"] = "OPS-7"

    assert read(record) == FULL


names = st.text("abcXYZ09-_", min_size=1, max_size=64)
days = st.integers(-1_000, 1_000).map(in_days)
keeps = st.builds(
    a_keep,
    st.integers(1, 10**9),
    function_name=names,
    by=names,
    name=st.text(min_size=1, max_size=NAME_AT_MOST),
    on=days,
    until=days,
    reason=st.sampled_from(KeepReason),
)
refusals = st.builds(a_refusal, st.integers(1, 10**9), function_name=names, on=days, until=days)
aliases = st.builds(
    an_alias,
    names,
    st.none() | st.integers(1, 99),
    weights=st.none() | st.dictionaries(st.integers(1, 99), st.floats(0, 1), max_size=2),
)
sightings = st.builds(
    lambda seen, first, last: a_sighting(*seen, first=first, last=last),
    st.lists(aliases, max_size=3),
    st.integers(1, 99),
    st.integers(0, 1),
)


@given(
    remembered=st.lists(keeps | refusals, max_size=6),
    seen=st.dictionaries(names, st.lists(sightings, min_size=1, max_size=3).map(tuple), max_size=3),
    not_judged=st.frozensets(st.tuples(names, st.integers(1, 10**9)), max_size=6),
    expired=st.lists(st.builds(an_expiry, names, asked=st.integers(-99, 0)), max_size=4).map(tuple),
)
def test_whatever_is_remembered_is_read_back(remembered, seen, not_judged, expired):
    memory = a_memory(
        *remembered, sightings=seen, not_judged=not_judged, expired_in_a_row=len(expired), expiries=expired
    )

    assert read(stored(memory)) == memory


# Damaged


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("schema_version", 2, "schema_version must be 1, not 2"),
        ("schema_version", None, "schema_version must be a whole number from zero, not None"),
        ("account_id", "444455556666", "account_id must be '111122223333', not '444455556666'"),
        ("region", "eu-west-1", "region must be 'us-west-2', not 'eu-west-1'"),
        ("keeps", {}, "keeps must be a list, not {}"),
        ("keeps", [{}], "keeps[0].function_name must be a text that is not empty, not None"),
        ("refusals", [7], "refusals[0] must be an object, not 7"),
        ("aliases", [{"function_name": "f"}], "aliases[0].first_seen must be a moment as ISO 8601"),
        ("not_judged", [{"function_name": "f", "versions": [0]}], "not_judged[0].versions must be a version's number"),
        ("expired_in_a_row", -1, "expired_in_a_row must be a whole number from zero, not -1"),
        ("expiries", [{"execution": "a", "asked_on": "x"}], "expiries[0].asked_on must be a day as YYYY-MM-DD"),
    ],
)
def test_a_damaged_memory_names_the_record_and_the_field(field, value, words):
    record = {**stored(FULL), field: value}

    with pytest.raises(UnreadableMemory) as unreadable:
        read(record)

    assert str(unreadable.value).startswith(f"memory/111122223333/us-west-2.json: {words}")


@pytest.mark.parametrize(
    ("field", "value"),
    [("version", "live"), ("by", ""), ("name", None), ("on", 7), ("until", "2027-02-30"), ("reason", "whim")],
)
def test_a_damaged_keep_keeps_nobody_in_the_dark(field, value):
    record = stored(FULL)
    record["keeps"][1][field] = value

    with pytest.raises(UnreadableMemory, match=rf"keeps\[1\]\.{field} must be"):
        read(record)


@given(anything=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_anything_else_is_refused_by_the_same_name(anything):
    with pytest.raises(UnreadableMemory):
        read(anything)


# Where it lies


def test_each_account_and_region_has_a_memory_of_its_own():
    assert memory_key(ACCOUNT, REGION) == "memory/111122223333/us-west-2.json"
    assert damaged_key(ACCOUNT, REGION, EXECUTION) == f"memory/111122223333/us-west-2.damaged-{EXECUTION}.json"
    assert kept_before_key(REGION) == "kept/us-west-2.json"


# Taken over from the release before


def test_what_the_release_before_kept_for_ever_is_kept_for_as_long_as_all_else_from_today():
    before = {
        "schema_version": 1,
        "versions": {"orders-api:12": {"by": "U0OTHER", "name": "other", "on": "2026-03-02"}},
    }

    memory = taken_over(before)

    (keep,) = memory.keeps.values()
    assert (keep.key, keep.by, keep.name) == ((FUNCTION, 12), "U0OTHER", "other")
    assert keep.on.isoformat() == "2026-03-02"
    assert keep.until == TODAY + timedelta(days=90)
    assert keep.reason is KeepReason.TAKEN_OVER
    assert read(stored(memory)) == memory


def test_a_keeper_without_a_name_is_called_by_their_id():
    memory = taken_over({"versions": {"orders-api:12": {"by": "U0OTHER", "on": "2026-03-02"}}})

    assert memory.keeps[FUNCTION, 12].name == "U0OTHER"


def test_an_empty_record_of_the_release_before_keeps_nothing():
    assert taken_over({"versions": {}}) == a_memory()


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ([], "the record must be an object, not []"),
        ({}, "versions must be an object, not None"),
        ({"schema_version": 9, "versions": {}}, "schema_version must be 1, not 9"),
        ({"versions": {"orders-api": {}}}, "versions.orders-api.function_name must be a text that is not empty"),
        ({"versions": {"orders-api:live": {}}}, "versions.orders-api:live.version must be a version's number"),
        ({"versions": {"orders-api:12": "other"}}, "versions.orders-api:12 must be an object, not 'other'"),
        ({"versions": {"orders-api:12": {"by": "U0OTHER"}}}, "versions.orders-api:12.on must be a day"),
    ],
)
def test_a_damaged_record_of_the_release_before_is_named(record, words):
    with pytest.raises(UnreadableMemory) as unreadable:
        taken_over(record)

    assert str(unreadable.value).startswith(f"kept/us-west-2.json: {words}")
