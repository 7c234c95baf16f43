"""The records of a run: what is written comes back the same, and what another release wrote is refused."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields

import pytest

from orchestrator.domain.accounts import Account
from orchestrator.domain.runs import (
    Ending,
    Held,
    Page,
    Run,
    UnreadableRecord,
    checked_execution_id,
    execution_id,
    held_key,
    offer_hash,
    page_key,
    run_key,
    short,
)
from tests.builders import EXECUTION, EXECUTION_ARN, a_candidate, a_held, a_page, a_run, candidates

RECORDS = {
    "run": a_run(),
    "scheduled run": a_run(requested_by=None),
    "ended run": a_run(status="ended", ending="approved", ending_words="43 deleted", ended_at=1, message_ts="1.2"),
    "page": a_page(),
    "page with a kept version": a_page(a_candidate(kept_by="U1", kept_by_name="other", kept_on="2026-11-13")),
    "decided page": a_page(decided={"action": "approve", "approver_id": "U1", "approved": 1, "offered": 1}),
    "held": a_held(),
    "empty held": a_held(held=0, functions=(), not_judged_lines=("`pdf-render` 3: throttled",), functions_more=3),
}


def stored(record):
    return json.loads(json.dumps(record.to_dict()))


def test_a_run_is_about_an_account_by_its_name():
    run = a_run(account_id="444455556666", account_name="search")

    assert run.account == Account("444455556666", "search")


# What is written comes back


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_comes_back_as_it_was_written(record):
    assert type(record).from_dict(stored(record)) == record


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_says_which_schema_it_has(record):
    assert stored(record)["schema_version"] == 1


@pytest.mark.parametrize("schema_version", [None, 0, 2, "1", [1]])
@pytest.mark.parametrize("record", [a_run(), a_page(), a_held()], ids=["run", "page", "held"])
def test_a_record_of_another_schema_is_refused(record, schema_version):
    kind = type(record).__name__.lower()
    with pytest.raises(UnreadableRecord, match=f"the {kind} record has schema_version .*; this release reads 1"):
        type(record).from_dict(stored(record) | {"schema_version": schema_version})


def test_a_record_without_a_schema_is_refused():
    with pytest.raises(UnreadableRecord, match="schema_version None"):
        Run.from_dict({})


@pytest.mark.parametrize("data", [None, [], "run", 7])
def test_a_record_must_be_an_object(data):
    with pytest.raises(UnreadableRecord, match=f"a page record must be an object, not {type(data).__name__}"):
        Page.from_dict(data)


@pytest.mark.parametrize(
    "broken",
    [
        {"candidates": None},
        {"candidates": 7},
        {"candidates": ["orders-api:1"]},
        {"candidates": [{"function_name": "orders-api"}]},
    ],
)
def test_a_page_that_cannot_be_read_is_refused(broken):
    with pytest.raises(UnreadableRecord, match="the page record cannot be read"):
        Page.from_dict(stored(a_page()) | broken)


@pytest.mark.parametrize("functions", [None, [["orders-api"]], [7]])
def test_a_held_that_cannot_be_read_is_refused(functions):
    with pytest.raises(UnreadableRecord, match="the held record cannot be read"):
        Held.from_dict(stored(a_held()) | {"functions": functions})


@pytest.mark.parametrize("name", [field.name for field in fields(Page) if field.default is MISSING])
def test_a_page_without_one_of_its_fields_is_refused(name):
    data = stored(a_page())
    del data[name]

    with pytest.raises(UnreadableRecord, match=name):
        Page.from_dict(data)


def test_a_run_that_has_just_begun_has_found_and_posted_nothing():
    run = a_run()

    assert (run.status, run.step) == ("scanning", 1)
    assert (run.snapstart, run.candidates, run.monthly_usd, run.page, run.pages) == (0, 0, 0, 0, 0)
    assert (run.message_ts, run.permalink, run.expires_at, run.ended_at, run.ending, run.ending_words) == (None,) * 6


# Records of another release


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_field_that_another_release_added_is_ignored(record):
    assert type(record).from_dict(stored(record) | {"added_later": {"by": "another release"}}) == record


def test_a_field_that_another_release_added_to_a_candidate_is_ignored():
    data = stored(a_page())
    for row in data["candidates"]:
        row["added_later"] = True

    assert Page.from_dict(data) == a_page()


@pytest.mark.parametrize("record", [a_run(), a_page(), a_held()], ids=["run", "page", "held"])
def test_a_field_with_a_default_may_be_missing(record):
    data = stored(record)
    for field in fields(record):
        if field.default is not MISSING or field.default_factory is not MISSING:
            del data[field.name]

    assert type(record).from_dict(data).execution == EXECUTION


@pytest.mark.parametrize(
    ("stored_as", "read_as"), [("approved", Ending.APPROVED), ("of_another_release", None), (7, None)]
)
def test_an_ending_that_only_another_release_knows_is_left_to_its_words(stored_as, read_as):
    run = Run.from_dict(stored(a_run()) | {"ending": stored_as, "ending_words": "as it was"})

    assert (run.ending, run.ending_words) == (read_as, "as it was")


# What an approval is bound to


def test_the_offer_hash_follows_what_is_offered():
    page = a_page()

    assert page.offer_hash == offer_hash(page.execution, page.page, page.candidates)
    assert Page.from_dict(stored(page)).offer_hash == page.offer_hash


@pytest.mark.parametrize(
    "other",
    [
        a_page(page=2),
        a_page(execution="another"),
        a_page(*candidates(range(1, 7))),
        a_page(*candidates(range(2, 9))),
        a_page(*reversed(candidates())),
        a_page(*candidates(function_name="orders")),
        a_page(*candidates(arn="arn:aws:lambda:eu-west-1:111122223333:function:orders-api:1")),
    ],
)
def test_another_offer_has_another_hash(other):
    assert other.offer_hash != a_page().offer_hash


def test_a_new_revision_of_the_same_offer_keeps_its_hash():
    assert a_page(revision="2r1", callback_id="another", message_ts="2.0").offer_hash == a_page().offer_hash


# Names


def test_an_execution_is_named_by_the_id_at_the_end_of_its_arn():
    assert execution_id(EXECUTION_ARN) == EXECUTION


def test_a_local_engines_execution_is_named_by_the_id_at_its_beginning():
    assert execution_id(f"{EXECUTION}/invocation-7") == EXECUTION
    assert execution_id(EXECUTION) == EXECUTION


@pytest.mark.parametrize(
    "arn", ["", "..", "../other", "a b", "x" * 129, f"{EXECUTION_ARN}/", "arn:aws:lambda:us-west-2:1:function:f:1", "é"]
)
def test_what_cannot_be_a_key_is_not_an_execution_id(arn):
    with pytest.raises(ValueError, match="is not an execution id"):
        execution_id(arn)


def test_a_checked_id_is_the_same_text():
    assert checked_execution_id("a-B_9") == "a-B_9"


def test_people_name_a_run_by_its_first_six_characters():
    assert short(EXECUTION) == "8f3c2e"


def test_the_bot_may_read_all_records_of_a_run_under_one_prefix():
    assert run_key("x") == "pending/x/run.json"
    assert page_key("x", 2) == "pending/x/page-2.json"
    assert held_key("x") == "pending/x/held.json"
