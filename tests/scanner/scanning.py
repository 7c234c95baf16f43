"""One whole scan as one call: the scanner as it ships, on an account in memory, its hand-offs in a folder."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fakes.aws import Cloud
from orchestrator.aws.answers import WholeAnswers
from orchestrator.aws.clients import build_clients
from orchestrator.aws.quota import CallCount
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.candidates import Candidate, VersionKey
from orchestrator.domain.judging import Assessment
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.recalled import Recalled
from orchestrator.domain.remember import Seen
from orchestrator.domain.report import Summary
from orchestrator.domain.slices import Asking, Confirmed, Found, Listed
from orchestrator.domain.versions import Missing
from orchestrator.scanner.phases import SLICE_SECONDS, Scanner, quiet
from orchestrator.scanner.report_files import Reported
from orchestrator.scanner.slices import scan_in_slices
from tests.builders import NOW
from tests.executors import OneAfterTheOther

PLACE = "intermediate/scan/"
JSON_KEY, CSV_KEY = "reports/scan.json", "reports/scan.csv"
HEADER = {"execution": "scan", "account_id": "111122223333", "region": "us-west-2", "scanned_at": "…", "request": {}}


def labels(name: str, numbers: Iterable[int]) -> list[str]:
    """Versions of a function by `function:version`."""
    return [f"{name}:{number}" for number in numbers]


ALL_IDLE = labels("orders-api", range(1, 8))
"""What may go of the ten versions of `orders`."""


def time_for(looks: int) -> Callable[[], float]:
    """A stopwatch by which a slice's time is up after so many looks at it."""
    moments = itertools.count(0, SLICE_SECONDS / looks)
    return lambda: float(next(moments))


@dataclass(frozen=True)
class Scanned:
    """What a scan left behind."""

    rows: Mapping[str, dict[str, Any]]
    """The report's rows by `function:version`."""
    summary: Summary
    candidates: tuple[Candidate, ...]
    """As they are offered."""
    report: dict[str, Any]
    reported: Reported
    """What the report step returned."""
    seen: Seen
    """What is remembered of it."""
    slices: Mapping[str, int]
    """How many slices each phase took, by its name."""
    folder: Path

    @property
    def offered(self) -> list[str]:
        """The candidates by `function:version`, in the order they are offered."""
        return [candidate.label for candidate in self.candidates]

    def flags(self, label: str) -> list[str]:
        """The reasons on one row."""
        return self.rows[label]["reason_flags"]

    def not_judged(self) -> dict[str, list[str]]:
        """The checks that failed, by row; rows without one are left out."""
        return {
            label: [missing["check"] for missing in row["not_judged"]]
            for label, row in self.rows.items()
            if row["not_judged"]
        }

    def csv_rows(self) -> list[dict[str, str]]:
        """The CSV report's rows."""
        return list(csv.DictReader(io.StringIO((self.folder / CSV_KEY).read_text(encoding="utf-8"), newline="")))

    def everything_stored(self) -> Iterator[tuple[str, str]]:
        """Every stored file and what stands in it."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                data = path.read_bytes()
                text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
                yield path.relative_to(self.folder).as_posix(), text.decode("utf-8")


def a_scanner(
    cloud: Cloud,
    folder: Path,
    *,
    policy: Policy | None = None,
    scope: Scope | None = None,
    calls: CallCount | None = None,
    attempts: int = 1,
    pace: Callable[[], float] = lambda: 0.0,
    **given: Any,
) -> Scanner:
    """The scanner of the cloud's region, its clients counted and without patience: a refusal is seen at once.

    `pace` is what the quotas are kept by, in seconds; its waits are the cloud's.
    """
    clients = build_clients(
        WholeAnswers(cloud.session(), lambda _: None),
        cloud.region,
        shared_rate=15,
        calls=calls or CallCount(),
        attempts=attempts,
        clock=pace,
        sleep=cloud.sleep,
    )
    return Scanner(
        clients=clients,
        store=DirectoryStore(folder),
        place=PLACE,
        region=cloud.region,
        policy=policy or Policy(),
        scope=scope or Scope(),
        scanned_at=cloud.clock(),
        clock=cloud.clock,
        **{"workers": OneAfterTheOther, "stopwatch": lambda: 0.0, "progress": quiet, **given},
    )


def scan(cloud: Cloud, folder: Path, *, recalled: Recalled | None = None, **given: Any) -> Scanned:
    """Scan the cloud's region, slice by slice, as the workflow does."""
    calls = CallCount()
    scanner = a_scanner(cloud, folder, calls=calls, **given)
    slices: Counter[str] = Counter()
    if recalled is not None:
        scanner.go_by(recalled)

    def run_slice(_of: type, phase: str, number: int, act: Callable[..., Any], *args: Any) -> Any:
        slices[phase] = number
        return act(*args)

    found = scan_in_slices(scanner, run_slice, lambda: None)
    return read_report(scanner, folder, found, slices=slices, calls=calls)


def go_on(scanner: Scanner, folder: Path, *, listings: int) -> Scanned:
    """Go on from so many slices of a listing to the report."""
    found = asked_region(scanner, listings)
    asking = Asking()
    while asking.part <= found.fleet.parts:
        asking = scanner.stage_b(found, asking)
    found, confirmed, slices = replace(found, in_question=asking.in_question), Confirmed(), 0
    while not confirmed.finished:
        slices += 1
        confirmed = scanner.confirm(found, confirmed, slices)
    return read_report(scanner, folder, replace(found, confirming_slices=slices))


def judged_again(
    scanner: Scanner, keys: Sequence[VersionKey], now: datetime = NOW
) -> dict[VersionKey, Assessment | Missing]:
    """Judge versions again, as it is done before their deletes."""
    history = scanner.history_again({name for name, _ in keys})
    return scanner.judge_again(keys, history, now)


def asked_region(scanner: Scanner, listings: int = 1) -> Found:
    """Judge age and rank of what so many slices listed, and ask what is asked once a region."""
    fleet = scanner.stage_a(listings)
    listed = Listed(listed=fleet.snapstart, fleet=fleet)
    return Found(listed=listed.listed, fleet=fleet, aliases_read=scanner.ask_region(listed))


def read_report(
    scanner: Scanner,
    folder: Path,
    found: Found,
    *,
    slices: Mapping[str, int] | None = None,
    calls: CallCount | None = None,
) -> Scanned:
    """Build the report of all that was found, and read it."""
    made = (calls or CallCount()).as_dict()
    reported = scanner.build_report(found, HEADER, (JSON_KEY, CSV_KEY), made)
    report = json.loads((folder / JSON_KEY).read_text(encoding="utf-8"))
    return Scanned(
        rows={f"{row['function_name']}:{row['version']}": row for row in report["rows"]},
        summary=Summary.from_dict(report["summary"]),
        candidates=reported.candidates,
        report=report,
        reported=reported,
        seen=reported.seen,
        slices=slices or {},
        folder=folder,
    )
