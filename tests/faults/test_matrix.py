"""What docs/reliability.md says was run, and what the tests run, are the same families."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.faults import matrix
from tests.faults.law import COLUMNS, Breaches


def test_the_document_has_a_row_for_every_family_and_every_count_in_it_is_zero(every: bool) -> None:
    if every:
        pytest.skip("the document is about to be rewritten")
    rows = matrix.written()

    assert list(rows) == list(matrix.FAMILIES.values())
    assert {words: cases for words, (cases, _) in rows.items() if cases == 0} == {}
    assert {words: str(breaches) for words, (_, breaches) in rows.items() if breaches} == {}


def test_every_family_is_counted_by_some_test() -> None:
    texts = {
        node.value
        for path in sorted(Path(__file__).parent.glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert set(matrix.FAMILIES) <= texts


def test_every_count_has_a_heading() -> None:
    assert tuple(matrix.HEADINGS) == COLUMNS


def test_rows_add_up_and_a_breach_is_seen_in_the_table() -> None:
    rows = {family: matrix.Row() for family in matrix.FAMILIES}
    rows["a race"].add(3, {"live_buttons": 1})
    rows["a race"].add(2, {"live_buttons": 1, "messages_lost": 4})

    (line,) = [line for line in matrix.table(rows).splitlines() if line.startswith(f"| {matrix.FAMILIES['a race']}")]

    assert line.endswith("| 5 | 4 | 0 | 0 | 0 | 0 | 2 | 0 | 0 | 0 | 0 | 0 |")
    assert bool(Breaches(locks_left=1))
    assert not Breaches()
