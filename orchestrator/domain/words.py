"""Say a verdict in words: in totals, in full, and as the reason an approved version was skipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from orchestrator.domain.policy import Assessment, Policy
from orchestrator.domain.reasons import Flag

KEEP_TAG = "snapstart-cleaner:keep"


def day(moment: datetime) -> str:
    """A day as people in a thread say it: `19 Nov`."""
    return f"{moment.day} {moment:%b}"


def dollars(amount: float) -> str:
    """US dollars with cents and thousands separators: `$1,234.50`."""
    return f"${amount:,.2f}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 version`, `2,000 versions`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ranges(numbers: Iterable[int]) -> str:
    """Version numbers as a reader scans them: `12-31, 33, 35-37` with en dashes."""
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in _runs(numbers))  # noqa: RUF001


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    first: int | None = None
    last = 0
    for number in sorted(set(numbers)):
        if first is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            yield first, last
        first = last = number
    if first is not None:
        yield first, last


def in_totals(flag: Flag, policy: Policy) -> str:
    """A flag's few words in a row of counts, such as `212 called in 35 days`."""
    return {
        Flag.TOO_RECENT: f"under {policy.min_age_days} days old",
        Flag.PROTECTED_KEPT_LAST_N: f"newest {policy.keep_last_n}",
        Flag.ALIAS_PROTECTED: "behind an alias",
        Flag.HAS_RECENT_INVOCATIONS: f"called in {policy.lookback_days} days",
        Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN: "with unexplained calls",
        Flag.EVENT_SOURCE_MAPPING_PROTECTED: "on an event source",
        Flag.RESOURCE_POLICY_PROTECTED: "with a resource policy",
        Flag.DURABLE_EXECUTION_RUNNING: "running",
        Flag.TAG_PROTECTED: "tagged keep",
        Flag.STATE_NOT_ELIGIBLE: "in another state",
        Flag.OUTSIDE_DELETE_SCOPE: "out of scope",
        Flag.NOT_JUDGED: "not judged",
        Flag.NO_ACTIVITY_AND_STALE: "idle",
    }[flag]


def in_full(flag: Flag, assessment: Assessment, policy: Policy) -> str:
    """A flag's whole sentence about one version."""
    match flag:
        case Flag.TOO_RECENT:
            return f"published {count(assessment.age_days or 0, 'day')} ago; the rule is {policy.min_age_days}"
        case Flag.PROTECTED_KEPT_LAST_N:
            return f"among the newest {policy.keep_last_n} of its function"
        case Flag.ALIAS_PROTECTED:
            return ", ".join(_alias_in_words(name, weight) for name, weight in assessment.aliases)
        case Flag.HAS_RECENT_INVOCATIONS:
            return f"last {_called(assessment)}{_through(assessment)}"
        case Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN:
            when = f" on {day(assessment.function_last)}" if assessment.function_last else ""
            return f"its function was called{when} and no version or alias accounts for it"
        case Flag.EVENT_SOURCE_MAPPING_PROTECTED:
            return "an event source mapping calls it"
        case Flag.RESOURCE_POLICY_PROTECTED:
            return "a resource policy names it"
        case Flag.DURABLE_EXECUTION_RUNNING:
            return "a durable execution runs on it"
        case Flag.TAG_PROTECTED:
            return f"tag `{KEEP_TAG}`"
        case Flag.STATE_NOT_ELIGIBLE:
            return f"its State is {assessment.state.name if assessment.state else 'unknown'}"
        case Flag.OUTSIDE_DELETE_SCOPE:
            return "not under `DELETABLE_PREFIX`, or one of this app's own functions"
        case Flag.NOT_JUDGED:
            return missing_in_words(assessment)
        case Flag.NO_ACTIVITY_AND_STALE:
            return "idle: nothing calls it and nothing refers to it"


def missing_in_words(assessment: Assessment) -> str:
    """Which checks could not be completed, with AWS's own words, each once."""
    return "; ".join(dict.fromkeys(missing.words for missing in assessment.missing))


def now_in_words(assessment: Assessment) -> str:
    """Why an approved version is left alone after all: the strongest reason that holds it now."""
    if Flag.NOT_JUDGED in assessment.flags:
        return f"could not be checked again: {missing_in_words(assessment)}"
    for flag in _STRONGEST_FIRST:
        if flag in assessment.flags:
            return _now(flag, assessment)
    return "could not be checked again: not every check was asked"


_STRONGEST_FIRST = (
    Flag.ALIAS_PROTECTED,
    Flag.HAS_RECENT_INVOCATIONS,
    Flag.EVENT_SOURCE_MAPPING_PROTECTED,
    Flag.RESOURCE_POLICY_PROTECTED,
    Flag.DURABLE_EXECUTION_RUNNING,
    Flag.TAG_PROTECTED,
    Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN,
    Flag.PROTECTED_KEPT_LAST_N,
    Flag.STATE_NOT_ELIGIBLE,
    Flag.OUTSIDE_DELETE_SCOPE,
    Flag.TOO_RECENT,
)


def _now(flag: Flag, assessment: Assessment) -> str:
    match flag:
        case Flag.ALIAS_PROTECTED:
            return f"alias `{assessment.aliases[0][0]}` points to it now"
        case Flag.HAS_RECENT_INVOCATIONS:
            return f"{_called(assessment)}{_through(assessment)}"
        case Flag.EVENT_SOURCE_MAPPING_PROTECTED:
            return "an event source calls it now"
        case Flag.RESOURCE_POLICY_PROTECTED:
            return "a resource policy names it now"
        case Flag.DURABLE_EXECUTION_RUNNING:
            return "an execution runs on it now"
        case Flag.TAG_PROTECTED:
            return "tagged keep now"
        case Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN:
            return "its function has calls now that no version or alias accounts for"
        case Flag.PROTECTED_KEPT_LAST_N:
            return "among the newest of its function now"
        case Flag.STATE_NOT_ELIGIBLE:
            return f"its State is {assessment.state.name if assessment.state else 'unknown'} now"
        case Flag.OUTSIDE_DELETE_SCOPE:
            return "outside what the stack may delete"
        case _:
            return "under the minimum age now"


def _alias_in_words(name: str, weight: float | None) -> str:
    return f"alias `{name}` points to it" if weight is None else f"alias `{name}` sends it {weight * 100:g} %"


def _called(assessment: Assessment) -> str:
    return f"called {day(assessment.last_call.at)}" if assessment.last_call else "called"


def _through(assessment: Assessment) -> str:
    if assessment.last_call is None:
        return ""
    return f", through `{assessment.last_call.through}`" if assessment.last_call.through else ", by number"
