"""Runs that somebody may meet, the one that a command started, and a channel in which it could not post."""

from __future__ import annotations

from dataclasses import replace

from fakes.slack import team
from tests.bot.scene import ORCHESTRATOR_ARN
from tests.builders import NOW

NOON = int(NOW.timestamp())
AT_NOON = f"<!date^{NOON}^{{time}}|12:00 UTC>"
STARTED = (
    "Scanning *us-west-2* for versions at least 14 days old, beyond the newest 3, without calls in 35 days. "
    "The message appears here in a moment."
)
NOT_FOR_GUESTS = "Guests and people from other organisations cannot use this. Nothing was started."


def an_execution(name):
    return f"{ORCHESTRATOR_ARN.removesuffix('live')}3/durable-execution/scan/{name}"


def runs(scene, name, *, ago=0, execution_status="RUNNING", **given):
    """A run that somebody may meet."""
    scene.runs(
        execution=name,
        execution_arn=an_execution(name),
        started_at=NOON - ago,
        execution_status=execution_status,
        **{"permalink": f"https://workshop.slack.com/{name}", **given},
    )


def the_request(scene):
    ((name, request),) = scene.engine.started
    assert (request.pop("request_id"), request.pop("channel_id")) == (name, team.REVIEW)
    assert request.pop("response_url").startswith("http")
    return request


def in_the_review_channel(scene, **changed):
    scene.workspace.put(replace(scene.workspace.channels[team.REVIEW], **changed))


def without_scope(scene, *scopes):
    app = scene.workspace.app
    scene.workspace.put(replace(app, scopes=tuple(scope for scope in app.scopes if scope not in scopes)))
