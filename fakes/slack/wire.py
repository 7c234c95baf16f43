"""The shapes Slack's JSON has on the wire, for answers of the Web API and for payloads of interactions."""

from __future__ import annotations

from fakes.slack.things import Channel, Ephemeral, File, Json, Member, Message, UserGroup
from fakes.slack.workspace import Workspace


def message_json(workspace: Workspace, message: Message, *, with_metadata_payload: bool) -> Json:
    """A message as `conversations.history` tells it. Without the payload, metadata is its `event_type` alone."""
    replies = workspace.thread(message.channel, message.ts)
    shape: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.app_id is not None:
        app = workspace.apps[message.app_id]
        shape |= {"bot_id": app.bot_id, "app_id": app.id, "team": workspace.team_id}
        shape["bot_profile"] = {"id": app.bot_id, "app_id": app.id, "name": app.name, "team_id": workspace.team_id}
    if message.blocks:
        shape["blocks"] = list(message.blocks)
    if message.edited_ts is not None:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.files:
        shape["files"] = [file_json(workspace, workspace.files[file]) for file in message.files]
    if message.metadata is not None:
        shape["metadata"] = (
            message.metadata if with_metadata_payload else {"event_type": message.metadata["event_type"]}
        )
    if message.thread_ts is not None:
        shape["thread_ts"] = message.thread_ts
    elif replies:
        shape |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users_count": len({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
            "reply_users": sorted({reply.user for reply in replies}),
        }
    return shape


def ephemeral_json(workspace: Workspace, ephemeral: Ephemeral) -> Json:
    """A private message as a page draws it. Slack has no method that lists them."""
    app = workspace.apps.get(ephemeral.app_id or "")
    return {
        "type": "message",
        "is_ephemeral": True,
        "channel": ephemeral.channel,
        "ts": ephemeral.ts,
        "thread_ts": ephemeral.thread_ts,
        "user": app.bot_user_id if app else "USLACKBOT",
        "text": ephemeral.text,
        "blocks": list(ephemeral.blocks),
    }


def file_json(workspace: Workspace, file: File) -> Json:
    """A file as it stands in a message."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "size": file.length,
        "filetype": file.name.rpartition(".")[2],
        "mode": "hosted",
        "url_private": f"{workspace.base_url}/files/{file.id}/{file.name}",
    }


def member_json(workspace: Workspace, member: Member) -> Json:
    """A member as `users.info` tells it. A deactivated one has no guest flags any more, as with Slack."""
    shape: Json = {
        "id": member.id,
        "team_id": member.team_id or workspace.team_id,
        "name": member.name,
        "real_name": member.name,
        "deleted": member.deleted,
        "is_bot": member.is_bot,
        "is_app_user": False,
        "profile": {"real_name": member.name, "display_name": member.name, "title": member.part},
    }
    if not member.deleted:
        shape |= {
            "tz": "Etc/UTC",
            "is_admin": False,
            "is_owner": False,
            "is_restricted": member.is_restricted,
            "is_ultra_restricted": member.is_ultra_restricted,
        }
    if member.is_stranger:
        shape["is_stranger"] = True
    return shape


def group_json(workspace: Workspace, group: UserGroup, *, with_users: bool) -> Json:
    """A user group as `usergroups.list` tells it."""
    shape: Json = {
        "id": group.id,
        "team_id": workspace.team_id,
        "is_usergroup": True,
        "is_external": False,
        "name": group.handle,
        "handle": group.handle,
        "date_delete": 1 if group.disabled else 0,
        "user_count": len(group.members),
    }
    return {**shape, "users": list(group.members)} if with_users else shape


def channel_json(workspace: Workspace, channel: Channel, *, is_member: bool) -> Json:
    """A channel as `conversations.info` tells it."""
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": False,
        "is_shared": channel.is_ext_shared or channel.is_org_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": channel.is_org_shared,
        "is_pending_ext_shared": False,
        "is_member": is_member,
        "context_team_id": workspace.team_id,
        "num_members": len(channel.members),
    }


def screen(workspace: Workspace, user: str, channel: str) -> Json:
    """Everything one person sees in one channel, threads and private messages included, and the change it is true of.

    `values` of a message are the ticks on this person's screen, shaped as `state.values`.
    """
    n = workspace.latest_change
    modal = workspace.modal(user)
    return {
        "n": n,
        "me": member_json(workspace, workspace.members[user]),
        "channel": channel_json(workspace, workspace.channels[channel], is_member=True),
        "messages": [
            {
                **_on_screen(workspace, user, root),
                "replies": [_on_screen(workspace, user, reply) for reply in workspace.thread(channel, root.ts)],
            }
            for root in workspace.roots(channel)
        ],
        "ephemerals": [ephemeral_json(workspace, ephemeral) for ephemeral in workspace.ephemerals(user, channel)],
        "modal": None if modal is None else {**modal.view, "id": modal.id},
    }


def _on_screen(workspace: Workspace, user: str, message: Message) -> Json:
    return {
        **message_json(workspace, message, with_metadata_payload=False),
        "permalink": workspace.permalink(message),
        "values": workspace.state_values(user, message),
    }
