"""One run from the request to the last word: every way a decision can go, with everything real but AWS and Slack."""

from __future__ import annotations

from fakes.slack import team
from fakes.slack.faults import Meanwhile
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function, abandoned, nothing_idle
from tests.workflow.seen import buttons, ended, headline, results, said_once, ticks, told

ALL = ["mailer:1", "orders-api:1", "orders-api:2", "orders-api:3"]


def test_approving_all_deletes_all_that_was_offered_and_nothing_else(play: Harness) -> None:
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "approve")

    run = ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")

    assert sorted(play.deleted) == ALL
    assert play.cloud.has("orders-api", 4)
    assert play.cloud.has("mailer", 4)
    assert headline(play) == "4 of 4 versions deleted, about $21.45 a month less"
    assert (run["candidates"], run["monthly_usd"], run["requested_by"]) == (4, 21.45, team.ASKER)
    assert results(play, arn) == dict.fromkeys(ALL, ("deleted", None))
    asked, decided, done = told(play)
    assert asked.startswith(
        f"<@{team.ASKER}> Scan finished: 4 idle versions, about $21.45 a month, wait for a decision"
    )
    assert decided == f"<@{team.APPROVER}> approved 4 of 4 versions\n`orders-api` 1–3 · `mailer` 1"  # noqa: RUF001
    assert done.startswith(f"<@{team.ASKER}> <@{team.APPROVER}> 4 versions deleted, about $21.45 a month less")


def test_what_was_unticked_stays_and_is_named_and_all_else_goes(play: Harness) -> None:
    arn = play.scan()
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "orders-api:2")
    approver.presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="3 deleted, about $15.60 a month")

    assert sorted(play.deleted) == ["mailer:1", "orders-api:1", "orders-api:3"]
    assert play.cloud.has("orders-api", 2)
    assert "Not ticked, so they stay: `orders-api` 2" in told(play)[1]
    assert "`snapstart-cleaner:keep` = `2`" in told(play)[2]
    page = play.outcome(arn, 1)
    assert (page["action"], page["approver"]["id"]) == ("approve", team.APPROVER)
    assert sorted(page["approved"]) == [["mailer", 1], ["orders-api", 1], ["orders-api", 3]]
    (keep,) = play.memory["keeps"]
    assert keep == {
        "function_name": "orders-api",
        "version": "2",
        "by": team.APPROVER,
        "name": "approver",
        "on": "2026-11-20",
        "until": "2027-02-18",
        "reason": "untick",
    }


def test_rejecting_deletes_nothing_and_tells_who_asked(play: Harness) -> None:
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")

    ended(play, arn, as_="rejected", in_words="nothing deleted")

    assert play.deleted == []
    assert headline(play) == "Rejected: all 4 versions kept"
    said = f"<@{team.ASKER}>: <@{team.APPROVER}> rejected all 4 versions. Nothing was deleted."
    assert [reply for reply in told(play) if "rejected" in reply] == told(play)[-1:] == [said]
    assert play.kept == ALL
    assert play.outcome(arn, 1)["results"] == []
    assert play.keys("ledger/") == [], "what is rejected has no line"


def test_nobody_deciding_in_time_deletes_nothing_and_says_until_when_it_waited(play: Harness) -> None:
    arn = play.scan()
    play.nobody_decides(arn)

    run = ended(play, arn, as_="expired", in_words="nothing deleted")

    assert play.deleted == []
    assert headline(play) == "Expired: nobody decided, nothing was deleted"
    assert "Open from 20 Nov, 12:00 UTC to 26 Nov, 11:59 UTC" in play.root.text
    assert told(play)[-1] == f"<@{team.ASKER}>: nobody decided by 26 Nov, 11:59 UTC. Nothing was deleted."
    assert run["expires_at"] == run["started_at"] + 518_400 - 60
    assert play.keys("outcomes/") == [f"outcomes/{run['execution']}.json"]


def test_a_decision_after_the_time_is_up_is_refused_and_changes_nothing(play: Harness) -> None:
    play.scan()
    play.clock.passes(seconds=518_400 - 60)
    late = play.somebody(team.APPROVER)
    late.presses(play.root, "approve")

    assert "This expired on" in late.told[-1].text
    assert play.deleted == []


