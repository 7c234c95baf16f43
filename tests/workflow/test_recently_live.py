"""The release that was live until a minute ago is tomorrow's rollback: it is not offered, and never deleted."""

from __future__ import annotations

from datetime import timedelta

from fakes.aws import Cloud
from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function
from tests.workflow.seen import ended, results, ticks

A_MINUTE = timedelta(minutes=1)


def just_released(cloud: Cloud) -> None:
    """`orders-api` went from 35 to 40 a minute ago, 41 to 43 are built; nobody calls it, `mailer` is called."""
    orders = cloud.function("orders-api").publish(43, age_days=20)
    orders.alias("live", 35).alias("live", 40, at=cloud.now() - A_MINUTE)
    a_function(cloud, "mailer", idle=1, memory_mb=1024)


def offered(play: Harness, arn: str) -> set[str]:
    """What the run offers, on all its pages."""
    offer = play.record(f"intermediate/{play.execution(arn)}/offer.json")
    return {f"{candidate['function_name']}:{candidate['number']}" for candidate in offer["candidates"]}


def test_the_release_that_was_live_until_a_minute_ago_is_not_offered(set_stage: SetStage) -> None:
    play = set_stage(just_released)
    arn = play.scan()

    numbers = {*range(1, 44)} - {35, 40, 41, 42, 43}
    assert offered(play, arn) == {"mailer:1", *(f"orders-api:{number}" for number in numbers)}
    assert "orders-api:34" in ticks(play)


def test_before_cloudtrail_has_told_of_the_move_nothing_of_the_function_is_offered(set_stage: SetStage) -> None:
    def not_told_yet(cloud: Cloud) -> None:
        just_released(cloud)
        cloud.trail.lag = 10 * A_MINUTE

    play = set_stage(not_told_yet)

    assert offered(play, play.scan()) == {"mailer:1"}


def test_a_release_that_was_live_while_the_question_waited_is_skipped_in_words(play: Harness) -> None:
    arn = play.scan()

    def released_and_rolled_back() -> None:
        play.clock.passes(minutes=30)
        orders = play.cloud.functions["orders-api"]
        orders.alias("live", 2, at=play.clock() - 20 * A_MINUTE).alias("live", 6, at=play.clock() - 10 * A_MINUTE)

    play.after("record-decision", released_and_rolled_back)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="3 deleted, 1 skipped, about $15.60 a month")
    assert results(play, arn)["orders-api:2"] == ("skipped", "an alias pointed to it lately, or may have")


def test_in_a_region_that_never_rests_the_moves_are_read_once_for_all_batches(
    set_stage: SetStage,
) -> None:
    def shifting(cloud: Cloud) -> None:
        a_function(cloud, "orders-api", idle=22)
        a_function(cloud, "mailer", idle=0)

    play = set_stage(shifting)
    arn = play.scan()
    play.clock.passes(hours=20)
    for minute in range(60, 1_160):
        play.cloud.functions["mailer"].alias("live", 1 + minute % 3, at=play.clock() - minute * A_MINUTE)
    orders = play.cloud.functions["orders-api"]
    orders.alias("live", 21, at=play.clock() - 90 * A_MINUTE).alias("live", 25, at=play.clock() - 80 * A_MINUTE)
    play.cloud.calls.reset()
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="21 deleted, 1 skipped, about $122.85 a month")
    assert results(play, arn)["orders-api:21"] == ("skipped", "an alias pointed to it lately, or may have")
    pages, last_minutes = 1_102 // 50 + 1, 3
    assert play.cloud.calls["LookupEvents"] <= pages + 2 + 2 * last_minutes


def test_with_alias_history_off_the_message_says_so(set_stage: SetStage) -> None:
    play = set_stage(just_released, ALIAS_HISTORY="off")
    arn = play.scan()

    assert "orders-api:35" in offered(play, arn)
    assert "Where aliases pointed in the last 14 days was not asked: `ALIAS_HISTORY` is off." in str(play.root.blocks)
    play.eventually(lambda: play.thread)
    assert "tag refers to it, and its stack is not being changed." in play.thread[-1].text
