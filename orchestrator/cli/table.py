"""A report as people like to read it on a terminal: what may go, dearest first, what stays, and why."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from orchestrator.cli.scanning import Report
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.cost import Price
from orchestrator.domain.reasons import Flag
from orchestrator.domain.report import NotJudged
from orchestrator.domain.verdicts import in_totals
from orchestrator.domain.words import count, day, dollars
from orchestrator.scanner.confirming import IN_VAIN_AT_MOST

ROWS_SHOWN = 50
"""Versions with a line of their own; those after them are shown as ranges."""
FUNCTIONS_SHOWN = 40
"""Functions named at all; the rest is counted."""
FUNCTIONS_A_REASON = 8
"""Functions named beside one of AWS's own words; the rest is counted."""

ROOMY = 100
"""From so many characters on there is room for a version's runtime and memory."""

STYLE = {"title": "bold", "warning": "yellow", "dim": "dim"}


def headline(report: Report) -> str:
    """The result in one line: `48 idle versions cost about $234.00 a month`."""
    summary = report.summary
    idle = summary.candidates
    if not summary.snapstart:
        return f"No version with SnapStart in {report.region}"
    if idle and summary.monthly_usd:
        verb = "costs" if idle == 1 else "cost"
        return f"{count(idle, 'idle version')} {verb} about {dollars(summary.monthly_usd)} a month"
    if idle:
        return f"{count(idle, 'idle version')}, $0 now"
    if summary.not_judged:
        return f"Nothing to offer in {report.region}, but not every version could be judged"
    return f"Nothing to clean in {report.region}: none of {count(summary.snapstart, 'SnapStart version')} is idle"


def table(report: Report, *, width: int, colour: bool) -> str:
    """The whole result. Lines are at most `width` characters long, but no name and no word is ever cut."""
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="standard" if colour else None,
        force_terminal=colour,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    paragraphs = [
        _totals(report),
        _warnings(report),
        _rule(report),
        _functions(report),
        _one_by_one(report, width),
        _not_looked_at(report),
        _held(report),
        _not_judged(report),
        _footer(report),
    ]
    for number, paragraph in enumerate(filter(None, map(list, paragraphs))):
        if number:
            console.print()
        console.print(Group(*paragraph))
    drawn: str = console.file.getvalue()  # type: ignore[attr-defined] # it is the StringIO from above
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines())


def _totals(report: Report) -> Iterator[RenderableType]:
    summary = report.summary
    yield Text(headline(report), STYLE["title"])
    when = f"{day(report.scanned_at)} {report.scanned_at:%Y, %H:%M} UTC"
    yield Text(f"{report.region} · account {report.account_id} · {when}")
    prefix = report.policy.function_name_prefix
    where = f" of functions that begin with {prefix}" if prefix else ""
    yield Text(f"{count(summary.listed, 'version')}{where} listed, {summary.snapstart:,} with SnapStart")


def _warnings(report: Report) -> Iterator[RenderableType]:
    summary = report.summary
    days = count(report.policy.lookback_days, "day")
    if summary.snapstart and summary.region_active is False:
        yield _warning(
            f"No function in {report.region} was called in {days}. Either the region is abandoned or its metrics "
            "cannot be seen: an idle version and a blind eye look the same."
        )
    if summary.snapstart and summary.region_active is None:
        yield _warning(f"CloudWatch did not say whether anything in {report.region} was called in {days}.")
    if summary.period_widened:
        asked, used = report.policy.period_seconds, summary.lookback_period_seconds
        yield _warning(
            f"CloudWatch does not keep periods of {asked:,} seconds for {days}: calls were compared in periods of "
            f"{used:,} seconds."
        )


def _warning(words: str) -> Text:
    return Text.assemble(("Warning", STYLE["warning"]), f": {words}")


def _rule(report: Report) -> Iterator[RenderableType]:
    policy = report.policy
    if not report.summary.snapstart:
        return
    strict = f" Its function was not called at all in {count(policy.min_age_days, 'day')}."
    yield Text(
        f"Idle means: no calls in {count(policy.lookback_days, 'day')}; no alias, event source, resource policy, "
        f"running execution or keep tag refers to it; at least {count(policy.min_age_days, 'day')} old; not among "
        f"the newest {policy.keep_last_n} of its function." + (strict if policy.function_activity == "strict" else "")
    )


# What may go


def _functions(report: Report) -> Iterator[RenderableType]:
    """What is idle, function by function, and the sum."""
    summary = report.summary
    if not summary.candidates:
        return
    shown, unnamed = summary.functions[:FUNCTIONS_SHOWN], summary.functions[FUNCTIONS_SHOWN:]
    drawn = _headed(
        Column("Function", footer="All", overflow="fold", ratio=3),
        Column("Idle", footer=f"{summary.candidates:,}", justify="right"),
        Column("A month", footer=dollars(summary.monthly_usd), justify="right"),
        Column("Stays", overflow="fold", ratio=2),
        footer=True,
    )
    for function in shown:
        more = f", +{function.stays_more}" if function.stays_more else ""
        stays = f"{', '.join(function.stays)}{more}"
        drawn.add_row(function.name, f"{function.idle:,}", dollars(function.monthly_usd), stays)
    if unnamed:
        idle, usd = sum(function.idle for function in unnamed), sum(function.monthly_usd for function in unnamed)
        drawn.add_row(f"{count(len(unnamed), 'more function')}", f"{idle:,}", dollars(usd), "")
    yield drawn


