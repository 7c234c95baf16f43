"""How a run ends that could not go on: it failed, stopped amid its deletes, or AWS ended it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.results import ResultTotals, VersionResult
from orchestrator.domain.runs import SCANNING, Run, short
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Message, context, header, message, section
from orchestrator.slack.message.endings import NO_LINKS, Links, mentions, totals_of, undecided_of
from orchestrator.slack.message.text import (
    account,
    aws_said,
    dry_run_first,
    escape,
    link,
    place,
    scan_command,
)

WORDS_OF_AN_ERROR = 1500


def stopped(
    run: Run,
    outcomes: Sequence[PageOutcome],
    *,
    what_happened: str,
    what_to_do: str | None = None,
    links: Links = NO_LINKS,
) -> Message:
    """The root message of a run that stopped itself amid its deletes; what is left undone is named in the thread.

    `what_to_do` is markup; without it a new scan shows what is left.
    """
    totals = totals_of(outcomes)
    undecided = undecided_of(run, outcomes)[0] if outcomes[-1].page.page < run.pages else 0
    later = f" {count(undecided, 'version')} of later pages {'was' if undecided == 1 else 'were'} not asked about."
    advice = what_to_do or f"Scan again to see what is left: {scan_command(run)}"
    after = f"after {totals.gone} of {count(totals.approved, 'version')}"
    headline = f"Stopped {after if totals.approved else 'before anything was deleted'}"
    return message(
        [
            header(f":warning: {dry_run_first(run)}{headline}"),
            section(f"*What happened* {aws_said(what_happened, WORDS_OF_AN_ERROR)}"),
            section(f"*What to do* {_so_far(totals)}.{later if undecided else ''} {advice}"),
            context(_run_and_links(run, links)),
        ]
    )


def failed(
    run: Run,
    *,
    what_happened: str,
    what_to_do: str | None = None,
    outcomes: Sequence[PageOutcome] = (),
    results: Iterable[VersionResult] | None = None,
    links: Links = NO_LINKS,
) -> Message:
    """The root message of a run that failed. `what_to_do` is markup; without it nobody has to act.

    `results` are those of the run, where they are known better than from its pages.
    """
    totals = totals_of(outcomes) if results is None else ResultTotals.of(results)
    what = "Scan" if run.status == SCANNING else "Run"
    headline = f"Failed after {_were_deleted(totals, run)}" if totals.gone else f"{what} failed, nothing was deleted"
    advice = what_to_do or "Nobody has to act on this message. Try the scan again; if it fails again, open the log."
    return message(
        [
            header(f":warning: {dry_run_first(run)}{headline}"),
            section(f"*What happened* {aws_said(what_happened, WORDS_OF_AN_ERROR)}"),
            section(f"*What to do* {advice}"),
            context(_run_and_links(run, links)),
        ]
    )


def grant(permission: str, run: Run) -> str:
    """What to do when AWS denies the orchestrator something."""
    return f"Give the orchestrator's role {escape(permission)}, then {scan_command(run)}."


def failed_in_thread(
    run: Run,
    *,
    what_happened: str,
    outcomes: Sequence[PageOutcome] = (),
    results: Iterable[VersionResult] | None = None,
) -> Message:
    """The failure for who asked, and for who approved something of this run; `results` as in `failed`."""
    totals = totals_of(outcomes) if results is None else ResultTotals.of(results)
    deleted = f"{_were_deleted(totals, run)} before that" if totals.approved else "nothing was deleted"
    return message(
        [
            section(
                f"{mentions(run, outcomes)}The run in {place(run)} failed; {deleted}. What happened: "
                f"{aws_said(what_happened, WORDS_OF_AN_ERROR)}"
            )
        ]
    )


def _so_far(totals: ResultTotals) -> str:
    """Sentences for somebody who must know where it stopped: `12 were deleted, 33 were not touched`."""
    parts = [
        (totals.gone, "deleted"),
        (totals.skipped, "skipped"),
        (totals.refused, "refused by AWS"),
        (totals.untouched, "not touched"),
    ]
    said = [f"{number:,} {'was' if number == 1 else 'were'} {words}" for number, words in parts if number]
    if totals.failed:
        said.insert(-1 if totals.untouched else len(said), f"{totals.failed:,} failed")
    if totals.unconfirmed:
        said.append(f"{totals.unconfirmed:,} could not be confirmed")
    return ", ".join(said) or "Nothing was deleted"


def _were_deleted(totals: ResultTotals, run: Run) -> str:
    verb = "would have been" if run.dry_run else "was" if totals.gone == 1 else "were"
    return f"{count(totals.gone, 'version')} {verb} deleted"


def _run_and_links(run: Run, links: Links) -> str:
    pages = [("durable execution", links.execution), ("log", links.log)]
    shown = [link(url, label) for label, url in pages if url]
    return " · ".join([f"Run {short(run.execution)}", *shown, account(run), run.region])
