from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed_day import read_typed_day

TODAY = date(2026, 11, 20)
"""A Friday."""


@pytest.mark.parametrize(
    ("text", "day", "words"),
    [
        ("2026-12-24", date(2026, 12, 24), 1),
        ("2026-1-7", date(2026, 1, 7), 1),
        ("24.12.2026", date(2026, 12, 24), 1),
        ("24 Dec", date(2026, 12, 24), 2),
        ("24 december because", date(2026, 12, 24), 2),
        ("Dec 24th,", date(2026, 12, 24), 2),
        ("24 Dec 2027", date(2027, 12, 24), 3),
        ("Jan 7", date(2027, 1, 7), 2),
        ("20 Nov", TODAY, 2),
        ("19 Nov", date(2027, 11, 19), 2),
        ("1st of May", None, 0),
        ("1st May", date(2027, 5, 1), 2),
        ("today", TODAY, 1),
        ("Tomorrow:", date(2026, 11, 21), 1),
        ("sat", date(2026, 11, 21), 1),
        ("friday is fine", date(2026, 11, 27), 1),
        ("thursday", date(2026, 11, 26), 1),
        ("2026-02-30", None, 0),
        ("30 Feb", None, 0),
        ("su", None, 0),
        ("24", None, 0),
        ("24 de", None, 0),
        ("24 Dec soon", date(2026, 12, 24), 2),
        ("soon", None, 0),
        ("", None, 0),
    ],
)
def test_a_day_is_read_as_people_type_it(text, day, words):
    read = read_typed_day(text.split(), TODAY)

    assert read == (None if day is None else (day, words))


@given(days=st.integers(0, 364), form=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %b", "%B %d", "%d %B %Y"]))
def test_every_day_of_the_coming_year_can_be_typed_in_every_form(days, form):
    day = TODAY + timedelta(days=days)

    assert read_typed_day(day.strftime(form).split(), TODAY) == (day, len(form.split()))


@given(words=st.lists(st.text(max_size=12), max_size=4))
def test_whatever_is_typed_is_a_day_or_none(words):
    read = read_typed_day(words, TODAY)

    assert read is None or 1 <= read[1] <= 3
