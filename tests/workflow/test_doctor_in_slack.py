"""`/snapstart doctor` in Slack: ticks, presses, approvers, scopes; and what a run says until it has passed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fakes.slack import team
from fakes.slack.faults import SlackError
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.examined import (
    DOCTOR,
    LOOKED_AFTER,
    TOPIC,
    everything,
    examines,
    lines,
    presses,
)
from tests.workflow.seen import buttons, told


@pytest.fixture
def play(set_stage: SetStage) -> Harness:
    return set_stage(everything, **LOOKED_AFTER)


# Slack


def test_ticks_that_do_not_arrive_fail_and_say_how_to_approve_all_the_same(play: Harness) -> None:
    presses(play, examines(play), untouched_groups_arrive=False)

    (line,) = lines(play)["fails"]
    assert "they have to untick and tick one box in each group" in line


def test_boxes_that_somebody_touched_prove_nothing(play: Harness) -> None:
    arn = examines(play)
    play.somebody(team.MEMBER).unticks(play.root, "first")
    presses(play, arn)

    (line,) = lines(play)["unknown"]
    assert "The boxes were changed before the click" in line


def test_an_answer_that_no_press_gave_proves_nothing(play: Harness) -> None:
    arn = examines(play)
    play.runner.send_callback_success(
        play.record(f"pending/{play.execution(arn)}/checkup.json")["callback_id"], b'{"ticked": 7}'
    )
    play.result(arn)

    assert len(lines(play)["unknown"]) == 1


def test_when_nobody_presses_within_the_hour_that_is_said(play: Harness) -> None:
    nobody_presses(play)

    assert lines(play)["unknown"] == [
        "Nobody pressed the button within an hour, so whether untouched ticks arrive is not known."
    ]
    assert buttons(play) == []


@pytest.mark.parametrize("who", [team.GUEST, team.OUTSIDER])
def test_only_full_members_may_press(play: Harness, who: str) -> None:
    arn = examines(play)
    somebody = play.somebody(who)
    somebody.presses(play.root, "checkup")

    assert not play.is_over(arn)
    assert len(somebody.told) == 1
    presses(play, arn)


def changes_member(play: Harness, who: str, **to: Any) -> None:
    play.workspace.members[who] = replace(play.workspace.members[who], **to)


def test_approvers_of_whom_nobody_is_active_are_named(play: Harness) -> None:
    for who in (team.APPROVER, team.OTHER):
        changes_member(play, who, deleted=True)
    presses(play, examines(play))

    assert lines(play)["fails"] == ["Nobody active stands behind S0ONCALL. Correct Approvers, or the group in Slack."]


def test_a_group_with_one_active_member_is_enough(play: Harness) -> None:
    changes_member(play, team.APPROVER, deleted=True)
    presses(play, examines(play))

    assert lines(play)["fails"] == []


def test_a_group_that_is_not_there_is_not_known(set_stage: SetStage) -> None:
    play = set_stage(everything, APPROVERS="S0NOBODY")
    presses(play, examines(play))

    assert lines(play)["unknown"] == ["Whether S0NOBODY can be reached is not known (Slack: no_such_subteam)."]


def test_nobody_who_may_approve_fails_and_anybody_passes(set_stage: SetStage) -> None:
    play = set_stage(everything, APPROVERS="")
    presses(play, examines(play))
    assert "Approvers is empty" in lines(play)["fails"][0]

    play = set_stage(everything, APPROVERS="*")
    presses(play, examines(play))
    assert "Any full member of the channel may approve." in lines(play)["passes"]


def without_scope(play: Harness, scope: str) -> None:
    app = play.workspace.apps[team.APP]
    play.workspace.apps[team.APP] = replace(app, scopes=tuple(one for one in app.scopes if one != scope))


def test_a_scope_that_is_missing_is_named_with_what_it_is_for(play: Harness) -> None:
    without_scope(play, "files:write")
    presses(play, examines(play))

    assert lines(play)["fails"][0].startswith("The app lacks files:write to attach the report.")


def test_a_token_that_slack_does_not_take_is_said_privately_and_nothing_is_started(play: Harness) -> None:
    play.slack.faults.add("auth.test", SlackError("token_revoked"))
    asker = play.somebody(team.ASKER)
    asker.types("/snapstart doctor", channel=team.REVIEW)

    assert "Slack does not accept the bot's token (Slack: token_revoked). Install the app again" in asker.told[-1].text
    assert (play.runs, play.roots) == ([], [])


def test_replies_that_cannot_be_read_are_named_with_what_to_do(play: Harness) -> None:
    arn = examines(play)
    play.slack.faults.add("conversations.replies", SlackError("missing_scope", {"needed": "channels:history"}))
    presses(play, arn)

    (line,) = lines(play)["fails"]
    assert line.startswith("A reply cannot be read back from its thread: ")
    assert "channels:history" in line
    assert "Check the scopes, and that no retention rule or app removes messages." in line


def test_where_the_message_cannot_be_posted_who_asked_is_told_privately_what_was_found(play: Harness) -> None:
    channel = play.workspace.channels[team.REVIEW]
    play.workspace.channels[team.REVIEW] = replace(channel, is_archived=True)
    address = play.workspace.new_response_url(team.ASKER, team.APP, team.REVIEW)
    arn = play.starts({"kind": "doctor", "requested_by": team.ASKER, "response_url": address})
    result = play.result(arn)

    assert result.status.value == "FAILED"
    (said,) = play.workspace.ephemerals(team.ASKER)
    assert "The test could not be finished: Slack: the review channel is archived" in said.text
    assert ":white_check_mark: Records can be written" in said.text
    assert play.keys(DOCTOR) == []


def test_the_part_that_needs_no_click_ends_by_itself_and_leaves_what_was_known_before(play: Harness) -> None:
    result = json.loads(play.result(play.starts({"kind": "doctor", "click": False})).result)

    assert result["words"] == "10 lines pass"
    assert play.roots == []
    assert play.keys(DOCTOR) == []


def test_a_request_that_makes_no_sense_is_refused_in_words(play: Harness) -> None:
    result = play.result(play.starts({"kind": "doctor", "click": "perhaps"}))

    assert json.loads(result.result)["ending"] == "refused"


# What a run says of it


def first_reply(play: Harness) -> str:
    play.scan()
    return told(play)[0]


def test_a_run_that_deletes_says_so_until_this_release_has_passed(play: Harness) -> None:
    assert "type `/snapstart doctor` before you approve" in first_reply(play)
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.eventually(lambda: play.lock()["released"])

    presses(play, examines(play))

    assert "doctor" not in first_reply(play)


def test_a_pass_of_another_release_does_not_count(play: Harness) -> None:
    presses(play, examines(play))
    passed = play.record(DOCTOR)
    play.cloud.client("s3").put_object(
        Bucket="reports", Key=DOCTOR, Body=json.dumps({**passed, "release_id": "the one before"}).encode()
    )

    assert "type `/snapstart doctor`" in first_reply(play)


def nobody_presses(play: Harness) -> None:
    """Somebody asks for the doctor, and nobody presses its button."""
    arn = examines(play)
    asked = play.record(f"pending/{play.execution(arn)}/checkup.json")
    play.runner._executor._on_callback_timeout(arn, asked["callback_id"])
    play.result(arn)


def test_a_later_test_that_nobody_pressed_takes_no_pass_away_and_one_that_fails_does(play: Harness) -> None:
    presses(play, examines(play))
    nobody_presses(play)
    assert play.record(DOCTOR)["passed"] is True

    play.cloud.subscriptions[TOPIC] = 0
    nobody_presses(play)
    assert play.record(DOCTOR)["passed"] is False


def test_a_run_that_deletes_nothing_says_nothing_of_it(set_stage: SetStage) -> None:
    assert "doctor" not in first_reply(set_stage(DELETE_DRY_RUN="true"))
