"""The Web API as slack_sdk's own client meets it: who may call, what is posted and edited, what is refused how."""

from __future__ import annotations

import json

import pytest
import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from fakes.slack import App, WebApi
from fakes.slack.team import (
    APP,
    ASKER,
    BOT_TOKEN,
    BOT_USER,
    DEACTIVATED,
    MEMBER,
    ONCALL,
    REVIEW,
    ROBOT,
    SCOPES,
)
from tests.fakes.slack.builders import divider, header, section
from tests.fakes.slack.calling import METADATA, change_app, change_channel, error_of, post, texts

# Who calls, and may they.


def test_auth_test_says_whose_token_it_is(client, workspace):
    answer = client.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (BOT_USER, workspace.team_id)


def test_a_call_without_a_token_is_not_authed(slack):
    assert error_of(WebClient(base_url=slack.api_url).auth_test) == "not_authed"


def test_an_unknown_token_is_invalid(slack):
    assert error_of(WebClient("xoxb-other", base_url=slack.api_url).auth_test) == "invalid_auth"


def test_a_revoked_token_is_named_so(client, workspace):
    change_app(workspace, token_revoked=True)
    assert error_of(client.auth_test) == "token_revoked"


def test_a_method_this_slack_does_not_have_is_unknown(client):
    assert error_of(client.reactions_list) == "unknown_method"


@pytest.mark.parametrize(
    ("scope", "call"),
    [
        ("chat:write", lambda client: client.chat_postMessage(channel=REVIEW, text="x")),
        ("chat:write", lambda client: client.chat_update(channel=REVIEW, ts="1.0", text="x")),
        ("chat:write", lambda client: client.chat_postEphemeral(channel=REVIEW, user=ASKER, text="x")),
        ("channels:history", lambda client: client.conversations_history(channel=REVIEW)),
        ("channels:history", lambda client: client.conversations_replies(channel=REVIEW, ts="1.0")),
        ("channels:read", lambda client: client.conversations_info(channel=REVIEW)),
        ("users:read", lambda client: client.users_info(user=ASKER)),
        ("usergroups:read", lambda client: client.usergroups_list()),
        ("usergroups:read", lambda client: client.usergroups_users_list(usergroup=ONCALL)),
        ("files:write", lambda client: client.files_getUploadURLExternal(filename="a", length=1)),
        ("files:write", lambda client: client.files_completeUploadExternal(files=[{"id": "F"}])),
    ],
)
def test_a_method_without_its_scope_says_what_is_needed_and_what_was_granted(client, workspace, scope, call):
    change_app(workspace, scopes=tuple(granted for granted in SCOPES if granted != scope))
    with pytest.raises(SlackApiError) as refused:
        call(client)
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == scope
    assert scope not in refused.value.response["provided"].split(",")


def test_a_private_channel_needs_the_scopes_for_groups(client, workspace):
    change_channel(workspace, is_private=True)
    change_app(workspace, scopes=tuple(scope for scope in SCOPES if not scope.startswith("groups:")))
    assert error_of(client.conversations_history, channel=REVIEW) == "missing_scope"
    assert error_of(client.conversations_info, channel=REVIEW) == "missing_scope"


def test_the_cast_holds_the_scopes_and_commands_of_the_manifest(workspace, request):
    manifest = yaml.safe_load((request.config.rootpath / "manifest.yaml").read_text())
    assert set(SCOPES) == set(manifest["oauth_config"]["scopes"]["bot"])
    assert list(workspace.app.commands) == [entry["command"] for entry in manifest["features"]["slash_commands"]]


# chat.postMessage


def test_a_posted_message_stands_in_the_channel(client, workspace):
    ts = post(client, "hello", blocks=[header("Hi")], metadata=METADATA)
    message = workspace.message(REVIEW, ts)
    assert (message.text, message.app_id, message.user) == ("hello", APP, BOT_USER)
    assert message.blocks[0]["text"]["text"] == "Hi"
    assert message.metadata == METADATA


def test_a_form_with_json_in_its_fields_posts_as_well(client, workspace):
    answer = client.api_call(
        "chat.postMessage", params={"channel": REVIEW, "text": "x", "blocks": json.dumps([header("Hi")])}
    )
    assert workspace.message(REVIEW, answer["ts"]).blocks[0]["text"]["text"] == "Hi"


def test_arguments_slack_does_not_know_are_ignored(client):
    assert post(client, client_msg_id="anything", unfurl_links=False, nonsense="x")


def test_a_reply_goes_to_its_parent(client, workspace):
    root = post(client)
    reply = post(client, thread_ts=root)
    assert [message.ts for message in workspace.thread(REVIEW, root)] == [reply]


