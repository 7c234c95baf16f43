"""Scan one fleet, and hold what it took against what the account saw."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmark import latency, scanner
from benchmark.account import BUCKET, Account
from benchmark.fleet import RATES, Fleet
from fakes.aws.cloud import OPERATIONS

PAUSE_SECONDS = 1.0
"""A wait between two slices; the engine here skips it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What one scan took, until a person was asked."""

    fleet: Fleet
    execution: str
    calls: Mapping[str, int]
    """As the account counted them, by quota class."""
    throttled: int
    summary_calls: Mapping[str, int]
    """As the report's summary says."""
    busiest_second: Mapping[str, int]
    """Most calls within any one second, by quota class."""
    busiest_ten_seconds: Mapping[str, int]
    offered: int
    seconds: float
    """Waiting and working."""
    worked_seconds: float
    longest_invocation_seconds: float
    report_seconds: float
    """Building and writing the report."""
    idle_mib: float
    """Memory of the process before the scan."""
    peak_mib: float
    operations: int
    largest_checkpoint_bytes: int
    slack_calls: int

    @property
    def above_our_share(self) -> tuple[str, ...]:
        """Quota classes that took more than our share in any ten seconds, or in any second by more than one call.

        The calls of one second are whole numbers, and the process may be held up between leave and sending.
        """
        return tuple(
            quota
            for quota, rate in RATES.items()
            if self.busiest_ten_seconds.get(quota, 0) > 10 * rate + 1
            or self.busiest_second.get(quota, 0) > math.ceil(rate) + 1
        )

    @property
    def counted_right(self) -> bool:
        """Whether the summary says of every quota class what the account saw."""
        return all(self.calls[quota] == self.summary_calls.get(quota, 0) for quota in RATES if quota in self.calls)


Scanning = Callable[[Account, datetime, Mapping[str, str]], dict[str, Any]]
"""Scans a served account from a moment on, with these settings, and says what that took."""


def in_a_process(account: Account, start: datetime, settings: Mapping[str, str]) -> dict[str, Any]:
    """Scan in a process of its own. Raises ScanFailed when that ends without a result."""
    child = subprocess.run(
        [sys.executable, "-m", "benchmark.scanner"],
        input=json.dumps(_told(account, start, settings)),
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode != 0:
        raise ScanFailed(child.stderr[-4_000:])
    return _with_waits(json.loads(child.stdout.splitlines()[-1]))


def in_this_process(account: Account, start: datetime, settings: Mapping[str, str]) -> dict[str, Any]:
    """Scan beside what plays AWS: soon over, but its time and its memory are those of both."""
    with redirect_stdout(io.StringIO()):  # a run prints its metrics
        return _with_waits(scanner.scan(_told(account, start, settings)))


def _told(account: Account, start: datetime, settings: Mapping[str, str]) -> dict[str, Any]:
    return {
        "start": start.timestamp(),
        "endpoint": account.endpoint,
        "slack_api_url": account.slack.api_url,
        "settings": dict(settings),
    }


def _with_waits(measured: dict[str, Any]) -> dict[str, Any]:
    waited = measured["pauses"] * PAUSE_SECONDS + measured["checkpoints"] * latency.CHECKPOINT
    return {**measured, "seconds": measured["seconds"] + waited}


def scan(account: Account, fleet: Fleet, start: datetime) -> Scan:
    """Scan a served account, and hold what it took against what the account saw. Raises ScanFailed."""
    measured = in_a_process(account, start, {})
    summary, offered = offer(account, measured["execution"])
    calls = account.cloud.calls
    return Scan(
        fleet=fleet,
        execution=measured["execution"],
        calls={quota: calls.quota[quota] for quota in sorted(calls.quota)},
        throttled=sum(calls.throttled.values()),
        summary_calls=summary["calls"],
        busiest_second=busiest(measured["log"], seconds=1),
        busiest_ten_seconds=busiest(measured["log"], seconds=10),
        offered=offered,
        seconds=measured["seconds"],
        worked_seconds=measured["worked_seconds"],
        longest_invocation_seconds=max(measured["invocation_seconds"]),
        report_seconds=measured["report_seconds"],
        idle_mib=measured["idle_kib"] / 1024,
        peak_mib=measured["peak_kib"] / 1024,
        operations=measured["operations"],
        largest_checkpoint_bytes=measured["largest_checkpoint_bytes"],
        slack_calls=len(account.slack.calls),
    )


class ScanFailed(Exception):
    """The scanning process ended without a result; the message is the end of what it said."""


def busiest(log: Iterable[tuple[float, str]], *, seconds: float) -> dict[str, int]:
    """The most calls of each quota class within any so many seconds, of calls by their moment and operation."""
    moments: dict[str, list[float]] = {}
    for moment, operation in log:
        if operation in OPERATIONS:
            moments.setdefault(OPERATIONS[operation][1], []).append(moment)
    return {quota: _most_within(seconds, sorted(when)) for quota, when in moments.items()}


def _most_within(seconds: float, moments: list[float]) -> int:
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def offer(account: Account, execution: str) -> tuple[dict[str, Any], int]:
    """The summary that a scan wrote down, and how many rows it offers."""
    stored = account.cloud.storage.read(BUCKET, f"intermediate/{execution}/offer.json")
    written = json.loads(stored or b"{}")
    return written["summary"], len(written["candidates"])