def _one_by_one(report: Report, width: int) -> Iterator[RenderableType]:
    """The first versions, a line each; on a narrow terminal without what only sets the price."""
    candidates = report.candidates[:ROWS_SHOWN]
    if not candidates:
        return
    roomy = width >= ROOMY
    notes = [_note(candidate) for candidate in candidates]
    drawn = _headed(
        Column("Function", overflow="fold", ratio=1),
        Column("Version", justify="right"),
        Column("Published", justify="right"),
        Column("Last called", justify="right"),
        *([Column("Runtime"), Column("Memory", justify="right")] if roomy else []),
        Column("A month", justify="right"),
        *([Column("")] if any(notes) else []),
    )
    before = None
    for candidate, note in zip(candidates, notes, strict=True):
        name = candidate.function_name
        drawn.add_row(
            "" if name == before else name,
            str(candidate.number),
            candidate.published_on or count(candidate.age_days, "day"),
            _last_called(candidate),
            *([_runtime(candidate), f"{candidate.memory_mb:,} MB"] if roomy else []),
            dollars(candidate.monthly_usd),
            *([note] if any(notes) else []),
        )
        before = name
    yield drawn
    more = report.summary.candidates - len(candidates)
    if more > 0:
        yield Text(f"{len(candidates)} versions are shown one by one … and {more:,} more, see --format csv")


def _not_looked_at(report: Report) -> Iterator[RenderableType]:
    summary = report.summary
    if summary.not_looked_at:
        cost = f", about {dollars(summary.not_looked_at_usd)} a month," if summary.not_looked_at_usd else ""
        yield Text.assemble(
            ("Not looked at yet", STYLE["title"]),
            f": {count(summary.not_looked_at, 'more version')}{cost} passed every check so far. "
            + (
                f"--max-deletions {report.policy.max_deletions} ended the search."
                if summary.candidates >= report.policy.max_deletions
                else f"The search ends after {IN_VAIN_AT_MOST} that something holds after all."
            ),
        )


# What stays


def _held(report: Report) -> Iterator[RenderableType]:
    summary = report.summary
    if not summary.held:
        return
    of = f"{summary.held:,} of {count(summary.snapstart, 'version')}"
    yield Text.assemble(("Held", STYLE["title"]), f": {of} (one can have several reasons)")
    for flag, number in summary.held_by_flag.items():
        yield Text(f"  {number:>7,}  {in_totals(Flag(flag), report.policy)}")


def _not_judged(report: Report) -> Iterator[RenderableType]:
    summary = report.summary
    if not summary.not_judged:
        return
    of = f"{summary.not_judged:,} of {count(summary.snapstart, 'version')}"
    yield Text.assemble(("Not judged", STYLE["warning"]), f": {of}; what is not known is held")
    by_words: dict[str, list[NotJudged]] = {}
    for unjudged in summary.not_judged_rows:
        by_words.setdefault(unjudged.words, []).append(unjudged)
    for words, where in by_words.items():
        yield Padding(Text(words), (0, 0, 0, 2))
        named = [f"{one.function_name} {one.numbers}" for one in where[:FUNCTIONS_A_REASON]]
        if where[FUNCTIONS_A_REASON:]:
            named.append(count(len(where) - FUNCTIONS_A_REASON, "more function"))
        yield Padding(Text(" · ".join(named)), (0, 0, 0, 4))
    if summary.not_judged_more:
        yield Text(f"  … and {summary.not_judged_more:,} more, see --format csv")


def _footer(report: Report) -> Iterator[RenderableType]:
    summary = report.summary
    calls, shared = sum(summary.calls.values()), summary.calls.get("shared", 0)
    yield Text(_price_in_words(summary.price), STYLE["dim"])
    yield Text(
        f"{count(calls, 'call')} to AWS, {shared:,} of them on the account's shared quota. Nothing was changed. Every "
        "version with its reasons: --format csv or json.",
        STYLE["dim"],
    )


# Small things


def _headed(*columns: Column, footer: bool = False) -> Table:
    """A table as wide as the terminal, its columns named."""
    return Table(
        *columns, box=box.SIMPLE_HEAD, show_edge=False, expand=True, show_footer=footer, pad_edge=False, padding=(0, 1)
    )


def _last_called(candidate: Candidate) -> str:
    if not candidate.last_called_known:
        return "unknown"
    return candidate.last_called or "never"


def _runtime(candidate: Candidate) -> str:
    return candidate.runtime or ("container image" if candidate.package_type == "Image" else "unknown runtime")


def _note(candidate: Candidate) -> str:
    """What the money needs said beside it."""
    if candidate.free:
        return "Java is free"
    if candidate.state not in (None, "Active"):
        return f"{candidate.state}: $0 now"
    return "at most" if candidate.costs_at_most else ""


def _price_in_words(price: Price) -> str:
    published = date.fromisoformat(price.published)
    amount = f"{price.usd_per_gb_second:.10f}".rstrip("0")
    return (
        f"Estimate at list price: ${amount} per GB-second in {price.region}, {price.source} of {published.day} "
        f"{published:%b %Y}, 30-day month."
    )
