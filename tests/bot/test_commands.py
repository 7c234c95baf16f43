from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from fakes.slack import team
from fakes.slack.faults import RateLimited, SlackError
from tests.bot.scene import ORCHESTRATOR_ARN, OTHER_REGION, REGION, types
from tests.builders import NOW, TODAY, a_pause

NOON = int(NOW.timestamp())
AT_NOON = f"<!date^{NOON}^{{time}}|12:00 UTC>"
STARTED = (
    "Scanning *us-west-2* for versions at least 14 days old, beyond the newest 3, without calls in 35 days. "
    "The message appears here in a moment."
)
NOT_FOR_GUESTS = "Guests and people from other organisations cannot use this. Nothing was started."


def an_execution(name):
    return f"{ORCHESTRATOR_ARN.removesuffix('live')}3/durable-execution/scan/{name}"


def runs(scene, name, *, ago=0, execution_status="RUNNING", **given):
    """A run that somebody may meet."""
    scene.runs(
        execution=name,
        execution_arn=an_execution(name),
        started_at=NOON - ago,
        execution_status=execution_status,
        **{"permalink": f"https://workshop.slack.com/{name}", **given},
    )


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


# Status.


def test_status_of_nothing_says_how_to_begin(scene):
    assert types(scene, "status").split("\n")[0] == "No run yet. Start one: `/snapstart scan us-west-2`"


def test_status_lists_what_waits_what_runs_and_what_came_of_the_last_runs(scene):
    runs(scene, "waits", ago=60, status="waiting", candidates=48, monthly_usd=234.0, expires_at=NOON + 60)
    runs(scene, "scans", region=OTHER_REGION, step=2, requested_by=None)
    runs(scene, "done", ago=500_000, status="ended", ended_at=NOON - 400_000, ending_words="43 deleted")

    told = types(scene, "status").split("\n")

    assert told[0].startswith("*Waiting* us-west-2 · 48 idle versions, about $234.00 a month · <@U0ASKER> · since")
    assert told[1].startswith(f"*Running* eu-west-1 · step 2 of 4 · the schedule · since {AT_NOON}")
    assert told[2] == "*Last runs* 15 Nov us-west-2: 43 deleted · <https://workshop.slack.com/done|open>"
    assert told[3] == "Dry run is *on*. At least 14 days old, beyond the newest 3, no calls in 35 days."


@pytest.mark.parametrize(("setting", "words"), [("false", "Dry run is *off*."), ("true", "Dry run is *on*.")])
def test_status_says_whether_it_is_a_dry_run_and_by_which_rules(scene, setting, words):
    scene.deploys(DELETE_DRY_RUN=setting, MIN_AGE_DAYS="21", KEEP_LAST_N="5", LOOKBACK_DAYS="90")
    runs(scene, "one")

    told = types(scene, "status")

    assert words in told
    assert "At least 21 days old, beyond the newest 5, no calls in 90 days." in told


def test_a_run_that_claims_to_be_open_and_is_not_stands_among_the_last_ones(scene):
    runs(scene, "stopped", status="waiting", execution_status="STOPPED")

    told = types(scene, "status")

    assert "*Waiting*" not in told
    assert "*Last runs* 20 Nov us-west-2: ended" in told


def test_five_of_the_last_runs_are_enough_newest_first(scene):
    for day in range(8):
        runs(
            scene,
            f"run-{day}",
            ago=day * 86_400,
            status="ended",
            ended_at=NOON - day * 86_400,
            ending_words=f"ended {day}",
        )

    told = types(scene, "status")

    assert [line.rpartition("ended ")[2][0] for line in told.split("\n")[:-1]] == ["0", "1", "2", "3", "4"]


def test_only_runs_that_claim_to_be_open_are_asked_about(scene):
    for day in range(8):
        runs(scene, f"run-{day}", status="ended", ended_at=NOON)
    scene.cloud.durable = None

    assert "*Last runs*" in types(scene, "status")


@pytest.mark.parametrize("who", [team.GUEST, team.OUTSIDER])
def test_status_is_for_full_members(scene, who):
    assert types(scene, "status", who) == NOT_FOR_GUESTS


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject"])
def test_status_that_cannot_be_looked_up_says_why(scene, operation):
    runs(scene, "one")
    scene.cloud.faults.refuse(operation, "AccessDenied", status=403)

    told = types(scene, "status")

    assert told.startswith("I could not look up the runs (AWS: AccessDenied on s3:")


