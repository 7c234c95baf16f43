"""The report: a row a version, and the candidates."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.news import Standing
from orchestrator.domain.reasons import Check
from orchestrator.domain.report import ROW_FIELDS, candidate_of, cost_of, row
from orchestrator.domain.versions import CallHistory, State
from tests.builders import (
    FUNCTION,
    a_call,
    a_candidate,
    a_price,
    a_usage,
    a_version,
    an_alias,
    an_arn,
    an_assessment,
    days_ago,
    facts,
    idle_facts,
    missing,
    verdicts,
    versions,
)
from tests.domain.fleets import functions
from tests.memories import a_keep, a_refusal, an_idle, in_days, recalled

# One row


def row_of(number, known, **rules):
    return row(verdicts(known, **rules)[number], a_price())


def test_a_row_has_the_fields_of_the_contract_in_their_order():
    assert tuple(row_of(1, idle_facts())) == ROW_FIELDS


def test_the_row_of_a_candidate():
    assert row_of(1, idle_facts(states={1: State("Inactive", "Idle")})) == {
        "function_name": FUNCTION,
        "version": "1",
        "function_arn": an_arn(FUNCTION, 1),
        "runtime": "python3.12",
        "architecture": "x86_64",
        "memory_mb": 1024,
        "package_type": "Zip",
        "state": "Inactive",
        "state_reason_code": "Idle",
        "optimization_status": "On",
        "last_modified": "2026-08-12T12:00:00Z",
        "description": "",
        "code_sha256": "",
        "age_days": 100,
        "is_among_keep_last_n": False,
        "stage_a_pass": True,
        "version_last_invoked_utc": None,
        "function_level_last_invoked_utc": None,
        "last_called": None,
        "called_in_spells": None,
        "aliases": [],
        "protected_by_alias": False,
        "stage_b_pass": True,
        "reason_flags": ["no_activity_and_stale"],
        "not_asked": [],
        "not_judged": [],
        "candidate_for_deletion": True,
        "estimated_monthly_cost_usd": 0.0,
    }


def test_the_row_of_a_version_in_use():
    known = idle_facts(
        aliases=(an_alias("live", 1), an_alias("canary", 10, weights={1: 0.1})),
        usage=a_usage(calls={1: a_call(1, through="live")}, function_last=days_ago(0.5)),
    )
    shown = row_of(1, known)

    assert shown["reason_flags"] == ["alias_protected", "has_recent_invocations"]
    assert shown["protected_by_alias"] is True
    assert shown["aliases"] == [
        {"alias_name": "live", "reference_type": "primary", "weight": None},
        {"alias_name": "canary", "reference_type": "weighted", "weight": 0.1},
    ]
    assert shown["version_last_invoked_utc"] == "2026-11-19T12:00:00Z"
    assert shown["function_level_last_invoked_utc"] == "2026-11-20T00:00:00Z"
    assert (shown["stage_a_pass"], shown["stage_b_pass"], shown["candidate_for_deletion"]) == (True, False, False)
    assert shown["estimated_monthly_cost_usd"] == 3.9


def test_a_check_that_was_not_asked_is_null_and_named():
    shown = row_of(1, facts())

    nulls = {name for name, value in shown.items() if value is None}
    assert nulls == {
        "state",
        "state_reason_code",
        "version_last_invoked_utc",
        "function_level_last_invoked_utc",
        "last_called",
        "called_in_spells",
        "aliases",
        "protected_by_alias",
        "stage_b_pass",
    }
    assert shown["not_asked"] == [
        "aliases",
        "invocations",
        "function_total",
        "event_source_mappings",
        "tags",
        "alias_history",
        "stacks",
        "state",
        "newest_invocable",
        "resource_policy",
    ]
    assert shown["reason_flags"] == []
    assert shown["candidate_for_deletion"] is False


def test_a_check_that_failed_is_null_and_named_with_awss_words():
    shown = row_of(1, idle_facts(aliases=missing(Check.ALIASES, "lambda:ListAliases AccessDenied")))

    assert (shown["aliases"], shown["protected_by_alias"], shown["stage_b_pass"]) == (None, None, False)
    assert shown["not_judged"] == [{"check": "aliases", "error": "lambda:ListAliases AccessDenied"}]
    assert shown["reason_flags"] == ["not_judged"]
    assert shown["not_asked"] == []


def test_another_failed_check_leaves_the_aliases_that_were_read():
    shown = row_of(1, idle_facts(keep_tag=missing(Check.TAGS)))

    assert (shown["aliases"], shown["protected_by_alias"]) == ([], False)


def test_a_last_modified_that_cannot_be_read_is_null():
    shown = row_of(1, idle_facts(versions=(*versions(range(2, 5)), a_version(1, last_modified=None))))

    assert (shown["last_modified"], shown["age_days"], shown["stage_a_pass"]) == (None, None, False)


def test_a_container_image_has_no_runtime():
    shown = row_of(1, idle_facts(versions=versions(range(1, 5), runtime=None, package_type="Image")))

    assert (shown["runtime"], shown["package_type"]) == (None, "Image")
    assert shown["estimated_monthly_cost_usd"] == 3.9


@pytest.mark.parametrize(("state", "usd"), [(State("Active"), 3.9), (State("Failed"), 0), (None, 3.9)])
def test_a_rows_cost_goes_by_its_state(state, usd):
    assert cost_of(an_assessment(state=state), a_price()) == usd


@given(known=functions())
def test_any_row_is_json_and_says_what_the_verdict_says(known):
    for verdict in verdicts(known).values():
        shown = json.loads(json.dumps(row(verdict, a_price())))

        assert tuple(shown) == ROW_FIELDS
        assert shown["candidate_for_deletion"] == verdict.candidate
        assert set(shown["reason_flags"]) == verdict.flags
        assert (shown["aliases"] is None) == (shown["protected_by_alias"] is None)
        assert (shown["aliases"] is None) == (
            "aliases" in shown["not_asked"] or any(m["check"] == "aliases" for m in shown["not_judged"])
        )


# Candidates


def test_a_candidate_carries_what_people_see():
    assert candidate_of(verdicts(idle_facts())[7], a_price(), recalled()) == a_candidate(7)


def test_a_candidate_carries_what_a_person_recognises_it_by():
    known = idle_facts(
        versions=versions(range(1, 11), description="build 1.42", code_sha256="q83vEjRWeJA="),
        histories={7: CallHistory(days_ago(60).date(), in_spells=True), 6: missing(Check.INVOCATIONS)},
    )

    candidate = candidate_of(verdicts(known)[7], a_price(), recalled())

    assert (candidate.description, candidate.code_sha256) == ("build 1.42", "q83vEjRWeJA=")
    assert (candidate.last_called, candidate.last_called_known) == ("2026-09-21", True)
    assert candidate.called_in_spells
    assert not candidate_of(verdicts(known)[6], a_price(), recalled()).last_called_known


def test_never_called_is_not_the_same_as_not_asked():
    never = candidate_of(verdicts(idle_facts(histories={7: CallHistory()}))[7], a_price(), recalled())
    not_asked = candidate_of(verdicts(idle_facts())[7], a_price(), recalled())

    assert (never.last_called, never.last_called_known) == (None, True)
    assert (not_asked.last_called, not_asked.last_called_known) == (None, False)


def test_a_row_says_when_a_version_was_last_called_and_leaves_out_what_was_not_asked():
    known = idle_facts(histories={7: CallHistory(days_ago(60).date()), 6: CallHistory()})

    assert [row_of(n, known)["last_called"] for n in (7, 6, 5)] == ["2026-09-21", None, None]
    assert [row_of(n, known)["called_in_spells"] for n in (7, 6, 5)] == [False, False, None]


def test_a_candidate_of_which_nobody_can_read_the_age_says_no_day():
    assert (
        candidate_of(an_assessment(version=a_version(last_modified=None)), a_price(), recalled()).published_on is None
    )


def test_a_candidate_knows_who_kept_it_last_time():
    known = recalled(a_keep(7), a_keep(6, until=in_days(-1)))
    kept = candidate_of(verdicts(idle_facts())[7], a_price(), known)
    kept_once = candidate_of(verdicts(idle_facts())[6], a_price(), known)

    who = {"kept_by": "U0APPROVER", "kept_by_name": "approver", "kept_on": "2026-11-13"}
    assert kept == a_candidate(7, **who, kept_until="2027-02-11", settled=True)
    assert kept_once == a_candidate(6, **who, kept_until="2026-11-19")
    assert candidate_of(verdicts(idle_facts())[5], a_price(), known) == a_candidate(5)


def test_a_candidate_knows_that_aws_refused_it():
    known = recalled(a_refusal(7), a_refusal(6, until=in_days(-1)))

    assert candidate_of(verdicts(idle_facts())[7], a_price(), known) == a_candidate(
        7, refused_on="2026-11-13", settled=True
    )
    assert not candidate_of(verdicts(idle_facts())[6], a_price(), known).settled


@given(
    remembered=st.lists(
        st.builds(
            lambda what, end: what(7, until=in_days(end)), st.sampled_from([a_keep, a_refusal]), st.integers(-9, 9)
        ),
        max_size=2,
    ),
    in_spells=st.booleans(),
    state=st.sampled_from(["Active", "Inactive"]),
)
def test_a_candidate_is_to_those_who_are_asked_what_the_memory_makes_of_it(remembered, in_spells, state):
    known = recalled(*remembered)
    idle = idle_facts(states={7: state}, histories={7: CallHistory(days_ago(60).date(), in_spells=in_spells)})
    candidate = candidate_of(verdicts(idle)[7], a_price(), known)

    standing = known.place(an_idle(7, monthly_usd=candidate.monthly_usd, in_spells=in_spells)).standing

    assert candidate.is_news is standing.is_news
    assert candidate.settled is standing.is_settled
    assert candidate.starts_ticked is (standing is Standing.NEWS)
