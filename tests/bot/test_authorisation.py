from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.authorisation import Approvers, Refusal, Right, is_full_member, may_ask, may_decide, may_end

TEAM = "T0HOME"


def user(user_id="U0ONE", **flags):
    """A full member as `users.info` tells of one; a flag of None is left out."""
    told = {
        "id": user_id,
        "team_id": TEAM,
        "deleted": False,
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
    } | flags
    return {name: value for name, value in told.items() if value is not None}


def decides(who=None, *, approvers=("U0ONE",), groups=(), asker="U0ASKER", approves=True, second=False):
    return may_decide(
        user() if who is None else who,
        TEAM,
        approvers=Approvers.of(approvers),
        groups=frozenset(groups),
        asker_id=asker,
        approves=approves,
        require_second_person=second,
    )


NOT_FULL_MEMBERS = {
    "a multi-channel guest": {"is_restricted": True},
    "a single-channel guest": {"is_ultra_restricted": True, "is_restricted": True},
    "a bot": {"is_bot": True},
    "a deactivated person": {"deleted": True, "is_restricted": None, "is_ultra_restricted": None},
    "a stranger": {"is_stranger": True},
    "somebody of another team": {"team_id": "T0OTHER"},
    "somebody of no team": {"team_id": None},
    "somebody whose guest flag is missing": {"is_restricted": None},
    "somebody whose other guest flag is missing": {"is_ultra_restricted": None},
    "somebody of whom it is not said whether they are deactivated": {"deleted": None},
    "somebody of whom it is not said whether they are a bot": {"is_bot": None},
    "somebody whose flag is not a truth value": {"is_restricted": "false"},
    "somebody of another organisation": {"team_id": "T0OTHER", "enterprise_user": {"teams": ["T0THIRD"]}},
    "somebody with broken teams": {"team_id": None, "enterprise_user": {"teams": TEAM}},
}


@pytest.mark.parametrize("flags", NOT_FULL_MEMBERS.values(), ids=NOT_FULL_MEMBERS)
def test_only_full_members_may_ask_or_decide_whatever_the_list_says(flags):
    who = user(**flags)

    assert may_ask(who, TEAM) is Refusal.GUEST
    assert decides(who) is Refusal.GUEST
    assert decides(who, approvers=("*",)) is Refusal.GUEST
    assert decides(who, approvers=("S0TEAM",), groups=("S0TEAM",)) is Refusal.GUEST
    assert decides(who, asker="U0ONE", approves=False) is Refusal.GUEST


def test_a_full_member_may_ask():
    assert may_ask(user(), TEAM) is None
    assert may_ask(user(is_stranger=False), TEAM) is None


def test_a_member_of_several_workspaces_of_one_organisation_belongs_to_each():
    assert is_full_member(user(team_id="T0OTHER", enterprise_user={"teams": ["T0OTHER", TEAM]}), TEAM)


def test_somebody_without_an_id_decides_nothing():
    assert decides(user(None), approvers=("*",)) is Refusal.GUEST


@pytest.mark.parametrize(
    ("approvers", "groups", "outcome"),
    [
        (("U0ONE",), (), Right.APPROVER),
        (("W0ONE", "U0ONE"), (), Right.APPROVER),
        (("*",), (), Right.APPROVER),
        (("S0TEAM",), ("S0TEAM",), Right.APPROVER),
        (("U0TWO", "S0TEAM"), ("S0TEAM",), Right.APPROVER),
        (("U0TWO",), (), Refusal.NOT_AN_APPROVER),
        (("U0TWO",), ("S0TEAM",), Refusal.NOT_AN_APPROVER),
        (("S0TEAM",), (), Refusal.NOT_AN_APPROVER),
        (("S0TEAM",), ("S0OTHERS",), Refusal.NOT_AN_APPROVER),
        ((), (), Refusal.NOBODY_DECIDES),
        ((), ("S0TEAM",), Refusal.NOBODY_DECIDES),
    ],
)
@pytest.mark.parametrize("approves", [True, False])
def test_who_is_listed_decides(approvers, groups, outcome, approves):
    assert decides(approvers=approvers, groups=groups, approves=approves) is outcome


