"""Run the scan's phases one after the other in this process, with a folder for what they hand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from orchestrator.aws.clients import Clients
from orchestrator.aws.quota import CallCount
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.encoding import iso
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.report import Candidate, Summary
from orchestrator.scanner.phases import ReportFacts, Scanner

PLACE = "intermediate/"
JSON_REPORT, CSV_REPORT = "report.json", "report.csv"
REPORT_STEP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a scan found, and the files that say it of every version."""

    account_id: str
    region: str
    scanned_at: datetime
    policy: Policy
    summary: Summary
    candidates: tuple[Candidate, ...]
    """In the order they are offered."""
    json_file: Path
    csv_file: Path


def scan(
    *,
    clients: Clients,
    calls: CallCount,
    account_id: str,
    region: str,
    policy: Policy,
    folder: Path,
    clock: Callable[[], datetime],
    stopwatch: Callable[[], float],
    progress: Callable[[int, int, int], None],
) -> Report:
    """Scan a region. Raises AwsError when what everything depends on cannot be asked."""
    now = clock()
    store = DirectoryStore(folder)
    scanner = Scanner(
        clients=clients,
        store=store,
        place=PLACE,
        region=region,
        policy=policy,
        scope=Scope(),
        stopwatch=stopwatch,
        progress=progress,
    )
    found = _ask(scanner, calls, now)
    progress(REPORT_STEP, 0, 0)
    header = {
        "execution": f"command-{now:%Y%m%dT%H%M%SZ}",
        "execution_arn": None,
        "account_id": account_id,
        "region": region,
        "scanned_at": iso(now),
        "request": {"requested_by": None, **asdict(policy)},
    }
    scanner.build_report(found, {}, header, (JSON_REPORT, CSV_REPORT))
    offer = store.get_json(f"{PLACE}offer.json")
    return Report(
        account_id=account_id,
        region=region,
        scanned_at=now,
        policy=policy,
        summary=Summary.from_dict(offer["summary"]),
        candidates=tuple(Candidate(**candidate) for candidate in offer["candidates"]),
        json_file=folder / JSON_REPORT,
        csv_file=folder / CSV_REPORT,
    )


def _ask(scanner: Scanner, calls: CallCount, now: datetime) -> ReportFacts:
    """Go through the phases up to the report; each slice goes on where the last one stopped."""
    scanner.progress(1, 0, 0)
    marker, slices, listed = None, 0, 0
    while slices == 0 or marker is not None:
        slices += 1
        listing = scanner.list_versions(marker, slices)
        marker, listed = listing["marker"], listed + listing["listed"]
    stage_a = scanner.stage_a(slices, now)
    parts, survivors = stage_a["parts"], stage_a["survivors"]

    scanner.progress(2, 0, survivors)
    scanner.ask_region(now)
    part, done, in_question = 1, 0, 0
    while part <= parts:
        asked = scanner.stage_b(part, parts, survivors, now, done, in_question)
        part, done, in_question = asked["part"], asked["done"], asked["in_question"]

    scanner.progress(3, 0, in_question)
    slices, looked_at, passed, finished = 0, 0, 0, False
    while not finished:
        slices += 1
        confirmed = scanner.confirm(looked_at, passed, parts, in_question, slices)
        looked_at, passed, finished = confirmed["looked_at"], confirmed["passed"], confirmed["finished"]
    return ReportFacts(now=now, listed=listed, parts=parts, confirmed=slices, calls=calls.as_dict())
