"""Remember what came of a run for the runs after it. Every method may run again, and remembers the same again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from orchestrator.aws.ledger import write_ledger
from orchestrator.aws.memories import Memories, Place
from orchestrator.aws.records import Records
from orchestrator.domain.cost import MB_IN_A_GB
from orchestrator.domain.days import day_at
from orchestrator.domain.decisions import Decision, PageOutcome
from orchestrator.domain.ledger import LedgerLine, ledger_key
from orchestrator.domain.memory import Expiry, Memory
from orchestrator.domain.remember import (
    Box,
    PageAnswer,
    after_answer,
    after_decision,
    after_deletion,
    after_expiry,
    after_refusal,
)
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Action, Approver, Page, Run, UnreadableRecord


class Remembering:
    """What decisions, deletes and expiries leave in a region's memory and in the ledger."""

    def __init__(self, *, memories: Memories, records: Records, keep_days: int) -> None:
        """`keep_days` is how long a keep or a refusal counts when nobody chose otherwise."""
        self._memories = memories
        self._records = records
        self._keep_days = keep_days

    def decided(self, run: Run, page: Page, decision: Decision, decided_at: int) -> None:
        """Remember what an approver kept, and that somebody answered."""
        if decision.action is Action.CANCELLED:
            return
        days = self._days(decision)
        answer = _page_answer(page, decision, day_at(decided_at), days, ticked=self._started_ticked(run))
        self._memories.change(Place.of(run), lambda memory: after_answer(after_decision(memory, answer)))

    def keep_days(self, run: Run, page: Page, decision: Decision) -> int | None:
        """For how many days what stays is not asked about again; None where nothing of the answer is remembered."""
        if page.dry_run or decision.action not in {Action.APPROVE, Action.REJECT}:
            return None
        if decision.action is Action.APPROVE and not self._started_ticked(run):
            return None
        return self._days(decision)

    def _days(self, decision: Decision) -> int:
        return decision.keep_days or self._keep_days

    def _started_ticked(self, run: Run) -> bool:
        """Whether boxes of the run started ticked; where nobody can tell, none counts as unticked by a person."""
        try:
            summary, _ = self._records.read_offer(run.execution)
        except UnreadableRecord:
            return False
        return summary.region_active is True

    def carried_out(self, run: Run, outcome: PageOutcome) -> None:
        """Write down what came of each approved version; forget what is gone, and remember what AWS refused."""
        if outcome.approver is None or not outcome.results:
            return
        lines = list(_ledger_lines(run, outcome, outcome.approver))
        write_ledger(self._records.store, ledger_key(run.execution, _moment(run.started_at)), lines)
        gone = [result.key for result in outcome.results if result.outcome is Outcome.DELETED]
        refused = [result for result in outcome.results if result.outcome is Outcome.REFUSED]

        def change(memory: Memory) -> Memory:
            memory = after_deletion(memory, gone)
            for result in refused:
                on = day_at(result.checked_at or outcome.decided_at)
                memory = after_refusal(memory, result.key, words=result.reason or "", on=on, keep_days=self._keep_days)
            return memory

        if gone or refused:
            self._memories.change(Place.of(run), change)

    def expired(self, run: Run, *, asked_at: int, expired_at: int) -> Memory:
        """Count a question of the schedule that nobody answered. Returns what is remembered by now."""
        expiry = Expiry(execution=run.execution, asked_on=day_at(asked_at), expired_on=day_at(expired_at))
        return self._memories.change(Place.of(run), lambda memory: after_expiry(memory, expiry))


def _page_answer(page: Page, decision: Decision, on: date, keep_days: int, *, ticked: bool) -> PageAnswer:
    """The answer box by box; `ticked` says whether any box of the run started ticked."""
    boxes = tuple(
        Box(
            function_name=candidate.function_name,
            number=candidate.number,
            started_ticked=ticked and candidate.starts_ticked,
            sent=decision.was_sent(candidate.key),
            ticked=candidate.key in decision.versions,
        )
        for candidate in page.candidates
    )
    return PageAnswer(
        action=decision.action,
        by=decision.approver,
        may_decide=decision.action is not Action.CANCELLED,
        on=on,
        dry_run=page.dry_run,
        keep_days=keep_days,
        boxes=boxes,
    )


def _ledger_lines(run: Run, outcome: PageOutcome, approver: Approver) -> Iterator[LedgerLine]:
    page = outcome.page
    candidates = {candidate.key: candidate for candidate in page.candidates}
    for result in outcome.results:
        candidate = candidates[result.key]
        yield LedgerLine(
            execution=run.execution,
            who=approver,
            when=_moment(outcome.decided_at),
            offer_hash=page.offer_hash,
            account_id=run.account_id,
            region=run.region,
            function_name=result.function_name,
            number=result.number,
            code_sha256=candidate.code_sha256 or None,
            gb=candidate.memory_mb / MB_IN_A_GB,
            monthly_usd=result.monthly_usd,
            outcome=result.outcome,
            words=result.reason,
            published=candidate.published,
        )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
