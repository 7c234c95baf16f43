"""Slack that does not answer, refuses or loses things: the run ends in words wherever words can still be said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fakes.slack import team
from fakes.slack.faults import ConnectionLost, RateLimited, ServerError, SlackError
from tests.harness import Harness
from tests.workflow.seen import ended, headline, ticks, told


def says(words: str) -> Callable[[Mapping[str, object]], bool]:
    """Whether a call carries these words."""
    return lambda arguments: words in str(arguments.get("text", ""))


def test_a_slack_that_is_down_before_the_first_word_fails_the_run_before_anything_is_asked_of_aws(
    play: Harness,
) -> None:
    play.slack.faults.add("*", ServerError(503))
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="failed", in_words="Slack: HTTP 503 (conversations.info)", failed=True)

    assert play.cloud.calls["ListFunctions"] == 0
    assert play.roots == []


def test_a_slack_that_comes_back_in_time_makes_no_difference(play: Harness) -> None:
    play.slack.faults.add("*", ServerError(503), times=4)
    arn = play.scan()
    play.slack.faults.add("chat.update", ConnectionLost(), times=4)
    play.slack.faults.add("chat.postMessage", ConnectionLost(), times=4)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_a_scan_that_cannot_be_announced_does_not_begin(play: Harness) -> None:
    play.slack.faults.add("chat.postMessage", SlackError("restricted_action"))
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="failed", in_words="Slack: restricted_action (chat.postMessage)", failed=True)

    assert play.cloud.calls["ListFunctions"] == 0


def test_candidates_that_cannot_be_shown_are_not_deleted_and_the_message_says_what_failed(play: Harness) -> None:
    play.slack.faults.add("chat.update", ConnectionLost(), when=says("idle Lambda versions?"))
    arn = play.starts({"requested_by": team.ASKER})

    words = "Slack: could not be reached (RemoteDisconnected) (chat.update)"
    ended(play, arn, as_="unheard", in_words=words, failed=True)

    assert play.deleted == []
    assert headline(play) == "Scan failed, nothing was deleted"
    assert told(play)[-1].startswith(f"<@{team.ASKER}> The run in us-west-2 failed; nothing was deleted. What")


def test_candidates_nobody_can_be_told_of_are_taken_back(play: Harness) -> None:
    play.slack.faults.add("chat.postMessage", SlackError("restricted_action"), when=says("Scan finished"))
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="unheard", in_words="Slack: restricted_action (chat.postMessage)", failed=True)

    assert headline(play) == "Run failed, nothing was deleted"


@pytest.mark.parametrize("button", ["approve", "reject"])
def test_a_decision_that_cannot_be_shown_is_carried_out_and_told_when_slack_is_back(play: Harness, button: str) -> None:
    arn = play.scan()
    play.after("record-decision", lambda: play.slack.faults.add("*", ServerError(503)))
    play.after("close-page", play.slack.faults.clear)
    play.somebody(team.APPROVER).presses(play.root, button)

    if button == "approve":
        ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")
        assert told(play)[-2].startswith(f"<@{team.APPROVER}> approved 4 of 4 versions")
    else:
        ended(play, arn, as_="rejected", in_words="nothing deleted")


def test_a_decision_that_can_never_be_shown_ends_in_words_that_are_true_of_both_and_a_later_click_is_told(
    play: Harness,
) -> None:
    arn = play.scan()
    play.slack.faults.add("chat.update", ServerError(500))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    result = play.result(arn)

    assert result.status.value == "FAILED"
    assert result.error.message == "Slack: HTTP 500 (chat.update); before that 4 deleted"
    assert len(play.deleted) == 4
    run = play.run(arn)
    assert (run["status"], run["ending"]) == ("ended", "failed")
    assert play.outcome(arn, 1)["action"] == "approve", "the decision is on record"
    assert play.lock()["released"]

    play.slack.faults.clear()
    other = play.somebody(team.OTHER)
    other.presses(play.root, "reject")
    assert "Already decided" in other.told[-1].text or "ended" in other.told[-1].text
    assert len(play.deleted) == 4


def test_progress_that_cannot_be_shown_holds_nothing_up(play: Harness) -> None:
    play.slack.faults.add("chat.update", ServerError(500), when=says("Step"))
    arn = play.scan()
    play.slack.faults.add("chat.update", ServerError(500), when=says("done"))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_a_result_that_cannot_be_said_stands_in_the_execution_and_the_record(play: Harness) -> None:
    arn = play.scan()
    play.after("delete-versions", lambda: play.slack.faults.add("*", ServerError(500)))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    result = play.result(arn)

    words = "Slack: HTTP 500 (chat.update); before that 4 deleted"
    assert (result.status.value, result.error.message) == ("FAILED", words)
    assert len(play.deleted) == 4
    assert play.run(arn)["ending_words"] == words
    assert [page["counts"] for page in play.outcome(arn)["pages"]] == ["4 deleted"]
    assert {result["outcome"] for result in play.outcome(arn, 1)["results"]} == {"deleted"}


def test_a_result_whose_thread_cannot_be_written_to_says_in_the_root_how_many_were_deleted(play: Harness) -> None:
    arn = play.scan()
    play.slack.faults.add("chat.postMessage", SlackError("restricted_action"), when=says("deleted, about"))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    words = "Slack: restricted_action (chat.postMessage); before that 4 deleted"
    ended(play, arn, as_="failed", in_words=words, failed=True)

    assert headline(play) == "Failed after 4 versions were deleted"
    assert "4 versions were deleted before that" in told(play)[-1]


def test_a_csv_that_cannot_be_attached_is_named_where_it_lies(play: Harness) -> None:
    play.slack.faults.add("files.getUploadURLExternal", SlackError("storage_limit_reached"))
    arn = play.scan()

    assert play.workspace.files == {}
    where = f"s3://reports/reports/{play.execution(arn)}.csv"
    assert f"The CSV could not be attached (Slack: storage_limit_reached). It is in {where}." in told(play)[0]
    assert play.keys("reports/") == [f"reports/{play.execution(arn)}.csv", f"reports/{play.execution(arn)}.json"]


def test_a_post_whose_answer_was_lost_is_found_and_not_made_twice(play: Harness) -> None:
    play.slack.faults.add("chat.postMessage", ConnectionLost(done=True), times=2)
    arn = play.scan()
    play.slack.faults.add("chat.postMessage", ServerError(504, done=True), times=2)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")

    assert len(play.roots) == 1
    assert len(told(play)) == 3


def test_a_slack_that_asks_to_wait_is_waited_for(play: Harness) -> None:
    play.slack.faults.add("chat.postMessage", RateLimited(30), times=2)
    play.slack.faults.add("chat.update", RateLimited(30), times=2)
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")

    ended(play, arn, as_="rejected", in_words="nothing deleted")


def test_blocks_that_slack_does_not_take_are_sent_with_fewer(play: Harness) -> None:
    def with_a_table(arguments: Mapping[str, object]) -> bool:
        return "column_settings" in str(arguments.get("blocks"))

    play.slack.faults.add("chat.update", SlackError("invalid_blocks"), when=with_a_table)
    play.scan()

    assert "table" not in [block["type"] for block in play.root.blocks]
    assert headline(play) == "Delete 4 idle Lambda versions? Saves about $21.45 a month"


def rows(play: Harness) -> int:
    """How many boxes the newest message has."""
    return len(ticks(play))


def has_more_boxes_than(most: int) -> Callable[[Mapping[str, object]], bool]:
    """Whether a call carries a message with more boxes than that."""

    def many(arguments: Mapping[str, object]) -> bool:
        blocks: Any = arguments.get("blocks") or []
        drawn = json.loads(blocks) if isinstance(blocks, str) else blocks
        groups = [element for block in drawn for element in block.get("elements", ()) if "options" in element]
        return sum(len(group["options"]) for group in groups if group["type"] == "checkboxes") > most

    return many


def test_a_page_that_slack_does_not_take_is_asked_as_smaller_pages(play: Harness) -> None:
    play.slack.faults.add("chat.update", SlackError("msg_too_long"), when=has_more_boxes_than(2))
    arn = play.starts({"requested_by": team.ASKER})
    play.eventually(lambda: play.roots and "page 1 of 2" in headline(play))
    assert rows(play) == 2
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.until_asked(arn, page=2)
    assert rows(play) == 2
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


@pytest.mark.parametrize("asker", [team.ASKER, None], ids=["somebody asked", "the schedule"])
def test_where_slack_takes_not_even_one_row_the_run_ends_in_words_and_waits_for_nobody(
    play: Harness, asker: str | None
) -> None:
    for method in ("chat.update", "chat.postMessage"):
        play.slack.faults.add(method, SlackError("msg_blocks_too_long"), when=has_more_boxes_than(0))
    arn = play.starts({"requested_by": asker})

    words = "page 1 with 1 version could not be asked: Slack does not take the message (Slack: msg_blocks_too_long)"
    ended(play, arn, as_="unheard", in_words=words, failed=True)

    assert play.deleted == []
    assert words in play.root.text


@pytest.mark.parametrize("when", ["while it waits", "amid the deletes"])
def test_a_message_somebody_removed_is_followed_by_one_that_says_how_it_ended(play: Harness, when: str) -> None:
    arn = play.scan()
    shown = play.root
    if when == "while it waits":
        play.workspace.delete(team.REVIEW, shown.ts)
        play.nobody_decides(arn)
    else:
        play.after("delete-versions", lambda: play.workspace.delete(team.REVIEW, shown.ts))
        play.somebody(team.APPROVER).presses(shown, "approve")

    if when == "while it waits":
        ended(play, arn, as_="expired", in_words="nothing deleted")
        assert headline(play) == "Expired: nobody decided, nothing was deleted"
    else:
        ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")
        assert headline(play) == "4 of 4 versions deleted, about $21.45 a month less"
    assert len(told(play)) == 1
