"""Put together what was saved: from AWS's bill, from the ledger and from the last scans, each named as what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from orchestrator.domain.accounts import Account
from orchestrator.domain.bill import Bill, NotChecked
from orchestrator.domain.inventory import Inventory, Snapshots
from orchestrator.domain.ledger import LedgerLine
from orchestrator.domain.prevention import NAMED, GrowingFunction, UnusedFunction
from orchestrator.domain.receipt import DAYS_COMPARED, Receipt, Saved, by_day, saved, start_of_last_month, together
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Approver

MONTHLY = "bill/receipts/"
DAYS_SHOWN = 62
"""The bars show so many days at most; of longer times their last part."""
BEFORE_A_DELETE = timedelta(days=4 * DAYS_COMPARED)
"""How far before a delete the bill is read: seven days without one are among these also where every week has some."""

F = TypeVar("F", GrowingFunction, UnusedFunction)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReceipt:
    """What the bill shows of one account."""

    account: Account
    lately: Receipt
    """Since the first day of last month."""
    ever: Receipt | None
    """Since the first delete of all; None when nothing was deleted yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletions:
    """What the ledger says was deleted, since installation."""

    versions: int = 0
    gb: float = 0.0
    monthly_usd: float = 0.0
    first: date | None = None
    decisions: tuple[tuple[Approver, int], ...] = ()
    """Who approved, and how many pages of which anything was deleted; most first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Generic[F]):
    """A function with where it is."""

    account: Account
    region: str
    function: F


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReport:
    """All that a receipt tells."""

    today: date
    since: date
    """The first day of last month."""
    accounts: tuple[AccountReceipt, ...]
    deletions: Deletions
    days: tuple[tuple[date, float | None], ...]
    """GB billed by day, of the accounts that are told; None where a day is not settled for all of them."""
    growing: tuple[Placed[GrowingFunction], ...]
    unused: tuple[Placed[UnusedFunction], ...]
    counted_on: date | None
    """The oldest of the scans that count what was published; None before any."""

    @property
    def lately(self) -> Saved | None:
        """All accounts together that can be told since last month; None when none can."""
        return together(told.lately for told in self.accounts if isinstance(told.lately, Saved))

    @property
    def ever(self) -> Saved | None:
        """All accounts together that can be told since the first delete; None when none can."""
        return together(told.ever for told in self.accounts if isinstance(told.ever, Saved))


def report(
    *,
    accounts: Sequence[Account],
    bill: Bill | NotChecked,
    inventories: Iterable[Inventory],
    lines: Iterable[LedgerLine],
    today: date,
) -> SavedReport:
    """Tell what was saved; `lines` are the whole ledger, `bill` reaches back before its first delete."""
    known = list(inventories)
    deleted = [line for line in lines if line.outcome is Outcome.DELETED]
    since = start_of_last_month(today)
    first = min((_day(line) for line in deleted), default=None)
    named = {account.id: account for account in accounts}
    receipts = tuple(
        AccountReceipt(
            account=account,
            lately=_receipt(bill, account.id, known, deleted, since, today),
            ever=None if first is None else _receipt(bill, account.id, known, deleted, first, today),
        )
        for account in accounts
    )
    told = [one.account.id for one in receipts if isinstance(one.lately, Saved)]
    shown_from = max(since - timedelta(days=DAYS_COMPARED), today - timedelta(days=DAYS_SHOWN))
    return SavedReport(
        today=today,
        since=since,
        accounts=receipts,
        deletions=deletions_of(deleted),
        days=by_day(bill, told, shown_from, today) if isinstance(bill, Bill) and told else (),
        growing=_dearest(((inventory, function) for inventory in known for function in inventory.growing), named),
        unused=_dearest(((inventory, function) for inventory in known for function in inventory.unused), named),
        counted_on=_oldest(known),
    )


def _receipt(
    bill: Bill | NotChecked,
    account_id: str,
    inventories: Iterable[Inventory],
    deleted: Iterable[LedgerLine],
    since: date,
    today: date,
) -> Receipt:
    if isinstance(bill, NotChecked):
        return bill
    counts = [inventory for inventory in inventories if inventory.account_id == account_id]
    return saved(
        bill,
        all_known(counts, (line for line in deleted if line.account_id == account_id)),
        account_id=account_id,
        since=since,
        today=today,
        counted_on=_oldest(counts),
    )


def all_known(inventories: Iterable[Inventory], deleted: Iterable[LedgerLine]) -> list[Snapshots]:
    """All that can explain a bill, each version once: what the scans count, and what the ledger says was deleted."""
    counts = {(inventory.account_id, inventory.region): inventory for inventory in inventories}
    return [
        *(some for inventory in counts.values() for some in inventory.snapshots),
        *(snapshots_of(line, counts.get((line.account_id, line.region))) for line in deleted),
    ]


def snapshots_of(line: LedgerLine, inventory: Inventory | None = None) -> Snapshots:
    """What a deleted version was on the bill, beside its region's inventory: nothing, if it was free."""
    return Snapshots(
        gb=_gb(line),
        since=line.published,
        until=line.when,
        counted=inventory is not None and _was_there(line, inventory.scanned_at),
    )


def _was_there(line: LedgerLine, scanned_at: datetime) -> bool:
    """Whether a version that was deleted was there when its region was scanned."""
    return line.when > scanned_at and (line.published is None or line.published < scanned_at)


def _oldest(inventories: Iterable[Inventory]) -> date | None:
    """The day of the oldest of the scans; None before any."""
    return min((inventory.scanned_at.astimezone(UTC).date() for inventory in inventories), default=None)


def _gb(line: LedgerLine) -> float:
    return (line.gb or 0.0) if line.monthly_usd > 0 else 0.0


def _day(line: LedgerLine) -> date:
    return line.when.astimezone(UTC).date()


def deletions_of(deleted: Sequence[LedgerLine]) -> Deletions:
    """Add up the lines of versions that were deleted."""
    pages = {(line.execution, line.offer_hash): line.who for line in deleted}
    return Deletions(
        versions=len(deleted),
        gb=sum(map(_gb, deleted)),
        monthly_usd=round(sum(line.monthly_usd for line in deleted), 2),
        first=min(map(_day, deleted), default=None),
        decisions=tuple(Counter(pages.values()).most_common()),
    )


def _dearest(functions: Iterable[tuple[Inventory, F]], named: Mapping[str, Account]) -> tuple[Placed[F], ...]:
    """The functions of all accounts and regions that cost most, most first."""
    in_order = sorted(functions, key=lambda found: (-found[1].usd_a_month, found[1].function_name))
    return tuple(
        Placed(
            account=named.get(inventory.account_id, Account(inventory.account_id)),
            region=inventory.region,
            function=function,
        )
        for inventory, function in in_order[:NAMED]
    )


def bill_needed_since(lines: Iterable[LedgerLine], today: date) -> date:
    """The first day whose bill a receipt may need."""
    firsts = [_day(line) for line in lines if line.outcome is Outcome.DELETED]
    return min([start_of_last_month(today), *firsts]) - BEFORE_A_DELETE


def monthly_key(today: date) -> str:
    """Where it is kept that this month's receipt was posted, and by which run."""
    return f"{MONTHLY}{today:%Y-%m}.json"
