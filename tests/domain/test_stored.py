"""The fields of a stored record: each is read as what it should be, or named as what it is not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from orchestrator.domain.results import Outcome
from orchestrator.domain.stored import Fields, UnreadableField


def read(reader, value, *more):
    return getattr(Fields({"it": value}), reader)("it", *more)


@pytest.mark.parametrize(
    ("reader", "value", "is_read_as"),
    [
        ("text", "words", "words"),
        ("text_or_none", "words", "words"),
        ("text_or_none", "", None),
        ("text_or_none", None, None),
        ("version", 12, 12),
        ("version", "12", 12),
        ("version_or_none", "12", 12),
        ("version_or_none", None, None),
        ("versions", [1, "2"], (1, 2)),
        ("whole", 0, 0),
        ("whole", 7, 7),
        ("amount", 3, 3.0),
        ("amount", 3.9, 3.9),
        ("amount_or_none", 3.9, 3.9),
        ("amount_or_none", None, None),
        ("day", "2026-11-20", date(2026, 11, 20)),
        ("day_or_none", "2026-11-20", date(2026, 11, 20)),
        ("day_or_none", None, None),
        ("moment", "2026-11-20T12:00:00Z", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("moment_or_none", "2026-11-20T12:00:00+00:00", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("moment_or_none", None, None),
    ],
)
def test_a_field_is_read(reader, value, is_read_as):
    assert read(reader, value) == is_read_as


@pytest.mark.parametrize(
    ("reader", "value", "words"),
    [
        ("text", "", "it must be a text that is not empty, not ''"),
        ("text", 7, "it must be a text that is not empty, not 7"),
        ("text_or_none", 7, "it must be a text that is not empty, not 7"),
        ("version", 0, "it must be a version's number, not 0"),
        ("version", True, "it must be a version's number, not True"),
        ("version", "$LATEST", "it must be a version's number, not '$LATEST'"),
        ("version", "012", "it must be a version's number, not '012'"),
        ("versions", [1, None], "it must be a version's number, not None"),
        ("versions", {"1": 1}, "it must be a list, not {'1': 1}"),
        ("whole", -1, "it must be a whole number from zero, not -1"),
        ("whole", 1.5, "it must be a whole number from zero, not 1.5"),
        ("amount", -0.1, "it must be a number from zero, not -0.1"),
        ("amount", float("nan"), "it must be a number from zero, not nan"),
        ("amount", float("inf"), "it must be a number from zero, not inf"),
        ("amount", True, "it must be a number from zero, not True"),
        ("amount", "3", "it must be a number from zero, not '3'"),
        ("day", "2026-11-31", "it must be a day as YYYY-MM-DD, not '2026-11-31'"),
        ("day", 20261120, "it must be a day as YYYY-MM-DD, not 20261120"),
        ("moment", "noon", "it must be a moment as ISO 8601, with its time zone, not 'noon'"),
        ("moment", "2026-11-20T12:00:00", "it must be a moment as ISO 8601, with its time zone, not '2026-11-20T12:0"),
        ("moment", 1795000000, "it must be a moment as ISO 8601, with its time zone, not 1795000000"),
        ("part", "words", "it must be an object, not 'words'"),
        ("entries", [{}, 7], "it[1] must be an object, not 7"),
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_named(reader, value, words):
    with pytest.raises(UnreadableField) as refused:
        read(reader, value)

    assert str(refused.value).startswith(words)


def test_what_is_not_there_is_the_default_or_named():
    nothing = Fields({})

    assert nothing.whole("count") == 0
    assert nothing.whole("count", 1) == 1
    assert nothing.entries("list") == ()
    with pytest.raises(UnreadableField, match="who must be a text that is not empty, not None"):
        nothing.text("who")


def test_a_member_of_an_enum_is_read_by_its_value():
    assert read("member", "deleted", Outcome) is Outcome.DELETED
    with pytest.raises(UnreadableField, match=r"it must be one of deleted, .*, not 'melted'"):
        read("member", "melted", Outcome)


def test_a_field_inside_is_named_with_its_way_there():
    outer = Fields({"keeps": [{"by": "U0APPROVER"}, {"who": {"id": 7}}]})

    with pytest.raises(UnreadableField, match=r"^keeps\[1\]\.who\.id must be"):
        outer.entries("keeps")[1].part("who").text("id")


def test_what_stands_there_is_shown_in_short():
    with pytest.raises(UnreadableField) as refused:
        read("day", "x" * 1000)

    assert len(str(refused.value)) < 100


def test_a_record_that_is_no_object_is_named_so():
    with pytest.raises(UnreadableField, match=r"the record must be an object, not \[\]"):
        Fields([])


def test_all_names_of_an_object_can_be_read():
    assert Fields({"orders-api:12": {}, "orders-api:14": {}}).names() == ("orders-api:12", "orders-api:14")
