"""The laws of a year of Mondays, for whatever sequence of decisions.

Nothing kept is news before its end; nothing is kept that no approver said; nothing that is news waits behind rows that
somebody kept, and what waits for a place has it at the next scan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.memory import KeepReason, Memory
from orchestrator.domain.news import Place, Standing, place
from orchestrator.domain.remember import (
    PageAnswer,
    after_decision,
    after_deletion,
    after_refusal,
    forget_ended,
)
from orchestrator.domain.runs import Action
from tests.builders import FUNCTION, REPLICATED, TODAY
from tests.memories import a_box, a_keep, a_memory, a_page_answer, a_refusal, an_idle, in_days

VERSIONS = range(1, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a scan comes to: rows in the order of their standings, the dearest first, as many as a run may offer."""

    shown: list[Place]
    waiting: list[Place]
    """News that found no place."""
    counted: list[Place]


def offer(idle, memory: Memory, *, today: date, at_most: int, asked_for: bool) -> Offer:
    places = [place(one, memory, today) for one in idle]
    places.sort(key=lambda p: (p.standing, -p.idle.monthly_usd, p.idle.number))
    shown = [one for one in places if asked_for or not one.standing.is_settled][:at_most]
    rest = [one for one in places if one not in shown]
    return Offer(
        shown=shown,
        waiting=[one for one in rest if one.standing.is_news],
        counted=[one for one in rest if not one.standing.is_news],
    )


