"""What was saved, in words: what AWS's bill shows, what the ledger says, and what stops idle versions from coming back.

The bill, the ledger and the scans are named as what they are: nothing is added across them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from orchestrator.domain.bill import NotChecked
from orchestrator.domain.inventory import Inventory
from orchestrator.domain.prevention import FIXES, KEEP
from orchestrator.domain.receipt import DAYS_COMPARED, DayChecked, Receipt, Saved, TooEarly, shown
from orchestrator.domain.saved import AccountReceipt, Deletions, SavedReport
from orchestrator.domain.words import count, dollars
from orchestrator.slack.message.blocks import Json, Message, context, header, label, message, section, titled
from orchestrator.slack.message.text import cut, escape, person

BARS = "▁▂▃▄▅▆▇█"
NO_BAR = "·"
ROUNDED_FROM_GB = 10
"""From here on one decimal is enough."""
PEOPLE_NAMED = 10
ACCOUNTS_NAMED = 50
WORTH_A_WORD = 0.02
"""From this share of the bill on it is said what unexplained means."""
WORDS_OF_AN_ERROR = 1500


# One line, at a scan


def bill_compared(checked: DayChecked, inventory: Inventory) -> str:
    """What AWS billed in a region on one day, beside what is counted for that day; why they may differ, if they do."""
    digits = _digits(checked.billed_gb, checked.counted_gb)
    said = (
        f"AWS billed {_gb(checked.billed_gb, digits)} of snapshots on {_day(checked.day)}; "
        f"this scan counts {checked.counted_gb:,.{digits}f} for that day."
    )
    if not checked.apart:
        return said
    return f":warning: {said} Likely reasons: {'; '.join(_reasons(checked, inventory))}."


def _reasons(checked: DayChecked, inventory: Inventory) -> Iterator[str]:
    if checked.billed_gb < checked.counted_gb:
        if inventory.image_gb:
            yield f"{_gb(inventory.image_gb)} are container images, which may be of a runtime that is free"
        if inventory.dotnet_gb:
            yield f"{_gb(inventory.dotnet_gb)} are .NET, where an idle version may be Inactive and is not billed then"
        for prefix, gb in checked.other_prefixes.items():
            yield f"{_gb(gb)} were billed under the prefix {escape(prefix)}, whose region is not known"
        yield "versions that stopped being Active"
    else:
        yield "versions that were deleted since by somebody else"


def bill_not_compared(why: NotChecked) -> str:
    """Why the bill is not held against a scan."""
    return f"The bill is not checked: {escape(why.words)}."


def bill_in_thread(line: str) -> Message:
    """The line in the scan's thread."""
    return message([context(line)])


# The receipt


def receipt(report: SavedReport, *, requested_by: str | None, command: str) -> Message:
    """What was saved: since last month and since installation, all accounts together and each by itself."""
    blocks = [
        header(f":receipt: {_headline(report)}"),
        context(f"{_why(requested_by)} · {_day(report.today, year=True)}"),
        section(f"*AWS's bill {_since(report)}*\n{_told_of_all(report, ever=False)}"),
        *_bars(report.days),
    ]
    first = report.deletions.first
    if first is not None and first < report.since and (report.lately or report.ever):
        blocks.append(section(f"*AWS's bill {_since_the_first(first)}*\n{_told_of_all(report, ever=True)}"))
    blocks.append(section(f"*The ledger*\n{_ledger(report.deletions)}"))
    if len(report.accounts) > 1:
        blocks += titled(f"*Each account since {_day(report.since)}*", _account_lines(report.accounts), "\n")
    blocks += _prevention(report)
    blocks.append(context(*_small_print(report, command)))
    return message(blocks, rest="The rest: see the message.")


def receipt_failed(words: str, *, requested_by: str | None) -> Message:
    """The whole message of a request for a receipt that could not be told."""
    return message(
        [
            header(":warning: What was saved cannot be told"),
            context(_why(requested_by)),
            section(f"*What happened* {escape(cut(words, WORDS_OF_AN_ERROR))}"),
        ]
    )


