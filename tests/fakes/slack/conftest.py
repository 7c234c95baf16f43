"""A fresh workspace for each test, served on loopback where a test asks for it."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from fakes.slack import LocalSlack
from fakes.slack.team import BOT_TOKEN, review_workspace
from tests.fakes.slack.builders import Clock


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
