from __future__ import annotations

import pytest

from fakes.slack import team, view_problems
from fakes.slack.faults import ConnectionLost, SlackError
from tests.bot.scene import two_groups
from tests.builders import a_held

LATE = "Slack gave up waiting before I could answer. Please press *Why held?* again."


def asks_why(scene, who=team.MEMBER, page=None):
    posted = scene.waits(page)
    scene.somebody(who).presses(posted, "Why held?")
    return scene.workspace.modal(who)


@pytest.mark.parametrize("who", [team.MEMBER, team.GUEST, team.APPROVER, team.OUTSIDER])
def test_anyone_in_the_channel_is_shown_why(scene, who):
    scene.records(a_held())

    modal = asks_why(scene, who)

    assert modal.view["title"]["text"] == "Why held"
    assert view_problems(modal.view) == []
    assert "*3 of 10 versions are held.*" in str(modal.view)
    assert scene.told(who) == []
    assert scene.decisions == []


@pytest.mark.parametrize(
    "fault", [SlackError("expired_trigger_id"), SlackError("exchanged_trigger_id"), ConnectionLost()]
)
def test_a_modal_that_slack_no_longer_opens_asks_for_another_press(scene, fault):
    scene.records(a_held())
    scene.slack.faults.add("views.open", fault)

    assert asks_why(scene) is None
    assert scene.told(team.MEMBER) == [LATE]


def test_an_answer_that_takes_too_long_asks_for_another_press(scene, slowly):
    scene.records(a_held())
    scene.deploys(decide_within=0.1)
    slowly.aws("GetObject")

    assert asks_why(scene) is None
    assert scene.told(team.MEMBER) == [LATE]


@pytest.mark.parametrize(
    ("stored", "words"), [(None, "AWS: NoSuchKey"), (b'{"schema_version": 9}', "schema_version 9"), (b"{", "not JSON")]
)
def test_a_record_that_cannot_be_read_is_named(scene, stored, words):
    if stored is not None:
        scene.stores(f"pending/{two_groups().execution}/held.json", stored)

    assert asks_why(scene) is None
    assert words in scene.told(team.MEMBER)[0]


def test_in_another_channel_nothing_is_shown(scene):
    scene.records(a_held())

    assert asks_why(scene, page=two_groups(channel_id=team.ELSEWHERE)) is None
    assert scene.told(team.MEMBER) == [f"This can only be decided in <#{team.REVIEW}>. Nothing changed."]
