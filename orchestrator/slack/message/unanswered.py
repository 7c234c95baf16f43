"""What is said of a question that nobody answers: once before it expires, and where it was not the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from orchestrator.domain.candidates import Candidate
from orchestrator.domain.runs import Page, Run
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Message, message, section
from orchestrator.slack.message.text import (
    a_month,
    calls_to,
    date_in_words,
    day_and_time,
    monthly_sum,
    scan_command,
)


def reminder(page: Page, undecided: Sequence[Candidate]) -> Message | None:
    """The one reply in the thread of a question that will soon expire; None when nothing of it costs money.

    `undecided` are the candidates of this page and of those after it.
    """
    usd = monthly_sum(undecided)
    if not usd:
        return None
    number = len(undecided)
    verb, goes = ("waits", "it costs") if number == 1 else ("wait", "they cost")
    return message(
        [
            section(
                f":hourglass_flowing_sand: *{count(number, 'idle version')} still {verb} for a decision until "
                f"{day_and_time(page.expires_at)}.* Until somebody decides {goes} about {a_month(usd)}. Nothing is "
                "deleted when nobody does."
            )
        ]
    )


def nobody_answers(run: Run, in_a_row: int, approvers: Sequence[str]) -> Message:
    """The one mention of the approvers, when several questions of the schedule expired one after the other."""
    return message(
        [
            section(
                f"{calls_to(approvers)} Nobody answered the last {in_a_row} questions about {run.region}. "
                f"For a list on fresh facts: {scan_command(run)}".strip()
            )
        ]
    )


def asks_monthly(run: Run, in_a_row: int, next_on: date) -> Message:
    """Where the schedule says that it asks less from now on."""
    return message(
        [
            section(
                f"Nobody answered the last {in_a_row} questions about {run.region}, so the schedule asks once a month "
                f"from now on, next from {date_in_words(next_on.isoformat())}. With the first answer it asks at every "
                f"occasion again. To be asked now: {scan_command(run)}"
            )
        ]
    )
