"""The ledger: one line an approved version, with who, when, what it was, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from orchestrator.domain.days import iso
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Approver
from orchestrator.domain.stored import Fields, UnreadableField

SCHEMA_VERSION = 1


class UnreadableLedgerLine(ValueError):
    """A line of the ledger is none this release can read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One approved version."""

    execution: str
    who: Approver
    when: datetime
    """When it was approved."""
    offer_hash: str
    """What the approval was bound to."""
    account_id: str
    region: str
    function_name: str
    number: int
    code_sha256: str | None
    """AWS's CodeSha256 of the version's code; None when no listing told it."""
    gb: float | None
    """Its memory: what a snapshot pays for."""
    monthly_usd: float
    outcome: Outcome
    words: str | None = None
    """Why it stays, or AWS's own words."""
    published: datetime | None = None
    """When the version was published: since then the bill shows its snapshot; None when not told."""

    def to_dict(self) -> dict[str, Any]:
        """The line as it is stored."""
        return {
            "schema_version": SCHEMA_VERSION,
            "execution": self.execution,
            "who": {"id": self.who.id, "name": self.who.name},
            "when": iso(self.when),
            "offer_hash": self.offer_hash,
            "account_id": self.account_id,
            "region": self.region,
            "function_name": self.function_name,
            "version": str(self.number),
            "code_sha256": self.code_sha256,
            "gb": self.gb,
            "monthly_usd": self.monthly_usd,
            "outcome": self.outcome.value,
            "words": self.words,
            "published": iso(self.published),
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The line of a stored one; unknown fields are ignored. Raises UnreadableLedgerLine."""
        try:
            fields = Fields(data)
            who = fields.part("who")
            return cls(
                execution=fields.text("execution"),
                who=Approver(id=who.text("id"), name=who.text("name")),
                when=fields.moment("when"),
                offer_hash=fields.text("offer_hash"),
                account_id=fields.text("account_id"),
                region=fields.text("region"),
                function_name=fields.text("function_name"),
                number=fields.version("version"),
                code_sha256=fields.text_or_none("code_sha256"),
                gb=fields.amount_or_none("gb"),
                monthly_usd=fields.amount("monthly_usd"),
                outcome=fields.member("outcome", Outcome),
                words=fields.text_or_none("words"),
                published=fields.moment_or_none("published"),
            )
        except UnreadableField as error:
            raise UnreadableLedgerLine(str(error)) from error


def ledger_key(execution: str, started_at: datetime) -> str:
    """Where a run's lines are stored: under the month in which it began, so that all of them lie together."""
    return f"ledger/{started_at.astimezone(UTC):%Y-%m}/{execution}.jsonl"


def to_jsonl(lines: Iterable[LedgerLine]) -> str:
    """Lines as text, one a version."""
    return "".join(json.dumps(line.to_dict(), separators=(",", ":")) + "\n" for line in lines)


def read_jsonl(text: str) -> Iterator[LedgerLine]:
    """The lines of a text. Raises UnreadableLedgerLine, with the number of the line, at the first that is damaged."""
    for number, line in enumerate(_lines(text), start=1):
        try:
            yield _read(line)
        except UnreadableLedgerLine as error:
            raise UnreadableLedgerLine(f"line {number}: {error}") from error


def with_lines(text: str, lines: Iterable[LedgerLine]) -> str:
    """A run's lines with these added: what they say of a version replaces what was said of it before.

    A line that is damaged stays as it is: nothing written down is lost.
    """
    added = {(line.function_name, line.number): line for line in lines}
    others = [line for line in _lines(text) if _version_of(line) not in added]
    return "".join(f"{line}\n" for line in others) + to_jsonl(added.values())


def _lines(text: str) -> list[str]:
    """The lines as JSON Lines ends them, and only there."""
    return [line for line in text.split("\n") if line]


def _version_of(line: str) -> tuple[str, int] | None:
    try:
        read = _read(line)
    except UnreadableLedgerLine:
        return None
    return (read.function_name, read.number)


def _read(line: str) -> LedgerLine:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableLedgerLine("it is not JSON") from error
    return LedgerLine.from_dict(data)
