"""The ledger: a line an approved version, written once however often the step runs, and never lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.ledger import LedgerLine, UnreadableLedgerLine, ledger_key, read_jsonl, to_jsonl, with_lines
from orchestrator.domain.results import Outcome
from tests.builders import EXECUTION
from tests.memories import a_ledger_line

LINES = [
    a_ledger_line(1),
    a_ledger_line(2, outcome=Outcome.FAILED, words="lambda:DeleteFunction AccessDeniedException, not authorized"),
    a_ledger_line(3, outcome=Outcome.SKIPPED, code_sha256=None, gb=None, words="alias `live` points to it now"),
]


def test_a_run_has_one_ledger_under_the_month_it_began_in():
    late = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)

    assert ledger_key(EXECUTION, late) == f"ledger/2026-11/{EXECUTION}.jsonl"


def test_lines_are_read_back_as_they_were_written():
    assert list(read_jsonl(to_jsonl(LINES))) == LINES


def test_each_version_is_one_line_that_says_who_when_what_and_what_came_of_it():
    (line,) = to_jsonl(LINES[:1]).splitlines()

    assert json.loads(line) == {
        "schema_version": 1,
        "execution": EXECUTION,
        "who": {"id": "U0APPROVER", "name": "approver"},
        "when": "2026-11-20T12:00:00Z",
        "offer_hash": "5f" * 32,
        "account_id": "111122223333",
        "region": "us-west-2",
        "function_name": "orders-api",
        "version": "1",
        "code_sha256": "4pJk0XWmVEPbQwJ8z1wYHn5xXo0B8y1cQ3o1kq0bq2A=",
        "gb": 1.0,
        "monthly_usd": 3.9,
        "outcome": "deleted",
        "words": None,
        "published": None,
    }


@given(
    number=st.integers(1, 10**9),
    outcome=st.sampled_from(Outcome),
    words=st.none() | st.text(min_size=1),
    gb=st.none() | st.floats(0, 10),
)
def test_whatever_came_of_a_version_is_read_back(number, outcome, words, gb):
    line = a_ledger_line(number, outcome=outcome, words=words, gb=gb)

    assert list(read_jsonl(to_jsonl([line]))) == [line]


def test_fields_of_a_release_after_are_ignored():
    assert LedgerLine.from_dict({**a_ledger_line().to_dict(), "ticket": "OPS-7"}) == a_ledger_line()


def test_lines_told_again_replace_those_of_before():
    before = to_jsonl([a_ledger_line(1, outcome=Outcome.UNTOUCHED), a_ledger_line(9)])

    after = with_lines(before, LINES)

    assert list(read_jsonl(after)) == [a_ledger_line(9), *LINES]
    assert with_lines(after, LINES) == after


def test_a_damaged_line_stays_as_it_is():
    after = with_lines("{half a li\n", LINES)

    assert after == "{half a li\n" + to_jsonl(LINES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{half a li", "line 1: it is not JSON"),
        ("[" * 100_000, "line 1: it is not JSON"),
        ("[]", "line 1: the record must be an object, not []"),
        (to_jsonl(LINES[:1]) + "{}", "line 2: who must be an object, not None"),
        ('{"who": {"id": ""}}', "line 1: execution must be a text that is not empty"),
    ],
)
def test_a_damaged_line_is_named_by_its_number(text, words):
    with pytest.raises(UnreadableLedgerLine) as unreadable:
        list(read_jsonl(text))

    assert str(unreadable.value).startswith(words)
