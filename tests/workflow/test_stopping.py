"""`/snapstart stop`: no run is out of reach, and a stop ends it in words."""

from typing import Any

import pytest

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import two_pages
from tests.workflow.seen import buttons, headline


def types(play: Harness, text: str, who: str = team.APPROVER) -> Any:
    """Somebody types a command in the review channel, and the run that it starts comes to its end."""
    before = set(play.runs)
    answer = play.somebody(who).types(f"/snapstart {text}", channel=team.REVIEW)
    for arn in set(play.runs) - before:
        play.result(arn)
    return answer


def whispers(play: Harness, who: str = team.APPROVER) -> list[str]:
    return [seen.text for seen in play.workspace.ephemerals(who)]


def test_a_question_that_waits_is_closed_in_its_own_words_and_nothing_is_remembered(play: Harness) -> None:
    arn = play.scan()
    types(play, "stop us-west-2")

    assert play.result(arn).status.value == "SUCCEEDED"
    assert buttons(play) == []
    assert headline(play) == "Stopped: all 4 versions stay"
    assert play.deleted == []
    assert not any(play.record(key)["keeps"] for key in play.keys("memory/1"))
    assert play.record("locks/111122223333/us-west-2.json")["released"]
    assert any("the question about 111122223333, us-west-2 is closed" in said for said in whispers(play))


def test_who_asked_may_stop_their_own_run_without_being_an_approver_and_somebody_else_may_not(play: Harness) -> None:
    arn = play.scan()
    types(play, "stop", who=team.MEMBER)
    assert not play.is_over(arn)
    assert "approve" in buttons(play)

    types(play, "stop", who=team.ASKER)
    assert play.result(arn).status.value == "SUCCEEDED"
    assert play.deleted == []


def test_a_run_whose_message_was_deleted_is_ended_and_its_region_is_free_again(play: Harness) -> None:
    arn = play.scan()
    play.workspace.delete(play.root.channel, play.root.ts)
    types(play, "stop us-west-2")

    assert play.result(arn).status.value == "SUCCEEDED"
    assert play.record("locks/111122223333/us-west-2.json")["released"]


def test_a_run_whose_page_cannot_be_read_is_stopped_from_outside(play: Harness) -> None:
    arn = play.scan()
    key = f"pending/{play.execution(arn)}/page-1.json"
    play.cloud.client("s3").put_object(Bucket="reports", Key=key, Body=b"{")
    types(play, "stop us-west-2")

    assert play.is_over(arn)
    assert play.run(arn)["ending"] == "stopped"
    assert headline(play) == "Stopped: nothing in us-west-2 is deleted by this run"
    assert buttons(play) == []


def test_what_is_not_deleted_yet_when_somebody_stops_stays_and_says_why(play: Harness) -> None:
    arn = play.scan()
    play.after("record-decision", lambda: types(play, "stop us-west-2"))
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    assert play.deleted == []
    assert {result["reason"] for result in play.outcome(arn)["results"]} == {"stopped by @approver"}


@pytest.mark.parametrize(("decision", "ending"), [("approve", "approved"), ("reject", "rejected")])
def test_a_stop_a_moment_after_a_decision_leaves_the_run_its_own_words(
    play: Harness, decision: str, ending: str
) -> None:
    arn = play.scan()
    play.after("approval", lambda: types(play, "stop us-west-2"))
    play.somebody(team.APPROVER).presses(play.root, decision)
    play.result(arn)

    assert play.deleted == []
    assert play.outcome(arn)["ending"] == ending
    assert any("answered a moment ago" in said for said in whispers(play))


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        ("approve", "Stopped after 0 of 50 versions"),
        ("reject", "Stopped before anything was deleted"),
    ],
)
def test_a_stop_while_a_page_is_carried_out_lets_no_later_page_be_asked(
    set_stage: SetStage, decision: str, told: str
) -> None:
    play = set_stage(two_pages)
    arn = play.scan()
    play.after("record-decision", lambda: types(play, "stop us-west-2"))
    play.somebody(team.APPROVER).presses(play.root, decision)
    result = play.result(arn)

    assert result.status.value == "SUCCEEDED"
    assert "approval-2 submitter" not in play.steps(arn)
    assert (play.outcome(arn)["ending"], play.outcome(arn)["words"]) == (
        "stopped",
        f"stopped by @approver, {'50 skipped' if decision == 'approve' else 'nothing deleted'}",
    )
    assert headline(play) == told
    assert "2 versions of later pages were not asked about" in play.root.text
    assert play.deleted == []


def test_later_pages_are_not_asked_after_a_stop(set_stage: SetStage) -> None:
    play = set_stage(two_pages)
    arn = play.scan()
    types(play, "stop")
    result = play.result(arn)

    assert result.status.value == "SUCCEEDED"
    assert "approval-2 submitter" not in play.steps(arn)


def test_where_nothing_is_open_that_is_said(play: Harness) -> None:
    types(play, "stop us-west-2")

    assert any("open" in said for said in whispers(play)), whispers(play)


@pytest.mark.parametrize("request_", [{"region": "mars-1"}, {"execution": "no such run"}])
def test_a_stop_that_means_nothing_is_refused(play: Harness, request_: dict[str, str]) -> None:
    result = play.result(play.starts({"kind": "stop", "requested_by": team.APPROVER, **request_}))

    assert "refused" in str(result.result)
