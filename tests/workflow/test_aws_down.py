"""AWS that denies, throttles or breaks a call: what can be judged is, and what cannot is named with its permission."""

from __future__ import annotations

import pytest

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.seen import ended, headline, results, said_once, ticks, told

ALL = ["mailer:1", "orders-api:1", "orders-api:2", "orders-api:3"]

NOT_JUDGED = {
    "ListAliases": "lambda:ListAliases",
    "ListEventSourceMappings": "lambda:ListEventSourceMappings",
    "GetResources": "tag:GetResources",
    "GetMetricData": "cloudwatch:GetMetricData",
    "ListMetrics": "cloudwatch:ListMetrics",
    "GetFunctionConfiguration": "lambda:GetFunctionConfiguration",
    "GetPolicy": "lambda:GetPolicy",
}
"""Calls without which a version cannot be judged, and the permission they need."""


def asked(play: Harness) -> str:
    return play.starts({"requested_by": team.ASKER})


def test_a_listing_that_is_denied_fails_the_scan_and_says_which_permission_to_give(play: Harness) -> None:
    play.cloud.faults.deny("ListFunctions")
    arn = asked(play)

    words = play.result(arn).error.message
    assert words.startswith("lambda:ListFunctions AccessDeniedException, User is not authorized to perform")
    ended(play, arn, as_="failed", in_words=words, failed=True)

    assert headline(play) == "Scan failed, nothing was deleted"
    assert "Give the orchestrator's role lambda:ListFunctions, then `/snapstart scan us-west-2`." in play.root.text
    assert told(play)[-1].startswith(f"<@{team.ASKER}> The run in us-west-2 failed; nothing was deleted.")
    assert play.deleted == []


@pytest.mark.parametrize(("operation", "permission"), NOT_JUDGED.items(), ids=NOT_JUDGED)
def test_a_check_that_is_denied_offers_nothing_and_names_the_permission(
    play: Harness, operation: str, permission: str
) -> None:
    play.cloud.faults.deny(operation)
    arn = asked(play)

    ended(play, arn, as_="nothing_to_do", in_words="nothing to offer, 4 of 10 versions could not be judged")

    assert f"the role may not call {permission} (AccessDeniedException)" in play.root.text
    assert f"Give the orchestrator's role {permission}, then `/snapstart scan us-west-2`." in play.root.text
    assert play.deleted == []
    rows = play.record(f"reports/{play.execution(arn)}.json")["rows"]
    assert not any(row["candidate_for_deletion"] for row in rows)
    idle = [row for row in rows if f"{row['function_name']}:{row['version']}" in ALL]
    assert all(row["reason_flags"] == ["not_judged"] for row in idle)


def test_a_check_that_fails_for_one_function_offers_the_others_and_names_it(play: Harness) -> None:
    play.cloud.faults.throttle("ListAliases", function="mailer")
    arn = play.scan()

    assert list(ticks(play)) == ["orders-api:1", "orders-api:2", "orders-api:3"]
    assert "Not judged: 1. `mailer` 1: Lambda was busy (ListAliases: Rate exceeded)." in told(play)[0]

    play.somebody(team.APPROVER).presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="3 deleted, about $17.55 a month")


def test_a_price_list_that_cannot_be_read_and_a_listing_that_fails_for_a_while_cost_no_candidate(play: Harness) -> None:
    play.cloud.faults.deny("GetProducts")
    play.cloud.faults.refuse("ListFunctions", "ServiceException", status=500, times=7)
    play.scan()

    assert headline(play) == "Delete 4 idle Lambda versions? Saves about $21.45 a month"
    assert list(ticks(play)) == ["orders-api:1", "orders-api:2", "orders-api:3", "mailer:1"]
    assert "estimate at list price" in play.root.text


def test_a_listing_that_goes_on_failing_ends_the_run_with_the_words_of_aws(play: Harness) -> None:
    play.cloud.faults.throttle("ListFunctions")
    arn = asked(play)

    words = "lambda:ListFunctions TooManyRequestsException, Rate exceeded"
    ended(play, arn, as_="failed", in_words=words, failed=True)
    assert "Try the scan again; if it fails again, open the log." in play.root.text


