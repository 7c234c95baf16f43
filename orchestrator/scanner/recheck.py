"""Judge approved versions again just before they are deleted: the same rules, on facts asked now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orchestrator.aws import discovery, usage
from orchestrator.domain.plan import VersionKey
from orchestrator.domain.policy import Assessment, Scope, judge, newest_numbers
from orchestrator.domain.versions import Confirmation, FunctionFacts
from orchestrator.scanner.facts import FactFinder, InQuestion, joined


@dataclass(frozen=True, slots=True)
class Recheck:
    """Judges versions again."""

    facts: FactFinder
    scope: Scope

    def judge_again(self, keys: Sequence[VersionKey], now: datetime) -> dict[VersionKey, Assessment]:
        """Return the verdict on each version; one that is not listed any more is left out. Raises AwsError."""
        policy = self.facts.policy
        references = self.facts.references(usage.window(now, policy.lookback_days, policy.period_seconds))
        listed = self._listed(keys)
        wanted = {facts.name: numbers for facts, numbers in listed}
        verdicts = {}
        for facts in self.facts.ask_and_attach(listed, references).values():
            confirmed = self._confirmed(facts, wanted[facts.name])
            for assessment in judge(replace(facts, confirmation=confirmed), policy, self.scope, now):
                verdicts[facts.name, assessment.version.number] = assessment
        return {key: verdicts[key] for key in keys if key in verdicts}

    def _listed(self, keys: Sequence[VersionKey]) -> list[InQuestion]:
        wanted: dict[str, list[int]] = {}
        for name, number in keys:
            wanted.setdefault(name, []).append(number)
        listed: list[InQuestion] = []
        for name, numbers in wanted.items():
            listing = discovery.list_function(self.facts.clients.lambda_, name)
            if listing is not None:
                versions, others = listing
                listed.append((FunctionFacts(name=name, versions=versions, other_numbers=others), numbers))
        return listed

    def _confirmed(self, facts: FunctionFacts, numbers: Sequence[int]) -> Confirmation:
        known = Confirmation(states=self.facts.newest_states(facts.name, newest_numbers(facts)))
        for number in numbers:
            version = facts.version(number)
            if version is not None:
                known = joined(known, self.facts.confirmation(version, known))
        return known
