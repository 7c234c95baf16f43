"""`status`: what waits, what runs, and what came of the last runs."""

from __future__ import annotations

import pytest

from fakes.slack import team
from fakes.slack.faults import RateLimited
from tests.bot.running import AT_NOON, NOON, NOT_FOR_GUESTS, runs
from tests.bot.scene import OTHER_REGION, types
from tests.builders import TODAY
from tests.memories import a_pause

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
