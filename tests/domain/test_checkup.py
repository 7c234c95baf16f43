from __future__ import annotations

import json

import pytest

from orchestrator.domain.checkup import Arrived, Checkup, checkup_key
from orchestrator.domain.runs import UnreadableRecord

QUESTION = Checkup(execution="8f3c2e", callback_id="Y2FsbGJhY2s=", channel_id="C0REVIEW")


def test_a_question_is_read_back_as_it_was_stored_whatever_else_stands_there():
    stored = json.loads(json.dumps(QUESTION.to_dict()))

    assert Checkup.from_dict(stored | {"colour": "red"}) == QUESTION
    assert checkup_key("8f3c2e") == "pending/8f3c2e/checkup.json"


@pytest.mark.parametrize("change", [{"schema_version": 2}, {"callback_id": ""}, {"channel_id": None}, {"execution": 7}])
def test_a_record_of_another_shape_is_none(change):
    with pytest.raises(UnreadableRecord, match="the checkup record"):
        Checkup.from_dict(QUESTION.to_dict() | change)


def test_what_is_no_object_is_none():
    with pytest.raises(UnreadableRecord):
        Checkup.from_dict([])


@pytest.mark.parametrize("ticked", [None, frozenset(), frozenset({"a", "b"})])
def test_what_arrived_goes_through_the_callback(ticked):
    arrived = Arrived(ticked=ticked, by="U0ASKER")

    assert Arrived.from_dict(json.loads(json.dumps(arrived.to_dict()))) == arrived


@pytest.mark.parametrize(
    "told", [None, [], {}, {"ticked": []}, {"ticked": "ab", "by": "U0"}, {"ticked": [1], "by": "U0"}]
)
def test_an_answer_of_another_shape_is_none(told):
    with pytest.raises(UnreadableRecord, match="the answer to the checkup"):
        Arrived.from_dict(told)
