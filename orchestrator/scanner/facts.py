"""Ask AWS about functions and their versions, and attach the answers to what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from orchestrator.aws import protections, stacks, usage
from orchestrator.aws.clients import Clients
from orchestrator.aws.lookback import Window
from orchestrator.aws.metric_data import LATEST
from orchestrator.aws.usage_reading import UsageQuestion
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Check
from orchestrator.domain.unattributed import attribute, nowhere_known
from orchestrator.domain.versions import (
    ELIGIBLE_STATES,
    INVOCABLE_STATES,
    Alias,
    Confirmation,
    FunctionFacts,
    KeepTag,
    Missing,
    Stack,
    State,
    Usage,
    Version,
)
from orchestrator.scanner.callers import Callers
from orchestrator.scanner.region import References

READERS = 8
"""Calls in flight at once. The quota, not this number, sets the pace."""

FAILURES_AT_MOST = 2
"""After so many States of a function that could not be read, no more are fetched: each was tried for a minute."""

InQuestion: TypeAlias = tuple[FunctionFacts, Sequence[int]]
"""A function, and the numbers of its versions that nothing holds so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFinder:
    """Asks AWS what the rules need to know. A check that fails becomes Missing; only bad credentials raise."""

    clients: Clients
    policy: Policy
    workers: Callable[[int], Executor] = ThreadPoolExecutor
    """Makes what runs so many calls side by side."""

    @contextmanager
    def readers(self) -> Iterator[Executor]:
        """Workers that ask side by side; what they have not begun is dropped when something goes wrong."""
        with self.workers(READERS) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def references(self, window: Window) -> References:
        """Ask for the event sources, the keep tags and the stacks of all functions."""
        with self.readers() as pool:
            event_sources = pool.submit(protections.event_sources, self.clients.lambda_)
            keep_tags = pool.submit(protections.keep_tags, self.clients.tagging)
            stack_names = pool.submit(stacks.stack_names, self.clients.tagging)
            in_motion = pool.submit(stacks.stacks_in_motion, self.clients.cloudformation)
            return References(
                window=window,
                event_sources=event_sources.result(),
                keep_tags=keep_tags.result(),
                stack_names=stack_names.result(),
                stacks_in_motion=in_motion.result(),
            )

    # Aliases and usage

    def callers_of(self, name: str) -> Callers:
        """Fetch the names a function can be called by."""
        return Callers(
            protections.aliases(self.clients.lambda_, name), usage.seen_qualifiers(self.clients.cloudwatch, name)
        )

    def ask_and_attach(self, functions: Sequence[InQuestion], references: References) -> dict[str, FunctionFacts]:
        """Ask for the aliases and the usage of functions, and attach them to each."""
        with self.readers() as pool:
            callers = list(pool.map(self.callers_of, [facts.name for facts, _ in functions]))
            asked = [(facts, numbers, one) for (facts, numbers), one in zip(functions, callers, strict=True)]
            questions = [usage_question(*one) for one in asked]
            used = usage.read_usage(self.clients.cloudwatch, questions, references.window, pool)
        return {facts.name: attached(facts, one, used[facts.name], references) for facts, _, one in asked}

    # State, policies, and the newest that can be invoked

    def newest_states(self, name: str, newest: Sequence[int]) -> dict[int, State | Missing]:
        """Fetch the State of a function's newest versions, from the top, until enough are known to be invocable."""
        states: dict[int, State | Missing] = {}
        invocable = failed = 0
        for number in newest:
            if invocable == self.policy.keep_last_n or failed == FAILURES_AT_MOST:
                break
            state = states[number] = protections.state(self.clients.lambda_, name, number)
            invocable += isinstance(state, State) and state.name in INVOCABLE_STATES
            failed += isinstance(state, Missing)
        return states

    def confirmation(self, version: Version, known: Confirmation) -> Confirmation:
        """Fetch State, policy and executions of one version; stop at an ineligible State."""
        name, number = version.function_name, version.number
        state = known.states.get(number) or protections.state(self.clients.lambda_, name, number)
        states = {number: state}
        if isinstance(state, Missing) or state.name not in ELIGIBLE_STATES:
            return Confirmation(states=states)
        executions: dict[int, bool | Missing] = {}
        if version.durable or state.durable:
            executions[number] = protections.running_execution(self.clients.lambda_, name, number)
        policies = {number: protections.resource_policy(self.clients.lambda_, name, number)}
        return Confirmation(states=states, policies=policies, executions=executions)


