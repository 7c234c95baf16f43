"""The functions of a run: as a table for the eye, and a sentence each for the ear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestrator.domain.candidates import Candidate
from orchestrator.domain.report import IdleFunction, Summary
from orchestrator.domain.runs import Page
from orchestrator.domain.words import count, dollars, ranges
from orchestrator.slack.message.blocks import TABLE_CELL, Json, table
from orchestrator.slack.message.boxes import kept_in_words
from orchestrator.slack.message.text import a_month, cut, cut_in_the_middle, escape, monthly_sum

TABLE_FUNCTIONS = 6
"""With more functions than this the dearest are shown, and the others summed up."""
STAYS_CELL = 16
"""Characters of what stays of a function in the table: the newest one or two versions."""


def stays(function: IdleFunction) -> str:
    """What stays of a function: `58 live, 57, 56 and 18 more`."""
    more = f" and {function.stays_more:,} more" if function.stays_more else ""
    return f"{escape(', '.join(function.stays))}{more}" if function.stays else "nothing"


def _stays_cell(function: IdleFunction) -> str:
    for shown in range(len(function.stays), 0, -1):
        more = function.stays_more + len(function.stays) - shown
        cell = ", ".join([*function.stays[:shown], *([f"+{more:,}"] if more else [])])
        if len(cell) <= STAYS_CELL:
            return cell
    return cut(", ".join(function.stays), STAYS_CELL)


def functions_table(page: Page, summary: Summary) -> Json | None:
    """The functions of a page: idle, a month, and what stays; None where it would say nothing new.

    The dearest ones alone, so that the buttons stay on the screen.
    """
    if not earns_a_table(page.candidates):
        return None
    known = {function.name: function for function in summary.functions}
    rows = [[*cells, _stays_cell(known[name]) if name in known else ""] for name, cells in _rows_of(page.candidates)]
    return table(["Function", "Idle", "A month", "Stays"], rows, numeric=(1, 2))


def table_text(candidates: Sequence[Candidate]) -> int:
    """How many characters the table of these candidates holds at most."""
    if not earns_a_table(candidates):
        return 0
    head = len("FunctionIdleA monthStays")
    return head + sum(STAYS_CELL + sum(map(len, cells)) for _, cells in _rows_of(candidates))


def earns_a_table(candidates: Sequence[Candidate]) -> bool:
    """Whether a table says something: with one function, or one version a function, it would repeat the boxes."""
    functions = {candidate.function_name for candidate in candidates}
    return 1 < len(functions) < len(candidates)


def _rows_of(candidates: Sequence[Candidate]) -> Iterator[tuple[str, list[str]]]:
    """Name, idle versions and money of each function of a page, and of all others together."""
    functions = list(by_function_name(candidates).items())
    shown = functions if len(functions) <= TABLE_FUNCTIONS + 1 else functions[:TABLE_FUNCTIONS]
    for name, rows in shown:
        yield name, [cut_in_the_middle(name, TABLE_CELL), f"{len(rows):,}", dollars(monthly_sum(rows))]
    rest = [row for _, rows in functions[len(shown) :] for row in rows]
    if rest:
        yield "", [f"{len(functions) - len(shown)} more functions", f"{len(rest):,}", dollars(monthly_sum(rest))]


def by_function_name(candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    """The candidates of each function, functions in the order they come."""
    functions: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        functions.setdefault(candidate.function_name, []).append(candidate)
    return functions


def functions_aloud(page: Page, summary: Summary, *, ticked: bool) -> Iterator[str]:
    """One sentence a function of this page: how many are idle, what they cost, which they are, and what stays."""
    functions = {function.name: function for function in summary.functions}
    for name, rows in by_function_name(page.candidates).items():
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
