"""Hold the bill against what we count: one day of one region at a scan, and what was saved over a month or a year.

A saving is told from the bill alone: the seven settled days before a period's first delete against its last seven. The
difference is then explained: deleted (the ledger), published (the inventory), and what neither knows: unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from math import floor
from statistics import fmean

from orchestrator.domain.bill import UNSETTLED_DAYS, Bill, BillDay, Billed, NotChecked, last_settled
from orchestrator.domain.inventory import Snapshots, expected_gb

DAYS_COMPARED = 7
"""Whole settled days on each side of the deletes: a week, so that a weekday's habits cancel out."""
APART = 0.1
"""A difference of more than this share of the larger figure is said with its likely reasons."""
DAYS_IN_A_MONTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChecked:
    """One settled day of one account and region: what AWS billed, and what the scan and the ledger count for it."""

    day: date
    billed_gb: float
    counted_gb: float
    other_prefixes: Mapping[str, float]
    """GB billed to the account that day under prefixes whose region is not known."""

    @property
    def apart(self) -> bool:
        """Whether the two differ by more than a tenth."""
        return abs(self.billed_gb - self.counted_gb) > APART * max(self.billed_gb, self.counted_gb)


def check_day(
    bill: Bill, snapshots: Iterable[Snapshots], *, account_id: str, region: str, today: date
) -> DayChecked | NotChecked:
    """Hold the newest settled day of a region against what is counted for that same day."""
    days = bill.settled_of(account_id, today)
    if not days:
        return bill.why_nothing(account_id)
    day = days[-1]
    on_the_bill = bill.days[day]
    billed = on_the_bill.billed(account_id, region) or Billed()
    return DayChecked(
        day=day,
        billed_gb=billed.gb,
        counted_gb=expected_gb(snapshots, day),
        other_prefixes={
            cache.prefix: other.gb
            for cache, other in on_the_bill.cached.items()
            if cache.account_id == account_id and cache.region is None
        },
    )


