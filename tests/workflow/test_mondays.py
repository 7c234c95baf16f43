"""From one run to the next: what is refused, paused, unanswered and written down, and what the next run knows of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from fakes.aws import Cloud
from fakes.slack import team
from tests.harness import BUCKET, Harness
from tests.workflow.conftest import SetStage, weekly
from tests.workflow.fleets import a_function, abandoned
from tests.workflow.seen import ended, ticks, told

PAUSE = "control/pause.json"
PAUSED = {
    "schema_version": 1,
    "by": team.OTHER,
    "name": "other",
    "reason": "release freeze",
    "since": "2026-11-20T11:00:00Z",
    "until": None,
}


def put(play: Harness, key: str, body: bytes) -> None:
    play.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


def ledger(play: Harness, arn: str) -> list[dict[str, object]]:
    key = f"ledger/2026-11/{play.execution(arn)}.jsonl"
    text = play.cloud.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    return [json.loads(line) for line in text.splitlines()]


# Refused for good


def replicas_first(cloud: Cloud) -> None:
    """Three replicas at the edge, dearer than the idle versions behind them."""
    edge = cloud.function("edge", memory_mb=4096)
    edge.publish(3, age_days=30, apart=timedelta(days=1), replicated=True)
    edge.publish(3, age_days=20, apart=timedelta(days=1))
    edge.alias("live", 6)
    a_function(cloud, "orders-api", idle=2)


@pytest.mark.parametrize(
    ("mailer_too", "said"),
    [(False, "Nothing deleted: AWS refused the only version"), (True, "Nothing deleted: 1 refused by AWS, 1 skipped")],
)
def test_where_aws_refused_what_was_approved_the_headline_says_so(
    set_stage: SetStage, *, mailer_too: bool, said: str
) -> None:
    def fill(cloud: Cloud) -> None:
        edge = cloud.function("edge", memory_mb=4096)
        edge.publish(1, age_days=30, replicated=True)
        edge.publish(3, age_days=20, apart=timedelta(days=1))
        if mailer_too:
            a_function(cloud, "mailer", idle=1)

    play = set_stage(fill)
    arn = play.scan()
    if mailer_too:
        play.after("record-decision", lambda: play.cloud.functions["mailer"].event_source(1))
    offered = play.record(f"pending/{play.execution(arn)}/page-1.json")["candidates"]
    approved = [{"function_name": c["function_name"], "version": str(c["number"])} for c in offered]
    approver = {"id": team.APPROVER, "name": "approver"}
    answer = {
        "approved": True,
        "approved_versions": approved,
        "approver": approver,
        "decided_at": "2026-11-20T12:00:00Z",
    }
    play.answers(arn, json.dumps(answer).encode())
    play.result(arn)

    assert play.root.text.splitlines()[0] == said


def test_replicas_at_the_edge_are_refused_once_and_asked_again_after_their_time(set_stage: SetStage) -> None:
    play = set_stage(replicas_first, KEEP_DAYS="10")
    arn = weekly(play)
    play.until_asked(arn)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="2 deleted, 3 refused by AWS, about $11.70 a month")

    assert sorted(play.deleted) == ["orders-api:1", "orders-api:2"], "what is refused stops nothing behind it"
    assert "Refused by AWS, and not asked again for now (3)" in told(play)[-1]
    assert {refusal["version"] for refusal in play.memory["refusals"]} == {"1", "2", "3"}
    play.clock.passes(days=7)
    assert "nothing new to offer, 3 idle versions: 3 refused by AWS" in play.result(weekly(play, "occasion-2")).result
    play.clock.passes(days=4)
    play.until_asked(weekly(play, "occasion-3"))
    assert ticks(play) == {"edge:1": False, "edge:2": False, "edge:3": False}


# Paused


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (json.dumps(PAUSED).encode(), "paused by @other: release freeze"),
        (b"{half", "paused, because control/pause.json cannot be read"),
    ],
)
def test_what_was_approved_before_a_pause_is_skipped_and_says_so(play: Harness, record: bytes, words: str) -> None:
    play.after("record-decision", lambda: put(play, PAUSE, record))
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 skipped")

    assert play.deleted == []
    assert {result["reason"].split(": Expecting")[0] for result in play.outcome(arn, 1)["results"]} == {words}
    assert words in told(play)[-1]


def test_a_pause_that_is_over_pauses_nothing(play: Harness) -> None:
    put(play, PAUSE, json.dumps({**PAUSED, "until": "2026-11-19"}).encode())
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


# Written down


def test_every_approved_version_has_a_line_in_the_ledger(play: Harness) -> None:
    arn = play.scan()
    play.after("record-decision", lambda: play.cloud.functions["mailer"].alias("canary", 1))
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    lines = {f"{line['function_name']}:{line['version']}": line for line in ledger(play, arn)}

    assert {label: line["outcome"] for label, line in lines.items()} == {
        "orders-api:1": "deleted",
        "orders-api:2": "deleted",
        "orders-api:3": "deleted",
        "mailer:1": "skipped",
    }
    assert lines["mailer:1"]["words"] == "alias `canary` points to it now"
    line = lines["orders-api:1"]
    assert line["who"] == {"id": team.APPROVER, "name": "approver"}
    assert (line["gb"], line["monthly_usd"], line["account_id"]) == (1.5, 5.85, play.cloud.account_id)
    assert line["code_sha256"]
    assert line["offer_hash"]


# Kept


def test_who_decides_may_choose_for_how_long_what_stays_is_kept(play: Harness) -> None:
    arn = play.scan()
    who = {"id": team.APPROVER, "name": "approver"}
    play.answers(arn, json.dumps({"approved": False, "approver": who, "keep_days": 365}).encode())
    play.result(arn)

    assert {keep["until"] for keep in play.memory["keeps"]} == {"2027-11-20"}
    assert "The schedule asks about them again after 20 Nov 2027;" in play.root.text


@pytest.mark.parametrize(("days", "day", "until"), [(30, "20 Dec", "2026-12-20"), (365, "20 Nov 2027", "2027-11-20")])
def test_the_thread_says_from_when_on_what_was_unticked_is_asked_about_again(
    set_stage: SetStage, days: int, day: str, until: str
) -> None:
    play = set_stage(KEEP_DAYS=str(days))
    arn = play.scan()
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "mailer:1")
    approver.presses(play.root, "approve")
    play.result(arn)

    assert {keep["until"] for keep in play.memory["keeps"]} == {until}
    assert f"After {day} the schedule asks again about what was unticked." in told(play)[-1]


def test_of_what_began_unticked_and_was_left_so_no_day_is_named_for_none_is_remembered(set_stage: SetStage) -> None:
    play = set_stage(abandoned)
    arn = play.scan()
    approver = play.somebody(team.APPROVER)
    approver.ticks(play.root, next(iter(ticks(play))))
    approver.presses(play.root, "approve")
    play.result(arn)

    assert play.kept == []
    assert "Not ticked, so they stay" in told(play)[-1]
    assert "the schedule asks again" not in told(play)[-1]


def test_boxes_that_slack_did_not_send_are_kept_by_nobody(play: Harness) -> None:
    arn = play.scan()
    approver = play.somebody(team.APPROVER, untouched_groups_arrive=False)
    approver.ticks(play.root, "mailer:1")
    answer = {
        "approved": True,
        "approved_versions": [{"function_name": "mailer", "version": "1"}],
        "approver": {"id": team.APPROVER, "name": "approver"},
        "boxes_missing": 2,
        "not_sent": [{"function_name": "orders-api", "version": str(number)} for number in (1, 2)],
    }
    play.answers(arn, json.dumps(answer).encode())
    play.result(arn)

    assert play.kept == ["orders-api:3"]


def test_a_decision_stands_where_nobody_can_tell_any_more_which_boxes_started_ticked(play: Harness) -> None:
    arn = play.scan()
    put(play, f"intermediate/{play.execution(arn)}/offer.json", b"{half")
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "mailer:1")
    approver.presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="3 deleted, about $17.55 a month")
    assert play.kept == []


def test_who_takes_their_own_run_back_leaves_nothing_to_remember(play: Harness) -> None:
    arn = play.scan()
    who = {"id": team.ASKER, "name": "asker"}
    play.answers(arn, json.dumps({"approved": False, "approver": who, "cancelled": True}).encode())
    play.result(arn)

    assert play.kept == []


# Unanswered


def test_the_approvers_are_mentioned_after_two_expiries_and_the_schedule_asks_monthly_after_four(
    play: Harness,
) -> None:
    said, results = [], []
    for week in range(9):
        arn = weekly(play, f"occasion-{week}")
        if week < 4 or week == 7:
            play.nobody_decides(arn)
            results.append(play.result(arn).result)
            said.append(told(play))
            play.clock.passes(days=1)
        else:
            results.append(play.result(arn).result)
            play.clock.passes(days=7)

    assert len(play.roots) == len(said) == 5, "all other weeks are silent"
    assert play.memory["expired_in_a_row"] == 5
    assert said[0][2:] == said[2][2:] == []
    (mention,) = said[1][2:]
    assert mention.startswith(f"<!subteam^{team.ONCALL}> Nobody answered the last 2 questions about us-west-2. ")
    assert said[3][2].startswith("Nobody answered the last 4 questions about us-west-2, so the schedule asks once a")
    assert "nobody answers, so the schedule asks about 4 idle versions from 2027-01-08 on" in results[4]


def test_a_question_that_somebody_asked_for_counts_for_nothing(play: Harness) -> None:
    arn = play.scan()
    play.nobody_decides(arn)
    play.result(arn)

    assert play.memory["expired_in_a_row"] == 0


def test_with_an_answer_the_count_begins_anew(play: Harness) -> None:
    first = weekly(play)
    play.nobody_decides(first)
    play.result(first)
    second = weekly(play, "occasion-2")
    play.until_asked(second)
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.result(second)

    assert play.memory["expired_in_a_row"] == 0


# Damaged


def test_a_run_that_cannot_read_what_was_kept_says_so_in_its_thread(play: Harness) -> None:
    put(play, f"memory/{play.cloud.account_id}/us-west-2.json", b"{half")

    arn = play.scan()
    play.eventually(lambda: len(told(play)) > 1)

    assert told(play)[1] == (
        "What people kept here could not be read, so every box starts as if nobody had ever kept it. "
        f"memory/{play.cloud.account_id}/us-west-2.json: it is not JSON; set aside as "
        f"s3://reports/memory/{play.cloud.account_id}/us-west-2.damaged-{play.execution(arn)}.json"
    )
