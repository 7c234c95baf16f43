"""`scan`: one run a region, where it can post."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.slack import team
from fakes.slack.faults import RateLimited, SlackError
from tests.bot.running import (
    AT_NOON,
    NOON,
    NOT_FOR_GUESTS,
    STARTED,
    in_the_review_channel,
    runs,
    without_scope,
)
from tests.bot.scene import OTHER_REGION, REGION, types

# Scan.


def test_a_scan_is_started_once_and_said_to_be(scene):
    assert types(scene, "scan") == STARTED

    ((name, request),) = scene.engine.started
    assert request == {
        "region": REGION,
        "requested_by": team.ASKER,
        "channel_id": team.REVIEW,
        "request_id": name,
    }


def test_what_was_asked_for_is_passed_on_as_the_request_has_it(scene):
    told = types(scene, "scan eu-west-1 —min-age-days 30 --keep-last-n=5 --prefix “orders-”")

    ((_, request),) = scene.engine.started
    assert request["region"] == OTHER_REGION
    assert (request["min_age_days"], request["keep_last_n"], request["function_name_prefix"]) == (30, 5, "orders-")
    assert told.startswith("Scanning *eu-west-1* for versions at least 30 days old, beyond the newest 5")
    assert "`orders-`" in told


def test_a_command_delivered_twice_starts_one_run_and_typed_twice_two(scene):
    asker = scene.somebody(team.ASKER)
    asker.types("/snapstart scan", channel=team.REVIEW)
    asker.repeats()
    assert len(scene.engine.started) == 1

    asker.types("/snapstart scan", channel=team.REVIEW)
    assert len({name for name, _ in scene.engine.started}) == 2


def test_a_region_that_is_being_scanned_is_not_scanned_again(scene):
    runs(scene, "one", requested_by=team.OTHER)

    assert types(scene, "scan") == (
        f"us-west-2 is being scanned already (<@{team.OTHER}>, {AT_NOON}). Nothing new was started: "
        "<https://workshop.slack.com/one|open it>"
    )
    assert scene.engine.started == []


def test_a_region_whose_list_waits_is_not_scanned_again(scene):
    runs(scene, "one", status="waiting", candidates=48, expires_at=NOON + 60, requested_by=None)

    told = types(scene, "scan")

    assert told.startswith("48 versions in us-west-2 wait for a decision until ")
    assert told.endswith("Nothing new was started: <https://workshop.slack.com/one|open it>")
    assert scene.engine.started == []


@pytest.mark.parametrize(
    "other",
    [
        {"region": OTHER_REGION},
        {"status": "ended"},
        {"execution_status": "STOPPED"},
        {"execution_status": "TIMED_OUT"},
        {"execution_status": None},
    ],
    ids=["of another region", "ended", "stopped", "timed out", "forgotten"],
)
def test_any_other_run_does_not_hold_a_scan_up(scene, other):
    runs(scene, "one", **other)

    assert types(scene, "scan") == STARTED


def test_a_run_whose_execution_cannot_be_looked_at_is_taken_to_be_open(scene):
    runs(scene, "one")
    answer = scene.engine.answer
    scene.cloud.durable = lambda *request: (
        (429, {"X-Amzn-ErrorType": "TooManyRequestsException"}, b"{}")
        if "/durable-executions/" in request[1]
        else answer(*request)
    )

    assert types(scene, "scan").startswith("us-west-2 is being scanned already")


def test_the_open_run_is_found_among_many(scene):
    runs(scene, "open")
    for number in range(40):
        runs(scene, f"old-{number}", ago=number, region=OTHER_REGION, execution_status=None)
    runs(scene, "open")

    assert "Nothing new was started" in types(scene, "scan")


@pytest.mark.parametrize("fault", ["AccessDenied", "SlowDown"])
def test_a_store_that_cannot_be_looked_through_does_not_stop_a_scan(scene, fault):
    scene.cloud.faults.refuse("ListObjectsV2", fault, status=403)

    assert types(scene, "scan") == STARTED


def test_a_record_of_another_release_does_not_stop_a_scan(scene):
    scene.stores("pending/old/run.json", b'{"schema_version": 0}')
    scene.stores("pending/broken/run.json", b"{")

    assert types(scene, "scan") == STARTED


@pytest.mark.parametrize("who", [team.GUEST, team.OUTSIDER, team.DEACTIVATED, team.ROBOT])
def test_only_full_members_start_scans(scene, who):
    assert types(scene, "scan", who) == NOT_FOR_GUESTS
    assert scene.engine.started == []


def test_any_full_member_starts_scans_approver_or_not(scene):
    assert types(scene, "scan", team.MEMBER) == STARTED


@pytest.mark.parametrize("method", ["users.info", "auth.test"])
@pytest.mark.parametrize(
    ("fault", "words"), [(RateLimited(9), "ratelimited"), (SlackError("fatal_error"), "fatal_error")]
)
def test_who_cannot_be_checked_starts_nothing(scene, method, fault, words):
    scene.slack.faults.add(method, fault)

    told = types(scene, "scan")

    assert told.startswith(f"I could not check whether you may use this here (Slack: {words}).")
    assert scene.engine.started == []


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AccessDeniedException", "could not be started (AWS: AccessDeniedException on lambda:InvokeFunction)"),
        (429, "TooManyRequestsException", "could not be started (AWS: TooManyRequestsException on"),
        (500, "ServiceException", "AWS did not say whether it started"),
    ],
)
def test_a_scan_that_did_not_start_says_so_and_one_that_may_have_says_that(scene, status, code, words):
    scene.cloud.durable = lambda *_: (status, {"X-Amzn-ErrorType": code}, b"{}")

    assert words in types(scene, "scan")


def test_past_the_deadline_nothing_is_started(scene, slowly):
    scene.deploys(decide_within=0.1)
    slowly.slack("users.info")

    assert types(scene, "scan").startswith("I ran out of time before I could start anything.")
    slowly.ends()
    assert scene.engine.started == []


# A channel in which a run could not post.


@pytest.mark.parametrize("command", ["scan", "saved"])
@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (
            {"members": (team.ASKER,)},
            f"<@{team.BOT_USER}> is not in <#{team.REVIEW}> and cannot post there. Add it: type `/invite`",
        ),
        ({"members": (team.ASKER,), "is_private": True}, "Slack does not show me the review channel (`C0REVIEW`)."),
        ({"is_archived": True}, "The review channel is archived."),
        ({"is_ext_shared": True}, "The review channel is shared with another organisation"),
        ({"is_org_shared": True}, "The review channel is shared with another workspace"),
    ],
)
def test_where_no_message_could_be_posted_nothing_is_started_and_who_asked_hears_why(scene, command, channel, words):
    in_the_review_channel(scene, **channel)

    told = types(scene, command)

    assert told.startswith(f"Nothing was started, because its message could not be posted:\n• {words}")
    assert scene.engine.started == []


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("chat:write", "lacks the scope `chat:write` to post the run's message."),
        ("files:write", "lacks the scope `files:write` to attach the report."),
        ("channels:read", "lacks the scope `channels:read` to see that the channel is not shared."),
        ("channels:history", "lacks the scope `channels:history` to find its own messages again."),
        ("usergroups:read", "lacks the scope `usergroups:read` to know who is in the approvers' groups."),
    ],
)
def test_a_scope_that_is_missing_is_named_at_once(scene, scope, words):
    without_scope(scene, scope)

    assert words in types(scene, "scan")
    assert scene.engine.started == []


@pytest.mark.parametrize("scope", ["groups:read", "groups:history"])
def test_a_scope_that_this_channel_does_not_need_is_not_missed(scene, scope):
    without_scope(scene, scope)

    assert types(scene, "scan") == STARTED


def test_a_scope_that_was_given_since_is_found(scene):
    scopes = scene.workspace.app.scopes
    without_scope(scene, "files:write")
    types(scene, "scan")
    scene.workspace.put(replace(scene.workspace.app, scopes=scopes))

    assert types(scene, "scan") == STARTED


def test_without_the_scope_that_tells_who_somebody_is_it_is_named(scene):
    without_scope(scene, "users:read")

    assert types(scene, "scan").startswith(
        "I could not check whether you may use this here (Slack: missing_scope, it needs users:read)."
    )


@pytest.mark.parametrize("fault", [RateLimited(9), SlackError("fatal_error")])
def test_a_channel_that_cannot_be_looked_at_does_not_hold_a_scan_up(scene, fault):
    scene.slack.faults.add("conversations.info", fault)

    assert types(scene, "scan") == STARTED
