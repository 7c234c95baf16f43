"""Scan a region in phases, each in slices that stream through a store and resume where they stopped.

The order of asking: list; judge age and rank; then, only for functions with a survivor, aliases and metrics; then State
and resource policy, dearest first, until enough rows pass. Every phase adds facts; one pure function judges them.
"""

from __future__ import annotations

import csv
import heapq
import io
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import groupby, islice
from typing import Any, TypeAlias

from orchestrator.aws import discovery, pricing, protections, usage
from orchestrator.aws.clients import Clients
from orchestrator.aws.storage import Store
from orchestrator.domain.cost import Price
from orchestrator.domain.encoding import (
    confirmation_from_dict,
    confirmation_to_dict,
    facts_from_dict,
    facts_to_dict,
    iso,
    version_from_dict,
    version_to_dict,
)
from orchestrator.domain.inventory import Count
from orchestrator.domain.policy import Assessment, Policy, Scope, confirm, judge, newest_numbers
from orchestrator.domain.reasons import Check
from orchestrator.domain.report import ROW_FIELDS, SCHEMA_VERSION, Tally, cost_of, in_offer_order, row
from orchestrator.domain.versions import (
    ELIGIBLE_STATES,
    INVOCABLE_STATES,
    Alias,
    Confirmation,
    FunctionFacts,
    KeepTag,
    Missing,
    State,
    Version,
)

Json = dict[str, Any]

