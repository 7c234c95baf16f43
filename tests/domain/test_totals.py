"""The report's totals, its table of functions, and what it says of what is held or could not be judged."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.judging import judge
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.report import (
    FUNCTIONS_EXPLAINED,
    STAYS_NAMED,
    Summary,
    Tally,
    held_in_totals,
)
from orchestrator.domain.versions import KeepTag, LastCall
from tests.builders import (
    FUNCTION,
    NOW,
    THROTTLED,
    a_call,
    a_held_function,
    a_price,
    a_summary,
    a_usage,
    an_alias,
    an_assessment,
    an_idle_function,
    days_ago,
    facts,
    idle_facts,
    missing,
    not_judged,
    verdicts,
)
from tests.domain.fleets import functions
from tests.memories import a_keep, a_refusal, in_days, recalled

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