def test_status_that_takes_too_long_says_so(scene, slowly):
    scene.deploys(decide_within=0.1)
    slowly.aws("ListObjectsV2")

    assert types(scene, "status").startswith("I could not look up the runs (out of time).")


# Help.


def test_status_names_what_was_looked_at_and_looks_at_one_place_when_told(scene):
    runs(scene, "west", policy={"function_name_prefix": "nightly"}, status="ended", ending_words="nothing to clean")
    runs(scene, "east", region=OTHER_REGION, status="ended", ending_words="43 deleted")

    told = types(scene, "status us-west-2")

    assert "us-west-2, functions named `nightly…`: nothing to clean" in told
    assert "eu-west-1" not in told
    assert types(scene, "status eu-west-1").startswith("*Last runs* 20 Nov eu-west-1: 43 deleted")


def test_status_of_several_accounts_names_them(scene):
    scene.deploys(TARGET_ACCOUNTS="111122223333=payments,444455556666=search", EXTERNAL_ID="an-id")
    runs(scene, "ours")
    runs(scene, "theirs", account_id="444455556666", ago=5)

    told = types(scene, "status").split("\n")

    assert told[0].startswith("*Running* payments us-west-2 · step 1 of 4")
    assert told[1].startswith("*Running* search us-west-2 · step 1 of 4")
    assert "payments" not in types(scene, "status search")


def test_status_shows_an_open_run_whose_message_is_gone_and_how_to_end_it(scene):
    posted = scene.waits(permalink="https://workshop.slack.com/gone")
    assert "|open>" in types(scene, "status")
    scene.workspace.delete(team.REVIEW, posted.ts)

    assert (
        types(scene, "status").split("\n")[0].endswith("its message was deleted; `/snapstart stop us-west-2` ends it")
    )


def test_status_that_cannot_look_for_messages_shows_the_links_there_are(scene):
    scene.waits(permalink="https://workshop.slack.com/one")
    scene.slack.faults.add("chat.getPermalink", RateLimited(9))

    assert "<https://workshop.slack.com/one|open>" in types(scene, "status")


def test_status_says_whether_deletes_are_paused(scene):
    scene.stores("control/pause.json", a_pause(by=team.OTHER, reason="release freeze", until=TODAY).to_dict())
    assert types(scene, "status").split("\n")[0] == (
        "*Paused* by <@U0OTHER> through 20 Nov 2026: release freeze. Nothing is approved or deleted."
    )

    scene.clock.passes(86_400)
    assert "Paused" not in types(scene, "status")

    scene.stores("control/pause.json", b"{")
    assert types(scene, "status").startswith("*Paused*, as far as I know: I could not read")


def test_status_of_more_runs_than_there_is_time_for_says_so(scene, slowly):
    for number in range(12):
        runs(scene, f"run-{number}", ago=number, status="ended")
    scene.deploys(decide_within=1.2)
    read_in_time = iter(range(9))
    scene.cloud.faults.meanwhile("GetObject", lambda: next(read_in_time, None) is not None or slowly.end.wait())

    told = types(scene, "status")

    assert "*Last runs*" in told
    assert "There was no time to read" in told


# A channel in which a run could not post.


def in_the_review_channel(scene, **changed):
    scene.workspace.put(replace(scene.workspace.channels[team.REVIEW], **changed))


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


def without_scope(scene, *scopes):
    app = scene.workspace.app
    scene.workspace.put(replace(app, scopes=tuple(scope for scope in app.scopes if scope not in scopes)))


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


# The commands that a small run carries out.


def the_request(scene):
    ((name, request),) = scene.engine.started
    assert (request.pop("request_id"), request.pop("channel_id")) == (name, team.REVIEW)
    assert request.pop("response_url").startswith("http")
    return request


ASKED = {"requested_by": team.ASKER, "requested_by_name": "asker"}


def test_why_asks_about_one_version(scene):
    told = types(scene, "why orders-api:12 eu-west-1")

    assert told == (
        "Looking at `orders-api:12` in eu-west-1 by the rules as they are now. The answer comes here within a minute, "
        "for you alone."
    )
    asked = {"kind": "why", "function_name": "orders-api", "version": "12", "region": OTHER_REGION}
    assert the_request(scene) == asked | ASKED


def test_why_asks_about_a_function_of_the_first_account_and_region_unless_told(scene):
    scene.deploys(TARGET_ACCOUNTS="444455556666=search,111122223333=payments", EXTERNAL_ID="an-id")

    assert types(scene, "why orders-api").startswith("Looking at `orders-api` in search us-west-2")
    asked = {"kind": "why", "function_name": "orders-api", "account_id": "444455556666", "region": REGION}
    assert the_request(scene) == asked | ASKED


