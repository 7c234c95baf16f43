"""Last week: a finished run that stands in the channel before anything is done, so that the end is seen first.

Its messages are the product's own, its records stand where the product looks for them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from fakes.aws import Cloud
from fakes.slack import Message, Workspace, team
from orchestrator.aws.memories import Memories, Place
from orchestrator.aws.records import Records
from orchestrator.aws.storage import S3Store
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.handovers import RunEnding
from orchestrator.domain.policy import Policy
from orchestrator.domain.remember import Box, PageAnswer, after_decision
from orchestrator.domain.results import Outcome, VersionResult
from orchestrator.domain.run_sum import RunSum
from orchestrator.domain.runs import ENDED, Action, Approver, Ending, Page, Run, short
from orchestrator.slack.message import blocks
from orchestrator.slack.message.candidates import candidates_in_thread
from orchestrator.slack.message.decided import decision_in_thread
from orchestrator.slack.message.endings import Links, done, done_in_thread, ending_words

EXECUTION = "5d81c7e2-1f0a-4c36-9b57-3a6be2094d18"
DAYS_AGO = 7
APPROVED_AFTER = 23 * 60
TOOK = 41
KEEP_DAYS = 90
STAYED = "alias `live` sends it 5 % now"

GONE = (
    ("orders-api", range(98, 112), 1536, 5.85),
    ("checkout-api", range(290, 301), 1024, 3.90),
    ("catalog-search", range(50, 57), 2048, 7.80),
)
SKIPPED = ("invoice-export", 5, 1024, 3.90)
KEPT = ("price-rules", 9, 1024, 3.90)


def last_week(workspace: Workspace, cloud: Cloud, bucket: str) -> None:
    """Let last week have happened: its messages, its records, and the version that somebody kept."""
    now, posting = cloud.clock(), workspace.clock
    started = now.replace(minute=2, second=0, microsecond=0) - timedelta(days=DAYS_AGO)
    run, outcome = _run(cloud, int(started.timestamp()))
    records = Records(S3Store(cloud.client("s3"), bucket), bucket)
    summed = RunSum(
        run=run,
        ended_at=run.started_at + APPROVED_AFTER + TOOK,
        release_id="the release before",
        ending=RunEnding(kind=Ending.APPROVED, words=run.ending_words or ""),
        results=outcome.results,
    )
    ticking = iter(range(run.started_at, run.started_at + 3600))
    workspace.clock = lambda: float(next(ticking))
    try:
        root = _say(workspace, done(run, [outcome], took=TOOK))
        _say(workspace, candidates_in_thread(outcome.page, offered=outcome.page.candidates, approvers=()), root)
        _attach(workspace, root, outcome)
        _say(workspace, decision_in_thread(outcome), root)
        links = Links(record=records.s3_uri(summed.key))
        _say(workspace, done_in_thread(run, [outcome], links), root)
    finally:
        workspace.clock = posting
    ended = replace(run, message_ts=root.ts, permalink=workspace.permalink(root))
    records.write_run(ended)
    records.write_page(replace(outcome.page, message_ts=root.ts))
    records.write_sum(summed)
    memories = Memories(records.store, bucket, keep_days=KEEP_DAYS, own_account=lambda: run.account_id)
    answer = _answer(outcome)
    memories.change(Place.of(run), lambda memory: after_decision(memory, answer))


def _answer(outcome: PageOutcome) -> PageAnswer:
    return PageAnswer(
        action=Action.APPROVE,
        by=Approver(team.OTHER, "other"),
        may_decide=True,
        on=datetime.fromtimestamp(outcome.decided_at, UTC).date(),
        dry_run=False,
        keep_days=KEEP_DAYS,
        boxes=tuple(
            Box(
                function_name=candidate.function_name,
                number=candidate.number,
                started_ticked=True,
                sent=True,
                ticked=candidate in outcome.ticked,
            )
            for candidate in outcome.page.candidates
        ),
    )


def _run(cloud: Cloud, started_at: int) -> tuple[Run, PageOutcome]:
    candidates = tuple(_candidates(cloud))
    expires_at = started_at + int(timedelta(days=6).total_seconds())
    run = Run(
        execution=EXECUTION,
        execution_arn=f"{EXECUTION}/{EXECUTION}",
        region=cloud.region,
        account_id=cloud.account_id,
        started_at=started_at,
        requested_by=team.ASKER,
        channel_id=team.REVIEW,
        dry_run=False,
        policy=asdict(Policy()),
        status=ENDED,
        page=1,
        pages=1,
        snapstart=246,
        candidates=len(candidates),
        monthly_usd=round(sum(candidate.monthly_usd for candidate in candidates), 2),
        expires_at=expires_at,
        ended_at=started_at + APPROVED_AFTER + TOOK,
        ending=Ending.APPROVED,
    )
    results = tuple(_result(candidate) for candidate in candidates if candidate.label != _label(KEPT))
    page = Page(
        execution=EXECUTION,
        execution_arn=run.execution_arn,
        region=run.region,
        account_id=run.account_id,
        page=1,
        pages=1,
        revision="1r0",
        callback_id="answered",
        channel_id=team.REVIEW,
        message_ts=None,
        requested_by=team.ASKER,
        dry_run=False,
        expires_at=expires_at,
        candidates=candidates,
        decided={
            "action": Action.APPROVE.value,
            "approver_id": team.OTHER,
            "approver_name": "other",
            "decided_at": started_at + APPROVED_AFTER,
            "approved": len(results),
            "offered": len(candidates),
        },
    )
    outcome = PageOutcome(
        page=page,
        action=Action.APPROVE,
        approver=Approver(id=team.OTHER, name="other"),
        decided_at=started_at + APPROVED_AFTER,
        approved=frozenset(result.key for result in results),
        results=results,
    )
    return replace(run, ending_words=ending_words([outcome], dry_run=False)), outcome


def _candidates(cloud: Cloud) -> Iterator[Candidate]:
    for name, numbers, memory_mb, usd in (*GONE, _as_range(SKIPPED), _as_range(KEPT)):
        for number in numbers:
            yield Candidate(
                function_name=name,
                number=number,
                arn=f"{cloud.function_arn(name)}:{number}",
                monthly_usd=usd,
                age_days=60,
                runtime="python3.12",
                memory_mb=memory_mb,
                package_type="Zip",
                state="Active",
            )


def _result(candidate: Candidate) -> VersionResult:
    stayed = candidate.label == _label(SKIPPED)
    return VersionResult(
        function_name=candidate.function_name,
        number=candidate.number,
        outcome=Outcome.SKIPPED if stayed else Outcome.DELETED,
        reason=STAYED if stayed else None,
        monthly_usd=candidate.monthly_usd,
    )


def _say(workspace: Workspace, said: blocks.Message, root: Message | None = None) -> Message:
    app = workspace.app
    return workspace.post(
        Message(
            channel=team.REVIEW,
            ts="",
            user=app.bot_user_id,
            app_id=app.id,
            text=said.text,
            blocks=said.blocks,
            thread_ts=root.ts if root else None,
        )
    )


def _attach(workspace: Workspace, root: Message, outcome: PageOutcome) -> None:
    table = io.StringIO()
    rows = [asdict(candidate) for candidate in outcome.page.candidates]
    writer = csv.DictWriter(table, fieldnames=rows[0])
    writer.writeheader()
    writer.writerows(rows)
    content = table.getvalue().encode()
    app = workspace.app
    name = f"snapstart-{outcome.page.region}-{short(EXECUTION)}.csv"
    file = workspace.new_file(app.id, name, len(content))
    workspace.keep_file(replace(file, title=name, content=content))
    workspace.post(
        Message(channel=team.REVIEW, ts="", user=app.bot_user_id, app_id=app.id, thread_ts=root.ts, files=(file.id,))
    )


def _as_range(one: tuple[str, int, int, float]) -> tuple[str, range, int, float]:
    name, number, memory_mb, usd = one
    return name, range(number, number + 1), memory_mb, usd


def _label(one: tuple[str, int, int, float]) -> str:
    return f"{one[0]}:{one[1]}"