def test_credentials_that_fail_end_the_scan_instead_of_calling_everything_not_judged(play: Harness) -> None:
    play.cloud.faults.refuse("ListAliases", "ExpiredTokenException", "expired", status=403)
    arn = asked(play)

    ended(play, arn, as_="failed", in_words="lambda:ListAliases ExpiredTokenException, expired", failed=True)


def test_a_re_check_that_is_denied_deletes_nothing_and_says_which_permission_is_missing(play: Harness) -> None:
    arn = play.scan()
    play.cloud.faults.deny("ListVersionsByFunction")
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 skipped")

    assert play.deleted == []
    for outcome, reason in results(play, arn).values():
        assert outcome == "skipped"
        assert str(reason).startswith("could not be checked again: lambda:ListVersionsByFunction AccessDeniedException")
    assert "lambda:ListVersionsByFunction" in told(play)[-1]


def test_a_bucket_that_cannot_be_written_to_fails_the_run_in_words_before_anything_is_asked(play: Harness) -> None:
    play.cloud.faults.deny("PutObject")
    arn = asked(play)

    result = play.result(arn)

    assert result.status.value == "FAILED"
    assert result.error.message.startswith("s3:PutObject AccessDenied")
    assert headline(play) == "Scan failed, nothing was deleted"
    assert "Give the orchestrator's role s3:PutObject" in play.root.text
    assert told(play)[-1].startswith(f"<@{team.ASKER}> The run in us-west-2 failed; nothing was deleted.")
    assert play.cloud.calls["ListFunctions"] == 0
    said_once(play)


@pytest.mark.parametrize(
    "step", ["claim-region", "announce-scan", "confirm-state", "build-and-upload-report", "open-page"]
)
def test_a_bucket_that_stops_taking_records_before_a_decision_fails_in_words_and_deletes_nothing(
    play: Harness, step: str
) -> None:
    play.after(step, lambda: play.cloud.faults.deny("PutObject"))
    arn = asked(play)

    result = play.result(arn)

    assert result.status.value == "FAILED"
    assert result.error.message.startswith("s3:PutObject AccessDenied")
    assert headline(play) == "Scan failed, nothing was deleted"
    assert play.deleted == []
    said_once(play)


def test_a_decision_that_cannot_be_recorded_deletes_nothing(play: Harness) -> None:
    arn = play.scan()
    play.cloud.faults.deny("PutObject")
    play.somebody(team.APPROVER).presses(play.root, "approve")

    result = play.result(arn)

    assert result.error.message.startswith("s3:PutObject AccessDenied")
    assert headline(play) == "Run failed, nothing was deleted"
    assert play.deleted == []


def test_a_result_that_cannot_be_recorded_is_said_all_the_same(play: Harness) -> None:
    arn = play.scan()
    play.after("delete-versions", lambda: play.cloud.faults.deny("PutObject"))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    result = play.result(arn)

    assert result.status.value == "FAILED"
    assert "before that 4 deleted" in result.error.message
    assert headline(play) == "Failed after 4 versions were deleted"
    assert "4 versions were deleted before that" in told(play)[-1]


def test_records_that_cannot_be_read_at_the_end_are_not_needed_to_say_how_it_ended(play: Harness) -> None:
    arn = play.scan()
    play.after("delete-versions", lambda: play.cloud.faults.deny("GetObject"))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    result = play.result(arn)

    assert "s3:GetObject AccessDenied" in result.error.message
    assert "before that 4 deleted" in result.error.message
    assert headline(play) == "Failed after 4 versions were deleted"


def test_an_account_that_cannot_be_named_fails_in_words(play: Harness) -> None:
    play.cloud.faults.refuse("GetCallerIdentity", "ServiceUnavailable", "later", status=503)
    arn = asked(play)

    assert play.result(arn).error.message == "sts:GetCallerIdentity ServiceUnavailable, later"
    assert headline(play) == "Scan failed, nothing was deleted"
