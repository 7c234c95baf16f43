"""Judge every version of one function: pure rules, each in one place, unknown always protected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from orchestrator.domain.days import day_of
from orchestrator.domain.keep_tag import tag_protects
from orchestrator.domain.policy import NEWEST_ASKED, Policy, Scope
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.versions import (
    ELIGIBLE_STATES,
    INVOCABLE_STATES,
    Alias,
    CallHistory,
    Confirmation,
    FunctionFacts,
    LastCall,
    LiveLately,
    Missing,
    Stack,
    State,
    Version,
)

LONGEST_PERIOD = timedelta(hours=1)
"""A call is known by the period it fell into, and may have come at that period's end."""

STAGE_A_FLAGS = frozenset({Flag.TOO_RECENT, Flag.PROTECTED_KEPT_LAST_N})
STAGE_A_CHECKS = frozenset({Check.LAST_MODIFIED})


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The verdict on one version: all its flags, what could not be judged, and what was not asked."""

    version: Version
    flags: frozenset[Flag]
    missing: tuple[Missing, ...] = ()
    not_asked: frozenset[Check] = frozenset()
    switched_off: frozenset[Check] = frozenset()
    """Checks that the stack was told to do without."""
    age_days: int | None = None
    among_keep_last_n: bool = False
    aliases: tuple[tuple[str, float | None], ...] = field(default=())
    """Aliases that refer to it, by name; the weight is None for the primary version."""
    last_call: LastCall | None = None
    function_last: datetime | None = None
    unexplained: datetime | None = None
    """When its function ran in ways that its known qualifiers do not explain."""
    moved_from_unknown: tuple[str, ...] = ()
    """Aliases that hold it because they moved lately from nobody knows where, and may have pointed to it."""
    stack: Stack | None = None
    """Its function's stack; None when that was not asked, or not answered."""
    state: State | None = None
    history: CallHistory | None = None
    """When it was called in the last fifteen months; None when that was not asked, or not answered."""

    @cached_property
    def held(self) -> bool:
        """Whether anything asked so far holds it."""
        return bool(self.flags - {Flag.NO_ACTIVITY_AND_STALE})

    @property
    def candidate(self) -> bool:
        """Whether it may be offered: every check was asked, and none holds it."""
        return not self.held and not self.not_asked

    @property
    def stage_a_pass(self) -> bool:
        """Old enough, and not among the newest."""
        return not self.flags & STAGE_A_FLAGS and not any(m.check in STAGE_A_CHECKS for m in self.missing)

    @property
    def stage_b_pass(self) -> bool | None:
        """Unused and unreferred; None while a check of stage B was not asked and none of those asked holds it."""
        holding = self.flags - STAGE_A_FLAGS - {Flag.NO_ACTIVITY_AND_STALE, Flag.OUTSIDE_DELETE_SCOPE, Flag.NOT_JUDGED}
        if holding or any(m.check not in STAGE_A_CHECKS for m in self.missing):
            return False
        return None if self.not_asked else True


@dataclass(slots=True)
class Findings:
    """What the rules found on one version, collected one rule after the other."""

    flags: set[Flag] = field(default_factory=set)
    missing: list[Missing] = field(default_factory=list)
    not_asked: set[Check] = field(default_factory=set)
    switched_off: set[Check] = field(default_factory=set)

    @property
    def clear(self) -> bool:
        """Whether all was asked and nothing holds."""
        return not self.flags and not self.not_asked

    def hold(self, flag: Flag, when: object) -> None:
        """Add a flag when its condition is met."""
        if when:
            self.flags.add(flag)

    def cannot_judge(self, missing: Missing) -> None:
        """Hold the version because a check could not be completed."""
        self.flags.add(Flag.NOT_JUDGED)
        self.missing.append(missing)


def judge(facts: FunctionFacts, policy: Policy, scope: Scope, now: datetime) -> tuple[Assessment, ...]:
    """Judge every SnapStart version of a function on the facts known so far, newest version first."""
    newest_first = sorted(facts.versions, key=lambda version: version.number, reverse=True)
    newest = newest_numbers(facts)
    return tuple(_assess(version, rank, newest, facts, policy, scope, now) for rank, version in enumerate(newest_first))


def newest_numbers(facts: FunctionFacts) -> tuple[int, ...]:
    """The function's newest SnapStart versions, newest first, as many as are ever asked for their State."""
    return tuple(sorted((version.number for version in facts.versions), reverse=True)[:NEWEST_ASKED])


