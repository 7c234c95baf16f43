"""What each thing that doctor tests comes to, once well and once not, and when all of it counts as passed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain import readiness
from orchestrator.domain.readiness import (
    SCOPES,
    Asked,
    Findings,
    Line,
    Mark,
    Named,
    Permission,
    Readiness,
    Schedule,
    read_readiness,
)

GOOD, BAD, OPEN = Line(Mark.PASSES, "good"), Line(Mark.FAILS, "bad"), Line(Mark.UNKNOWN, "open")
ARN = "arn:aws:lambda:us-west-2:111122223333:function:cleaner-orchestrator:live"
DENIED = "AccessDeniedException, not authorized"


def a_readiness(**changes: Any) -> Readiness:
    given: dict[str, Any] = {"release_id": "abc", "execution": "8f3c2e", "tested_at": 7, "found": Findings((GOOD,))}
    return Readiness(**given | changes)


def asked(permission: Permission = Permission.ALLOWED, action: str = "lambda:ListAliases", **given: Any) -> Asked:
    return Asked(action, given.pop("region", "us-west-2"), permission, **given)


lines_ = st.lists(st.sampled_from([GOOD, BAD, OPEN])).map(lambda lines: Findings(tuple(lines)))


@given(lines_)
def test_nothing_passes_that_was_not_seen_to_pass(found: Findings) -> None:
    assert found.passed == (bool(found.lines) and set(found.lines) == {GOOD})


@given(lines_, lines_)
def test_findings_are_put_together_in_order_and_survive_a_checkpoint(one: Findings, other: Findings) -> None:
    both = one + other

    assert both.lines == (*one.lines, *other.lines)
    assert Findings.from_dict(json.loads(json.dumps(both.to_dict()))) == both
    assert both.passed <= (one.passed or not one.lines)


def test_findings_can_be_asked_for_one_mark() -> None:
    assert (Findings((GOOD,)) + Findings((BAD, GOOD))).marked(Mark.PASSES) == (GOOD, GOOD)


def test_a_pass_counts_for_its_own_release_alone() -> None:
    assert a_readiness().passed_for("abc")
    assert not a_readiness().passed_for("abd")
    assert not a_readiness(found=Findings((GOOD, OPEN))).passed_for("abc")


def test_a_pass_outlasts_a_later_test_of_its_release_in_which_nothing_fails():
    passed = a_readiness()

    assert passed.outlasts(a_readiness(found=Findings((GOOD, OPEN))))
    assert not passed.outlasts(a_readiness(found=Findings((GOOD, BAD))))
    assert not passed.outlasts(a_readiness())
    assert not passed.outlasts(a_readiness(release_id="abd", found=Findings((GOOD, OPEN))))
    assert not a_readiness(found=Findings((GOOD, OPEN))).outlasts(a_readiness(found=Findings((OPEN,))))


def test_the_record_is_read_back_as_it_was_stored_whatever_else_stands_there() -> None:
    stored = json.loads(json.dumps(a_readiness(found=Findings((GOOD, BAD))).to_dict()))

    assert stored["passed"] is False
    assert read_readiness(stored | {"colour": "red"}) == a_readiness(found=Findings((GOOD, BAD)))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        a_readiness().to_dict() | {"schema_version": 2},
        a_readiness().to_dict() | {"release_id": ""},
        a_readiness().to_dict() | {"lines": [{"mark": "perhaps", "words": "x"}]},
        a_readiness().to_dict() | {"lines": 3},
    ],
)
def test_what_cannot_be_read_did_not_pass(data: Any) -> None:
    assert read_readiness(data) is None


# Every line, once well and once not

WELL = {
    "bucket": readiness.bucket("records", None),
    "schedule on": readiness.schedule("cleaner/scan", Schedule("ENABLED", ARN), ARN),
    "schedule off": readiness.schedule("cleaner/scan", Schedule("DISABLED", ARN), ARN),
    "schedule, target not known": readiness.schedule("cleaner/scan", Schedule("ENABLED", ARN), None),
    "topic of one": readiness.topic("arn:topic", 1),
    "topic of two": readiness.topic("arn:topic", 2),
    "bill": readiness.bill(None),
    "token": readiness.token(None),
    "scopes": readiness.scopes(SCOPES, [*SCOPES]),
    "channel": readiness.channel(None),
    "people": readiness.people("approvers", "Approvers", [Named("U0A", active=True)]),
    "anyone": readiness.anyone(),
    "ticks": readiness.ticks(frozenset({"first", "second"})),
    "replies": readiness.replies(found=True),
    "entered": readiness.entered("search (4444)", "cleaner-read", None),
    "reads": readiness.reads("1111", [asked()], template="the stack"),
    "deletes on": readiness.deletes("1111", [asked()], dry_run=False, template="the stack"),
    "deletes off": readiness.deletes("1111", [asked(Permission.DENIED)], dry_run=True, template="the stack"),
}
BROKEN = {
    "bucket": readiness.bucket("records", "s3:PutObject AccessDenied, no"),
    "schedule gone": readiness.schedule("cleaner/scan", None, ARN, problem="scheduler:GetSchedule NotFound"),
    "schedule of another": readiness.schedule("cleaner/scan", Schedule("ENABLED", "arn:other"), ARN),
    "topic without anybody": readiness.topic("arn:topic", 0),
    "topic not seen": readiness.topic("arn:topic", None, problem="sns:GetTopicAttributes NotFound"),
    "bill": readiness.bill("ce:GetCostAndUsage AccessDeniedException, no"),
    "token": readiness.token("Slack: invalid_auth (auth.test)"),
    "scopes": readiness.scopes([], ["files:write"]),
    "channel": readiness.channel("Slack: not_in_channel"),
    "nobody": readiness.people("approvers", "Approvers", []),
    "people who left": readiness.people("approvers", "Approvers", [Named("U0A", active=False)]),
    "ticks": readiness.ticks(None),
    "replies": readiness.replies(found=False),
    "replies refused": readiness.replies(found=False, problem="Slack: missing_scope"),
    "entered": readiness.entered("search (4444)", "cleaner-read", "sts:AssumeRole AccessDenied, no"),
    "deletes off there": readiness.deletes_off_there("search (4444)", "cleaner-delete"),
    "reads": readiness.reads("1111", [asked(Permission.DENIED, words=DENIED)], template="the stack"),
    "deletes on": readiness.deletes(
        "1111", [asked(Permission.DENIED, words=DENIED)], dry_run=False, template="the stack"
    ),
    "deletes off": readiness.deletes("1111", [asked()], dry_run=True, template="the stack"),
}
NOT_KNOWN = {
    "scopes": readiness.scopes(None, [*SCOPES]),
    "people": readiness.people("approvers", "Approvers", [Named("S0A", None, "Slack: ratelimited")]),
    "ticks": readiness.ticks(frozenset({"first"})),
    "no click": readiness.nobody_pressed(),
    "reads": readiness.reads("1111", [asked(Permission.UNKNOWN, words="x")], template="the stack"),
    "deletes": readiness.deletes("1111", [asked(Permission.UNKNOWN)], dry_run=True, template="the stack"),
}


@pytest.mark.parametrize("name", WELL)
def test_what_is_well_passes(name: str) -> None:
    assert WELL[name].mark is Mark.PASSES


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_fails_and_says_what_to_do(name: str) -> None:
    line = BROKEN[name]

    assert line.mark is Mark.FAILS
    assert any(
        verb in line.words
        for verb in ("Deploy", "deploy", "Correct", "Subscribe", "set", "Put", "Add", "Type", "untick", "Check", "Take")
    ), line.words


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_what_could_not_be_tested_is_not_known(name: str) -> None:
    assert NOT_KNOWN[name].mark is Mark.UNKNOWN


def test_a_denied_read_names_each_call_once_with_its_regions_and_who_may_deny_it() -> None:
    made = [asked(Permission.DENIED, words=DENIED, region=region) for region in ("us-west-2", "eu-west-1")]

    assert readiness.reads("payments (1111)", [*made, asked()], template="member.yaml there").words == (
        "payments (1111): the role may not call lambda:ListAliases in us-west-2, eu-west-1. Deploy member.yaml there "
        "again; if it still is denied, a permissions boundary or a service control policy does it. AWS: "
        "AccessDeniedException, not authorized"
    )


def test_only_some_of_many_are_named() -> None:
    gone = [Named(f"U{number}", active=False) for number in range(8)]

    assert "U5 and 2 more. Correct Approvers" in readiness.people("approvers", "Approvers", gone).words


@pytest.mark.parametrize("flag", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
def test_only_full_members_who_are_there_are_active(flag: str) -> None:
    assert readiness.is_active({"id": "U0A"})
    assert not readiness.is_active({"id": "U0A", flag: True})


@pytest.mark.parametrize(
    ("is_private", "groups", "unused"),
    [
        (False, True, {"groups:history", "groups:read"}),
        (True, True, {"channels:history", "channels:read"}),
        (None, False, {"usergroups:read"}),
    ],
)
def test_scopes_are_needed_for_what_the_stack_uses(is_private: bool | None, groups: bool, unused: set[str]) -> None:
    assert set(SCOPES) - set(readiness.needed_scopes(is_private=is_private, groups=groups)) == unused