SLICE_SECONDS = 150
"""After this long a phase hands over to its next slice: far from Lambda's fifteen minutes."""
SLICE_ROWS = 20_000
"""Most listed versions one slice keeps before it writes them down; bounds the memory of a scan."""
PART_VERSIONS = 5_000
"""Versions in one part: the unit of work of stage B, and again a bound of memory."""
PART_FUNCTIONS = 250
"""Most functions asked about in one part: a bound of its time, since each costs a call of the shared quota."""
READERS = 8
"""Calls in flight at once. The quota, not this number, sets the pace."""
BUNDLE = 50
"""Rows whose State and policy are asked side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What is asked once for all functions, and what each is judged by: scan and re-check alike."""

    window: usage.Window
    event_sources: protections.EventSources | Missing
    keep_tags: Mapping[str, str] | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFacts:
    """What is asked once a region."""

    references: References
    active: bool | None
    """Whether anything in the region was called in the lookback; None when CloudWatch did not say."""
    price: Price


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
    stopwatch: Callable[[], float] = time.monotonic
    progress: Callable[[int, int, int], None] = quiet
    workers: Callable[[int], Executor] = ThreadPoolExecutor
    """Makes what runs so many calls side by side."""
    _deadline: float = field(init=False, default=0.0)

    # Listing

    def list_versions(self, marker: str | None, number: int) -> Json:
        """List versions from a marker on, and write them down sorted by function."""
        self._start_slice()
        functions: dict[str, Json] = {}
        listed = snapstart = 0
        for page in self._pages(marker):
            for version in page.versions:
                _entry(functions, version.function_name)["versions"].append(version_to_dict(version))
            for name, other in page.others:
                _entry(functions, name)["others"].append(other)
            listed += page.listed
            snapstart += len(page.versions)
            marker = page.next_marker
            self.progress(1, listed, snapstart)
        self.store.put_lines(self._at(f"listing-{number:04}"), (functions[name] for name in sorted(functions)))
        return {"marker": marker, "listed": listed, "snapstart": snapstart}

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

    def stage_a(self, slices: int, now: datetime) -> Json:
        """Bring each function's versions together, judge age and rank, and cut the fleet into parts."""
        parts = functions = survivors = snapstart = 0
        for part in _in_parts(self._judged_by_age(slices, now)):
            parts += 1
            functions += sum(bool(line["survivors"]) for line in part)
            survivors += sum(len(line["survivors"]) for line in part)
            snapstart += sum(len(line["facts"]["versions"]) for line in part)
            self.store.put_lines(self._at(f"stage-a-{parts:04}"), part)
        return {"parts": parts, "functions": functions, "survivors": survivors, "snapstart": snapstart}

    def _judged_by_age(self, slices: int, now: datetime) -> Iterator[Json]:
        for facts in self._merged_listing(slices):
            surviving = _surviving(judge(facts, self.policy, self.scope, now))
            yield {"facts": facts_to_dict(facts), "survivors": surviving}

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

    def ask_region(self, now: datetime) -> Json:
        """Ask what is asked once: event sources, keep tags, whether anything runs here at all, and the price."""
        window = usage.window(now, self.policy.lookback_days, self.policy.period_seconds)
        with self.workers(READERS) as pool:
            activity = pool.submit(usage.region_activity, self.clients.cloudwatch, window)
            price = pool.submit(pricing.cache_price, self.clients.pricing, self.region, now.date())
            references = self._references(window)
            active = activity.result()
            facts = RegionFacts(
                references=references,
                active=None if isinstance(active, Missing) else active is not None,
                price=price.result(),
            )
        self.store.put_json(self._at("region.json"), _region_to_dict(facts))
        return {"active": facts.active, "widened": window.widened, "period_seconds": window.period_seconds}

    def _references(self, window: usage.Window) -> References:
        with self.workers(READERS) as pool:
            event_sources = pool.submit(protections.event_sources, self.clients.lambda_)
            keep_tags = pool.submit(protections.keep_tags, self.clients.tagging)
            return References(window=window, event_sources=event_sources.result(), keep_tags=keep_tags.result())

    def stage_b(self, part: int, parts: int, total: int, now: datetime, done: int = 0, in_question: int = 0) -> Json:
        """Ask aliases and metrics part by part, from `part` on, and put survivors in order, dearest first.

        `done` and `in_question` are what the slices before this one looked at, and what they left for the next phase.
        """
        self._start_slice()
        region = self._region()
        with self._readers() as pool:
            ahead: _Part | None = self._begin_part(part, pool)
            while ahead is not None:
                here, last = ahead, part == parts or self._time_is_up()
                ahead = None if last else self._begin_part(part + 1, pool)

                def heard_of(heard: int, before: int = done) -> None:
                    self.progress(2, before + heard, total)

                enriched = self._heard(here.asking, region.references, heard_of)
                known = [enriched.get(facts.name, facts) for facts in here.functions]
                self.store.put_lines(self._at(f"stage-b-{part:04}"), (facts_to_dict(facts) for facts in known))
                survivors = sorted(self._survivors(known, region, now), key=_dearest_first)
                self.store.put_lines(self._at(f"survivors-{part:04}"), survivors)
                done += sum(len(numbers) for _, numbers in here.asking.functions)
                in_question += len(survivors)
                part += 1
                self.progress(2, done, total)
        return {"part": part, "done": done, "in_question": in_question}

    def _begin_part(self, part: int, pool: Executor) -> _Part:
        """Let the readers begin a part; what the quota leaves free goes to it while the part before is worked on."""
        lines = list(self.store.read_lines(self._at(f"stage-a-{part:04}")))
        functions = [facts_from_dict(line["facts"]) for line in lines]
        asked = [(facts, line["survivors"]) for facts, line in zip(functions, lines, strict=True) if line["survivors"]]
        return _Part(functions, self._ask_about(asked, pool))

    def ask_stage_b(
        self, functions: Sequence[tuple[FunctionFacts, Sequence[int]]], references: References
    ) -> dict[str, FunctionFacts]:
        """Ask aliases and metrics of functions and of their versions that are still in question."""
        with self._readers() as pool:
            return self._heard(self._ask_about(functions, pool), references)

    def _ask_about(self, functions: Sequence[tuple[FunctionFacts, Sequence[int]]], pool: Executor) -> _Asking:
        def ask(facts: FunctionFacts) -> _WhoCalls:
            aliases = protections.aliases(self.clients.lambda_, facts.name)
            return aliases, usage.seen_qualifiers(self.clients.cloudwatch, facts.name)

        return _Asking(functions, pool.map(ask, [facts for facts, _ in functions]))

    def _heard(
        self, asking: _Asking, references: References, heard_of: Callable[[int], None] = lambda _: None
    ) -> dict[str, FunctionFacts]:
        """What came of asking, and of the metrics that are asked next.

        `heard_of` is told, again and again, how many versions have been looked at.
        """
        enriched: dict[str, FunctionFacts] = {}

        def questions() -> Iterator[usage.UsageQuestion]:
            heard = 0
            for (facts, survivors), (aliases, seen) in zip(asking.functions, asking.answers, strict=True):
                enriched[facts.name] = replace(
                    facts,
                    aliases=aliases,
                    event_sources=_event_sources_of(facts.name, aliases, references.event_sources),
                    keep_tag=_keep_tag_of(facts.name, references.keep_tags),
                )
                yield _usage_question(facts, survivors, aliases, seen)
                heard += len(survivors)
                heard_of(heard)

        used = usage.read_usage(self.clients.cloudwatch, questions(), references.window)
        return {name: replace(facts, usage=used[name]) for name, facts in enriched.items()}

    def _survivors(self, known: Iterable[FunctionFacts], region: RegionFacts, now: datetime) -> Iterator[Json]:
        for facts in known:
            newest = newest_numbers(facts)
            for rank, assessment in enumerate(judge(facts, self.policy, self.scope, now)):
                if not assessment.held:
                    yield {
                        "usd": cost_of(assessment, region.price),
                        "rank": rank,
                        "newest": newest,
                        "version": version_to_dict(assessment.version),
                    }

    # State, policies, and the newest that can be invoked

    def confirm(self, looked_at: int, passed: int, parts: int, total: int, number: int) -> Json:
        """Ask State and policy of survivors, dearest first, until enough of them pass.

        What earlier slices heard stands, and is handed on: a second answer could free a version they did not count.
        """
        self._start_slice()
        streams = [self.store.read_lines(self._at(f"survivors-{part:04}")) for part in range(1, parts + 1)]
        waiting = islice(heapq.merge(*streams, key=_dearest_first), looked_at, None)
        answers = self._confirmed(number - 1)
        finished = passed >= self.policy.max_deletions
        with self._readers() as pool:
            while not finished:
                bundle = list(islice(waiting, min(BUNDLE, self.policy.max_deletions - passed)))
                for clear in self._confirm_bundle(bundle, answers, pool):
                    passed += clear
                    looked_at += 1
                    self.progress(3, looked_at, min(total, looked_at + self.policy.max_deletions - passed))
                finished = not bundle or passed >= self.policy.max_deletions
                if self._time_is_up():
                    break
        lines = ({"fn": name, "confirmation": confirmation_to_dict(c)} for name, c in sorted(answers.items()))
        self.store.put_lines(self._at(f"confirmed-{number:04}"), lines)
        return {"looked_at": looked_at, "passed": passed, "finished": finished}

    def _confirm_bundle(
        self, bundle: Sequence[Json], answers: dict[str, Confirmation], pool: Executor
    ) -> Iterator[bool]:
        newest: dict[str, Future[Confirmation]] = {}
        asked = []
        for line in bundle:
            version = version_from_dict(line["version"])
            name = version.function_name
            if name not in newest:
                newest[name] = pool.submit(self._confirmation_begun, name, line["newest"], answers.get(name))
            asked.append((line, version, pool.submit(self._ask_version_after, newest[name], version)))
        for line, version, answer in asked:
            name = version.function_name
            known = answers[name] if name in answers else newest[name].result()
            answers[name] = joined = _joined(known, answer.result())
            yield confirm(version, line["rank"], tuple(line["newest"]), joined, self.policy).clear

    def _confirmation_begun(self, name: str, newest: Sequence[int], earlier: Confirmation | None) -> Confirmation:
        return earlier or Confirmation(states=self.ask_newest(name, newest), policies={}, executions={})

    def _ask_version_after(self, newest: Future[Confirmation], version: Version) -> Confirmation:
        return self.ask_version(version, newest.result())

    def ask_newest(self, name: str, newest: Sequence[int]) -> dict[int, State | Missing]:
        """Ask a function's newest versions for their State, from the top, until enough are known to be invocable."""
        states: dict[int, State | Missing] = {}
        invocable = 0
        for number in newest:
            if invocable == self.policy.keep_last_n:
                break
            state = states[number] = protections.state(self.clients.lambda_, name, number)
            invocable += isinstance(state, State) and state.name in INVOCABLE_STATES
        return states

    def ask_version(self, version: Version, known: Confirmation) -> Confirmation:
        """Ask what is asked last of one version, and no more than decides."""
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

    # The report

    def build_report(
        self, found: ReportFacts, kept: Mapping[str, Mapping[str, str]], header: Json, keys: tuple[str, str]
    ) -> Json:
        """Judge everything once more on all that is known; write the JSON and CSV reports and the offer."""
        region = self._region()
        tally = Tally(self.policy, region.price, kept)
        count = Count(region.price, found.now)
        confirmed = self._confirmed(found.confirmed)
        json_key, csv_key = keys
        with (
            self.store.stream_upload(json_key, "application/json") as json_report,
            self.store.stream_upload(csv_key, "text/csv; charset=utf-8") as csv_report,
        ):
            opening = json.dumps({"schema_version": SCHEMA_VERSION, **header}, ensure_ascii=False)
            json_report.write(f'{opening[:-1]}, "rows": ['.encode())
            csv_report.write(_csv_line(ROW_FIELDS))
            separator = "\n"
            for facts in self._final_facts(found.parts, confirmed):
                assessments = judge(facts, self.policy, self.scope, found.now)
                tally.add(facts.name, assessments)
                count.add(facts, assessments)
                for assessment in assessments:
                    values = row(assessment, region.price)
                    json_report.write(f"{separator}{json.dumps(values, ensure_ascii=False)}".encode())
                    csv_report.write(_csv_line(_cell(values[name]) for name in ROW_FIELDS))
                    separator = ",\n"
            summary = tally.summary(
                listed=found.listed,
                region_active=region.active,
                period_seconds=region.references.window.period_seconds,
                period_widened=region.references.window.widened,
                calls=found.calls,
            )
            closing = json.dumps(summary.to_dict(), ensure_ascii=False)
            json_report.write(f'\n], "summary": {closing}}}\n'.encode())
        candidates = in_offer_order(tally.candidates)
        self.store.put_json(
            self._at("offer.json"),
            {"summary": summary.to_dict(), "candidates": [asdict(candidate) for candidate in candidates]},
        )
        self.store.put_json(self._at("inventory.json"), count.inventory(header["account_id"], self.region).to_dict())
        return {
            "candidates": len(candidates),
            "new_and_paying": sum(c.monthly_usd > 0 and c.kept_by is None for c in candidates),
            "not_judged": summary.not_judged,
            "monthly_usd": summary.monthly_usd,
            "snapstart": summary.snapstart,
            "held": summary.held,
        }

    def _final_facts(self, parts: int, confirmed: Mapping[str, Confirmation]) -> Iterator[FunctionFacts]:
        for part in range(1, parts + 1):
            for line in self.store.read_lines(self._at(f"stage-b-{part:04}")):
                facts = facts_from_dict(line)
                yield replace(facts, confirmation=confirmed.get(facts.name, facts.confirmation))

    def _confirmed(self, slices: int) -> dict[str, Confirmation]:
        """What was heard of each function in so many slices."""
        if slices == 0:
            return {}
        lines = self.store.read_lines(self._at(f"confirmed-{slices:04}"))
        return {line["fn"]: confirmation_from_dict(line["confirmation"]) for line in lines}

    # Asking again, just before a delete

    def judge_again(self, keys: Sequence[tuple[str, int]], now: datetime) -> dict[tuple[str, int], Assessment]:
        """Judge versions on facts asked now, by the same rules; a version that is not listed any more is left out."""
        references = self._references(usage.window(now, self.policy.lookback_days, self.policy.period_seconds))
        wanted: dict[str, list[int]] = {}
        for name, number in keys:
            wanted.setdefault(name, []).append(number)
        listed = []
        for name, numbers in wanted.items():
            listing = discovery.list_function(self.clients.lambda_, name)
            if listing is not None:
                versions, others = listing
                listed.append((FunctionFacts(name=name, versions=versions, other_numbers=others), numbers))
        verdicts = {}
        for facts in self.ask_stage_b(listed, references).values():
            confirmed = self._confirm_again(facts, wanted[facts.name])
            for assessment in judge(replace(facts, confirmation=confirmed), self.policy, self.scope, now):
                verdicts[facts.name, assessment.version.number] = assessment
        return {key: verdicts[key] for key in keys if key in verdicts}

    def _confirm_again(self, facts: FunctionFacts, numbers: Sequence[int]) -> Confirmation:
        known = Confirmation(states=self.ask_newest(facts.name, newest_numbers(facts)), policies={}, executions={})
        for number in numbers:
            version = facts.version(number)
            if version is not None:
                known = _joined(known, self.ask_version(version, known))
        return known

    # Small things

    def _at(self, name: str) -> str:
        return f"{self.place}{name}"

    def _region(self) -> RegionFacts:
        stored = self.store.get_json(self._at("region.json"))
        return _region_from_dict(stored)

    @contextmanager
    def _readers(self) -> Iterator[Executor]:
        """Workers that ask side by side; what they have not begun is dropped when something goes wrong."""
        with self.workers(READERS) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _start_slice(self) -> None:
        self._deadline = self.stopwatch() + SLICE_SECONDS

    def _time_is_up(self) -> bool:
        return self.stopwatch() >= self._deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """What the report needs of the phases before it."""

    now: datetime
    listed: int
    parts: int
    confirmed: int
    """How many slices of confirmations there are."""
    calls: Mapping[str, int]


