"""An answer of AWS breaks off anywhere: it is asked for again, or what hangs on it is not judged."""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence

from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import mortal_story
from tests.faults.law import Breaches, after_a_story, after_whatever_happened
from tests.faults.matrix import some

SHARDS = 8
SHARES = 4
"""Places that each answer breaks off at."""
IN_THE_SUITE = 1
STORED = frozenset({"s3", "secrets-manager"})
"""What is checked by its own length already, and told of where records are broken."""


@functools.cache
def operations() -> Sequence[tuple[str, int]]:
    """Every operation of AWS that the story calls, and how often."""
    with mortal_story() as play:
        story.tell(play)
        names = {p.name.split()[1] for p in play.points if p.kind == "aws" and p.name.split()[0] not in STORED}
        return [(name, play.cloud.calls[name]) for name in sorted(names) if play.cloud.calls[name]]


def cases(*, announced: bool) -> list[tuple[str, int, float]]:
    """Operation, the call of it that is struck, and the share of its answer that arrives."""
    chance = random.Random(13)
    return [
        (name, chance.randint(1, times), chance.choice([0.0, chance.random(), 0.999]))
        for name, times in operations()
        for _ in range(SHARES if announced else SHARES // 2)
    ]


def broken_once(operation: str, nth: int, share: float) -> Breaches:
    with mortal_story() as play:
        fault = play.cloud.faults.break_off(operation, keep=share, nth=nth)
        breaches = after_a_story(play, story.tell(play), story.EXPECTED)
        assert fault.hits or fault.seen < nth, f"{operation} #{nth} never broke off"
        return breaches


def test_an_answer_that_breaks_off_once_changes_nothing(shard: int, of: int, every: bool, count: Count) -> None:
    chosen = (cases(announced=True) if every else some(cases(announced=True), IN_THE_SUITE))[shard::of]

    broken = {case: broken_once(*case) for case in chosen}

    count("a broken answer", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}


def broken_from_then_on(operation: str, nth: int, share: float) -> Breaches:
    with mortal_story() as play:
        asked = 0

        def struck(_: object) -> bool:
            nonlocal asked
            asked += 1
            return asked >= nth

        play.cloud.faults.break_off(operation, keep=share, announced=nth % 2 == 0, where=struck)
        arn = story.tell_whatever_happens(play)
        play.cloud.faults.clear()
        return after_whatever_happened(play, arn, story.SAFE)


def test_answers_that_break_off_from_then_on_delete_nothing_they_should_not_and_end_in_words(
    shard: int, of: int, every: bool, count: Count
) -> None:
    chosen = (cases(announced=False) if every else some(cases(announced=False), IN_THE_SUITE))[shard::of]

    broken = {case: broken_from_then_on(*case) for case in chosen}

    count("a broken answer", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}
