"""Judge approved versions again on fresh facts, and carry the plan out: the last rooms before a delete."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestrator.aws.deletion import Deleter
from orchestrator.domain.plan import Deletion, VersionKey, plan_deletions
from orchestrator.domain.results import VersionResult
from orchestrator.domain.runs import Run
from orchestrator.survey import Survey

Json = dict[str, Any]
log = logging.getLogger(__name__)

FRESH_SECONDS = 120
"""Facts older than this are asked again in the deleting attempt itself."""
ERRORS_IN_A_ROW = 3
"""So many unexpected delete errors, one after the other, stop the run."""
ALREADY_GONE = "already gone"


class Cleanup:
    """Re-check and delete, a batch at a time."""

    def __init__(
        self, *, survey: Callable[[Run], Survey], deleter: Callable[[Run], Deleter], clock: Callable[[], datetime]
    ) -> None:
        self._survey = survey
        self._deleter = deleter
        self._clock = clock

    def recheck(self, run: Json, batch: Sequence[Json]) -> Json:
        """Judge a batch again by the same rules, on facts asked now; what changed is skipped and says why."""
        now = self._clock()
        keys = [_key(version) for version in batch]
        fresh = self._survey(Run.from_dict(run)).judge_again(keys, now)
        plan = plan_deletions(keys, fresh)
        return {
            "asked_at": int(now.timestamp()),
            "deletions": [[d.function_name, d.number, d.arn] for d in plan.deletions],
            "skips": [[s.function_name, s.number, s.reason] for s in plan.skips],
        }

    def carry_out(self, run: Json, batch: Sequence[Json], planned: Json, errors_in_a_row: int) -> Json:
        """Delete what the plan says, each confirmed gone; ask again first when the facts went stale.

        A version that was there at the re-check and is gone now is reported as deleted: an attempt before this one,
        interrupted before it could say so, deleted it.
        """
        there = {(name, number) for name, number, _ in planned["deletions"]}
        if self._clock().timestamp() - planned["asked_at"] > FRESH_SECONDS:
            planned = self.recheck(run, batch)
        skips = {(name, number): reason for name, number, reason in planned["skips"]}
        deletions = {(name, number): Deletion(name, number, arn) for name, number, arn in planned["deletions"]}
        deleter = self._deleter(Run.from_dict(run))
        results: list[VersionResult] = []
        stopped = False
        for version in batch:
            key = _key(version)
            if stopped:
                result = _result(version, "untouched", None)
            elif key in skips:
                gone_meanwhile = key in there and skips[key] == ALREADY_GONE
                result = _result(
                    version, deleter.done if gone_meanwhile else "skipped", None if gone_meanwhile else skips[key]
                )
            else:
                outcome = deleter.delete(deletions[key])
                result = _result(version, outcome.outcome, outcome.words)
                errors_in_a_row = errors_in_a_row + 1 if result.outcome == "failed" else 0
                stopped = errors_in_a_row >= ERRORS_IN_A_ROW
            results.append(result)
            log.info("version carried out", extra={"version": f"{key[0]}:{key[1]}", "outcome": result.outcome})
        return {
            "results": [result.to_dict() for result in results],
            "errors_in_a_row": errors_in_a_row,
            "stopped": stopped,
        }


def _key(version: Mapping[str, Any]) -> VersionKey:
    return version["function_name"], version["number"]


def _result(version: Mapping[str, Any], outcome: str, reason: str | None) -> VersionResult:
    return VersionResult(
        function_name=version["function_name"],
        version=version["number"],
        outcome=outcome,
        reason=reason,
        monthly_usd=version["monthly_usd"],
    )
