"""A short year: a few weeks, a few functions, most of the troubles. And the rules that the oracle knows, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from benchmark.year import picture, telling
from benchmark.year.approvers import ON_HOLIDAY, PICKY, PROMPT, SLOW, approver_of
from benchmark.year.calendar import short
from benchmark.year.figures import ROUNDED_BY_GB, Figures, Week
from benchmark.year.oracle import Oracle
from benchmark.year.receipts import Gb, Lives
from benchmark.year.rules import Keeps, Release, Truth
from benchmark.year.services import few
from benchmark.year.world import World
from benchmark.year.year import FIRST_MONDAY, play

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return play(short(6), few(4))


@pytest.fixture(scope="module")
def careless() -> Figures:
    """Four weeks without troubles and without the alias history, in which somebody else deletes a version, too."""
    at_ease = replace(short(4), holidays=frozenset(), metrics_fail=4, deletes_denied=4)
    two = [replace(one, rolls_back_every=1) for one in few(12) if one.name in {"orders-api", "standby-orders"}]

    def somebody_deletes(world: World) -> None:
        function = world.cloud.functions["orders-api"]
        world.at(FIRST_MONDAY + 2 * DAY, lambda: function.remove(function.numbers[0]))

    return play(at_ease, two, meanwhile=somebody_deletes, ALIAS_HISTORY="off")


def test_a_short_year_misses_no_figure(figures: Figures) -> None:
    missed = [check.words for check in figures.checks() if not check.passed and check.at_least is None]

    assert missed == []
    assert figures.deleted > 0
    assert figures.rollbacks > 0


def test_what_a_week_without_answers_hears_is_one_question_and_one_reminder(figures: Figures) -> None:
    assert [week.reminders for week in figures.weeks] == [0, 1, 0, 0, 0, 0]
    assert max(week.roots for week in figures.weeks) == 1


def test_a_year_that_does_without_the_alias_history_is_seen_to_delete_what_was_live_lately(careless: Figures) -> None:
    assert {label.partition(":")[0] for label in careless.wrong_deletes} == {"standby-orders"}


def test_every_receipt_of_the_year_tells_the_truth(figures: Figures) -> None:
    assert figures.receipts_a_month == {"2026-01": 1, "2026-02": 1}
    assert [held.on for held in figures.receipts] == [date(2026, 1, 5), date(2026, 2, 2), date(2026, 2, 16)]
    assert figures.apart <= ROUNDED_BY_GB
    (at_the_end,) = figures.last_receipt
    assert at_the_end.told is not None
    assert at_the_end.told.deleted > 0
    assert at_the_end.told.unexplained == 0


def test_what_somebody_else_deletes_is_seen_in_the_receipt_at_the_end(careless: Figures) -> None:
    (at_the_end,) = careless.last_receipt
    assert at_the_end.told is not None
    assert at_the_end.told.unexplained == pytest.approx(-2)
    assert careless.apart in [check.value for check in careless.checks() if not check.passed]


def test_a_receipt_that_does_not_tell_is_far_from_the_truth() -> None:
    lives = Lives(releases=[a_release(1)], deleted={})
    (held,) = lives.hold("What was saved: too early to say by the bill", on=NOW.date(), scanned_on=NOW.date())

    assert held.truth == Gb(before=1, after=1, deleted=0, published=0, unexplained=0)
    assert held.apart == float("inf")


def test_the_picture_shows_every_day(figures: Figures) -> None:
    assert len(figures.cached) == 6 * 7 + 1
    assert picture.svg(figures).count("<polyline") == 3
    assert sum(1 for _ in picture.bars(figures)) == 1 + 4
    assert "money recovered" in telling.page(figures)
    assert "| 1 Jan 2026 | receipt | 27.4 | 89.9 |" in telling.page(figures)
    assert sum("unexplained 0.0" in line for line in telling.lines(figures, heading="a year")) == 2


def truth_of(*releases: Release) -> Truth:
    truth = Truth()
    for release in releases:
        truth.add(release)
    return truth


def a_release(number: int, *, age: int = 60, live: int | None = None, called: int | None = None) -> Release:
    """A version published, last live and last called so many days ago."""
    return Release(
        function="orders",
        number=number,
        gb=1.0,
        published=NOW - age * DAY,
        last_live=None if live is None else NOW - live * DAY,
        last_called=None if called is None else NOW - called * DAY,
    )


@pytest.mark.parametrize(
    ("release", "idle"),
    [
        (a_release(1), True),
        (a_release(1, age=13), False),
        (a_release(1, live=13), False),
        (a_release(1, live=14), True),
        (a_release(1, called=35), False),
        (a_release(1, called=36), True),
    ],
)
def test_the_oracle_lets_go_what_the_rules_let_go(release: Release, idle: bool) -> None:
    newest = [a_release(number) for number in (2, 3, 4)]
    truth = truth_of(release, *newest)

    assert [found.number for found in truth.idle(set(truth.releases), NOW)] == ([1] if idle else [])


def test_the_oracle_waits_for_a_stack_in_motion() -> None:
    truth = truth_of(*map(a_release, (1, 2, 3, 4)))
    truth.in_motion.add("orders")

    assert truth.idle(set(truth.releases), NOW) == []


def test_the_oracle_deletes_what_was_kept_once_the_keep_has_ended() -> None:
    truth = truth_of(*map(a_release, range(1, 9)))
    oracle = Oracle(truth, existing=set(truth.releases))
    oracle.scan(NOW)
    oracle.answered(PICKY, NOW)

    assert sorted(number for _, number in oracle.deleted) == [1, 2, 3, 4]
    oracle.scan(NOW + 7 * DAY)
    assert oracle.asked == []
    oracle.scan(NOW + 30 * DAY)
    oracle.answered(PICKY, NOW + 30 * DAY)
    assert ("orders", 5) in oracle.deleted


def test_a_keep_covers_until_the_day_it_ends() -> None:
    keeps = Keeps({("orders", 5): date(2026, 7, 1)})

    assert keeps.covers(("orders", 5), date(2026, 6, 30))
    assert not keeps.covers(("orders", 5), date(2026, 7, 1))


def test_who_answers_changes_from_week_to_week() -> None:
    assert [approver_of(week, {2}) for week in (0, 2, 3, 8)] == [PROMPT, ON_HOLIDAY, PICKY, SLOW]


def test_a_message_in_a_week_without_news_is_a_figure_missed() -> None:
    loud = Figures(
        weeks=(Week(0, 1, 0, has_news=False),),
        published=0,
        deleted=0,
        oracle_deleted=0,
        recovered_gb_s=0,
        oracle_recovered_gb_s=0,
        wrong_deletes=(),
        rollbacks=0,
        missed=(),
        never_shown=(),
        shown_early=(),
        cached=(),
        receipts=(),
        receipts_a_month={"2026-01": 1},
    )

    assert [check.words for check in loud.checks() if not check.passed] == ["messages in the 1 weeks without news"]
