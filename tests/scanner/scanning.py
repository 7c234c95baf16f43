"""One whole scan as one call: the scanner as it ships, on an account in memory, its hand-offs in a folder."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fakes.aws import Cloud
from orchestrator.aws.clients import build_clients
from orchestrator.aws.quota import CallCount
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.report import Candidate, Summary
from orchestrator.scanner.phases import SLICE_SECONDS, ReportFacts, Scanner, quiet
from tests.builders import NOW

PLACE = "intermediate/scan/"
JSON_KEY, CSV_KEY = "reports/scan.json", "reports/scan.csv"
HEADER = {"execution": "scan", "account_id": "111122223333", "region": "us-west-2", "scanned_at": "…", "request": {}}


class OneAfterTheOther(Executor):
    """Runs what it is given at once, so that the nth call is always the same call."""

    def __init__(self, _workers: int) -> None:
        pass

    def submit(self, act: Callable[..., Any], /, *args: Any, **given: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(act(*args, **given))
        except Exception as error:  # noqa: BLE001 - a future carries what was raised
            done.set_exception(error)
        return done


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
    counts: dict[str, Any]
    """What the report step returned."""
    slices: Mapping[str, int]
    """How many slices each phase took."""
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


def a_survey(
    cloud: Cloud,
    folder: Path,
    *,
    policy: Policy | None = None,
    scope: Scope | None = None,
    calls: CallCount | None = None,
    attempts: int = 1,
    **given: Any,
) -> Scanner:
    """The scanner of the cloud's region, its clients counted and without patience: a refusal is seen at once."""
    clients = build_clients(
        cloud.session(),
        cloud.region,
        shared_rate=15,
        calls=calls or CallCount(),
        attempts=attempts,
        clock=lambda: 0.0,
        sleep=lambda _: None,
    )
    return Scanner(
        clients=clients,
        store=DirectoryStore(folder),
        place=PLACE,
        region=cloud.region,
        policy=policy or Policy(),
        scope=scope or Scope(),
        **{"workers": OneAfterTheOther, "stopwatch": lambda: 0.0, "progress": quiet, **given},
    )


def scan(cloud: Cloud, folder: Path, *, kept: Mapping[str, Mapping[str, str]] | None = None, **given: Any) -> Scanned:
    """Scan the cloud's region, slice by slice, as the workflow does."""
    calls = CallCount()
    scanner = a_survey(cloud, folder, calls=calls, **given)
    marker, listings, listed = None, 0, 0
    while listings == 0 or marker is not None:
        listings += 1
        slice_ = scanner.list_versions(marker, listings)
        marker, listed = slice_["marker"], listed + slice_["listed"]
    return read_report(scanner, folder, now=cloud.clock(), listings=listings, listed=listed, calls=calls, kept=kept)


def read_report(
    scanner: Scanner,
    folder: Path,
    *,
    listings: int,
    now: datetime = NOW,
    listed: int | None = None,
    calls: CallCount | None = None,
    kept: Mapping[str, Mapping[str, str]] | None = None,
) -> Scanned:
    """Go on from so many slices of a listing to the report."""
    found = scanner.stage_a(listings, now)
    scanner.ask_region(now)
    parts, survivors = found["parts"], found["survivors"]
    heard, asked = {"part": 1, "done": 0, "in_question": 0}, 0
    while heard["part"] <= parts:
        asked += 1
        heard = scanner.stage_b(heard["part"], parts, survivors, now, heard["done"], heard["in_question"])
    so_far, confirmed = {"looked_at": 0, "passed": 0, "finished": False}, 0
    while not so_far["finished"]:
        confirmed += 1
        so_far = scanner.confirm(so_far["looked_at"], so_far["passed"], parts, heard["in_question"], confirmed)
    facts = ReportFacts(
        now=now,
        listed=found["snapstart"] if listed is None else listed,
        parts=parts,
        confirmed=confirmed,
        calls=(calls or CallCount()).as_dict(),
    )
    counts = scanner.build_report(facts, kept or {}, HEADER, (JSON_KEY, CSV_KEY))

    report = json.loads((folder / JSON_KEY).read_text(encoding="utf-8"))
    offer = json.loads((folder / PLACE / "offer.json").read_text(encoding="utf-8"))
    return Scanned(
        rows={f"{row['function_name']}:{row['version']}": row for row in report["rows"]},
        summary=Summary.from_dict(report["summary"]),
        candidates=tuple(Candidate(**candidate) for candidate in offer["candidates"]),
        report=report,
        counts=counts,
        slices={"listing": listings, "stage_b": asked, "confirm": confirmed},
        folder=folder,
    )
