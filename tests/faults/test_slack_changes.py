"""After the question was asked Slack goes down, loses the message, or wants another token: what was decided counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot import app as bot_app
from fakes.aws import Cloud
from fakes.slack import team
from fakes.slack.faults import ConnectionLost, Failure, RateLimited, ServerError, SlackError
from fakes.slack.things import Message
from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import MortalHarness, Point, When, mortal_harness, mortal_story
from tests.faults.law import Breaches, after_a_story, after_whatever_happened, live_buttons_of
from tests.faults.matrix import some
from tests.harness import a_clock

SHARDS = 6
IN_THE_SUITE = 2
AFTER_THE_CLICK = ("approval", "record-decision", "recheck", "delete-versions", "close-page")
FROM_THE_SCAN_ON = ("announce-scan", "discover-snapstart", "build-and-upload-report", "open-page", *AFTER_THE_CLICK)
ENDS: Sequence[str | None] = ("recheck", "delete-versions", "close-page", None)
"""The steps after which Slack is back; never, where None."""


# Slack goes down

OUTAGES: Sequence[Failure] = (ServerError(503), ConnectionLost(), RateLimited(retry_after=30))


def down(start: str, end: str | None, failure: Failure) -> Breaches:
    """Slack is down from one step to another; where for good, the first click afterwards takes what is left."""
    with mortal_story() as play:
        arn = story.begin(play)
        play.until_asked(arn)
        play.after(start, lambda: play.slack.faults.add("*", failure))
        if end is not None:
            play.after(end, play.slack.faults.clear)
        story.approve(play)
        play.result(arn)
        if end is not None:
            return after_a_story(play, arn, story.EXPECTED)
        play.slack.faults.clear()
        press_what_is_left(play, play.root)
        breaches = after_whatever_happened(play, arn, story.SAFE)
        return breaches + Breaches(not_deleted=len(story.SAFE - set(play.deleted)))


def press_what_is_left(play: MortalHarness, shown: Message) -> None:
    """Press a button that was left on a message: it decides nothing any more."""
    buttons = [e["action_id"] for block in shown.blocks for e in block.get("elements", ()) if e.get("type") == "button"]
    if "reject" in buttons:
        play.somebody(team.APPROVER).presses(shown, "reject")


def test_a_decision_is_carried_out_and_told_however_long_slack_is_away_after_it(
    shard: int, of: int, every: bool, count: Count
) -> None:
    outages = [
        (start, end, failure)
        for start in AFTER_THE_CLICK
        for end in ENDS
        for failure in OUTAGES
        if end is None or AFTER_THE_CLICK.index(end) > AFTER_THE_CLICK.index(start)
    ]
    chosen = (outages if every else some(outages, IN_THE_SUITE))[shard::of]

    broken = {f"{failure} from {start} to {end}": down(start, end, failure) for start, end, failure in chosen}

    count("an outage after the click", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}


# The message is lost


def deleted(play: MortalHarness) -> None:
    for root in play.roots:
        play.workspace.delete(team.REVIEW, root.ts)


def not_editable(play: MortalHarness) -> None:
    play.slack.faults.add("chat.update", SlackError("cant_update_message"), when=_is_the_first(play))


def _is_the_first(play: MortalHarness) -> Callable[[Mapping[str, object]], bool]:
    first = {root.ts for root in play.roots}
    return lambda given: given.get("ts") in first


def archived(play: MortalHarness) -> None:
    play.workspace.put(replace(play.workspace.channels[team.REVIEW], is_archived=True))


def another_channel(play: MortalHarness) -> None:
    """The setting is changed: both functions start anew with it."""
    play.environ["SLACK_CHANNEL_ID"] = team.ELSEWHERE
    play.restart()
    play.bot = bot_app.build(play.environ, client=play.cloud.client, clock=play.clock.seconds)


LOSSES: Mapping[str, Callable[[MortalHarness], object]] = {
    "deleted": deleted,
    "not editable": not_editable,
    "in a channel that is archived": archived,
    "in a channel that is not ours any more": another_channel,
}
IDLE = story.SAFE | {"orders-api:2", "orders-api:3"}
NONE = frozenset[str]()
ANSWERS = ("approve", "reject", "nobody")


def lost(how: str, when: str, answer: str) -> Breaches:
    """The message is lost after a step; somebody who still has it on screen presses a button, or nobody does."""
    with mortal_story() as play:
        arn = play.starts({"requested_by": team.ASKER})
        waits = when == "open-page"
        if not waits:
            play.after(when, lambda: LOSSES[how](play))
        play.eventually(lambda: "approval submitter" in play.steps(arn) or play.is_over(arn))
        shown = play.root
        if waits:
            LOSSES[how](play)
        if not play.is_over(arn):
            if answer != "nobody":
                play.somebody(team.APPROVER).presses(shown, answer)
            if not play.answered:
                play.nobody_decides(arn)
        play.result(arn)
        play.slack.faults.clear()
        play.workspace.put(replace(play.workspace.channels[team.REVIEW], is_archived=False))
        for root in play.roots:
            press_what_is_left(play, root)
        safe = IDLE if play.answered and answer == "approve" else NONE
        ours = play.workspace.messages(play.environ["SLACK_CHANNEL_ID"])  # elsewhere no button decides anything
        return replace(after_whatever_happened(play, arn, safe, said=False), live_buttons=live_buttons_of(ours))


def test_a_run_whose_message_is_lost_deletes_what_was_approved_and_ends_in_words(
    shard: int, of: int, every: bool, count: Count
) -> None:
    losses = [(how, when, answer) for how in LOSSES for when in FROM_THE_SCAN_ON for answer in ANSWERS]
    chosen = (losses if every else some(losses, IN_THE_SUITE))[shard::of]

    broken = {case: lost(*case) for case in chosen}

    count("a lost message", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}


# The token is replaced

SECRET = {"bot_token": team.BOT_TOKEN, "signing_secret": team.SIGNING_SECRET}
NEW_TOKEN = "xoxb-new"
FROM_THE_SECRET = {"SLACK_BOT_TOKEN": "", "SLACK_SIGNING_SECRET": "", "SLACK_SECRET_ID": "slack"}
THE_SECRET = "secrets-manager GetSecretValue POST"
LATE = 3
"""The read of the secret that finds the new token: after the first one, and one that came too early."""


def replaced(when: str, *, late: bool) -> Breaches:
    """Slack takes only another token from a step on; it is in the secret by then, or comes later."""
    clock = a_clock()
    cloud = story.fill(Cloud(clock=clock))
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name="slack", SecretString=json.dumps(SECRET))

    def arrives() -> None:
        secrets.put_secret_value(SecretId="slack", SecretString=json.dumps({**SECRET, "bot_token": NEW_TOKEN}))

    with mortal_harness(cloud, clock, **FROM_THE_SECRET) as play:
        if late:
            play.happens[Point("aws", THE_SECRET, LATE, When.BEFORE)] = arrives
        else:
            play.after(when, arrives)
        play.after(when, lambda: play.workspace.put(replace(play.workspace.app, token=NEW_TOKEN)))
        arn = story.begin(play)
        play.until_asked(arn)
        clock.passes(minutes=2)  # the bot reads the secret again at most once a minute
        story.approve(play)
        breaches = after_a_story(play, arn, story.EXPECTED)
        assert not play.happens, "the secret was never read again"
        return breaches


def test_a_token_that_is_replaced_at_any_moment_loses_no_word_and_no_decision(
    shard: int, of: int, every: bool, count: Count
) -> None:
    cases = [(when, False) for when in FROM_THE_SCAN_ON] + [(when, True) for when in AFTER_THE_CLICK]
    chosen = (cases if every else some(cases, IN_THE_SUITE))[shard::of]

    broken = {case: replaced(case[0], late=case[1]) for case in chosen}

    count("a replaced token", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}
