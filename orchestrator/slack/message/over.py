"""The last words of a run that nobody speaks for any more: the bot puts them where its buttons still stand."""

from __future__ import annotations

from orchestrator.domain.runs import Run, short
from orchestrator.slack.message.blocks import Message, context, header, message, section
from orchestrator.slack.message.text import account, day_and_time, dry_run_first, escape, scan_command


def without_words(run: Run, *, status: str) -> Message:
    """The root message of a run that no code of ours could end: `status` is what AWS calls its end."""
    return message(
        [
            header(f":no_entry_sign: {dry_run_first(run)}This run ended without a decision"),
            section(
                f"AWS ended it ({escape(status)}), so the buttons are gone. What was decided before stands in the "
                f"thread. For a list on fresh facts: {scan_command(run)}"
            ),
            context(_run(run)),
        ]
    )


def over(run: Run) -> Message:
    """The root message of a run that ended by itself while its last edit did not reach Slack."""
    words = escape(run.ending_words or run.ending or "ended")
    when = f" on {day_and_time(run.ended_at)}" if run.ended_at else ""
    return message(
        [
            header(f":no_entry_sign: {dry_run_first(run)}This run is over"),
            section(
                f"It ended{when}: {words}. The buttons decide nothing any more, so they are gone. For a list on fresh "
                f"facts: {scan_command(run)}"
            ),
            context(_run(run)),
        ]
    )


def _run(run: Run) -> str:
    return f"Run {short(run.execution)} · {account(run)} · {run.region}"