_WhoCalls: TypeAlias = tuple[tuple[Alias, ...] | Missing, frozenset[str] | Missing]
"""A function's aliases, and the qualifiers it was lately called by."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """Functions with the versions still in question, and what is being heard of them."""

    functions: Sequence[tuple[FunctionFacts, Sequence[int]]]
    answers: Iterator[_WhoCalls]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part whose functions are being asked about."""

    functions: Sequence[FunctionFacts]
    asking: _Asking


def _entry(functions: dict[str, Json], name: str) -> Json:
    return functions.setdefault(name, {"fn": name, "versions": [], "others": []})


def _in_parts(functions: Iterable[Json]) -> Iterator[list[Json]]:
    part: list[Json] = []
    versions = asked = 0
    for line in functions:
        part.append(line)
        versions += len(line["facts"]["versions"])
        asked += bool(line["survivors"])
        if versions >= PART_VERSIONS or asked >= PART_FUNCTIONS:
            yield part
            part, versions, asked = [], 0, 0
    if part:
        yield part


def _surviving(assessments: Iterable[Assessment]) -> list[int]:
    return [assessment.version.number for assessment in assessments if not assessment.held]


def _dearest_first(line: Json) -> tuple[float, str, int]:
    return -line["usd"], line["version"]["fn"], line["version"]["n"]


