"""The phases of a scan, in slices that stream through a store and continue where the one before stopped.

The order of asking: list; judge age and rank; then, only for functions with a survivor, aliases and metrics; then State
and resource policy, news first and the dearest of it first, until enough rows pass. Every phase adds facts; one pure
function judges them.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from orchestrator.aws import discovery, pricing, usage
from orchestrator.aws.clients import Clients
from orchestrator.aws.lookback import window as window_of
from orchestrator.aws.storage import Store
from orchestrator.domain.alias_history import TOLD_LATE, Sightings, live_since
from orchestrator.domain.candidates import VersionKey, in_offer_order
from orchestrator.domain.days import day_of
from orchestrator.domain.encoding import (
    facts_from_dict,
    facts_to_dict,
    version_from_dict,
    version_to_dict,
)
from orchestrator.domain.inventory import Count
from orchestrator.domain.judging import Assessment, judge, newest_numbers
from orchestrator.domain.news import Idle, newly_not_judged
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.recalled import Recalled, nothing_remembered
from orchestrator.domain.remember import Seen
from orchestrator.domain.report import Tally, cost_of, row
from orchestrator.domain.slices import Asking, Confirmed, Fleet, Found, Listed, Listing, Reading
from orchestrator.domain.versions import FunctionFacts, Missing, Version
from orchestrator.scanner.confirming import Confirming, alias_names, confirmed_in
from orchestrator.scanner.facts import FactFinder
from orchestrator.scanner.history import RegionHistory, StoredHistory
from orchestrator.scanner.history_again import HistoryAgain
from orchestrator.scanner.listing_again import ListingAgain
from orchestrator.scanner.part import Part
from orchestrator.scanner.parts import A_PART, PartSize, entry_of, in_parts, in_turn
from orchestrator.scanner.recheck import Recheck
from orchestrator.scanner.region import RegionFacts, region_from_dict, region_to_dict
from orchestrator.scanner.report_files import Reported, report_files

Json = dict[str, Any]

SLICE_SECONDS = 150
"""After this long a phase hands over to its next slice: far from Lambda's fifteen minutes."""
SLICE_ROWS = 20_000
"""Most listed versions one slice keeps before it writes them down; bounds the memory of a scan."""


def quiet(step: int, done: int, total: int) -> None:
    """Say nothing about progress."""


