"""Slack's own framework takes what these people send, and what it answers reaches them."""

from __future__ import annotations

import time

import pytest
from slack_bolt import App
from slack_bolt.adapter.aws_lambda import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

from fakes.slack import Message, Person
from fakes.slack.team import APP, ASKER, BOT_TOKEN, BOT_USER, REVIEW, SIGNING_SECRET, TEAM
from tests.fakes.slack.builders import actions, boxes, button, divider, modal


@pytest.fixture
def bolt(client, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    return App(
        client=client,
        signing_secret=SIGNING_SECRET,
        process_before_response=True,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token=BOT_TOKEN, bot_user_id=BOT_USER),
    )


@pytest.fixture
def person(workspace, bolt):
    # Bolt reads the time itself, so these requests are signed with the real one.
    workspace.clock = time.time
    return Person(workspace, ASKER, SlackRequestHandler(bolt).handle)


def test_bolt_answers_a_command(person, bolt):
    bolt.command("/snapstart")(lambda ack, command: ack(f"asked for: {command['text']}"))
    person.types("/snapstart scan us-west-2", channel=REVIEW)
    assert [ephemeral.text for ephemeral in person.told] == ["asked for: scan us-west-2"]


def test_bolt_reads_a_press_and_opens_a_modal_for_whoever_pressed(person, bolt, workspace):
    seen = []

    def approve(ack, body, client, respond):
        seen.extend(body["state"]["values"]["group-1"]["boxes"]["selected_options"])
        client.views_open(trigger_id=body["trigger_id"], view=modal(divider()))
        respond("Got it")
        ack()

    bolt.action("boxes")(lambda ack: ack())
    bolt.action("approve")(approve)
    message = workspace.post(
        Message(
            channel=REVIEW,
            ts="",
            user=BOT_USER,
            app_id=APP,
            blocks=[boxes("a", "b", ticked=("a", "b")), actions(button("Approve", action_id="approve"))],
        )
    )
    person.unticks(message, "a")
    person.presses(message, "Approve")
    assert [option["value"] for option in seen] == ["b"]
    assert [ephemeral.text for ephemeral in person.told] == ["Got it"]
    assert workspace.modal(ASKER) is not None


@pytest.mark.usefixtures("person")
def test_bolt_refuses_a_forged_signature(workspace, bolt):
    forger = Person(workspace, ASKER, SlackRequestHandler(bolt).handle, signing_secret="guessed")
    assert forger.types("/snapstart help", channel=REVIEW).status == 401
