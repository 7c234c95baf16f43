"""The Web API methods the product uses, each a function of the workspace, the calling app and the arguments.

A method answers the JSON beside `ok`, or raises `Refused` with Slack's own error code. Arguments nobody knows are
ignored, as Slack does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from fakes.slack import blocks as block_kit
from fakes.slack import wire
from fakes.slack.arguments import Arguments, Refused, invalid_arguments
from fakes.slack.things import App, Channel, Ephemeral, Json, Message
from fakes.slack.workspace import Workspace

METADATA_BYTES = 16_000
VIEW_BYTES = 250_000


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method, the scope it needs (`{kind}` is the channel's: channels or groups), and calls a minute it may get."""

    run: Callable[[Workspace, App, Arguments], Json]
    scope: str | None = None
    a_minute: int | None = None


def auth_test(workspace: Workspace, app: App, _: Arguments) -> Json:
    """Say whose token this is."""
    return {
        "url": f"{workspace.base_url}/",
        "team": workspace.domain,
        "user": app.name,
        "team_id": workspace.team_id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def post_message(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Post into a channel or a thread of it."""
    channel = _channel_to_write(workspace, app, arguments)
    text, blocks = _content(arguments)
    thread_ts = _thread(workspace, channel, arguments)
    message = workspace.post(
        Message(
            channel=channel.id,
            ts="",
            user=app.bot_user_id,
            app_id=app.id,
            text=text,
            blocks=blocks or [],
            thread_ts=thread_ts,
            broadcast=thread_ts is not None and arguments.flag("reply_broadcast"),
            metadata=_metadata(arguments) or None,
        )
    )
    shape = wire.message_json(workspace, message, with_metadata_payload=True)
    return {"channel": channel.id, "ts": message.ts, "message": shape}


def update(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Edit one of the app's own messages. Blocks, text and metadata that are not given stay; empty ones clear."""
    channel = _channel(workspace, app, arguments)
    if channel.is_archived:
        raise Refused("is_inactive")
    message = workspace.message(channel.id, arguments.text("ts"))
    if message is None:
        raise Refused("message_not_found")
    if message.app_id != app.id:
        raise Refused("cant_update_message")
    text, blocks = _content(arguments)
    if len(text.encode()) > block_kit.EDITED_TEXT_BYTES:
        raise Refused("msg_too_long")
    metadata = _metadata(arguments)
    edited = workspace.edit(
        replace(
            message,
            text=text if "text" in arguments else message.text,
            blocks=message.blocks if blocks is None else blocks,
            metadata=message.metadata if metadata is None else metadata or None,
        )
    )
    shape = wire.message_json(workspace, edited, with_metadata_payload=True)
    return {"channel": channel.id, "ts": edited.ts, "text": edited.text, "message": shape}


def post_ephemeral(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Tell one person in a channel something privately."""
    channel = _channel_to_write(workspace, app, arguments)
    user = arguments.text("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = _content(arguments)
    shown = workspace.whisper(
        Ephemeral(
            channel=channel.id,
            ts="",
            user=user,
            app_id=app.id,
            text=text,
            blocks=blocks or [],
            thread_ts=_thread(workspace, channel, arguments),
        )
    )
    return {"message_ts": shown.ts}


def get_permalink(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Say where a browser finds a message."""
    channel = _channel(workspace, app, arguments)
    message = workspace.message(channel.id, arguments.text("message_ts"))
    if message is None:
        raise Refused("message_not_found")
    return {"channel": channel.id, "permalink": workspace.permalink(message)}


def history(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """List what stands in a channel, newest first, a page at a time."""
    channel = _channel_to_read(workspace, app, arguments)
    found = [message for message in reversed(workspace.roots(channel.id)) if _in_window(message, arguments)]
    page, next_cursor = _page(found, arguments, otherwise=100, most=999)
    shown = [_shown(workspace, message, arguments) for message in page]
    answer: Json = {"messages": shown, "has_more": bool(next_cursor), "pin_count": 0}
    return answer | ({"response_metadata": {"next_cursor": next_cursor}} if next_cursor else {})


def replies(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """List a thread, its parent first, then the replies from the oldest on."""
    channel = _channel_to_read(workspace, app, arguments)
    parent = workspace.message(channel.id, arguments.text("ts"))
    if parent is None:
        raise Refused("thread_not_found")
    found = [message for message in workspace.thread(channel.id, parent.ts) if _in_window(message, arguments)]
    page, next_cursor = _page([parent, *found], arguments, otherwise=1000, most=1000)
    shown = [_shown(workspace, message, arguments) for message in page]
    answer: Json = {"messages": shown, "has_more": bool(next_cursor)}
    return answer | ({"response_metadata": {"next_cursor": next_cursor}} if next_cursor else {})


def conversations_info(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Tell of a channel."""
    channel = _channel(workspace, app, arguments)
    need_scope(app, "groups:read" if channel.is_private else "channels:read")
    return {"channel": wire.channel_json(workspace, channel, is_member=app.bot_user_id in channel.members)}


def users_info(workspace: Workspace, _: App, arguments: Arguments) -> Json:
    """Tell of a member."""
    member = workspace.members.get(arguments.text("user"))
    if member is None:
        raise Refused("user_not_found")
    return {"user": wire.member_json(workspace, member)}


def usergroups_list(workspace: Workspace, _: App, arguments: Arguments) -> Json:
    """List the user groups, disabled ones only when asked."""
    groups = [group for group in workspace.groups.values() if arguments.flag("include_disabled") or not group.disabled]
    with_users = arguments.flag("include_users")
    return {"usergroups": [wire.group_json(workspace, group, with_users=with_users) for group in groups]}


def usergroups_users_list(workspace: Workspace, _: App, arguments: Arguments) -> Json:
    """List who is in a user group."""
    group = workspace.groups.get(arguments.text("usergroup"))
    if group is None or (group.disabled and not arguments.flag("include_disabled")):
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}


def views_open(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Open a modal for the person whose interaction handed out the trigger."""
    trigger_id = arguments.text("trigger_id")
    view = arguments.json("view", otherwise="invalid_arguments")
    trigger = workspace.trigger(trigger_id)
    if trigger is None or trigger.app_id != app.id:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if workspace.clock() > trigger.expires_at:
        raise Refused("expired_trigger_id")
    found = block_kit.view_problems(view)
    if found or not isinstance(view, dict):
        raise invalid_arguments(*(f"[ERROR] {problem}" for problem in found))
    if len(json.dumps(view)) > VIEW_BYTES:
        raise Refused("view_too_large")
    workspace.use_trigger(trigger_id)
    modal = workspace.show_modal(trigger.user, app.id, view)
    return {"view": {**modal.view, "id": modal.id, "team_id": workspace.team_id, "app_id": app.id}}


def get_upload_url(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Announce a file and say where its bytes go."""
    file = workspace.new_file(app.id, arguments.text("filename"), _length(arguments))
    return {"upload_url": f"{workspace.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(workspace: Workspace, app: App, arguments: Arguments) -> Json:
    """Share uploaded files in a channel or thread."""
    listed = arguments.json("files", otherwise="invalid_arguments")
    if not isinstance(listed, list) or not listed:
        raise invalid_arguments("[ERROR] missing required field: files")
    shared = []
    for entry in listed:
        file = workspace.files.get(str(entry.get("id")) if isinstance(entry, dict) else "")
        if file is None or file.app_id != app.id or file.content is None:
            raise Refused("file_not_found")
        shared.append(replace(file, title=str(entry.get("title") or file.name)))
    channel = thread_ts = None
    if "channel_id" in arguments:
        channel = _channel_to_write(workspace, app, arguments, name="channel_id")
        thread_ts = _thread(workspace, channel, arguments)
    for file in shared:
        workspace.keep_file(file)
    if channel is not None:
        workspace.post(
            Message(
                channel=channel.id,
                ts="",
                user=app.bot_user_id,
                app_id=app.id,
                text=arguments.maybe_text("initial_comment"),
                thread_ts=thread_ts,
                files=tuple(file.id for file in shared),
            )
        )
    return {"files": [wire.file_json(workspace, file) for file in shared]}


METHODS: Mapping[str, Method] = {
    "auth.test": Method(run=auth_test),
    "chat.postMessage": Method(run=post_message, scope="chat:write"),
    "chat.update": Method(run=update, scope="chat:write", a_minute=50),
    "chat.postEphemeral": Method(run=post_ephemeral, scope="chat:write", a_minute=100),
    "chat.getPermalink": Method(run=get_permalink),
    "conversations.history": Method(run=history, a_minute=50),
    "conversations.replies": Method(run=replies, a_minute=50),
    "conversations.info": Method(run=conversations_info, a_minute=50),
    "users.info": Method(run=users_info, scope="users:read", a_minute=100),
    "usergroups.list": Method(run=usergroups_list, scope="usergroups:read", a_minute=20),
    "usergroups.users.list": Method(run=usergroups_users_list, scope="usergroups:read", a_minute=20),
    "views.open": Method(run=views_open, a_minute=100),
    "files.getUploadURLExternal": Method(run=get_upload_url, scope="files:write", a_minute=100),
    "files.completeUploadExternal": Method(run=complete_upload, scope="files:write", a_minute=100),
}


def need_scope(app: App, scope: str) -> None:
    """Refuse with `missing_scope`, what is needed and what was granted, unless the app's token has the scope."""
    if scope not in app.scopes:
        raise Refused("missing_scope", needed=scope, provided=",".join(app.scopes))


def message_blocks(value: object) -> list[Json]:
    """Take blocks for a message: no array is `invalid_blocks_format`, `invalid_blocks` names every problem.

    Blocks that are right one by one and hold too much text together are `msg_blocks_too_long`.
    """
    if not isinstance(value, list):
        raise Refused("invalid_blocks_format")
    found = block_kit.problems(value)
    if found:
        raise Refused(
            "invalid_blocks", errors=found, response_metadata={"messages": [f"[ERROR] {problem}" for problem in found]}
        )
    if block_kit.text_size(value) > block_kit.BLOCKS_TEXT:
        raise Refused("msg_blocks_too_long")
    return value


def _content(arguments: Arguments) -> tuple[str, list[Json] | None]:
    """The text and blocks of a message; blocks are None when none were given."""
    text = arguments.maybe_text("text")
    if len(text) > block_kit.MESSAGE_TEXT:
        raise Refused("msg_too_long")
    given = arguments.json("blocks", otherwise="invalid_blocks_format")
    blocks = None if given is None else message_blocks(given)
    if not text.strip() and not blocks:
        raise Refused("no_text")
    return text, blocks


def _metadata(arguments: Arguments) -> Json | None:
    """Metadata as given: None when not, empty to clear."""
    metadata = arguments.json("metadata", otherwise="invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise Refused("metadata_too_large")
    return metadata


def _channel(workspace: Workspace, app: App, arguments: Arguments, name: str = "channel") -> Channel:
    """The channel meant. A private channel the bot is not in does not exist for it."""
    channel = workspace.channels.get(arguments.text(name))
    if channel is None or (channel.is_private and app.bot_user_id not in channel.members):
        raise Refused("channel_not_found")
    return channel


def _channel_to_write(workspace: Workspace, app: App, arguments: Arguments, name: str = "channel") -> Channel:
    channel = _channel(workspace, app, arguments, name)
    if app.bot_user_id not in channel.members and "chat:write.public" not in app.scopes:
        raise Refused("not_in_channel")
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _channel_to_read(workspace: Workspace, app: App, arguments: Arguments) -> Channel:
    channel = _channel(workspace, app, arguments)
    need_scope(app, "groups:history" if channel.is_private else "channels:history")
    if app.bot_user_id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _thread(workspace: Workspace, channel: Channel, arguments: Arguments) -> str | None:
    """The parent's ts, when the message is a reply. A reply's own ts is no parent."""
    if "thread_ts" not in arguments:
        return None
    parent = workspace.message(channel.id, arguments.text("thread_ts"))
    if parent is None or parent.thread_ts is not None:
        raise Refused("thread_not_found")
    return parent.ts


def _in_window(message: Message, arguments: Arguments) -> bool:
    """Whether the message is newer than `oldest` and older than `latest`, or on their edge if that is `inclusive`."""
    ts, inclusive = Decimal(message.ts), arguments.flag("inclusive")
    if "oldest" in arguments:
        oldest = _timestamp(arguments.text("oldest"), "invalid_ts_oldest")
        if ts < oldest or (ts == oldest and not inclusive):
            return False
    if "latest" in arguments:
        latest = _timestamp(arguments.text("latest"), "invalid_ts_latest")
        if ts > latest or (ts == latest and not inclusive):
            return False
    return True


def _timestamp(value: str, error: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise Refused(error) from None


def _page(found: list[Message], arguments: Arguments, *, otherwise: int, most: int) -> tuple[list[Message], str | None]:
    """One page of messages, and the cursor of the next."""
    start = 0
    if arguments.maybe_text("cursor"):
        try:
            start = int(base64.b64decode(arguments.text("cursor"), validate=True).decode().removeprefix("next:"))
        except ValueError:
            raise Refused("invalid_cursor") from None
    end = start + arguments.number("limit", otherwise=otherwise, most=most)
    return found[start:end], base64.b64encode(f"next:{end}".encode()).decode() if end < len(found) else None


def _shown(workspace: Workspace, message: Message, arguments: Arguments) -> Json:
    return wire.message_json(workspace, message, with_metadata_payload=arguments.flag("include_all_metadata"))


def _length(arguments: Arguments) -> int:
    try:
        length = int(arguments.text("length"))
    except ValueError:
        length = 0
    if length < 1:
        raise invalid_arguments("[ERROR] length must be greater than 0 [json-pointer:/length]")
    return length
