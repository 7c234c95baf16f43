"""A report as people like to read it on a terminal: what may go, dearest first, what stays, and why."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from orchestrator.cli.scanning import Report
from orchestrator.domain.cost import Price
from orchestrator.domain.reasons import Flag
from orchestrator.domain.report import Candidate, IdleFunction, NotJudged
from orchestrator.domain.words import count, day, dollars, in_totals, ranges

ROWS_SHOWN = 50
"""Versions with a line of their own; those after them are shown as ranges."""
FUNCTIONS_SHOWN = 40
"""Functions named at all; the rest is counted."""
FUNCTIONS_A_REASON = 8
"""Functions named beside one of AWS's own words; the rest is counted."""

_BOLD, _DIM, _YELLOW, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[0m"


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
    return _Table(report, width, colour).text()


@dataclass(frozen=True, slots=True)
class _Table:
    """One report, laid out as paragraphs."""

    report: Report
    width: int
    colour: bool

    def text(self) -> str:
        paragraphs = [
            self._totals(),
            self._warnings(),
            self._rule(),
            self._idle(),
            self._not_looked_at(),
            self._held(),
            self._not_judged(),
            self._footer(),
        ]
        written = ["".join(f"{line}\n" for line in paragraph) for paragraph in paragraphs]
        return "\n".join(paragraph for paragraph in written if paragraph)

    def _totals(self) -> Iterator[str]:
        report, summary = self.report, self.report.summary
        yield self._in(_BOLD, headline(report))
        when = f"{day(report.scanned_at)} {report.scanned_at:%Y, %H:%M} UTC"
        yield from self._wrapped(f"{report.region} · account {report.account_id} · {when}")
        prefix = report.policy.function_name_prefix
        where = f" of functions that begin with {prefix}" if prefix else ""
        listed = count(summary.listed, "version")
        yield from self._wrapped(f"{listed}{where} listed, {summary.snapstart:,} with SnapStart")

    def _warnings(self) -> Iterator[str]:
        report, summary = self.report, self.report.summary
        days = count(report.policy.lookback_days, "day")
        if summary.snapstart and summary.region_active is False:
            yield from self._warned(
                f"No function in {report.region} was called in {days}. Either the region is abandoned or its metrics "
                "cannot be seen: an idle version and a blind eye look the same."
            )
        if summary.snapstart and summary.region_active is None:
            yield from self._warned(f"CloudWatch did not say whether anything in {report.region} was called in {days}.")
        if summary.period_widened:
            asked, used = report.policy.period_seconds, summary.lookback_period_seconds
            yield from self._warned(
                f"CloudWatch does not keep periods of {asked:,} seconds for {days}: calls were compared in periods of "
                f"{used:,} seconds."
            )

    def _rule(self) -> Iterator[str]:
        policy = self.report.policy
        if not self.report.summary.snapstart:
            return
        strict = f" Its function was not called at all in {count(policy.min_age_days, 'day')}."
        yield from self._wrapped(
            f"Idle means: no calls in {count(policy.lookback_days, 'day')}; no alias, event source, resource policy, "
            f"running execution or keep tag refers to it; at least {count(policy.min_age_days, 'day')} old; not among "
            f"the newest {policy.keep_last_n} of its function."
            + (strict if policy.function_activity == "strict" else "")
        )

    # What may go

    def _idle(self) -> Iterator[str]:
        summary = self.report.summary
        if not summary.candidates:
            return
        rows = _rows_by_function(self.report.candidates)
        columns = _Columns.of(self.report.candidates, summary.monthly_usd)
        left = ROWS_SHOWN
        for function in summary.functions[:FUNCTIONS_SHOWN]:
            candidates = rows[function.name]
            shown, others = candidates[:left], candidates[left:]
            left -= len(shown)
            yield from self._function(function, columns, "" if shown else f" ({_numbers(others)})")
            yield from (columns.row(candidate) for candidate in shown)
            if shown and others:
                yield from self._wrapped(f"and {_numbers(others)}", indent=columns.margin)
            if shown:
                yield ""
        unnamed = summary.functions[FUNCTIONS_SHOWN:]
        if unnamed:
            cost = dollars(sum(function.monthly_usd for function in unnamed))
            yield f"… and {count(len(unnamed), 'more function')}, {cost} a month"
        if not left:
            yield ""
        total = f"{columns.money(summary.monthly_usd)} a month"
        yield f"{self._in(_BOLD, total)}  {count(summary.candidates, 'version')} in all"
        if summary.candidates > ROWS_SHOWN:
            more = summary.candidates - ROWS_SHOWN
            yield f"{ROWS_SHOWN} versions are shown one by one … and {more:,} more, see --format csv"

    def _function(self, function: IdleFunction, columns: _Columns, numbers: str) -> Iterator[str]:
        more = f", +{function.stays_more}" if function.stays_more else ""
        tail = f"{function.idle:,} idle{numbers}, stays {', '.join(function.stays)}{more}"
        title = f"{columns.money(function.monthly_usd)} a month  {function.name}"
        if len(title) + 2 + len(tail) <= self.width:
            yield f"{self._in(_BOLD, title)}  {tail}"
        else:
            yield self._in(_BOLD, title)
            yield from self._wrapped(tail, indent=columns.margin)

    def _not_looked_at(self) -> Iterator[str]:
        summary = self.report.summary
        if summary.not_looked_at:
            cost = f", about {dollars(summary.not_looked_at_usd)} a month," if summary.not_looked_at_usd else ""
            yield from self._wrapped(
                f"{self._in(_BOLD, 'Not looked at yet')}: {count(summary.not_looked_at, 'more version')}{cost} passed "
                f"every check so far. --max-deletions {self.report.policy.max_deletions} ended the search."
            )

    # What stays

    def _held(self) -> Iterator[str]:
        summary, policy = self.report.summary, self.report.policy
        if not summary.held:
            return
        of = f"{summary.held:,} of {count(summary.snapstart, 'version')}"
        yield f"{self._in(_BOLD, 'Held')}: {of} (one can have several reasons)"
        for flag, number in summary.held_by_flag.items():
            yield f"  {number:>7,}  {in_totals(Flag(flag), policy)}"

    def _not_judged(self) -> Iterator[str]:
        summary = self.report.summary
        if not summary.not_judged:
            return
        title = self._in(_YELLOW, "Not judged")
        yield f"{title}: {summary.not_judged:,} of {count(summary.snapstart, 'version')}; what is not known is held"
        by_words: dict[str, list[NotJudged]] = {}
        for unjudged in summary.not_judged_rows:
            by_words.setdefault(unjudged.words, []).append(unjudged)
        for words, where in by_words.items():
            yield from self._wrapped(words, indent=2)
            named = [f"{one.function_name} {one.numbers}" for one in where[:FUNCTIONS_A_REASON]]
            if where[FUNCTIONS_A_REASON:]:
                named.append(count(len(where) - FUNCTIONS_A_REASON, "more function"))
            yield from self._wrapped(" · ".join(named), indent=4)
        if summary.not_judged_more:
            yield f"  … and {summary.not_judged_more:,} more, see --format csv"

    def _footer(self) -> Iterator[str]:
        summary = self.report.summary
        calls = sum(summary.calls.values())
        shared = summary.calls.get("shared", 0)
        yield from self._dimmed(_price_in_words(summary.price))
        yield from self._dimmed(
            f"{count(calls, 'call')} to AWS, {shared:,} of them on the account's shared quota. Nothing was changed. "
            "Every version with its reasons: --format csv or json."
        )

    # Small things

    def _wrapped(self, text: str, *, indent: int = 0) -> list[str]:
        margin = " " * indent
        return textwrap.wrap(
            text,
            self.width,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _warned(self, text: str) -> Iterator[str]:
        first, *others = self._wrapped(f"Warning: {text}")
        yield first.replace("Warning", self._in(_YELLOW, "Warning"), 1)
        yield from others

    def _dimmed(self, text: str) -> Iterator[str]:
        return (self._in(_DIM, line) for line in self._wrapped(text))

    def _in(self, style: str, text: str) -> str:
        return f"{style}{text}{_PLAIN}" if self.colour else text


@dataclass(frozen=True, slots=True)
class _Columns:
    """How wide each column of the rows is, so that all functions line up."""

    money_width: int
    number_width: int
    age_width: int
    runtime_width: int
    memory_width: int

    @classmethod
    def of(cls, candidates: Iterable[Candidate], total: float) -> _Columns:
        """Columns that fit every candidate and the total."""
        everyone = list(candidates)
        return cls(
            money_width=len(dollars(total)),
            number_width=max(len(str(c.number)) for c in everyone),
            age_width=max(len(count(c.age_days, "day")) for c in everyone),
            runtime_width=max(len(_runtime(c)) for c in everyone),
            memory_width=max(len(_memory(c)) for c in everyone),
        )

    @property
    def margin(self) -> int:
        """Where the versions of a function stand."""
        return self.money_width + 4

    def money(self, amount: float) -> str:
        """Dollars in their column."""
        return f"{dollars(amount):>{self.money_width}}"

    def row(self, candidate: Candidate) -> str:
        """One version."""
        cells = [
            f"  {self.money(candidate.monthly_usd)}",
            f"{candidate.number:>{self.number_width}}",
            f"{count(candidate.age_days, 'day'):>{self.age_width}}",
            f"{_runtime(candidate):<{self.runtime_width}}",
            f"{_memory(candidate):>{self.memory_width}}",
            _note(candidate),
        ]
        return "  ".join(cells).rstrip()


def _rows_by_function(candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    rows: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        rows.setdefault(candidate.function_name, []).append(candidate)
    return rows


def _numbers(candidates: Iterable[Candidate]) -> str:
    return ranges(candidate.number for candidate in candidates)


def _runtime(candidate: Candidate) -> str:
    return candidate.runtime or ("container image" if candidate.package_type == "Image" else "unknown runtime")


def _memory(candidate: Candidate) -> str:
    return f"{candidate.memory_mb:,} MB"


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
