"""The commands that a small run carries out."""

from __future__ import annotations

import logging

import pytest

from fakes.slack import team
from fakes.slack.faults import RateLimited, SlackError
from tests.bot.running import (
    NOT_FOR_GUESTS,
    in_the_review_channel,
    runs,
    the_request,
    without_scope,
)
from tests.bot.scene import OTHER_REGION, REGION, types
from tests.memories import a_pause

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
