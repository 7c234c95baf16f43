"""The sum of a run: how it ended, what was decided about each page, and what came of every approved version.

It is written once, for people and for what they build on the bucket; nothing of ours reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestrator.domain.handovers import RunEnding
from orchestrator.domain.results import VersionResult
from orchestrator.domain.runs import SCHEMA_VERSION, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSum:
    """A run that is over."""

    run: Run
    ended_at: int
    """Seconds since 1970."""
    release_id: str
    """The release that ended it."""
    ending: RunEnding
    results: tuple[VersionResult, ...]

    @property
    def key(self) -> str:
        """Where it is recorded."""
        return f"outcomes/{self.run.execution}.json"

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        run = self.run
        return {
            "schema_version": SCHEMA_VERSION,
            "execution": run.execution,
            "execution_arn": run.execution_arn,
            "region": run.region,
            "account_id": run.account_id,
            "account_name": run.account_name,
            "requested_by": run.requested_by,
            "request_id": run.request_id,
            "started_at": run.started_at,
            "ended_at": self.ended_at,
            "dry_run": run.dry_run,
            "release_id": self.release_id,
            "policy": dict(run.policy),
            "ending": self.ending.kind.value,
            "words": self.ending.words,
            "pages": [page.to_dict() for page in self.ending.pages],
            "results": [result.to_dict() for result in self.results],
        }
