"""Tell a year: one table, the picture in bars, and the page in docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark import table
from benchmark.year import picture
from benchmark.year.figures import ROUNDED_BY_GB, Figures
from benchmark.year.receipts import Gb, Held


def lines(figures: Figures, *, heading: str) -> Iterator[str]:
    """The whole report for a terminal."""
    yield heading
    yield ""
    yield from _in_columns(rows(figures))
    yield ""
    yield from picture.bars(figures)
    yield ""
    yield "What the receipt at the end tells, and what is true, in GB:"
    for held in figures.last_receipt:
        for cells in _cells(held):
            yield "  ".join((f"  {cells[0]:<11}", f"{cells[1]:<7}", *_named_gb(cells[2:])))
    yield ""
    yield from map(table.verdict, figures.checks())
    for words, what in _named(figures):
        yield f"        {words}: {', '.join(what)}"


def rows(figures: Figures) -> Sequence[tuple[str, str]]:
    """What is told of a year, and each figure."""
    weeks = figures.weeks
    needless = sum(week.roots + week.reminders for week in weeks if not week.has_news)
    heard = sum(week.roots for week in weeks)
    return (
        ("money recovered", f"${figures.usd:,.2f} of the oracle's ${figures.oracle_usd:,.2f} ({figures.share:.1%})"),
        ("versions deleted", f"{figures.deleted:,} of {figures.published:,}; the oracle {figures.oracle_deleted:,}"),
        ("wrong deletes", f"{len(figures.wrong_deletes)}"),
        ("rollbacks that missed their version", f"{len(figures.missed)} of {figures.rollbacks}"),
        ("news older than two weeks never shown", f"{len(figures.never_shown)}"),
        ("kept rows shown early", f"{len(figures.shown_early)}"),
        (
            "messages",
            (
                f"{heard} in {len(weeks)} weeks, at most {max(week.roots for week in weeks)} a week; {needless} in the "
                f"{sum(not week.has_news for week in weeks)} weeks without news"
            ),
        ),
        (
            "monthly receipts",
            (
                f"{sum(figures.receipts_a_month.values())}, at most {max(figures.receipts_a_month.values())} a month; "
                f"{figures.apart:.2f} GB from the truth at most"
            ),
        ),
        ("reminders", f"{sum(week.reminders for week in weeks)}, at most {max(w.reminders for w in weeks)} a week"),
    )


def page(figures: Figures) -> str:
    """The page in docs."""
    told = "\n".join(f"| {what} | {figure} |" for what, figure in rows(figures))
    return f"""# A year of Mondays

`make year` plays {len(figures.weeks)} weeks on a clock of its own, with both handlers as they ship, against local AWS
and Slack: functions that release daily, weekly and rarely, builds that never go live, canaries, rollbacks to the last
live release, quarterly jobs, a stack that fails, a season with twice the releases, weeks without any; approvers who are
prompt, picky, slow and on holiday; a week in which CloudWatch answers nothing, a day on which AWS denies the aliases
and one on which it denies every delete. Beside it an oracle knows every release and every call, obeys the same rules,
and has the same people answer in the same weeks.

![GB of snapshots cached through the year, without the product, with it, and with the oracle](year.svg)

| | |
|---|---|
{told}

The year ends with `/snapstart saved`. What the receipt tells from AWS's bill, the ledger and the last scan stands here
beside what really was cached on the same days, deleted and published, in GB:

| since | | before | after | deleted | published | unexplained |
|---|---|---|---|---|---|---|
{_in_rows(figures.last_receipt)}

It ends with an error when a figure is missed: at least 95 % of the oracle's money, nothing deleted wrongly, missed,
unseen or asked early, at most one message and one reminder a week, and none in a week without news; at most one receipt
a month beside them, and each figure of every receipt within {ROUNDED_BY_GB} GB of the truth, which is how far it is
rounded.
"""


def _in_rows(receipt: Sequence[Held]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for held in receipt for cells in _cells(held))


def _cells(held: Held) -> Iterator[Sequence[str]]:
    """What is told and what is true since a day, a row each."""
    yield (f"{held.since.day} {held.since:%b %Y}", "receipt", *(f"{gb:,.1f}" for gb in held.told or ()))
    yield ("", "truth", *(f"{gb:,.1f}" for gb in held.truth))


def _named_gb(amounts: Sequence[str]) -> Iterator[str]:
    return (f"{field} {amount}" for field, amount in zip(Gb._fields, amounts, strict=False))


def _in_columns(told: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(what) for what, _ in told)
    return (f"  {what.ljust(width)}  {figure}" for what, figure in told)


def _named(figures: Figures) -> Iterator[tuple[str, Sequence[str]]]:
    for words, what in (
        ("deleted wrongly", figures.wrong_deletes),
        ("missed", figures.missed),
        ("never shown", figures.never_shown),
        ("shown early", figures.shown_early),
    ):
        if what:
            yield words, what
