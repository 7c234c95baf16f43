"""What one run goes by: the same in every step of it, whatever is remembered meanwhile."""

from __future__ import annotations

import json

import pytest

from orchestrator.domain.memory import UnreadableMemory
from orchestrator.domain.news import Standing
from orchestrator.domain.recalled import Recalled, nothing_remembered
from tests.builders import FUNCTION, TODAY
from tests.memories import a_keep, a_refusal, an_idle, in_days, recalled

ONE = (FUNCTION, 1)


@pytest.mark.parametrize("known", [recalled(a_keep(1), a_refusal(2)), recalled(asked_for=False, set_aside="damaged")])
def test_it_is_read_back_as_it_was_handed_on(known):
    assert Recalled.from_dict(json.loads(json.dumps(known.to_dict()))) == known


def test_a_damaged_hand_off_is_refused():
    stored = recalled().to_dict()
    stored["memory"]["keeps"] = 7

    with pytest.raises(UnreadableMemory):
        Recalled.from_dict(stored)


@pytest.mark.parametrize(
    ("remembered", "kept", "settled"),
    [
        ((), False, False),
        ((a_keep(1),), True, True),
        ((a_keep(1, until=in_days(-1)),), False, False),
        ((a_refusal(1),), False, True),
        ((a_refusal(1, until=in_days(-1)),), False, False),
        ((a_keep(1, until=in_days(-1)), a_refusal(1)), False, True),
        ((a_keep(2), a_refusal(2)), False, False),
    ],
)
def test_a_version_is_settled_while_it_is_kept_or_refused(remembered, kept, settled):
    known = recalled(*remembered)

    assert (known.is_kept(ONE), known.is_settled(ONE)) == (kept, settled)
    assert known.place(an_idle(1)).standing.is_settled is settled


def test_where_nothing_is_remembered_all_that_costs_money_is_news():
    known = nothing_remembered(TODAY)

    assert known.place(an_idle(1)).standing is Standing.NEWS
    assert known.asked_for
