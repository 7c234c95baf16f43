"""Requests to the bot that nobody honest sends: only a plain answer leaves the handler, and nothing is decided."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.aws import Cloud
from fakes.slack import signed_event, team
from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import mortal_harness
from tests.faults.law import Breaches
from tests.harness import a_clock

MARK = "a-mark-that-no-log-may-hold"
OK = 200
PLAIN = {OK, 400, 401, 404, 405, 413}
A_REFUSAL_AT_MOST = 40

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", MARK, "approve", "orders-api:7", team.MEMBER, team.GUEST, team.OTHER_TEAM, "💥", "x" * 4000])
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
surgeries = st.lists(
    st.tuples(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.just("take it away") | values), max_size=4
)
times = st.integers(301, 10**10) | st.integers(-(10**9), -301)
envelopes = st.one_of(
    st.tuples(st.just("of somebody who may not decide"), st.none()),
    st.tuples(st.just("forged"), st.text(max_size=40)),
    st.tuples(st.just("of another time"), times),
    st.tuples(st.just("cut off"), st.integers(1, 2000)),
    st.tuples(st.just("grown"), st.text(min_size=1, max_size=20)),
    st.tuples(st.just("huge"), st.integers(1_000_001, 1_200_000)),
    st.tuples(st.just("without a header"), st.sampled_from(["x-slack-signature", "x-slack-request-timestamp"])),
    st.tuples(st.just("with another signature"), st.text(max_size=80)),
    st.tuples(st.just("in other bytes"), st.binary(max_size=200)),
    st.tuples(st.just("of another shape"), values),
)


def operated(value: Any, path: list[int], change: Any) -> Any:
    """The same value with one place in it, found by counting, replaced or taken away."""
    if not isinstance(value, dict | list) or not value:
        return change
    entries = dict(value) if isinstance(value, dict) else dict(enumerate(value))
    name = list(entries)[path[0] % len(entries)]
    if len(path) > 1:
        entries[name] = operated(entries[name], path[1:], change)
    elif change == "take it away":
        del entries[name]
    else:
        entries[name] = change
    return entries if isinstance(value, dict) else list(entries.values())


def enveloped(kind: str, how: Any, body: str, now: int) -> Any:
    """The event that reaches the bot."""
    match kind:
        case "forged":
            return signed_event(body, f"{how} ", timestamp=now)
        case "of another time":
            return signed_event(body, team.SIGNING_SECRET, timestamp=now - how)
        case "huge":
            return signed_event(body + "&pad=" + "x" * how, team.SIGNING_SECRET, timestamp=now)
        case "in other bytes":
            return signed_event(how, team.SIGNING_SECRET, timestamp=now)
        case "of another shape":
            return how
    event = signed_event(body, team.SIGNING_SECRET, timestamp=now)
    match kind:
        case "cut off":
            sent = base64.b64decode(event["body"]) if event.get("isBase64Encoded") else event["body"].encode()
            event |= {"isBase64Encoded": True, "body": base64.b64encode(sent[:-how]).decode()}
        case "grown":
            sent = base64.b64decode(event["body"]) if event.get("isBase64Encoded") else event["body"].encode()
            event |= {"isBase64Encoded": True, "body": base64.b64encode(sent + how.encode()).decode()}
        case "without a header":
            event = {**event, "headers": {k: v for k, v in event["headers"].items() if k.lower() != how}}
        case "with another signature":
            event = {**event, "headers": {**event["headers"], "x-slack-signature": how}}
    return event


@pytest.mark.parametrize("deed", ["a press", "a command"])
def test_no_hostile_request_decides_anything_or_leaves_more_than_a_plain_answer(
    deed: str, every: bool, count: Count, caplog: pytest.LogCaptureFixture
) -> None:
    logging.disable(logging.NOTSET)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "botocore")
    clock = a_clock()
    cases = 0
    with mortal_harness(story.fill(Cloud(clock=clock)), clock) as play:
        arn = story.begin(play)
        play.until_asked(arn)
        somebody = play.somebody(team.GUEST)
        if deed == "a press":
            somebody.presses(play.root, "approve")
        else:
            somebody.types("/snapstart scan", channel=team.REVIEW)
        honest = _body(somebody.sent[-1])
        now = int(clock.seconds())
        started, steps = len(play.runner._store.list_all()), play.steps(arn)

        @settings(
            max_examples=2500 if every else 60,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(surgery=surgeries, envelope=envelopes)
        def one(surgery: Any, envelope: Any) -> None:
            nonlocal cases
            cases += 1
            caplog.clear()
            event = enveloped(*envelope, _operated_body(honest, surgery), now)

            answer = play.bot.handler(deepcopy(event), None)

            assert answer["statusCode"] in PLAIN
            assert answer["statusCode"] == OK or len(answer["body"]) < A_REFUSAL_AT_MOST
            logged = caplog.text
            assert MARK not in logged
            assert team.SIGNING_SECRET not in logged
            assert team.BOT_TOKEN not in logged

        one()
        decided = play.steps(arn) != steps or len(play.runner._store.list_all()) != started
        count("a hostile request", cases, Breaches(wrongly_deleted=int(decided or bool(play.deleted))))
        assert not decided
        assert play.deleted == []


def _body(event: Mapping[str, Any]) -> dict[str, str]:
    sent = base64.b64decode(event["body"]).decode() if event.get("isBase64Encoded") else event["body"]
    return dict(parse_qsl(sent, keep_blank_values=True))


def _operated_body(honest: Mapping[str, str], surgery: Any) -> str:
    fields: Any = dict(honest)
    for path, change in surgery:
        if "payload" in fields:
            payload = operated(json.loads(fields["payload"]), path, change)
            fields["payload"] = json.dumps(payload)
        else:
            fields = operated(fields, path, change)
        if not isinstance(fields, dict):
            return str(fields)
    return urlencode({name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()})
