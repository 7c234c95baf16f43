"""The weekly scan that nobody asked for: it speaks when there is something new to decide, and is silent otherwise."""

from __future__ import annotations

from fakes.slack import team
from tests.harness import BUCKET, Harness
from tests.workflow.conftest import SetStage, weekly
from tests.workflow.fleets import a_function, nothing_idle
from tests.workflow.seen import ended, headline, ticks, told


def weekly_and_rejected(play: Harness) -> str:
    arn = weekly(play)
    play.until_asked(arn)
    play.somebody(team.APPROVER).presses(play.root, "reject")
    return arn


def test_candidates_are_posted_once_and_the_approvers_called_in_the_thread(play: Harness) -> None:
    arn = weekly(play)
    play.until_asked(arn)

    assert len(play.roots) == 1
    assert headline(play) == "Delete 4 idle Lambda versions? Saves about $21.45 a month"
    assert "asked by the schedule" in play.root.text
    (asked,) = told(play)
    assert asked.startswith(f"<!subteam^{team.ONCALL}> Scan finished: 4 idle versions, about $21.45 a month, wait for")
    assert play.slack.calls_of("chat.update") == [], "nobody watches a scheduled scan"

    play.somebody(team.APPROVER).presses(play.root, "approve")
    run = ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")
    assert run["requested_by"] is None
    assert told(play)[-1].startswith(f"<@{team.APPROVER}> 4 versions deleted")


def test_nothing_to_clean_is_not_said(set_stage: SetStage) -> None:
    play = set_stage(nothing_idle)
    arn = weekly(play)

    ended(play, arn, as_="nothing_to_do", in_words="nothing to clean, 3 versions")

    assert play.roots == []
    assert play.slack.calls_of("chat.postMessage") == []


def test_what_could_not_be_judged_is_said(play: Harness) -> None:
    play.cloud.faults.throttle("ListAliases")
    arn = weekly(play)

    ended(play, arn, as_="nothing_to_do", in_words="nothing to offer, 4 of 10 versions could not be judged")

    assert headline(play).startswith("Nothing to offer in us-west-2, but 4 of 10 versions could not be judged")
    assert len(play.roots) == 1


def test_what_was_all_kept_last_time_is_not_asked_again(play: Harness) -> None:
    play.result(weekly_and_rejected(play))
    play.clock.passes(days=7)

    again = weekly(play)

    ended(
        play,
        again,
        as_="nothing_to_do",
        in_words="nothing new to offer, 4 idle versions: 4 kept",
    )
    assert len(play.roots) == 1
    assert play.deleted == []


def test_something_new_is_asked_and_what_was_kept_takes_no_place_beside_it(play: Harness) -> None:
    play.result(weekly_and_rejected(play))
    play.clock.passes(days=7)
    a_function(play.cloud, "checkout", idle=1)

    play.until_asked(weekly(play))

    assert len(play.roots) == 2
    assert ticks(play) == {"checkout:1": True}


def test_what_is_kept_comes_back_unticked_when_somebody_asks_and_is_forgotten_once_approved(play: Harness) -> None:
    first = play.scan()
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "orders-api:2", "mailer:1")
    approver.presses(play.root, "approve")
    play.result(first)
    play.clock.passes(days=1)

    second = play.scan()
    assert ticks(play) == {"orders-api:2": False, "mailer:1": False}
    assert "kept by @approver until 18 Feb" in str(play.root.blocks)
    other = play.somebody(team.OTHER)
    other.ticks(play.root, "mailer:1")
    other.presses(play.root, "approve")

    ended(play, second, as_="approved", in_words="1 deleted, about $3.90 a month")
    assert play.deleted[-1] == "mailer:1"
    assert play.kept == ["orders-api:2"]
    assert play.memory["keeps"][0]["by"] == team.APPROVER, "what starts unticked and stays so is kept by nobody anew"


def test_free_candidates_alone_are_not_worth_a_message(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "reports", idle=2, runtime="java21"))
    arn = weekly(play)

    ended(
        play,
        arn,
        as_="nothing_to_do",
        in_words="nothing new to offer, 2 idle versions: 2 free now or called now and then",
    )
    assert play.roots == []


def test_a_failure_is_said_though_nobody_asked(play: Harness) -> None:
    play.cloud.faults.deny("ListFunctions")
    arn = weekly(play)
    play.result(arn)

    assert headline(play) == "Scan failed, nothing was deleted"
    assert "asked by" not in told(play)[0]


def test_an_occasion_that_is_delivered_twice_is_scanned_and_spoken_of_once(play: Harness) -> None:
    first = weekly(play)
    play.until_asked(first)

    assert "already_running" in play.result(weekly(play)).result
    assert len(told(play)) == 1

    assert "already_running" in play.result(weekly(play, "occasion-2")).result
    assert told(play)[1].startswith("The scheduled scan of us-west-2 found this run open: 4 versions still wait")


# A year of Mondays


def test_news_never_waits_behind_rows_that_somebody_rejected(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=5), MAX_DELETIONS="2")
    offered = []
    for week in range(3):
        arn = weekly(play, f"occasion-{week}")
        play.until_asked(arn)
        offered.append(sorted(ticks(play)))
        play.somebody(team.APPROVER).presses(play.root, "reject")
        play.result(arn)
        play.clock.passes(days=7)

    assert offered == [["orders-api:1", "orders-api:2"], ["orders-api:3", "orders-api:4"], ["orders-api:5"]]
    assert "nothing new to offer, 5 idle versions: 5 kept" in play.result(weekly(play, "occasion-3")).result
    assert len(play.roots) == 3


def test_what_was_kept_is_asked_again_after_its_end_and_starts_unticked(set_stage: SetStage) -> None:
    play = set_stage(KEEP_DAYS="30")
    play.result(weekly_and_rejected(play))
    play.clock.passes(days=30)

    assert "4 kept" in play.result(weekly(play, "occasion-2")).result
    play.clock.passes(days=1)
    play.until_asked(weekly(play, "occasion-3"))

    assert set(ticks(play).values()) == {False}
    assert "was kept by @approver until 20 Dec" in str(play.root.blocks)


def test_boxes_that_slack_did_not_send_and_rehearsals_are_kept_by_nobody(set_stage: SetStage) -> None:
    play = set_stage(DELETE_DRY_RUN="true")
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.result(arn)

    assert play.kept == []


def test_rows_that_could_not_be_judged_are_reported_once(play: Harness) -> None:
    play.cloud.faults.throttle("ListAliases")
    play.result(weekly(play))
    play.result(weekly(play, "occasion-2"))

    assert len(play.roots) == 1


def test_a_memory_that_cannot_be_read_is_set_aside_and_the_scan_goes_on(play: Harness) -> None:
    play.result(weekly_and_rejected(play))
    key = f"memory/{play.cloud.account_id}/us-west-2.json"
    play.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"{half")

    arn = weekly(play, "occasion-2")
    play.until_asked(arn)

    assert set(ticks(play)) == {"orders-api:1", "orders-api:2", "orders-api:3", "mailer:1"}
    assert play.keys("memory/")[0].endswith(f"us-west-2.damaged-{play.execution(arn)}.json")
