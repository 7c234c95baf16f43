"""The account beside the channel: every version as one square, and what the idle ones cost.

What the squares say is the product's own verdict: at first of a survey that nobody has to wait for, then of every
report a run writes. What is gone, and what an alias points to, is the account's own state at this moment.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from demo.jumps import Jumps
from fakes.aws import Cloud, fleets
from fakes.aws.account import Alias
from orchestrator.aws.clients import build_clients
from orchestrator.aws.quota import CallCount
from orchestrator.cli import scanning
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Flag
from orchestrator.domain.verdicts import in_totals
from orchestrator.domain.words import day
from orchestrator.scanner.phases import quiet

Json = dict[str, Any]
Key = tuple[str, int]

WRITES = frozenset({"PutObject", "CompleteMultipartUpload"})
_REPORT = re.compile(r"reports/[^/]+\.json")
_OUTCOME = re.compile(r"outcomes/[^/]+/page-\d+\.json")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the product said of a version last: `idle`, `held` or `unjudged`, why, and what it costs a month."""

    state: str
    why: str
    monthly_usd: float


PUBLISHED_SINCE = Verdict("unjudged", "published since the last scan", 0.0)


class Account:
    """One account as the page shows it. It listens to what is written; `first_look` fills it before any run.

    `records` is the account whose bucket holds what the runs write, where that is another one.
    """

    def __init__(self, cloud: Cloud, bucket: str, *, records: Cloud | None = None) -> None:
        self.cloud = cloud
        self._records = records or cloud
        self._bucket = bucket
        self._verdicts: dict[Key, Verdict] = {}
        self._approved: set[Key] = set()
        self._called: set[Key] = set()
        self._lock = threading.Lock()
        self._records.watchers.append(self._told)

    def first_look(self, rows: Iterable[Json]) -> None:
        """Take verdicts that are not a run's, then those of the runs so far, oldest first."""
        self._learn(rows)
        stored = self._records.client("s3").list_objects_v2(Bucket=self._bucket, Prefix="reports/")
        for found in sorted(stored.get("Contents", []), key=lambda found: found["LastModified"]):
            self._read(found["Key"])

    def called(self, name: str, number: int) -> None:
        """Note that a version was called, until a report says so."""
        with self._lock:
            self._called.add((name, number))

    def shown(self) -> Json:
        """Everything the page draws of the account."""
        with self._lock:
            verdicts, approved = dict(self._verdicts), set(self._approved)
        for name in {name for name, _ in verdicts}:
            for number in self.cloud.functions[name].numbers:
                verdicts.setdefault((name, number), PUBLISHED_SINCE)
        functions: dict[str, list[Json]] = {}
        for (name, number), verdict in sorted(verdicts.items()):
            functions.setdefault(name, []).append(self._square(name, number, verdict, approved))
        worth = {name: sum(s["usd"] for s in squares if s["idle"]) for name, squares in functions.items()}
        return {
            "account_id": self.cloud.account_id,
            "region": self.cloud.region,
            "known": bool(verdicts),
            "functions": [
                {**self._described(name), "versions": functions[name]}
                for name in sorted(functions, key=lambda name: (-worth[name], name))
            ],
            "unpriced": [
                {"name": name, "versions": len(self.cloud.functions[name].numbers)}
                for name in self.cloud.names
                if name not in functions
            ]
            if verdicts
            else [],
        }

    def _described(self, name: str) -> Json:
        function = self.cloud.functions[name]
        return {
            "name": name,
            "runtime": function.build.runtime or "container image",
            "memory_mb": function.build.memory_mb,
        }

    def _square(self, name: str, number: int, verdict: Verdict, approved: set[Key]) -> Json:
        """One version; `idle` is what it was found to be, `state` is what it is by now."""
        aliases = [alias for alias in self.cloud.functions[name].aliases.values() if alias.refers_to(number)]
        state, why = verdict.state, verdict.why
        if not self.cloud.has(name, number):
            state, why = "gone", "deleted"
        elif aliases:
            state = "live"
            why = ", ".join(_reference(alias, number) for alias in aliases)
        elif (name, number) in self._called:
            why = f"called just now; until then: {why}"
        return {
            "n": number,
            "state": state,
            "why": why,
            "usd": verdict.monthly_usd,
            "idle": verdict.state == "idle",
            "approved": (name, number) in approved and state != "gone",
        }

    # What is learnt from what the product writes.

    def _told(self, operation: str, parameters: Mapping[str, Any]) -> None:
        if operation in WRITES and parameters["Bucket"] == self._bucket:
            self._read(parameters["Key"])

    def _read(self, key: str) -> None:
        if _REPORT.fullmatch(key):
            report = self._record(key)
            if self._is_of(report):
                self._learn(report["rows"])
        elif _OUTCOME.fullmatch(key):
            outcome = self._record(key)
            if not self._is_of(outcome["page"]):
                return
            done = bool(outcome["results"])
            with self._lock:
                self._approved = set() if done else {(name, number) for name, number in outcome["approved"]}

    def _is_of(self, record: Json) -> bool:
        return bool(record["account_id"] == self.cloud.account_id)

    def _record(self, key: str) -> Json:
        content: Json = json.loads(self._records.storage.read(self._bucket, key) or b"{}")
        return content

    def _learn(self, rows: Iterable[Json]) -> None:
        rows = list(rows)
        told = {_key(found): _verdict(found) for found in rows if _says_something(found)}
        left_out = {_key(found): _verdict(found) for found in rows if not _says_something(found)}
        with self._lock:
            self._verdicts = left_out | self._verdicts | told
            self._called -= set(told)


