"""Judge approved versions again just before they are deleted: the same rules, on facts asked now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orchestrator.aws import discovery, protections
from orchestrator.aws.errors import CallFailed
from orchestrator.aws.lookback import window
from orchestrator.domain.plan import VersionKey
from orchestrator.domain.policy import Assessment, Scope, judge, newest_numbers
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Confirmation, FunctionFacts, KeepTag, Missing
from orchestrator.scanner.facts import FactFinder, joined
from orchestrator.scanner.region import References


@dataclass(frozen=True, slots=True)
class Recheck:
    """Judges versions again."""

    facts: FactFinder
    scope: Scope

    def judge_again(self, keys: Sequence[VersionKey], now: datetime) -> dict[VersionKey, Assessment | Missing]:
        """Return the verdict on each version; one that is not listed any more is left out.

        Where a function's versions could not be listed, Missing stands for each. Raises CredentialsError.
        """
        policy = self.facts.policy
        references = References(
            window=window(now, policy.lookback_days, policy.period_seconds),
            event_sources=protections.event_sources(self.facts.clients.lambda_),
            keep_tags={},  # each function is asked for its own
        )
        wanted: dict[str, list[int]] = {}
        for name, number in keys:
            wanted.setdefault(name, []).append(number)
        listed = self._listed(wanted)
        there = [(facts, wanted[name]) for name, facts in listed.items() if isinstance(facts, FunctionFacts)]
        verdicts: dict[VersionKey, Assessment | Missing] = {
            key: missing for key in keys if isinstance(missing := listed.get(key[0]), Missing)
        }
        for facts in self.facts.ask_and_attach(there, references).values():
            asked = replace(
                facts, keep_tag=self._keep_tag(facts), confirmation=self._confirmed(facts, wanted[facts.name])
            )
            for assessment in judge(asked, policy, self.scope, now):
                verdicts[facts.name, assessment.version.number] = assessment
        return {key: verdicts[key] for key in keys if key in verdicts}

    def _listed(self, names: Iterable[str]) -> dict[str, FunctionFacts | Missing]:
        """List the versions of functions; one that is gone is left out."""
        listed: dict[str, FunctionFacts | Missing] = {}
        for name in names:
            try:
                listing = discovery.list_function(self.facts.clients.lambda_, name)
            except CallFailed as failed:
                listed[name] = Missing(Check.LISTING, str(failed))
                continue
            if listing is not None:
                versions, others = listing
                listed[name] = FunctionFacts(name=name, versions=versions, other_numbers=others)
        return listed

    def _keep_tag(self, facts: FunctionFacts) -> KeepTag | Missing | None:
        """Ask for the function's own tags: that a listing of tagged functions leaves it out is no proof."""
        if not facts.versions:
            return facts.keep_tag
        arn, _, _number = facts.versions[0].arn.rpartition(":")
        return protections.keep_tag(self.facts.clients.lambda_, arn)

    def _confirmed(self, facts: FunctionFacts, numbers: Sequence[int]) -> Confirmation:
        known = Confirmation(states=self.facts.newest_states(facts.name, newest_numbers(facts)))
        for number in numbers:
            version = facts.version(number)
            if version is not None:
                known = joined(known, self.facts.confirmation(version, known))
        return known
