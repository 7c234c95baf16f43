"""Run the scan's phases one after the other in this process, with a folder for what they hand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestrator.aws.clients import Clients
from orchestrator.aws.quota import CallCount
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.days import iso
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.report import Summary
from orchestrator.scanner.phases import Scanner
from orchestrator.scanner.slices import S, scan_in_slices

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
        scanned_at=now,
        clock=clock,
        stopwatch=stopwatch,
        progress=progress,
    )
    found = scan_in_slices(scanner, _at_once, lambda: None)
    progress(REPORT_STEP, 0, 0)
    header = {
        "execution": f"command-{now:%Y%m%dT%H%M%SZ}",
        "execution_arn": None,
        "account_id": account_id,
        "region": region,
        "scanned_at": iso(now),
        "request": {"requested_by": None, **asdict(policy)},
    }
    reported = scanner.build_report(found, header, (JSON_REPORT, CSV_REPORT), calls.as_dict())
    return Report(
        account_id=account_id,
        region=region,
        scanned_at=now,
        policy=policy,
        summary=reported.summary,
        candidates=reported.candidates,
        json_file=folder / JSON_REPORT,
        csv_file=folder / CSV_REPORT,
    )


def _at_once(_of: type[S], _phase: str, _number: int, act: Callable[..., S], *args: Any) -> S:
    return act(*args)
