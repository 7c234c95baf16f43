"""Remember what came of a run for the runs after it. Every method may run again, and remembers the same again."""

from __future__ import annotations

from datetime import UTC, date, datetime

from orchestrator.aws.memories import Memories, Place
from orchestrator.aws.records import Records
from orchestrator.domain.days import day_of
from orchestrator.domain.decisions import Decision, PageOutcome
from orchestrator.domain.memory import Expiry, Memory
from orchestrator.domain.remember import (
    AnswerKind,
    Box,
    PageAnswer,
    after_answer,
    after_decision,
    after_deletion,
    after_expiry,
)
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Page, Run


class Remembering:
    """What decisions, deletes and expiries leave in a region's memory."""

    def __init__(self, *, memories: Memories, records: Records, keep_days: int) -> None:
        """`keep_days` is how long a keep or a refusal counts when nobody chose otherwise."""
        self._memories = memories
        self._records = records
        self._keep_days = keep_days

    def decided(self, run: Run, page: Page, decision: Decision, decided_at: int) -> None:
        """Remember what an approver kept, and that somebody answered."""
        summary, _ = self._records.read_offer(run.execution)
        answer = _page_answer(page, decision, _day(decided_at), self._keep_days, ticked=summary.region_active is True)
        self._memories.change(Place.of(run), lambda memory: after_answer(after_decision(memory, answer)))

    def carried_out(self, run: Run, outcome: PageOutcome) -> None:
        """Forget what is gone."""
        gone = [result.key for result in outcome.results if result.outcome is Outcome.DELETED]
        if gone:
            self._memories.change(Place.of(run), lambda memory: after_deletion(memory, gone))

    def expired(self, run: Run, *, asked_at: int, expired_at: int) -> None:
        """Count a question of the schedule that nobody answered."""
        if run.requested_by is not None:
            return
        expiry = Expiry(execution=run.execution, asked_on=_day(asked_at), expired_on=_day(expired_at))

        def counted(memory: Memory) -> Memory:
            return after_expiry(memory, expiry)

        self._memories.change(Place.of(run), counted)


def _page_answer(page: Page, decision: Decision, on: date, keep_days: int, *, ticked: bool) -> PageAnswer:
    """The answer box by box; `ticked` says whether any box of the run started ticked.

    Which boxes Slack did not send is not told: where some are missing, none counts as unticked by a person.
    """
    boxes = tuple(
        Box(
            function_name=candidate.function_name,
            number=candidate.number,
            started_ticked=ticked and candidate.starts_ticked,
            sent=not decision.groups_missing,
            ticked=candidate.key in decision.versions,
        )
        for candidate in page.candidates
    )
    return PageAnswer(
        kind=AnswerKind(decision.action),
        by=decision.approver,
        may_decide=True,
        on=on,
        dry_run=page.dry_run,
        keep_days=keep_days,
        boxes=boxes,
    )


def _day(seconds: int) -> date:
    return day_of(datetime.fromtimestamp(seconds, UTC))
