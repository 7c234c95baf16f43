"""Two things at the same moment, on threads of their own: one of them wins, and everybody is told the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import pytest

from fakes.aws import Cloud
from fakes.slack import team
from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import MortalHarness, mortal_harness
from tests.faults.law import Breaches, after_whatever_happened
from tests.harness import a_clock

IDLE = story.SAFE | {"orders-api:2", "orders-api:3"}
Act = Callable[[MortalHarness, str], object]


def pressing(who: str, button: str) -> Act:
    return lambda play, _arn: play.somebody(who).presses(play.root, button)


def time_runs_out(play: MortalHarness, arn: str) -> None:
    opened = play.record(f"pending/{play.execution(arn)}/page-1.json")
    play.runner._executor._on_callback_timeout(arn, opened["callback_id"])


RACES: Mapping[str, tuple[Act, Act]] = {
    "approve and approve": (
        pressing(team.APPROVER, "approve"),
        pressing(team.OTHER, "approve"),
    ),
    "approve and reject": (pressing(team.APPROVER, "approve"), pressing(team.OTHER, "reject")),
    "reject and reject": (pressing(team.APPROVER, "reject"), pressing(team.OTHER, "reject")),
    "twice by one person": (
        pressing(team.APPROVER, "approve"),
        pressing(team.APPROVER, "approve"),
    ),
    "approve and expiry": (pressing(team.APPROVER, "approve"), time_runs_out),
    "reject and expiry": (pressing(team.APPROVER, "reject"), time_runs_out),
}


def at_once(*acts: Callable[[], object]) -> None:
    """Do things at the same moment, and hand on what they raise."""
    start = threading.Barrier(len(acts))
    raised: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def judged(race: tuple[Act, Act]) -> Breaches:
    clock = a_clock()
    with mortal_harness(story.fill(Cloud(clock=clock)), clock) as play:
        arn = play.scan()
        first, second = race
        at_once(lambda: first(play, arn), lambda: second(play, arn))
        breaches = after_whatever_happened(play, arn, IDLE)
        ending, deleted = play.outcome(arn)["ending"], set(play.deleted)
        one_ending = {"approved": deleted == IDLE, "rejected": not deleted, "expired": not deleted}[ending]
        decisions = [key for _, key in play.posts if key.startswith("decision")]
        return breaches + Breaches(untrue_words=int(not one_ending or len(decisions) > 1))


@pytest.mark.parametrize("name", RACES)
def test_of_two_decisions_at_the_same_moment_one_counts(name: str, every: bool, count: Count) -> None:
    times = 40 if every else 1

    broken = [judged(RACES[name]) for _ in range(times)]

    count("a race", times, sum(broken, Breaches()))
    assert [str(breaches) for breaches in broken if breaches] == []


def two_scans() -> Breaches:
    clock = a_clock()
    with mortal_harness(story.fill(Cloud(clock=clock)), clock) as play:
        arns: list[str] = []

        def scans() -> None:
            arns.append(play.starts({"requested_by": team.ASKER}))

        at_once(scans, scans)
        declined = play.eventually(lambda: [arn for arn in arns if play.is_over(arn)])
        (winner,) = set(arns) - set(declined[:1])
        play.until_asked(winner)
        play.answers(winner, b'{"approved": false, "approver": {"id": "U0APPROVER"}}')
        breaches = after_whatever_happened(play, winner, frozenset())
        told = "already_running" in str(play.result(declined[0]).result)
        return breaches + Breaches(without_an_end=int(len(declined) != 1 or not told))


def test_of_two_scans_at_the_same_moment_one_has_the_region(every: bool, count: Count) -> None:
    times = 40 if every else 2

    broken = [two_scans() for _ in range(times)]

    count("a race", times, sum(broken, Breaches()))
    assert [str(breaches) for breaches in broken if breaches] == []
