"""A sweep's runs, and what its digest says of them."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.accounts import Account
from orchestrator.domain.stored import UnreadableField
from orchestrator.domain.sweep import ChildState, Found, SweepMemory, Unseen, children, digest, sweep_key

TODAY = date(2026, 11, 23)
PAYMENTS, SEARCH = Account("111122223333", "payments"), Account("444455556666")


def found(state: ChildState, account: Account = PAYMENTS, region: str = "us-west-2", **facts: Any) -> Found:
    return Found(account_id=account.id, account_name=account.name, region=region, state=state, **facts)


def test_every_account_is_looked_at_in_every_region_and_each_run_has_a_name_of_its_own():
    planned = children("2026-11-23T08:30:00Z", [PAYMENTS, SEARCH], ["us-west-2", "eu-west-1"])

    assert [child.place for child in planned] == [
        "111122223333/us-west-2",
        "111122223333/eu-west-1",
        "444455556666/us-west-2",
        "444455556666/eu-west-1",
    ]
    assert len({child.name for child in planned}) == 4


@given(st.text(), st.text())
def test_the_same_sweep_gives_the_same_names_and_another_gives_others(one: str, other: str):
    accounts, regions = [PAYMENTS], ["us-gov-west-1"]
    (first,) = children(one, accounts, regions)
    (again,) = children(one, accounts, regions)
    (second,) = children(other, accounts, regions)

    assert first == again
    assert (first.name == second.name) == (one == other)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", first.name)


@pytest.mark.parametrize("state", list(ChildState))
def test_what_a_checkpoint_carries_comes_back(state):
    one = found(state, SEARCH, candidates=3, monthly_usd=5.85, permalink="https://x", since=7, words="denied")

    assert Found.from_dict(one.to_dict() | {"of_another_release": 1}) == one
    assert Found.from_dict(found(state).to_dict()) == found(state)


def test_a_checkpoint_that_says_something_else_is_named():
    with pytest.raises(UnreadableField, match="state must be one of scanning"):
        Found.from_dict(found(ChildState.CLEAN).to_dict() | {"state": "gone"})


def test_questions_come_dearest_first_and_add_up():
    cheap = found(ChildState.WAITING, SEARCH, candidates=2, monthly_usd=3.90)
    dear = found(ChildState.ENDED, candidates=6, monthly_usd=46.80)
    written, _ = digest([cheap, dear, found(ChildState.CLEAN, region="eu-west-1")], SweepMemory(), TODAY)

    assert written.asked == (dear, cheap)
    assert (written.candidates, written.monthly_usd, written.clean) == (8, 50.70, 1)
    assert written.is_worth_posting


def test_a_sweep_that_finds_nothing_new_says_nothing():
    everyone = [found(ChildState.CLEAN), found(ChildState.STILL_WAITING, SEARCH, since=1)]
    written, memory = digest(everyone, SweepMemory(), TODAY)

    assert not written.is_worth_posting
    assert [one.account for one in written.still_waiting] == [SEARCH]
    assert memory == SweepMemory()


def test_what_could_not_be_looked_at_is_said_once_then_when_the_reason_changes_or_a_month_has_passed():
    denied = found(ChildState.NOT_ENTERED, words="sts:AssumeRole AccessDenied")
    first, memory = digest([denied], SweepMemory(), TODAY)
    week_later, memory = digest([denied], memory, TODAY + timedelta(days=7))
    other, memory = digest([found(ChildState.FAILED, words="throttled")], memory, TODAY + timedelta(days=14))
    month_later, _ = digest([found(ChildState.FAILED, words="throttled")], memory, TODAY + timedelta(days=44))

    assert first.unseen == (denied,)
    assert (week_later.unseen, week_later.unseen_before) == ((), 1)
    assert not week_later.is_worth_posting
    assert other.unseen
    assert month_later.unseen


def test_a_place_that_was_looked_at_again_is_forgotten_and_said_anew_when_it_fails_again():
    denied = found(ChildState.NOT_ENTERED, words="denied")
    _, memory = digest([denied], SweepMemory(), TODAY)
    _, memory = digest([found(ChildState.CLEAN)], memory, TODAY + timedelta(days=7))
    again, _ = digest([denied], memory, TODAY + timedelta(days=14))

    assert again.unseen == (denied,)


def test_a_run_that_still_scans_when_the_digest_is_written_is_named():
    written, _ = digest([found(ChildState.SCANNING)], SweepMemory(), TODAY)

    assert written.unseen == (found(ChildState.SCANNING),)
    assert ChildState.SCANNING.is_open
    assert not ChildState.CLEAN.is_open


def test_the_memory_of_digests_is_stored_and_read_back():
    memory = SweepMemory({"111122223333/us-west-2": Unseen("denied", TODAY)})

    assert SweepMemory.from_dict(memory.to_dict()) == memory


@pytest.mark.parametrize(
    "stored",
    [None, 7, {}, {"unseen": 7}, {"unseen": {"a": 7}}, {"unseen": {"a": {"words": 7, "said_on": "2026-11-23"}}},
     {"unseen": {"a": {"words": "x", "said_on": "soon"}}}],
)  # fmt: skip
def test_a_memory_that_cannot_be_read_said_nothing(stored):
    assert SweepMemory.from_dict(stored) == SweepMemory()


def test_which_execution_carries_a_sweep_out_is_kept_under_a_name_that_any_moment_can_be_part_of():
    one, other = sweep_key("2026-11-23T08:30:00Z"), sweep_key("2026-11-30T08:30:00Z")

    assert one != other
    assert re.fullmatch(r"locks/sweeps/[0-9a-f]{16}\.json", one)
    assert sweep_key("2026-11-23T08:30:00Z") == one