def _joined(first: Confirmation, second: Confirmation) -> Confirmation:
    return Confirmation(
        states={**first.states, **second.states},
        policies={**first.policies, **second.policies},
        executions={**first.executions, **second.executions},
    )


def _usage_question(
    facts: FunctionFacts,
    survivors: Sequence[int],
    aliases: tuple[Alias, ...] | Missing,
    seen: frozenset[str] | Missing,
) -> usage.UsageQuestion:
    known = () if isinstance(aliases, Missing) else (alias.name for alias in aliases)
    unseen = next((answer for answer in (seen, aliases) if isinstance(answer, Missing)), None)
    return usage.UsageQuestion(
        function_name=facts.name,
        numbers=(*(version.number for version in facts.versions), *facts.other_numbers),
        survivors=tuple(survivors),
        qualifiers=frozenset(known) | (frozenset() if isinstance(seen, Missing) else seen),
        unseen=unseen and Missing(Check.FUNCTION_TOTAL, unseen.words),
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


def _region_to_dict(facts: RegionFacts) -> Json:
    def asked(value: Any, encode: Callable[[Any], Any]) -> Any:
        return {"missing": [value.check.value, value.words]} if isinstance(value, Missing) else {"is": encode(value)}

    return {
        "window": {
            "start": iso(facts.references.window.start),
            "end": iso(facts.references.window.end),
            "settled_end": iso(facts.references.window.settled_end),
            "period_seconds": facts.references.window.period_seconds,
            "widened": facts.references.window.widened,
        },
        "event_sources": asked(
            facts.references.event_sources, lambda found: {fn: sorted(called) for fn, called in found.items()}
        ),
        "keep_tags": asked(facts.references.keep_tags, dict),
        "active": facts.active,
        "price": asdict(facts.price),
    }


def _region_from_dict(data: Json) -> RegionFacts:
    def asked(value: Json, decode: Callable[[Any], Any]) -> Any:
        if "missing" in value:
            check, words = value["missing"]
            return Missing(Check(check), words)
        return decode(value["is"])

    window = data["window"]
    references = References(
        window=usage.Window(
            start=datetime.fromisoformat(window["start"]),
            end=datetime.fromisoformat(window["end"]),
            settled_end=datetime.fromisoformat(window["settled_end"]),
            period_seconds=window["period_seconds"],
            widened=window["widened"],
        ),
        event_sources=asked(
            data["event_sources"],
            lambda found: {fn: frozenset(called) for fn, called in found.items()},
        ),
        keep_tags=asked(data["keep_tags"], dict),
    )
    return RegionFacts(
        references=references,
        active=data["active"],
        price=Price(**data["price"]),
    )


def _csv_line(values: Iterable[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue().encode()


_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def _cell(value: Any) -> Any:
    """A value as a spreadsheet reads it: nothing for null, true and false as such, lists as JSON or words.

    Text that a spreadsheet would take for a formula is quoted: anybody who publishes a version writes its description.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_BEGINS):
        return f"'{value}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return (
            " ".join(value) if all(isinstance(item, str) for item in value) else json.dumps(value, ensure_ascii=False)
        )
    return value
