"""The record that somebody stopped a run."""

import pytest

from orchestrator.domain.stop import Stop, read_stop, stop_key


def test_a_stop_is_stored_and_read_back():
    stop = Stop(by="U0APPROVER", name="approver")

    assert read_stop(stop.to_dict() | {"of_another_release": 1}) == stop
    assert stop.in_words() == "stopped by @approver"


def test_no_record_is_no_stop():
    assert read_stop(None) is None


@pytest.mark.parametrize(
    ("stored", "name"), [(7, "somebody"), ({}, "somebody"), ({"by": 7, "name": 7}, "somebody"), ({"by": "U1"}, "U1")]
)
def test_a_record_that_cannot_be_read_is_a_stop_all_the_same(stored, name):
    assert read_stop(stored) == Stop(by=name, name=name)


def test_each_run_has_a_record_of_its_own():
    assert stop_key("8f3c2e") == "control/stop/8f3c2e.json"
