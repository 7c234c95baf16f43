"""What came of each approved version, and the sums people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from orchestrator.domain.candidates import NamesVersion
from orchestrator.domain.pause import PAUSED

ALREADY_GONE = "already gone"
DELETES_ARE_OFF = "deletes are switched off"
NOT_CHECKED_AGAIN = "could not be checked again"


class Outcome(StrEnum):
    """How it ended for one approved version."""

    DELETED = "deleted"
    WOULD_DELETE = "would_delete"
    """A dry run would have deleted it."""
    SKIPPED = "skipped"
    FAILED = "failed"
    """The delete was tried and the version is still there."""
    REFUSED = "refused"
    """AWS does not delete it, however often it is asked: a replica at the edge. Nothing went wrong."""
    UNCONFIRMED = "unconfirmed"
    """The delete was sent, and whether the version is gone could not be read."""
    UNTOUCHED = "untouched"
    """The run stopped before its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionResult(NamesVersion):
    """What came of one approved version."""

    function_name: str
    number: int
    outcome: Outcome
    reason: str | None = None
    """Why it was skipped, or AWS's own words for a delete that failed."""
    monthly_usd: float = 0.0
    """US dollars a month that it cost when it was offered."""
    checked_at: int | None = None
    """When the facts it was judged again on were asked, in seconds since 1970; None when its turn never came."""

    @property
    def gone(self) -> bool:
        """Whether it was deleted, or would have been."""
        return self.outcome in {Outcome.DELETED, Outcome.WOULD_DELETE}

    def to_dict(self) -> dict[str, Any]:
        """The result as it is recorded."""
        return {
            "function_name": self.function_name,
            "version": str(self.number),
            "outcome": self.outcome.value,
            "reason": self.reason,
            "monthly_usd": self.monthly_usd,
            "checked_at": self.checked_at,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The result of a record. Raises KeyError or ValueError for anything else."""
        return cls(
            function_name=data["function_name"],
            number=int(data["version"]),
            outcome=Outcome(data["outcome"]),
            reason=data.get("reason"),
            monthly_usd=data.get("monthly_usd", 0.0),
            checked_at=data.get("checked_at"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTotals:
    """The results of approved versions, added up."""

    approved: int
    gone: int
    """Deleted, or in a dry run: would be."""
    skipped: int
    refused: int
    failed: int
    unconfirmed: int
    untouched: int
    monthly_usd_less: float
    """US dollars a month that the gone ones cost."""
    skipped_in_use: bool
    """Whether every skipped version stays because something uses or protects it by now."""
    skipped_in_use_or_gone: bool

    @classmethod
    def of(cls, results: Iterable[VersionResult]) -> Self:
        """The totals of these results."""
        everything = list(results)
        by_outcome = Counter(result.outcome for result in everything)
        reasons = [result.reason or "" for result in everything if result.outcome is Outcome.SKIPPED]
        changed = [not reason.startswith((DELETES_ARE_OFF, NOT_CHECKED_AGAIN, PAUSED)) for reason in reasons]
        return cls(
            approved=len(everything),
            gone=sum(1 for result in everything if result.gone),
            skipped=by_outcome[Outcome.SKIPPED],
            refused=by_outcome[Outcome.REFUSED],
            failed=by_outcome[Outcome.FAILED],
            unconfirmed=by_outcome[Outcome.UNCONFIRMED],
            untouched=by_outcome[Outcome.UNTOUCHED],
            monthly_usd_less=round(sum(result.monthly_usd for result in everything if result.gone), 2),
            skipped_in_use=all(changed) and ALREADY_GONE not in reasons,
            skipped_in_use_or_gone=all(changed),
        )
