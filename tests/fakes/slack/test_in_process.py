"""The local Slack without a socket answers as it does on a port."""

from __future__ import annotations

from http.client import RemoteDisconnected
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from fakes.slack import LocalSlack
from fakes.slack.faults import ConnectionLost, RateLimited, ServerError
from fakes.slack.team import BOT_TOKEN, REVIEW


@pytest.fixture(params=[True, False], ids=["on a port", "without a socket"])
def slack(workspace, request):
    with LocalSlack(workspace, on_a_port=request.param) as slack:
        yield slack


def test_a_message_arrives_and_a_file_comes_back_as_it_was(slack, client):
    posted = client.chat_postMessage(channel=REVIEW, text="hello")
    uploaded = client.files_upload_v2(channel=REVIEW, content="a,b\n", filename="rows.csv")

    assert slack.workspace.roots(REVIEW)[0].text == "hello"
    assert posted["message"]["text"] == "hello"
    assert slack.workspace.files[uploaded["file"]["id"]].content == b"a,b\n"


def test_what_goes_wrong_is_met_as_over_the_network(slack, client):
    for method, failure in (("api.test", ServerError(503)), ("auth.test", RateLimited(30))):
        slack.faults.add(method, failure)
    slack.faults.add("chat.postMessage", ConnectionLost())

    with pytest.raises(SlackApiError) as broken:
        client.api_test()
    with pytest.raises(SlackApiError) as limited:
        client.auth_test()
    with pytest.raises(RemoteDisconnected):
        client.chat_postMessage(channel=REVIEW, text="hello")

    assert broken.value.response.status_code == 503
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "30")


def test_when_it_is_over_nobody_answers(workspace):
    with LocalSlack(workspace, on_a_port=False) as slack:
        client = WebClient(BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])

    with pytest.raises(URLError):
        client.auth_test()