def survey(seeded_at: datetime, seed: Callable[[Cloud], None] = fleets.believable) -> list[Json]:
    """The rows of a report on a fleet as of a moment: the product's own scan, without waiting for anything."""
    cloud = Cloud(clock=lambda: seeded_at)
    seed(cloud)
    time, calls = Jumps(), CallCount()
    with TemporaryDirectory() as folder:
        report = scanning.scan(
            clients=build_clients(
                cloud.session(), cloud.region, shared_rate=1.0, calls=calls, clock=time.now, sleep=time.passes
            ),
            calls=calls,
            account_id=cloud.account_id,
            region=cloud.region,
            policy=Policy(),
            folder=Path(folder),
            clock=cloud.now,
            stopwatch=time.now,
            progress=quiet,
        )
        rows: list[Json] = json.loads(report.json_file.read_text())["rows"]
    return rows


def _reference(alias: Alias, number: int) -> str:
    if alias.version == number:
        return f"alias {alias.name} points to it"
    return f"alias {alias.name} sends it {alias.weights[number] * 100:g} %"


def _key(found: Json) -> Key:
    return found["function_name"], int(found["version"])


def _says_something(found: Json) -> bool:
    """Whether a row judges its version: what somebody keeps is not asked about by a scheduled run."""
    return bool(found["candidate_for_deletion"] or found["reason_flags"])


def _verdict(found: Json) -> Verdict:
    flags = [Flag(flag) for flag in found["reason_flags"]]
    usd = float(found["estimated_monthly_cost_usd"])
    if found["candidate_for_deletion"]:
        return Verdict("idle", "nothing calls it, nothing refers to it", usd)
    if flags == [Flag.NOT_JUDGED] or not flags:
        missing = "; ".join(dict.fromkeys(f"{m['error']}" for m in found["not_judged"]))
        return Verdict("unjudged", missing or "not looked at yet", usd)
    return Verdict("held", " · ".join(_reasons(found, flags)), usd)


def _reasons(found: Json, flags: Iterable[Flag]) -> Iterable[str]:
    for flag in flags:
        if flag is Flag.HAS_RECENT_INVOCATIONS and found["version_last_invoked_utc"]:
            moment = datetime.fromisoformat(found["version_last_invoked_utc"]).astimezone(UTC)
            yield f"last called {day(moment)}"
        elif flag is not Flag.NOT_JUDGED:
            yield in_totals(flag, Policy())
