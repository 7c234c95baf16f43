"""A message is gone, cannot be edited, or has no channel: the run ends in words, and its region is free."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.slack import team
from fakes.slack.faults import SlackError
from tests.harness import Harness
from tests.workflow.conftest import SetStage, weekly
from tests.workflow.fleets import a_function, two_pages
from tests.workflow.seen import buttons, ended, headline, told

EDIT_REFUSED = ["cant_update_message", "edit_window_closed", "message_not_found"]


@pytest.mark.parametrize("code", EDIT_REFUSED)
def test_a_decision_that_cannot_be_shown_where_it_was_made_is_posted_anew(play: Harness, code: str) -> None:
    arn = play.scan()
    asked = play.root
    play.after("record-decision", lambda: play.slack.faults.add("chat.update", SlackError(code), times=1))
    play.somebody(team.APPROVER).presses(asked, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")

    assert play.root.ts != asked.ts
    assert headline(play) == "4 of 4 versions deleted, about $21.45 a month less"
    assert f"<@{team.APPROVER}> approved 4 of 4 versions" in told(play)[0]


def test_the_next_page_is_asked_in_a_new_message_when_the_first_is_gone(set_stage: SetStage) -> None:
    play = set_stage(two_pages)
    arn = play.scan()
    first = play.root
    play.after("close-page", lambda: play.workspace.delete(team.REVIEW, play.root.ts))
    play.somebody(team.APPROVER).presses(first, "reject")

    asked = play.until_asked(arn, page=2)
    assert asked.ts != first.ts
    assert play.record(f"pending/{play.execution(arn)}/page-2.json")["message_ts"] == asked.ts
    play.somebody(team.APPROVER).presses(asked, "reject")

    ended(play, arn, as_="rejected", in_words="nothing deleted")


def test_what_nobody_decided_in_a_channel_that_is_gone_ends_in_words_on_record_and_frees_the_region(
    play: Harness,
) -> None:
    arn = play.scan()
    channel = play.workspace.channels[team.REVIEW]
    play.workspace.put(replace(channel, is_archived=True))
    play.nobody_decides(arn)

    result = play.result(arn)

    assert result.status.value == "FAILED"
    assert "Slack: is_archived" in result.error.message
    assert play.run(arn)["ending_words"] == result.error.message
    assert play.deleted == []
    assert play.lock()["released"]


def test_whoever_meets_a_question_whose_message_is_gone_is_told_how_to_end_it(play: Harness) -> None:
    play.scan()
    play.workspace.delete(team.REVIEW, play.root.ts)
    hint = "Its message was deleted; `/snapstart stop us-west-2` ends it."

    assert "already_running" in play.result(weekly(play)).result
    assert "found this run open: 4 versions still wait" in play.root.text
    assert play.root.text.endswith(hint)

    asker = play.somebody(team.ASKER)
    asker.types("/snapstart scan", channel=team.REVIEW)
    assert asker.told[-1].text.endswith(f"Nothing new was started. {hint}")


def test_an_expired_question_whose_message_is_gone_leaves_no_buttons(play: Harness) -> None:
    arn = play.scan()
    play.workspace.delete(team.REVIEW, play.root.ts)
    play.nobody_decides(arn)

    ended(play, arn, as_="expired", in_words="nothing deleted")

    assert buttons(play) == []


# What is known of deletes that broke off


def test_the_sum_of_a_run_holds_every_delete_that_was_made_whatever_could_be_written(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=6))
    arn = play.scan()

    def the_record_closes() -> None:
        play.cloud.faults.deny("PutObject", where=lambda given: "page-1.json" in str(given))

    play.cloud.faults.meanwhile("DeleteFunction", the_record_closes, nth=3)
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    results = {r["version"]: r["outcome"] for r in play.outcome(arn)["results"]}
    assert results == {**dict.fromkeys("123", "deleted"), **dict.fromkeys("456", "untouched")}
    assert len(play.deleted) == 3


def test_a_policy_of_the_organisation_that_keeps_one_function_is_told_in_the_words_of_aws(play: Harness) -> None:
    arn = play.scan()
    words = (
        "User: cleaner is not authorized to perform: lambda:DeleteFunction with an explicit deny in a service control"
    )
    play.cloud.faults.refuse("DeleteFunction", "AccessDeniedException", words, status=403, function="mailer")
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="3 deleted, 1 failed, about $17.55 a month")

    assert "explicit deny in a service control" in told(play)[-1]
