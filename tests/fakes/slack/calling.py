"""What tests of the Web API call it with, and what they read out of its answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from slack_sdk.errors import SlackApiError

from fakes.slack.team import (
    REVIEW,
)

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
