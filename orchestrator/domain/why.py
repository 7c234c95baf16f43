"""Why versions of one function are held or offered, in words for one person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.judging import Assessment
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.verdicts import in_full
from orchestrator.domain.versions import Missing
from orchestrator.domain.words import count, day, ranges

VERSIONS_EXPLAINED = 40
"""Most versions of a function that are judged and explained, the newest."""


def why_in_words(
    what: str,
    verdicts: Mapping[VersionKey, Assessment | Missing],
    policy: Policy,
    *,
    remembered: Mapping[int, str],
    left_out: int = 0,
) -> str:
    """Say every flag, the last call and what was not asked of each version; versions with the same words share a line.

    `remembered` says what is remembered of a version, such as who keeps it; `left_out` counts older versions that were
    not looked at. Plain text with names in backticks.
    """
    if not verdicts:
        return f"{what} is not there: it has no such version with SnapStart."
    by_words: dict[str, list[int]] = {}
    for (_, number), verdict in sorted(verdicts.items(), reverse=True):
        words = " · ".join(_about(verdict, policy, remembered.get(number)))
        by_words.setdefault(words, []).append(number)
    lines = [f"{ranges(numbers)}: {words}" for words, numbers in by_words.items()]
    more = [f"{count(left_out, 'older version')} not looked at here: the CSV of a scan names all."] if left_out else []
    return "\n".join([f"*{what}*, by the rules and the facts as they are now", *lines, *more])


def _about(verdict: Assessment | Missing, policy: Policy, remembered: str | None) -> Iterator[str]:
    if isinstance(verdict, Missing):
        yield f"not judged: {verdict.words}"
        return
    held = [in_full(flag, verdict, policy) for flag in Flag if flag in verdict.flags and flag is not Flag.NOT_JUDGED]
    yield from held
    if Flag.NOT_JUDGED in verdict.flags:
        yield f"not judged: {in_full(Flag.NOT_JUDGED, verdict, policy)}"
    if Flag.HAS_RECENT_INVOCATIONS not in verdict.flags:
        yield _last_call(verdict, policy)
    if verdict.not_asked:
        yield f"not asked: {_names(verdict.not_asked)}"
    if remembered is not None:
        yield remembered


def _last_call(verdict: Assessment, policy: Policy) -> str:
    if verdict.last_call is not None:
        return f"last called {day(verdict.last_call.at)}"
    asked = not verdict.not_asked & {Check.INVOCATIONS} and not any(
        missing.check is Check.INVOCATIONS for missing in verdict.missing
    )
    return f"no call in {count(policy.lookback_days, 'day')}" if asked else "calls not known"


def _names(checks: Iterable[Check]) -> str:
    return ", ".join(check.value.replace("_", " ") for check in sorted(checks))
