from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

import pytest

from fakes.aws import Cloud
from tests.harness import Harness, a_clock, harness
from tests.workflow.fleets import Fill, two_functions


class SetStage(Protocol):
    """Sets a harness with a fleet and settings of one's own."""

    def __call__(self, fill: Fill = two_functions, **settings: str) -> Harness: ...


@contextmanager
def stages() -> Iterator[SetStage]:
    with ExitStack() as open_until_the_end:

        def set_one(fill: Fill = two_functions, **settings: str) -> Harness:
            clock = a_clock()
            cloud = Cloud(clock=clock)
            fill(cloud)
            return open_until_the_end.enter_context(harness(cloud, clock, **settings))

        yield set_one


@pytest.fixture
def set_stage() -> Iterator[SetStage]:
    with stages() as set_one:
        yield set_one


@pytest.fixture(scope="module")
def set_stage_for_all() -> Iterator[SetStage]:
    """For what is played once and then only looked at, by several tests."""
    with stages() as set_one:
        yield set_one


@pytest.fixture
def play(set_stage: SetStage) -> Harness:
    return set_stage()


def weekly(play: Harness, occasion: str = "occasion-1") -> str:
    """Start a run as the schedule does: an occasion delivered twice bears the same id."""
    return play.starts({"region": "us-west-2", "request_id": occasion})
