from __future__ import annotations

import pytest

from fakes.slack import Message, SlackError, team
from fakes.slack.faults import RateLimited
from orchestrator.domain.checkup import Arrived, Checkup, checkup_key
from orchestrator.slack.message.checkup import checkup_boxes_id, checkup_value
from orchestrator.slack.message.click import CHECKUP, TICKS

EXECUTION = "8f3c2e"
QUESTION = Checkup(execution=EXECUTION, callback_id="Y2FsbGJhY2s=", channel_id=team.REVIEW)


def asks(scene, channel=team.REVIEW):
    """The question stands in the channel, both boxes ticked."""
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("one", "two")]
    boxes = {"type": "checkboxes", "action_id": TICKS, "options": options, "initial_options": options}
    button = {
        "type": "button",
        "action_id": CHECKUP,
        "text": {"type": "plain_text", "text": "Check"},
        "value": checkup_value(EXECUTION),
    }
    scene.stores(checkup_key(EXECUTION), QUESTION.to_dict())
    return scene.workspace.post(
        Message(
            channel=channel,
            ts="",
            user=team.BOT_USER,
            app_id=team.APP,
            text="Please press",
            blocks=[
                {"type": "actions", "block_id": checkup_boxes_id(EXECUTION), "elements": [boxes]},
                {"type": "actions", "block_id": "press", "elements": [button]},
            ],
        )
    )


def presses(scene, who=team.MEMBER, posted=None, *, unticks=(), **how):
    somebody = scene.somebody(who, **how)
    posted = posted or asks(scene)
    somebody.unticks(posted, *unticks)
    somebody.presses(posted, CHECKUP)
    return scene.told(who)[-1]


@pytest.mark.parametrize(
    ("untouched_arrive", "unticks", "ticked"),
    [(True, (), {"one", "two"}), (True, ("one",), {"two"}), (False, (), None), (False, ("one",), {"two"})],
)
def test_what_slack_sent_with_the_press_is_passed_on(scene, untouched_arrive, unticks, ticked):
    told = presses(scene, unticks=unticks, untouched_groups_arrive=untouched_arrive)

    (answer,) = scene.decisions
    assert Arrived.from_dict(answer) == Arrived(ticked=None if ticked is None else frozenset(ticked), by=team.MEMBER)
    assert told.startswith("Got it: what Slack sent with your click is looked at")


def test_the_first_press_counts(scene):
    posted = asks(scene)
    presses(scene, posted=posted)

    assert presses(scene, team.OTHER, posted).startswith("This was pressed already")
    assert len(scene.decisions) == 1


@pytest.mark.parametrize("who", [team.GUEST, team.OUTSIDER])
def test_it_is_for_full_members(scene, who):
    assert presses(scene, who).startswith("Guests and people from other organisations cannot press this.")
    assert scene.decisions == []


def test_a_press_of_another_app_or_channel_counts_for_nothing(scene):
    assert presses(scene, app_id="A0ANOTHER") == "This message belongs to another installation. Nothing changed."
    assert presses(scene, posted=asks(scene, team.ELSEWHERE)).startswith("This can only be decided in")
    assert scene.decisions == []


@pytest.mark.parametrize("fault", [RateLimited(9), SlackError("fatal_error")])
def test_who_cannot_be_checked_presses_for_nothing(scene, fault):
    scene.slack.faults.add("users.info", fault)

    assert presses(scene).startswith("I could not check whether you may decide (Slack: ")
    assert scene.decisions == []


@pytest.mark.parametrize(
    ("stored", "words"), [(b"{", "is not JSON"), (b'{"schema_version": 1}', "the checkup record cannot be read")]
)
def test_a_question_that_cannot_be_read_is_named(scene, stored, words):
    posted = asks(scene)
    scene.stores(checkup_key(EXECUTION), stored)

    assert words in presses(scene, posted=posted)


def test_a_question_that_is_not_there_is_named(scene):
    posted = asks(scene)
    scene.cloud.faults.refuse("GetObject", "NoSuchKey", status=404)

    assert "(AWS: NoSuchKey)" in presses(scene, posted=posted)


def test_an_answer_that_aws_refuses_or_leaves_open_says_so(scene):
    posted = asks(scene)
    scene.cloud.durable = lambda *_: (403, {"X-Amzn-ErrorType": "AccessDeniedException"}, b"{}")
    assert "(AWS: AccessDeniedException)" in presses(scene, posted=posted)

    scene.cloud.durable = lambda *_: (500, {"X-Amzn-ErrorType": "ServiceException"}, b"{}")
    assert "did not say whether it arrived" in presses(scene, posted=posted)


def test_past_the_deadline_nothing_is_sent(scene, slowly):
    scene.deploys(decide_within=0.1)
    posted = asks(scene)
    slowly.aws("GetObject")

    assert presses(scene, posted=posted).startswith("I ran out of time")
    slowly.ends()
    assert scene.decisions == []
