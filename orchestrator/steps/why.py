"""Answer why versions of a function are held or offered: judged now, told to who asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from orchestrator.aws.clients import Clients
from orchestrator.aws.discovery import list_function
from orchestrator.aws.memories import Memories, Place
from orchestrator.domain.accounts import account_meant, accounts_of
from orchestrator.domain.memory import Memory
from orchestrator.domain.request import RefusedRequest, Request, read_request
from orchestrator.domain.runs import Ending, Run, execution_id
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.why import VERSIONS_EXPLAINED, why_in_words
from orchestrator.domain.words import day
from orchestrator.scanner.phases import Scanner
from orchestrator.slack.message.text import escape
from orchestrator.slack.private import answer_privately

Json = dict[str, Any]


class Why:
    """Private answers about functions. Every method is one durable step and may run again."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        scanner: Callable[[Run], Scanner],
        clients: Callable[[Run], Clients],
        memories: Memories,
        own_account: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._scanner = scanner
        self._clients = clients
        self._memories = memories
        self._own_account = own_account
        self._clock = clock

    def judge(self, event: Any, execution_arn: str) -> Json:
        """Judge a function's versions, or one, on facts asked now. Returns the answer in words. Raises AwsError."""
        settings = self._settings
        try:
            request = read_request(
                event, regions=settings.target_regions, policy=settings.policy, accounts=settings.target_accounts
            )
        except RefusedRequest as refused:
            return {"ending": Ending.REFUSED.value, "words": "; ".join(refused.problems)}
        run = self._run(request, execution_arn)
        name = str(request.function_name)
        numbers, left_out = ((request.version,), 0) if request.version else self._newest(run, name)
        scanner = self._scanner(run)
        history = scanner.history_again([name], offered=False)
        now = self._clock()
        memory, _ = self._memories.recall(Place.of(run))
        words = why_in_words(
            f"`{name}{f':{request.version}' if request.version else ''}` in {run.account.label}, {run.region}",
            scanner.judge_again([(name, number) for number in numbers], history, now),
            settings.policy,
            remembered=_remembered(memory, name, now),
            left_out=left_out,
        )
        return {"ending": "told", "words": escape(words)}

    def _newest(self, run: Run, name: str) -> tuple[tuple[int, ...], int]:
        """The function's newest versions with SnapStart, and how many older ones there are."""
        listing = list_function(self._clients(run).lambda_, name)
        numbers = sorted((version.number for version in listing[0]), reverse=True) if listing else []
        return tuple(numbers[:VERSIONS_EXPLAINED]), max(0, len(numbers) - VERSIONS_EXPLAINED)

    def _run(self, request: Request, execution_arn: str) -> Run:
        """The run that a scan would be: what is asked goes by its account, region and policy."""
        account = account_meant(request.account_id, accounts_of(self._settings.target_accounts, self._own_account))
        return Run(
            execution=execution_id(execution_arn),
            execution_arn=execution_arn,
            region=request.region,
            account_id=account.id,
            account_name=account.name,
            started_at=int(self._clock().timestamp()),
            requested_by=request.requested_by,
            channel_id=self._settings.channel_id,
            dry_run=self._settings.dry_run,
            policy=asdict(self._settings.policy),
        )

    def tell(self, event: Any, answer: Json) -> None:
        """Tell who asked, privately."""
        response_url = event.get("response_url") if isinstance(event, Mapping) else None
        if response_url:
            answer_privately(response_url, str(answer["words"]))


def _remembered(memory: Memory, name: str, now: datetime) -> dict[int, str]:
    """What is remembered of a function's versions today, by number."""
    today = now.astimezone(UTC).date()
    kept = {
        keep.number: f"kept by @{keep.name} until {_day(keep.until)}"
        for keep in memory.keeps.values()
        if keep.function_name == name and keep.in_force(today)
    }
    refused = {
        refusal.number: f"AWS refused to delete it: {refusal.words}"
        for refusal in memory.refusals.values()
        if refusal.function_name == name and refusal.in_force(today)
    }
    return {**refused, **kept}


def _day(on: Any) -> str:
    return day(datetime(on.year, on.month, on.day, tzinfo=UTC))
