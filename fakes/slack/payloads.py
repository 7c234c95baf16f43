"""What Slack sends when a person does something: slash commands and block actions."""

from __future__ import annotations

from fakes.slack import wire
from fakes.slack.things import App, Channel, Ephemeral, Json, Member, Message
from fakes.slack.workspace import Workspace

VERIFICATION_TOKEN = "deprecated-verification-token"


def slash_command(
    workspace: Workspace, app: App, member: Member, channel: Channel, typed: str, *, trigger_id: str, response_url: str
) -> dict[str, str]:
    """The form fields of a typed command such as `/snapstart scan us-west-2`."""
    command, _, text = typed.strip().partition(" ")
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": _team(workspace, member),
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": _name(channel),
        "user_id": member.id,
        "user_name": member.name,
        "command": command,
        "text": text.strip(),
        "api_app_id": app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def block_actions(
    workspace: Workspace,
    app: App,
    member: Member,
    shown: Message | Ephemeral,
    *,
    action: Json,
    state_values: Json,
    trigger_id: str,
    response_url: str,
) -> Json:
    """The payload of a click. `shown` is what the person clicked on; the `message` inside is the server's own copy."""
    channel = workspace.channels[shown.channel]
    container: Json = {
        "type": "message",
        "message_ts": shown.ts,
        "channel_id": shown.channel,
        "is_ephemeral": isinstance(shown, Ephemeral),
    }
    if shown.thread_ts is not None:
        container["thread_ts"] = shown.thread_ts
    payload: Json = {
        "type": "block_actions",
        "user": {
            "id": member.id,
            "username": member.name,
            "name": member.name,
            "team_id": _team(workspace, member),
        },
        "api_app_id": app.id,
        "token": VERIFICATION_TOKEN,
        "container": container,
        "trigger_id": trigger_id,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": _name(channel)},
        "state": {"values": state_values},
        "response_url": response_url,
        "actions": [action],
    }
    if isinstance(shown, Message):
        servers_copy = workspace.message(shown.channel, shown.ts) or shown
        payload["message"] = wire.message_json(workspace, servers_copy, with_metadata_payload=True)
    return payload


def _team(workspace: Workspace, member: Member) -> str:
    return member.team_id or workspace.team_id


def _name(channel: Channel) -> str:
    """The channel's name as interactions tell it: private ones are all called the same."""
    return "privategroup" if channel.is_private else channel.name