@pytest.mark.parametrize(
    ("asked", "approves", "second", "outcome"),
    [
        (True, True, True, Refusal.SECOND_PERSON),
        (True, True, False, Right.APPROVER),
        (True, False, True, Right.APPROVER),
        (False, True, True, Right.APPROVER),
        (False, False, True, Right.APPROVER),
    ],
)
def test_a_second_person_is_required_to_approve_and_never_to_reject(asked, approves, second, outcome):
    assert decides(asker="U0ONE" if asked else "U0ASKER", approves=approves, second=second) is outcome


def test_a_scheduled_run_has_no_asker_so_any_approver_is_a_second_person():
    assert decides(asker=None, second=True) is Right.APPROVER


@pytest.mark.parametrize("approvers", [(), ("U0TWO",), ("S0TEAM",)])
def test_who_asked_and_is_no_approver_may_call_their_own_run_off_and_no_more(approvers):
    assert decides(approvers=approvers, asker="U0ONE", approves=False, second=True) is Right.ASKER
    assert isinstance(decides(approvers=approvers, asker="U0ONE", approves=True), Refusal)


@pytest.mark.parametrize(
    ("approvers", "asker", "outcome"),
    [
        (("U0ONE",), None, Right.APPROVER),
        (("U0TWO",), None, Refusal.NOT_AN_APPROVER),
        (("U0TWO",), "U0ONE", Right.ASKER),
        (("U0TWO",), "U0TWO", Refusal.NOT_AN_APPROVER),
        ((), None, Refusal.NOBODY_DECIDES),
    ],
)
def test_a_run_is_stopped_by_approvers_and_by_who_asked_and_a_pause_ended_by_approvers(approvers, asker, outcome):
    who = may_end(user(), TEAM, approvers=Approvers.of(approvers), groups=frozenset(), asker_id=asker)

    assert who is outcome


@pytest.mark.parametrize(
    ("approvers", "asked"),
    [
        (("S0TEAM", "S0MORE"), ("S0TEAM", "S0MORE")),
        (("U0ONE", "S0TEAM"), ()),
        (("U0TWO", "S0TEAM"), ("S0TEAM",)),
        (("*",), ()),
        (("U0TWO",), ()),
    ],
)
def test_groups_are_asked_about_only_when_they_decide(approvers, asked):
    assert Approvers.of(approvers).groups_to_ask("U0ONE") == asked


flags = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from([True, False, None, 0, "false"])
        for name in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    }
    | {"team_id": st.sampled_from([TEAM, "T0OTHER", None, 7]), "id": st.sampled_from(["U0ONE", "U0TWO", None])},
)
listed = st.lists(st.sampled_from(["U0ONE", "U0TWO", "S0TEAM", "S0MORE"]), max_size=3).map(tuple) | st.just(("*",))


@given(
    told=flags,
    approvers=listed,
    groups=st.sets(st.sampled_from(["S0TEAM", "S0MORE", "S0THIRD"])),
    asker=st.sampled_from([None, "U0ONE", "U0TWO"]),
    second=st.booleans(),
)
def test_nobody_approves_without_every_ground_for_it(told, approvers, groups, asker, second):
    if decides(told, approvers=approvers, groups=groups, asker=asker, second=second) is Right.APPROVER:
        assert told["team_id"] == TEAM
        for flag in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted"):
            assert told[flag] is False
        assert approvers == ("*",) or told["id"] in approvers or groups & set(approvers)
        assert not (second and told["id"] == asker)


@given(told=flags, approvers=listed, groups=st.sets(st.sampled_from(["S0TEAM", "S0MORE"])), second=st.booleans())
def test_less_knowledge_never_allows_more(told, approvers, groups, second):
    everything = user() | {name: value for name, value in told.items() if value is not None}

    if decides(everything, approvers=approvers, groups=groups, second=second) is not Right.APPROVER:
        for name in everything:
            less = {known: value for known, value in everything.items() if known != name}
            allowed = decides(less, approvers=approvers, groups=(), second=second) is Right.APPROVER
            assert not allowed or name == "is_stranger"
