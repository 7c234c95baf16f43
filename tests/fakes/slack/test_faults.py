"""What can be made to go wrong with a call, and the record of calls."""

from __future__ import annotations

import socket
import struct
import threading
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from fakes.slack import (
    ConnectionLost,
    LocalSlack,
    Meanwhile,
    NoAnswer,
    RateLimited,
    RateLimits,
    ServerError,
    SlackError,
    Slow,
    WebApi,
)
from fakes.slack.team import BOT_TOKEN, ELSEWHERE, REVIEW
from tests.fakes.slack.builders import Clock


def post(client, text="text", channel=REVIEW):
    return client.chat_postMessage(channel=channel, text=text)


def texts(workspace):
    return [message.text for message in workspace.messages(REVIEW)]


def answers(slack):
    return [call.answer for call in slack.calls]


def test_a_method_can_be_made_to_fail_with_any_code(slack, client, workspace):
    slack.faults.add("chat.postMessage", SlackError("channel_not_found"))
    with pytest.raises(SlackApiError, match="channel_not_found"):
        post(client)
    assert client.auth_test()["ok"]
    assert texts(workspace) == []


def test_the_whole_of_slack_can_be_down_and_come_back(slack, client):
    down = slack.faults.add("*", ServerError(503))
    with pytest.raises(SlackApiError) as refused:
        client.auth_test()
    assert refused.value.response.status_code == 503
    slack.faults.remove(down)
    assert client.auth_test()["ok"]


def test_only_the_nth_call_from_now_on_goes_wrong(slack, client, workspace):
    post(client, "before")
    slack.faults.add("chat.postMessage", SlackError("fatal_error"), nth=2)
    post(client, "first")
    with pytest.raises(SlackApiError):
        post(client, "second")
    post(client, "third")
    assert texts(workspace) == ["before", "first", "third"]


def test_the_first_few_calls_go_wrong(slack, client, workspace):
    slack.faults.add("chat.postMessage", SlackError("fatal_error"), times=2)
    for text in "ab":
        with pytest.raises(SlackApiError):
            post(client, text)
    post(client, "c")
    assert texts(workspace) == ["c"]


def test_only_calls_with_certain_arguments_go_wrong_and_only_they_are_counted(slack, client, workspace):
    slack.faults.add("chat.postMessage", SlackError("fatal_error"), nth=1, when=lambda given: given["text"] == "bad")
    post(client, "good")
    with pytest.raises(SlackApiError):
        post(client, "bad")
    post(client, "bad")
    assert texts(workspace) == ["good", "bad"]


def test_the_first_rule_that_fits_decides(slack, client):
    slack.faults.add("chat.postMessage", SlackError("first"))
    slack.faults.add("*", SlackError("second"))
    with pytest.raises(SlackApiError, match="first"):
        post(client)


def test_all_faults_can_be_cleared(slack, client):
    slack.faults.add("*", ServerError(500))
    slack.faults.clear()
    assert post(client)


def test_a_rate_limit_says_how_long_to_wait_and_does_nothing(slack, client, workspace):
    slack.faults.add("chat.postMessage", RateLimited(7), times=1)
    with pytest.raises(SlackApiError) as refused:
        post(client)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    assert refused.value.response["error"] == "ratelimited"
    assert texts(workspace) == []


def test_a_connection_lost_before_leaves_nothing_done(slack, client, workspace):
    slack.faults.add("chat.postMessage", ConnectionLost())
    with pytest.raises(ConnectionError):
        post(client)
    assert texts(workspace) == []


def test_a_connection_lost_after_leaves_the_message_posted(slack, client, workspace):
    slack.faults.add("chat.postMessage", ConnectionLost(done=True))
    with pytest.raises(ConnectionError):
        post(client, "there all the same")
    assert texts(workspace) == ["there all the same"]


@pytest.mark.parametrize("fault", [ServerError(500, done=True), SlackError("fatal_error", done=True)])
def test_an_error_may_come_although_the_call_was_carried_out(slack, client, workspace, fault):
    slack.faults.add("chat.postMessage", fault)
    with pytest.raises(SlackApiError):
        post(client, "there all the same")
    assert texts(workspace) == ["there all the same"]


def test_a_slow_answer_is_waited_for_as_told_and_is_an_answer(workspace):
    waited = []
    api = WebApi(workspace, sleep=waited.append)
    api.faults.add("auth.test", Slow(4.0))
    answer = api.answer("POST", "/api/auth.test", {"Authorization": f"Bearer {BOT_TOKEN}"}, b"")
    assert (waited, answer.status) == ([4.0], 200)


