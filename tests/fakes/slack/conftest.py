"""A fresh workspace for each test, served on loopback where a test asks for it; somebody in it, and a message."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from fakes.slack import LocalSlack, Person
from fakes.slack.team import ASKER, BOT_TOKEN, review_workspace
from tests.fakes.slack.builders import Clock, Endpoint, actions, boxes, button, confirm
from tests.fakes.slack.sent import post


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def workspace(clock):
    return review_workspace(clock)


@pytest.fixture
def slack(workspace):
    with LocalSlack(workspace) as slack:
        yield slack


@pytest.fixture
def client(slack):
    return WebClient(BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def asker(workspace, endpoint):
    return Person(workspace, ASKER, endpoint)


@pytest.fixture
def message(workspace):
    return post(
        workspace,
        boxes("a", "b", ticked=("a", "b")),
        boxes("c", block_id="group-2"),
        actions(
            button("Approve", action_id="approve", value="run-1", confirm=confirm(), style="primary"),
            button("Why held?", action_id="why"),
            block_id="buttons",
        ),
        metadata={"event_type": "run", "event_payload": {"n": 1}},
    )
