"""Modals, files and response URLs, as slack_sdk's own clients meet them."""

from __future__ import annotations

import urllib.request

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from fakes.slack import WebApi
from fakes.slack.team import (
    APP,
    ASKER,
    MEMBER,
    REVIEW,
)
from tests.fakes.slack.builders import boxes, divider, modal, section
from tests.fakes.slack.calling import error_of, post

# views.open


def test_a_modal_opens_on_the_screen_of_whoever_clicked(client, workspace):
    trigger = workspace.new_trigger(ASKER, APP)
    client.views_open(trigger_id=trigger.id, view=modal(section("why"), title="Why held"))
    assert workspace.modal(ASKER).view["title"]["text"] == "Why held"
    assert workspace.modal(MEMBER) is None


def test_a_trigger_opens_one_modal(client, workspace):
    trigger = workspace.new_trigger(ASKER, APP)
    client.views_open(trigger_id=trigger.id, view=modal(divider()))
    assert error_of(client.views_open, trigger_id=trigger.id, view=modal(divider())) == "exchanged_trigger_id"


def test_a_trigger_lives_three_seconds(client, workspace, clock):
    trigger = workspace.new_trigger(ASKER, APP)
    clock.passes(3.1)
    assert error_of(client.views_open, trigger_id=trigger.id, view=modal(divider())) == "expired_trigger_id"


def test_a_made_up_trigger_is_invalid(client):
    assert error_of(client.views_open, trigger_id="1.2.3", view=modal(divider())) == "invalid_trigger_id"


def test_a_modal_slack_would_refuse_keeps_the_trigger_good(client, workspace):
    trigger = workspace.new_trigger(ASKER, APP)
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger.id, view=modal(title="x" * 25))
    answer = refused.value.response
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] /view/title/text: 25 characters, at most 24"]
    assert client.views_open(trigger_id=trigger.id, view=modal(divider()))


# Files


def test_a_file_is_uploaded_into_a_thread_with_its_comment(client, workspace):
    root = post(client)
    client.files_upload_v2(
        channel=REVIEW,
        thread_ts=root,
        filename="report.csv",
        title="All versions",
        content="a,b\n1,2\n",
        initial_comment="Scan finished",
    )
    (reply,) = workspace.thread(REVIEW, root)
    file = workspace.files[reply.files[0]]
    assert reply.text == "Scan finished"
    assert (file.name, file.title, file.content) == ("report.csv", "All versions", b"a,b\n1,2\n")


def test_an_uploaded_file_can_be_downloaded(client):
    client.files_upload_v2(channel=REVIEW, filename="report.csv", content="a,b\n")
    (message,) = client.conversations_history(channel=REVIEW)["messages"]
    with urllib.request.urlopen(message["files"][0]["url_private"]) as response:  # noqa: S310 - our own loopback
        assert response.read() == b"a,b\n"
        assert "report.csv" in response.headers["Content-Disposition"]


def test_a_file_that_was_announced_but_never_uploaded_can_not_be_shared(client, workspace):
    file_id = client.files_getUploadURLExternal(filename="report.csv", length=3)["file_id"]
    refused = error_of(client.files_completeUploadExternal, files=[{"id": file_id}], channel_id=REVIEW)
    assert refused == "file_not_found"
    assert workspace.messages(REVIEW) == []


def test_an_upload_of_another_length_than_announced_is_refused(workspace):
    api = WebApi(workspace)
    file = workspace.new_file(APP, "report.csv", 3)
    assert api.answer("POST", f"/upload/v1/{file.id}", {}, b"12345").status == 400
    assert api.answer("POST", f"/upload/v1/{file.id}", {}, b"123").text == "OK - 3"


@pytest.mark.parametrize("length", [0, "many"])
def test_a_file_has_a_length(client, length):
    refused = error_of(client.files_getUploadURLExternal, filename="report.csv", length=length)
    assert refused == "invalid_arguments"


def test_a_file_can_not_be_shared_in_a_thread_that_is_not_there(client, workspace):
    with pytest.raises(SlackApiError, match="thread_not_found"):
        client.files_upload_v2(channel=REVIEW, thread_ts="1.000000", filename="report.csv", content="a")
    assert workspace.messages(REVIEW) == []


# Response URLs


def answer_to(workspace, **about):
    return WebhookClient(workspace.new_response_url(ASKER, APP, REVIEW, **about))


@pytest.mark.usefixtures("slack")
def test_a_response_url_answers_privately_unless_told_otherwise(workspace):
    url = answer_to(workspace)
    assert url.send(text="psst").body == "ok"
    url.send(text="hear ye", response_type="in_channel")
    assert [ephemeral.text for ephemeral in workspace.ephemerals(ASKER)] == ["psst"]
    assert [message.text for message in workspace.roots(REVIEW)] == ["hear ye"]


@pytest.mark.usefixtures("slack")
def test_a_response_url_takes_five_answers(workspace):
    url = answer_to(workspace)
    answers = [url.send(text=str(n)) for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert answers[5].body == "used_url"


@pytest.mark.usefixtures("slack")
def test_a_response_url_lives_thirty_minutes(workspace, clock):
    url = answer_to(workspace)
    clock.passes(30 * 60 + 1)
    assert url.send(text="late").body == "expired_url"


def test_a_response_url_replaces_the_message_clicked_on(client, workspace):
    ts = post(client, "before", blocks=[boxes("a")])
    answer_to(workspace, message_ts=ts).send(text="after", blocks=[divider()], replace_original=True)
    assert workspace.message(REVIEW, ts).text == "after"


def test_a_response_url_replaces_a_private_message(client, workspace):
    ts = client.chat_postEphemeral(channel=REVIEW, user=ASKER, text="before")["message_ts"]
    answer_to(workspace, message_ts=ts, is_ephemeral=True).send(text="after", replace_original=True)
    assert [ephemeral.text for ephemeral in workspace.ephemerals(ASKER)] == ["after"]


def test_a_response_url_deletes_the_message_clicked_on(client, workspace):
    ts = post(client)
    answer_to(workspace, message_ts=ts).send(delete_original=True)
    assert workspace.message(REVIEW, ts) is None


def test_a_response_url_deletes_a_private_message(client, workspace):
    ts = client.chat_postEphemeral(channel=REVIEW, user=ASKER, text="before")["message_ts"]
    answer_to(workspace, message_ts=ts, is_ephemeral=True).send(delete_original=True)
    assert workspace.ephemerals(ASKER) == []


@pytest.mark.parametrize("is_ephemeral", [False, True])
@pytest.mark.usefixtures("slack")
def test_what_is_gone_can_not_be_replaced(workspace, is_ephemeral):
    url = answer_to(workspace, message_ts="1.000000", is_ephemeral=is_ephemeral)
    assert url.send(text="x", replace_original=True).body == "message_not_found"


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"delete_original": True}, "message_not_found"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "replace_original": True}, "message_not_found"),
    ],
)
def test_a_response_url_is_as_strict_as_the_api(workspace, given, error):
    answer = answer_to(workspace).send(**given)
    assert (answer.status_code, answer.body) == (400, error)
