"""Pause and resume, as the bot starts them: in force at once, told to the channel, and never shortened by another."""

from __future__ import annotations

import json
from typing import Any

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.seen import ended

PAUSE = "control/pause.json"


def asks(play: Harness, kind: str, by: str = team.OTHER, name: str = "other", **given: Any) -> Any:
    arn = play.starts({"kind": kind, "requested_by": by, "requested_by_name": name, **given})
    result = play.result(arn)
    return json.loads(result.result) if result.result else result.error


def test_a_pause_is_written_down_and_told_to_the_channel(play: Harness) -> None:
    result = asks(play, "pause", until="2027-01-31", reason="release freeze")

    assert result == {"ending": "told", "words": "paused by @other until 31 Jan 2027: release freeze"}
    assert play.root.text == (
        "Nothing is deleted until 31 Jan 2027, that day included. Paused by <@U0OTHER>: release freeze. Open questions "
        "stay open; to go on: `/snapstart resume`"
    )
    assert play.record(PAUSE)["until"] == "2027-01-31"


def test_a_pause_without_an_end_lasts_until_somebody_resumes(play: Harness) -> None:
    asks(play, "pause")
    assert play.root.text.startswith("Nothing is deleted until an approver resumes. Paused by <@U0OTHER>.")

    result = asks(play, "resume", by=team.APPROVER, name="approver")

    assert result == {"ending": "told", "words": "resumed"}
    assert play.root.text == "What is approved is deleted again. <@U0APPROVER> ended the pause."
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_a_shorter_pause_by_another_changes_nothing_and_is_told_so(play: Harness) -> None:
    asks(play, "pause")
    asks(play, "pause", by=team.ASKER, name="asker", until="2026-11-21")

    assert play.record(PAUSE)["by"] == team.OTHER
    assert "<@U0ASKER> asked for a pause that ends no later." in play.root.text


def test_a_moment_counts_until_its_day_is_over(play: Harness) -> None:
    asks(play, "pause", until="2026-11-21T18:00Z")

    assert play.record(PAUSE)["until"] == "2026-11-21"


def test_a_request_that_cannot_be_used_is_refused_in_words(play: Harness) -> None:
    result = asks(play, "pause", until="soon")

    assert result["ending"] == "refused"
    assert play.root.text.startswith("The pause did not take effect: `until` ")
    assert "must be a date" in play.root.text
    assert play.keys("control/") == []


def test_a_pause_that_cannot_be_written_down_is_said_to_be_none(play: Harness) -> None:
    play.cloud.faults.deny("PutObject")
    error = asks(play, "pause")

    assert "s3:PutObject AccessDenied" in error.message
    assert play.root.text.startswith("The pause did not take effect: s3:PutObject AccessDenied")


def test_resuming_replaces_a_record_that_cannot_be_read(play: Harness) -> None:
    play.cloud.client("s3").put_object(Bucket="reports", Key=PAUSE, Body=b"{half")

    asks(play, "resume", by=team.APPROVER, name="approver")

    assert play.record(PAUSE)["resumed_by"] == {"id": team.APPROVER, "name": "approver"}