@dataclass(slots=True, kw_only=True)
class Scanner:
    """One scan of one region. Every method is one slice of a phase: it can be run again and writes the same again."""

    clients: Clients
    store: Store
    place: str
    """The prefix of the hand-offs, such as `intermediate/<execution>/`."""
    region: str
    policy: Policy
    scope: Scope
    scanned_at: datetime
    """The moment that ages are counted from."""
    clock: Callable[[], datetime]
    stopwatch: Callable[[], float] = time.monotonic
    progress: Callable[[int, int, int], None] = quiet
    sightings: Callable[[], Sightings] = dict
    """Recalls what our own scans found of the aliases, for the check before a delete."""
    workers: Callable[[int], Executor] = ThreadPoolExecutor
    """Makes what runs so many calls side by side."""
    part_size: PartSize = A_PART
    _deadline: float = field(init=False, default=0.0)
    _recalled: Recalled | None = field(init=False, default=None)

    # Listing

    def discover(self, listing: Listing, number: int) -> Listing:
        """List versions from `marker` on, and write them down sorted by function."""
        self._start_slice()
        self.progress(1, listing.listed, listing.snapstart)
        functions: dict[str, Json] = {}
        marker, listed, snapstart = listing.marker, listing.listed, listing.snapstart
        for page in self._pages(marker):
            for version in page.versions:
                entry_of(functions, version.function_name)["versions"].append(version_to_dict(version))
            for name, other in page.others:
                entry_of(functions, name)["others"].append(other)
            listed += page.listed
            snapstart += len(page.versions)
            marker = page.next_marker
            self.progress(1, listed, snapstart)
        self.store.put_lines(self._at(f"listing-{number:04}"), (functions[name] for name in sorted(functions)))
        return Listing(marker=marker, listed=listed, snapstart=snapstart)

    def _pages(self, marker: str | None) -> Iterator[discovery.ListingPage]:
        """The pages of one slice; the next one is on its way while one is worked on."""
        pages = discovery.list_versions(self.clients.lambda_, marker=marker, prefix=self.policy.function_name_prefix)
        listed = 0
        with self.workers(1) as pool:
            page: discovery.ListingPage | None = next(pages)
            while page is not None:
                listed += page.listed
                last = page.next_marker is None or listed >= SLICE_ROWS or self._time_is_up()
                coming = None if last else pool.submit(next, pages)
                yield page
                page = coming.result() if coming else None

    # Stage A

    def stage_a(self, slices: int) -> Fleet:
        """Bring each function's versions together, judge age and rank, and cut the fleet into parts."""
        parts = survivors = snapstart = 0
        asked: list[str] = []
        for part in in_parts(self._judged_by_age(slices), self.part_size):
            parts += 1
            survivors += sum(len(line["survivors"]) for line in part)
            snapstart += sum(len(line["facts"]["versions"]) for line in part)
            self.store.put_lines(self._at(f"stage-a-{parts:04}"), part)
            asked += [line["facts"]["name"] for line in part if line["survivors"]]
        self._history.put_functions(asked)
        return Fleet(parts=parts, survivors=survivors, snapstart=snapstart)

    def _judged_by_age(self, slices: int) -> Iterator[Json]:
        for facts in self._merged_listing(slices):
            yield {"facts": facts_to_dict(facts), "survivors": [a.version.number for a in self._not_held(facts)]}

    def _merged_listing(self, slices: int) -> Iterator[FunctionFacts]:
        streams = [self.store.read_lines(self._at(f"listing-{number:04}")) for number in range(1, slices + 1)]
        merged = heapq.merge(*streams, key=lambda line: line["fn"])
        for name, group in groupby(merged, key=lambda line: line["fn"]):
            versions: dict[int, Version] = {}
            others: set[int] = set()
            for line in group:
                versions.update((v["n"], version_from_dict(v)) for v in line["versions"])
                others.update(line["others"])
            if versions:
                ordered = tuple(versions[number] for number in sorted(versions))
                yield FunctionFacts(name=name, versions=ordered, other_numbers=tuple(sorted(others - versions.keys())))

    # Stage B

    def ask_region(self, listed: Listed) -> Reading:
        """Fetch what is asked once: event sources, tags, stacks, alias moves, whether anything is called, the price.

        CloudTrail answers one question a second; meanwhile the first functions are asked for their aliases.
        """
        now, fleet = self.clock(), listed.fleet
        window = window_of(now, self.policy.lookback_days, self.policy.period_seconds)
        with self._facts.readers() as pool, self._facts.readers() as listers:
            first = self._begin_part(1, {}, listers) if fleet.parts else None
            price = pool.submit(pricing.cache_price, self.clients.pricing, self.region, now.date())
            begun = self._history.begin(now, live_since(self.scanned_at, self.policy.min_age_days))
            history = pool.submit(self.alias_history, begun)
            active = usage.region_activity(self.clients.cloudwatch, window, pool)
            references = self._facts.references(window)
            facts = RegionFacts(
                references=references,
                active=None if isinstance(active, Missing) else active is not None,
                price=price.result(),
            )
            read = history.result()
            if first is not None:
                first.hear_callers(self._time_is_left, lambda looked_at: self.progress(2, looked_at, fleet.survivors))
                self.store.put_json(self._at("asking-0000"), {"1": first.stop()})
        self.store.put_json(self._at("region.json"), region_to_dict(facts))
        return read

    def alias_history(self, so_far: Reading) -> Reading:
        """Read further alias moves of the functions in question, and write them down."""
        self._start_slice()
        return self._history.read_on(so_far, self._time_is_up)

    def stage_b(self, found: Found, asked: Asking) -> Asking:
        """Attach aliases and usage to each function, part by part, and put what nothing holds in order, news first.

        A slice may end inside a part.
        """
        self._start_slice()
        region, recalled, number = self._region(found), self.recalled(), asked.slices + 1
        part, done, in_question = asked.part, asked.done, asked.in_question
        begun: Json = self.store.get_json(self._at(f"asking-{number - 1:04}")) or {}

        def looked_at(versions: int) -> None:
            self.progress(2, done + versions, found.fleet.survivors)

        with self._facts.readers() as listers, self._facts.readers() as readers:
            here: Part | None = self._begin_part(part, begun, listers)
            ahead: Part | None = None
            while here is not None and here.hear_callers(self._time_is_left, looked_at):
                if part < found.fleet.parts and self._time_is_left():
                    ahead = self._begin_part(part + 1, begun, listers)
                if not here.read_usage(self.clients, region.references, readers, self._time_is_left):
                    break
                in_question += self._write_part(part, here, region, recalled)
                done += here.versions
                part += 1
                self.progress(2, done, found.fleet.survivors)
                here, ahead = ahead, None
            unfinished = {str(part): here, str(part + 1): ahead}
            parts_begun = {name: one.stop() for name, one in unfinished.items() if one is not None}
        self.store.put_json(self._at(f"asking-{number:04}"), parts_begun)
        return Asking(part=part, done=done, in_question=in_question, slices=number)

    def _begin_part(self, part: int, begun: Json, pool: Executor) -> Part:
        """Begin to fetch a part: what the quota leaves free goes to it while the part before is worked on."""
        lines = list(self.store.read_lines(self._at(f"stage-a-{part:04}")))
        functions = [facts_from_dict(line["facts"]) for line in lines]
        asked = [(facts, line["survivors"]) for facts, line in zip(functions, lines, strict=True) if line["survivors"]]
        beginning = Part(functions, asked)
        if str(part) in begun:
            beginning.resume(begun[str(part)])
        beginning.begin(self._facts.callers_of, pool)
        return beginning

    def _write_part(self, part: int, asked: Part, region: RegionFacts, recalled: Recalled) -> int:
        """Write down what is known of a part; return how many of its versions nothing holds."""
        known = list(asked.attached(region.references))
        self.store.put_lines(self._at(f"stage-b-{part:04}"), (facts_to_dict(facts) for facts in known))
        survivors = sorted(self._survivors(known, region, recalled), key=in_turn)
        self.store.put_lines(self._at(f"survivors-{part:04}"), survivors)
        names = ({"fn": facts.name, "aliases": alias_names(facts)} for facts in known if facts.aliases)
        self.store.put_lines(self._at(f"aliases-{part:04}"), names)
        return len(survivors)

    def _survivors(self, known: Iterable[FunctionFacts], region: RegionFacts, recalled: Recalled) -> Iterator[Json]:
        """What is still in question; for the schedule nothing that is kept or refused today."""
        for facts in known:
            newest = newest_numbers(facts)
            for rank, assessment in enumerate(self._judged(facts)):
                usd, number = cost_of(assessment, region.price), assessment.version.number
                standing = recalled.place(Idle(function_name=facts.name, number=number, monthly_usd=usd)).standing
                if not assessment.held and (recalled.asked_for or not standing.is_settled):
                    yield {
                        "turn": standing.value,
                        "late": (facts.name, number) in recalled.memory.in_vain,
                        "usd": usd,
                        "rank": rank,
                        "newest": newest,
                        "version": version_to_dict(assessment.version),
                    }

    # State, policies, and the newest that can be invoked

    def confirm(self, found: Found, so_far: Confirmed, number: int) -> Confirmed:
        """Fetch State and policy of what nothing holds, until enough pass; then when those were last called."""
        self._start_slice()
        confirming = Confirming(
            facts=self._facts,
            store=self.store,
            place=self.place,
            clock=self.clock,
            progress=lambda done, total: self.progress(3, done, total),
            go_on=self._time_is_left,
        )
        return confirming.run_slice(found, so_far, number)

    # The report

    def build_report(self, found: Found, header: Json, keys: tuple[str, str], calls: Mapping[str, int]) -> Reported:
        """Judge everything once more on all that is known; write the JSON and CSV reports."""
        region, recalled = self._region(found), self.recalled()
        tally = Tally(self.policy, region.price, recalled)
        seen = Seen(at=self.clock(), prefix=self.policy.function_name_prefix or "")
        count = Count(region.price, self.scanned_at)
        with report_files(self.store, keys) as files:
            files.begin(header)
            for facts in self._final_facts(found):
                assessments = self._judged(facts)
                tally.add(facts.name, assessments)
                count.add(facts, assessments)
                seen.add(facts, assessments)
                for assessment in assessments:
                    files.add(row(assessment, region.price))
            summary = tally.summary(
                listed=found.listed,
                region_active=region.active,
                period_seconds=region.references.window.period_seconds,
                period_widened=region.references.window.widened,
                calls=calls,
            )
            files.finish(summary)
        return Reported(
            summary=summary,
            candidates=tuple(in_offer_order(tally.candidates)),
            newly_not_judged=newly_not_judged(seen.not_judged, recalled.memory),
            seen=seen,
            inventory=count.inventory(header["account_id"], self.region),
        )

    def _final_facts(self, found: Found) -> Iterator[FunctionFacts]:
        confirmed = confirmed_in(self.store, self.place, found.confirming_slices)
        for part in range(1, found.fleet.parts + 1):
            for line in self.store.read_lines(self._at(f"stage-b-{part:04}")):
                facts = facts_from_dict(line)
                yield replace(facts, confirmation=confirmed.get(facts.name, facts.confirmation))

    # Asking again, just before a delete

    def history_again(self, functions: Iterable[str], *, offered: bool = True) -> RegionHistory:
        """Read where the aliases of these functions pointed; where this scan `offered` them, only since then.

        It may take minutes, and what is asked after it must be fresh: so it is read first.
        """
        begin = partial(self._reading_again, offered=offered)
        if not self.policy.alias_history_required:
            return RegionHistory(reading=begin(), required=False)
        history = HistoryAgain(self.clients.cloudtrail, self.store, self.place, self.stopwatch)
        return history.read(begin, frozenset(functions), self.sightings())

    def _reading_again(self, *, offered: bool) -> Reading:
        now = self.clock()
        since, scanned_before = live_since(now, self.policy.min_age_days), now - TOLD_LATE
        if offered:  # the scan judged what was live before
            since, scanned_before = max(since, self.scanned_at - TOLD_LATE), now
        required = self.policy.alias_history_required
        return Reading.begin(now, since, scanned_before) if required else Reading.nothing(now, since)

    def judge_again(
        self, keys: Sequence[VersionKey], history: RegionHistory, now: datetime
    ) -> dict[VersionKey, Assessment | Missing]:
        """Judge versions on facts asked now, by the same rules; a version that is not listed any more is left out."""
        listing = ListingAgain(self.clients, self.store, self.place)
        return Recheck(self._facts, listing, history, self.scope).judge_again(keys, now)

    # What the phases share

    def go_by(self, recalled: Recalled) -> None:
        """Write down what is remembered, for every slice after this; without it they go by nothing."""
        self.store.put_json(self._at("recalled.json"), recalled.to_dict())
        self._recalled = recalled

    def recalled(self) -> Recalled:
        """What was remembered when the scan began."""
        if self._recalled is None:
            stored = self.store.get_json(self._at("recalled.json"))
            nothing = nothing_remembered(day_of(self.scanned_at))
            self._recalled = nothing if stored is None else Recalled.from_dict(stored)
        return self._recalled

    @property
    def _facts(self) -> FactFinder:
        return FactFinder(clients=self.clients, policy=self.policy, workers=self.workers)

    @property
    def _history(self) -> StoredHistory:
        return StoredHistory(
            cloudtrail=self.clients.cloudtrail,
            store=self.store,
            place=self.place,
            sightings=lambda: self.recalled().memory.sightings,
            required=self.policy.alias_history_required,
        )

    def _judged(self, facts: FunctionFacts) -> tuple[Assessment, ...]:
        return judge(facts, self.policy, self.scope, self.scanned_at)

    def _not_held(self, facts: FunctionFacts) -> list[Assessment]:
        return [assessment for assessment in self._judged(facts) if not assessment.held]

    def _at(self, name: str) -> str:
        return f"{self.place}{name}"

    def _region(self, found: Found) -> RegionFacts:
        history = self._history.of_region(found.aliases_read)
        return region_from_dict(self.store.get_json(self._at("region.json")), history)

    def _start_slice(self) -> None:
        self._deadline = self.stopwatch() + SLICE_SECONDS

    def _time_is_left(self) -> bool:
        return not self._time_is_up()

    def _time_is_up(self) -> bool:
        return self.stopwatch() >= self._deadline
