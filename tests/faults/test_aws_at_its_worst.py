"""One call to AWS goes wrong at a time, and the process lives to see it."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from botocore.exceptions import ConnectionClosedError

from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import Point, Refusal, When, mortal_story, story_points
from tests.faults.law import Breaches, after_a_story, after_whatever_happened
from tests.faults.matrix import some

SHARDS = 8
DENIED = ("AccessDenied", 403)
THROTTLED = ("ThrottlingException", 429)
FAILING = ("InternalError", 500)


@functools.cache
def calls() -> Sequence[Point]:
    """Every call to AWS of the story, as it leaves."""
    return [point for point in story_points() if point.kind == "aws" and point.when is When.BEFORE]


def names() -> Sequence[str]:
    return sorted({call.name for call in calls()})


def broken_connection() -> None:
    raise ConnectionClosedError(endpoint_url="https://aws")


def test_an_answer_that_is_lost_changes_nothing(shard: int, of: int, every: bool, count: Count) -> None:
    lost = [Point(c.kind, c.name, c.nth, when) for c in calls() for when in (When.BEFORE, When.UNANSWERED)]
    chosen = (lost if every else some(lost, 3))[shard::of]
    broken = {}
    for point in chosen:
        with mortal_story() as play:
            play.happens[point] = broken_connection
            broken[str(point)] = after_a_story(play, story.tell(play), story.EXPECTED)
            assert not play.happens, f"{point} never came"

    count("a lost answer of AWS", len(chosen), sum(broken.values(), Breaches()))
    assert {point: str(breaches) for point, breaches in broken.items() if breaches} == {}


def refused(refusal: Refusal) -> Breaches:
    with mortal_story() as play:
        play.refusal = refusal
        arn = story.tell_whatever_happens(play)
        assert refusal.asked >= refusal.nth, f"{refusal} never came"
        play.refusal = None
        return after_whatever_happened(play, arn, story.SAFE)


def test_a_call_that_is_refused_for_good_deletes_nothing_it_should_not_and_ends_in_words(
    shard: int, of: int, every: bool, count: Count
) -> None:
    last = {call.name: call.nth for call in calls()}
    refusals = [
        Refusal(name=name, nth=nth, code=code, status=status)
        for name in names()
        for nth in sorted({1, last[name]})
        for code, status in (DENIED, THROTTLED, FAILING)
    ]
    chosen = (refusals if every else some(refusals, 4))[shard::of]

    broken = {f"{r.code} {r.name} #{r.nth}": refused(r) for r in chosen}

    count("a refusal of AWS", len(chosen), sum(broken.values(), Breaches()))
    assert {point: str(breaches) for point, breaches in broken.items() if breaches} == {}


def test_a_call_that_is_refused_once_deletes_nothing_it_should_not(
    shard: int, of: int, every: bool, count: Count
) -> None:
    refusals = [
        Refusal(name=call.name, nth=call.nth, times=1, code=code, status=status)
        for call in calls()
        for code, status in (THROTTLED, ("ExpiredTokenException", 400))
    ]
    chosen = (refusals if every else some(refusals, 3))[shard::of]

    broken = {f"{r.code} {r.name} #{r.nth}": refused(r) for r in chosen}

    count("a stumble of AWS", len(chosen), sum(broken.values(), Breaches()))
    assert {point: str(breaches) for point, breaches in broken.items() if breaches} == {}
