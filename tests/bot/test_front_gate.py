"""The front gate: who is heard, with which credentials, and what no log holds."""

from __future__ import annotations

import json
import logging
from copy import deepcopy

import pytest

from bot.replies.clicks import TOO_SLOW
from fakes.slack import team
from fakes.slack.faults import ServerError
from tests.bot.requests import MARK, NOW, SECRET, form, payload, signed, without

PRESS = {"type": "block_actions", "actions": [{"action_id": "approve", "type": "button"}]}
HOSTILE = {
    "no JSON": (signed(f"{{{MARK}"), 400),
    "a payload that is no JSON": (signed(form(payload=MARK)), 400),
    "an empty payload": (signed("payload="), 400),
    "a payload of 1": (signed("payload=1"), 400),
    "a payload of null": (signed(payload(None)), 400),
    "a payload that is a text": (signed(payload(MARK)), 400),
    "a payload that is a list": (signed(payload([{"type": "block_actions"}])), 400),
    "an empty object": (signed(payload({})), 400),
    "a payload nested without end": (signed(form(payload="[" * 200_000)), 400),
    "a number with five thousand digits": (signed(form(payload="9" * 5000)), 400),
    "an object of nothing we know": (signed(payload({"type": MARK})), 400),
    "an organisation that is a number": (signed(payload({**PRESS, "enterprise": 5})), 400),
    "authorisations that are a number": (signed(payload({**PRESS, "authorizations": 5})), 400),
    "response addresses that are a text": (signed(payload({**PRESS, "response_urls": MARK})), 400),
    "an action of nobody's": (
        signed(payload({"type": "block_actions", "actions": [{"action_id": MARK, "type": "button"}]})),
        404,
    ),
    "no actions": (signed(payload({"type": "block_actions", "actions": []})), 400),
    "a press without anything around it": (signed(payload(PRESS)), 400),
    "a modal that was submitted": (signed(payload({"type": "view_submission", "view": {"callback_id": MARK}})), 400),
    "an event": (signed(payload({"type": "event_callback", "event": {"type": "message"}})), 400),
    "a check of the address": (signed(payload({"type": "url_verification", "challenge": MARK})), 400),
    "another command": (signed(form(command="/deploy", text=MARK)), 404),
    "no body": (signed(""), 400),
    "a body that is no form": (signed(MARK), 400),
    "two presses at once": (signed(payload({"type": "block_actions", "actions": [{}, {}]})), 400),
    "an action that is a text": (signed(payload({"type": "block_actions", "actions": [MARK]})), 400),
    "an action id that is a number": (signed(payload({"type": "block_actions", "actions": [{"action_id": 1}]})), 400),
    "bytes that are no text": (signed(b"payload=\xff\xfe" + MARK.encode()), 400),
    "a megabyte and more": (signed(f"payload={MARK}" + "x" * 1_000_000), 413),
    "a signature of five minutes and a second ago": (signed(form(command="/snapstart"), timestamp=NOW - 301), 401),
    "a signature of five minutes and a second ahead": (signed(form(command="/snapstart"), timestamp=NOW + 301), 401),
    "a time that is no number": (signed(form(command="/snapstart"), timestamp="abc"), 401),
    "another secret": (signed(form(command="/snapstart"), secret="another"), 401),
    "no signature": (signed(form(command="/snapstart"), headers={"x-slack-signature": None}), 401),
    "no time": (signed(form(command="/snapstart"), headers={"x-slack-request-timestamp": None}), 401),
    "no word on its encoding": (without(signed(form(command="/snapstart")), "isBase64Encoded"), 400),
    "no headers": (without(signed(form(command="/snapstart")), "headers"), 400),
    "a GET": (signed("", requestContext={"http": {"method": "GET"}}), 405),
    "a schedule's event": ({"version": "0", "source": "aws.scheduler", "detail": {"mark": MARK}}, 405),
    "another gateway's event": ({"httpMethod": "POST", "headers": {}, "body": MARK, "isBase64Encoded": False}, 405),
    "nothing": (None, 400),
    "a list": ([MARK], 400),
    "a text": (MARK, 400),
}