@pytest.mark.parametrize("parent", ["1.000000", "reply"])
def test_a_reply_to_nothing_or_to_a_reply_is_refused(client, parent):
    root = post(client)
    reply = post(client, thread_ts=root)
    ts = reply if parent == "reply" else parent
    assert error_of(client.chat_postMessage, channel=REVIEW, text="x", thread_ts=ts) == "thread_not_found"


def test_an_unknown_channel_is_not_found(client):
    assert error_of(client.chat_postMessage, channel="C0NOWHERE", text="x") == "channel_not_found"


def test_a_channel_the_bot_is_not_in_takes_no_message_without_the_scope_for_it(client, workspace):
    change_channel(workspace, members=(ASKER,))
    assert error_of(client.chat_postMessage, channel=REVIEW, text="x") == "not_in_channel"
    change_app(workspace, scopes=(*SCOPES, "chat:write.public"))
    assert post(client)


def test_a_private_channel_the_bot_is_not_in_does_not_exist_for_it(client, workspace):
    change_channel(workspace, members=(ASKER,), is_private=True)
    assert error_of(client.chat_postMessage, channel=REVIEW, text="x") == "channel_not_found"
    assert error_of(client.conversations_info, channel=REVIEW) == "channel_not_found"


def test_an_archived_channel_takes_no_message_and_no_edit(client, workspace):
    ts = post(client)
    change_channel(workspace, is_archived=True)
    assert error_of(client.chat_postMessage, channel=REVIEW, text="x") == "is_archived"
    assert error_of(client.chat_update, channel=REVIEW, ts=ts, text="x") == "is_inactive"


def test_a_message_without_text_or_blocks_is_refused(client):
    assert error_of(client.api_call, api_method="chat.postMessage", json={"channel": REVIEW, "text": " "}) == "no_text"


def test_forty_thousand_characters_of_text_are_the_most(client):
    assert post(client, "x" * 40_000)
    assert error_of(client.chat_postMessage, channel=REVIEW, text="x" * 40_001) == "msg_too_long"


def test_blocks_slack_would_refuse_come_back_with_every_problem_named(client, workspace):
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=REVIEW, text="x", blocks=[header("x" * 151), {"type": "nonsense"}])
    answer = refused.value.response
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"][0] == "[ERROR] /blocks/0/text/text: 151 characters, at most 150"
    assert len(answer["response_metadata"]["messages"]) == 2
    assert workspace.messages(REVIEW) == []


@pytest.mark.parametrize("blocks", ["{not json", "3", '{"type": "divider"}'])
def test_blocks_that_are_no_array_have_the_wrong_format(client, blocks):
    assert error_of(client.chat_postMessage, channel=REVIEW, text="x", blocks=blocks) == "invalid_blocks_format"


def test_all_blocks_of_a_message_together_have_a_limit_on_their_text(client):
    blocks = [section("x" * 2640) for _ in range(5)]
    posted = post(client, blocks=blocks)
    too_many = [*blocks, section("x")]

    assert error_of(client.chat_postMessage, channel=REVIEW, text="x", blocks=too_many) == "msg_blocks_too_long"
    assert error_of(client.chat_update, channel=REVIEW, ts=posted, text="x", blocks=too_many) == "msg_blocks_too_long"


def test_an_edit_takes_four_thousand_bytes_of_text_and_a_post_takes_more(client):
    posted = post(client, text="é" * 2500)

    def edit(text):
        return error_of(client.chat_update, channel=REVIEW, ts=posted, text=text)

    assert client.chat_update(channel=REVIEW, ts=posted, text="é" * 2000)["ok"]
    assert edit("é" * 2000 + "x") == "msg_too_long"


@pytest.mark.parametrize("metadata", [{"event_type": "x"}, {"event_type": 1, "event_payload": {}}, "x"])
def test_metadata_needs_a_type_and_a_payload(client, metadata):
    refused = error_of(client.chat_postMessage, channel=REVIEW, text="x", metadata=metadata)
    assert refused == "invalid_metadata_format"


def test_metadata_has_a_largest_size(client):
    large = {"event_type": "x", "event_payload": {"x": "x" * 16_000}}
    assert error_of(client.chat_postMessage, channel=REVIEW, text="x", metadata=large) == "metadata_too_large"


# chat.update


def test_an_edit_keeps_what_it_does_not_name(client, workspace):
    ts = post(client, "before", blocks=[header("Hi")], metadata=METADATA)
    client.chat_update(channel=REVIEW, ts=ts, text="after")
    message = workspace.message(REVIEW, ts)
    assert message.text == "after"
    assert message.blocks[0]["text"]["text"] == "Hi"
    assert message.metadata == METADATA
    assert message.edited_ts is not None


