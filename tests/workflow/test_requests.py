"""What a run is started with: the requests that are taken, and the ones that are refused by name."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.aws import Cloud
from fakes.slack import Channel, team
from orchestrator.domain.request import Kind
from orchestrator.workflow import WORKFLOWS
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function
from tests.workflow.seen import ended, headline, said_once, ticks, told

EVENTS = Path(__file__).parents[2] / "events"
MISTAKES = {"min_age_days": 0, "keep_last_n": "three", "region": "mars-1", "colour": "red"}
IMPOSSIBLE = {**MISTAKES, "requested_by": team.ASKER}


def test_the_event_that_is_shipped_is_a_request_that_is_taken(play: Harness) -> None:
    arn = play.starts(json.loads((EVENTS / "scan.json").read_text()))
    play.until_asked(arn)

    assert headline(play) == "Delete 4 idle Lambda versions? Saves about $21.45 a month"
    assert play.run(arn)["policy"]["lookback_days"] == 35


def test_the_rejection_that_is_shipped_rejects_a_page(play: Harness) -> None:
    arn = play.scan()
    play.answers(arn, (EVENTS / "reject.json").read_bytes())

    ended(play, arn, as_="rejected", in_words="nothing deleted")
    assert play.outcome(arn, 1)["approver"] == {"id": "U0000000001", "name": "by hand"}


def test_the_approval_that_is_shipped_deletes_what_it_names(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=13))
    arn = play.scan()
    play.answers(arn, (EVENTS / "approve.json").read_bytes())

    ended(play, arn, as_="approved", in_words="2 deleted, about $11.70 a month")
    assert play.deleted == ["orders-api:12", "orders-api:13"]


def test_no_request_at_all_is_a_scan_of_the_first_region_by_the_stacks_own_rules(play: Harness) -> None:
    arn = play.starts()
    play.until_asked(arn)

    assert play.run(arn)["region"] == "us-west-2"


def test_a_stricter_request_is_judged_by_its_own_rules(play: Harness) -> None:
    play.scan(keep_last_n=5)

    assert list(ticks(play)) == ["orders-api:1"]
    assert "at least 14 days old, not among the newest 5 of its function" in told(play)[0]


def test_an_impossible_request_is_refused_with_every_mistake_named_in_slack_and_in_the_result(play: Harness) -> None:
    arn = play.starts(IMPOSSIBLE)

    result = play.result(arn)

    assert result.status.value == "SUCCEEDED"
    said = json.loads(result.result)
    assert said["ending"] == "refused"
    for field in MISTAKES:
        assert f"`{field}`" in said["words"]
        assert f"`{field}`" in play.root.text
    assert headline(play) == "Nothing was scanned: the request cannot be used"
    assert f"asked by <@{team.ASKER}>" in play.root.text
    assert play.cloud.calls["ListFunctions"] == 0
    assert play.keys("") == [], "nothing is claimed and nothing written"


def test_a_stack_whose_rules_are_stricter_refuses_a_laxer_request(play: Harness) -> None:
    arn = play.starts({"min_age_days": 1, "requested_by": team.ASKER})

    assert "must be 14 or more; a request may only be stricter than the stack's own setting" in play.result(arn).result


def test_another_channel_than_the_review_channel_is_refused(play: Harness) -> None:
    arn = play.starts({"channel_id": team.ELSEWHERE, "requested_by": team.ASKER})

    assert "must be the review channel" in play.result(arn).result
    assert play.workspace.roots(team.ELSEWHERE) == []


@pytest.mark.parametrize("event", [[], "scan", 7, {"requested_by": {"id": "U1"}}, {"requested_by": 3}])
def test_a_request_of_another_shape_is_refused_in_words(play: Harness, event: object) -> None:
    result = play.result(play.starts(event))

    assert (result.status.value, json.loads(result.result)["ending"]) == ("SUCCEEDED", "refused")
    assert headline(play) == "Nothing was scanned: the request cannot be used"


def test_every_kind_of_request_has_a_workflow_of_its_own() -> None:
    assert WORKFLOWS.keys() == set(Kind)


def test_a_request_with_more_mistakes_than_anybody_reads_names_the_first_and_counts_the_rest(play: Harness) -> None:
    result = play.result(play.starts({f"field-{n}-{'x' * 1_000}": n for n in range(200)}))

    assert "and 170 more problems" in json.loads(result.result)["words"]
    assert all(len(c.update.payload or "") < 256 * 1024 for c in play.checkpoints)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ({"is_archived": True}, "the review channel is archived"),
        ({"is_ext_shared": True}, "the review channel is shared with another organisation"),
        ({"is_org_shared": True}, "the review channel is shared with another workspace"),
        ({"members": (team.ASKER,)}, "not_in_channel"),
    ],
    ids=["archived", "shared with another organisation", "shared with another workspace", "without the bot"],
)
def test_a_channel_that_must_not_be_used_is_not_spoken_in_and_the_result_says_why(
    play: Harness, channel: dict[str, object], words: str
) -> None:
    play.workspace.put(replace(play.workspace.channels[team.REVIEW], **channel))
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="failed", in_words=f"Slack: {words} (conversations.info)", failed=True)

    assert play.result(arn).error.message == f"Slack: {words} (conversations.info)", "said once"
    assert play.roots == []
    assert play.cloud.calls["ListFunctions"] == 0


def test_a_channel_that_is_not_there_fails_in_words(set_stage: SetStage) -> None:
    play = set_stage(SLACK_CHANNEL_ID="C0NOWHERE")
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="failed", in_words="Slack: channel_not_found (conversations.info)", failed=True)


def test_a_refusal_is_not_said_in_a_shared_channel_either(play: Harness) -> None:
    play.workspace.put(replace(play.workspace.channels[team.REVIEW], is_ext_shared=True))

    result = play.result(play.starts(IMPOSSIBLE))

    assert result.status.value == "FAILED"
    assert "`colour`" in result.error.message
    assert "shared with another organisation" in result.error.message
    assert play.roots == []


def test_a_refusal_that_slack_does_not_take_still_stands_in_the_result(play: Harness) -> None:
    play.workspace.put(Channel(id=team.REVIEW, name="lambda-review", members=()))

    result = play.result(play.starts(IMPOSSIBLE))

    assert "`colour`" in result.error.message
    assert "not_in_channel" in result.error.message


def test_the_command_and_the_run_it_starts_name_the_same_rules(play: Harness) -> None:
    asker = play.somebody(team.ASKER)
    asker.types("/snapstart scan us-west-2 --min-age-days 20", channel=team.REVIEW)
    (arn,) = play._names.values()
    play.until_asked(arn)

    assert "at least 20 days old" in asker.told[-1].text
    assert "at least 20 days old" in told(play)[0]
    assert play.run(arn)["requested_by"] == team.ASKER
    assert told(play)[0].startswith(f"<@{team.ASKER}> Scan finished")
    said_once(play)


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ('{"signing_secret": "s"}', "the secret slack must be JSON with a bot_token and a signing_secret"),
        ("xoxb-1", "the secret slack must be JSON with a bot_token and a signing_secret"),
        (None, "secretsmanager:GetSecretValue ResourceNotFoundException"),
    ],
    ids=["without a token", "no JSON", "not there"],
)
def test_a_secret_that_cannot_be_used_fails_in_words(set_stage: SetStage, stored: str | None, words: str) -> None:
    def with_the_secret(cloud: Cloud) -> None:
        if stored is not None:
            cloud.client("secretsmanager").create_secret(Name="slack", SecretString=stored)

    play = set_stage(with_the_secret, SLACK_BOT_TOKEN="", SLACK_SECRET_ID="slack")
    arn = play.starts({"requested_by": team.ASKER})

    assert words in play.result(arn).error.message
    assert "xoxb" not in play.result(arn).error.message
    assert words in play.run(arn)["ending_words"]


def test_a_run_speaks_with_the_token_of_the_secret(set_stage: SetStage) -> None:
    def with_the_secret(cloud: Cloud) -> None:
        secret = {"bot_token": team.BOT_TOKEN, "signing_secret": team.SIGNING_SECRET}
        cloud.client("secretsmanager").create_secret(Name="slack", SecretString=json.dumps(secret))

    play = set_stage(with_the_secret, SLACK_BOT_TOKEN="", SLACK_SIGNING_SECRET="", SLACK_SECRET_ID="slack")
    arn = play.starts({"requested_by": team.ASKER})

    ended(play, arn, as_="nothing_to_do", in_words="nothing to clean, 0 versions")
    assert headline(play).startswith("Nothing to clean in us-west-2")


def test_a_token_that_is_replaced_while_a_run_waits_loses_no_decision(set_stage: SetStage) -> None:
    secret = {"bot_token": team.BOT_TOKEN, "signing_secret": team.SIGNING_SECRET}

    def with_the_secret(cloud: Cloud) -> None:
        cloud.client("secretsmanager").create_secret(Name="slack", SecretString=json.dumps(secret))
        a_function(cloud, "orders-api", idle=4)

    play = set_stage(with_the_secret, SLACK_BOT_TOKEN="", SLACK_SECRET_ID="slack")
    arn = play.scan()

    def rotated() -> None:
        secret["bot_token"] = "xoxb-new"
        play.cloud.client("secretsmanager").put_secret_value(SecretId="slack", SecretString=json.dumps(secret))
        play.workspace.put(replace(play.workspace.app, token="xoxb-new"))

    play.after("record-decision", rotated)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $23.40 a month")


@pytest.mark.parametrize("kind", ["", "mars", 7, ["scan"], {"scan": True}])
def test_a_kind_that_there_is_not_is_refused_by_name(play: Harness, kind: object) -> None:
    result = play.result(play.starts({"kind": kind, "requested_by": team.ASKER}))

    said = json.loads(result.result)
    assert said["ending"] == "refused"
    assert "`kind`" in said["words"]


def test_what_libraries_say_of_bodies_is_never_logged(play: Harness) -> None:
    logging.getLogger("slack_sdk").setLevel(logging.DEBUG)
    play.result(play.starts({"kind": "mars"}))

    assert not logging.getLogger("slack_sdk.web.base_client").isEnabledFor(logging.ERROR)
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.INFO)
