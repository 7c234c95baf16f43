"""Judge approved versions again on fresh facts, and carry the plan out: the last steps before a delete."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from orchestrator.aws import deletion
from orchestrator.aws.accounts import WrongAccount
from orchestrator.aws.deletion import Deleter
from orchestrator.aws.errors import AwsError
from orchestrator.aws.records import Records
from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.decisions import NEVER_ANSWERED, PageOutcome, result_of
from orchestrator.domain.handovers import Approved, BatchDone, Carrying
from orchestrator.domain.pause import why_nothing_is_deleted
from orchestrator.domain.plan import Deletion, Plan, plan_deletions
from orchestrator.domain.results import ALREADY_GONE, NOT_CHECKED_AGAIN, Outcome, VersionResult
from orchestrator.domain.runs import Run
from orchestrator.scanner.phases import Scanner

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

    def recheck(self, run: Run, batch: Sequence[Approved]) -> Plan:
        """Judge a batch again by the same rules, on facts asked now; what changed is skipped and says why."""
        scanner, keys = self._scanner(run), [version.key for version in batch]
        history = scanner.history_again({name for name, _ in keys})
        now = self._clock()
        fresh = scanner.judge_again(keys, history, now)
        return plan_deletions(keys, fresh, asked_at=int(now.timestamp()))

    def carry_out(self, run: Run, batch: Sequence[Approved], plan: Plan, so_far: Carrying) -> BatchDone:
        """Delete what the plan says, one version after the other, each on fresh facts and each confirmed gone.

        Whether somebody paused is read right before each.

        Every delete is written down before it is sent and its result after, so that an attempt after this one, or a
        reader of the record, knows what was done. A version that was there at the re-check and is gone now is reported
        as deleted, whichever attempt finds it. Raises UnrecordedDecision.
        """
        record = self._records.read_page_outcome(run.execution, so_far.page)
        if record is None:
            raise UnrecordedDecision(
                f"the decision about page {so_far.page} is not recorded; nothing of it was deleted"
            )
        written = _WrittenDown(self._records, record)
        deleter = self._deleter(run)
        begun, there = record.trying, plan
        errors_in_a_row = so_far.errors_in_a_row
        results: list[VersionResult] = []
        # An attempt before this one may have died between any two lines. So each version is looked up first in what is
        # written down; the one whose delete was begun and never reported is looked at in AWS; only what is left is
        # judged and deleted, on a plan that is asked again as soon as it is stale. The first plan stays at hand: what
        # was there when it was made, and is gone now, went by an attempt of ours, whatever a later plan says.
        for position, version in enumerate(batch):
            was_there = there.deletion(version.key)
            known = written.result(version.key)
            if known is not None:
                result = known
            elif errors_in_a_row >= ERRORS_IN_A_ROW:
                result = result_of(version, Outcome.UNTOUCHED)
            elif begun == version.key and was_there is not None and deleter.went_through(was_there):
                result = replace(result_of(version, Outcome.DELETED), checked_at=plan.asked_at)
            else:
                plan = self._fresh(run, batch[position:], plan)
                result = self._carry_out(version, plan, deleter, written)
                if result.reason == ALREADY_GONE and was_there is not None and deleter.went_through(was_there):
                    result = replace(result, outcome=Outcome.DELETED, reason=None)
            if result.outcome is not Outcome.UNTOUCHED:
                errors_in_a_row = errors_in_a_row + 1 if result.outcome in _ERRORS else 0
                written.keep(result)
            results.append(result)
            log.info("version carried out", extra={"version": _label(version), "outcome": result.outcome.value})
        written.save()
        done = so_far.done + len(results)
        self._show_progress(run, done)
        return BatchDone(
            results=tuple(results),
            so_far=Carrying(page=so_far.page, done=done, errors_in_a_row=errors_in_a_row),
            stopped=_why_stopped(results) if errors_in_a_row >= ERRORS_IN_A_ROW else None,
        )

    def look_over(self, run: Run, batch: Sequence[Approved], plan: Plan, page: int) -> BatchDone:
        """Tell what came of a batch whose deletes broke off, by the record and by what is gone by now."""
        known: dict[VersionKey, VersionResult] = {}
        begun: VersionKey | None = None
        deleter = self._deleter(run)
        try:
            record = self._records.read_page_outcome(run.execution, page)
        except (AwsError, ValueError) as problem:
            log.warning("what was done cannot be read", extra={"execution": run.execution, "problem": str(problem)})
        else:
            if record is None:  # no decision, so no delete
                plan = Plan((), ())
            else:
                known, begun = {result.key: result for result in record.results}, record.trying
        results: list[VersionResult] = []
        for version in batch:
            planned = plan.deletion(version.key)
            if version.key in known:
                results.append(known[version.key])
            elif planned is not None and deleter.went_through(planned):
                results.append(replace(result_of(version, Outcome.DELETED), checked_at=plan.asked_at))
            elif begun == version.key:
                results.append(result_of(version, Outcome.UNCONFIRMED, NEVER_ANSWERED))
            else:
                results.append(result_of(version, Outcome.UNTOUCHED))
        return BatchDone(results=tuple(results), so_far=Carrying(page=page, done=len(results)))

    def _carry_out(self, version: Approved, plan: Plan, deleter: Deleter, written: _WrittenDown) -> VersionResult:
        if self._is_stale(plan):
            return result_of(version, Outcome.SKIPPED, f"{NOT_CHECKED_AGAIN}: asking took longer than two minutes")
        planned = plan.deletion(version.key)
        if planned is None:
            result = result_of(version, Outcome.SKIPPED, plan.reason_to_skip(version.key))
        elif paused := why_nothing_is_deleted(self._records.read_pause(), self._clock()):
            result = result_of(version, Outcome.SKIPPED, paused)
        elif stop := self._records.read_stop(written.execution):
            result = result_of(version, Outcome.SKIPPED, stop.in_words())
        else:
            written.begin(version.key)
            done = _deleted(deleter, planned)
            result = result_of(version, done.outcome, done.words or None)
        return replace(result, checked_at=plan.asked_at)

    def _fresh(self, run: Run, rest: Sequence[Approved], plan: Plan) -> Plan:
        """A plan for the next version on fresh facts: made again for the rest of the batch, then for it alone."""
        for again in (rest, rest[:1]):
            if plan.covers(rest[0].key) and not self._is_stale(plan):
                break
            plan = self.recheck(run, again)
        return plan

    def _is_stale(self, plan: Plan) -> bool:
        return bool(self._clock().timestamp() - plan.asked_at > FRESH_SECONDS)


class _WrittenDown:
    """The results of one page as they are written down, version by version."""

    def __init__(self, records: Records, outcome: PageOutcome) -> None:
        self._records = records
        self._outcome = outcome
        self._results = {result.key: result for result in outcome.results}

    @property
    def execution(self) -> str:
        """The run whose page it is."""
        return self._outcome.page.execution

    def result(self, key: VersionKey) -> VersionResult | None:
        """What came of a version, if that is known."""
        return self._results.get(key)

    def keep(self, result: VersionResult) -> None:
        """Remember a result until the next write."""
        self._results[result.key] = result

    def begin(self, key: VersionKey) -> None:
        """Write down that the delete of a version is about to be sent."""
        self._write(key)

    def save(self) -> None:
        """Write all results down."""
        self._write(None)

    def _write(self, trying: VersionKey | None) -> None:
        self._records.write_page_outcome(replace(self._outcome, results=tuple(self._results.values()), trying=trying))


_ERRORS = frozenset({Outcome.FAILED, Outcome.UNCONFIRMED})


def _deleted(deleter: Deleter, planned: Deletion) -> deletion.Result:
    """What came of one delete; where the credentials fail, others before it may have gone through."""
    try:
        return deleter.delete(planned)
    except WrongAccount:
        raise
    except AwsError as problem:
        return deletion.Result(Outcome.FAILED, str(problem))


def _why_stopped(results: Sequence[VersionResult]) -> str:
    last = next(result.reason for result in reversed(results) if result.outcome in _ERRORS)
    return f"{ERRORS_IN_A_ROW} deletes in a row failed, the last with: {last}"


def _label(version: Approved) -> str:
    return f"{version.function_name}:{version.number}"