def test_an_edit_with_blocks_alone_keeps_the_text(client, workspace):
    ts = post(client, "before", blocks=[header("Hi")])
    client.api_call("chat.update", json={"channel": REVIEW, "ts": ts, "blocks": [divider()]})
    message = workspace.message(REVIEW, ts)
    assert (message.text, message.blocks[0]["type"]) == ("before", "divider")


def test_empty_blocks_and_empty_metadata_clear(client, workspace):
    ts = post(client, blocks=[header("Hi")], metadata=METADATA)
    client.chat_update(channel=REVIEW, ts=ts, text="x", blocks=[], metadata={})
    message = workspace.message(REVIEW, ts)
    assert (list(message.blocks), message.metadata) == ([], None)


def test_a_message_that_is_not_there_can_not_be_edited(client):
    assert error_of(client.chat_update, channel=REVIEW, ts="1.000000", text="x") == "message_not_found"


def test_another_apps_message_can_not_be_edited(client, slack, workspace):
    workspace.put(
        App(
            id="A0OTHERAPP",
            name="other",
            bot_id="B0OTHER",
            bot_user_id=ROBOT,
            token="xoxb-another",
            signing_secret="other",
            scopes=SCOPES,
        )
    )
    ts = post(WebClient("xoxb-another", base_url=slack.api_url))
    assert error_of(client.chat_update, channel=REVIEW, ts=ts, text="x") == "cant_update_message"


def test_an_edit_with_invalid_blocks_changes_nothing(client, workspace):
    ts = post(client, "before")
    refused = error_of(client.chat_update, channel=REVIEW, ts=ts, text="after", blocks=[divider()] * 51)
    assert refused == "invalid_blocks"
    assert workspace.message(REVIEW, ts).text == "before"


# chat.postEphemeral, chat.getPermalink


def test_an_ephemeral_message_is_shown_to_one_person_and_listed_nowhere(client, workspace):
    client.chat_postEphemeral(channel=REVIEW, user=ASKER, text="psst")
    assert [ephemeral.text for ephemeral in workspace.ephemerals(ASKER)] == ["psst"]
    assert workspace.ephemerals(MEMBER) == []
    assert texts(client.conversations_history(channel=REVIEW)) == []


def test_an_ephemeral_message_can_stand_in_a_thread(client, workspace):
    root = post(client)
    client.chat_postEphemeral(channel=REVIEW, user=ASKER, text="psst", thread_ts=root)
    assert workspace.ephemerals(ASKER)[0].thread_ts == root


def test_an_ephemeral_message_needs_its_reader_in_the_channel(client):
    refused = error_of(client.chat_postEphemeral, channel=REVIEW, user=DEACTIVATED, text="psst")
    assert refused == "user_not_in_channel"


def test_an_ephemeral_message_can_not_be_edited(client):
    ts = client.chat_postEphemeral(channel=REVIEW, user=ASKER, text="psst")["message_ts"]
    assert error_of(client.chat_update, channel=REVIEW, ts=ts, text="x") == "message_not_found"


def test_a_permalink_leads_to_the_message_and_to_its_thread(client, workspace):
    root = post(client)
    reply = post(client, thread_ts=root)
    link = client.chat_getPermalink(channel=REVIEW, message_ts=root)["permalink"]
    assert link == f"{workspace.base_url}/archives/{REVIEW}/p{root.replace('.', '')}"
    assert f"thread_ts={root}" in client.chat_getPermalink(channel=REVIEW, message_ts=reply)["permalink"]
    assert error_of(client.chat_getPermalink, channel=REVIEW, message_ts="1.000000") == "message_not_found"


# Bodies no client sends.


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b"{not json", "invalid_json"),
        ("application/json; charset=utf-8", b"[1]", "json_not_object"),
        ("application/x-www-form-urlencoded", b"\xff\xfe", "invalid_form_data"),
    ],
)
def test_a_body_that_can_not_be_read_is_refused(workspace, content_type, body, error):
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Content-Type": content_type}
    answer = WebApi(workspace).answer("POST", "/api/chat.postMessage", headers, body)
    assert json.loads(answer.body) == {"ok": False, "error": error}


def test_a_response_url_takes_json_only(workspace):
    path = workspace.new_response_url(ASKER, APP, REVIEW).removeprefix(workspace.base_url)
    assert WebApi(workspace).answer("POST", path, {}, b"text=x").status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("POST", "/api"), ("POST", "/response/none"), ("GET", "/files/none/x"), ("POST", "/upload/v1/none")],
)
def test_an_address_that_is_not_slacks_is_not_found(workspace, method, path):
    assert WebApi(workspace).answer(method, path, {}, b"").status == 404
