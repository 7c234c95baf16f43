"""What else the messenger does: edits, files, progress, and a look at the channel."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from fakes.slack import ConnectionLost, RateLimited, ServerError, SlackError
from fakes.slack import Message as Posted_
from fakes.slack.team import APP, BOT_TOKEN, BOT_USER, OTHER, REVIEW
from orchestrator.slack.errors import SlackRefused
from orchestrator.slack.messenger import Messenger, build_client
from tests.slack.channel import MORE_WORDS, RUN, WITH_TABLE, WORDS, Channel

# Editing


def test_an_edit_shows_the_new_words_and_keeps_the_mark(channel: Channel) -> None:
    root = channel.post()

    channel.messenger().update(root.ts, MORE_WORDS)

    assert channel.said == ["two of four"]
    assert channel.post().ts == root.ts


@pytest.mark.parametrize("fault", [ConnectionLost(), ConnectionLost(done=True), ServerError(502)], ids=str)
def test_a_doubtful_edit_is_made_again(channel: Channel, fault: Any) -> None:
    root = channel.post()
    channel.faults.add("chat.update", fault, nth=1)

    channel.messenger().update(root.ts, MORE_WORDS)

    assert channel.said == ["two of four"]
    assert channel.calls("chat.update") == 2


# Files


def test_a_csv_is_attached_to_the_thread_once(channel: Channel) -> None:
    root = channel.post()

    channel.attach(root.ts)
    channel.attach(root.ts)

    assert channel.files == ["snapstart-8f3c2e.csv"]
    (file,) = channel.workspace.files.values()
    assert file.content == b"a,b\n"


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", ConnectionLost()),
        ("upload", ConnectionLost()),
        ("upload", ServerError(500)),
        ("files.completeUploadExternal", ConnectionLost()),
        ("files.completeUploadExternal", ConnectionLost(done=True)),
        ("files.completeUploadExternal", ServerError(503, done=True)),
        ("files.completeUploadExternal", RateLimited(3)),
    ],
    ids=str,
)
def test_after_a_doubtful_upload_the_csv_is_there_once(channel: Channel, method: str, fault: Any) -> None:
    root = channel.post()
    channel.faults.add(method, fault, nth=1)

    channel.attach(root.ts)

    assert channel.files == ["snapstart-8f3c2e.csv"]


def test_somebody_elses_file_of_that_name_does_not_count(channel: Channel) -> None:
    root = channel.post()
    channel.attach(root.ts)
    (shared,) = channel.workspace.thread(REVIEW, root.ts)
    channel.workspace.edit(replace(shared, user=OTHER, app_id=None))

    channel.attach(root.ts)

    assert len(channel.files) == 2


def test_a_refused_upload_is_named(channel: Channel) -> None:
    root = channel.post()
    channel.faults.add("files.getUploadURLExternal", SlackError("missing_scope"))

    with pytest.raises(SlackRefused, match="missing_scope"):
        channel.attach(root.ts)


# The channel


def test_the_review_channel_is_fit(channel: Channel) -> None:
    channel.messenger().check_channel()


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"is_ext_shared": True}, "is_ext_shared", "the review channel is shared with another organisation"),
        ({"is_org_shared": True}, "is_org_shared", "the review channel is shared with another workspace"),
        ({"is_archived": True}, "is_archived", "the review channel is archived"),
        ({"members": (OTHER,)}, "not_in_channel", "not_in_channel"),
        ({"members": (OTHER,), "is_private": True}, "channel_not_found", "channel_not_found"),
    ],
)
def test_an_unfit_channel_is_refused(channel: Channel, change: dict, code: str, words: str) -> None:
    channel.workspace.put(replace(channel.workspace.channels[REVIEW], **change))

    with pytest.raises(SlackRefused) as raised:
        channel.messenger().check_channel()

    assert (raised.value.code, raised.value.words) == (code, f"Slack: {words}")


# Progress


def test_progress_is_shown_no_more_often_than_every_five_seconds(channel: Channel) -> None:
    root = channel.post()
    shown = channel.messenger().progress(root.ts)

    for second in range(12):
        channel.now = float(second)
        shown.show(WORDS)

    assert channel.calls("chat.update") == 3


def test_a_new_step_is_shown_at_once(channel: Channel) -> None:
    root = channel.post()
    shown = channel.messenger().progress(root.ts)

    shown.show(WORDS)
    shown.show(MORE_WORDS, at_once=True)

    assert channel.said == ["two of four"]


def test_progress_of_one_message_is_paced_whoever_shows_it(channel: Channel) -> None:
    root = channel.post()
    messenger = channel.messenger()

    messenger.progress(root.ts).show(WORDS)
    messenger.progress(root.ts).show(MORE_WORDS)

    assert channel.calls("chat.update") == 1


@pytest.mark.parametrize("fault", [ConnectionLost(), RateLimited(30), SlackError("message_not_found")], ids=str)
def test_progress_that_cannot_be_shown_is_logged_and_nothing_waits_for_it(
    channel: Channel, fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    root = channel.post()
    channel.faults.add("chat.update", fault)

    with caplog.at_level(logging.WARNING):
        channel.messenger().progress(root.ts).show(MORE_WORDS)

    assert "progress was not shown" in caplog.text
    assert channel.calls("chat.update") == 1
    assert channel.waited == []


def test_a_run_without_a_message_shows_no_progress(channel: Channel) -> None:
    channel.messenger().progress(None).show(WORDS, at_once=True)

    assert channel.slack.calls == []


# Around it


def test_a_link_that_cannot_be_had_keeps_nobody_from_posting(channel: Channel) -> None:
    channel.faults.add("chat.getPermalink", ServerError(500))

    assert channel.post().permalink is None


def test_logs_hold_no_words_of_messages_and_no_token(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    channel.faults.add("chat.postMessage", ConnectionLost(), nth=1)
    channel.faults.add("files.completeUploadExternal", SlackError("internal_error"), nth=1)

    with caplog.at_level(logging.INFO):
        root = channel.post(said=WITH_TABLE)
        channel.attach(root.ts)

    written = " ".join(str(vars(record)) for record in caplog.records)
    assert {"posted", "attached", "Slack cannot be reached"} <= {record.message for record in caplog.records}
    assert BOT_TOKEN not in written
    assert "two functions" not in written
    assert "a,b" not in written


def test_a_message_that_appears_between_look_and_look_is_found(channel: Channel) -> None:
    """Another attempt of the same step, on another machine, posts while this one is in doubt."""
    channel.faults.add("chat.postMessage", ConnectionLost(), nth=1)
    mark = {"event_type": "snapstart_cleaner", "event_payload": {"run": RUN, "key": "root"}}
    theirs = Posted_(channel=REVIEW, ts="", user=BOT_USER, app_id=APP, text="from the other attempt", metadata=mark)
    messenger = Messenger(
        build_client(BOT_TOKEN, channel.slack.api_url), REVIEW, sleep=lambda _: channel.workspace.post(theirs)
    )

    posted = messenger.post(WORDS, run_key=RUN, message_key="root", not_before=channel.began)

    assert [stands.ts for stands in channel.workspace.messages(REVIEW)] == [posted.ts]
