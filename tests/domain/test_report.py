"""The report: a row a version, the candidates, and totals that add up."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.judging import judge
from orchestrator.domain.news import Standing
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.report import (
    FUNCTIONS_EXPLAINED,
    ROW_FIELDS,
    STAYS_NAMED,
    Summary,
    Tally,
    candidate_of,
    cost_of,
    held_in_totals,
    row,
)
from orchestrator.domain.versions import CallHistory, KeepTag, LastCall, State
from tests.builders import (
    FUNCTION,
    NOW,
    THROTTLED,
    a_call,
    a_candidate,
    a_held_function,
    a_keep,
    a_price,
    a_refusal,
    a_summary,
    a_usage,
    a_version,
    an_alias,
    an_arn,
    an_assessment,
    an_idle,
    an_idle_function,
    days_ago,
    facts,
    idle_facts,
    in_days,
    missing,
    not_judged,
    recalled,
    verdicts,
    versions,
)
from tests.domain.fleets import functions

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


# Totals


def summary_of(*known, policy=None, remembered=None, scope=None, **given):
    tally = Tally(policy or Policy(), a_price(), remembered or recalled())
    for one in known:
        tally.add(one.name, judge(one, policy or Policy(), scope or Scope(), NOW))
    told = {"listed": 40, "region_active": True, "period_seconds": 3600, "period_widened": False, "calls": {}}
    return tally.summary(**{**told, **given})


def test_the_totals_of_an_empty_region():
    nothing = summary_of(listed=0)

    assert (nothing.snapstart, nothing.candidates, nothing.held, nothing.not_judged, nothing.not_looked_at) == (0,) * 5
    assert (nothing.monthly_usd, nothing.functions, nothing.held_functions) == (0, (), ())


def test_the_totals_of_a_region():
    found = summary_of(
        idle_facts(aliases=(an_alias("live", 10),)),
        idle_facts(name="geo-lookup", aliases=missing(Check.ALIASES)),
        facts(range(1, 6), name="thumbs"),
        listed=99,
        calls={"shared": 4},
        region_active=None,
        period_seconds=300,
        period_widened=True,
    )

    assert (found.listed, found.snapstart) == (99, 25)
    assert (found.candidates, found.monthly_usd) == (7, 27.3)
    assert (found.held, found.not_judged) == (9, 7)
    assert (found.not_looked_at, found.not_looked_at_usd) == (2, 7.8)
    assert found.held_by_flag == {"protected_kept_last_n": 9, "alias_protected": 1}
    assert (found.region_active, found.lookback_period_seconds, found.period_widened) == (None, 300, True)
    assert found.calls == {"shared": 4}
    assert found.price == a_price()


def test_held_counts_go_by_number_most_first():
    known = idle_facts(keep_tag=KeepTag("1 2 3 4 5"), aliases=(an_alias("live", 10),))

    assert list(summary_of(known).held_by_flag.items()) == [
        ("tag_protected", 5),
        ("protected_kept_last_n", 3),
        ("alias_protected", 1),
    ]
    assert held_in_totals(summary_of(known), Policy()) == "5 tagged keep · 3 newest 3 · 1 behind an alias"


def test_equal_counts_go_in_the_order_of_the_flags():
    known = idle_facts(keep_tag=KeepTag("1 2 3"))

    assert list(summary_of(known).held_by_flag) == ["protected_kept_last_n", "tag_protected"]


def test_large_counts_are_readable():
    held = a_summary(held_by_flag={"too_recent": 12345})

    assert held_in_totals(held, Policy()) == "12,345 under 14 days old"


def test_a_row_that_is_held_and_not_judged_counts_as_held_only():
    known = idle_facts([1, 2, 3], keep_tag=missing(Check.TAGS))
    found = summary_of(known)

    assert (found.held, found.not_judged) == (3, 0)
    assert found.held_by_flag == {"protected_kept_last_n": 3}


def test_a_row_that_may_still_be_held_by_what_was_not_asked_was_not_looked_at():
    found = summary_of(idle_facts(states={1: None, 2: None}))

    assert (found.candidates, found.not_looked_at, found.not_looked_at_usd) == (5, 2, 7.8)


@given(fleet=st.lists(functions(), max_size=3))
def test_the_parts_add_up_to_the_snapstart_versions(fleet):
    named = [replace(one, name=f"service-{n}") for n, one in enumerate(fleet)]
    found = summary_of(*named)

    assert found.snapstart == sum(len(one.versions) for one in named)
    assert found.candidates + found.held + found.not_judged + found.not_looked_at == found.snapstart
    assert found.candidates == sum(function.idle for function in found.functions)
    assert round(found.monthly_usd * 100) == sum(round(function.monthly_usd * 100) for function in found.functions)


@given(fleet=st.lists(functions(), max_size=3), order=st.randoms(use_true_random=False))
def test_the_totals_do_not_depend_on_the_order_of_functions(fleet, order):
    named = [(f"service-{n}", verdicts(one).values()) for n, one in enumerate(fleet)]
    shuffled = list(named)
    order.shuffle(shuffled)

    def totals(functions_):
        tally = Tally(Policy(), a_price(), recalled())
        for name, assessments in functions_:
            tally.add(name, list(assessments))
        found = tally.summary(listed=0, region_active=True, period_seconds=60, period_widened=False, calls={})
        return found.to_dict() | {"not_judged_rows": sorted(map(repr, found.not_judged_rows))}

    assert totals(shuffled) == totals(named)


# The table


def test_a_function_of_the_table_says_what_is_idle_and_what_stays():
    found = summary_of(idle_facts(aliases=(an_alias("live", 10), an_alias("canary", 2))))

    assert found.functions == (
        an_idle_function(idle=6, monthly_usd=23.4, stays=("10 live", "2 canary", "9"), stays_more=1),
    )


def test_what_is_kept_or_refused_is_only_counted_for_the_schedule():
    remembered = recalled(a_keep(1), a_keep(2), a_refusal(3), a_keep(4, until=in_days(-1)), asked_for=False)

    found = summary_of(idle_facts(range(1, 9)), remembered=remembered)

    assert (found.candidates, found.kept, found.refused, found.held, found.not_looked_at) == (2, 2, 1, 3, 0)
    assert found.functions[0].stays == ("8", "7", "6")
    assert found.functions[0].stays_more == 3


def test_what_is_kept_is_offered_to_who_asked_where_every_check_was_asked():
    known = idle_facts(range(1, 8), policies={2: None})

    found = summary_of(known, remembered=recalled(a_keep(1), a_keep(2)))

    assert (found.candidates, found.kept, found.held, found.not_looked_at) == (3, 1, 3, 0)


def test_a_summary_of_the_release_before_kept_nothing():
    stored = a_summary(kept=3).to_dict()
    for field in ("kept", "refused", "memory_set_aside"):
        del stored[field]

    assert Summary.from_dict(stored) == a_summary()


def test_a_version_behind_several_aliases_names_them_all():
    found = summary_of(idle_facts(range(1, 4), aliases=(an_alias("live", 3), an_alias("blue", 3))), policy=keep(1))

    assert found.functions[0].stays == ("3 live blue",)
    assert found.functions[0].stays_more == 0


def keep(n):
    return Policy(keep_last_n=n)


def test_no_more_than_a_few_that_stay_are_named():
    found = summary_of(idle_facts(range(1, 21)), policy=keep(10))

    assert found.functions[0].stays == ("20", "19", "18")
    assert len(found.functions[0].stays) == STAYS_NAMED
    assert found.functions[0].stays_more == 7


def test_functions_of_the_table_go_dearest_first_then_by_name():
    found = summary_of(
        idle_facts(range(1, 5), name="b"), idle_facts(range(1, 5), name="a"), idle_facts(range(1, 9), name="c")
    )

    assert [function.name for function in found.functions] == ["c", "a", "b"]


# Why held


def test_held_versions_are_explained_a_line_a_reason():
    known = idle_facts(
        aliases=(an_alias("live", 10),),
        usage=a_usage(calls={5: LastCall(days_ago(1), "old"), 6: LastCall(days_ago(1), "old"), 2: a_call(3)}),
    )
    (explained,) = summary_of(known).held_functions

    assert (explained.name, explained.held) == (FUNCTION, 6)
    assert explained.lines == (
        "8–10: among the newest 3",  # noqa: RUF001
        "10: alias `live` points to it",
        "5–6: called 19 Nov, through `old`",  # noqa: RUF001
        "2: called 17 Nov, by number",
    )


def test_a_function_in_which_nothing_is_held_is_not_explained():
    tally = Tally(Policy(), a_price(), recalled())
    tally.add(FUNCTION, [an_assessment(1)])
    found = tally.summary(listed=1, region_active=True, period_seconds=3600, period_widened=False, calls={})

    assert (found.held_functions, found.held_functions_more, found.candidates) == ((), 0, 1)


def test_most_held_versions_are_explained_first_and_the_rest_is_counted():
    fleet = [idle_facts(range(1, n + 1), name=f"service-{n:02}", keep_tag=KeepTag("true")) for n in range(1, 46)]
    found = summary_of(*fleet)

    assert len(found.held_functions) == FUNCTIONS_EXPLAINED
    assert found.held_functions_more == 5
    assert [function.held for function in found.held_functions] == list(range(45, 5, -1))


def test_which_functions_are_explained_does_not_depend_on_their_order():
    fleet = [idle_facts(range(1, n % 5 + 2), name=f"service-{n:02}", keep_tag=KeepTag("true")) for n in range(60)]

    assert summary_of(*reversed(fleet)).held_functions == summary_of(*fleet).held_functions


# Not judged


def test_versions_that_could_not_be_judged_stand_with_awss_words():
    known = idle_facts(name="pdf-render", usage=missing(Check.INVOCATIONS))

    assert summary_of(known).not_judged_rows == (not_judged(numbers="1–7", words=THROTTLED),)  # noqa: RUF001


def test_versions_with_other_words_stand_apart():
    known = idle_facts(policies={1: missing(Check.RESOURCE_POLICY, "denied"), 2: missing(Check.RESOURCE_POLICY)})

    assert {(line.numbers, line.words) for line in summary_of(known).not_judged_rows} == {
        ("1", "denied"),
        ("2", THROTTLED),
    }


def test_only_so_many_lines_of_unjudged_versions_are_kept_and_the_rest_is_counted():
    fleet = [idle_facts(name=f"service-{n:02}", usage=missing(Check.INVOCATIONS)) for n in range(45)]
    found = summary_of(*fleet)

    assert len(found.not_judged_rows) == FUNCTIONS_EXPLAINED
    assert found.not_judged_more == 5
    assert found.not_judged == 45 * 7


# The record


@pytest.mark.parametrize(
    "summary",
    [
        a_summary(),
        a_summary(functions=(), held_functions=(), held_by_flag={}),
        a_summary(not_judged_rows=(not_judged(),), region_active=None, period_widened=True),
        a_summary(held_functions=(a_held_function(), a_held_function("geo-lookup", lines=()))),
        summary_of(idle_facts(aliases=(an_alias("live", 10),)), idle_facts(name="b", aliases=missing(Check.ALIASES))),
    ],
)
def test_a_summary_comes_back_as_it_was_written(summary):
    assert Summary.from_dict(json.loads(json.dumps(summary.to_dict()))) == summary


def test_flags_of_held_rows_never_include_what_could_not_be_judged():
    assert Flag.NOT_JUDGED.value not in summary_of(idle_facts([1, 2, 3], keep_tag=missing(Check.TAGS))).held_by_flag


def test_a_summary_of_another_release_is_read_without_what_only_that_one_knows():
    stored = json.loads(json.dumps(a_summary().to_dict()))
    for part in (stored, stored["price"], *stored["functions"], *stored["held_functions"], *stored["not_judged_rows"]):
        part["of_another_release"] = 1

    assert Summary.from_dict(stored) == a_summary()
