"""What a person does, and the requests that make of it: signed, shaped as Slack's, with that person's own ticks."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from fakes.slack import Ephemeral, FunctionContext, Message, Person, signature, signed_event
from fakes.slack.function_url import answered
from fakes.slack.team import (
    APP,
    APPROVER,
    ASKER,
    BOT_USER,
    ELSEWHERE,
    GUEST,
    OTHER_TEAM,
    OUTSIDER,
    REVIEW,
    SIGNING_SECRET,
    TEAM,
)
from tests.fakes.slack.builders import (
    Endpoint,
    actions,
    boxes,
    button,
    checkboxes,
    confirm,
    divider,
    option,
    plain,
    section,
)


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def asker(workspace, endpoint):
    return Person(workspace, ASKER, endpoint)


@pytest.fixture
def message(workspace):
    return post(
        workspace,
        boxes("a", "b", ticked=("a", "b")),
        boxes("c", block_id="group-2"),
        actions(
            button("Approve", action_id="approve", value="run-1", confirm=confirm(), style="primary"),
            button("Why held?", action_id="why"),
            block_id="buttons",
        ),
        metadata={"event_type": "run", "event_payload": {"n": 1}},
    )


def post(workspace, *blocks, **more):
    return workspace.post(Message(channel=REVIEW, ts="", user=BOT_USER, app_id=APP, text="text", blocks=blocks, **more))


def body_of(event):
    return base64.b64decode(event["body"])


def fields_of(event):
    return {name: values[0] for name, values in parse_qs(body_of(event).decode(), keep_blank_values=True).items()}


def payload_of(person):
    return json.loads(fields_of(person.sent[-1])["payload"])


def chosen(payload, block_id):
    return [option["value"] for option in payload["state"]["values"][block_id]["boxes"]["selected_options"]]


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


# Ticking.


def test_a_tick_is_sent_at_once_with_the_whole_group(asker, message):
    (answer,) = asker.unticks(message, "a")
    assert answer.status == 200
    (action,) = payload_of(asker)["actions"]
    assert (action["type"], action["action_id"], action["block_id"]) == ("checkboxes", "boxes", "group-1")
    assert [option["value"] for option in action["selected_options"]] == ["b"]
    asker.ticks(message, "a")
    assert [option["value"] for option in payload_of(asker)["actions"][0]["selected_options"]] == ["a", "b"]


def test_several_boxes_are_several_requests(asker, message, endpoint):
    asker.unticks(message, "a", "b")
    assert len(endpoint.events) == 2
    assert asker.ticked(message) == []


def test_a_box_is_found_by_its_value_or_its_text(asker, message):
    asker.unticks(message, "option a")
    assert asker.ticked(message) == ["b"]


def test_a_box_that_is_not_there_can_not_be_ticked(asker, message):
    with pytest.raises(LookupError, match="nothing"):
        asker.ticks(message, "nothing")


MENU = {
    "type": "static_select",
    "action_id": "days",
    "options": [{"text": {"type": "plain_text", "text": f"{n} days"}, "value": str(n)} for n in (30, 90)],
    "initial_option": {"text": {"type": "plain_text", "text": "30 days"}, "value": "30"},
}


@pytest.mark.parametrize("option", ["90", "90 days"])
def test_a_choice_in_a_menu_is_sent_at_once_and_comes_with_every_press_after_it(asker, message, workspace, option):
    posted = workspace.edit(
        replace(message, blocks=[*message.blocks, {"type": "actions", "block_id": "menus", "elements": [MENU]}])
    )
    asker.presses(posted, "Approve")
    untouched = payload_of(asker)["state"]["values"]["menus"]["days"]

    answer = asker.chooses(posted, option)

    assert answer.status == 200
    assert payload_of(asker)["actions"][0]["selected_option"]["value"] == "90"
    asker.presses(posted, "Approve")
    assert untouched["selected_option"]["value"] == "30"
    assert payload_of(asker)["state"]["values"]["menus"]["days"]["selected_option"]["value"] == "90"


def test_an_option_that_is_not_there_can_not_be_chosen(asker, message):
    with pytest.raises(LookupError, match="nothing"):
        asker.chooses(message, "nothing")


def test_each_person_sends_their_own_ticks(asker, workspace, message, endpoint):
    approver = Person(workspace, APPROVER, endpoint)
    asker.unticks(message, "a")
    approver.ticks(message, "c")
    asker.presses(message, "Approve")
    approver.presses(message, "Approve")
    assert (chosen(payload_of(asker), "group-1"), chosen(payload_of(asker), "group-2")) == (["b"], [])
    assert (chosen(payload_of(approver), "group-1"), chosen(payload_of(approver), "group-2")) == (["a", "b"], ["c"])


def test_groups_nobody_touched_may_not_arrive(workspace, message, endpoint):
    person = Person(workspace, ASKER, endpoint, untouched_groups_arrive=False)
    person.presses(message, "Approve")
    assert payload_of(person)["state"]["values"] == {}
    person.unticks(message, "a")
    person.presses(message, "Approve")
    assert set(payload_of(person)["state"]["values"]) == {"group-1"}


@pytest.mark.parametrize(("dispatch", "requests"), [(False, 0), (True, 1)])
def test_boxes_in_an_input_are_sent_only_when_it_dispatches(asker, workspace, endpoint, dispatch, requests):
    group = checkboxes(option("a"))
    message = post(
        workspace,
        {"type": "input", "label": plain(), "element": group, "dispatch_action": dispatch, "block_id": "group-1"},
    )
    asker.ticks(message, "a")
    assert len(endpoint.events) == requests
    assert asker.ticked(message) == ["a"]


# Typing.


def test_a_command_is_sent_as_form_fields(asker, workspace):
    asker.types("/snapstart scan us-west-2  --min-age-days 30 ", channel=REVIEW)
    fields = fields_of(asker.sent[-1])
    assert (fields["command"], fields["text"]) == ("/snapstart", "scan us-west-2  --min-age-days 30")
    assert (fields["user_id"], fields["user_name"], fields["team_id"]) == (ASKER, "asker", TEAM)
    assert (fields["channel_id"], fields["channel_name"]) == (REVIEW, "lambda-review")
    assert fields["api_app_id"] == APP
    assert workspace.trigger(fields["trigger_id"]) is not None


def test_a_command_without_words_has_an_empty_text(asker):
    asker.types("/snapstart", channel=ELSEWHERE)
    fields = fields_of(asker.sent[-1])
    assert (fields["text"], fields["channel_id"]) == ("", ELSEWHERE)


def test_plain_words_are_a_message_and_no_request(asker, workspace, endpoint):
    assert asker.types("good morning", channel=REVIEW) is None
    (message,) = workspace.roots(REVIEW)
    assert (message.text, message.user, message.app_id) == ("good morning", ASKER, None)
    assert endpoint.events == []


def test_a_command_nobody_registered_is_answered_by_slack(asker, endpoint):
    asker.types("/deploy now", channel=REVIEW)
    assert endpoint.events == []
    assert [ephemeral.text for ephemeral in asker.told] == ["`/deploy` is not a valid command."]
    assert asker.told[0].app_id is None


def test_words_in_the_answer_to_a_command_are_shown_privately(asker, endpoint, workspace):
    endpoint.body = "Scanning *us-west-2*"
    asker.types("/snapstart scan", channel=REVIEW)
    (told,) = asker.told
    assert (told.text, told.channel, told.app_id) == ("Scanning *us-west-2*", REVIEW, APP)
    assert workspace.ephemerals(APPROVER) == []


def test_json_in_the_answer_to_a_command_is_a_message(asker, endpoint, workspace):
    endpoint.content_type = "application/json"
    endpoint.body = json.dumps({"response_type": "ephemeral", "text": "Scanning", "blocks": [divider()]})
    asker.types("/snapstart scan", channel=REVIEW)
    assert asker.told[0].blocks[0]["type"] == "divider"
    endpoint.body = json.dumps({"response_type": "in_channel", "text": "Scanning"})
    asker.types("/snapstart scan", channel=REVIEW)
    assert [message.text for message in workspace.roots(REVIEW)] == ["Scanning"]


def test_an_answer_slack_would_refuse_is_shown_as_its_error(asker, endpoint):
    endpoint.content_type = "application/json"
    endpoint.body = json.dumps({"text": "x", "blocks": [{"type": "nonsense"}]})
    asker.types("/snapstart scan", channel=REVIEW)
    assert "invalid_blocks" in asker.told[0].text


def test_an_empty_answer_to_a_command_shows_nothing(asker):
    asker.types("/snapstart scan", channel=REVIEW)
    assert asker.told == []


def test_a_command_answered_with_an_error_looks_failed(asker, endpoint):
    endpoint.status = 500
    asker.types("/snapstart scan", channel=REVIEW)
    assert [ephemeral.text for ephemeral in asker.told] == ["/snapstart failed with the error “dispatch_failed”"]


def test_a_command_answered_after_three_seconds_looks_failed(asker, endpoint, clock):
    endpoint.before_answering = lambda: clock.passes(3.1)
    endpoint.body = "too late to be read"
    asker.types("/snapstart scan", channel=REVIEW)
    assert [ephemeral.text for ephemeral in asker.told] == ["/snapstart failed with the error “operation_timeout”"]


def test_a_press_that_is_not_answered_looks_failed_to_the_person_alone(asker, endpoint, message, workspace):
    endpoint.status = 401
    answer = asker.presses(message, "Why held?")
    assert answer.status == 401
    assert [ephemeral.text for ephemeral in asker.told] == ["This app did not respond."]
    assert workspace.ephemerals(APPROVER) == []


def test_a_press_answered_after_three_seconds_looks_failed(asker, endpoint, message, clock):
    endpoint.before_answering = lambda: clock.passes(3.1)
    asker.presses(message, "Why held?")
    assert [ephemeral.text for ephemeral in asker.told] == ["This app did not respond."]


def test_closing_a_modal_closes_it_on_that_screen_only(asker, workspace):
    for user in (ASKER, GUEST):
        workspace.show_modal(user, APP, {"type": "modal", "title": plain(), "blocks": []})
    asker.closes_modal()
    assert workspace.modal(ASKER) is None
    assert workspace.modal(GUEST) is not None
