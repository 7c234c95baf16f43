"""A question that nobody answers is recalled once, and stays one question all the while: no answer is ever lost."""

from __future__ import annotations

import threading

from aws_durable_execution_sdk_python.lambda_service import OperationAction

from fakes.slack import team
from fakes.slack.faults import Meanwhile, SlackError
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function, two_pages
from tests.workflow.seen import ended, headline, told


def reminded(play: Harness, arn: str) -> str:
    """Let the reminder come, and return its words."""
    before = len(told(play))
    play.is_reminded(arn)
    play.eventually(lambda: len(told(play)) > before)
    return told(play)[-1]


def test_a_question_is_recalled_once_a_day_before_it_expires_with_number_money_and_hour(play: Harness) -> None:
    arn = play.scan()

    words = reminded(play, arn)

    assert words == (
        "4 idle versions still wait for a decision until 26 Nov, 11:59 UTC. Until somebody decides they cost about "
        "$21.45 a month. Nothing is deleted when nobody does."
    )
    assert f"{play.clock.now:%a %d %b, %H}" == "Wed 25 Nov, 11"
    assert f"<!subteam^{team.ONCALL}>" not in words

    play.somebody(team.APPROVER).presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_an_answer_in_the_very_moment_of_the_reminder_is_neither_lost_nor_told_that_somebody_else_decided(
    play: Harness,
) -> None:
    arn = play.scan()
    posting, answered = threading.Event(), threading.Event()

    def while_it_is_posted() -> None:
        posting.set()
        answered.wait(10)

    play.slack.faults.add("chat.postMessage", Meanwhile(while_it_is_posted), times=1)
    play.is_reminded(arn)
    assert posting.wait(10)
    approver = play.somebody(team.APPROVER)
    approver.presses(play.root, "approve")
    answered.set()

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")
    assert [words for words in told(play) if "still wait for a decision" in words][1:] == []
    assert approver.told[-1].text.startswith("Got it: 4 of 4 versions.")


def test_a_decided_question_is_not_recalled(play: Harness) -> None:
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.result(arn)

    assert not [words for words in told(play) if "still wait" in words]


def test_a_question_that_costs_nothing_is_not_recalled(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "reports", idle=2, runtime="java21"))
    arn = play.scan()

    assert "approval submitter" in play.steps(arn)
    assert not [c for c in play.checkpoints if c.update.name == "until-the-reminder"]


def test_a_reminder_that_slack_refuses_stops_nothing(play: Harness) -> None:
    arn = play.scan()
    refused = SlackError("invalid_arguments")
    play.slack.faults.add("chat.postMessage", refused, when=lambda given: "reminder" in str(given["metadata"]))
    play.is_reminded(arn)
    play.eventually(lambda: [c for c in play.checkpoints if c.update.action is OperationAction.FAIL])

    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_an_expiry_after_the_reminder_is_an_expiry(play: Harness) -> None:
    arn = play.scan()
    reminded(play, arn)
    play.nobody_decides(arn)

    play.result(arn)
    assert headline(play) == "Expired: nobody decided, nothing was deleted"


def test_the_reminder_speaks_of_what_is_not_decided_yet(set_stage: SetStage) -> None:
    play = set_stage(two_pages)
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.until_asked(arn, page=2)

    assert reminded(play, arn).startswith("2 idle versions still wait for a decision")