def test_leaving_does_not_wait_for_a_slow_answer(workspace):
    with LocalSlack(workspace) as slack:
        slack.faults.add("auth.test", Slow(3600))
        api, answered = slack.web_api, threading.Event()

        def call():
            api.answer("POST", "/api/auth.test", {}, b"")
            answered.set()

        caller = threading.Thread(target=call)
        caller.start()
    caller.join()
    assert answered.is_set()


def test_a_caller_that_hangs_up_leaves_no_noise(slack, capfd):
    with socket.create_connection(("127.0.0.1", urlsplit(slack.api_url).port)) as caller:
        # Closing with a linger of zero resets the connection, so the answer can not be written.
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        hung_up = threading.Event()
        slack.faults.add("auth.test", Meanwhile(hung_up.wait))
        caller.sendall(b"POST /api/auth.test HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    hung_up.set()
    assert WebClient(BOT_TOKEN, base_url=slack.api_url).auth_test()["ok"]
    assert capfd.readouterr().err == ""


def test_something_can_happen_right_before_or_right_after_a_call(slack, client, workspace):
    seen = []
    slack.faults.add("chat.postMessage", Meanwhile(lambda: seen.append(len(texts(workspace)))), nth=1)
    slack.faults.add("chat.postMessage", Meanwhile(lambda: seen.append(len(texts(workspace))), done=True), nth=2)
    post(client)
    post(client)
    assert seen == [0, 2]


def test_uploads_and_response_urls_go_wrong_under_their_own_names(workspace):
    api = WebApi(workspace)
    api.faults.add("upload", ServerError(500))
    api.faults.add("response_url", ConnectionLost())
    assert api.answer("POST", "/upload/v1/F0NONE", {}, b"x").status == 500
    with pytest.raises(NoAnswer):
        api.answer("POST", "/response/none", {}, b"{}")


def test_every_call_is_written_down_with_its_arguments_and_answer(slack, client):
    slack.faults.add("chat.postMessage", RateLimited(1), nth=2)
    slack.faults.add("chat.postMessage", ConnectionLost(), nth=3)
    post(client, "a")
    with pytest.raises(SlackApiError):
        post(client, "b")
    with pytest.raises(ConnectionError):
        post(client, "c")
    with pytest.raises(SlackApiError):
        post(client, "d", channel="C0NOWHERE")
    client.auth_test()
    assert answers(slack) == ["ok", "429", "connection lost", "channel_not_found", "ok"]
    assert [call.arguments["text"] for call in slack.calls_of("chat.postMessage")] == ["a", "b", "c", "d"]


def test_no_token_stands_in_the_record_of_calls(slack, client):
    client.auth_test(token=BOT_TOKEN)
    assert BOT_TOKEN not in repr(slack.calls)


# Rate limits


@pytest.fixture
def limits(clock):
    return RateLimits(clock)


def test_a_channel_takes_a_burst_then_a_message_a_second(limits, clock):
    def wait(channel=REVIEW):
        return limits.seconds_to_wait("chat.postMessage", a_minute=None, channel=channel)

    assert [wait() for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    assert wait(ELSEWHERE) == 0
    clock.passes(1)
    assert [wait(), wait()] == [0, 1]


def test_a_method_takes_so_many_calls_a_minute(limits, clock):
    def waits(n):
        return [limits.seconds_to_wait("usergroups.list", a_minute=20) for _ in range(n)]

    assert waits(21) == [0] * 20 + [3]
    clock.passes(3)
    assert waits(2) == [0, 3]
    clock.passes(3600)
    assert waits(21) == [0] * 20 + [3]


def test_a_method_without_a_limit_is_never_held_back(limits):
    assert not any(limits.seconds_to_wait("auth.test", a_minute=None) for _ in range(1000))


def test_rates_are_off_unless_given(slack, client, workspace):
    for _ in range(10):
        post(client)
    assert answers(slack) == ["ok"] * 10
    with LocalSlack(workspace, rates=RateLimits(Clock())) as limited:
        client.base_url = limited.api_url
        for _ in range(5):
            post(client)
        with pytest.raises(SlackApiError) as refused:
            post(client)
    assert refused.value.response.headers["Retry-After"] == "1"
    assert answers(limited) == ["ok"] * 5 + ["429"]