def _assess(
    version: Version,
    rank: int,
    newest: tuple[int, ...],
    facts: FunctionFacts,
    policy: Policy,
    scope: Scope,
    now: datetime,
) -> Assessment:
    found = Findings()
    age_days = _judge_age(found, version, policy, now)
    among_newest = rank < policy.keep_last_n
    found.hold(Flag.PROTECTED_KEPT_LAST_N, among_newest)
    found.hold(Flag.OUTSIDE_DELETE_SCOPE, not scope.allows(version.function_name))
    aliases = _judge_aliases(found, version, facts)
    last_call = _judge_invocations(found, version, facts)
    function_last, unexplained = _judge_function_total(found, facts, policy, now)
    _judge_event_sources(found, version, facts)
    _judge_keep_tag(found, version, facts, now)
    moved_from_unknown = _judge_alias_history(found, version, facts, policy, live_now=bool(aliases))
    stack = _judge_stack(found, facts)
    state = _judge_confirmation(found, version, rank, newest, facts.confirmation, policy)
    if found.clear:
        found.flags.add(Flag.NO_ACTIVITY_AND_STALE)
    return Assessment(
        version=version,
        flags=frozenset(found.flags),
        missing=tuple(found.missing),
        not_asked=frozenset(found.not_asked),
        switched_off=frozenset(found.switched_off),
        age_days=age_days,
        among_keep_last_n=among_newest,
        aliases=aliases,
        last_call=last_call,
        function_last=function_last,
        unexplained=unexplained,
        moved_from_unknown=moved_from_unknown,
        stack=stack,
        state=state,
        history=_history_of(version, facts.confirmation),
    )


def _history_of(version: Version, confirmation: Confirmation) -> CallHistory | None:
    history = confirmation.histories.get(version.number)
    return history if isinstance(history, CallHistory) else None


def _judge_age(found: Findings, version: Version, policy: Policy, now: datetime) -> int | None:
    if version.last_modified is None:
        found.cannot_judge(Missing(Check.LAST_MODIFIED, "LastModified could not be read"))
        return None
    age = now - version.last_modified
    found.hold(Flag.TOO_RECENT, age < timedelta(days=policy.min_age_days))
    return age.days


def _judge_aliases(found: Findings, version: Version, facts: FunctionFacts) -> tuple[tuple[str, float | None], ...]:
    if facts.aliases is None:
        found.not_asked.add(Check.ALIASES)
        return ()
    if isinstance(facts.aliases, Missing):
        found.cannot_judge(facts.aliases)
        return ()
    referring = tuple(_references(facts.aliases, version.number))
    found.hold(Flag.ALIAS_PROTECTED, referring)
    return referring


def _references(aliases: Iterable[Alias], number: int) -> Iterator[tuple[str, float | None]]:
    for alias in aliases:
        if alias.version == number:
            yield alias.name, None
        for weighted, weight in alias.weights:
            if weighted == number:
                yield alias.name, weight


def _judge_invocations(found: Findings, version: Version, facts: FunctionFacts) -> LastCall | None:
    usage = facts.usage
    if usage is None:
        found.not_asked.add(Check.INVOCATIONS)
        return None
    if isinstance(usage, Missing):
        found.cannot_judge(usage)
        return None
    unreadable = usage.unreadable.get(version.number)
    if unreadable is not None:
        found.cannot_judge(unreadable)
    elif version.number not in usage.asked:
        found.not_asked.add(Check.INVOCATIONS)
    last_call = usage.calls.get(version.number)
    found.hold(Flag.HAS_RECENT_INVOCATIONS, last_call)
    return last_call


def _judge_function_total(
    found: Findings, facts: FunctionFacts, policy: Policy, now: datetime
) -> tuple[datetime | None, datetime | None]:
    usage = facts.usage
    if usage is None:
        found.not_asked.add(Check.FUNCTION_TOTAL)
        return None, None
    if isinstance(usage, Missing):
        return None, None  # the failed call already stands on the row
    unexplained = None
    if isinstance(usage.unexplained, Missing):
        found.cannot_judge(usage.unexplained)
    else:
        unexplained = usage.unexplained
        found.hold(Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN, unexplained)
    if policy.function_activity == "strict" and usage.function_last is not None:
        lately = usage.function_last + LONGEST_PERIOD > now - timedelta(days=policy.min_age_days)
        found.hold(Flag.FUNCTION_LEVEL_ACTIVITY_UNCERTAIN, lately)
    return usage.function_last, unexplained


def _judge_event_sources(found: Findings, version: Version, facts: FunctionFacts) -> None:
    if facts.event_sources is None:
        found.not_asked.add(Check.EVENT_SOURCE_MAPPINGS)
    elif isinstance(facts.event_sources, Missing):
        found.cannot_judge(facts.event_sources)
    else:
        found.hold(Flag.EVENT_SOURCE_MAPPING_PROTECTED, version.number in facts.event_sources)


