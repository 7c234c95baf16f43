"""Fetch State, policy and executions of the versions in question, news and the dearest first, until enough pass.

Then fetch when those that pass were last called, which a person should see before they decide.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from orchestrator.aws.last_called import HistoryQuestion, call_histories
from orchestrator.aws.storage import Store
from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.encoding import confirmation_from_dict, confirmation_to_dict, version_from_dict
from orchestrator.domain.judging import confirm
from orchestrator.domain.slices import Confirmed, Found
from orchestrator.domain.versions import CallHistory, Confirmation, FunctionFacts, Missing
from orchestrator.scanner.facts import FactFinder, joined
from orchestrator.scanner.parts import in_turn

Json = dict[str, Any]

BUNDLE = 24
"""Rows whose State and policy are asked side by side; few enough that a slice ends in time when AWS puts off all."""
IN_VAIN_AT_MOST = 500
"""After so many rows that turn out to be held, a scan looks no further; the next begins with the rows after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirming:
    """One slice of this phase.

    Answers of earlier slices stand and are not asked for again: a second one could free a version that they found held.
    """

    facts: FactFinder
    store: Store
    place: str
    clock: Callable[[], datetime]
    progress: Callable[[int, int], None]
    go_on: Callable[[], bool]
    """Whether this slice has time left."""

    def run_slice(self, found: Found, so_far: Confirmed, number: int) -> Confirmed:
        """Confirm rows from where the slice before stopped; after the last, fetch when those that pass were called."""
        before = list(_lines(self.store, self.place, number - 1))
        answers = {line["fn"]: confirmation_from_dict(line["confirmation"]) for line in before}
        clear = {(line["fn"], version) for line in before for version in line.get("clear", ())}
        looked_at, all_asked = so_far.looked_at, so_far.all_asked
        self.progress(looked_at, found.in_question)
        with self.facts.readers() as pool:
            finished = all_asked
            if not all_asked:
                looked_at, all_asked = self._look_at_rows(found, looked_at, answers, clear, pool)
                finished = all_asked and (not clear or self.go_on())
            if finished:
                self._ask_histories(found.fleet.parts, answers, clear, pool)
        passing: dict[str, list[int]] = {}
        for name, version in sorted(clear):
            passing.setdefault(name, []).append(version)
        lines = (
            {"fn": name, "confirmation": confirmation_to_dict(heard), "clear": passing.get(name, [])}
            for name, heard in sorted(answers.items())
        )
        self.store.put_lines(f"{self.place}confirmed-{number:04}", lines)
        return Confirmed(looked_at=looked_at, passed=len(clear), all_asked=all_asked, finished=finished)

    def _look_at_rows(
        self, found: Found, looked_at: int, answers: dict[str, Confirmation], clear: set[VersionKey], pool: Executor
    ) -> tuple[int, bool]:
        """Confirm rows until enough pass, too many do not, or none is left. Returns how many, and whether to stop."""
        most = self.facts.policy.max_deletions
        parts = range(1, found.fleet.parts + 1)
        streams = (self.store.read_lines(f"{self.place}survivors-{part:04}") for part in parts)
        waiting = islice(heapq.merge(*streams, key=in_turn), looked_at, None)
        while (wanted := min(BUNDLE, most - len(clear), IN_VAIN_AT_MOST - (looked_at - len(clear)))) > 0:
            bundle = list(islice(waiting, wanted))
            if not bundle:
                break
            for line, passes in zip(bundle, self._confirm(bundle, answers, pool), strict=True):
                looked_at += 1
                if passes:
                    clear.add((line["version"]["fn"], line["version"]["n"]))
                self.progress(looked_at, min(found.in_question, looked_at + most - len(clear)))
            if not self.go_on():
                return looked_at, len(clear) >= most
        return looked_at, True

    def _confirm(self, bundle: Sequence[Json], answers: dict[str, Confirmation], pool: Executor) -> Iterator[bool]:
        """Ask about the rows of a bundle side by side: first the newest of their functions, then each row."""
        newest = {line["version"]["fn"]: line["newest"] for line in bundle if line["version"]["fn"] not in answers}
        states = pool.map(self.facts.newest_states, newest, newest.values())
        answers.update((name, Confirmation(states=s)) for name, s in zip(newest, states, strict=True))
        versions = [version_from_dict(line["version"]) for line in bundle]
        known = [answers[version.function_name] for version in versions]
        heard_in_order = pool.map(self.facts.confirmation, versions, known)
        for line, version, heard in zip(bundle, versions, heard_in_order, strict=True):
            confirmed = answers[version.function_name] = joined(answers[version.function_name], heard)
            yield confirm(version, line["rank"], tuple(line["newest"]), confirmed, self.facts.policy).clear

    def _ask_histories(
        self, parts: int, answers: dict[str, Confirmation], clear: set[VersionKey], pool: Executor
    ) -> None:
        numbers: dict[str, list[int]] = {}
        for name, number in sorted(clear):
            numbers.setdefault(name, []).append(number)
        aliases = self._aliases_of(numbers, parts)
        questions = [
            HistoryQuestion(function_name=name, numbers=tuple(of), aliases=tuple(aliases.get(name, ())))
            for name, of in numbers.items()
        ]
        policy, cloudwatch = self.facts.policy, self.facts.clients.cloudwatch
        histories = call_histories(cloudwatch, questions, self.clock(), policy.lookback_days, pool)
        for name, of in numbers.items():
            known: dict[int, CallHistory | Missing] = {number: histories[name, number] for number in of}
            answers[name] = joined(answers[name], Confirmation(histories=known))

    def _aliases_of(self, names: Mapping[str, object], parts: int) -> dict[str, list[str]]:
        keys = (f"{self.place}aliases-{part:04}" for part in range(1, parts + 1))
        lines = (line for key in keys for line in self.store.read_lines(key))
        return {line["fn"]: line["aliases"] for line in lines if line["fn"] in names}


def alias_names(facts: FunctionFacts) -> list[str]:
    """The names of a function's aliases, as far as they are known."""
    return [alias.name for alias in facts.aliases] if isinstance(facts.aliases, tuple) else []


def confirmed_in(store: Store, place: str, slices: int) -> dict[str, Confirmation]:
    """The answers about each function, as the last of so many slices stored them."""
    return {line["fn"]: confirmation_from_dict(line["confirmation"]) for line in _lines(store, place, slices)}


def _lines(store: Store, place: str, slices: int) -> Iterator[Json]:
    return store.read_lines(f"{place}confirmed-{slices:04}") if slices else iter(())
