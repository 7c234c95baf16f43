"""A message to act on, and what a person sent, taken apart."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs

from fakes.slack import Message
from fakes.slack.team import (
    APP,
    BOT_USER,
    REVIEW,
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
