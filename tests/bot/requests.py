"""Requests as Slack signs them."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from fakes.slack import signed_event, team

NOW = 1_795_176_000
SECRET = team.SIGNING_SECRET
MARK = "a-mark-that-no-log-may-hold"


def signed(body, *, timestamp=NOW, secret=SECRET, **overrides):
    return signed_event(body, secret, timestamp=timestamp, **overrides)


def without(event, *names):
    return {name: value for name, value in event.items() if name not in names}


def form(**fields):
    return urlencode(fields)


def payload(value):
    return form(payload=json.dumps(value))