def test_nothing_idle_is_said_to_who_asked_and_nobody_has_to_act(set_stage: SetStage) -> None:
    play = set_stage(nothing_idle)
    arn = play.starts({"requested_by": team.ASKER})

    run = ended(play, arn, as_="nothing_to_do", in_words="nothing to clean, 3 versions")

    assert headline(play).startswith("Nothing to clean in us-west-2: none of the 3 SnapStart versions is idle.")
    assert told(play) == []
    assert (run["snapstart"], run["candidates"], play.deleted) == (3, 0, [])


def test_what_could_not_be_judged_is_neither_offered_nor_called_clean(play: Harness) -> None:
    play.cloud.faults.blur("InternalError")
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="nothing_to_do", in_words="nothing to offer, 4 of 10 versions could not be judged")

    assert headline(play).startswith("Nothing to offer in us-west-2, but 4 of 10 versions could not be judged")
    assert "GetMetricData" in play.root.text
    assert play.deleted == []


def test_a_region_where_nothing_is_ever_called_is_offered_with_a_warning_and_nothing_ticked(
    set_stage: SetStage,
) -> None:
    play = set_stage(abandoned)
    arn = play.scan()

    assert ticks(play) == {"orders-api:1": False, "orders-api:2": False}
    assert "No function in us-west-2 was called in 35 days." in play.root.text

    approver = play.somebody(team.APPROVER)
    approver.presses(play.root, "approve")
    assert approver.told[-1].text.startswith("Nothing is ticked, so nothing was approved.")

    approver.ticks(play.root, "orders-api:1")
    approver.presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="1 deleted, about $5.85 a month")
    assert play.deleted == ["orders-api:1"]


def test_more_than_may_be_offered_is_cut_and_the_rest_is_counted(set_stage: SetStage) -> None:
    play = set_stage(MAX_DELETIONS="3")
    arn = play.scan()

    assert list(ticks(play)) == ["orders-api:1", "orders-api:2", "orders-api:3"]
    assert "1 more idle, about $3.90 a month: the next scan" in play.root.text

    play.somebody(team.APPROVER).presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="3 deleted, about $17.55 a month")
    assert play.cloud.has("mailer", 1)


def test_a_second_person_must_approve_but_who_asked_may_reject(set_stage: SetStage) -> None:
    play = set_stage(APPROVERS="*", REQUIRE_SECOND_PERSON="true")
    arn = play.scan()
    assert f"someone other than <@{team.ASKER}> has to decide" in play.root.text
    asker = play.somebody(team.ASKER)

    asker.presses(play.root, "approve")
    assert asker.told[-1].text == "You asked for this scan, so someone else has to decide. Nothing changed."
    assert buttons(play) == ["approve", "reject", "why_held"]

    asker.presses(play.root, "reject")
    ended(play, arn, as_="rejected", in_words="nothing deleted")
    assert play.deleted == []


def test_the_first_of_two_decisions_wins_and_the_second_is_told_so(play: Harness) -> None:
    arn = play.scan()
    shown = play.root
    approver, other = play.somebody(team.APPROVER), play.somebody(team.OTHER)
    other.presses(shown, "reject")
    approver.presses(shown, "approve")

    ended(play, arn, as_="rejected", in_words="nothing deleted")

    assert "Already decided" in approver.told[-1].text or "Somebody decided this" in approver.told[-1].text
    assert play.deleted == []
    said_once(play)


def test_a_decision_that_comes_before_the_thread_is_told_counts_all_the_same(play: Harness) -> None:
    def decide() -> None:
        play.somebody(team.APPROVER).presses(play.root, "approve")

    play.slack.faults.add(
        "chat.postMessage", Meanwhile(decide), nth=1, when=lambda arguments: "Scan finished" in str(arguments["text"])
    )
    arn = play.scan()

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")
    assert told(play)[0].startswith(f"<@{team.ASKER}> Scan finished")
    assert len(told(play)) == 3


def test_boxes_that_slack_does_not_send_count_as_unticked_and_are_spoken_of(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=12))
    arn = play.scan()
    approver = play.somebody(team.APPROVER, untouched_groups_arrive=False)
    approver.unticks(play.root, "orders-api:1")
    approver.presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="9 deleted, about $52.65 a month")

    assert play.deleted == [f"orders-api:{n}" for n in range(2, 11)]
    assert "Slack did not send 2 of the boxes. Their versions were left alone." in play.root.text
    assert "Slack did not send 2 of the boxes. Their versions were left alone." in told(play)[1]
