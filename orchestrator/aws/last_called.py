"""Ask on which days versions were called, over the fifteen months that CloudWatch remembers.

It decides nothing, and is asked only about versions that are offered: a person should see that a version was called in
August, or never, or in spells that the lookback is too short for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from orchestrator.aws.lookback import HOUR, RETENTION, utc, window
from orchestrator.aws.metric_data import Series, Unreadable, ask
from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import CallHistory, Missing

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

SERIES_AT_MOST = 20_000
"""Most series that one round asks about, so that it takes less than a minute; what is beyond is not known."""
DAYS = RETENTION[-1][1] // (24 * HOUR) - 1
"""The whole days of the fifteen months; the day that is about to be forgotten is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuestion:
    """Which versions of a function to ask about, and the aliases they may have been called through."""

    function_name: str
    numbers: tuple[int, ...]
    aliases: tuple[str, ...]


def call_histories(
    cloudwatch: CloudWatchClient,
    questions: Sequence[HistoryQuestion],
    now: datetime,
    lookback_days: int,
    pool: Executor,
) -> dict[VersionKey, CallHistory | Missing]:
    """Return when each version was called; Missing where that could not be read. Raises CredentialsError."""
    days: dict[VersionKey, set[date]] = {(q.function_name, number): set() for q in questions for number in q.numbers}
    missing: dict[VersionKey, Missing] = {}
    spans = window(now, DAYS, HOUR).by_day
    called: dict[str, list[str]] = {}

    def hear(wanted: Iterable[Series]) -> None:
        for series, answer in ask(cloudwatch, wanted, spans, pool):
            key = (series.function_name, series.version or 0)
            if key not in days:  # an alias as a whole
                if answer:
                    called.setdefault(series.function_name, []).append(str(series.qualifier))
            elif isinstance(answer, Unreadable):
                missing[key] = Missing(Check.INVOCATIONS, answer.words)
            else:
                days[key].update(utc(at).date() for at in answer)

    asked = _within_bounds(questions, {q.function_name: len(q.aliases) + len(q.numbers) for q in questions})
    hear(Series(q.function_name, qualifier) for q in asked for qualifier in (*q.aliases, *map(str, q.numbers)))
    sizes = {q.function_name: len(called.get(q.function_name, ())) * len(q.numbers) for q in asked}
    behind = _within_bounds(asked, sizes)
    hear(
        Series(q.function_name, alias, number)
        for q in behind
        for alias in called.get(q.function_name, ())
        for number in q.numbers
    )
    complete = {q.function_name for q in behind}
    return {
        key: missing[key]
        if key in missing
        else history_of(seen, lookback_days)
        if key[0] in complete
        else Missing(Check.INVOCATIONS, f"more than {SERIES_AT_MOST:,} series")
        for key, seen in days.items()
    }


def _within_bounds(questions: Sequence[HistoryQuestion], sizes: Mapping[str, int]) -> list[HistoryQuestion]:
    """The questions that can be asked with no more series than one round may have, in their order."""
    kept, left = [], SERIES_AT_MOST
    for question in questions:
        if sizes[question.function_name] <= left:
            left -= sizes[question.function_name]
            kept.append(question)
    return kept


def history_of(days: Iterable[date], lookback_days: int) -> CallHistory:
    """What the days with calls say: the last one, and whether two lie further apart than the lookback."""
    in_order = sorted(days)
    gaps = (later - earlier for earlier, later in pairwise(in_order))
    return CallHistory(
        in_order[-1] if in_order else None, in_spells=any(gap > timedelta(days=lookback_days) for gap in gaps)
    )
