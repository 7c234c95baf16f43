from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from fakes.aws import Cloud
from tests.harness import Harness, a_clock, harness
from tests.workflow.fleets import Fill, two_functions


class SetStage(Protocol):
    """Sets a harness with a fleet and settings of one's own."""

    def __call__(self, fill: Fill = two_functions, **settings: str) -> Harness: ...


@pytest.fixture
def set_stage() -> Iterator[SetStage]:
    with ExitStack() as stages:

        def set_one(fill: Fill = two_functions, **settings: str) -> Harness:
            clock = a_clock()
            cloud = Cloud(clock=clock)
            fill(cloud)
            return stages.enter_context(harness(cloud, clock, **settings))

        yield set_one


@pytest.fixture
def play(set_stage: SetStage) -> Harness:
    return set_stage()


def weekly(play: Harness, occasion: str = "occasion-1") -> str:
    """Start a run as the schedule does: an occasion delivered twice bears the same id."""
    return play.starts({"region": "us-west-2", "request_id": occasion})
