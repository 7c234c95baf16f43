"""A click on the page of a run that is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.slack import SlackError, team
from tests.bot.deciding import FRESH_LIST, SECOND_PAGE, decided, presses
from tests.bot.scene import two_groups

# A run that is over.


def over(scene, status, page=None, **of_run):
    posted = scene.waits(page)
    scene.runs(execution_status=status, status="waiting", message_ts=posted.ts, **of_run)
    return posted


@pytest.mark.parametrize("status", ["STOPPED", "TIMED_OUT", "FAILED", "DELETING", None])
@pytest.mark.parametrize("who", [team.APPROVER, team.MEMBER, team.GUEST])
def test_the_first_click_on_a_run_that_ended_without_words_removes_its_buttons(scene, status, who):
    posted = over(scene, status)
    if status is None:
        scene.engine.statuses.clear()
    scene.engine.closed.add(two_groups().callback_id)

    told = presses(scene, who, posted=posted)

    assert told == f"This run ended without a decision. Nothing was deleted. {FRESH_LIST}"
    assert len(scene.slack.calls_of("chat.update")) == 1
    now = scene.current(posted)
    assert not [block for block in now.blocks if block["type"] in {"actions", "input"}]
    assert "This run ended without a decision" in now.text
    assert (status or "GONE") in now.text


def test_of_a_later_page_only_this_page_is_spoken_of(scene):
    posted = over(scene, "STOPPED", two_groups(**SECOND_PAGE))
    scene.engine.closed.add(two_groups().callback_id)

    assert "Nothing on this page was deleted." in presses(scene, posted=posted)


def test_a_run_that_ended_in_words_but_not_in_slack_is_given_its_last_words(scene):
    posted = scene.waits()
    scene.records(decided(replace(two_groups(), message_ts=posted.ts)))
    scene.runs(execution_status="SUCCEEDED", status="ended", ending="approved", ending_words="9 deleted")

    told = presses(scene, team.MEMBER, posted=posted)

    assert told.startswith("Already decided")
    assert "It ended: 9 deleted." in scene.current(posted).text


def test_a_screen_that_has_not_caught_up_does_not_bring_an_old_message_back(scene):
    posted = scene.waits()
    closed = scene.workspace.edit(replace(posted, text="done", blocks=[]))
    scene.runs(execution_status="SUCCEEDED", status="ended")
    scene.engine.closed.add(two_groups().callback_id)

    presses(scene, posted=posted)

    assert scene.slack.calls_of("chat.update") == []
    assert scene.current(posted) == closed


@pytest.mark.parametrize("status", ["RUNNING", "PAUSING", "PAUSED"])
def test_an_execution_that_may_still_speak_for_itself_keeps_its_message(scene, status):
    posted = scene.waits()
    scene.runs(execution_status=status)
    scene.engine.closed.add(two_groups().callback_id)

    assert presses(scene, posted=posted) == "Somebody decided this a moment ago. Your click changed nothing."
    assert scene.slack.calls_of("chat.update") == []


def test_when_the_last_words_cannot_be_put_the_person_is_answered_all_the_same(scene):
    posted = over(scene, "STOPPED")
    scene.slack.faults.add("chat.update", SlackError("is_archived"))

    assert presses(scene, team.MEMBER, posted=posted).startswith("You cannot decide this.")
