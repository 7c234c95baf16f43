"""What is read of one function, round by round: what to ask next, and what the answers say together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, TypeAlias

from orchestrator.aws.lookback import DAY, HOUR, Span, Window, seconds_of, utc
from orchestrator.aws.metric_data import (
    DATAPOINTS_A_CALL,
    INVOCATIONS,
    LATEST,
    THROTTLES,
    Answer,
    Points,
    Series,
    Unreadable,
)
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import LastCall, Missing, Unattributed, Usage

Json = dict[str, Any]

UNLISTED_AT_MOST = 1_000
"""Most version numbers that no listing shows and an alias is asked for, newest first: deleted versions ran too."""
FINE_POINTS_AT_MOST = 4 * DATAPOINTS_A_CALL
"""A function with more than so many datapoints by its period is compared by the hour instead."""

Executed: TypeAlias = int | str
"""What ran behind an alias: a version's number, or `$LATEST`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuestion:
    """What to ask about one function."""

    function_name: str
    numbers: tuple[int, ...]
    """All its published versions."""
    survivors: tuple[int, ...]
    """The versions still in question."""
    qualifiers: frozenset[str]
    """Its aliases, and whatever else ListMetrics has seen it called by."""
    targets: tuple[tuple[str, Executed], ...] = ()
    """What each alias points to now."""
    unseen: Missing | None = None
    """Why not all the qualifiers it may have been called by are known."""


class Round(IntEnum):
    """The rounds of asking, each only about what the ones before left open."""

    CALLED_AT_ALL = 1
    """The totals, the aliases and the versions in question, by the day."""
    THROUGH_ALIASES = 2
    """The open versions behind each alias that was called; who else may account for the total; who was throttled."""
    OTHERS_BEHIND_ALIASES = 3
    """The other listed versions behind an alias whose calls are not all accounted for."""
    DELETED_BEHIND_ALIASES = 4
    """Numbers that no listing shows, behind an alias whose calls still are not."""
    BY_PERIOD = 5
    """What holds anything, by the period, where a version is still open."""
    BY_HOUR = 6
    """The same of functions with so many callers that the period would be too fine."""

    def spans(self, window: Window) -> Sequence[Span]:
        """The time it asks about, and by what period."""
        return {Round.BY_PERIOD: window.by_period, Round.BY_HOUR: window.by_hour}.get(self, window.by_day)

    @property
    def by_day(self) -> bool:
        """Whether it asks by the day."""
        return self not in {Round.BY_PERIOD, Round.BY_HOUR}


@dataclass(frozen=True, slots=True)
class _Plan:
    """The series of one round, as little as their order can be made again from."""

    singles: tuple[tuple[str, str | None], ...] = ()
    """Metric and qualifier."""
    aliases: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    """Each of these behind each of the aliases."""
    pairs: tuple[tuple[str, Executed], ...] = ()

    def series(self, name: str) -> Iterator[Series]:
        for metric, qualifier in self.singles:
            yield Series(name, qualifier, metric=metric)
        for number in self.numbers:
            for alias in self.aliases:
                yield Series(name, alias, number)
        for alias, executed in self.pairs:
            yield Series(name, alias, executed)


