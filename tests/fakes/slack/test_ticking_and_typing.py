"""What a person sends by ticking a box, choosing from a menu and typing, and how the answers look to them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fakes.slack import Person
from fakes.slack.team import (
    APP,
    APPROVER,
    ASKER,
    ELSEWHERE,
    GUEST,
    REVIEW,
    TEAM,
)
from tests.fakes.slack.builders import (
    checkboxes,
    divider,
    option,
    plain,
)
from tests.fakes.slack.sent import chosen, fields_of, payload_of, post

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
