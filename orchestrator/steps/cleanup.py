"""Judge approved versions again on fresh facts, and carry the plan out: the last rooms before a delete."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from orchestrator.aws import deletion
from orchestrator.aws.deletion import Deleter
from orchestrator.aws.errors import AwsError
from orchestrator.aws.records import Records
from orchestrator.domain.plan import Deletion, VersionKey, plan_deletions
from orchestrator.domain.results import ALREADY_GONE, DELETES_ARE_OFF, NOT_CHECKED_AGAIN, Outcome, VersionResult
from orchestrator.domain.runs import Run
from orchestrator.scanner.phases import Scanner

Json = dict[str, Any]
log = logging.getLogger(__name__)

FRESH_SECONDS = 120
"""Facts older than this are asked again in the deleting attempt itself."""
ERRORS_IN_A_ROW = 3
"""So many unexpected delete errors, one after the other, stop the run."""


class UnrecordedDecision(Exception):
    """A decision is recorded before its deletes; without the record there are none, and trying again cannot help."""

    permanent = True


class Cleanup:
    """Re-check and delete, a batch at a time."""

    def __init__(
        self,
        *,
        scanner: Callable[[Run], Scanner],
        deleter: Callable[[Run], Deleter],
        records: Records,
        show_progress: Callable[[Run, int], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._scanner = scanner
        self._deleter = deleter
        self._records = records
        self._show_progress = show_progress
        self._clock = clock

    def recheck(self, run: Json, batch: Sequence[Json]) -> Json:
        """Judge a batch again by the same rules, on facts asked now; what changed is skipped and says why."""
        now = self._clock()
        keys = [_key(version) for version in batch]
        fresh = self._scanner(Run.from_dict(run)).judge_again(keys, now)
        plan = plan_deletions(keys, fresh)
        return {
            "asked_at": int(now.timestamp()),
            "deletions": [[d.function_name, d.number, d.arn] for d in plan.deletions],
            "skips": [[s.function_name, s.number, s.reason] for s in plan.skips],
        }

    def carry_out(self, run: Json, batch: Sequence[Json], planned: Json, so_far: Json) -> Json:
        """Delete what the plan says, one version after the other, each on fresh facts and each confirmed gone.

        Every delete is written down before it is sent and its result after, so that an attempt after this one, or a
        reader of the record, knows what was done. A version that was there at the re-check and is gone now is reported
        as deleted, whichever attempt finds it.
        """
        execution, page = run["execution"], so_far["page"]
        record = self._records.read_page_outcome(execution, page)
        if not record:
            raise UnrecordedDecision(f"the decision about page {page} is not recorded; nothing of it was deleted")
        place = _Place(execution, page, record)
        written = {result.key: result for result in map(VersionResult.from_dict, record["results"])}
        begun = None if record.get("trying") is None else tuple(record["trying"])
        deleter = self._deleter(Run.from_dict(run))
        there = _deletions(planned)
        errors_in_a_row = so_far["errors_in_a_row"]
        results: list[VersionResult] = []
        for position, version in enumerate(batch):
            key = _key(version)
            if key in written:
                result = written[key]
            elif errors_in_a_row >= ERRORS_IN_A_ROW:
                result = _result(version, Outcome.UNTOUCHED)
            elif begun == key and key in there and deleter.went_through(there[key]):
                result = replace(_result(version, Outcome.DELETED), checked_at=planned["asked_at"])
            else:
                planned = self._fresh(run, batch[position:], planned)
                result = self._carry_out(place, version, planned, deleter, written)
                if result.reason == ALREADY_GONE and key in there and deleter.went_through(there[key]):
                    result = replace(result, outcome=Outcome.DELETED, reason=None)
            if result.outcome is not Outcome.UNTOUCHED:
                errors_in_a_row = errors_in_a_row + 1 if result.outcome in _ERRORS else 0
                written[key] = result
            results.append(result)
            log.info("version carried out", extra={"version": f"{key[0]}:{key[1]}", "outcome": result.outcome.value})
        self._write(place, written, trying=None)
        done = so_far["done"] + len(results)
        self._show_progress(Run.from_dict(run), done)
        return {
            "results": [result.to_dict() for result in results],
            "so_far": {"page": page, "done": done, "errors_in_a_row": errors_in_a_row},
            "stopped": _why_stopped(results) if errors_in_a_row >= ERRORS_IN_A_ROW else None,
        }

    def _carry_out(
        self,
        place: _Place,
        version: Json,
        planned: Json,
        deleter: Deleter,
        written: Mapping[VersionKey, VersionResult],
    ) -> VersionResult:
        key = _key(version)
        deletions = _deletions(planned)
        if self._is_stale(planned):
            return _result(version, Outcome.SKIPPED, f"{NOT_CHECKED_AGAIN}: asking took longer than two minutes")
        if key not in deletions:
            result = _result(version, Outcome.SKIPPED, _skips(planned)[key])
        else:
            self._write(place, written, trying=key)
            result = _carried_out(version, _deleted(deleter, deletions[key]))
        return replace(result, checked_at=planned["asked_at"])

    def _fresh(self, run: Json, rest: Sequence[Json], planned: Json) -> Json:
        """A plan of the next version on facts that are not stale: asked again for the rest, then for it alone."""
        for again in (rest, rest[:1]):
            if _key(rest[0]) in _deletions(planned) | _skips(planned) and not self._is_stale(planned):
                break
            planned = self.recheck(run, again)
        return planned

    def _is_stale(self, planned: Json) -> bool:
        return bool(self._clock().timestamp() - planned["asked_at"] > FRESH_SECONDS)

    def _write(self, place: _Place, written: Mapping[VersionKey, VersionResult], *, trying: VersionKey | None) -> None:
        results = [result.to_dict() for result in written.values()]
        outcome = {**place.record, "results": results, "trying": trying}
        self._records.write_page_outcome(place.execution, place.page, outcome)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the results of one page are written down, and the decision that stands there."""

    execution: str
    page: int
    record: Json


_ERRORS = frozenset({Outcome.FAILED, Outcome.UNCONFIRMED})


def _deleted(deleter: Deleter, planned: Deletion) -> deletion.Result:
    """What came of one delete; where the credentials fail, others before it may have gone through."""
    try:
        return deleter.delete(planned)
    except AwsError as problem:
        return deletion.Result(deletion.Outcome.FAILED, str(problem))


def _why_stopped(results: Sequence[VersionResult]) -> str:
    last = next(result.reason for result in reversed(results) if result.outcome in _ERRORS)
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