def start_of_last_month(today: date) -> date:
    """The first day of the month before this one."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TooEarly:
    """The deletes are too recent: there are not yet seven settled days after them."""

    first_delete: date
    not_before: date | None
    """The day from which it can be said, at the earliest; None: when AWS has settled the days since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How the bill changed, and why. GB are means of the days compared; dollars are for a month of thirty such days."""

    before: tuple[date, ...]
    after: tuple[date, ...]
    before_gb: float
    after_gb: float
    before_usd: float
    after_usd: float
    deleted_gb: float
    published_gb: float
    partly: tuple[date, ...] = ()
    """Days of deletes between the days after: those deletes count for a part of them only."""
    not_yet: tuple[date, ...] = ()
    """Days of deletes after the days compared: they are not in these figures."""

    @property
    def unexplained_gb(self) -> float:
        """What neither the ledger nor the inventory explains; less than zero when the bill fell by more."""
        return self.after_gb - self.before_gb + self.deleted_gb - self.published_gb


Receipt = Saved | TooEarly | NotChecked


def saved(
    bill: Bill,
    snapshots: Sequence[Snapshots],
    *,
    account_id: str,
    since: date,
    today: date,
    counted_on: date | None = None,
) -> Receipt:
    """Compare an account's bill before its first delete since a day with its last settled days, and explain the change.

    The days compared are whole and settled, and nothing was deleted on them. Without any delete, the days before
    `since` are compared with the last ones: then only growth is told. `counted_on` is the day of the oldest scan that
    counts the snapshots: what was published from that day on is not among them.
    """
    deletes = sorted({some.until.astimezone(UTC).date() for some in snapshots if some.until is not None})
    within = [day for day in deletes if day >= since]
    first = within[0] if within else since
    settled = [day for day in bill.settled_of(account_id, today) if day not in deletes]
    before = tuple(day for day in settled if day < first)[-DAYS_COMPARED:]
    after = _last_week([day for day in settled if day >= first], counted_on)
    if not settled or (len(after) < DAYS_COMPARED and bill.problem is not None):
        return bill.why_nothing(account_id)
    if len(before) < DAYS_COMPARED:
        return NotChecked(f"the bill does not show {DAYS_COMPARED} settled days before {_on(first)}")
    if len(after) < DAYS_COMPARED:
        not_before = _enough_days_after(first, deletes) + timedelta(days=UNSETTLED_DAYS + 1)
        return TooEarly(first_delete=first, not_before=not_before if not_before > today else None)
    then, now = _mean(bill, account_id, before), _mean(bill, account_id, after)
    return Saved(
        before=before,
        after=after,
        before_gb=then.gb,
        after_gb=now.gb,
        before_usd=then.usd * DAYS_IN_A_MONTH,
        after_usd=now.usd * DAYS_IN_A_MONTH,
        deleted_gb=_risen(before, after, Snapshots.deleted, snapshots),
        published_gb=_risen(before, after, Snapshots.published, snapshots),
        partly=tuple(day for day in within if after[0] < day < after[-1]),
        not_yet=tuple(day for day in within if day > after[-1]),
    )


def _last_week(settled: Sequence[date], counted_on: date | None) -> tuple[date, ...]:
    """The last seven of the settled days; those before the scan, where that takes them back by seven days at most.

    What was published since the scan is on the bill, and nobody has counted it yet.
    """
    lately = settled[-2 * DAYS_COMPARED :]
    counted = [day for day in lately if counted_on is None or day < counted_on]
    return tuple(counted if len(counted) >= DAYS_COMPARED else lately)[-DAYS_COMPARED:]


def _enough_days_after(first: date, deletes: Collection[date]) -> date:
    """The last of the seven days that can be compared after a delete."""
    days = (first + timedelta(days=n) for n in range(DAYS_COMPARED + len(deletes) + 1))
    return [day for day in days if day not in deletes][DAYS_COMPARED - 1]


def _on(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _mean(bill: Bill, account_id: str, days: Sequence[date]) -> Billed:
    billed = [bill.days[day].billed(account_id) or Billed() for day in days]
    return Billed(fmean(some.gb_seconds for some in billed), fmean(some.usd for some in billed))


def _risen(
    before: Sequence[date],
    after: Sequence[date],
    gb: Callable[[Snapshots, date], float],
    snapshots: Sequence[Snapshots],
) -> float:
    """By how many GB a figure of the snapshots rose, from the mean of the days before to that of the days after."""
    return fmean(sum(gb(some, day) for some in snapshots) for day in after) - fmean(
        sum(gb(some, day) for some in snapshots) for day in before
    )


def together(receipts: Iterable[Saved]) -> Saved | None:
    """Several accounts as one: every figure is the sum. None when there is none to add."""
    added = list(receipts)
    if not added:
        return None
    return Saved(
        before=_all_days(some.before for some in added),
        after=_all_days(some.after for some in added),
        before_gb=sum(some.before_gb for some in added),
        after_gb=sum(some.after_gb for some in added),
        before_usd=sum(some.before_usd for some in added),
        after_usd=sum(some.after_usd for some in added),
        deleted_gb=sum(some.deleted_gb for some in added),
        published_gb=sum(some.published_gb for some in added),
        partly=_all_days(some.partly for some in added),
        not_yet=_all_days(some.not_yet for some in added),
    )


def _all_days(days: Iterable[Iterable[date]]) -> tuple[date, ...]:
    return tuple(sorted({day for some in days for day in some}))


def by_day(bill: Bill, accounts: Collection[str], first: date, today: date) -> tuple[tuple[date, float | None], ...]:
    """The GB of each day from `first` to the last settled one; None for a day that does not settle all the accounts."""
    settled = set(bill.settled(today))
    days = (first + timedelta(days=n) for n in range((last_settled(today) - first).days + 1))
    return tuple((day, _gb(bill.days[day], accounts) if day in settled else None) for day in days)


def _gb(day: BillDay, accounts: Iterable[str]) -> float | None:
    billed = [day.billed(account_id) for account_id in accounts]
    return None if None in billed else sum(some.gb for some in billed if some is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A receipt's GB as they are shown, rounded to add up: before - deleted + published + unexplained = after."""

    before: float
    after: float
    deleted: float
    published: float
    unexplained: float


def shown(some: Saved, digits: int = 1) -> Shown:
    """Round the bill's two figures, and share what is left over among the explanations, where it is noticed least."""
    unit = 10**digits
    before, after = floor(some.before_gb * unit + 0.5), floor(some.after_gb * unit + 0.5)
    exact = [-some.deleted_gb * unit, some.published_gb * unit, some.unexplained_gb * unit]
    whole = [floor(round(part, 6)) for part in exact]
    remainders = sorted(range(len(exact)), key=lambda n: whole[n] - exact[n])
    for n in remainders[: after - before - sum(whole)]:
        whole[n] += 1
    deleted, published, unexplained = whole
    return Shown(
        before=before / unit,
        after=after / unit,
        deleted=-deleted / unit,
        published=published / unit,
        unexplained=unexplained / unit,
    )
