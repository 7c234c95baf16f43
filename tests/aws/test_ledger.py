"""The ledger in S3: a run's lines are added to, told again without harm, and never lost."""

from __future__ import annotations

from datetime import date

import pytest

from orchestrator.aws.ledger import ledger_lines, write_ledger
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.results import Outcome
from tests.memories import a_ledger_line

KEY = "ledger/2026-11/run.jsonl"


@pytest.fixture
def store(tmp_path):
    return DirectoryStore(tmp_path)


def test_page_after_page_is_added(store):
    write_ledger(store, KEY, [a_ledger_line(1)])
    write_ledger(store, KEY, [a_ledger_line(2)])

    assert list(ledger_lines(store)) == [a_ledger_line(1), a_ledger_line(2)]


def test_what_is_told_again_stands_once(store):
    write_ledger(store, KEY, [a_ledger_line(1, outcome=Outcome.UNTOUCHED), a_ledger_line(2)])
    write_ledger(store, KEY, [a_ledger_line(1)])

    assert list(ledger_lines(store)) == [a_ledger_line(2), a_ledger_line(1)]


def test_a_damaged_line_stays_and_is_left_out_by_the_reader(store):
    store.put_bytes(KEY, b"\xffhalf\n", "application/x-ndjson")
    write_ledger(store, KEY, [a_ledger_line(1)])

    assert store.get_bytes(KEY, at_most=10_000).startswith(b"\xffhalf\n{")
    assert list(ledger_lines(store)) == [a_ledger_line(1)]


def test_runs_that_ended_long_before_a_day_are_not_read(store):
    for number, month in enumerate(["2025-12", "2026-08", "2026-09", "2026-11"], start=1):
        write_ledger(store, f"ledger/{month}/run.jsonl", [a_ledger_line(number)])

    assert [line.number for line in ledger_lines(store, since=date(2026, 10, 5))] == [3, 4]
