"""The account beside the channel: what a square says, and from where it knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from demo.account import Account, survey
from fakes.aws import Cloud

BUCKET, OWN = "records", "111122223333"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def cloud() -> Cloud:
    cloud = Cloud(clock=lambda: NOW)
    cloud.function("orders", memory_mb=1024).publish(4, age_days=30)
    region = {"LocationConstraint": "us-west-2"}
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
    return cloud


def found(number: int, *flags: str, usd: float = 3.9, **facts: Any) -> dict[str, Any]:
    """A row of a report; without flags it is a candidate."""
    return {
        "function_name": "orders",
        "version": str(number),
        "reason_flags": list(flags) or ["no_activity_and_stale"],
        "candidate_for_deletion": not flags,
        "estimated_monthly_cost_usd": usd,
        "version_last_invoked_utc": None,
        "not_judged": [],
        **facts,
    }


def put(cloud: Cloud, key: str, content: Any) -> None:
    cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(content).encode())


def squares(account: Account) -> dict[int, dict[str, Any]]:
    [function] = account.shown()["functions"]
    return {square["n"]: square for square in function["versions"]}


def test_before_anything_is_known_nothing_is_claimed(cloud: Cloud) -> None:
    shown = Account(cloud, BUCKET).shown()

    assert (shown["known"], shown["functions"], shown["unpriced"]) == (False, [], [])


def test_every_version_is_a_square_that_says_why(cloud: Cloud) -> None:
    account = Account(cloud, BUCKET)
    throttled = {"not_judged": [{"check": "invocations", "error": "Rate exceeded"}]}
    account.first_look(
        [
            found(1),
            found(2, "has_recent_invocations", version_last_invoked_utc="2026-11-19T08:00:00+00:00"),
            found(3, "not_judged", **throttled),
            found(4, "too_recent", "protected_kept_last_n"),
        ]
    )

    shown = squares(account)
    assert [shown[n]["state"] for n in (1, 2, 3, 4)] == ["idle", "held", "unjudged", "held"]
    assert [shown[n]["why"] for n in (2, 3, 4)] == [
        "last called 19 Nov",
        "Rate exceeded",
        "under 14 days old · newest 3",
    ]


def test_what_an_alias_points_to_now_is_live_whatever_was_found(cloud: Cloud) -> None:
    account = Account(cloud, BUCKET)
    account.first_look([found(1), found(2)])

    cloud.functions["orders"].alias("live", 4, weights={1: 0.1})

    assert squares(account)[1]["state"] == "live"
    assert squares(account)[1]["why"] == "alias live sends it 10 %"
    assert squares(account)[2]["state"] == "idle"


def test_a_deleted_version_is_gone_and_still_known_to_have_been_idle(cloud: Cloud) -> None:
    account = Account(cloud, BUCKET)
    account.first_look([found(1)])

    arn = cloud.function_arn("orders")
    cloud.client("lambda").delete_function(FunctionName=f"{arn}:1", Qualifier="1")

    gone = squares(account)[1]
    assert (gone["state"], gone["usd"], gone["idle"]) == ("gone", 3.9, True)


def test_a_report_that_a_run_writes_is_believed_from_then_on(cloud: Cloud) -> None:
    account = Account(cloud, BUCKET)
    account.first_look([found(1), found(2)])

    put(cloud, "reports/run-1.json", {"account_id": OWN, "rows": [found(1, "tag_protected")]})

    assert squares(account)[1]["state"] == "held"
    assert squares(account)[2]["state"] == "idle"


def test_what_a_run_writes_of_one_account_says_nothing_of_another_with_the_same_names(cloud: Cloud) -> None:
    member = cloud.member("444455556666")
    member.function("orders", memory_mb=512).publish(4, age_days=30)
    own, other = Account(cloud, BUCKET), Account(member, BUCKET, records=cloud)
    for account in (own, other):
        account.first_look([found(1)])

    put(cloud, "reports/run-2.json", {"account_id": "444455556666", "rows": [found(1, "tag_protected")]})
    put(cloud, "outcomes/run-3/page-1.json", {"page": {"account_id": OWN}, "approved": [["orders", 1]], "results": []})

    assert (squares(own)[1]["state"], squares(other)[1]["state"]) == ("idle", "held")
    assert (squares(own)[1]["approved"], squares(other)[1]["approved"]) == (True, False)


def test_a_report_that_does_not_judge_a_version_leaves_what_was_known(cloud: Cloud) -> None:
    account = Account(cloud, BUCKET)
    account.first_look([found(1)])
    not_asked = {"reason_flags": [], "candidate_for_deletion": False}

    put(cloud, "reports/run-1.json", {"account_id": OWN, "rows": [found(n, **not_asked) for n in (1, 2)]})

    assert [squares(account)[n]["state"] for n in (1, 2)] == ["idle", "unjudged"]


def test_after_a_restart_the_reports_of_before_are_believed(cloud: Cloud) -> None:
    put(cloud, "reports/run-1.json", {"account_id": OWN, "rows": [found(1, "tag_protected")]})
    account = Account(cloud, BUCKET)

    account.first_look([found(1)])

    assert squares(account)[1]["state"] == "held"


def test_what_was_approved_stands_out_until_its_results_are_written(cloud: Cloud) -> None:
    account = Account(cloud, BUCKET)
    account.first_look([found(1), found(2)])

    put(cloud, "outcomes/run-1/page-1.json", {"page": {"account_id": OWN}, "approved": [["orders", 1]], "results": []})
    assert [squares(account)[n]["approved"] for n in (1, 2)] == [True, False]

    put(
        cloud,
        "outcomes/run-1/page-1.json",
        {"page": {"account_id": OWN}, "approved": [["orders", 1]], "results": [{"outcome": "deleted"}]},
    )
    assert not squares(account)[1]["approved"]


def test_functions_without_snapstart_are_named_apart(cloud: Cloud) -> None:
    cloud.function("plain", snap_start=False).publish(3)
    account = Account(cloud, BUCKET)
    account.first_look([found(1)])

    assert account.shown()["unpriced"] == [{"name": "plain", "versions": 3}]


def test_the_survey_finds_something_of_every_kind_without_waiting() -> None:
    rows = survey(NOW)

    flags = {flag for row in rows for flag in row["reason_flags"]}
    assert {"alias_protected", "tag_protected", "not_judged", "no_activity_and_stale"} <= flags
    assert 10 < sum(row["candidate_for_deletion"] for row in rows) <= 50
