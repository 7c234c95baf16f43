"""What is remembered after each act: only what an approver said, for as long as they said it, and twice the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator.domain.memory import NAME_AT_MOST, WORDS_AT_MOST, KeepReason
from orchestrator.domain.reasons import Check
from orchestrator.domain.remember import (
    EXPIRIES_NAMED,
    REMEMBERED_AT_MOST,
    SIGHTING_DAYS,
    SIGHTINGS_OF_A_FUNCTION,
    Seen,
    after_answer,
    after_decision,
    after_deletion,
    after_expiry,
    after_refusal,
    after_scan,
    forget_ended,
)
from orchestrator.domain.runs import Action, Approver
from tests.builders import FUNCTION, NOW, REPLICATED, TODAY, an_alias, days_ago, facts, idle_facts, missing, verdicts
from tests.memories import a_box, a_keep, a_memory, a_page_answer, a_refusal, a_sighting, an_expiry, in_days

ONE, TWO, THREE = (FUNCTION, 1), (FUNCTION, 2), (FUNCTION, 3)


def kept(answer, *, memory=None):
    return after_decision(memory or a_memory(), answer).keeps


# What an approver keeps


def test_a_box_that_an_approver_unticked_is_kept_for_as_long_as_they_chose():
    keeps = kept(a_page_answer(a_box(1), a_box(2, ticked=False), keep_days=365))

    assert keeps == {TWO: a_keep(2, on=TODAY, until=in_days(365))}


def test_a_page_that_an_approver_rejected_is_kept_whole():
    answer = a_page_answer(a_box(1), a_box(2, started_ticked=False, ticked=False), action=Action.REJECT)

    keeps = kept(answer)

    assert set(keeps) == {ONE, TWO}
    assert {keep.reason for keep in keeps.values()} == {KeepReason.REJECTED}


def test_approving_a_kept_version_ends_its_keep():
    memory = a_memory(a_keep(1), a_keep(2))

    keeps = kept(
        a_page_answer(a_box(1, started_ticked=False), a_box(2, started_ticked=False, ticked=False)), memory=memory
    )

    assert keeps == {TWO: a_keep(2)}


def test_a_keep_that_was_promised_for_longer_stays_as_it_is():
    longer = a_keep(1, until=in_days(300))

    assert kept(a_page_answer(a_box(1), action=Action.REJECT), memory=a_memory(longer)) == {ONE: longer}


def test_a_keep_that_would_end_sooner_is_made_longer():
    answer = a_page_answer(a_box(1), action=Action.REJECT)

    assert kept(answer, memory=a_memory(a_keep(1, until=in_days(3))))[ONE].until == in_days(90)


def test_a_very_long_name_is_cut():
    answer = a_page_answer(a_box(1, ticked=False), by=Approver("U0APPROVER", "n" * 500))

    assert len(kept(answer)[ONE].name) == NAME_AT_MOST


# What nobody said


@pytest.mark.parametrize(
    "answer",
    [
        a_page_answer(a_box(started_ticked=False, ticked=False)),
        a_page_answer(a_box(sent=False, ticked=False)),
        a_page_answer(a_box(ticked=False), dry_run=True),
        a_page_answer(a_box(ticked=False), dry_run=True, action=Action.REJECT),
        a_page_answer(a_box(ticked=False), may_decide=False),
        a_page_answer(a_box(ticked=False), may_decide=False, action=Action.REJECT),
        a_page_answer(a_box(ticked=False), action=Action.STOP),
        a_page_answer(a_box(ticked=False), action=Action.CANCELLED),
        a_page_answer(a_box(ticked=True)),
    ],
    ids=[
        "a box that started unticked and stayed so",
        "a group that Slack did not send",
        "a rehearsal",
        "a rejected rehearsal",
        "an approval of somebody who may not decide",
        "a rejection of somebody who may not decide",
        "a run that was stopped",
        "a run that was cancelled",
        "a version that was approved, whatever came of its delete",
    ],
)
def test_nothing_is_kept_by(answer):
    assert kept(answer) == {}


def test_a_rehearsal_ends_no_keep():
    assert kept(a_page_answer(a_box(1), dry_run=True), memory=a_memory(a_keep(1))) == {ONE: a_keep(1)}


def test_the_same_answer_twice_is_remembered_once():
    answer = a_page_answer(a_box(1), a_box(2, ticked=False))
    once = after_decision(a_memory(a_keep(1)), answer)

    assert after_decision(once, answer) == once


# Deletes and refusals


def test_of_what_is_gone_nothing_is_remembered():
    memory = a_memory(a_keep(1), a_keep(2), a_refusal(1), a_refusal(3))

    assert after_deletion(memory, [ONE]) == a_memory(a_keep(2), a_refusal(3))


def test_what_aws_refused_is_remembered_from_that_day_on():
    memory = after_refusal(a_memory(), ONE, words=REPLICATED, on=TODAY, keep_days=90)

    assert memory.refusals == {ONE: a_refusal(1, on=TODAY, until=in_days(90))}


def test_a_second_refusal_counts_from_its_own_day():
    memory = after_refusal(a_memory(a_refusal(1)), ONE, words=REPLICATED, on=TODAY, keep_days=30)

    assert memory.refusals[ONE].until == in_days(30)


def test_very_long_words_of_aws_are_cut():
    memory = after_refusal(a_memory(), ONE, words="w" * 5_000, on=TODAY, keep_days=90)

    assert len(memory.refusals[ONE].words) == WORDS_AT_MOST


# Questions nobody answered


def test_expiries_are_counted_until_somebody_answers():
    memory = a_memory()
    for week in range(6):
        memory = after_expiry(memory, an_expiry(f"run-{week}"))

    assert memory.expired_in_a_row == 6
    assert [expiry.execution for expiry in memory.expiries] == [f"run-{week}" for week in range(6)][-EXPIRIES_NAMED:]
    assert after_answer(memory) == a_memory()


def test_the_same_expiry_counts_once():
    once = after_expiry(a_memory(), an_expiry())

    assert after_expiry(once, an_expiry()) == once


# What a scan saw


def seen(memory, aliases, *, at=NOW, not_judged=frozenset(), prefix=""):
    return after_scan(memory, Seen(at=at, aliases={FUNCTION: aliases}, not_judged=set(not_judged), prefix=prefix))


def test_a_scan_remembers_where_the_aliases_pointed():
    memory = seen(a_memory(), (an_alias("live", 7, weights={8: 0.1}),))

    assert memory.sightings == {FUNCTION: (a_sighting(an_alias("live", 7, weights={8: 0.1}), first=0),)}


def test_a_scan_that_finds_the_same_makes_the_sighting_longer():
    live, dev = an_alias("live", 7), an_alias("dev", 5)
    memory = seen(a_memory(), (live, dev), at=days_ago(7))

    assert seen(memory, (dev, live)).sightings[FUNCTION] == (a_sighting(dev, live, first=7, last=0),)


def test_a_scan_that_finds_another_target_adds_a_sighting():
    memory = seen(a_memory(), (an_alias("live", 7),), at=days_ago(7))

    assert seen(memory, (an_alias("live", 8),)).sightings[FUNCTION] == (
        a_sighting(an_alias("live", 7), first=7, last=7),
        a_sighting(an_alias("live", 8), first=0),
    )


def test_a_function_without_aliases_was_seen_without_them():
    assert seen(a_memory(), ()).sightings[FUNCTION] == (a_sighting(first=0),)


@pytest.mark.parametrize("at", [NOW, days_ago(3)])
def test_a_scan_that_is_told_again_or_late_adds_nothing(at):
    memory = seen(a_memory(), (an_alias("live", 7),))

    assert seen(memory, (an_alias("live", 8),), at=at) == memory


def test_what_was_not_asked_about_is_remembered_as_it_was():
    memory = a_memory(sightings={"mailer": (a_sighting(),)})

    assert after_scan(memory, Seen(at=NOW)) == memory


def test_the_rows_that_were_reported_as_not_judged_are_those_of_the_last_scan():
    memory = a_memory(not_judged=frozenset({ONE, TWO}))

    assert seen(memory, (), not_judged=frozenset({TWO, THREE})).not_judged == {TWO, THREE}


def test_a_scan_of_a_prefix_says_nothing_of_the_others():
    memory = a_memory(not_judged=frozenset({ONE, ("mailer", 1)}))

    assert seen(memory, (), not_judged=frozenset({TWO}), prefix="orders").not_judged == {TWO, ("mailer", 1)}


def test_what_was_seen_names_the_aliases_asked_for_and_what_could_not_be_judged():
    seen = Seen(at=NOW, prefix="orders")
    known = idle_facts(aliases=(an_alias("live", 7, weights={8: 0.1}), an_alias("dev")), keep_tag=missing(Check.TAGS))
    seen.add(known, verdicts(known).values())
    seen.add(facts(name="young"), [])

    assert set(seen.aliases) == {FUNCTION}
    assert seen.not_judged == {(FUNCTION, number) for number in range(1, 7)}


# What is forgotten


def test_what_ended_is_remembered_while_there_is_room():
    memory = a_memory(a_keep(1, until=in_days(-400)), a_refusal(2, until=in_days(-1)))

    assert forget_ended(memory, TODAY) == memory


def test_what_ended_longest_ago_goes_first_and_what_is_in_force_never():
    in_force = [a_keep(number) for number in range(1, REMEMBERED_AT_MOST)]
    long_ago = a_keep(90_001, until=in_days(-300))
    longer_ago = a_refusal(90_002, until=in_days(-301))
    lately = a_keep(90_003, until=in_days(-1))

    memory = forget_ended(a_memory(*in_force, longer_ago, long_ago, lately), TODAY)

    assert memory == a_memory(*in_force, lately)
    assert forget_ended(a_memory(*in_force, *map(a_refusal, range(1, 9))), TODAY) == a_memory(
        *in_force, *map(a_refusal, range(1, 9))
    )


def test_the_fullest_memory_stays_under_fifteen_megabytes():
    name = "f" * 64
    keep = a_keep(10**9, function_name=name, name="n" * NAME_AT_MOST, by="U" * 11)
    refusal = a_refusal(10**9, function_name=name, words="w" * WORDS_AT_MOST)

    longest = max(len(json.dumps(a_memory(entry).to_dict())) for entry in (keep, refusal))

    assert longest * REMEMBERED_AT_MOST < 15_000_000


def test_where_aliases_pointed_long_ago_is_forgotten():
    old = a_sighting(an_alias("live", 7), first=200, last=SIGHTING_DAYS + 1)
    still = a_sighting(an_alias("live", 8), first=SIGHTING_DAYS, last=SIGHTING_DAYS)

    memory = forget_ended(a_memory(sightings={FUNCTION: (old, still), "mailer": (old,)}), TODAY)

    assert memory.sightings == {FUNCTION: (still,)}


def test_of_a_function_whose_aliases_never_rest_the_newest_sightings_are_remembered():
    restless = tuple(
        replace(a_sighting(an_alias("live", n)), last_seen=NOW + timedelta(minutes=n))
        for n in range(SIGHTINGS_OF_A_FUNCTION + 5)
    )

    memory = forget_ended(a_memory(sightings={FUNCTION: restless}), TODAY)

    assert memory.sightings == {FUNCTION: restless[5:]}


def held_after_all():
    """A function of which version 1 has a policy, and of which versions 2 and 3 were not looked at."""
    known = idle_facts(policies={1: True, 2: None, 3: None})
    return known, verdicts(known).values()


def test_what_a_scan_looked_at_in_vain_comes_last_in_the_next_one():
    seen = Seen(at=NOW)
    seen.add(*held_after_all())

    remembered = after_scan(a_memory(in_vain=frozenset({("mailer", 4)})), seen)

    assert remembered.in_vain == {(FUNCTION, 1), ("mailer", 4)}


def test_a_scan_that_saw_everything_begins_anew():
    assert after_scan(a_memory(in_vain=frozenset({("mailer", 4)})), Seen(at=NOW)).in_vain == frozenset()
