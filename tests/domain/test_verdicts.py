"""A verdict in words: in totals, in full, and the small pieces that words are made of."""

from __future__ import annotations

import pytest

from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.verdicts import in_full, in_totals, missing_in_words
from orchestrator.domain.versions import LastCall, Stack, State
from tests.builders import an_assessment, days_ago, missing

# fmt: off
IN_TOTALS = {
    Flag.TOO_RECENT: "under 14 days old",
    Flag.PROTECTED_KEPT_LAST_N: "newest 3",
    Flag.ALIAS_PROTECTED: "behind an alias",
    Flag.HAS_RECENT_INVOCATIONS: "called in 35 days",
    Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN: "with unexplained calls",
    Flag.EVENT_SOURCE_MAPPING_PROTECTED: "on an event source",
    Flag.RESOURCE_POLICY_PROTECTED: "with a resource policy",
    Flag.DURABLE_EXECUTION_RUNNING: "running",
    Flag.TAG_PROTECTED: "tagged keep",
    Flag.RECENTLY_LIVE: "live in the last 14 days",
    Flag.STACK_IN_MOTION: "in a stack that is being changed",
    Flag.STATE_NOT_ELIGIBLE: "in another state",
    Flag.OUTSIDE_DELETE_SCOPE: "out of scope",
    Flag.NOT_JUDGED: "not judged",
    Flag.NO_ACTIVITY_AND_STALE: "idle",
}

IN_FULL = [
    (Flag.TOO_RECENT, {"age_days": 9}, "published 9 days ago; the rule is 14"),
    (Flag.TOO_RECENT, {"age_days": 1}, "published 1 day ago; the rule is 14"),
    (Flag.TOO_RECENT, {"age_days": 0}, "published 0 days ago; the rule is 14"),
    (Flag.PROTECTED_KEPT_LAST_N, {}, "among the newest 3 of its function"),
    (Flag.ALIAS_PROTECTED, {"aliases": (("live", None),)}, "alias `live` points to it"),
    (Flag.ALIAS_PROTECTED, {"aliases": (("canary", 0.1),)}, "alias `canary` sends it 10 %"),
    (Flag.ALIAS_PROTECTED, {"aliases": (("canary", 0.005),)}, "alias `canary` sends it 0.5 %"),
    (Flag.ALIAS_PROTECTED, {"aliases": (("live", None), ("canary", 0.1))},
     "alias `live` points to it, alias `canary` sends it 10 %"),
    (Flag.HAS_RECENT_INVOCATIONS, {"last_call": LastCall(days_ago(1), "live")}, "last called 19 Nov, through `live`"),
    (Flag.HAS_RECENT_INVOCATIONS, {"last_call": LastCall(days_ago(1))}, "last called 19 Nov, by number"),
    (Flag.HAS_RECENT_INVOCATIONS, {"last_call": None}, "last called"),
    (Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN, {"unexplained": days_ago(2), "function_last": days_ago(0)},
     "its function was called on 18 Nov and no version or alias accounts for it"),
    (Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN, {"function_last": days_ago(2)},
     "its function was called on 18 Nov, and the rule is strict"),
    (Flag.EVENT_SOURCE_MAPPING_PROTECTED, {}, "an event source mapping calls it"),
    (Flag.RESOURCE_POLICY_PROTECTED, {}, "a resource policy names it"),
    (Flag.DURABLE_EXECUTION_RUNNING, {}, "a durable execution runs on it"),
    (Flag.TAG_PROTECTED, {}, "tag `snapstart-cleaner:keep`"),
    (Flag.RECENTLY_LIVE, {}, "an alias pointed to it in the last 14 days"),
    (Flag.RECENTLY_LIVE, {"moved_from_unknown": ("canary", "live")},
     "alias `canary`, `live` moved lately, and it is not known from which version"),
    (Flag.STACK_IN_MOTION, {"stack": Stack("shop", "UPDATE_IN_PROGRESS")}, "its stack `shop` is UPDATE_IN_PROGRESS"),
    (Flag.STATE_NOT_ELIGIBLE, {"state": State("Pending")}, "its State is Pending"),
    (Flag.OUTSIDE_DELETE_SCOPE, {}, "not under `DELETABLE_PREFIX`, or one of this app's own functions"),
    (Flag.NOT_JUDGED, {"missing": (missing(Check.TAGS, "tag:GetResources AccessDenied"),)},
     "tag:GetResources AccessDenied"),
    (Flag.NO_ACTIVITY_AND_STALE, {}, "idle: nothing calls it and nothing refers to it"),
]
# fmt: on


@pytest.mark.parametrize("flag", Flag)
def test_a_flag_in_totals(flag):
    assert in_totals(flag, Policy()) == IN_TOTALS[flag]


def test_totals_name_the_thresholds_of_the_run():
    policy = Policy(min_age_days=30, keep_last_n=5, lookback_days=90)

    assert in_totals(Flag.TOO_RECENT, policy) == "under 30 days old"
    assert in_totals(Flag.PROTECTED_KEPT_LAST_N, policy) == "newest 5"
    assert in_totals(Flag.HAS_RECENT_INVOCATIONS, policy) == "called in 90 days"


@pytest.mark.parametrize(("flag", "known", "words"), IN_FULL)
def test_a_flag_in_full(flag, known, words):
    assert in_full(flag, an_assessment(1, flag, **known), Policy()) == words


def test_every_flag_has_its_words():
    assert {flag for flag, _, _ in IN_FULL} == set(IN_TOTALS) == set(Flag)


@pytest.mark.parametrize("flag", Flag)
def test_every_flag_has_a_meaning_of_its_own(flag):
    assert flag.meaning
    assert flag == flag.value == str(flag)
    assert sum(other.meaning == flag.meaning for other in Flag) == 1


def test_equal_words_of_several_checks_are_said_once():
    denied = [missing(Check.INVOCATIONS, "denied"), missing(Check.ALIASES, "throttled"), missing(Check.STATE, "denied")]

    assert missing_in_words(an_assessment(1, Flag.NOT_JUDGED, missing=tuple(denied))) == "denied; throttled"
