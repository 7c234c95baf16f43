"""Why the held versions of one function are held: a line a reason, versions with the same reason together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from orchestrator.domain.judging import Assessment
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Flag
from orchestrator.domain.verdicts import in_full, in_totals
from orchestrator.domain.words import ranges


def held_lines(held: Sequence[Assessment], policy: Policy) -> tuple[str, ...]:
    """The lines of one function, such as `307-313: called 17-23 Oct, through live` with en dashes."""
    return tuple(line for flag in Flag for line in _lines(flag, [a for a in held if flag in a.flags], policy))


def _lines(flag: Flag, held: Sequence[Assessment], policy: Policy) -> Iterator[str]:
    if not held:
        return
    if flag is Flag.TOO_RECENT:
        yield _line(held, in_totals(flag, policy))
    elif flag is Flag.PROTECTED_KEPT_LAST_N:
        yield _line(held, _newest(len(held), policy))
    elif flag is Flag.HAS_RECENT_INVOCATIONS:
        yield from _called(held)
    else:
        for words in dict.fromkeys(in_full(flag, assessment, policy) for assessment in held):
            yield _line([a for a in held if in_full(flag, a, policy) == words], words)


def _line(held: Sequence[Assessment], words: str) -> str:
    return f"{ranges(assessment.version.number for assessment in held)}: {words}"


def _newest(held: int, policy: Policy) -> str:
    """The newest N; where more than N are held, it says why: what cannot be invoked is nothing to go back to."""
    newest = f"among the newest {policy.keep_last_n}" if policy.keep_last_n > 1 else "the newest"
    if held <= policy.keep_last_n:
        return newest
    works = f"the newest {policy.keep_last_n} that work are" if policy.keep_last_n > 1 else "the newest that works is"
    return f"{newest} or, since not all of those can be invoked, {works} kept as well"


def _called(held: Sequence[Assessment]) -> Iterator[str]:
    """When they were called last, by whom: one line for each alias, and one for calls by number."""
    ways = {_way(assessment): None for assessment in held}
    for way in ways:
        group = [assessment for assessment in held if _way(assessment) == way]
        days = sorted(assessment.last_call.at.date() for assessment in group if assessment.last_call is not None)
        yield _line(group, f"called{_span(days)}{way}")


def _way(assessment: Assessment) -> str:
    if assessment.last_call is None:
        return ""
    return f", through `{assessment.last_call.through}`" if assessment.last_call.through else ", by number"


def _span(days: Sequence[date]) -> str:
    if not days:
        return ""
    first, last = days[0], days[-1]
    if first == last:
        return f" {last.day} {last:%b}"
    if (first.year, first.month) == (last.year, last.month):
        return f" {first.day}–{last.day} {last:%b}"  # noqa: RUF001
    return f" {first.day} {first:%b} to {last.day} {last:%b}"