@dataclass(slots=True)
class Reading:
    """What has been read of one function so far."""

    question: UsageQuestion
    window: Window
    _plan: _Plan = _Plan()
    _open: tuple[int, ...] = ()
    """The versions that were asked for behind each called alias."""
    _calls: dict[int, LastCall] = field(default_factory=dict)
    _unreadable: dict[int, str] = field(default_factory=dict)
    _function_last: int = 0
    _qualified_last: int = 0
    _busy: set[tuple[str, str | None]] = field(default_factory=set)
    """Metrics and qualifiers with anything in them."""
    _unread: set[tuple[str, str | None]] = field(default_factory=set)
    """Those that could not be read: they may hold anything."""
    _busy_pairs: set[tuple[str, Executed]] = field(default_factory=set)
    _total_unread: str | None = None
    _part_unread: str | None = None
    _by_day: dict[tuple[str, str], Points] = field(default_factory=dict)
    """What is not accounted for, by metric and alias (empty: the function); zeros are dropped."""
    _by_period: dict[tuple[str, str], Points] = field(default_factory=dict)
    """The same by the period, of settled periods only."""
    _throttled_aliases: dict[str, set[int]] = field(default_factory=dict)
    _period: int = DAY

    # What to ask

    def plan(self, this: Round) -> None:
        """Plan a round on what is known now."""
        open_ = self.open_versions
        plans: Mapping[Round, Callable[[], _Plan]] = {
            Round.CALLED_AT_ALL: self._called_at_all,
            Round.THROUGH_ALIASES: self._through_aliases,
            Round.OTHERS_BEHIND_ALIASES: self._others_behind_aliases,
            Round.DELETED_BEHIND_ALIASES: self._deleted_behind_aliases,
            Round.BY_PERIOD: lambda: _Plan() if self._too_fine else self._by_the_period(),
            Round.BY_HOUR: lambda: self._by_the_period() if self._too_fine else _Plan(),
        }
        self._plan = plans[this]() if open_ or this is Round.CALLED_AT_ALL else _Plan()

    def series(self) -> Iterator[Series]:
        """The series of the planned round."""
        return self._plan.series(self.question.function_name)

    @property
    def open_versions(self) -> tuple[int, ...]:
        """The versions in question that no call has convicted, and that could be asked about so far."""
        return tuple(n for n in self.question.survivors if n not in self._calls and n not in self._unreadable)

    @property
    def _aliases(self) -> list[str]:
        return sorted(qualifier for qualifier in self.question.qualifiers if _is_alias(qualifier))

    @property
    def _busy_aliases(self) -> tuple[str, ...]:
        return tuple(alias for alias in self._aliases if (INVOCATIONS, alias) in self._busy | self._unread)

    @property
    def _other_numbers(self) -> list[int]:
        seen = {int(qualifier) for qualifier in self.question.qualifiers if qualifier.isdigit()}
        return sorted({*self.question.numbers, *seen} - set(self.question.survivors))

    def _called_at_all(self) -> _Plan:
        known = ["", LATEST, *self._aliases, *map(str, self.question.survivors)]
        known += sorted(q for q in self.question.qualifiers if q.startswith("$") and q != LATEST)
        return _Plan(singles=((INVOCATIONS, None), (THROTTLES, None), *((INVOCATIONS, one) for one in known)))

    def _through_aliases(self) -> _Plan:
        self._open = self.open_versions
        aliases, others = self._busy_aliases, self._other_numbers
        singles = [(INVOCATIONS, str(number)) for number in others] if self._by_day.get((INVOCATIONS, "")) else []
        if (THROTTLES, None) in self._busy | self._unread:
            numbers = [*self.question.survivors, *others]
            singles += [(THROTTLES, one) for one in ("", LATEST, *self._aliases, *map(str, numbers))]
        targets = [to for to in self.question.targets if to[0] in aliases and to[1] not in self._open]
        return _Plan(singles=tuple(singles), aliases=aliases, numbers=self._open, pairs=tuple(targets))

    def _others_behind_aliases(self) -> _Plan:
        asked = set(self.question.targets)
        others = [n for n in (*self.question.survivors, *self._other_numbers) if n not in self._open]
        behind: tuple[Executed, ...] = (*others, LATEST)
        pairs = [(alias, one) for alias in self._unaccounted for one in behind if (alias, one) not in asked]
        return _Plan(pairs=tuple(pairs))

    def _deleted_behind_aliases(self) -> _Plan:
        listed = {*self.question.survivors, *self._other_numbers}
        unlisted = [number for number in range(max(listed, default=0), 0, -1) if number not in listed]
        return _Plan(pairs=tuple((a, number) for a in self._unaccounted for number in unlisted[:UNLISTED_AT_MOST]))

    @property
    def _unaccounted(self) -> list[str]:
        """The called aliases whose calls by the day are not those of the versions that ran behind them."""
        return [alias for alias in self._busy_aliases if self._by_day.get((INVOCATIONS, alias))]

    def _by_the_period(self) -> _Plan:
        singles = sorted(self._busy, key=lambda one: (one[0], one[1] or "", one[1] is not None))
        return _Plan(singles=tuple(singles), pairs=tuple(sorted(self._busy_pairs, key=str)))

    @property
    def _too_fine(self) -> bool:
        (span,) = self.window.by_period
        return (len(self._busy) + len(self._busy_pairs)) * span.points > FINE_POINTS_AT_MOST

    # What was answered

    def take(self, series: Series, answer: Answer, this: Round) -> None:
        """Add what came of one series."""
        if isinstance(answer, Unreadable):
            self._cannot_read(series, answer.words)
            return
        if not this.by_day:
            self._period = HOUR if this is Round.BY_HOUR else self.window.period_seconds
        if not answer:
            return
        if series.executed is None:
            self._busy.add((series.metric, series.qualifier))
        elif series.qualifier is not None:
            self._busy_pairs.add((series.qualifier, series.executed))
        self._account(series, answer, this)
        start = seconds_of(self.window.start)
        # A day that began before the window may hold calls from before it: its periods will tell.
        newest = max((at for at in answer if not this.by_day or at >= start), default=None)
        if newest is not None:
            self._note_newest(series, newest)
        if series.metric == THROTTLES and not this.by_day and series.qualifier and _is_alias(series.qualifier):
            self._throttled_aliases.setdefault(series.qualifier, set()).update(answer)

    def _cannot_read(self, series: Series, words: str) -> None:
        if series.executed is None:
            self._unread.add((series.metric, series.qualifier))
        if series.version is not None:
            self._unreadable[series.version] = words
        if series.qualifier is None:
            self._total_unread = words
        elif series.executed is None:
            self._part_unread = words

    def _note_newest(self, series: Series, newest: int) -> None:
        if series.version is not None:
            before = self._calls.get(series.version)
            if before is None or before.at < utc(newest):
                self._calls[series.version] = LastCall(utc(newest), series.qualifier if series.executed else None)
        if series.metric == THROTTLES:
            return
        if series.qualifier is None:
            self._function_last = max(self._function_last, newest)
        elif series.qualifier not in {"", LATEST}:
            self._qualified_last = max(self._qualified_last, newest)

    def _account(self, series: Series, points: Points, this: Round) -> None:
        """Set a total against its parts: the function's against its qualifiers, an alias's against its versions."""
        metric = series.metric
        if series.executed is not None:
            self._add((metric, str(series.qualifier)), points, -1, this)
            return
        self._add((metric, ""), points, 1 if series.qualifier is None else -1, this)
        if metric == INVOCATIONS and series.qualifier and _is_alias(series.qualifier):
            self._add((metric, series.qualifier), points, 1, this)

    def _add(self, whose: tuple[str, str], points: Points, sign: int, this: Round) -> None:
        balance = (self._by_day if this.by_day else self._by_period).setdefault(whose, {})
        last = seconds_of(self.window.end) if this.by_day else seconds_of(self.window.settled_end) - self._period
        for at, value in points.items():
            if at <= last:
                left = balance.pop(at, 0) + sign * value
                if left:
                    balance[at] = left

    # What it says together

    def usage(self) -> Usage:
        """Sum up, once every round was taken."""
        balances = self._settled_days() if self._period == DAY else self._by_period
        return Usage(
            asked=frozenset(self.question.survivors) - self._unreadable.keys(),
            calls=self._calls,
            unreadable={number: Missing(Check.INVOCATIONS, words) for number, words in self._unreadable.items()},
            function_last=utc(self._function_last) if self._function_last else None,
            qualified_last=utc(self._qualified_last) if self._qualified_last else None,
            unexplained=self.question.unseen or self._unexplained(balances),
            unattributed=tuple(self._unattributed(balances)),
        )

    def _settled_days(self) -> dict[tuple[str, str], Points]:
        last = seconds_of(self.window.settled_end) - DAY
        return {
            whose: {at: left for at, left in balance.items() if at <= last} for whose, balance in self._by_day.items()
        }

    def _unexplained(self, balances: Mapping[tuple[str, str], Points]) -> datetime | Missing | None:
        """The newest period that the known callers do not account for.

        A caller whose series could not be read is needed only where the others leave something: calls are never
        negative, so parts that add up to the total leave none for it.
        """
        if self._total_unread is not None:
            return Missing(Check.FUNCTION_TOTAL, self._total_unread)
        left = [at for metric in (INVOCATIONS, THROTTLES) for at in balances.get((metric, ""), ())]
        if not left:
            return None
        return utc(max(left)) if self._part_unread is None else Missing(Check.FUNCTION_TOTAL, self._part_unread)

    def _unattributed(self, balances: Mapping[tuple[str, str], Points]) -> Iterator[Unattributed]:
        """The calls through aliases of which nothing tells which version ran; a throttled call ran none."""
        for alias in self._aliases:
            periods = {*balances.get((INVOCATIONS, alias), ()), *self._throttled_aliases.get(alias, ())}
            for start, end in _stretches(sorted(periods), self._period):
                yield Unattributed(alias, utc(start), utc(end))

    # Handing on

    def to_dict(self) -> Json:
        """What is known, to continue from."""
        return {
            "plan": [list(self._plan.singles), self._plan.aliases, self._plan.numbers, list(self._plan.pairs)],
            "open": self._open,
            "calls": [[number, int(call.at.timestamp()), call.through] for number, call in self._calls.items()],
            "unreadable": list(self._unreadable.items()),
            "last": [self._function_last, self._qualified_last],
            "busy": sorted(self._busy, key=str),
            "not_read": sorted(self._unread, key=str),
            "pairs": sorted(self._busy_pairs, key=str),
            "unread": [self._total_unread, self._part_unread],
            "by_day": _balances_to_list(self._by_day),
            "by_period": _balances_to_list(self._by_period),
            "throttled": [[alias, sorted(periods)] for alias, periods in self._throttled_aliases.items()],
            "period": self._period,
        }

    def resume(self, data: Mapping[str, Any]) -> None:
        """Continue from what was known."""
        singles, aliases, numbers, pairs = data["plan"]
        self._plan = _Plan(
            tuple((metric, qualifier) for metric, qualifier in singles),
            tuple(aliases),
            tuple(numbers),
            tuple((alias, executed) for alias, executed in pairs),
        )
        self._open = tuple(data["open"])
        self._calls = {number: LastCall(utc(at), through) for number, at, through in data["calls"]}
        self._unreadable = dict(data["unreadable"])
        self._function_last, self._qualified_last = data["last"]
        self._busy = {(metric, qualifier) for metric, qualifier in data["busy"]}
        self._unread = {(metric, qualifier) for metric, qualifier in data["not_read"]}
        self._busy_pairs = {(alias, executed) for alias, executed in data["pairs"]}
        self._total_unread, self._part_unread = data["unread"]
        self._by_day = _balances_of(data["by_day"])
        self._by_period = _balances_of(data["by_period"])
        self._throttled_aliases = {alias: set(periods) for alias, periods in data["throttled"]}
        self._period = data["period"]


def _is_alias(qualifier: str) -> bool:
    """Tell an alias from a number, and from `$LATEST` and its like, which no alias may be named."""
    return qualifier != "" and not qualifier.isdigit() and not qualifier.startswith("$")


def _stretches(periods: Iterable[int], seconds: int) -> Iterator[tuple[int, int]]:
    """Periods that follow one another as one stretch each: where it begins, and where it ends."""
    start = end = None
    for at in periods:
        if start is None or end is None:
            start = at
        elif at != end:
            yield start, end
            start = at
        end = at + seconds
    if start is not None and end is not None:
        yield start, end


def _balances_to_list(balances: Mapping[tuple[str, str], Points]) -> list[Any]:
    return [[metric, alias, list(points.items())] for (metric, alias), points in balances.items()]


def _balances_of(data: Iterable[Any]) -> dict[tuple[str, str], Points]:
    return {(metric, alias): dict(points) for metric, alias, points in data}
