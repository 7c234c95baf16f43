"""Name every reason a version stays, and every check that stands behind one."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Flag(StrEnum):
    """One reason on a row; every one but the last holds the version."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Keep the sentence for people beside the value for machines."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    TOO_RECENT = "too_recent", "younger than the minimum age"
    PROTECTED_KEPT_LAST_N = "protected_kept_last_n", "among the newest versions of its function, which are always kept"
    ALIAS_PROTECTED = "alias_protected", "an alias refers to it, as its primary version or by weight"
    HAS_RECENT_INVOCATIONS = "has_recent_invocations", "it ran in the lookback, called by number or through an alias"
    FUNCTION_LEVEL_ACTIVITY_UNCERTAIN = (
        "function_level_activity_uncertain",
        "its function ran in ways that its known versions and aliases do not explain",
    )
    EVENT_SOURCE_MAPPING_PROTECTED = "event_source_mapping_protected", "an event source mapping calls it"
    RESOURCE_POLICY_PROTECTED = "resource_policy_protected", "a resource policy lets somebody call it by number"
    DURABLE_EXECUTION_RUNNING = "durable_execution_running", "a durable execution still runs on it"
    TAG_PROTECTED = "tag_protected", "its function is tagged `snapstart-cleaner:keep`"
    RECENTLY_LIVE = "recently_live", "an alias pointed to it within the minimum age, or may have: tomorrow's rollback"
    STACK_IN_MOTION = "stack_in_motion", "its CloudFormation stack is being changed, or its last change failed"
    STATE_NOT_ELIGIBLE = "state_not_eligible", "its State is not Active, Inactive or Failed"
    OUTSIDE_DELETE_SCOPE = "outside_delete_scope", "its function is not one the stack may delete from, or is our own"
    NOT_JUDGED = "not_judged", "a check could not be completed, and unknown counts as protected"
    NO_ACTIVITY_AND_STALE = "no_activity_and_stale", "nothing holds it: a candidate for deletion"


class Check(StrEnum):
    """One question asked about a version; the name that stands in `not_asked` and `not_judged`."""

    LISTING = "listing"
    LAST_MODIFIED = "last_modified"
    ALIASES = "aliases"
    INVOCATIONS = "invocations"
    FUNCTION_TOTAL = "function_total"
    EVENT_SOURCE_MAPPINGS = "event_source_mappings"
    TAGS = "tags"
    ALIAS_HISTORY = "alias_history"
    STACKS = "stacks"
    STATE = "state"
    NEWEST_INVOCABLE = "newest_invocable"
    RESOURCE_POLICY = "resource_policy"
    DURABLE_EXECUTIONS = "durable_executions"
