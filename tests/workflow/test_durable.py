"""How patient a step is, and what a checkpoint carries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aws_durable_execution_sdk_python.serdes import EXTENDED_TYPES_SERDES, SerDesContext

from orchestrator.domain.handovers import Carrying
from orchestrator.workflow.durable import Checkpoint, Patience, joined, named, patience, patience_to_tell


class Lasting(Exception):
    """What another attempt cannot help."""

    permanent = True


def pauses(patience: Patience, error: Exception) -> list[int]:
    """The seconds before each further attempt, until there is none."""
    taken: list[int] = []
    while (decision := patience(error, len(taken) + 1)).should_retry:
        taken.append(decision.delay_seconds)
    return taken


def test_a_step_is_tried_again_for_about_three_minutes() -> None:
    assert pauses(patience, OSError()) == [5, 15, 45, 120]


def test_what_is_only_told_waits_for_slack_for_about_half_a_day_and_no_longer() -> None:
    waited = timedelta(seconds=sum(pauses(patience_to_tell, OSError())))

    assert timedelta(hours=11) < waited < timedelta(hours=13)


@pytest.mark.parametrize("how", [patience, patience_to_tell])
def test_what_another_attempt_cannot_help_is_not_tried_again(how: Patience) -> None:
    assert pauses(how, Lasting()) == []


def test_a_checkpoint_carries_a_value_as_the_plain_dict_that_the_release_before_wrote() -> None:
    context, value = SerDesContext(), Carrying(page=1, done=10, errors_in_a_row=2)
    plain = {"page": 1, "done": 10, "errors_in_a_row": 2}

    assert Checkpoint(Carrying).serialize(value, context) == EXTENDED_TYPES_SERDES.serialize(plain, context)
    assert Checkpoint(Carrying).deserialize(EXTENDED_TYPES_SERDES.serialize(plain, context), context) == value


def test_the_first_of_its_kind_has_the_plain_name() -> None:
    assert (named("approval", 1), named("approval", 2)) == ("approval", "approval-2")
    assert (named("recheck", 1, 1), named("recheck", 1, 2)) == ("recheck", "recheck-1-2")


def test_everything_that_went_wrong_is_said_once() -> None:
    assert joined("denied", None, "denied", "", "no answer") == "denied; no answer"
