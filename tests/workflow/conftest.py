from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from demo.cloud import Cloud
from tests.stage import Stage, a_clock, stage
from tests.workflow.fleets import Fill, two_functions


class SetStage(Protocol):
    """Sets a stage with a fleet and settings of one's own."""

    def __call__(self, fill: Fill = two_functions, **settings: str) -> Stage: ...


@pytest.fixture
def set_stage() -> Iterator[SetStage]:
    with ExitStack() as stages:

        def set_one(fill: Fill = two_functions, **settings: str) -> Stage:
            clock = a_clock()
            cloud = Cloud(clock=clock)
            fill(cloud)
            return stages.enter_context(stage(cloud, clock, **settings))

        yield set_one


@pytest.fixture
def play(set_stage: SetStage) -> Stage:
    return set_stage()
