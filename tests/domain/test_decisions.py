"""What a page was decided: answers that are not trusted, outcomes that are recorded and read back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.decisions import (
    NEVER_ANSWERED,
    PageOutcome,
    UnreadableDecision,
    read_decision,
    result_of,
    results_of,
)
from orchestrator.domain.results import Outcome, VersionResult
from orchestrator.domain.runs import Action, Approver, UnreadableRecord
from tests.builders import FUNCTION, a_candidate, a_decision, a_page, an_answer

ONE, TWO = (FUNCTION, 1), (FUNCTION, 2)
DECIDED_AT = 1_795_000_000


def an_outcome(**given):
    """A page of two versions, the first approved and deleted."""
    outcome = PageOutcome.of(a_page(a_candidate(1), a_candidate(2)), a_decision(ONE), DECIDED_AT)
    return replace(outcome, **{"results": (a_result(1),), "release_id": "r7", "keep_days": 30, **given})


def a_result(number=1, outcome=Outcome.DELETED, **given):
    return VersionResult(function_name=FUNCTION, number=number, outcome=outcome, **{"monthly_usd": 3.9, **given})


def stored(outcome):
    return json.loads(json.dumps(outcome.to_dict()))


# The answer, as it comes through the callback


@pytest.mark.parametrize("form", [dict, json.dumps, lambda answer: json.dumps(answer).encode()])
def test_an_approval_is_read_in_any_of_its_forms(form):
    assert read_decision(form(an_answer(ONE, TWO))) == a_decision(ONE, TWO)


def test_a_rejection_approves_nothing_whatever_it_lists():
    assert read_decision(an_answer(ONE, approved=False)) == a_decision(action="reject")


def test_a_rejection_may_stop_the_run():
    assert read_decision(an_answer(approved=False, stop=True)).action == "stop"


@pytest.mark.parametrize("stop", [None, "true", 1, False])
def test_only_true_stops_the_run(stop):
    assert read_decision(an_answer(approved=False, stop=stop)).action == "reject"


def test_an_approval_does_not_stop_the_run():
    assert read_decision(an_answer(ONE, stop=True)).action == "approve"


def test_an_approval_of_nothing_is_an_approval():
    assert read_decision(an_answer()) == a_decision(action="approve")
    assert read_decision({"approved": True, "approver": {"id": "U1"}}).versions == frozenset()


def test_what_grew_beside_the_contract_is_read():
    decision = read_decision(an_answer(ONE, offer_hash="abc", boxes_missing=10, anything={"else": [1]}))

    assert (decision.offer_hash, decision.groups_missing) == ("abc", 10)


def test_a_single_missing_box_is_counted():
    assert read_decision(an_answer(ONE, boxes_missing=1)).groups_missing == 1


@pytest.mark.parametrize("boxes_missing", [0, -1, "10", None, True, 1.5, []])
def test_missing_boxes_that_are_no_count_are_none(boxes_missing):
    assert read_decision(an_answer(ONE, boxes_missing=boxes_missing)).groups_missing == 0


def test_an_answer_may_tell_which_boxes_slack_did_not_send():
    told = read_decision(an_answer(ONE, boxes_missing=1, not_sent=[{"function_name": FUNCTION, "version": "2"}]))

    assert told.not_sent == {TWO}
    assert (told.was_sent(ONE), told.was_sent(TWO)) == (True, False)


@pytest.mark.parametrize(("boxes_missing", "sent"), [(0, True), (1, False)])
def test_where_some_boxes_are_missing_and_nobody_tells_which_none_counts_as_sent(boxes_missing, sent):
    decision = read_decision(an_answer(ONE, boxes_missing=boxes_missing))

    assert decision.not_sent is None
    assert decision.was_sent(TWO) is sent


@pytest.mark.parametrize("not_sent", [None, 7, [7], [{"function_name": FUNCTION}]])
def test_boxes_that_are_told_in_any_other_way_make_the_answer_unreadable(not_sent):
    with pytest.raises(UnreadableDecision, match="not_sent"):
        read_decision(an_answer(ONE, not_sent=not_sent))


@pytest.mark.parametrize(
    ("keep_days", "read"),
    [
        (1, 1),
        (365, 365),
        (3_650, 3_650),
        (3_651, None),
        (0, None),
        (-1, None),
        ("90", None),
        (True, None),
        (None, None),
    ],
)
def test_an_answer_may_choose_for_how_long_what_stays_is_kept(keep_days, read):
    assert read_decision(an_answer(ONE, keep_days=keep_days)).keep_days == read


@pytest.mark.parametrize("offer_hash", ["", None, 7, ["abc"]])
def test_an_offer_hash_that_is_no_text_is_none(offer_hash):
    assert read_decision(an_answer(ONE, offer_hash=offer_hash)).offer_hash is None


@pytest.mark.parametrize(
    ("approver", "shown"),
    [
        ({"id": "U1", "name": "approver"}, Approver("U1", "approver")),
        ({"id": "U1", "name": ""}, Approver("U1", "U1")),
        ({"id": "U1", "name": None}, Approver("U1", "U1")),
        ({"id": "U1"}, Approver("U1", "U1")),
        ({"id": "U1", "name": 7}, Approver("U1", "7")),
    ],
)
def test_an_approver_has_a_name_to_show(approver, shown):
    assert read_decision(an_answer(approver=approver)).approver == shown


def test_the_same_version_twice_is_one():
    assert read_decision(an_answer(ONE, ONE)).versions == {ONE}


def test_a_number_may_stand_as_a_number():
    answer = an_answer(approved_versions=[{"function_name": FUNCTION, "version": number} for number in (1, 70)])

    assert read_decision(answer).versions == {(FUNCTION, 1), (FUNCTION, 70)}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"approved": ' + "9" * 5_000 + "}", "not JSON"),
        (None, "not an object"),
        ("null", "not an object"),
        ("[]", "not an object"),
        ([], "not an object"),
        (7, "not an object"),
        ('"approved"', "not an object"),
        ({}, "whether it approves"),
        (an_answer(ONE, approved="true"), "whether it approves"),
        (an_answer(ONE, approved=1), "whether it approves"),
        (an_answer(ONE, approved=None), "whether it approves"),
        (an_answer(ONE, approver=None), "who decided"),
        (an_answer(ONE, approver="U1"), "who decided"),
        (an_answer(ONE, approver={}), "who decided"),
        (an_answer(ONE, approver={"id": ""}), "who decided"),
        (an_answer(ONE, approver={"id": 7}), "who decided"),
        (an_answer(approved_versions=None), "not a list"),
        (an_answer(approved_versions={"orders-api": 1}), "not a list"),
        (an_answer(approved_versions="orders-api:1"), "not a list"),
        (an_answer(approved_versions=["orders-api:1"]), "name its function"),
        (an_answer(approved_versions=[{}]), "name its function"),
        (an_answer(approved_versions=[{"function_name": "", "version": "1"}]), "name its function"),
        (an_answer(approved_versions=[{"function_name": 7, "version": "1"}]), "name its function"),
    ],
)
def test_anything_but_an_answer_is_refused(raw, words):
    with pytest.raises(UnreadableDecision, match=words):
        read_decision(raw)


@pytest.mark.parametrize(
    "version",
    [
        None,
        "",
        "0",
        0,
        -1,
        "-1",
        "007",
        "1.0",
        1.0,
        "1 ",
        " 1",
        "1\n",
        "$LATEST",
        "live",
        "*",
        "١٢",
        "²",
        True,
        [1],
        {"n": 1},
        "9" * 5_000,
    ],
    ids=lambda version: type(version).__name__ if type(version) is not str else repr(version[:8]),
)
def test_anything_but_a_version_number_is_refused(version):
    with pytest.raises(UnreadableDecision, match="not named by its number"):
        read_decision(an_answer(approved_versions=[{"function_name": FUNCTION, "version": version}]))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ALMOST_AN_ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "approved": st.booleans() | ANYTHING,
        "approved_versions": st.lists(
            st.fixed_dictionaries({}, optional={"function_name": st.text() | ANYTHING, "version": ANYTHING}), max_size=2
        )
        | ANYTHING,
        "approver": st.fixed_dictionaries({"id": st.text() | ANYTHING}, optional={"name": ANYTHING}) | ANYTHING,
        "decided_at": ANYTHING,
        "offer_hash": ANYTHING,
        "boxes_missing": ANYTHING,
        "stop": ANYTHING,
    },
)


@given(raw=ALMOST_AN_ANSWER | ANYTHING | st.text() | st.binary())
def test_whatever_comes_is_a_decision_or_refused(raw):
    try:
        decision = read_decision(raw)
    except UnreadableDecision:
        return
    assert decision.action in {"approve", "reject", "stop"}
    assert decision.action == "approve" or decision.versions == frozenset()
    assert all(type(number) is int and number > 0 for _, number in decision.versions)


@pytest.mark.parametrize("cancelled", [None, False, 1, "true"])
def test_only_true_cancels_the_run(cancelled):
    assert read_decision(an_answer(approved=False, cancelled=cancelled)).action is Action.REJECT


def test_who_asked_may_take_the_run_back():
    assert read_decision(an_answer(approved=False, cancelled=True, stop=True)).action is Action.CANCELLED
    assert read_decision(an_answer(ONE, cancelled=True)).action is Action.APPROVE


# What came of a page


def test_versions_that_are_not_on_the_page_do_not_count():
    outcome = PageOutcome.of(a_page(a_candidate(1), a_candidate(2)), a_decision(ONE, (FUNCTION, 9)), DECIDED_AT)

    assert outcome.approved == {ONE}
    assert [candidate.key for candidate in outcome.ticked] == [ONE]
    assert [candidate.key for candidate in outcome.kept] == [TWO]


def test_an_expired_page_was_decided_by_nobody_when_its_time_was_over():
    outcome = PageOutcome.expired(a_page())

    assert (outcome.action, outcome.approver, outcome.decided_at) == (Action.EXPIRED, None, a_page().expires_at)


def test_the_delete_that_was_begun_is_unconfirmed_as_far_as_is_known():
    outcome = an_outcome(trying=TWO).as_far_as_known()

    assert outcome.results == (a_result(1), a_result(2, Outcome.UNCONFIRMED, reason=NEVER_ANSWERED))
    assert outcome.trying is None
    assert outcome.totals.unconfirmed == 1


def test_the_page_shows_who_decided_and_how_much():
    assert an_outcome().shown_on_page() == {
        "action": "approve",
        "approver_id": "U0APPROVER",
        "approver_name": "approver",
        "decided_at": DECIDED_AT,
        "approved": 1,
        "offered": 2,
    }
    assert PageOutcome.expired(a_page()).shown_on_page()["approver_id"] is None


def test_what_stays_is_asked_about_again_when_the_days_chosen_are_over():
    outcome = an_outcome(keep_days=30)
    assert outcome.asked_again_after == outcome.decided_on + timedelta(days=30)
    assert an_outcome(keep_days=None).asked_again_after is None


@pytest.mark.parametrize(
    "outcome",
    [an_outcome(), an_outcome(trying=TWO), an_outcome(action=Action.CANCELLED), PageOutcome.expired(a_page())],
    ids=["approved", "amid a delete", "cancelled", "expired"],
)
def test_an_outcome_comes_back_as_it_was_recorded(outcome):
    assert PageOutcome.from_dict(stored(outcome)) == outcome


def test_a_field_that_another_release_added_is_ignored():
    data = stored(an_outcome()) | {"added_later": 1}
    data["approver"]["team"] = "added later"
    data["results"][0]["added_later"] = 1

    assert PageOutcome.from_dict(data) == an_outcome()


def test_fields_that_the_release_before_did_not_write_take_their_defaults():
    data = stored(an_outcome())
    for name in ("release_id", "trying", "results", "boxes_missing", "keep_days"):
        del data[name]

    assert PageOutcome.from_dict(data) == an_outcome(results=(), release_id="", keep_days=None)


@pytest.mark.parametrize(
    "damage",
    [
        {"action": "of another release"},
        {"approved": 7},
        {"approved": ["orders-api:1"]},
        {"decided_at": "today"},
        {"approver": ["U1"]},
        {"results": [{}]},
        {"trying": 7},
        {"page": None},
    ],
    ids=str,
)
def test_a_damaged_outcome_is_refused(damage):
    with pytest.raises(UnreadableRecord):
        PageOutcome.from_dict(stored(an_outcome()) | damage)


@pytest.mark.parametrize("data", [None, [], "page", 7, {}])
def test_what_is_no_outcome_is_refused(data):
    with pytest.raises(UnreadableRecord):
        PageOutcome.from_dict(data)


# The run's results


def test_a_run_knows_what_its_steps_told_and_what_only_the_records_know():
    written = an_outcome(results=(a_result(1, Outcome.UNCONFIRMED),), trying=TWO)

    assert results_of([written], [a_result(1)]) == (
        a_result(1),
        a_result(2, Outcome.UNCONFIRMED, reason=NEVER_ANSWERED),
    )


def test_a_result_carries_what_the_version_cost():
    assert result_of(a_candidate(2), Outcome.UNTOUCHED) == a_result(2, Outcome.UNTOUCHED)
