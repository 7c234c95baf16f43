"""Two things at the same moment, on threads of their own: one of them wins, and everybody is told the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import pytest

from fakes.slack import team
from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import MortalHarness, mortal_story
from tests.faults.law import Breaches, after_whatever_happened

IDLE = story.SAFE | {"orders-api:2", "orders-api:3"}
Act = Callable[[MortalHarness, str], object]


def pressing(who: str, button: str) -> Act:
    return lambda play, _arn: play.somebody(who).presses(play.root, button)


def time_runs_out(play: MortalHarness, arn: str) -> None:
    opened = play.record(f"pending/{play.execution(arn)}/page-1.json")
    play.runner._executor._on_callback_timeout(arn, opened["callback_id"])


def stopping(play: MortalHarness, _arn: str) -> None:
    """Type the command that ends a run, and let the run that carries it out come to its end."""
    play.somebody(team.OTHER).types("/snapstart stop us-west-2", channel=team.REVIEW)
    for started in play.runs:
        play.result(started)


def pausing(play: MortalHarness, _arn: str) -> None:
    """Type the command that lets nothing be deleted any more."""
    play.somebody(team.OTHER).types("/snapstart pause", channel=team.REVIEW)
    for started in play.runs:
        play.result(started)


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
ENDED_FROM_OUTSIDE: Mapping[str, tuple[Act, Act]] = {
    "approve and stop": (pressing(team.APPROVER, "approve"), stopping),
    "reject and stop": (pressing(team.APPROVER, "reject"), stopping),
    "expiry and stop": (time_runs_out, stopping),
    "approve and pause": (pressing(team.APPROVER, "approve"), pausing),
}
MAY_LEAVE_SOME = frozenset({"approve and stop", "approve and pause"})
"""Races in which what was approved and is not deleted yet may be held back."""


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


def judged(race: tuple[Act, Act], *, may_leave_some: bool = False) -> Breaches:
    with mortal_story() as play:
        arn = play.scan()
        first, second = race
        at_once(lambda: first(play, arn), lambda: second(play, arn))
        breaches = after_whatever_happened(play, arn, IDLE)
        ending, deleted = play.outcome(arn)["ending"], set(play.deleted)
        all_gone = deleted == IDLE or may_leave_some
        unharmed = dict.fromkeys(["rejected", "expired", "stopped", "stopped_here"], not deleted)
        one_ending = ({"approved": all_gone} | unharmed)[ending]
        decisions = [key for _, key in play.posts if key.startswith("decision")]
        return breaches + Breaches(untrue_words=int(not one_ending or len(decisions) > 1))


@pytest.mark.a_few(2)
@pytest.mark.parametrize("name", RACES)
def test_of_two_decisions_at_the_same_moment_one_counts(name: str, every: bool, count: Count) -> None:
    times = 40 if every else 1

    broken = [judged(RACES[name]) for _ in range(times)]

    count("a race", times, sum(broken, Breaches()))
    assert [str(breaches) for breaches in broken if breaches] == []


@pytest.mark.a_few(2)
@pytest.mark.parametrize("name", ENDED_FROM_OUTSIDE)
def test_a_stop_or_a_pause_beside_a_decision_leaves_one_ending_and_deletes_nothing_more(
    name: str, every: bool, count: Count
) -> None:
    times = 3 if every else 1

    broken = [judged(ENDED_FROM_OUTSIDE[name], may_leave_some=name in MAY_LEAVE_SOME) for _ in range(times)]

    count("a stop or a pause", times, sum(broken, Breaches()))
    assert [str(breaches) for breaches in broken if breaches] == []


def two_scans() -> Breaches:
    with mortal_story() as play:
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
    times = 40 if every else 1

    broken = [two_scans() for _ in range(times)]

    count("a race", times, sum(broken, Breaches()))
    assert [str(breaches) for breaches in broken if breaches] == []
