"""What the Web API tells of channels, threads and people, as slack_sdk's own client meets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.slack import Channel
from fakes.slack.team import (
    ASKER,
    DEACTIVATED,
    GUEST,
    ONCALL,
    OTHER_TEAM,
    OUTSIDER,
    REVIEW,
    ROBOT,
)
from tests.fakes.slack.calling import METADATA, change_channel, error_of, post, texts

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
