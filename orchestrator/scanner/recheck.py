"""Judge approved versions again just before they are deleted: the same rules, on facts asked now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orchestrator.aws import protections, stacks
from orchestrator.aws.lookback import window
from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.judging import Assessment, judge, newest_numbers
from orchestrator.domain.policy import Scope
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import DELETED, Confirmation, FunctionFacts, KeepTag, Missing, State
from orchestrator.domain.words import KEEP_TAG
from orchestrator.scanner.facts import FactFinder, joined, stack_of
from orchestrator.scanner.history import RegionHistory
from orchestrator.scanner.listing_again import ListingAgain
from orchestrator.scanner.region import References


@dataclass(frozen=True, slots=True)
class Recheck:
    """Judges versions again."""

    facts: FactFinder
    listing: ListingAgain
    history: RegionHistory
    """Where the aliases of their functions pointed."""
    scope: Scope

    def judge_again(self, keys: Sequence[VersionKey], now: datetime) -> dict[VersionKey, Assessment | Missing]:
        """Return the verdict on each version; one that is not listed any more is left out.

        Where a function's versions could not be listed, Missing stands for each. Raises CredentialsError.
        """
        policy = self.facts.policy
        wanted: dict[str, list[int]] = {}
        for name, number in keys:
            wanted.setdefault(name, []).append(number)
        references = References(
            window=window(now, policy.lookback_days, policy.period_seconds),
            event_sources=protections.event_sources(self.facts.clients.lambda_),
            keep_tags={},  # each function is asked for its own tags
            stack_names={},
            stacks_in_motion=stacks.stacks_in_motion(self.facts.clients.cloudformation),
            history=self.history,
        )
        listed = {name: self.listing.of(name, now) for name in wanted}
        there = [(facts, wanted[name]) for name, facts in listed.items() if isinstance(facts, FunctionFacts)]
        verdicts: dict[VersionKey, Assessment | Missing] = {
            key: missing for key in keys if isinstance(missing := listed.get(key[0]), Missing)
        }
        for facts in self.facts.ask_and_attach(there, references).values():
            confirmed = self._confirmed(facts, wanted[facts.name])
            there_now = _without(facts, confirmed, wanted[facts.name])
            asked = replace(self._with_tags(there_now, references), confirmation=confirmed)
            for assessment in judge(asked, policy, self.scope, now):
                verdicts[facts.name, assessment.version.number] = assessment
        return {key: verdicts[key] for key in keys if key in verdicts}

    def _with_tags(self, facts: FunctionFacts, references: References) -> FunctionFacts:
        """Fetch the function's own tags: a listing of tagged functions that leaves it out proves nothing."""
        if not facts.versions:
            return facts
        arn, _, _number = facts.versions[0].arn.rpartition(":")
        tags = protections.tags(self.facts.clients.lambda_, arn)
        if isinstance(tags, Missing):
            return replace(facts, keep_tag=tags, stack=Missing(Check.STACKS, tags.words))
        return replace(
            facts,
            keep_tag=KeepTag(tags.get(KEEP_TAG)),
            stack=stack_of(tags.get(stacks.STACK_NAME_TAG), references.stacks_in_motion),
        )

    def _confirmed(self, facts: FunctionFacts, numbers: Sequence[int]) -> Confirmation:
        known = Confirmation(states=self.facts.newest_states(facts.name, newest_numbers(facts)))
        for number in numbers:
            version = facts.version(number)
            if version is not None:
                known = joined(known, self.facts.confirmation(version, known))
        return known


def _without(facts: FunctionFacts, confirmed: Confirmation, wanted: Sequence[int]) -> FunctionFacts:
    """The function without the newer versions that are gone since it was listed: they are not among the newest."""
    states = confirmed.states.items()
    gone = {n for n, state in states if isinstance(state, State) and state.name == DELETED} - set(wanted)
    there = tuple(version for version in facts.versions if version.number not in gone)
    return replace(facts, versions=there, other_numbers=tuple(sorted({*facts.other_numbers, *gone})))
