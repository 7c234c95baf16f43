"""Whatever a signed request holds, it decides and starts nothing for who may not."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.slack import team
from tests.bot.requests import form, payload, signed
from tests.bot.scene import approved, payload_of
from tests.laws import one_in

pytestmark = pytest.mark.hypothesis

# Whatever a signed request may hold.

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        [
            "",
            "approve",
            "block_actions",
            team.APPROVER,
            team.REVIEW,
            team.TEAM,
            "\ud800",
            "💥",
            "x" * 300,
        ]
    )
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
places = st.lists(st.integers(0, 30), min_size=1, max_size=5)
changes = st.lists(st.tuples(places, st.just("remove") | anything), min_size=1, max_size=4)


def changed(value, place, change):
    """The same value with one place in it, found by counting, replaced or taken away."""
    if isinstance(value, dict) and value:
        name = list(value)[place[0] % len(value)]
        return _put(value, name, place, change) if value else change
    if isinstance(value, list) and value:
        return list(_put(dict(enumerate(value)), place[0] % len(value), place, change).values())
    return None if change == "remove" else change


def _put(value, name, place, change):
    if len(place) > 1:
        return value | {name: changed(value[name], place[1:], change)}
    if change == "remove":
        return {key: kept for key, kept in value.items() if key != name}
    return value | {name: change}


def press_of(scene, who, button):
    """The payload of a proper press on a page that waits."""
    person = scene.somebody(who)
    person.presses(scene.waits(), button)
    return payload_of(person.sent[-1])


def answers(scene, caplog, body, **how):
    """What a signed request is answered, by a bot that was never heard before and meets no error of its own."""
    scene.engine.closed.clear()
    scene.engine.decisions.clear()
    caplog.clear()

    answer = scene.bot.handler(signed(body, **how), None)

    assert answer["statusCode"] in {200, 400, 404}
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    return answer


@pytest.mark.parametrize("button", ["approve", "reject", "why_held"])
def test_whatever_a_payload_holds_it_decides_nothing_for_who_may_not(scene, caplog, button):
    proper = press_of(scene, team.MEMBER, button)

    @given(of=changes)
    def law(of):
        hostile = proper
        for place, change in of:
            hostile = changed(hostile, place, change)
        if isinstance(hostile, dict) and isinstance(hostile.get("user"), dict):
            hostile["user"]["id"] = team.MEMBER

        answers(scene, caplog, payload(hostile))

        assert scene.decisions == []

    law()


@pytest.mark.parametrize("place", ["state", "actions", "message", "container", "user", "channel"])
def test_whatever_an_approvers_client_sends_only_what_was_offered_is_ever_approved(scene, caplog, place):
    proper = press_of(scene, team.APPROVER, "approve")
    offered = {f"orders-api:{number}" for number in range(1, 11)} | {"thumbs:4", "thumbs:5"}

    @one_in(2)
    @given(of=changes)
    def law(of):
        hostile = dict(proper)
        for where, change in of:
            hostile[place] = changed(hostile[place], where, change)

        answers(scene, caplog, payload(hostile))

        assert len(scene.decisions) <= 1
        for decision in scene.decisions:
            assert decision["approver"]["id"] == team.APPROVER
            assert set(approved(decision)) <= offered

    law()


def test_whatever_a_command_holds_it_starts_nothing_for_who_may_not(scene, caplog):
    known = st.sampled_from([team.REVIEW, team.TEAM, team.GUEST, "scan", "status", "scan --prefix a"])
    names = st.sampled_from(["text", "user_id", "team_id", "channel_id", "trigger_id", "response_url", "payload"])

    @given(fields=st.dictionaries(names, known | st.text(max_size=40)))
    def law(fields):
        typed = {name: value.encode("utf-8", "replace") for name, value in fields.items()}

        answers(scene, caplog, form(**{"command": "/snapstart", "user_id": team.GUEST} | typed))

        assert scene.engine.started == []

    law()


def test_whatever_bytes_are_signed_they_reach_nobody(scene, caplog):
    @given(body=st.binary(max_size=300), content_type=st.sampled_from(["application/json", "text/plain", ""]))
    def law(body, content_type):
        assert answers(scene, caplog, body, content_type=content_type)["statusCode"] != 200
        assert scene.slack.calls == []

    law()


def test_what_the_generated_requests_begin_with_is_what_slack_sends(scene):
    sent = press_of(scene, team.APPROVER, "approve")

    assert sent["type"] == "block_actions"
    assert len(sent["state"]["values"]) == 3
    assert len(scene.decisions) == 1
