from __future__ import annotations

import pytest

from fakes.slack import team
from fakes.slack.faults import RateLimited, SlackError
from tests.bot.scene import ORCHESTRATOR_ARN, OTHER_REGION, REGION
from tests.builders import NOW

NOON = int(NOW.timestamp())
AT_NOON = f"<!date^{NOON}^{{time}}|12:00 UTC>"
STARTED = (
    "Scanning *us-west-2* for versions at least 14 days old, beyond the newest 3, without calls in 35 days. "
    "The message appears here in a moment."
)
NOT_FOR_GUESTS = "Guests and people from other organisations cannot use this. Nothing was started."


def types(scene, text, who=team.ASKER, channel=team.REVIEW):
    """Somebody types after `/snapstart`, and is told this."""
    scene.somebody(who).types(f"/snapstart {text}", channel=channel)
    return scene.told(who)[-1]


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


def test_a_word_that_bolts_own_parser_stumbles_over_is_read_like_any_other(scene):
    types(scene, "scan --prefix payload-api")

    assert scene.engine.started[0][1]["function_name_prefix"] == "payload-api"


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


@pytest.mark.parametrize("text", ["scan", "status", "scna", "scan --bogus"])
def test_everything_but_help_belongs_into_the_review_channel(scene, text):
    assert types(scene, text, channel=team.ELSEWHERE) == (f"Please type this in <#{team.REVIEW}>. Nothing was started.")
    assert scene.engine.started == []
    assert scene.slack.calls == []


@pytest.mark.parametrize("method", ["users.info", "auth.test"])
@pytest.mark.parametrize(
    ("fault", "words"), [(RateLimited(9), "ratelimited"), (SlackError("fatal_error"), "fatal_error")]
)
def test_who_cannot_be_checked_starts_nothing(scene, method, fault, words):
    scene.slack.faults.add(method, fault)

    told = types(scene, "scan")

    assert told.startswith(f"I could not check whether you may use this here (Slack: {words}).")
    assert scene.engine.started == []


def test_all_mistakes_are_named_at_once_and_nothing_is_asked_of_anybody(scene):
    told = types(scene, "scan --min-age 3 --keep-last-n 0").split("\n")

    assert told[:3] == [
        "Nothing was started. Please correct this:",
        "• `--min-age` is not an option. Did you mean `--min-age-days`?",
        "• `--keep-last-n 0`: must be 1 or more.",
    ]
    assert told[3].startswith("The form: `/snapstart scan [region] [--min-age-days N]")
    assert told[3].endswith("For example: `/snapstart scan us-west-2 --min-age-days 30`")
    assert scene.engine.started == []
    assert scene.slack.calls == []


def test_what_was_mistyped_is_shown_and_calls_nobody(scene):
    told = types(scene, "scan &lt;!channel&gt; --prefix &lt;@U0OTHER&gt;")

    assert "&lt;!channel&gt;" in told
    assert "<!channel>" not in told
    assert "<@U0OTHER>" not in told


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


@pytest.mark.parametrize(
    ("text", "who", "channel"),
    [
        ("help", team.ASKER, team.REVIEW),
        ("", team.MEMBER, team.ELSEWHERE),
        ("  ", team.OUTSIDER, team.REVIEW),
        ("HELP me", team.GUEST, team.ELSEWHERE),
    ],
)
def test_help_is_for_everybody_everywhere(scene, text, who, channel):
    told = types(scene, text, who, channel)

    assert told.startswith("Finds Lambda versions that still pay for SnapStart though nothing uses them")
    assert "`/snapstart scan [region]" in told
    assert scene.slack.calls == []


def test_every_answer_is_for_the_person_alone(scene):
    types(scene, "scan")

    assert scene.workspace.messages(team.REVIEW) == []
    assert scene.told(team.OTHER) == []


def test_another_words_command_is_named_as_a_mistake(scene):
    assert "`scna` is not a command. Did you mean `scan`?" in types(scene, "scna")
