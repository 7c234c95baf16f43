"""Messages in a local Slack that drops, stalls and refuses: everything is said, and nothing twice."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from fakes.slack import ConnectionLost, RateLimited, ServerError, SlackError, Slow
from fakes.slack import Message as Posted_
from fakes.slack.team import BOT_TOKEN, OTHER, REVIEW
from fakes.slack.things import App
from orchestrator.slack.errors import MessageRefused, SlackRefused, SlackUnreachable, TokenRefused
from orchestrator.slack.message.blocks import Message, button, message
from orchestrator.slack.messenger import Messenger, build_client
from tests.slack.channel import MORE_WORDS, RUN, WITH_TABLE, WORDS, Channel

# Posting


def test_a_message_is_posted_with_its_blocks_its_text_and_its_mark(channel: Channel) -> None:
    posted = channel.post()

    (stands,) = channel.workspace.messages(REVIEW)
    assert stands.ts == posted.ts
    assert stands.text == "Scanning\none of four"
    assert [block["type"] for block in stands.blocks] == ["header", "section"]
    assert stands.metadata == {"event_type": "snapstart_cleaner", "event_payload": {"run": RUN, "key": "root"}}
    assert posted.permalink == channel.workspace.permalink(stands)


def test_a_step_that_runs_again_posts_nothing_and_finds_the_message(channel: Channel) -> None:
    first = channel.post()
    again = channel.post()

    assert again == first
    assert channel.said == ["one of four"]


def test_another_message_of_the_run_and_the_same_of_another_run_are_posted(channel: Channel) -> None:
    root = channel.post()
    channel.post("asked", thread_ts=root.ts)
    channel.messenger().post(WORDS, run_key="another", message_key="root", not_before=channel.began)

    assert len(channel.said) == 3


def test_a_reply_stands_in_the_thread_once(channel: Channel) -> None:
    root = channel.post()
    first = channel.post("asked", MORE_WORDS, root.ts)
    again = channel.post("asked", MORE_WORDS, root.ts)

    (reply,) = channel.workspace.thread(REVIEW, root.ts)
    assert first.ts == again.ts == reply.ts
    assert first.permalink is None


def test_a_message_is_found_behind_pages_of_others(channel: Channel) -> None:
    first = channel.post()
    for number in range(450):
        channel.workspace.post(Posted_(channel=REVIEW, ts="", user=OTHER, text=f"chatter {number}"))

    assert channel.post().ts == first.ts


def test_a_reply_is_found_behind_pages_of_others(channel: Channel) -> None:
    root = channel.post()
    for number in range(450):
        channel.workspace.post(Posted_(channel=REVIEW, ts="", user=OTHER, text=f"{number}", thread_ts=root.ts))
    first = channel.post("end", MORE_WORDS, root.ts)

    assert channel.post("end", MORE_WORDS, root.ts).ts == first.ts


@pytest.mark.parametrize("author", ["person", "other app"])
def test_a_look_alike_of_somebody_else_is_not_adopted(channel: Channel, author: str) -> None:
    other = App(
        id="A0OTHER",
        name="other",
        bot_id="B0OTHER",
        bot_user_id="U0ROBOT",
        token="xoxb-other",
        signing_secret="x",
        scopes=(),
    )
    channel.workspace.put(other)
    mark = {"event_type": "snapstart_cleaner", "event_payload": {"run": RUN, "key": "root"}}
    fake = Posted_(
        channel=REVIEW, ts="", user=OTHER, app_id=None if author == "person" else other.id, text="fake", metadata=mark
    )
    forged = channel.workspace.post(fake)

    assert channel.post().ts != forged.ts
    assert channel.said == ["fake", "one of four"]


def test_a_message_is_found_though_our_clock_is_ahead_of_slacks(channel: Channel) -> None:
    first = channel.post()
    channel.began += 30

    assert channel.post() == first


def test_a_message_from_before_the_run_is_not_looked_for(channel: Channel) -> None:
    channel.post()
    channel.began += 3600

    channel.post()

    assert len(channel.said) == 2


# Doubt


@pytest.mark.parametrize(
    "fault",
    [
        ConnectionLost(),
        ConnectionLost(done=True),
        ServerError(500),
        ServerError(503, done=True),
        SlackError("internal_error"),
        SlackError("fatal_error", done=True),
    ],
    ids=str,
)
def test_after_a_doubtful_send_the_message_stands_there_once(channel: Channel, fault: Any) -> None:
    channel.faults.add("chat.postMessage", fault, nth=1)

    posted = channel.post()

    (stands,) = channel.workspace.messages(REVIEW)
    assert posted.ts == stands.ts
    assert channel.calls("chat.postMessage") == (1 if fault.done else 2)
    assert channel.waited == [1.0]


def test_a_send_that_times_out_is_looked_for_before_it_is_sent_again(channel: Channel) -> None:
    channel.faults.add("chat.postMessage", Slow(0.4), nth=1)
    client = build_client(BOT_TOKEN, channel.slack.api_url)
    client.timeout = 0.1  # type: ignore[assignment]
    before = channel.workspace.latest_change
    patient = Messenger(client, REVIEW, sleep=lambda _: channel.workspace.wait_for_change(before, 10))

    patient.post(WORDS, run_key=RUN, message_key="root", not_before=channel.began)

    assert channel.said == ["one of four"]
    assert channel.calls("chat.postMessage") == 1


def test_when_every_send_is_in_doubt_the_last_look_still_finds_it(channel: Channel) -> None:
    channel.faults.add("chat.postMessage", ConnectionLost(), times=2)
    channel.faults.add("chat.postMessage", ConnectionLost(done=True), nth=3)

    posted = channel.post()

    assert posted.ts == channel.workspace.messages(REVIEW)[0].ts
    assert channel.calls("chat.postMessage") == 3


def test_an_unreachable_slack_is_named_after_a_few_attempts(channel: Channel) -> None:
    channel.faults.add("chat.postMessage", ConnectionLost())

    with pytest.raises(SlackUnreachable) as raised:
        channel.post()

    assert raised.value.words == "Slack: could not be reached (RemoteDisconnected)"
    assert raised.value.method == "chat.postMessage"
    assert not raised.value.permanent
    assert channel.calls("chat.postMessage") == 3
    assert channel.said == []


def test_a_slack_that_is_not_there_at_all_is_named() -> None:
    client = build_client(BOT_TOKEN, "http://127.0.0.1:9/api/")

    with pytest.raises(SlackUnreachable, match="ConnectionRefusedError"):
        Messenger(client, REVIEW, sleep=lambda _: None).update("1.0", WORDS)


def test_an_answer_of_a_proxy_is_not_taken_for_slacks(channel: Channel) -> None:
    channel.faults.add("chat.update", SlackError("Sign in to continue"))

    with pytest.raises(SlackUnreachable, match="not Slack's"):
        channel.messenger().update("1.0", WORDS)


# Rate limits


def test_a_rate_limit_is_waited_out_as_told_and_the_message_posted_once(channel: Channel) -> None:
    channel.faults.add("chat.postMessage", RateLimited(retry_after=7), times=2)

    channel.post()

    assert channel.waited == [7.0, 7.0]
    assert channel.said == ["one of four"]


def test_a_rate_limit_that_goes_on_is_left_to_a_later_attempt(channel: Channel) -> None:
    channel.faults.add("conversations.history", RateLimited(retry_after=5))

    with pytest.raises(SlackUnreachable, match="ratelimited"):
        channel.post()

    assert channel.waited == [5.0, 5.0, 5.0] * 2
    assert channel.said == []


def test_a_wait_beyond_a_minute_is_not_sat_out(channel: Channel) -> None:
    channel.faults.add("chat.update", RateLimited(retry_after=61))
    root = channel.post()

    with pytest.raises(SlackUnreachable, match="ratelimited"):
        channel.messenger().update(root.ts, MORE_WORDS)

    assert channel.waited == []


# A token that was replaced


TOKEN_CODES = ["account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"]


@pytest.mark.parametrize("code", TOKEN_CODES)
def test_a_token_that_is_refused_is_worth_another_attempt_later(channel: Channel, code: str) -> None:
    channel.faults.add("chat.postMessage", SlackError(code))

    with pytest.raises(TokenRefused) as raised:
        channel.post()

    assert (raised.value.code, raised.value.words, raised.value.permanent) == (code, f"Slack: {code}", False)
    assert channel.calls("chat.postMessage") == 1


def test_a_token_that_was_replaced_is_used_at_once_and_nothing_is_said_twice(channel: Channel) -> None:
    stale = build_client("xoxb-stale", channel.slack.api_url)
    fresh = build_client(BOT_TOKEN, channel.slack.api_url)
    messenger = Messenger(stale, REVIEW, renewed=lambda: fresh, sleep=lambda _: None)

    messenger.post(WORDS, run_key=RUN, message_key="root", not_before=channel.began)
    messenger.post(WORDS, run_key=RUN, message_key="root", not_before=channel.began)

    assert len(channel.said) == 1


# Refusals


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived", "missing_scope"])
def test_a_refusal_is_named_in_slacks_own_word_and_not_repeated(channel: Channel, code: str) -> None:
    channel.faults.add("chat.postMessage", SlackError(code))

    with pytest.raises(SlackRefused) as raised:
        channel.post()

    assert (raised.value.code, raised.value.words) == (code, f"Slack: {code}")
    assert raised.value.permanent
    assert channel.calls("chat.postMessage") == 1
    assert channel.waited == []


@pytest.mark.parametrize(
    ("needed", "words"),
    [
        ("chat:write,files:write", "Slack: missing_scope, it needs chat:write,files:write"),
        ("<!channel>", "Slack: missing_scope"),
        (7, "Slack: missing_scope"),
    ],
)
def test_a_scope_that_is_missing_is_named_as_slack_names_it(channel: Channel, needed: object, words: str) -> None:
    channel.faults.add("chat.postMessage", SlackError("missing_scope", {"needed": needed}))

    with pytest.raises(SlackRefused) as raised:
        channel.post()

    assert (raised.value.code, raised.value.words) == ("missing_scope", words)


def test_a_message_that_was_taken_away_is_named(channel: Channel) -> None:
    root = channel.post()
    channel.workspace.delete(REVIEW, root.ts)

    with pytest.raises(SlackRefused) as raised:
        channel.messenger().update(root.ts, MORE_WORDS)

    assert raised.value.code == "message_not_found"


def no_table(arguments: Any) -> bool:
    return "table" in str(arguments.get("blocks"))


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_a_slack_that_refuses_the_table_gets_the_message_without(
    channel: Channel, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel.faults.add("chat.postMessage", SlackError(code), when=no_table)

    with caplog.at_level(logging.WARNING):
        channel.post(said=WITH_TABLE)

    (stands,) = channel.workspace.messages(REVIEW)
    assert [block["type"] for block in stands.blocks] == ["section"]
    assert "does not take the message" in caplog.text


def test_a_slack_that_refuses_all_blocks_gets_the_words(channel: Channel) -> None:
    root = channel.post()
    channel.faults.add(
        "chat.update", SlackError("invalid_blocks"), when=lambda given: given.get("blocks") not in ("[]", [])
    )

    channel.messenger().update(root.ts, WITH_TABLE)

    (stands,) = channel.workspace.messages(REVIEW)
    assert stands.text == "two functions"
    assert stands.blocks == []


def test_a_text_that_is_too_long_for_slack_is_sent_shorter(channel: Channel) -> None:
    root = channel.post()

    channel.messenger().update(root.ts, Message("語" * 1500, WORDS.blocks))

    (stands,) = channel.workspace.messages(REVIEW)
    assert stands.text.startswith("語" * 800)
    assert stands.text.endswith("…")


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
def test_a_question_is_never_sent_without_its_buttons(channel: Channel, code: str) -> None:
    channel.faults.add("chat.postMessage", SlackError(code))
    asking = message(
        [*WITH_TABLE.blocks, {"type": "actions", "elements": [button("Approve", "approve", "1")]}], ["two functions"]
    )

    with pytest.raises(MessageRefused, match=code):
        channel.post(said=asking)

    assert channel.said == []
    assert all("Approve" in str(call.arguments["blocks"]) for call in channel.slack.calls_of("chat.postMessage"))


def test_words_that_slack_refuses_too_are_refused(channel: Channel) -> None:
    channel.faults.add("chat.postMessage", SlackError("invalid_blocks"))

    with pytest.raises(SlackRefused, match="invalid_blocks"):
        channel.post(said=WITH_TABLE)

    assert channel.said == []
