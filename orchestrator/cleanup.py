"""Judge approved versions again on fresh facts, and carry the plan out: the last rooms before a delete."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from orchestrator.aws import deletion
from orchestrator.aws.deletion import Deleter
from orchestrator.aws.errors import AwsProblem
from orchestrator.domain.plan import Deletion, VersionKey, plan_deletions
from orchestrator.domain.results import ALREADY_GONE, DELETES_ARE_OFF, Outcome, VersionResult
from orchestrator.domain.runs import Run
from orchestrator.survey import Survey

Json = dict[str, Any]
log = logging.getLogger(__name__)

FRESH_SECONDS = 120
"""Facts older than this are asked again in the deleting attempt itself."""
ERRORS_IN_A_ROW = 3
"""So many unexpected delete errors, one after the other, stop the run."""


class Cleanup:
    """Re-check and delete, a batch at a time."""

    def __init__(
        self,
        *,
        survey: Callable[[Run], Survey],
        deleter: Callable[[Run], Deleter],
        show_progress: Callable[[Run, int], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._survey = survey
        self._deleter = deleter
        self._show_progress = show_progress
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

    def carry_out(self, run: Json, batch: Sequence[Json], planned: Json, so_far: Json) -> Json:
        """Delete what the plan says, each confirmed gone; ask again first when the facts went stale.

        A version that was there at the re-check and is gone now is reported as deleted: an attempt before this one,
        interrupted before it could say so, deleted it.
        """
        deletions = _deletions(planned)
        if self._clock().timestamp() - planned["asked_at"] > FRESH_SECONDS:
            planned = self.recheck(run, batch)
            gone = {key for key, reason in _skips(planned).items() if reason == ALREADY_GONE}
            deletions = _deletions(planned) | {key: d for key, d in deletions.items() if key in gone}
        skips = _skips(planned)
        deleter = self._deleter(Run.from_dict(run))
        errors_in_a_row = so_far["errors_in_a_row"]
        results: list[VersionResult] = []
        for version in batch:
            key = _key(version)
            if errors_in_a_row >= ERRORS_IN_A_ROW:
                result = _result(version, Outcome.UNTOUCHED)
            elif key in deletions:
                result = _carried_out(version, _deleted(deleter, deletions[key]))
                errors_in_a_row = errors_in_a_row + 1 if result.outcome is Outcome.FAILED else 0
            else:
                result = _result(version, Outcome.SKIPPED, skips[key])
            if result.outcome is not Outcome.UNTOUCHED:
                result = replace(result, checked_at=planned["asked_at"])
            results.append(result)
            log.info("version carried out", extra={"version": f"{key[0]}:{key[1]}", "outcome": result.outcome.value})
        done = so_far["done"] + len(results)
        self._show_progress(Run.from_dict(run), done)
        return {
            "results": [result.to_dict() for result in results],
            "so_far": {"done": done, "errors_in_a_row": errors_in_a_row},
            "stopped": _why_stopped(results) if errors_in_a_row >= ERRORS_IN_A_ROW else None,
        }


def _deleted(deleter: Deleter, planned: Deletion) -> deletion.Result:
    """What came of one delete; also where the credentials fail, for others before it may have gone through."""
    try:
        return deleter.delete(planned)
    except AwsProblem as problem:
        return deletion.Result(deletion.Outcome.FAILED, str(problem))


def _why_stopped(results: Sequence[VersionResult]) -> str:
    last = next(result.reason for result in reversed(results) if result.outcome is Outcome.FAILED)
    return f"{ERRORS_IN_A_ROW} deletes in a row failed, the last with: {last}"


def _key(version: Mapping[str, Any]) -> VersionKey:
    return version["function_name"], version["number"]


def _deletions(planned: Json) -> dict[VersionKey, Deletion]:
    return {(name, number): Deletion(name, number, arn) for name, number, arn in planned["deletions"]}


def _skips(planned: Json) -> dict[VersionKey, str]:
    return {(name, number): reason for name, number, reason in planned["skips"]}


def _carried_out(version: Mapping[str, Any], result: deletion.Result) -> VersionResult:
    if result.outcome is deletion.Outcome.SWITCHED_OFF:
        return _result(version, Outcome.SKIPPED, DELETES_ARE_OFF)
    return _result(version, Outcome(result.outcome.value), result.words or None)


def _result(version: Mapping[str, Any], outcome: Outcome, reason: str | None = None) -> VersionResult:
    return VersionResult(
        function_name=version["function_name"],
        number=version["number"],
        outcome=outcome,
        reason=reason,
        monthly_usd=version["monthly_usd"],
    )
