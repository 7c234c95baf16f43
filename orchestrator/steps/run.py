"""Open and close a run: its request, its lock, its record, and when its pages expire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from orchestrator.aws.accounts import Accounts, Purpose
from orchestrator.aws.errors import AwsError
from orchestrator.aws.executions import Executions
from orchestrator.aws.locks import Locks
from orchestrator.aws.records import Records
from orchestrator.domain.accounts import Account, account_meant, accounts_of
from orchestrator.domain.decisions import results_of
from orchestrator.domain.handovers import Begun, Declined, OpenedPage, Place, RunEnding, RunResult
from orchestrator.domain.request import Kind, RefusedRequest, Request, read_request
from orchestrator.domain.results import VersionResult
from orchestrator.domain.run_sum import RunSum
from orchestrator.domain.runs import ENDED, Ending, Run, execution_id, offer_hash
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.unanswered import reminder_at
from orchestrator.slack.message.pages import page_at, pages_of

EXPIRES_EARLIER_SECONDS = 60
"""A page says it expires this long before its callback does, so that no answer falls between the two."""

PROBLEMS_NAMED = 30
"""Most problems of one request that are named, and how much of each: a checkpoint must hold them."""
LONGEST_PROBLEM = 500


class Lifecycle:
    """Open and close runs of one stack."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        records: Records,
        locks: Locks,
        executions: Executions,
        accounts: Accounts,
        account_id: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._records = records
        self._locks = locks
        self._executions = executions
        self._accounts = accounts
        self._account_id = account_id
        self._clock = clock

    def begin(self, event: Any, execution_arn: str) -> Begun:
        """Read the request, claim the region and write the run down; or end at once, in words."""
        try:
            request = self._read(event)
        except RefusedRequest as refused:
            problems = _not_too_many(refused.problems)
            return Begun(
                Declined(
                    kind=Ending.REFUSED,
                    words="; ".join(problems),
                    problems=tuple(problems),
                    requested_by=_asker(event),
                    execution=execution_id(execution_arn),
                    started_at=self._now(),
                )
            )
        run = self._run(request, execution_arn)
        holder = self._locks.claim(run, self._executions.is_closed)
        if holder is not None:
            words = f"{run.account.label}, {run.region} has an open run already: {holder}"
            return Begun(_declined(run, Ending.ALREADY_RUNNING, words, held_by=holder))
        try:
            self._accounts.session(run.account_id, Purpose.READ)
        except AwsError as problem:
            if problem.denied:
                return Begun(self._not_entered(run, str(problem)))
            self._locks.release(run)  # the next attempt claims the region again, and after the last one nobody has it
            raise
        return Begun(self._records.write_run(run))

    def _not_entered(self, run: Run, words: str) -> Declined:
        """End a run whose account cannot be entered: nothing of it can be judged."""
        over = replace(run, status=ENDED, ending=Ending.NOT_ENTERED, ending_words=words, ended_at=self._now())
        self._records.write_run(over)
        self._locks.release(run)
        return _declined(run, Ending.NOT_ENTERED, words)

    def _read(self, event: Any) -> Request:
        settings = self._settings
        request = read_request(
            event, regions=settings.target_regions, policy=settings.policy, accounts=settings.target_accounts
        )
        if request.kind is not Kind.SCAN:  # what no other workflow took must not end as a scan
            raise RefusedRequest([f"`kind` {request.kind.value!r}: is not a scan, and nothing else takes it"])
        channel = settings.channel_id
        if request.channel_id not in (None, channel):
            raise RefusedRequest([f"`channel_id` {request.channel_id!r}: must be the review channel, {channel}"])
        return request

    def _account(self, request: Request) -> Account:
        return account_meant(request.account_id, accounts_of(self._settings.target_accounts, self._account_id))

    def _run(self, request: Request, execution_arn: str) -> Run:
        account = self._account(request)
        return Run(
            execution=execution_id(execution_arn),
            execution_arn=execution_arn,
            region=request.region,
            account_id=account.id,
            account_name=account.name,
            command=self._settings.slack_command,
            started_at=self._now(),
            requested_by=request.requested_by,
            channel_id=self._settings.channel_id,
            dry_run=self._settings.dry_run,
            policy=asdict(request.policy),
            request_id=request.request_id,
            sweep=request.sweep,
        )

    def open_page(self, run: Run, place: Place, expires_at: int | None) -> OpenedPage:
        """Cut a page, and fix its hash, revision and times. All pages of a run expire when its first one does."""
        now = self._now()
        if expires_at is None:
            expires_at = now + self._settings.approval_timeout_seconds - EXPIRES_EARLIER_SECONDS
        left = expires_at - now
        _, offered = self._records.read_offer(run.execution)
        candidates = page_at(offered, place.first, at_most=place.at_most)
        after, undecided = place.first + len(candidates), offered[place.first :]
        return OpenedPage(
            page=place.page,
            pages=place.page + len(pages_of(offered[after:], at_most=place.at_most)),
            first=place.first,
            rows=len(candidates),
            offer_hash=offer_hash(run.execution, place.page, candidates),
            revision=f"{place.page}r{now:x}" + (f"s{place.smaller}" if place.smaller else ""),
            opened_at=now,
            expires_at=expires_at,
            timeout_seconds=left + EXPIRES_EARLIER_SECONDS if left > 0 else 0,
            remind_in_seconds=_remind_in(now, expires_at) if any(c.monthly_usd for c in undecided) else None,
        )

    def finish(self, run: Run, ending: RunEnding, results: Sequence[VersionResult]) -> RunResult:
        """Write the sum of the run, say in its record that it is over, and release the region.

        `results` are what the steps told of each version; the sum holds them, and what only the pages' records know.
        """
        now = self._now()
        current = self._records.current(run)
        summed = RunSum(
            run=current,
            ended_at=now,
            release_id=self._settings.release_id,
            ending=ending,
            results=results_of(self._records.readable_outcomes(current), results),
        )
        self._records.write_sum(summed)
        over = replace(current, status=ENDED, ending=ending.kind, ending_words=ending.words, ended_at=now)
        self._records.write_run(over)
        self._locks.release(current)
        return RunResult(
            ending=ending.kind,
            words=ending.words,
            region=current.region,
            execution=current.execution,
            record=self._records.s3_uri(summed.key),
        )

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _declined(run: Run, kind: Ending, words: str, *, held_by: str | None = None) -> Declined:
    return Declined(
        kind=kind,
        words=words,
        region=run.region,
        account=run.account.label,
        held_by=held_by,
        requested_by=run.requested_by,
        request_id=run.request_id,
        sweep=run.sweep,
        execution=run.execution,
        started_at=run.started_at,
    )


def _asker(event: Any) -> str | None:
    asker = event.get("requested_by") if isinstance(event, dict) else None
    return asker if isinstance(asker, str) else None


def _not_too_many(problems: Sequence[str]) -> list[str]:
    """The problems; where there are more than anybody reads, the first ones and how many are left out."""
    more = len(problems) - PROBLEMS_NAMED
    named = [problem[:LONGEST_PROBLEM] for problem in problems[:PROBLEMS_NAMED]]
    return [*named, *([f"and {more:,} more problems"] if more > 0 else [])]


def _remind_in(now: int, expires_at: int) -> int | None:
    """In how many seconds a question that is asked now is recalled."""
    asked, expires = (datetime.fromtimestamp(seconds, UTC) for seconds in (now, expires_at))
    reminds = reminder_at(asked, expires)
    return None if reminds is None else int((reminds - asked).total_seconds())
