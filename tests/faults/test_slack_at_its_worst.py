"""Slack stumbles at every call, and refuses every call: what is said stands there once, and nothing goes unsaid."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pytest

from fakes.slack import team
from fakes.slack.faults import ConnectionLost, Failure, RateLimited, ServerError, SlackError
from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import Point, When, mortal_story, story_points
from tests.faults.law import Breaches, after_a_story, after_whatever_happened
from tests.faults.matrix import some
from tests.harness import Harness

SHARDS = 6
STUMBLES: Sequence[Failure] = (
    RateLimited(retry_after=30),
    ServerError(503),
    ServerError(500, done=True),
    SlackError("fatal_error"),
    SlackError("internal_error", done=True),
    ConnectionLost(),
    ConnectionLost(done=True),
)
REFUSALS: Sequence[Failure] = (
    *map(
        SlackError,
        (
            "channel_not_found",
            "not_in_channel",
            "is_archived",
            "token_revoked",
            "msg_blocks_too_long",
            "invalid_blocks",
            "message_not_found",
            "missing_scope",
        ),
    ),
    RateLimited(retry_after=30),
    ServerError(503),
    ConnectionLost(),
)
BYTES = "the file's bytes"


@functools.cache
def calls() -> Sequence[Point]:
    """Every call to Slack of the story, as it leaves."""
    return [point for point in story_points() if point.kind == "slack" and point.when is When.BEFORE]


def fails(play: Harness, call: Point, failure: Failure, *, for_good: bool) -> None:
    """Let a call fail at its time: that once, or from then on."""
    method = "upload" if call.name == BYTES else call.name
    passed = 0

    def meant(_arguments: object) -> bool:
        nonlocal passed
        passed += 1
        return passed >= call.nth if for_good else passed == call.nth

    play.slack.faults.add(method, failure, when=meant)


def test_a_stumble_is_waited_out_and_everything_is_said_once(shard: int, of: int, every: bool, count: Count) -> None:
    stumbles = [
        (call, failure)
        for call in calls()
        for failure in STUMBLES
        if call.name != BYTES or not isinstance(failure, SlackError)  # where bytes go there are no error codes
    ]
    chosen = (stumbles if every else some(stumbles, 3))[shard::of]
    broken = {}
    for call, failure in chosen:
        with mortal_story() as play:
            fails(play, call, failure, for_good=False)
            broken[f"{failure} {call}"] = after_a_story(play, story.tell(play), story.EXPECTED)

    count("a stumble of Slack", len(chosen), sum(broken.values(), Breaches()))
    assert {point: str(breaches) for point, breaches in broken.items() if breaches} == {}


def refused(call: Point, failure: Failure) -> Breaches:
    """Tell the story against a refusal; when Slack is itself again, somebody presses what is left of the buttons."""
    with mortal_story() as play:
        fails(play, call, failure, for_good=True)
        arn = story.tell_whatever_happens(play, mends=play.slack.faults.clear)
        play.slack.faults.clear()
        deleted = list(play.deleted)
        if play.roots:
            the_first_click(play)
        breaches = after_whatever_happened(play, arn, story.SAFE, said=bool(play.roots))
        assert play.deleted == deleted, "a click on a run that was over deleted something"
        return breaches


def the_first_click(play: Harness) -> None:
    """Press what can still be pressed, wherever it stands: it decides nothing, and is gone afterwards."""
    for message in play.roots:
        buttons = [element.get("action_id") for block in message.blocks for element in block.get("elements", ())]
        if "reject" in buttons:
            play.somebody(team.APPROVER).presses(message, "reject")


def test_a_refusal_ends_in_words_and_the_first_click_removes_what_is_left(
    shard: int, of: int, every: bool, count: Count
) -> None:
    last = {call.name: call for call in sorted(calls())}
    refusals = [
        (call, failure)
        for name in last
        for call in sorted({Point("slack", name, 1, When.BEFORE), last[name]})
        for failure in REFUSALS
        if name != BYTES or not isinstance(failure, SlackError)
    ]
    chosen = (refusals if every else some(refusals, 4))[shard::of]

    broken = {f"{failure} {call}": refused(call, failure) for call, failure in chosen}

    count("a refusal of Slack", len(chosen), sum(broken.values(), Breaches()))
    assert {point: str(breaches) for point, breaches in broken.items() if breaches} == {}


@pytest.mark.parametrize("failure", [ConnectionLost(), ServerError(503), SlackError("token_revoked")], ids=str)
def test_when_slack_cannot_be_reached_at_all_the_run_fails_and_nothing_is_deleted(failure: Failure) -> None:
    with mortal_story() as play:
        play.slack.faults.add("*", failure)
        arn = story.begin(play)
        result = play.result(arn)

        assert result.status.value == "FAILED"
        assert "Slack" in result.error.message
        assert play.deleted == []
        assert play.run(arn)["status"] == "ended"


@pytest.mark.parametrize("failure", [ConnectionLost(), SlackError("is_archived")], ids=str)
def test_when_slack_is_gone_by_the_decision_it_is_carried_out_all_the_same_and_stands_on_record(
    failure: Failure,
) -> None:
    with mortal_story() as play:
        arn = story.begin(play)
        play.until_asked(arn)
        for method in ("chat.update", "chat.postMessage", "conversations.replies", "conversations.history"):
            play.slack.faults.add(method, failure)
        story.approve(play)

        assert play.result(arn).status.value == "FAILED"
        assert set(play.deleted) == story.SAFE
        told = {f"{r['function_name']}:{r['version']}": r["outcome"] for r in play.outcome(arn)["results"]}
        assert told == story.EXPECTED
        assert play.run(arn)["ending_words"] == play.result(arn).error.message
