"""Say a verdict in words: in totals, in full, and as the reason an approved version was skipped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from orchestrator.domain.judging import Assessment
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Flag
from orchestrator.domain.versions import Stack
from orchestrator.domain.words import KEEP_TAG, count, day


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
        Flag.RECENTLY_LIVE: f"live in the last {policy.min_age_days} days",
        Flag.STACK_IN_MOTION: "in a stack that is being changed",
        Flag.STATE_NOT_ELIGIBLE: "in another state",
        Flag.OUTSIDE_DELETE_SCOPE: "out of scope",
        Flag.NOT_JUDGED: "not judged",
        Flag.NO_ACTIVITY_AND_STALE: "idle",
    }[flag]


def in_full(flag: Flag, assessment: Assessment, policy: Policy) -> str:
    """A flag's whole sentence about one version."""
    sentences: dict[Flag, Callable[[], str]] = {
        Flag.TOO_RECENT: lambda: (
            f"published {count(assessment.age_days or 0, 'day')} ago; the rule is {policy.min_age_days}"
        ),
        Flag.PROTECTED_KEPT_LAST_N: lambda: f"among the newest {policy.keep_last_n} of its function",
        Flag.ALIAS_PROTECTED: lambda: ", ".join(_alias_in_words(*reference) for reference in assessment.aliases),
        Flag.HAS_RECENT_INVOCATIONS: lambda: f"last called{_when_called(assessment)}",
        Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN: lambda: _uncertain_in_words(assessment),
        Flag.EVENT_SOURCE_MAPPING_PROTECTED: lambda: "an event source mapping calls it",
        Flag.RESOURCE_POLICY_PROTECTED: lambda: "a resource policy names it",
        Flag.DURABLE_EXECUTION_RUNNING: lambda: "a durable execution runs on it",
        Flag.TAG_PROTECTED: lambda: f"tag `{KEEP_TAG}`",
        Flag.RECENTLY_LIVE: lambda: _live_in_words(assessment, policy),
        Flag.STACK_IN_MOTION: lambda: _stack_in_words(assessment),
        Flag.STATE_NOT_ELIGIBLE: lambda: f"its State is {_state_name(assessment)}",
        Flag.OUTSIDE_DELETE_SCOPE: lambda: "not under `DELETABLE_PREFIX`, or one of this app's own functions",
        Flag.NOT_JUDGED: lambda: missing_in_words(assessment),
        Flag.NO_ACTIVITY_AND_STALE: lambda: "idle: nothing calls it and nothing refers to it",
    }
    return sentences[flag]()


def missing_in_words(assessment: Assessment) -> str:
    """Which checks could not be completed, with AWS's own words, each once."""
    return "; ".join(dict.fromkeys(missing.words for missing in assessment.missing))


def now_in_words(assessment: Assessment) -> str:
    """Why an approved version is left alone after all: the strongest reason that holds it now."""
    if Flag.NOT_JUDGED in assessment.flags:
        return f"could not be checked again: {missing_in_words(assessment)}"
    reasons: dict[Flag, Callable[[], str]] = {  # strongest first
        Flag.ALIAS_PROTECTED: lambda: f"alias `{assessment.aliases[0][0]}` points to it now",
        Flag.HAS_RECENT_INVOCATIONS: lambda: f"called{_on(assessment.last_call.at if assessment.last_call else None)}",
        Flag.EVENT_SOURCE_MAPPING_PROTECTED: lambda: "an event source calls it now",
        Flag.RESOURCE_POLICY_PROTECTED: lambda: "a resource policy names it now",
        Flag.DURABLE_EXECUTION_RUNNING: lambda: "an execution runs on it now",
        Flag.TAG_PROTECTED: lambda: "tagged keep now",
        Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN: lambda: _uncertain_in_words(assessment),
        Flag.RECENTLY_LIVE: lambda: "an alias pointed to it lately, or may have",
        Flag.STACK_IN_MOTION: lambda: f"{_stack_in_words(assessment)} now",
        Flag.PROTECTED_KEPT_LAST_N: lambda: "among the newest of its function now",
        Flag.STATE_NOT_ELIGIBLE: lambda: f"its State is {_state_name(assessment)} now",
        Flag.OUTSIDE_DELETE_SCOPE: lambda: "outside what the stack may delete",
        Flag.TOO_RECENT: lambda: "under the minimum age now",
    }
    return next(
        (words() for flag, words in reasons.items() if flag in assessment.flags),
        "could not be checked again: not every check was asked",
    )


def _alias_in_words(name: str, weight: float | None) -> str:
    return f"alias `{name}` points to it" if weight is None else f"alias `{name}` sends it {weight * 100:g} %"


def _live_in_words(assessment: Assessment, policy: Policy) -> str:
    if assessment.moved_from_unknown:
        moved = ", ".join(f"`{name}`" for name in assessment.moved_from_unknown)
        return f"alias {moved} moved lately, and it is not known from which version"
    return f"an alias pointed to it in the last {count(policy.min_age_days, 'day')}"


def _stack_in_words(assessment: Assessment) -> str:
    stack = assessment.stack or Stack()
    return f"its stack `{stack.name}` is {stack.status}"


def _uncertain_in_words(assessment: Assessment) -> str:
    if assessment.unexplained is None:
        return f"its function was called{_on(assessment.function_last)}, and the rule is strict"
    return f"its function was called{_on(assessment.unexplained)} and no version or alias accounts for it"


def _state_name(assessment: Assessment) -> str:
    return assessment.state.name if assessment.state else "unknown"


def _on(moment: datetime | None) -> str:
    return f" on {day(moment)}" if moment else ""


def _when_called(assessment: Assessment) -> str:
    if assessment.last_call is None:
        return ""
    through = f"through `{assessment.last_call.through}`" if assessment.last_call.through else "by number"
    return f" {day(assessment.last_call.at)}, {through}"