@pytest.mark.parametrize(("event", "status"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_request_gets_a_plain_refusal_and_reaches_nobody(scene, caplog, event, status):
    caplog.set_level(logging.DEBUG)

    answer = scene.bot.handler(deepcopy(event), None)

    assert answer["statusCode"] == status
    assert answer["headers"]["content-type"].startswith("text/plain")
    assert len(answer["body"]) < 40
    assert MARK not in answer["body"]
    assert MARK not in caplog.text
    assert scene.slack.calls == []
    assert scene.engine.started == scene.decisions == []
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_signed_check_of_the_address_is_answered_and_an_unsigned_one_is_nobodys(scene):
    answer = scene.bot.handler(signed(form(ssl_check="1", token=MARK)), None)

    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert scene.bot.handler(signed(form(ssl_check="1"), secret="another"), None)["statusCode"] == 401
    assert scene.bot.handler(signed(form(ssl_check="1", command="/deploy")), None)["statusCode"] == 404


def test_an_http_api_in_front_is_heard_like_a_function_url(scene):
    posted = scene.waits()
    scene.somebody(team.APPROVER).presses(posted, "approve")
    scene.engine.closed.clear()
    event = deepcopy(scene.heard[-1])
    event |= {"routeKey": "POST /", "rawPath": "/prod/", "stageVariables": None, "pathParameters": None}
    event["requestContext"] |= {"routeKey": "POST /", "stage": "prod", "apiId": "a1b2c3d4e5"}
    event["headers"]["host"] = event["requestContext"]["domainName"] = "a1b2c3d4e5.execute-api.us-west-2.amazonaws.com"

    assert scene.bot.handler(event, None)["statusCode"] == 200
    assert len(scene.decisions) == 2


@pytest.mark.parametrize(("seconds_ago", "accepted"), [(0, True), (19, True), (21, False)])
def test_the_time_to_answer_counts_from_the_requests_arrival(scene, seconds_ago, accepted):
    posted = scene.waits()
    scene.somebody(team.APPROVER).presses(posted, "approve")
    scene.engine.closed.clear()
    event = deepcopy(scene.heard[-1])
    event["requestContext"]["timeEpoch"] = int((scene.clock.now - seconds_ago) * 1000)

    scene.bot.handler(event, None)

    assert (len(scene.decisions) == 2) is accepted
    assert scene.told(team.APPROVER)[-1].startswith("Got it" if accepted else "I ran out of time")


@pytest.mark.parametrize("said", [None, "soon", -5, 0, True, 1.5, NOW * 10_000, int((NOW - 61) * 1000)])
def test_an_arrival_that_cannot_be_true_counts_as_now(scene, said):
    posted = scene.waits()
    scene.somebody(team.APPROVER).presses(posted, "approve")
    scene.engine.closed.clear()
    event = deepcopy(scene.heard[-1])
    event["requestContext"]["timeEpoch"] = said

    scene.bot.handler(event, None)

    assert len(scene.decisions) == 2


@pytest.mark.parametrize("headers", [{"x-slack-bolt-lazy-only": "1", "x-slack-bolt-lazy-function-name": "decide"}])
def test_headers_that_steer_bolt_are_not_passed_to_it(scene, headers):
    posted = scene.waits()
    approver = scene.somebody(team.APPROVER)
    approver.presses(posted, "approve")
    scene.engine.closed.clear()
    event = deepcopy(approver.sent[-1])
    event["headers"] |= headers

    assert scene.bot.handler(event, None)["statusCode"] == 200
    assert len(scene.decisions) == 2


def test_a_listener_that_fails_answers_plainly_and_names_the_place_without_the_words(scene, caplog):
    posted = scene.waits()

    def fails(*_):
        raise RuntimeError(MARK)

    scene.cloud.faults.meanwhile("GetObject", fails)
    answer = scene.somebody(team.APPROVER).presses(posted, "approve")

    assert (answer.status, answer.text) == (500, "something went wrong")
    assert "RuntimeError at " in caplog.text
    assert "test_front_gate.py" in caplog.text
    assert MARK not in caplog.text


def test_no_log_holds_a_body_a_token_or_a_secret(scene, caplog):
    caplog.set_level(logging.DEBUG)
    scene.deploys()
    posted = scene.waits()
    approver = scene.somebody(team.APPROVER)
    approver.unticks(posted, "orders-api:3")
    approver.presses(posted, "approve")
    approver.presses(posted, "Why held?")
    approver.types(f"/snapstart scan --prefix {MARK}", channel=team.REVIEW)
    scene.slack.faults.add("*", ServerError(500))
    approver.presses(posted, "approve")
    approver.types(f"/snapstart status {MARK}", channel=team.REVIEW)

    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith(("bot", "slack_", "botocore")))
    assert f"approve by {team.APPROVER} passed on: 11 of 12 versions, page 1 of run 8f3c2e" in ours
    for hidden in (MARK, team.BOT_TOKEN, SECRET, "/response/", "callback-1", "Y2FsbGJhY2s", "orders-api"):
        assert hidden not in ours


# Credentials.


def keeps_its_secret(scene, signing_secret=SECRET, token=team.BOT_TOKEN, **how):
    vault = scene.client("secretsmanager")
    vault.create_secret(Name=scene.name, SecretString="{}")
    vault.put_secret_value(
        SecretId=scene.name, SecretString=json.dumps({"bot_token": token, "signing_secret": signing_secret})
    )
    scene.deploys(SLACK_SECRET_ID=scene.name, SLACK_BOT_TOKEN="", SLACK_SIGNING_SECRET="", **how)
    return vault


def reads_of_the_secret(scene):
    return scene.cloud.calls["GetSecretValue"]


def command(**how):
    return signed(form(command="/snapstart", text="help"), **how)


def test_the_secret_is_read_before_the_first_request_and_once(scene):
    keeps_its_secret(scene)
    assert reads_of_the_secret(scene) == 1

    assert [scene.bot.handler(command(), None)["statusCode"] for _ in range(3)] == [200, 200, 200]
    assert reads_of_the_secret(scene) == 1


def test_a_rotated_signing_secret_is_found_by_the_first_request_that_does_not_fit(scene):
    vault = keeps_its_secret(scene)
    vault.put_secret_value(SecretId=scene.name, SecretString=json.dumps({"bot_token": "t", "signing_secret": "new"}))
    scene.clock.passes(60)

    assert scene.bot.handler(command(secret="new", timestamp=NOW + 60), None)["statusCode"] == 200
    assert scene.bot.handler(command(timestamp=NOW + 60), None)["statusCode"] == 401


def test_strangers_make_us_read_the_secret_once_a_minute_at_most(scene):
    keeps_its_secret(scene)
    for second in range(180):
        scene.clock.passes(1)
        assert scene.bot.handler(command(secret="guess", timestamp=NOW + second), None)["statusCode"] == 401

    assert reads_of_the_secret(scene) == 4


def test_a_request_that_is_stale_or_broken_does_not_make_us_doubt(scene):
    keeps_its_secret(scene)
    scene.clock.passes(60)
    broken = command() | {"body": "é"}
    for event in (command(timestamp=NOW - 500), broken, signed(b"\xff", timestamp=NOW + 60), None):
        scene.bot.handler(event, None)

    assert reads_of_the_secret(scene) == 1


def test_a_secret_without_its_values_is_not_ready_and_is_when_they_are_given(scene, caplog):
    vault = keeps_its_secret(scene, token="")

    answer = scene.bot.handler(command(), None)
    assert (answer["statusCode"], answer["body"]) == (503, "not ready")
    assert "the Slack secret has no bot_token" in caplog.text

    vault.put_secret_value(
        SecretId=scene.name, SecretString=json.dumps({"bot_token": team.BOT_TOKEN, "signing_secret": SECRET})
    )
    scene.clock.passes(5)
    assert scene.bot.handler(command(timestamp=NOW + 5), None)["statusCode"] == 200


def test_the_first_click_after_a_rotation_counts(scene):
    vault = keeps_its_secret(scene, token="xoxb-old")
    scene.clock.passes(60)
    vault.put_secret_value(
        SecretId=scene.name, SecretString=json.dumps({"bot_token": team.BOT_TOKEN, "signing_secret": SECRET})
    )
    scene.somebody(team.APPROVER).presses(scene.waits(), "approve")

    (told,) = scene.told(team.APPROVER)
    assert told.startswith("Got it")
    assert len(scene.decisions) == 1
    assert reads_of_the_secret(scene) == 2


def test_a_token_that_nobody_put_into_the_secret_yet_loses_the_click_and_is_read_once(scene):
    keeps_its_secret(scene, token="xoxb-old")
    scene.clock.passes(60)
    scene.somebody(team.APPROVER).presses(scene.waits(), "approve")

    (told,) = scene.told(team.APPROVER)
    assert "(Slack: invalid_auth)" in told
    assert scene.decisions == []
    assert reads_of_the_secret(scene) == 2


def test_a_secret_that_is_read_again_too_slowly_decides_nothing(scene, slowly):
    keeps_its_secret(scene, token="xoxb-old", decide_within=0.1)
    scene.clock.passes(60)
    slowly.aws("GetSecretValue")
    scene.somebody(team.APPROVER).presses(scene.waits(), "approve")

    assert scene.told(team.APPROVER) == [TOO_SLOW]
    assert scene.decisions == []
