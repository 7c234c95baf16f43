"""The fault matrix: one row for each family of faults, counted by the tests and written down in docs/reliability.md."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.faults.law import COLUMNS, Breaches

T = TypeVar("T")

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- fault matrix: make faults -->", "<!-- end of the fault matrix -->"
_TABLE = re.compile(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", re.DOTALL)

FAMILIES: Mapping[str, str] = {
    "death at an AWS call": "The process stops at an AWS call: before it, after it was carried out, after its answer",
    "death at a Slack call": "The process stops at a Slack call: before it, after it was carried out, after its answer",
    "death at a checkpoint": "The process stops at a checkpoint: before it, after it was written, after its answer",
    "a kill": "The process itself is killed (SIGKILL) in the middle of a call, both functions as they ship, over HTTP",
    "a lost answer of AWS": "The connection to AWS breaks once, before a call or after it was carried out",
    "a refusal of AWS": "AWS refuses one call for good: denied, throttled through every retry, or failing",
    "a stumble of AWS": "AWS refuses one call through every retry, once",
    "a stumble of Slack": "Slack stumbles once at a call: 429, 5xx or no answer, whether it was carried out or not",
    "a refusal of Slack": "Slack refuses a call for good: no channel, no token, no blocks, no answer at all",
    "a hostile answer": "The durable callback carries anything but an honest answer",
    "a broken record": "A record in S3 is missing, cut off, altered or of another release when it is read",
    "a strange account": "An account or a clock like no other: throttled for minutes, empty, huge, half blind, skewed",
    "a race": "Two people, two scans, or a person and the clock, at the same moment on threads of their own",
    "a stop or a pause": "Somebody stops the run or pauses all deletes in the moment in which another decides",
    "a sequence": "Scans, answers, silence, stops, releases and deaths of the process follow each other in any order",
    "a broken answer": "An answer of AWS breaks off anywhere: once, or from then on, also where its length is not told",
    "an outage after the click": "Slack goes down between a click and its end, and comes back soon, late or never",
    "a lost message": "The message is deleted, not editable, in an archived channel, or the channel setting changes",
    "a replaced token": "Slack's token is replaced while a run scans, waits or deletes, in the secret at once or late",
    "a record of another release": "A record or the memory has fields nobody knows, lacks new ones, or is damaged",
    "a member account": "STS denies, throttles or fails a call, sessions expire, or their account is another one",
    "a sweep": "A sweep dies at a checkpoint, is delivered twice, or meets an account that it cannot enter",
    "a hostile request": "A request to the bot that is forged, replayed, stale, cut off, oversized or of any shape",
}
"""What goes wrong, by the name its tests count it under, in the words of its row."""

HEADINGS: Mapping[str, str] = {
    "messages_lost": "messages lost",
    "messages_doubled": "messages doubled",
    "wrongly_deleted": "wrongly deleted",
    "not_deleted": "approved, safe, not deleted",
    "deleted_but_not_reported": "deleted and not reported, or the reverse",
    "live_buttons": "live buttons left",
    "untrue_words": "untrue words",
    "outcome_records_wrong": "outcome records wrong",
    "locks_left": "locks left",
    "remembered_wrongly": "kept and asked again, or remembered unsaid",
    "without_an_end": "no end in words",
}


@dataclass(slots=True)
class Row:
    """What one family has come to."""

    cases: int = 0
    breaches: Breaches = field(default_factory=Breaches)

    def add(self, cases: int, breaches: Mapping[str, int]) -> None:
        self.cases += cases
        self.breaches += Breaches(**breaches)


def table(rows: Mapping[str, Row]) -> str:
    """The matrix as Markdown."""
    lines = [
        "| what goes wrong | cases | " + " | ".join(HEADINGS[column] for column in COLUMNS) + " |",
        "|---|" + "--:|" * (len(COLUMNS) + 1),
    ]
    for family, words in FAMILIES.items():
        row = rows[family]
        counts = " | ".join(str(getattr(row.breaches, column)) for column in COLUMNS)
        lines.append(f"| {words} | {row.cases:,} | {counts} |")
    return "\n".join(lines) + f"\n\n{sum(row.cases for row in rows.values()):,} cases.\n"


def write(rows: Mapping[str, Row]) -> None:
    """Put the matrix in its place in the document; the row of a family that was not run stays as it is."""
    before = written()
    unchanged = {family: Row(*before[words]) for family, words in FAMILIES.items() if words in before}
    merged = {family: rows[family] if rows[family].cases else unchanged.get(family, Row()) for family in FAMILIES}
    PAGE.write_text(_TABLE.sub(lambda _: f"{BEGIN}\n{table(merged)}{END}", PAGE.read_text()))


def written() -> dict[str, tuple[int, Breaches]]:
    """The rows of the matrix as the document has them: each family's words, cases and counts."""
    found = _TABLE.search(PAGE.read_text())
    if found is None:
        raise LookupError(f"{PAGE.name} has no place for the matrix")
    rows = [line.strip("| ").split(" | ") for line in found[1].splitlines() if line.startswith("| ")]
    return {
        words: (int(cases.replace(",", "")), Breaches(**dict(zip(COLUMNS, map(int, counts), strict=True))))
        for words, cases, *counts in rows[1:]
    }


def some(cases: Iterable[T], number: int) -> Sequence[T]:
    """So many of the cases, always the same ones."""
    among = list(cases)
    return among if len(among) <= number else random.Random(6).sample(among, number)