def _judge_keep_tag(found: Findings, version: Version, facts: FunctionFacts, now: datetime) -> None:
    if facts.keep_tag is None:
        found.not_asked.add(Check.TAGS)
    elif isinstance(facts.keep_tag, Missing):
        found.cannot_judge(facts.keep_tag)
    else:
        found.hold(Flag.TAG_PROTECTED, tag_protects(facts.keep_tag, version.number, day_of(now)))


def _judge_alias_history(
    found: Findings, version: Version, facts: FunctionFacts, policy: Policy, *, live_now: bool
) -> tuple[str, ...]:
    """Hold what was live lately; what is live now is held by its alias already."""
    lately = facts.live_lately
    if not policy.alias_history_required:
        found.switched_off.add(Check.ALIAS_HISTORY)
        found.hold(Flag.RECENTLY_LIVE, isinstance(lately, LiveLately) and version.number in lately.versions)
        return ()
    if lately is None:
        found.not_asked.add(Check.ALIAS_HISTORY)
        return ()
    if isinstance(lately, Missing):
        found.cannot_judge(lately)
        return ()
    known = version.number in lately.versions
    found.hold(Flag.RECENTLY_LIVE, not live_now and (known or lately.unknown))
    return () if known or live_now else lately.unknown


def _judge_stack(found: Findings, facts: FunctionFacts) -> Stack | None:
    if facts.stack is None:
        found.not_asked.add(Check.STACKS)
        return None
    if isinstance(facts.stack, Missing):
        found.cannot_judge(facts.stack)
        return None
    found.hold(Flag.STACK_IN_MOTION, facts.stack.status)
    return facts.stack


def _judge_confirmation(
    found: Findings,
    version: Version,
    rank: int,
    newest: tuple[int, ...],
    confirmation: Confirmation,
    policy: Policy,
) -> State | None:
    verdict = confirm(version, rank, newest, confirmation, policy)
    found.flags |= verdict.flags
    found.not_asked |= verdict.not_asked
    for missing in verdict.missing:
        found.cannot_judge(missing)
    state = confirmation.states.get(version.number)
    return state if isinstance(state, State) else None


def confirm(
    version: Version, rank: int, newest: tuple[int, ...], confirmation: Confirmation, policy: Policy
) -> Findings:
    """Judge what is asked last: State, resource policy, durable executions, and the newest invocable versions.

    `rank` is the number of newer SnapStart versions of the function; `newest` are its newest ones, newest first.
    """
    found = Findings()
    state = confirmation.states.get(version.number)
    if state is None:
        found.not_asked.add(Check.STATE)
    elif isinstance(state, Missing):
        found.cannot_judge(state)
    else:
        found.hold(Flag.STATE_NOT_ELIGIBLE, state.name not in ELIGIBLE_STATES)

    policy_names_it = confirmation.policies.get(version.number)
    if policy_names_it is None:
        found.not_asked.add(Check.RESOURCE_POLICY)
    elif isinstance(policy_names_it, Missing):
        found.cannot_judge(policy_names_it)
    else:
        found.hold(Flag.RESOURCE_POLICY_PROTECTED, policy_names_it)

    runs = confirmation.executions.get(version.number)
    if isinstance(runs, Missing):
        found.cannot_judge(runs)
    elif runs is not None:
        found.hold(Flag.DURABLE_EXECUTION_RUNNING, runs)
    elif version.durable or (isinstance(state, State) and state.durable):
        found.not_asked.add(Check.DURABLE_EXECUTIONS)

    if not isinstance(state, State) or state.name in INVOCABLE_STATES:
        _judge_newest_invocable(found, rank, newest, confirmation, policy)
    return found


def _judge_newest_invocable(
    found: Findings, rank: int, newest: tuple[int, ...], confirmation: Confirmation, policy: Policy
) -> None:
    """Keep the newest N that can be invoked: a failed deployment protects nobody, and is not one of them."""
    asked = [confirmation.states.get(number) for number in newest[:rank]]
    invocable = sum(1 for state in asked if isinstance(state, State) and state.name in INVOCABLE_STATES)
    if invocable >= policy.keep_last_n or rank < policy.keep_last_n:
        return  # enough are known, or it is among the newest N anyway
    failed = next((state for state in asked if isinstance(state, Missing)), None)
    if failed is not None:
        found.cannot_judge(Missing(Check.NEWEST_INVOCABLE, failed.words))
    elif any(state is None for state in asked):
        found.not_asked.add(Check.NEWEST_INVOCABLE)
    else:
        found.flags.add(Flag.PROTECTED_KEPT_LAST_N)
