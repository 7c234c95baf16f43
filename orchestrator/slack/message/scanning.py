"""A run before anybody has to decide: the scan and its progress, and a scan that found nothing to offer."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.report import Summary
from orchestrator.domain.runs import Run
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Message, context, header, message, section
from orchestrator.slack.message.text import (
    account,
    aws_said,
    day_and_time,
    escape,
    person,
    place,
    scan_command,
    time_of_day,
)

STEPS = ("listing versions", "aliases, traffic and other references", "state and policies", "report")
"""What a scan does, in order; a run's `step` counts from 1."""
CAUSES_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanProgress:
    """How far a scan is within its step. None: not known yet."""

    listed: int | None = None
    """Versions listed so far, with and without SnapStart."""
    snapstart: int | None = None
    checked: int | None = None
    """Versions checked in this step, out of `to_check`."""
    to_check: int | None = None
    throttled: bool = False
    """Whether AWS is slowing us down right now."""


def scanning(run: Run, progress: ScanProgress) -> Message:
    """The root message while the run scans."""
    start = f"Dry run: scanning {run.region}" if run.dry_run else f"Scanning {run.region}"
    step = [f"*Step {run.step} of {len(STEPS)}: {STEPS[run.step - 1]}*"]
    if progress.checked is not None and progress.to_check is not None:
        step.append(f"{progress.checked:,} of {count(progress.to_check, 'version')} checked")
    if progress.throttled:
        step.append("AWS is slowing us down; still going.")
    return message(
        [
            header(f":mag: {start} for idle SnapStart versions"),
            context(f"{_looked_at(run)} · asked by {person(run.requested_by)} · started {time_of_day(run.started_at)}"),
            section("\n".join(step)),
            context(_listed(progress)),
        ]
    )


def _looked_at(run: Run) -> str:
    prefix = run.policy.get("function_name_prefix")
    return f"{account(run)} · functions named `{escape(prefix)}…`" if prefix else account(run)


def _listed(progress: ScanProgress) -> str:
    if progress.listed is None:
        return "Nothing is deleted without approval"
    with_snapstart = f", {progress.snapstart:,} with SnapStart" if progress.snapstart is not None else ""
    return f"{count(progress.listed, 'version')} listed{with_snapstart} · nothing is deleted without approval"


def nothing_to_clean(run: Run, summary: Summary, *, at: int) -> Message:
    """The whole message of a scan that found nothing; `at` is when, in seconds since 1970."""
    found = (
        f"none of the {count(summary.snapstart, 'SnapStart version')} is idle"
        if summary.snapstart
        else "there are no versions with SnapStart"
    )
    return message(
        [section(f"Nothing to clean in {place(run)}: {found}. {person(run.requested_by)} · {day_and_time(at)}")]
    )


def nothing_but_not_judged(run: Run, summary: Summary, *, what_to_do: str | None = None) -> Message:
    """The whole message of a scan that can offer nothing, but did not see everything either.

    `what_to_do` is markup; without it another scan may see more.
    """
    advice = what_to_do or f"Scan again later: {scan_command(run)}"
    return message(
        [
            section(
                f":warning: Nothing to offer in {place(run)}, but {summary.not_judged:,} of "
                f"{count(summary.snapstart, 'version')} could not be judged: {_causes(summary)}. {advice}"
            )
        ]
    )


def _causes(summary: Summary) -> str:
    causes = list(dict.fromkeys(row.words for row in summary.not_judged_rows))
    more = len(causes) - CAUSES_NAMED
    also = f"; and {count(more, 'other cause')}" if more > 0 else ""
    return "; ".join(map(aws_said, causes[:CAUSES_NAMED])) + also
