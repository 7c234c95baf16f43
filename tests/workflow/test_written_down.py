"""Every delete is written down before it is sent, and judged by facts that are fresh for it, not for its batch."""

from __future__ import annotations

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function
from tests.workflow.seen import ended, headline, results, told


def six_idle(set_stage: SetStage, **settings: str) -> Harness:
    return set_stage(lambda cloud: a_function(cloud, "orders-api", idle=6), **settings)


def test_a_batch_whose_deletes_take_long_is_checked_again_before_each_that_would_be_stale(set_stage: SetStage) -> None:
    play = six_idle(set_stage)
    arn = play.scan()

    def slow_and_then_tagged() -> None:
        play.clock.passes(seconds=130)
        play.cloud.functions["orders-api"].tags["snapstart-cleaner:keep"] = "true"

    play.cloud.faults.meanwhile("DeleteFunction", slow_and_then_tagged, nth=1)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="1 deleted, 5 skipped, about $5.85 a month")

    assert play.deleted == ["orders-api:1"]
    assert results(play, arn)["orders-api:2"] == ("skipped", "tagged keep now")


def test_a_version_whose_check_itself_takes_longer_than_its_facts_last_is_left_alone(set_stage: SetStage) -> None:
    play = six_idle(set_stage)
    arn = play.scan()
    play.cloud.faults.meanwhile("ListVersionsByFunction", lambda: play.clock.passes(seconds=300))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="6 skipped")

    assert play.deleted == []
    assert results(play, arn)["orders-api:1"][1] == "could not be checked again: asking took longer than two minutes"


def test_alias_events_that_take_minutes_to_read_leave_what_is_asked_after_them_fresh(play: Harness) -> None:
    arn = play.scan()
    play.cloud.faults.meanwhile("LookupEvents", lambda: play.clock.passes(seconds=50))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_where_only_one_version_at_a_time_can_be_checked_in_time_each_is_checked_and_deleted(play: Harness) -> None:
    arn = play.scan()
    play.cloud.faults.meanwhile("ListVersionsByFunction", lambda: play.clock.passes(seconds=70))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")

    assert sorted(play.deleted) == ["mailer:1", "orders-api:1", "orders-api:2", "orders-api:3"]


def test_what_was_deleted_before_a_step_broke_off_for_good_is_reported_as_deleted(set_stage: SetStage) -> None:
    play = six_idle(set_stage)
    arn = play.scan()

    def the_bucket_closes() -> None:
        play.cloud.faults.deny("PutObject", where=lambda given: "outcomes/" in str(given))

    play.cloud.faults.meanwhile("DeleteFunction", the_bucket_closes, nth=3)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    result = play.result(arn)

    assert result.status.value == "FAILED"
    assert "before that 3 deleted, 3 not touched" in result.error.message
    assert play.deleted == ["orders-api:1", "orders-api:2", "orders-api:3"]
    assert headline(play) == "Failed after 3 versions were deleted"


def test_a_delete_that_nobody_could_confirm_is_neither_deleted_nor_still_there(set_stage: SetStage) -> None:
    play = six_idle(set_stage)
    arn = play.scan()
    play.cloud.faults.meanwhile(
        "DeleteFunction", lambda: play.cloud.faults.deny("GetFunctionConfiguration", qualifier=1), qualifier=1, nth=1
    )
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="5 deleted, 1 not confirmed, about $29.25 a month")

    assert headline(play) == "5 of 6 versions deleted, 1 not confirmed"
    outcome, reason = results(play, arn)["orders-api:1"]
    assert outcome == "unconfirmed"
    assert reason is not None
    assert reason.startswith("AWS accepted the delete, but whether the version is gone could not be read: ")
    assert "Not confirmed" in told(play)[-1]


def test_the_record_names_each_deleted_version_before_the_page_is_closed(set_stage: SetStage) -> None:
    play = six_idle(set_stage)
    arn = play.scan()
    seen: list[object] = []
    play.after("delete-versions", lambda: seen.append(play.outcome(arn, 1)["results"]))
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    (written,) = seen
    assert [(r["version"], r["outcome"]) for r in written] == [(str(n), "deleted") for n in range(1, 7)]  # type: ignore[attr-defined]
    assert all(r["checked_at"] for r in written)  # type: ignore[attr-defined]