def _why(requested_by: str | None) -> str:
    return "Posted once a month" if requested_by is None else f"Asked by {person(requested_by)}"


def _headline(report: SavedReport) -> str:
    all_together = report.lately
    if all_together is not None:
        digits = _digits_of(all_together)
        seen = shown(all_together, digits)
        less = round(all_together.before_usd, 2) - round(all_together.after_usd, 2)
        way = "less" if less >= 0 else "more"
        return (
            f"AWS's bill: {seen.before:,.{digits}f} → {seen.after:,.{digits}f} GB of snapshots, "
            f"{dollars(abs(less))} a month {way}"
        )
    if any(isinstance(told.lately, TooEarly) for told in report.accounts):
        return "What was saved: too early to say by the bill"
    return "What was saved: the bill is not checked"


def _since(report: SavedReport) -> str:
    first = report.deletions.first
    return f"since {_day(report.since)}" if first is None or first < report.since else _since_the_first(first)


def _since_the_first(delete: date) -> str:
    return f"since the first delete on {_day(delete, year=True)}"


def _told_of_all(report: SavedReport, *, ever: bool) -> str:
    together = report.ever if ever else report.lately
    each = [told.ever if ever else told.lately for told in report.accounts]
    others = [one for one in each if one is not None and not isinstance(one, Saved)]
    if together is None:
        return "\n".join(dict.fromkeys(map(_untold, others)))
    lines = [f"{_saved(together)} {_dollars(together)}", *_remarks(together, report.counted_on)]
    if others:
        lines.append(f"Without {count(len(others), 'account')} that cannot be told; see below.")
    return "\n".join(lines)


def _saved(some: Saved) -> str:
    digits = _digits_of(some)
    seen = shown(some, digits)
    return (
        f"{seen.before:,.{digits}f} → {seen.after:,.{digits}f} GB. Deleted {seen.deleted:,.{digits}f}, "
        f"published {seen.published:,.{digits}f}, unexplained {seen.unexplained:,.{digits}f}."
    )


def _dollars(some: Saved) -> str:
    return f"AWS billed {dollars(some.before_usd)} a month then, and bills {dollars(some.after_usd)} now."


def _remarks(some: Saved, counted_on: date | None) -> Iterator[str]:
    if abs(some.unexplained_gb) > WORTH_A_WORD * max(some.before_gb, some.after_gb):
        later = "" if counted_on is None or some.after[-1] < counted_on else _published_since(counted_on)
        yield f"Unexplained are versions that somebody else deleted, or published and deleted again{later}."
    if some.partly:
        yield f"What was deleted on {_days(some.partly)} counts for a part of these days only."
    if some.not_yet:
        yield f"What was deleted on {_days(some.not_yet)} is not in these figures yet."


def _published_since(scan: date) -> str:
    return f", or were published since the scan of {_day(scan)}, which the next scan counts"


def _untold(receipt: Receipt) -> str:
    match receipt:
        case TooEarly():
            return f"Too early to say: the first delete was on {_day(receipt.first_delete)}, and {_awaited(receipt)}."
        case NotChecked():
            return f"Not checked: {escape(receipt.words)}."
        case Saved():
            return _saved(receipt)


def _awaited(early: TooEarly) -> str:
    if early.not_before is None:
        return "AWS has not settled the days since"
    return f"{DAYS_COMPARED} settled days after it are there from {_day(early.not_before)} on"


def _account_lines(accounts: Sequence[AccountReceipt]) -> Iterator[str]:
    """A line for each account, what was deleted most first, as many as one message holds."""
    in_order = sorted(accounts, key=_most_deleted)
    yield from map(_account_line, in_order[:ACCOUNTS_NAMED])
    more = len(in_order) - ACCOUNTS_NAMED
    if more > 0:
        yield f"And {count(more, 'more account', 'more accounts')}."


