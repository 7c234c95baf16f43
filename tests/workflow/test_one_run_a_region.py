"""One run a region: the lock, who is told about the run that has it, and how it is taken over."""

from __future__ import annotations

import json
from typing import Any

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.seen import ended, headline, said_once, told

LOCK = "locks/111122223333/us-west-2.json"


def its(play: Harness, arn: str) -> dict[str, Any]:
    """A run's result."""
    found: dict[str, Any] = json.loads(play.result(arn).result)
    return found


def test_who_asks_while_a_run_waits_is_told_so_with_a_link_the_schedule_in_its_thread_and_nothing_starts(
    play: Harness,
) -> None:
    first = play.scan()
    waiting = play.root
    assert its(play, play.starts())["ending"] == "already_running"
    assert len(play.roots) == 1, "the schedule says so in the thread and nowhere else"
    assert told(play)[-1] == (
        "The scheduled scan of us-west-2 found this run open: 4 versions still wait for a decision until "
        "26 Nov, 11:59 UTC. Nothing new was started."
    )
    second = play.starts({"requested_by": team.OTHER})

    assert its(play, second) == {
        "ending": "already_running",
        "words": f"111122223333, us-west-2 has an open run already: {play.execution(first)}",
    }
    assert headline(play).startswith(
        f"<@{team.OTHER}>: 4 versions in us-west-2 wait for a decision until 26 Nov, 11:59 UTC. Nothing new was"
    )
    assert play.run(first)["permalink"] in play.root.text
    assert play.keys(f"pending/{play.execution(second)}/") == []
    assert play.lock()["execution"] == play.execution(first)

    play.somebody(team.APPROVER).presses(waiting, "approve")
    assert its(play, first)["words"] == "4 deleted, about $21.45 a month"
    said_once(play)


def test_the_schedule_that_meets_a_scan_is_silent(play: Harness) -> None:
    met: list[str] = []
    play.after("discover-snapstart", lambda: met.append(its(play, play.starts())["ending"]))
    play.scan()

    assert met == ["already_running"]
    assert len(play.roots) == 1
    assert len(told(play)) == 1


def test_of_two_runs_that_start_at_the_same_moment_one_scans_and_the_other_is_told(play: Harness) -> None:
    arns = [play.starts({"requested_by": who}) for who in (team.ASKER, team.OTHER)]
    waits = play.eventually(lambda: next((arn for arn in arns if "approval submitter" in play.steps(arn)), None))
    loser = next(arn for arn in arns if arn != waits)

    assert its(play, loser)["ending"] == "already_running"
    assert play.lock()["execution"] == play.execution(waits)
    assert len(play.roots) == 2
    said_once(play)


def test_who_asks_before_the_other_run_has_written_itself_down_is_told_all_the_same(play: Harness) -> None:
    first = play.scan()
    play.cloud.client("s3").delete_object(Bucket="reports", Key=f"pending/{play.execution(first)}/run.json")

    second = play.starts({"requested_by": team.OTHER})

    assert its(play, second)["ending"] == "already_running"
    assert headline(play) == f"<@{team.OTHER}>: us-west-2 is being scanned already. Nothing new was started."


def test_the_lock_is_free_after_the_run_and_the_next_one_takes_it(play: Harness) -> None:
    first = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")
    ended(play, first, as_="rejected", in_words="nothing deleted")

    second = play.scan()

    assert play.lock()["execution"] == play.execution(second)


def test_the_lock_of_an_execution_that_ended_without_releasing_it_is_taken_over(play: Harness) -> None:
    stopped = play.scan()
    play.runner._executor.stop_execution(stopped)
    assert play.lock()["released"] is False

    second = play.scan()

    assert play.lock()["execution"] == play.execution(second)


def test_the_lock_of_an_execution_nobody_remembers_is_taken_over(play: Harness) -> None:
    forgotten = {"execution": "forgotten", "execution_arn": "forgotten/run", "claimed_at": 0, "released": False}
    play.cloud.client("s3").put_object(Bucket="reports", Key=LOCK, Body=json.dumps(forgotten))

    arn = play.scan()

    assert play.lock()["execution"] == play.execution(arn)


OF_BEFORE = "locks/us-west-2.json"
"""Where the release before kept a region's lock."""


def with_a_lock_of_before(play: Harness, first: str, **lock: Any) -> None:
    """Let a run hold its region as the release before wrote that down."""
    held = play.lock() | lock
    play.cloud.client("s3").delete_object(Bucket="reports", Key=LOCK)
    play.cloud.client("s3").put_object(Bucket="reports", Key=OF_BEFORE, Body=json.dumps(held))
    assert held["execution"] == play.execution(first)


def test_a_lock_that_an_open_run_of_the_release_before_holds_is_honoured(play: Harness) -> None:
    first = play.scan()
    with_a_lock_of_before(play, first)

    assert its(play, play.starts({"requested_by": team.OTHER}))["ending"] == "already_running"
    assert play.keys("locks/") == [OF_BEFORE]


def test_a_lock_that_the_release_before_gave_back_holds_nothing(play: Harness) -> None:
    with_a_lock_of_before(play, play.scan(), released=True)

    second = play.scan()

    assert play.lock()["execution"] == play.execution(second)


def test_a_lock_of_the_release_before_whose_run_is_over_holds_nothing(play: Harness) -> None:
    first = play.scan()
    with_a_lock_of_before(play, first)
    play.runner._executor.stop_execution(first)

    second = play.scan()

    assert play.lock()["execution"] == play.execution(second)


def test_a_lock_that_cannot_be_read_is_nobodys_to_take_and_the_result_says_where_it_is(play: Harness) -> None:
    play.cloud.client("s3").put_object(Bucket="reports", Key=LOCK, Body=b'{"half": ')

    result = play.result(play.starts({"requested_by": team.ASKER}))

    assert result.status.value == "FAILED"
    assert "locks/111122223333/us-west-2.json" in result.error.message
    assert headline(play) == "Scan failed, nothing was deleted"
    assert "locks/111122223333/us-west-2.json" in play.root.text


def test_two_regions_are_two_runs(set_stage: Any) -> None:
    play = set_stage(TARGET_REGIONS="us-west-2,eu-west-1")
    play.cloud.in_region("eu-west-1")
    first = play.scan()
    second = play.starts({"region": "eu-west-1", "requested_by": team.ASKER})

    ended(play, second, as_="nothing_to_do", in_words="nothing to clean, 0 versions")
    assert play.lock()["execution"] == play.execution(first)
    assert "there are no versions with SnapStart" in play.root.text