@pytest.mark.parametrize(
    ("text", "fields", "words"),
    [
        ("pause", {}, "Pausing until an approver resumes."),
        (
            "pause until 2026-12-24 release freeze <!here>",
            {"until": "2026-12-24", "reason": "release freeze <!here>"},
            "Pausing through 24 Dec 2026 (UTC): release freeze &lt;!here&gt;.",
        ),
    ],
)
def test_any_full_member_pauses(scene, text, fields, words):
    told = types(scene, text, team.MEMBER)

    assert told == f"{words} In about ten seconds nothing is approved or deleted any more; a message here says so."
    who = {"requested_by": team.MEMBER, "requested_by_name": "member"}
    assert the_request(scene) == {"kind": "pause"} | fields | who


def test_an_approver_ends_a_pause(scene):
    scene.stores("control/pause.json", a_pause().to_dict())

    assert types(scene, "resume", team.APPROVER).startswith("Ending the pause")
    assert the_request(scene)["kind"] == "resume"


@pytest.mark.parametrize("who", [team.MEMBER, team.ASKER])
def test_nobody_else_ends_a_pause(scene, who):
    scene.stores("control/pause.json", a_pause(by=who).to_dict())

    assert types(scene, "resume", who) == ("Only approvers may end a pause: <!subteam^S0ONCALL>. Nothing changed.")
    assert scene.engine.started == []


def test_a_pause_is_not_ended_by_somebody_whose_groups_cannot_be_read(scene):
    scene.stores("control/pause.json", a_pause().to_dict())
    scene.slack.faults.add("usergroups.users.list", RateLimited(9))

    assert "(Slack: ratelimited)" in types(scene, "resume", team.APPROVER)
    assert scene.engine.started == []


def test_without_a_pause_there_is_nothing_to_resume(scene):
    assert types(scene, "resume", team.APPROVER) == "Nothing is paused."
    assert scene.engine.started == []


def test_a_pause_that_cannot_be_read_can_be_ended(scene):
    scene.stores("control/pause.json", b"{")

    assert types(scene, "resume", team.APPROVER).startswith("Ending the pause")


def test_a_store_that_does_not_say_whether_deletes_are_paused_keeps_nobody_from_resuming(scene):
    scene.cloud.faults.refuse("ListObjectsV2", "SlowDown", status=503)

    assert types(scene, "resume", team.APPROVER).startswith("Ending the pause")


@pytest.mark.parametrize("who", [team.APPROVER, team.ASKER])
@pytest.mark.parametrize("text", ["stop", "stop us-west-2"])
def test_an_approver_and_who_asked_stop_the_open_run(scene, who, text):
    runs(scene, "open")

    told = types(scene, text, who)

    assert told == (
        "Stopping the run of <@U0ASKER> in us-west-2 (<https://workshop.slack.com/open|its message>). Nothing more is "
        "deleted in it; what came of it is said here in a few seconds."
    )
    request = the_request(scene)
    assert {name: request[name] for name in ("kind", "region", "execution", "requested_by")} == {
        "kind": "stop",
        "region": REGION,
        "execution": "open",
        "requested_by": who,
    }


def test_nobody_else_stops_a_run(scene):
    runs(scene, "open")

    assert types(scene, "stop", team.MEMBER) == (
        "Only approvers and who asked for a run may stop it: <!subteam^S0ONCALL>. Nothing changed."
    )
    assert scene.engine.started == []


def test_of_several_open_runs_one_has_to_be_named(scene):
    scene.deploys(TARGET_ACCOUNTS="111122223333=payments,444455556666=search", EXTERNAL_ID="an-id")
    runs(scene, "ours")
    runs(scene, "theirs", account_id="444455556666", ago=5)

    assert types(scene, "stop", team.APPROVER) == (
        "2 runs are open. Which one? `/snapstart stop payments us-west-2`, `/snapstart stop search us-west-2`. "
        "Nothing changed."
    )
    assert types(scene, "stop search", team.APPROVER).startswith("Stopping the run of <@U0ASKER> in search us-west-2")
    request = the_request(scene)
    assert (request["account_id"], request["execution"]) == ("444455556666", "theirs")