def _most_deleted(told: AccountReceipt) -> tuple[bool, float]:
    deleted = told.lately.deleted_gb if isinstance(told.lately, Saved) else 0.0
    return not isinstance(told.lately, Saved), -deleted


def _account_line(told: AccountReceipt) -> str:
    return f"{escape(told.account.label)}: {_untold(told.lately)}"


def _bars(days: Sequence[tuple[date, float | None]]) -> list[Json]:
    """The days as a line of bars, which nobody is read aloud: the figures stand above it."""
    known = [gb for _, gb in days if gb is not None]
    if not known or not max(known):
        return []
    line = "".join(NO_BAR if gb is None else _bar(gb / max(known)) for _, gb in days)
    highest = f"highest {_gb(max(known), _digits(max(known)))}"
    return [label(f"{line}\n{_day(days[0][0])} to {_day(days[-1][0])}, a bar a day, {highest}")]


def _bar(share: float) -> str:
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]


def _ledger(deletions: Deletions) -> str:
    if not deletions.versions:
        return "Nothing was deleted yet."
    people = [f"{escape(who.name)} ({number})" for who, number in deletions.decisions[:PEOPLE_NAMED]]
    more = len(deletions.decisions) - len(people)
    return (
        f"{count(deletions.versions, 'version')} deleted, {_gb(deletions.gb, _digits(deletions.gb))}, about "
        f"{dollars(deletions.monthly_usd)} a month at list price. Approved by {', '.join(people)}"
        f"{f' and {more} more' if more else ''}."
    )


# What stops the growth


def _prevention(report: SavedReport) -> Iterator[Json]:
    if report.growing:
        lines = [
            f"`{placed.function.function_name}` {placed.region}{_in(placed.account.label, report)}: "
            f"{count(placed.function.versions_a_month, 'version')} a month, each month "
            f"{dollars(placed.function.usd_a_month)} more"
            for placed in report.growing
        ]
        yield from titled("*Versions pile up fastest here*", lines, "\n")
    if report.unused:
        lines = [
            f"`{placed.function.function_name}` {placed.region}{_in(placed.account.label, report)}: "
            f"{count(placed.function.versions, 'version')}, {dollars(placed.function.usd_a_month)} a month"
            for placed in report.unused
        ]
        title = "*SnapStart serves nothing here: every call went to `$LATEST`*"
        yield from titled(title, [*lines, "Call them through an alias, or switch SnapStart off."], "\n")
    if report.growing:
        fixes = [f"• {tool}: {fix}" for tool, fix in FIXES.items()]
        yield from titled(f"*What stops it: prune when deploying, and keep {KEEP}*", fixes, "\n")


def _in(label_of_account: str, report: SavedReport) -> str:
    return f", {escape(label_of_account)}" if len(report.accounts) > 1 else ""


def _small_print(report: SavedReport, command: str) -> Iterator[str]:
    yield (
        f"The bill is AWS's own, before credits and taxes: the mean of {DAYS_COMPARED} whole settled days on each side "
        "of the deletes, never the day of a delete; dollars for thirty such days."
    )
    yield f"Deleted is what the ledger says. {_counted(report.counted_on)} Once more: `{command} saved`"


def _counted(on: date | None) -> str:
    if on is None:
        return "No scan has counted yet what was published: it stands under unexplained."
    return f"Published is what the scans count, the oldest of {_day(on)}."


# Small words


def _digits(*gb: float) -> int:
    return 1 if max(gb) >= ROUNDED_FROM_GB else 2


def _digits_of(some: Saved) -> int:
    return _digits(some.before_gb, some.after_gb)


def _gb(gb: float, digits: int = 1) -> str:
    return f"{gb:,.{digits}f} GB"


def _day(day: date, *, year: bool = False) -> str:
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def _days(days: Iterable[date]) -> str:
    *first, last = map(_day, days)
    return f"{', '.join(first)} and {last}" if first else last
