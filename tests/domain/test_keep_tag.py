"""The opt-out tag: which versions a value protects, until when, and that every slip of the pen protects."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.keep_tag import KeepRule, read_keep_tag, tag_protects
from orchestrator.domain.versions import KeepTag
from tests.builders import TODAY
from tests.memories import in_days


def protected(value, today=TODAY):
    return {number for number in (12, 14, 15) if tag_protects(KeepTag(value), number, today)}


@pytest.mark.parametrize(
    ("value", "versions"),
    [
        ("12 15", {12, 15}),
        (" 12 ", {12}),
        ("12  15", {12, 15}),
        ("12", {12}),
        ("99", set()),
        ("", {12, 14, 15}),
        ("   ", {12, 14, 15}),
        ("true", {12, 14, 15}),
        ("false", {12, 14, 15}),
        ("12,15", {12, 14, 15}),
        ("12;15", {12, 14, 15}),
        ("12 and 15", {12, 14, 15}),
        ("12\t15", {12, 14, 15}),
        ("12\n", {12, 14, 15}),
        ("12-15", {12, 14, 15}),
        ("0", {12, 14, 15}),
        ("12 0", {12, 14, 15}),
        ("007", {12, 14, 15}),
        ("-12", {12, 14, 15}),
        ("12.0", {12, 14, 15}),
        ("$LATEST", {12, 14, 15}),
        ("١٢", {12, 14, 15}),  # twelve, in digits that are not ours
        ("12\u00a015", {12, 14, 15}),
    ],
)
def test_a_value_without_an_end_protects_for_good(value, versions):
    assert protected(value) == versions
    assert protected(value, in_days(5_000)) == versions


def test_a_function_without_the_tag_is_not_protected_by_it():
    assert tag_protects(KeepTag(None), 12, TODAY) is False


@pytest.mark.parametrize(
    ("value", "versions"),
    [
        ("12 15 until 2026-11-20", {12, 15}),
        ("  12   15   until   2026-11-20  ", {12, 15}),
        ("12 UNTIL 2026-11-20", {12}),
        ("true until 2026-11-20", {12, 14, 15}),
        ("True until 2026-11-20", {12, 14, 15}),
        ("until 2026-11-20", {12, 14, 15}),
    ],
)
def test_an_end_is_the_last_day_it_protects(value, versions):
    assert protected(value, date(2026, 11, 20)) == versions
    assert protected(value, date(2026, 11, 21)) == set()


@pytest.mark.parametrize(
    "value",
    [
        "12 until",
        "until",
        "12 until tomorrow",
        "12 until 2026-11-31",
        "12 until 2026-1-1",
        "12 until 20261120",
        "12 until 2026-11-20 or so",
        "12 until 2026-11-20 2026-11-21",
        "12 bis 2026-11-20",
        "12 2026-11-20",
        "12until 2026-11-20",
        "12 until2026-11-20",
        "12,15 until 2026-11-20",
        "until 2026-11-20 until 2026-11-20",
        "false until 2026-11-20",
        "the release until 2026-11-20",
        "12 until ٢٠٢٦-11-20",
        "12\nuntil 2026-11-20",
    ],
)
def test_what_is_malformed_protects_the_whole_function_for_good(value):
    assert protected(value, date(2036, 1, 1)) == {12, 14, 15}


@given(
    numbers=st.frozensets(st.integers(1, 10**9), min_size=1, max_size=9),
    until=st.dates(),
    away=st.integers(-400, 400),
    number=st.integers(1, 20),
)
def test_a_rule_protects_its_versions_up_to_its_last_day(numbers, until, away, number):
    try:
        today = until + timedelta(days=away)
    except OverflowError:
        today = until
    rule = read_keep_tag(f"{' '.join(map(str, numbers))} until {until.isoformat()}")

    assert rule == KeepRule(numbers=numbers, until=until)
    assert rule.protects(number, today) is (number in numbers and today <= until)


@given(
    value=st.text(st.characters(exclude_characters="0123456789"), max_size=256),
    number=st.integers(1, 10**9),
)
def test_any_value_without_a_number_protects_every_version(value, number):
    assert tag_protects(KeepTag(value), number, TODAY) is True
