"""The Web API as slack_sdk's own client meets it: what it answers, and what it refuses with which code."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace

import pytest
import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from fakes.slack import App, Channel, WebApi
from fakes.slack.team import (
    APP,
    ASKER,
    BOT_TOKEN,
    BOT_USER,
    DEACTIVATED,
    GUEST,
    MEMBER,
    ONCALL,
    OTHER_TEAM,
    OUTSIDER,
    REVIEW,
    ROBOT,
    SCOPES,
)
from tests.fakes.slack.builders import boxes, divider, header, modal, section

METADATA = {"event_type": "snapstart_run", "event_payload": {"run": "8f3c2e"}}


def error_of(call, **arguments):
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return refused.value.response["error"]


def change_channel(workspace, **changes):
    workspace.put(replace(workspace.channels[REVIEW], **changes))


def change_app(workspace, **changes):
    workspace.put(replace(workspace.app, **changes))


def post(client, text="text", **more):
    return client.chat_postMessage(channel=REVIEW, text=text, **more)["ts"]


def texts(response):
    return [message["text"] for message in response["messages"]]


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


# conversations.history, conversations.replies, conversations.info


def test_history_lists_the_channel_newest_first_without_replies(client):
    root = post(client, "first")
    post(client, "reply", thread_ts=root)
    post(client, "shout", thread_ts=root, reply_broadcast=True)
    post(client, "second")
    listed = client.conversations_history(channel=REVIEW)
    assert texts(listed) == ["second", "shout", "first"]
    assert listed["messages"][2]["reply_count"] == 2


def test_history_tells_metadata_in_full_only_when_asked(client):
    post(client, metadata=METADATA)
    (bare,) = client.conversations_history(channel=REVIEW)["messages"]
    (full,) = client.conversations_history(channel=REVIEW, include_all_metadata=True)["messages"]
    assert bare["metadata"] == {"event_type": "snapstart_run"}
    assert full["metadata"] == METADATA


def test_history_looks_from_oldest_to_latest_without_the_edges_unless_inclusive(client, clock):
    stamps = []
    for name in "abc":
        stamps.append(post(client, name))
        clock.passes(1)
    a, _, c = stamps
    assert texts(client.conversations_history(channel=REVIEW, oldest=a)) == ["c", "b"]
    assert texts(client.conversations_history(channel=REVIEW, oldest=a, latest=c)) == ["b"]
    inclusive = client.conversations_history(channel=REVIEW, oldest=a, latest=c, inclusive=True)
    assert texts(inclusive) == ["c", "b", "a"]


def test_two_messages_a_microsecond_apart_are_told_apart(client):
    first, _ = post(client, "first"), post(client, "second")
    assert texts(client.conversations_history(channel=REVIEW, oldest=first)) == ["second"]


def test_history_comes_in_pages(client):
    for name in "abcde":
        post(client, name)
    pages = [texts(page) for page in client.conversations_history(channel=REVIEW, limit=2)]
    assert pages == [["e", "d"], ["c", "b"], ["a"]]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": 0}, "invalid_limit"),
        ({"limit": "many"}, "invalid_limit"),
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "now"}, "invalid_ts_latest"),
    ],
)
def test_history_refuses_what_it_can_not_read(client, arguments, error):
    post(client)
    assert error_of(client.conversations_history, channel=REVIEW, **arguments) == error


def test_history_of_a_channel_the_bot_is_not_in_is_refused(client, workspace):
    change_channel(workspace, members=(ASKER,))
    assert error_of(client.conversations_history, channel=REVIEW) == "not_in_channel"


def test_replies_come_after_their_parent_oldest_first(client):
    root = post(client, "root")
    for name in "ab":
        post(client, name, thread_ts=root)
    assert texts(client.conversations_replies(channel=REVIEW, ts=root)) == ["root", "a", "b"]
    pages = [texts(page) for page in client.conversations_replies(channel=REVIEW, ts=root, limit=2)]
    assert pages == [["root", "a"], ["b"]]


def test_replies_tell_metadata_in_full_only_when_asked(client):
    root = post(client)
    post(client, thread_ts=root, metadata=METADATA)
    bare = client.conversations_replies(channel=REVIEW, ts=root)["messages"][1]
    full = client.conversations_replies(channel=REVIEW, ts=root, include_all_metadata=True)["messages"][1]
    assert "event_payload" not in bare["metadata"]
    assert full["metadata"] == METADATA


def test_the_replies_to_nothing_are_not_found(client):
    assert error_of(client.conversations_replies, channel=REVIEW, ts="1.000000") == "thread_not_found"


def test_a_channel_shared_with_others_says_so(client, workspace):
    assert not client.conversations_info(channel=REVIEW)["channel"]["is_ext_shared"]
    change_channel(workspace, is_ext_shared=True)
    shared = client.conversations_info(channel=REVIEW)["channel"]
    assert shared["is_ext_shared"]
    assert shared["is_shared"]


def test_a_public_channel_is_told_of_without_being_in_it(client, workspace):
    workspace.put(Channel(id="C0LOUNGE", name="lounge", members=()))
    assert client.conversations_info(channel="C0LOUNGE")["channel"]["is_member"] is False


# users.info, usergroups


def test_users_info_tells_guests_outsiders_and_bots_apart(client):
    assert client.users_info(user=GUEST)["user"]["is_ultra_restricted"]
    assert client.users_info(user=OUTSIDER)["user"]["is_stranger"]
    assert client.users_info(user=OUTSIDER)["user"]["team_id"] == OTHER_TEAM
    assert client.users_info(user=ROBOT)["user"]["is_bot"]
    assert not client.users_info(user=ASKER)["user"]["is_restricted"]


def test_a_deactivated_member_has_no_guest_flags(client):
    user = client.users_info(user=DEACTIVATED)["user"]
    assert user["deleted"]
    assert "is_restricted" not in user


def test_an_unknown_user_is_not_found(client):
    assert error_of(client.users_info, user="U0NOBODY") == "user_not_found"


def test_user_groups_are_listed_with_their_members_when_asked(client, workspace):
    (group,) = client.usergroups_list()["usergroups"]
    assert (group["id"], group["handle"]) == (ONCALL, "platform-oncall")
    assert "users" not in group
    (full,) = client.usergroups_list(include_users=True)["usergroups"]
    members = list(workspace.groups[ONCALL].members)
    assert full["users"] == client.usergroups_users_list(usergroup=ONCALL)["users"] == members


def test_a_disabled_user_group_is_gone_unless_asked_for(client, workspace):
    workspace.put(replace(workspace.groups[ONCALL], disabled=True))
    assert client.usergroups_list()["usergroups"] == []
    assert client.usergroups_list(include_disabled=True)["usergroups"][0]["date_delete"] != 0
    assert error_of(client.usergroups_users_list, usergroup=ONCALL) == "no_such_subteam"
    assert client.usergroups_users_list(usergroup=ONCALL, include_disabled=True)["users"]


def test_an_unknown_user_group_is_refused(client):
    assert error_of(client.usergroups_users_list, usergroup="S0NONE") == "no_such_subteam"


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
