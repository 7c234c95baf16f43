"""The benchmark's results, laid out for a terminal and for the README alike."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from textwrap import wrap

from benchmark import latency
from benchmark.fleet import RATES, least_calls, least_seconds, slowest_quota_seconds
from benchmark.measured import JUDGED_FLEET, Check, Measured
from orchestrator.aws.quota import SHARED
from orchestrator.domain.settings import SHARED_QUOTA

LAMBDA_LIMIT = 900
WIDTH = 110
CLASSES = (
    SHARED,
    "ListMetrics",
    "GetMetricData",
    "GetMetricStatistics",
    "GetFunction",
    "GetPolicy",
    "LookupEvents",
    "ListStacks",
)


def lines(measured: Measured, *, heading: str) -> Iterator[str]:
    """Everything that was measured, a line after the other."""
    yield f"{heading} · {_machine()}"
    for part in (_what_time_is, _calls, _times, _resources, _shapes, _sweep, _bot):
        yield ""
        yield from part(measured)


def verdicts(measured: Measured) -> Iterator[str]:
    """What the benchmark must show, and whether it does."""
    yield "What it must show:"
    yield from map(verdict, measured.checks())


def _machine() -> str:
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"


def _what_time_is(measured: Measured) -> Iterator[str]:
    shown = sum(scan.seconds for scan in measured.scans)
    named = ", ".join(f"{name} {seconds * 1000:.0f}" for name, seconds in latency.AWS.items() if name != "*")
    yield from wrap(
        "Time is the scanner's own processor time plus its waits. The waits are skipped, not scaled: "
        f"{shown:,.0f} s of scanning pass in a fraction of that, and what plays AWS adds nothing. "
        f"The account keeps AWS's quotas. Our share is {RATES[SHARED] / SHARED_QUOTA:.0%} of each, {RATES[SHARED]:g} a "
        f"second of the {SHARED_QUOTA:g} control-plane calls that everybody shares; "
        "the public pattern may take all of them.",
        WIDTH,
    )
    yield from wrap(
        f"Latencies in ms: {named}, any other {latency.AWS['*'] * 1000:.0f}, Slack {latency.SLACK * 1000:.0f}, "
        f"a checkpoint {latency.CHECKPOINT * 1000:.0f}.",
        WIDTH,
    )


def _calls(measured: Measured) -> Iterator[str]:
    scan = measured.scan_of(JUDGED_FLEET) or measured.scans[-1]
    least, public = least_calls(scan.fleet), measured.public[scan.fleet].calls
    yield f"Calls for {scan.fleet} versions, each function busy through one alias in every hour:"
    total = [sum(calls.get(quota, 0) for quota in CLASSES) for calls in (scan.calls, least, public)]
    yield from _table(
        ("quota", "ours", "least", "public pattern", "our busiest second", "our share a second"),
        [
            *(
                (
                    quota,
                    *(f"{calls.get(quota, 0):,}" for calls in (scan.calls, least, public)),
                    str(scan.busiest_second.get(quota, "")),
                    f"{RATES[quota]:g}" if quota in RATES else "",
                )
                for quota in CLASSES
            ),
            ("all of these", *(f"{number:,}" for number in total), "", ""),
        ],
    )


def _times(measured: Measured) -> Iterator[str]:
    yield "Time from the request to the question in Slack; the bound is the quotas', in the order the rules demand:"
    yield from _table(
        ("fleet", "shared calls", "least", "time", "bound", "time/bound", "slowest quota alone", "public pattern"),
        [
            (
                str(scan.fleet),
                f"{scan.calls[SHARED]:,}",
                f"{least_calls(scan.fleet)[SHARED]:,}",
                f"{scan.seconds:,.1f} s",
                f"{least_seconds(scan.fleet):,.1f} s",
                f"{scan.seconds / least_seconds(scan.fleet):.2f}",
                f"{slowest_quota_seconds(scan.fleet):,.1f} s",
                _seconds_or_death(measured.public[scan.fleet].seconds),
            )
            for scan in measured.scans
        ],
    )
    yield f"  * past the {LAMBDA_LIMIT} s that Lambda allows one invocation"


def _resources(measured: Measured) -> Iterator[str]:
    yield f"What a scan needs; the process has {measured.scans[0].idle_mib:.0f} MiB before it scans:"
    yield from _table(
        (
            "fleet",
            "peak memory",
            "work",
            "longest invocation",
            "durable operations",
            "largest checkpoint",
            "report written in",
        ),
        [
            (
                str(scan.fleet),
                f"{scan.peak_mib:.0f} MiB",
                f"{scan.worked_seconds:.1f} s",
                f"{scan.longest_invocation_seconds:.0f} s",
                str(scan.operations),
                f"{scan.largest_checkpoint_bytes / 1024:.1f} KiB",
                f"{scan.report_seconds:.1f} s",
            )
            for scan in measured.scans
        ],
    )


def _shapes(measured: Measured) -> Iterator[str]:
    yield "Accounts of other shapes; the bound is what the rules ask of this shape, series by series:"
    yield from _table(
        ("shape", "shared calls", "GetMetricData", "series", "bound", "time", "longest slice", "offered", "not judged"),
        [
            (
                scan.shape,
                f"{scan.shared_calls:,}",
                f"{scan.metric_calls:,}",
                f"{scan.series:,}",
                f"{scan.bound:,}",
                f"{scan.seconds:,.1f} s",
                f"{scan.longest_slice_seconds:.0f} s",
                f"{scan.offered:,}",
                str(scan.not_judged),
            )
            for scan in measured.shapes
        ],
    )


def _sweep(measured: Measured) -> Iterator[str]:
    swept = measured.swept
    yield (
        f"A sweep of {swept.organised}, {swept.organised.fleet} versions in each: "
        f"{swept.questions:,} questions and one digest."
    )
    yield from _table(
        ("time", "slowest run", "time/slowest", "one after the other", "durable operations", "memory of a run"),
        [
            (
                f"{swept.seconds:,.1f} s",
                f"{swept.slowest_run_seconds:,.1f} s",
                f"{swept.over_the_slowest:.2f}",
                f"{swept.sum_of_runs_seconds:,.0f} s",
                str(swept.operations),
                f"{swept.child_peak_mib:.0f} MiB, {swept.single_peak_mib:.0f} in one account",
            )
        ],
    )
    yield from _table(
        ("calls of the hub", *swept.own_calls),
        [
            ("the sweep", *(f"{number:,}" for number in swept.own_calls.values())),
            (f"its {swept.organised.runs:,} runs", *(f"{number:,}" for number in swept.calls_of_runs.values())),
        ],
    )
    total = sum(swept.usd.values())
    parts = ", ".join(f"{what} {usd * 100:.1f}" for what, usd in swept.usd.items())
    yield from wrap(f"  It costs {total * 100:.1f} cents at list price: {parts}.", WIDTH)


def _seconds_or_death(seconds: float) -> str:
    return f"{seconds:,.0f} s{' *' if seconds > LAMBDA_LIMIT else ''}"


def _bot(measured: Measured) -> Iterator[str]:
    clicks, rendered = measured.clicks, measured.rendered
    yield f"The bot, best of {clicks.processes} fresh processes, {clicks.calls_behind} calls of 20 ms behind a click:"
    yield from _table(
        ("imports", "cold, with Python's own start", "cold, without", "warm", "a page of 50 rendered"),
        [
            (
                f"{clicks.import_seconds * 1000:.0f} ms",
                f"{clicks.first_seconds * 1000:.0f} ms",
                f"{clicks.first_without_python_seconds * 1000:.0f} ms",
                f"{clicks.warm_seconds * 1000:.0f} ms",
                f"{rendered.seconds * 1000:.2f} ms",
            )
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        first = row[0].ljust(widths[0])
        cells = [first, *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        return f"  {'  '.join(cells)}".rstrip()

    yield line(head)
    yield f"  {'  '.join('-' * width for width in widths)}"
    yield from map(line, rows)


def verdict(check: Check) -> str:
    """One target, what was measured, and whether it is met."""
    target = f"at most {check.at_most:g}" if check.at_least is None else f"at least {check.at_least:g}"
    return f"  {'ok  ' if check.passed else 'FAIL'}  {check.value:>8,.{check.digits}f}  {target:<14}  {check.words}"
