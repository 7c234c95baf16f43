"""A click is read back as what the person did on the page that was posted, and as nothing else."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.slack.team import APP, APPROVER, REVIEW, TEAM
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.decisions import read_decision
from orchestrator.slack.message.click import (
    APPROVE,
    KEEP_DAYS,
    REJECT,
    STOP,
    WHY_HELD,
    Ticks,
    UnreadableClick,
    answer,
    buttons_id,
    groups_of,
    read_click,
    read_ticks,
)
from tests.slack.builders import (
    DECIDED,
    EXECUTION,
    a_candidate,
    a_fleet,
    a_page,
    longest,
    versions,
)
from tests.slack.screen import Screen, page_of

sizes_of_functions = st.lists(st.integers(1, 23), min_size=1, max_size=12)


@given(sizes=sizes_of_functions, data=st.data())
def test_whatever_is_ticked_on_the_screen_is_read_back(sizes: list[int], data: st.DataObject) -> None:
    page = page_of(sizes)
    ticked = data.draw(st.sets(st.sampled_from([c.key for c in page.candidates])))
    screen = Screen(page)
    screen.ticks_exactly(ticked)

    read = read_ticks(screen.presses(APPROVE), page)

    assert read == Ticks(selected=frozenset(ticked), not_sent=frozenset(), none_arrived=False, unknown=0)


@given(sizes=sizes_of_functions)
def test_boxes_stand_in_at_most_seventeen_groups_of_at_most_ten(sizes: list[int]) -> None:
    offered = page_of(sizes).candidates

    groups = groups_of(offered)

    assert len(groups) <= 17
    assert all(1 <= len(group) <= 10 for group in groups)
    assert sorted(c.key for group in groups for c in group) == sorted(c.key for c in offered)


def test_a_function_with_more_than_two_versions_has_its_own_groups_and_the_others_share_the_last_ones() -> None:
    sizes = [[c.function_name for c in group] for group in groups_of(page_of([1, 3, 2, 23, 2]).candidates)]

    assert [{name: group.count(name) for name in group} for group in sizes] == [
        {"fn-1": 3},
        {"fn-3": 10},
        {"fn-3": 10},
        {"fn-3": 3},
        {"fn-0": 1, "fn-2": 2, "fn-4": 2},
    ]


def test_the_only_function_of_a_page_shares_with_nobody() -> None:
    assert [[c.number for c in group] for group in groups_of(page_of([2]).candidates)] == [[1, 2]]


def test_an_untouched_page_is_read_with_the_ticks_it_started_with() -> None:
    page = a_page(a_fleet())

    read = read_ticks(Screen(page).presses("approve"), page)

    assert read.selected == {c.key for c in page.candidates if c.monthly_usd > 0 and c.kept_by is None}
    assert len(read.selected) == 40


def test_a_click_tells_who_pressed_what_and_where() -> None:
    screen = Screen(a_page(revision="r9"))

    click = read_click(screen.presses(REJECT))

    assert (click.action, click.execution, click.page, click.revision) == (REJECT, EXECUTION, 1, "r9")
    assert (click.user_id, click.user_name, click.user_team_id, click.team_id) == (APPROVER, "approver", TEAM, TEAM)
    assert (click.channel_id, click.message_ts, click.thread_ts) == (REVIEW, screen.message.ts, None)
    assert click.api_app_id == APP
    assert click.trigger_id
    assert click.response_url.startswith("https://")


def test_a_click_in_a_thread_names_the_thread() -> None:
    screen = Screen(a_page(), thread_ts="parent")

    assert read_click(screen.presses(WHY_HELD)).thread_ts == screen.message.thread_ts


def test_a_click_of_an_app_installed_to_an_organisation_has_no_workspace() -> None:
    payload = {**Screen(a_page()).presses(APPROVE), "team": None}

    assert read_click(payload).team_id is None


def test_groups_that_did_not_arrive_count_as_unticked_and_are_counted() -> None:
    page = page_of([10, 10, 4])
    screen = Screen(page, untouched_groups_arrive=False)
    screen.person.unticks(screen.message, "fn-1:3")

    read = read_ticks(screen.presses(APPROVE), page)

    assert read.selected == {("fn-1", n) for n in range(1, 11) if n != 3}
    assert read.not_sent == {("fn-0", n) for n in range(1, 11)} | {("fn-2", n) for n in range(1, 5)}
    assert (read.boxes_missing, read.none_arrived) == (14, False)


@pytest.mark.parametrize("state", [None, {}, {"values": {}}])
def test_a_click_without_boxes_says_that_none_arrived(state: dict | None) -> None:
    page = page_of([10, 10])
    payload = {**Screen(page).presses(APPROVE), "state": state}

    everything = frozenset(c.key for c in page.candidates)
    assert read_ticks(payload, page) == Ticks(selected=frozenset(), not_sent=everything, none_arrived=True, unknown=0)


def test_boxes_of_another_revision_do_not_count() -> None:
    page = page_of([10, 10])
    payload = Screen(page).presses(APPROVE)

    read = read_ticks(payload, replace(page, revision="r2"))

    assert read.none_arrived
    assert read.selected == frozenset()


def test_boxes_that_the_release_before_posted_are_read_by_their_place() -> None:
    page = page_of([10, 10])
    payload = copy.deepcopy(Screen(page).presses(APPROVE))
    groups = list(payload["state"]["values"].values())
    for group, places in zip((g["ticks"] for g in groups if "ticks" in g), (["0", "3"], ["12"]), strict=True):
        group["selected_options"] = [{"value": place} for place in places]

    assert read_ticks(payload, page).selected == {("fn-0", 1), ("fn-0", 4), ("fn-1", 3)}


def test_a_tampering_client_selects_nothing_that_is_not_on_the_page() -> None:
    page = page_of([10, 10])
    payload = copy.deepcopy(Screen(page).presses(APPROVE))
    first = next(group for group in payload["state"]["values"].values() if "ticks" in group)["ticks"]
    first["selected_options"] = [{"value": value} for value in ("0", "15", "999", "-1", "orders-api:1", "0")]

    read = read_ticks(payload, page)

    assert read.selected == {("fn-0", 1), ("fn-1", 6)} | {("fn-1", number) for number in range(1, 11)}
    assert read.unknown == 3


@pytest.mark.parametrize("selected", [None, "0", {"value": "0"}, [{"value": 0}], [None], [{}], 3], ids=json.dumps)
def test_a_state_of_another_shape_is_refused_by_name(selected: object) -> None:
    page = page_of([3])
    payload = copy.deepcopy(Screen(page).presses(APPROVE))
    ticks = next(group for group in payload["state"]["values"].values() if "ticks" in group)["ticks"]
    ticks["selected_options"] = selected

    with pytest.raises(UnreadableClick):
        read_ticks(payload, page)


def changed(payload: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    changed_payload = copy.deepcopy(payload)
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    place: Any = changed_payload
    for key in parents:
        place = place[key]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return changed_payload


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("type", "view_submission"),
        ("actions", []),
        ("actions", [None]),
        ("actions", {}),
        ("actions", KeyError),
        ("actions.0.action_id", "ticks"),
        ("actions.0.action_id", ["approve"]),
        ("actions.0.value", "approve"),
        ("actions.0.value", "[]"),
        ("actions.0.value", KeyError),
        ("actions.0.value", '{"e":"../../secret","p":1,"r":"r1"}'),
        ("actions.0.value", '{"e":"","p":1,"r":"r1"}'),
        ("actions.0.value", '{"e":"run","p":0,"r":"r1"}'),
        ("actions.0.value", '{"e":"run","p":true,"r":"r1"}'),
        ("actions.0.value", '{"e":"run","p":"1","r":"r1"}'),
        ("actions.0.value", '{"e":"run","p":1,"r":"a/b"}'),
        ("actions.0.value", '{"e":"run","p":1}'),
        ("user", None),
        ("user", KeyError),
        ("user.id", ""),
        ("channel", None),
        ("channel.id", 5),
        ("container", KeyError),
        ("container.message_ts", KeyError),
        ("api_app_id", KeyError),
        ("trigger_id", None),
    ],
)
def test_a_malformed_click_is_refused_by_name(path: str, value: object) -> None:
    payload = changed(Screen(a_page()).presses(APPROVE), path, value)

    with pytest.raises(UnreadableClick):
        read_click(payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PAYLOAD = Screen(a_page(versions("orders-api", [1, 2]))).presses(APPROVE)
PLACES = [
    "type",
    "actions",
    "user",
    "channel",
    "container",
    "team",
    "state",
    "actions.0.value",
    "user.name",
    "api_app_id",
]


@given(place=st.sampled_from(PLACES), value=json_values)
def test_no_payload_raises_anything_but_unreadable_click(place: str, value: object) -> None:
    payload = changed(PAYLOAD, place, value)

    try:
        read = read_click(payload).execution, read_ticks(payload, a_page(versions("orders-api", [1, 2]))).unknown
    except UnreadableClick:
        read = EXECUTION, 0

    assert read == (EXECUTION, 0)


def test_an_approval_crosses_as_the_orchestrator_reads_it() -> None:
    page = page_of([10, 10, 4])
    screen = Screen(page, untouched_groups_arrive=False)
    screen.person.unticks(screen.message, "fn-1:3")
    payload = screen.presses(APPROVE)

    sent = answer(read_click(payload), page, read_ticks(payload, page), DECIDED)
    decision = read_decision(json.dumps(sent))

    assert decision.action == "approve"
    assert decision.versions == {("fn-1", n) for n in range(1, 11) if n != 3}
    assert (decision.approver.id, decision.approver.name) == (APPROVER, "approver")
    assert decision.decided_at == "2026-11-20T14:20:00Z"
    assert decision.offer_hash == page.offer_hash
    assert decision.groups_missing == 14
    assert decision.not_sent == {c.key for c in page.candidates if c.function_name != "fn-1"}


@pytest.mark.parametrize("action", [REJECT, STOP])
def test_a_rejection_and_a_stop_approve_nothing_whatever_is_ticked(action: str) -> None:
    page = a_page(longest(60))
    payload = Screen(page).presses(action)

    decision = read_decision(json.dumps(answer(read_click(payload), page, read_ticks(payload, page), DECIDED)))

    assert decision.action == action
    assert decision.versions == frozenset()


def test_every_revision_mints_new_block_ids_and_no_other_id_changes() -> None:
    def ids(revision: str) -> set[str]:
        page = a_page(revision=revision)
        return {b["block_id"] for b in Screen(page).message.blocks if b["type"] == "actions"}

    assert ids("r1").isdisjoint(ids("r2"))


@pytest.mark.parametrize(
    ("candidate", "ticked"),
    [
        (a_candidate(), True),
        (a_candidate(monthly_usd=0.0), False),
        (a_candidate(kept_by="U0OTHER"), False),
        (a_candidate(refused_on="2026-11-13"), False),
        (a_candidate(called_in_spells=True), False),
    ],
    ids=["costs money", "costs nothing", "was kept", "was refused", "is called in spells"],
)
def test_a_box_starts_ticked_unless_something_speaks_against_it(candidate: Candidate, *, ticked: bool) -> None:
    page = a_page([candidate])

    assert (read_ticks(Screen(page).presses(APPROVE), page).selected == {candidate.key}) is ticked


@pytest.mark.parametrize("action", [APPROVE, REJECT, STOP])
def test_how_long_what_is_unticked_is_kept_arrives_with_every_decision(action: str) -> None:
    page = a_page(longest(60))
    screen = Screen(page)
    screen.person.chooses(screen.message, "Unticked: ask again in 365 days")
    payload = screen.presses(action)

    click = read_click(payload)

    assert click.keep_days == 365
    assert answer(click, page, read_ticks(payload, page), DECIDED)["keep_days"] == 365


def test_a_choice_that_nobody_touched_arrives_as_it_was_posted_if_slack_sends_it() -> None:
    page = page_of([10, 10])

    assert read_click(Screen(page).presses(APPROVE)).keep_days == 90
    assert read_click(Screen(page, untouched_groups_arrive=False).presses(APPROVE)).keep_days is None


@pytest.mark.parametrize("value", [None, 90, "", "0", "-1", "3651", "99999", "ninety", {"value": "90"}], ids=json.dumps)
def test_a_choice_that_is_no_number_of_days_is_none(value: object) -> None:
    page = page_of([3])
    payload = copy.deepcopy(Screen(page).presses(APPROVE))
    choice = next(group for group in payload["state"]["values"].values() if KEEP_DAYS in group)[KEEP_DAYS]
    choice["selected_option"]["value"] = value

    assert read_click(payload).keep_days is None


def test_a_rehearsal_has_no_choice_since_it_is_not_remembered() -> None:
    assert read_click(Screen(a_page(dry_run=True)).presses(APPROVE)).keep_days is None


def test_the_buttons_below_a_long_page_decide_like_the_ones_above() -> None:
    page = a_page(a_fleet())
    screen = Screen(page)
    below = replace(screen.message, blocks=[b for b in screen.message.blocks if b["block_id"] != buttons_id(page)])

    above_sent = screen.presses(APPROVE)
    screen.person.presses(below, APPROVE)

    assert read_click(screen.payload) == replace(
        read_click(above_sent),
        keep_days=None,
        trigger_id=read_click(screen.payload).trigger_id,
        response_url=read_click(screen.payload).response_url,
    )
