"""The deletes themselves: refused, failing, switched off, rehearsed."""

from __future__ import annotations

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function, three_pages_unticked
from tests.workflow.seen import buttons, ended, headline, results, ticks, told

BROKEN = ("ServiceException", "AWS broke.")


def test_deletes_that_fail_are_named_and_the_others_go_on_and_one_whose_answer_was_lost_is_found_done(
    play: Harness,
) -> None:
    arn = play.scan()
    mailer = play.cloud.functions["mailer"]
    idle = mailer.versions[1]

    def comes_back() -> None:
        mailer.versions[1] = idle
        mailer.numbers.insert(0, 1)

    play.cloud.faults.refuse("DeleteFunction", *BROKEN, status=500, function="orders-api", qualifier=1)
    play.cloud.faults.drop("DeleteFunction", function="orders-api", qualifier=2, after=True)
    play.cloud.faults.meanwhile("DeleteFunction", comes_back, function="mailer", after=True)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="2 deleted, 2 failed, about $11.70 a month")

    assert headline(play) == "2 of 4 versions deleted, 2 failed"
    assert results(play, arn) == {
        "orders-api:1": ("failed", "lambda:DeleteFunction ServiceException, AWS broke."),
        "orders-api:2": ("deleted", None),
        "orders-api:3": ("deleted", None),
        "mailer:1": ("failed", "AWS accepted the delete, but the version is still there"),
    }
    last = told(play)[-1]
    assert "Failed, still there (2)\n" in last
    assert "`orders-api:1` Lambda had a problem of its own (DeleteFunction: AWS broke)" in last


def test_three_failures_in_a_row_stop_the_run_and_what_is_left_is_named(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=6))
    arn = play.scan()
    for number in (2, 3, 4):
        play.cloud.faults.refuse("DeleteFunction", *BROKEN, status=500, qualifier=number)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    why = "3 deletes in a row failed, the last with: lambda:DeleteFunction ServiceException, AWS broke."
    words = f"stopped, 1 deleted, 3 failed, 2 not touched, about $5.85 a month: {why}"
    ended(play, arn, as_="broke_off", in_words=words, failed=True)

    assert play.deleted == ["orders-api:1"]
    assert headline(play) == "Stopped after 1 of 6 versions"
    assert "with: Lambda had a problem of its own (DeleteFunction: AWS broke)" in play.root.text
    assert "1 was deleted, 3 failed, 2 were not touched." in play.root.text
    assert "Not touched (2)\n`orders-api` 5–6" in told(play)[-1]  # noqa: RUF001
    assert results(play, arn)["orders-api:6"] == ("untouched", None)


def test_failures_with_a_success_between_them_do_not_stop_the_run(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=6))
    arn = play.scan()
    for number in (1, 2, 4, 5):
        play.cloud.faults.refuse("DeleteFunction", *BROKEN, status=500, qualifier=number)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="2 deleted, 4 failed, about $11.70 a month")

    assert play.deleted == ["orders-api:3", "orders-api:6"]


def test_three_failures_in_a_row_at_the_end_of_a_page_stop_the_pages_after_it(set_stage: SetStage) -> None:
    play = set_stage(three_pages_unticked)
    arn = play.scan()
    for number in (2, 3, 4):
        play.cloud.faults.refuse("DeleteFunction", *BROKEN, status=500, qualifier=number)
    approver = play.somebody(team.APPROVER)
    approver.ticks(play.root, *(f"orders-api:{n}" for n in (1, 2, 3, 4)))
    approver.presses(play.root, "approve")

    why = "3 deletes in a row failed, the last with: lambda:DeleteFunction ServiceException, AWS broke."
    words = f"stopped, 1 deleted, 3 failed, about $5.85 a month: {why}"
    ended(play, arn, as_="broke_off", in_words=words, failed=True)

    assert headline(play) == "Stopped after 1 of 4 versions"
    assert "54 versions of later pages were not asked about." in play.root.text