EACH = st.frozensets(st.sampled_from(VERSIONS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What people and AWS do about one page: who touches which box, what arrives, what is refused."""

    days_later: int
    asked_for: bool
    action: Action
    may_decide: bool
    dry_run: bool
    keep_days: int
    touched: frozenset[int]
    lost: frozenset[int]
    refused: frozenset[int]


weeks = st.builds(
    Week,
    days_later=st.integers(1, 40),
    asked_for=st.booleans(),
    action=st.sampled_from(Action),
    may_decide=st.booleans(),
    dry_run=st.booleans(),
    keep_days=st.sampled_from([30, 90, 365]),
    touched=EACH,
    lost=EACH,
    refused=EACH,
)


@dataclass(slots=True)
class Year:
    """A year as it was, and beside it what approvers said, in so many words, kept by a simpler hand."""

    today: date = TODAY
    memory: Memory = field(default_factory=a_memory)
    there: set[VersionKey] = field(default_factory=lambda: {(FUNCTION, number) for number in VERSIONS})
    promised: dict[VersionKey, date] = field(default_factory=dict)

    def idle(self):
        return [an_idle(number, function_name=name, monthly_usd=float(number)) for name, number in sorted(self.there)]

    def play(self, week: Week, at_most: int) -> None:
        self.today += timedelta(days=week.days_later)
        offered = offer(self.idle(), self.memory, today=self.today, at_most=at_most, asked_for=week.asked_for)
        boxes = tuple(
            a_box(
                one.idle.number,
                started_ticked=(one.standing is Standing.NEWS),
                sent=one.idle.number not in week.lost,
                ticked=((one.standing is Standing.NEWS) != (one.idle.number in week.touched))
                and one.idle.number not in week.lost,
            )
            for one in offered.shown
        )
        answer = a_page_answer(
            *boxes,
            action=week.action,
            may_decide=week.may_decide,
            dry_run=week.dry_run,
            keep_days=week.keep_days,
            on=self.today,
        )
        self.memory = after_decision(self.memory, answer)
        if week.may_decide and not week.dry_run:
            self.hear(answer, week)
        self.memory = forget_ended(self.memory, self.today)

    def hear(self, answer: PageAnswer, week: Week) -> None:
        until = self.today + timedelta(days=week.keep_days)
        for box in answer.boxes:
            if answer.action is Action.REJECT:
                self.promised[box.key] = max(until, self.promised.get(box.key, until))
            elif answer.action is Action.APPROVE and box.ticked:
                self.promised.pop(box.key, None)
                self.delete(box.key, refused=box.number in week.refused)
            elif answer.action is Action.APPROVE and box.started_ticked and box.sent:
                self.promised[box.key] = until

    def delete(self, key: VersionKey, *, refused: bool) -> None:
        if refused:
            self.memory = after_refusal(self.memory, key, words=REPLICATED, on=self.today, keep_days=90)
        else:
            self.there.remove(key)
            self.memory = after_deletion(self.memory, [key])


def played(sequence, at_most):
    year = Year()
    for week in sequence:
        year.play(week, at_most)
        yield year


SEQUENCES = st.lists(weeks, max_size=12)
PLACES = st.integers(1, 8)


@given(sequence=SEQUENCES, at_most=PLACES, later=st.integers(0, 400))
def test_nothing_kept_is_news_before_its_end(sequence, at_most, later):
    for year in played(sequence, at_most):
        day = year.today + timedelta(days=later)
        for one in (place(idle, year.memory, day) for idle in year.idle()):
            promised = year.promised.get(one.idle.key)
            assert (one.standing is Standing.KEPT) is (promised is not None and day <= promised)


@given(sequence=SEQUENCES, at_most=PLACES)
def test_nothing_is_kept_that_no_approver_said(sequence, at_most):
    for year in played(sequence, at_most):
        assert {key: keep.until for key, keep in year.memory.keeps.items()} == year.promised


@given(sequence=SEQUENCES, at_most=PLACES)
def test_what_was_kept_or_refused_never_starts_ticked_again(sequence, at_most):
    for year in played(sequence, at_most):
        ticked = {idle.key for idle in year.idle() if place(idle, year.memory, year.today).standing is Standing.NEWS}
        assert not ticked & (set(year.promised) | set(year.memory.refusals))


@given(sequence=st.lists(weeks, max_size=12), at_most=PLACES, asked_for=st.booleans())
def test_no_news_waits_behind_a_row_that_somebody_kept(sequence, at_most, asked_for):
    for year in played(sequence, at_most):
        found = offer(year.idle(), year.memory, today=year.today, at_most=at_most, asked_for=asked_for)

        assert len(found.shown) <= at_most
        assert not found.waiting or all(one.standing.is_news for one in found.shown)
        fresh = [one for one in found.waiting if one.standing is Standing.NEWS]
        assert not fresh or all(one.standing is Standing.NEWS for one in found.shown)
        assert len(found.shown) + len(found.waiting) + len(found.counted) == len(year.there)


remembered = st.builds(
    lambda how, number, end: how(number, until=in_days(end)),
    st.sampled_from([a_keep, a_refusal]),
    st.sampled_from(VERSIONS),
    st.integers(-90, 90),
)


@given(entries=st.lists(remembered), at_most=PLACES, unticked=EACH, week=st.integers(1, 7))
def test_what_waits_for_a_place_has_it_at_the_next_scan_once_the_page_is_decided(entries, at_most, unticked, week):
    idle = [an_idle(number, monthly_usd=float(number)) for number in VERSIONS]
    memory = a_memory(*entries)
    first = offer(idle, memory, today=TODAY, at_most=at_most, asked_for=False)
    waiting = [one.idle.key for one in first.waiting if one.standing is Standing.NEWS]
    boxes = [
        a_box(
            one.idle.number,
            started_ticked=(one.standing is Standing.NEWS),
            ticked=(one.standing is Standing.NEWS) and one.idle.number not in unticked,
        )
        for one in first.shown
    ]
    gone = {box.key for box in boxes if box.ticked}

    memory = after_deletion(after_decision(memory, a_page_answer(*boxes, keep_days=30)), gone)
    second = offer(
        [one for one in idle if one.key not in gone], memory, today=in_days(week), at_most=at_most, asked_for=False
    )

    assert [one.idle.key for one in second.shown][: len(waiting)] == waiting[:at_most]


@given(reason=st.sampled_from(KeepReason), end=st.integers(-90, 90))
def test_how_a_version_was_kept_makes_no_difference(reason, end):
    kept = place(an_idle(), a_memory(a_keep(reason=reason, until=in_days(end))), TODAY)

    assert kept.standing is (Standing.KEPT if end >= 0 else Standing.NEWS_AGAIN)
