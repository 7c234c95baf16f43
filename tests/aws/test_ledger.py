"""The ledger in S3: a run's lines are added to, told again without harm, and never lost."""

from __future__ import annotations

import pytest

from orchestrator.aws.ledger import ledger_lines, write_ledger
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.results import Outcome
from tests.builders import a_ledger_line

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
