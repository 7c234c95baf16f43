"""The weekly scan that nobody asked for: it speaks when there is something new to decide, and is silent otherwise."""

from __future__ import annotations

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function, nothing_idle
from tests.workflow.seen import ended, headline, ticks, told


def weekly(play: Harness, occasion: str = "occasion-1") -> str:
    """A run as the schedule starts it: an occasion delivered twice bears the same id."""
    return play.starts({"region": "us-west-2", "request_id": occasion})


def test_candidates_are_posted_once_and_the_approvers_called_in_the_thread(play: Harness) -> None:
    arn = weekly(play)
    play.until_asked(arn)

    assert len(play.roots) == 1
    assert headline(play) == "4 idle versions cost about $21.45 a month"
    assert "asked by the schedule" in play.root.text
    (asked,) = told(play)
    assert asked.startswith(f"<!subteam^{team.ONCALL}> Scan finished: 4 idle versions, about $21.45 a month, wait for")
    assert play.slack.calls_of("chat.update") == [], "nobody watches a scheduled scan"

    play.somebody(team.APPROVER).presses(play.root, "Approve selected")
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
    first = weekly(play)
    play.until_asked(first)
    play.somebody(team.APPROVER).presses(play.root, "Reject all")
    play.result(first)
    play.clock.passes(days=7)

    again = weekly(play)

    ended(
        play,
        again,
        as_="nothing_to_do",
        in_words="nothing new to offer, 4 idle versions, each kept before or free now",
    )
    assert len(play.roots) == 1
    assert play.deleted == []


def test_something_new_beside_what_was_kept_is_asked_and_what_was_kept_starts_unticked(play: Harness) -> None:
    first = weekly(play)
    play.until_asked(first)
    play.somebody(team.APPROVER).presses(play.root, "Reject all")
    play.result(first)
    play.clock.passes(days=7)
    a_function(play.cloud, "checkout", idle=1)

    play.until_asked(weekly(play))

    assert len(play.roots) == 2
    assert ticks(play) == {
        "orders-api:1": False,
        "orders-api:2": False,
        "orders-api:3": False,
        "checkout:1": True,
        "mailer:1": False,
    }
    assert "kept by @approver on 20 Nov" in str(play.root.blocks)


def test_what_is_kept_comes_back_unticked_when_somebody_asks_and_is_forgotten_once_approved(play: Harness) -> None:
    first = play.scan()
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "orders-api:2", "mailer:1")
    approver.presses(play.root, "Approve selected")
    play.result(first)
    play.clock.passes(days=1)

    second = play.scan()
    assert ticks(play) == {"orders-api:2": False, "mailer:1": False}
    assert "kept by @approver on 20 Nov" in str(play.root.blocks)
    other = play.somebody(team.OTHER)
    other.ticks(play.root, "mailer:1")
    other.presses(play.root, "Approve selected")

    ended(play, second, as_="approved", in_words="1 deleted, about $3.90 a month")
    assert play.deleted[-1] == "mailer:1"
    assert play.record("kept/us-west-2.json")["versions"] == {
        "orders-api:2": {"by": team.OTHER, "name": "other", "on": "2026-11-21"}
    }


def test_free_candidates_alone_are_not_worth_a_message(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "reports", idle=2, runtime="java21"))
    arn = weekly(play)

    ended(
        play,
        arn,
        as_="nothing_to_do",
        in_words="nothing new to offer, 2 idle versions, each kept before or free now",
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
