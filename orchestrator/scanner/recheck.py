"""Judge approved versions again just before they are deleted: the same rules, on facts asked now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orchestrator.aws import protections, stacks
from orchestrator.aws.alias_history import LOOKUP_EVENTS
from orchestrator.aws.lookback import window
from orchestrator.domain.alias_history import TOLD_LATE, Sightings, live_since
from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.judging import Assessment, judge, newest_numbers
from orchestrator.domain.policy import Scope
from orchestrator.domain.reasons import Check
from orchestrator.domain.slices import Reading
from orchestrator.domain.versions import DELETED, Confirmation, FunctionFacts, KeepTag, Missing, State
from orchestrator.domain.words import KEEP_TAG
from orchestrator.scanner.facts import FactFinder, joined, stack_of
from orchestrator.scanner.history import HistoryReader, RegionHistory
from orchestrator.scanner.listing_again import ListingAgain
from orchestrator.scanner.region import References

HISTORY_SECONDS = 60
"""The longest that alias events are read before a delete: the facts must still be fresh after that."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """Judges versions again."""

    facts: FactFinder
    listing: ListingAgain
    scope: Scope
    scanned_at: datetime | None
    """When the scan that offered the versions began: it judged what was live before. None: no scan offered them."""
    sightings: Callable[[], Sightings]
    """What our own scans found of the aliases, that one included."""
    stopwatch: Callable[[], float]

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
            history=self._history(frozenset(wanted), now),
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

    def _history(self, functions: frozenset[str], now: datetime) -> RegionHistory:
        """Where the aliases of these functions pointed since the scan, and what CloudTrail had not told it yet."""
        since, scanned_before = live_since(now, self.facts.policy.min_age_days), now - TOLD_LATE
        if self.scanned_at is not None:
            since, scanned_before = max(since, self.scanned_at - TOLD_LATE), now
        if not self.facts.policy.alias_history_required:
            return RegionHistory(reading=Reading.nothing(now, since), required=False)
        sightings, deadline = self.sightings(), self.stopwatch() + HISTORY_SECONDS
        reader = HistoryReader(self.facts.clients.cloudtrail, functions, sightings)
        begun = Reading.begin(now, since, scanned_before)
        reading, moves = reader.read(begun, (), lambda: self.stopwatch() >= deadline)
        if not reading.finished:
            reading = reading.failed(f"{LOOKUP_EVENTS} takes more than {HISTORY_SECONDS} seconds")
        return RegionHistory.of(reading, moves, sightings, required=True)

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
