from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.words import count, day, dollars, ranges


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([], ""),
        ([7], "7"),
        ([7, 7], "7"),
        ([1, 2], "1–2"),  # noqa: RUF001
        ([9, 10, 11], "9–11"),  # noqa: RUF001
        ([37, 12, 35, 13, 36, 14, 33], "12–14, 33, 35–37"),  # noqa: RUF001
        ([1, 3, 5], "1, 3, 5"),
    ],
)
def test_version_numbers_as_ranges(numbers, words):
    assert ranges(numbers) == words


@given(numbers=st.lists(st.integers(1, 40)))
def test_ranges_name_exactly_the_numbers(numbers):
    named = set()
    for part in ranges(numbers).split(", ") if numbers else []:
        first, _, last = part.partition("–")  # noqa: RUF001
        named.update(range(int(first), int(last or first) + 1))

    assert named == set(numbers)


@pytest.mark.parametrize(
    ("amount", "words"), [(0, "$0.00"), (3.9, "$3.90"), (212.555, "$212.56"), (1234567.5, "$1,234,567.50")]
)
def test_dollars(amount, words):
    assert dollars(amount) == words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 versions"), (1, "1 version"), (2, "2 versions"), (2000, "2,000 versions")]
)
def test_counts(number, words):
    assert count(number, "version") == words


def test_counts_of_nouns_with_an_odd_plural():
    assert count(2, "box", "boxes") == "2 boxes"
    assert count(1, "box", "boxes") == "1 box"


def test_days_are_said_as_people_say_them():
    assert day(datetime(2026, 11, 9, tzinfo=UTC)) == "9 Nov"
