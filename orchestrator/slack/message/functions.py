"""The functions of a run: as a table for the eye, and a sentence each for the ear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.domain.report import Candidate, IdleFunction, Summary
from orchestrator.domain.runs import Page, pages_of
from orchestrator.domain.words import count, dollars, ranges
from orchestrator.slack.message.blocks import TABLE_CELL, TABLE_ROWS, Json, table
from orchestrator.slack.message.boxes import kept_in_words
from orchestrator.slack.message.text import a_month, cut, cut_in_the_middle, escape, monthly_sum


def stays(function: IdleFunction) -> str:
    """What stays of a function: `58 live, 57, 56 and 18 more`."""
    more = f" and {function.stays_more:,} more" if function.stays_more else ""
    return f"{escape(', '.join(function.stays))}{more}" if function.stays else "nothing"


def _stays_cell(function: IdleFunction) -> str:
    for shown in range(len(function.stays), 0, -1):
        more = function.stays_more + len(function.stays) - shown
        cell = ", ".join([*function.stays[:shown], *([f"+{more:,}"] if more else [])])
        if len(cell) <= TABLE_CELL:
            return cell
    return cut(", ".join(function.stays), TABLE_CELL)


def functions_table(page: Page, offered: Sequence[Candidate], summary: Summary) -> Json:
    """All functions of the run: idle, a month, and what stays; with pages, where each is offered.

    When there are more than a table holds, those of this page come first.
    """
    functions = summary.functions
    if len(functions) > TABLE_ROWS - 1:
        of_page = {candidate.function_name for candidate in page.candidates}
        functions = tuple(sorted(functions, key=lambda function: function.name not in of_page))
    shown = functions if len(functions) < TABLE_ROWS else functions[: TABLE_ROWS - 2]
    where = _pages_by_function(offered) if page.pages > 1 else None
    rows = [
        [
            cut_in_the_middle(function.name, TABLE_CELL),
            *([where.get(function.name, "")] if where is not None else []),
            f"{function.idle:,}",
            dollars(function.monthly_usd),
            _stays_cell(function),
        ]
        for function in shown
    ]
    rest = functions[len(shown) :]
    if rest:
        idle, amount = sum(f.idle for f in rest), sum(f.monthly_usd for f in rest)
        rows.append(
            [f"{len(rest):,} more functions", *([""] if where is not None else []), f"{idle:,}", dollars(amount), ""]
        )
    head = ["Function", *(["Page"] if where is not None else []), "Idle", "A month", "Stays"]
    return table(head, rows, numeric=range(1, len(head) - 1))


def _pages_by_function(offered: Sequence[Candidate]) -> dict[str, str]:
    pages: dict[str, list[int]] = {}
    for number, page in enumerate(pages_of(offered), start=1):
        for candidate in page:
            pages.setdefault(candidate.function_name, []).append(number)
    return {name: cut(ranges(numbers), TABLE_CELL) for name, numbers in pages.items()}


def functions_aloud(page: Page, summary: Summary, *, ticked: bool) -> Iterator[str]:
    """One sentence a function of this page: how many are idle, what they cost, which they are, and what stays."""
    functions = {function.name: function for function in summary.functions}
    of_page: dict[str, list[Candidate]] = {}
    for candidate in page.candidates:
        of_page.setdefault(candidate.function_name, []).append(candidate)
    for name, rows in of_page.items():
        idle = f"{count(len(rows), 'idle version')}, {a_month(monthly_sum(rows))}: {ranges(row.number for row in rows)}"
        kept = f"{_kept_aloud(rows)}{_unticked_aloud(rows, ticked=ticked)}"
        yield f"{name}: {idle}. Stays: {stays(functions[name])}.{kept}"


def _kept_aloud(rows: Sequence[Candidate]) -> str:
    kept: dict[str, list[int]] = {}
    for row in rows:
        if row.kept_by is not None:
            kept.setdefault(escape(kept_in_words(row)), []).append(row.number)
    return "".join(f" {ranges(numbers)} {words}." for words, numbers in kept.items())


def _unticked_aloud(rows: Sequence[Candidate], *, ticked: bool) -> str:
    unticked = [row.number for row in rows if not row.starts_ticked]
    return f" Not ticked: {ranges(unticked)}." if ticked and unticked else ""