def test_three_failures_in_a_row_that_were_all_there_was_are_a_result_and_no_stop(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=3))
    arn = play.scan()
    play.cloud.faults.refuse("DeleteFunction", *BROKEN, status=500)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="3 failed")

    assert headline(play) == "0 of 3 versions deleted, 3 failed"
    assert play.deleted == []


def test_deletes_that_are_switched_off_are_skips_and_not_failures(play: Harness) -> None:
    arn = play.scan()
    play.cloud.faults.deny("DeleteFunction")
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 skipped")

    assert play.deleted == []
    assert headline(play) == "Nothing deleted: all 4 versions were skipped"
    assert set(results(play, arn).values()) == {("skipped", "deletes are switched off")}
    assert "deletes are switched off" in told(play)[-1]


def test_credentials_that_expire_amid_the_deletes_lose_no_word_about_what_was_deleted(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=6))
    arn = play.scan()
    for number in (3, 4, 5):
        play.cloud.faults.refuse("DeleteFunction", "ExpiredTokenException", "expired", status=403, qualifier=number)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    words = (
        "stopped, 2 deleted, 3 failed, 1 not touched, about $11.70 a month: 3 deletes in a row failed, the last with: "
        "lambda:DeleteFunction ExpiredTokenException, expired"
    )
    ended(play, arn, as_="broke_off", in_words=words, failed=True)

    assert results(play, arn)["orders-api:1"] == ("deleted", None)


def test_a_later_batch_that_cannot_be_checked_again_takes_back_no_word_about_the_one_before(
    set_stage: SetStage,
) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=12))
    arn = play.scan()
    play.after("delete-versions", lambda: play.cloud.faults.deny("ListVersionsByFunction"))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="10 deleted, 2 skipped, about $58.50 a month")

    outcome, reason = results(play, arn)["orders-api:11"]
    assert outcome == "skipped"
    assert str(reason).startswith("could not be checked again: lambda:ListVersionsByFunction AccessDeniedException")


def test_a_dry_run_goes_through_everything_and_deletes_nothing(set_stage: SetStage) -> None:
    play = set_stage(DELETE_DRY_RUN="true", DELETABLE_PREFIX="")
    play.cloud.faults.deny("DeleteFunction")
    arn = play.scan()
    assert headline(play) == "Dry run: delete 4 idle Lambda versions? Would save about $21.45 a month"
    assert "This is a dry run: nothing will be deleted." in play.root.text
    orders = play.cloud.functions["orders-api"]
    play.after("record-decision", lambda: orders.alias("canary", 2))
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "orders-api:3")
    approver.presses(play.root, "approve")
    assert "nothing is deleted" in approver.told[-1].text

    run = ended(play, arn, as_="approved", in_words="2 would be deleted, 1 skipped, about $9.75 a month")

    assert run["dry_run"] is True
    assert play.deleted == []
    assert play.cloud.calls["DeleteFunction"] == 0
    assert headline(play) == "Dry run: would delete 2 of 3 versions, about $9.75 a month"
    assert results(play, arn) == {
        "orders-api:1": ("would_delete", None),
        "orders-api:2": ("skipped", "alias `canary` points to it now"),
        "mailer:1": ("would_delete", None),
    }
    last = told(play)[-1]
    assert "Dry run: 2 versions would be deleted, about $9.75 a month less. Nothing was deleted." in last
    assert "Would delete (2)" in last
    assert "To delete for real, deploy with DeleteDryRun=false." in last
    assert play.outcome(arn)["dry_run"] is True


def test_only_what_the_stack_may_delete_is_offered(set_stage: SetStage) -> None:
    play = set_stage(DELETABLE_PREFIX="mail")
    arn = play.scan()

    assert list(ticks(play)) == ["mailer:1"]
    assert "6 out of scope" in told(play)[0]
    assert buttons(play)[0] == "approve"
    play.somebody(team.APPROVER).presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="1 deleted, about $3.90 a month")
    assert play.deleted == ["mailer:1"]
