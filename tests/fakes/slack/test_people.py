"""What a person sends by pressing a button: signed, shaped as Slack's, with that person's own ticks."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from fakes.slack import Ephemeral, FunctionContext, Person, signature, signed_event
from fakes.slack.function_url import answered
from fakes.slack.team import (
    APP,
    ASKER,
    OTHER_TEAM,
    OUTSIDER,
    REVIEW,
    SIGNING_SECRET,
    TEAM,
)
from tests.fakes.slack.builders import (
    actions,
    boxes,
    button,
    option,
    section,
)
from tests.fakes.slack.sent import body_of, chosen, fields_of, payload_of, post

# The request.


def test_a_request_is_a_function_url_event_that_slacks_own_verifier_accepts(asker, message, clock):
    asker.presses(message, "Why held?")
    event = asker.sent[-1]
    assert (event["version"], event["rawPath"], event["isBase64Encoded"]) == ("2.0", "/", True)
    assert event["requestContext"]["http"]["method"] == "POST"
    assert all(name == name.lower() for name in event["headers"])
    verifier = SignatureVerifier(SIGNING_SECRET, clock=SimpleNamespace(now=clock))
    assert verifier.is_valid_request(body_of(event), event["headers"])


def test_the_endpoint_gets_a_context_as_lambda_gives_it(asker, message, endpoint):
    asker.presses(message, "Why held?")
    ((_, context),) = endpoint.events
    assert isinstance(context, FunctionContext)
    assert context.invoked_function_arn.endswith(":live")
    assert context.get_remaining_time_in_millis() > 3000


def test_another_secret_makes_a_signature_that_does_not_fit(workspace, message, endpoint):
    forger = Person(workspace, ASKER, endpoint, signing_secret="guessed")
    forger.presses(message, "Why held?")
    event = forger.sent[-1]
    timestamp = event["headers"]["x-slack-request-timestamp"]
    assert event["headers"]["x-slack-signature"] == signature("guessed", timestamp, body_of(event))
    assert event["headers"]["x-slack-signature"] != signature(SIGNING_SECRET, timestamp, body_of(event))


def test_a_person_with_a_clock_of_their_own_signs_with_it(workspace, message, endpoint):
    late = Person(workspace, ASKER, endpoint, clock=lambda: 1_000.0)
    late.presses(message, "Why held?")
    assert late.sent[-1]["headers"]["x-slack-request-timestamp"] == "1000"


def test_a_replay_is_the_same_request_byte_for_byte(asker, message, clock):
    asker.presses(message, "Why held?")
    clock.passes(60)
    asker.repeats()
    first, second = asker.sent
    assert (first["body"], first["headers"]) == (second["body"], second["headers"])
    assert second["requestContext"]["timeEpoch"] - first["requestContext"]["timeEpoch"] == 60_000, "it arrives later"


def test_what_the_handler_does_to_its_event_does_not_reach_the_record(workspace, message):
    def careless(event, _):
        event["headers"].clear()
        return {"statusCode": 200}

    person = Person(workspace, ASKER, careless)
    person.presses(message, "Why held?")
    assert person.sent[-1]["headers"]


def test_what_the_handler_raises_comes_through(workspace, message):
    def broken(_event, _context):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Person(workspace, ASKER, broken).presses(message, "Why held?")


def test_a_hostile_event_is_a_proper_one_with_one_thing_wrong():
    event = signed_event(
        b"payload=1",
        SIGNING_SECRET,
        timestamp="abc",
        headers={"x-slack-signature": None, "content-type": "text/html"},
        isBase64Encoded=False,
        body="raw",
    )
    assert "x-slack-signature" not in event["headers"]
    assert event["headers"]["content-type"] == "text/html"
    assert event["headers"]["x-slack-request-timestamp"] == "abc"
    assert (event["body"], event["isBase64Encoded"]) == ("raw", False)


@pytest.mark.parametrize(
    ("result", "status", "text"),
    [
        ({"statusCode": 200, "body": "ok"}, 200, "ok"),
        ({"statusCode": 401, "headers": {"X": "y"}}, 401, ""),
        ({"statusCode": 200, "body": base64.b64encode(b"ok").decode(), "isBase64Encoded": True}, 200, "ok"),
        ({"hello": 1}, 200, '{"hello": 1}'),
        (None, 200, "null"),
    ],
)
def test_a_handlers_return_value_is_read_as_a_function_url_reads_it(result, status, text):
    answer = answered(result)
    assert (answer.status, answer.text) == (status, text)


# Pressing.


def test_a_press_tells_who_where_on_what_and_which_button(asker, message, workspace):
    asker.presses(message, "approve")
    payload = payload_of(asker)
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": ASKER, "username": "asker", "name": "asker", "team_id": TEAM}
    assert payload["team"] == {"id": TEAM, "domain": workspace.domain}
    assert payload["api_app_id"] == APP
    assert payload["channel"] == {"id": REVIEW, "name": "lambda-review"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": REVIEW,
        "is_ephemeral": False,
    }
    (action,) = payload["actions"]
    assert (action["type"], action["action_id"], action["block_id"]) == ("button", "approve", "buttons")
    assert (action["value"], action["style"], action["text"]["text"]) == ("run-1", "primary", "Approve")
    assert action["confirm"]["title"]["text"] == "text"
    assert action["action_ts"]


def test_a_button_is_found_by_its_id_or_its_text(asker, message):
    asker.presses(message, "why")
    asker.presses(message, "Why held?")
    assert [json.loads(fields_of(event)["payload"])["actions"][0]["action_id"] for event in asker.sent] == ["why"] * 2


def test_a_button_that_is_not_there_can_not_be_pressed(asker, message):
    with pytest.raises(LookupError, match="Approve"):
        asker.presses(message, "Delete everything")


def test_a_button_beside_a_section_can_be_pressed(asker, workspace):
    message = post(workspace, section(accessory=button("Open", action_id="open")))
    asker.presses(message, "Open")
    assert payload_of(asker)["actions"][0]["action_id"] == "open"


def test_a_declined_confirm_dialog_sends_nothing(asker, message, endpoint):
    assert asker.presses(message, "Approve", confirmed=False) is None
    assert endpoint.events == []


def test_a_button_without_a_dialog_needs_no_confirming(asker, message):
    assert asker.presses(message, "Why held?", confirmed=False) is not None


def test_a_press_carries_the_servers_copy_of_the_message_and_the_persons_ticks(asker, message):
    asker.unticks(message, "a")
    asker.presses(message, "Approve")
    payload = payload_of(asker)
    posted = payload["message"]["blocks"][0]["elements"][0]["initial_options"]
    assert [option["value"] for option in posted] == ["a", "b"]
    assert chosen(payload, "group-1") == ["b"]
    assert payload["message"]["metadata"]["event_payload"] == {"n": 1}


def test_a_screen_that_has_not_caught_up_sends_its_old_blocks_state(asker, message, workspace):
    workspace.edit(replace(message, blocks=[boxes("z", block_id="group-9")]))
    asker.presses(message, "Approve")
    payload = payload_of(asker)
    assert set(payload["state"]["values"]) == {"group-1", "group-2"}
    assert [block["block_id"] for block in payload["message"]["blocks"]] == ["group-9"]


def test_a_press_in_a_thread_names_the_thread(asker, message, workspace):
    reply = post(workspace, actions(button("Press")), thread_ts=message.ts)
    asker.presses(reply, "Press")
    assert payload_of(asker)["container"]["thread_ts"] == message.ts


def test_a_press_on_a_private_message_says_so_and_carries_no_message(asker, workspace):
    shown = workspace.whisper(
        Ephemeral(channel=REVIEW, ts="", user=ASKER, app_id=APP, blocks=[actions(button("Press"))])
    )
    asker.presses(shown, "Press")
    payload = payload_of(asker)
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload


def test_a_private_channel_is_called_privategroup(asker, message, workspace):
    workspace.put(replace(workspace.channels[REVIEW], is_private=True))
    asker.presses(message, "Why held?")
    assert payload_of(asker)["channel"]["name"] == "privategroup"


def test_an_outsider_comes_with_their_own_team(workspace, message, endpoint):
    outsider = Person(workspace, OUTSIDER, endpoint)
    outsider.presses(message, "Why held?")
    payload = payload_of(outsider)
    assert payload["user"]["team_id"] == OTHER_TEAM
    assert payload["team"]["id"] == TEAM


def test_another_installation_can_be_played(workspace, message, endpoint):
    foreign = Person(workspace, ASKER, endpoint, app_id="A0FOREIGN", team_id="T0FOREIGN")
    foreign.presses(message, "Why held?")
    payload = payload_of(foreign)
    assert (payload["api_app_id"], payload["team"]["id"]) == ("A0FOREIGN", "T0FOREIGN")
    foreign.types("/snapstart help", channel=REVIEW)
    fields = fields_of(foreign.sent[-1])
    assert (fields["api_app_id"], fields["team_id"]) == ("A0FOREIGN", "T0FOREIGN")


def test_a_tampering_client_can_send_what_was_never_offered(asker, message):
    forged = {"values": {"group-1": {"boxes": {"type": "checkboxes", "selected_options": [option("evil")]}}}}
    asker.presses(message, "Approve", instead={"state": forged})
    assert chosen(payload_of(asker), "group-1") == ["evil"]


def test_the_trigger_and_the_response_url_of_a_press_are_good_ones(asker, message, workspace, slack):
    asker.presses(message, "Why held?")
    payload = payload_of(asker)
    assert workspace.trigger(payload["trigger_id"]).user == ASKER
    assert payload["response_url"].startswith(slack.workspace.base_url)
    assert WebhookClient(payload["response_url"]).send(text="psst").status_code == 200
    assert [ephemeral.text for ephemeral in asker.told] == ["psst"]
