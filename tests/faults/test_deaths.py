"""The process stops anywhere, and the run ends as if it had not."""

from __future__ import annotations

import functools

import pytest

from fakes.aws import Cloud
from tests.faults import story
from tests.faults.conftest import Count, shards
from tests.faults.dying import Point, When, mortal_harness
from tests.faults.law import Breaches, after_a_story
from tests.faults.matrix import some
from tests.harness import a_clock

FAMILIES = {
    "aws": "death at an AWS call",
    "slack": "death at a Slack call",
    "checkpoint": "death at a checkpoint",
}
LONGER_THAN_FACTS_STAY_FRESH = 150
A_SAMPLE = 1
"""Of each kind of point and each moment, in the suite."""
SHARDS = {"aws": 24, "slack": 6, "checkpoint": 8}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "shard" in metafunc.fixturenames:
        cases = [(kind, *part) for kind, number in SHARDS.items() for part in shards(metafunc.config, number)]
        metafunc.parametrize(("kind", "shard", "of"), cases, ids=[f"{kind}-{shard + 1}" for kind, shard, _ in cases])


def a_story(dies_at: Point | None) -> tuple[Breaches, list[Point]]:
    """Tell the story with one death in it; after some of them the next process comes only when facts went stale."""
    clock = a_clock()
    with mortal_harness(story.fill(Cloud(clock=clock)), clock) as play:
        play.dies_at = dies_at
        if dies_at is not None and dies_at.when is When.UNANSWERED:
            play.rests = lambda: clock.passes(seconds=LONGER_THAN_FACTS_STAY_FRESH)
        arn = story.tell(play)
        assert play.deaths == (dies_at is not None), f"{play.deaths} processes died"
        return after_a_story(play, arn, story.EXPECTED), play.points


@functools.cache
def points() -> tuple[Point, ...]:
    """Every point of the story when nobody dies."""
    breaches, passed = a_story(None)
    assert not breaches, breaches
    return tuple(passed)


def test_wherever_the_process_stops_the_run_ends_as_if_it_had_not(
    kind: str, shard: int, of: int, every: bool, count: Count
) -> None:
    moments = [[point for point in points() if (point.kind, point.when) == (kind, when)] for when in When]
    chosen = [point for moment in moments for point in (moment if every else some(moment, A_SAMPLE))][shard::of]

    broken = {str(point): a_story(point)[0] for point in chosen}

    count(FAMILIES[kind], len(chosen), sum(broken.values(), Breaches()))
    assert {point: str(breaches) for point, breaches in broken.items() if breaches} == {}


def test_a_story_passes_the_same_points_every_time() -> None:
    assert tuple(a_story(None)[1]) == points()
    assert len(points()) > 400