@pytest.mark.parametrize(("text", "where"), [("stop", ""), ("stop eu-west-1", " in eu-west-1")])
def test_where_no_run_is_open_there_is_nothing_to_stop(scene, text, where):
    runs(scene, "over", execution_status="STOPPED")

    assert types(scene, text) == f"No run is open{where}, so there is nothing to stop."
    assert scene.engine.started == []


def test_a_run_that_there_was_no_time_to_find_is_stopped_for_an_approver_who_names_the_place(scene, slowly):
    for number in range(9):
        runs(scene, f"run-{number}", region=OTHER_REGION, status="ended")
    scene.deploys(decide_within=1.2)
    read_in_time = iter(range(5))
    scene.cloud.faults.meanwhile("GetObject", lambda: next(read_in_time, None) is not None or slowly.end.wait())

    assert types(scene, "stop us-west-2", team.APPROVER).startswith("Stopping the run in us-west-2.")
    assert "execution" not in the_request(scene)


def test_saved_is_asked_for(scene):
    assert types(scene, "saved") == "Asking AWS for its own bill. What was saved is posted here within a minute."
    assert the_request(scene) == {"kind": "saved"} | ASKED


@pytest.mark.parametrize("text", ["why orders-api", "pause", "stop", "resume", "saved", "doctor"])
@pytest.mark.parametrize("who", [team.GUEST, team.OUTSIDER])
def test_every_command_is_for_full_members(scene, text, who):
    runs(scene, "open", requested_by=who)

    assert types(scene, text, who) == NOT_FOR_GUESTS
    assert scene.engine.started == []


@pytest.mark.parametrize("text", ["why orders-api", "pause", "saved"])
def test_a_command_that_did_not_get_through_says_so_and_one_that_may_have_says_that(scene, text):
    scene.cloud.durable = lambda *_: (403, {"X-Amzn-ErrorType": "AccessDeniedException"}, b"{}")
    assert types(scene, text).startswith("That could not be started (AWS: AccessDeniedException on lambda:Invoke")

    scene.cloud.durable = lambda *_: (500, {"X-Amzn-ErrorType": "ServiceException"}, b"{}")
    assert types(scene, text).startswith(f"I passed `{text.split()[0]}` on, but AWS did not say whether it arrived.")


def test_where_to_answer_is_never_logged(scene, caplog):
    caplog.set_level(logging.DEBUG)
    types(scene, "pause")

    assert "/response/" not in "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))


# Doctor.


def test_doctor_tells_what_it_sees_at_once_and_has_the_rest_tested(scene):
    scene.deploys(RELEASE_ID="r-7")

    assert types(scene, "doctor").split("\n") == [
        ":white_check_mark: The signing secret is right: this command came signed.",
        ":white_check_mark: The bot token works.",
        ":white_check_mark: The app has every scope it needs.",
        f":white_check_mark: The app is in <#{team.REVIEW}>, which is neither archived nor shared.",
        "The rest is tested from inside the stack, release r-7: its message appears here in a moment.",
    ]
    assert the_request(scene) == {"kind": "doctor"} | ASKED


def test_doctor_starts_no_run_that_could_not_post(scene):
    in_the_review_channel(scene, members=(team.ASKER,))
    without_scope(scene, "files:write", "chat:write")

    told = types(scene, "doctor").split("\n")

    assert told[2].startswith(
        ":x: The Slack app lacks the scopes `chat:write` to post the run's message, `files:write` to attach the report."
    )
    assert told[3].startswith(f":x: <@{team.BOT_USER}> is not in <#{team.REVIEW}> and cannot post there.")
    assert told[4] == "The rest was not tested: its message could not be posted. Correct this and type it again."
    assert scene.engine.started == []


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("token_revoked", ":x: Slack does not accept the bot's token (Slack: token_revoked)."),
        ("fatal_error", ":grey_question: The bot token could not be looked at (Slack: fatal_error)."),
    ],
)
def test_doctor_says_what_is_wrong_with_the_token(scene, code, line):
    scene.slack.faults.add("auth.test", SlackError(code))

    assert types(scene, "doctor").split("\n")[1].startswith(line)
    assert scene.engine.started == []


def test_doctor_goes_on_where_the_channel_could_only_not_be_looked_at(scene):
    scene.slack.faults.add("conversations.info", RateLimited(9))

    told = types(scene, "doctor").split("\n")

    assert (
        told[3]
        == ":grey_question: The review channel could not be looked at (Slack: ratelimited). Try again in a minute."
    )
    assert the_request(scene)["kind"] == "doctor"