def joined(first: Confirmation, second: Confirmation) -> Confirmation:
    """Merge two confirmations of one function; where both answer, the second counts."""
    return Confirmation(
        states={**first.states, **second.states},
        policies={**first.policies, **second.policies},
        executions={**first.executions, **second.executions},
        histories={**first.histories, **second.histories},
    )


def usage_question(facts: FunctionFacts, numbers: Sequence[int], callers: Callers) -> UsageQuestion:
    """What to ask CloudWatch about one function, given the numbers of its versions that are still in question."""
    known = () if isinstance(callers.aliases, Missing) else callers.aliases
    seen = frozenset[str]() if isinstance(callers.seen, Missing) else callers.seen
    unseen = next((answer for answer in (callers.seen, callers.aliases) if isinstance(answer, Missing)), None)
    return UsageQuestion(
        function_name=facts.name,
        numbers=(*(version.number for version in facts.versions), *facts.other_numbers),
        survivors=tuple(numbers),
        qualifiers=frozenset(alias.name for alias in known) | seen,
        targets=tuple(
            (alias.name, target)
            for alias in known
            for target in (LATEST if alias.version is None else alias.version, *(number for number, _ in alias.weights))
        ),
        unseen=unseen and Missing(Check.FUNCTION_TOTAL, unseen.words),
    )


def attached(facts: FunctionFacts, callers: Callers, used: Usage, references: References) -> FunctionFacts:
    """Attach aliases, their history, usage and what refers to it to a function."""
    history = references.history
    return replace(
        facts,
        aliases=callers.aliases,
        live_lately=None if history is None else history.live_lately(facts, callers.aliases),
        stack=_stack_of(facts.name, references),
        usage=attribute(used, nowhere_known if history is None else history.pointed_to(facts, callers.aliases)),
        event_sources=_event_sources_of(facts.name, callers.aliases, references.event_sources),
        keep_tag=_keep_tag_of(facts.name, references.keep_tags),
    )


def _event_sources_of(
    name: str, aliases: tuple[Alias, ...] | Missing, event_sources: protections.EventSources | Missing
) -> frozenset[int] | Missing:
    """The versions an event source calls: by number, or through an alias that reaches them."""
    if isinstance(event_sources, Missing):
        return event_sources
    called = event_sources.get(name, frozenset())
    by_number = {int(qualifier) for qualifier in called if qualifier.isdigit()}
    through = [alias for alias in (() if isinstance(aliases, Missing) else aliases) if alias.name in called]
    weighted = {number for alias in through for number, _ in alias.weights}
    return frozenset(by_number | weighted | {alias.version for alias in through if alias.version is not None})


def _keep_tag_of(name: str, keep_tags: Mapping[str, str] | Missing) -> KeepTag | Missing:
    return keep_tags if isinstance(keep_tags, Missing) else KeepTag(keep_tags.get(name))


def stack_of(name: str | None, in_motion: Mapping[str, str] | Missing) -> Stack | Missing:
    """The stack a function belongs to; one of no stack is judged even if the stacks could not be listed."""
    if name is None:
        return Stack()
    return in_motion if isinstance(in_motion, Missing) else Stack(name, in_motion.get(name))


def _stack_of(function_name: str, references: References) -> Stack | Missing:
    if isinstance(references.stack_names, Missing):
        return references.stack_names
    return stack_of(references.stack_names.get(function_name), references.stacks_in_motion)
