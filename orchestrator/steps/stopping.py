"""Stop an open run: answer its question, so that it ends by itself; where that cannot be, close it from outside.

Every method is one durable step and may run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from orchestrator.aws.callbacks import Callbacks
from orchestrator.aws.executions import Executions
from orchestrator.aws.locks import Locks
from orchestrator.aws.records import Records
from orchestrator.domain.accounts import Account, account_meant, accounts_of
from orchestrator.domain.request import RefusedRequest, Request, read_request
from orchestrator.domain.runs import DELETING, ENDED, WAITING, Ending, Run, UnreadableRecord
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.stop import Stop
from orchestrator.slack.message.open_run import stopped_from_outside
from orchestrator.slack.private import answer_privately
from orchestrator.steps.channel import Channel

Json = dict[str, Any]


class Stopping:
    """Stops of one stack's runs."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        records: Records,
        locks: Locks,
        executions: Executions,
        callbacks: Callbacks,
        channel: Channel,
        own_account: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._records = records
        self._locks = locks
        self._executions = executions
        self._callbacks = callbacks
        self._channel = channel
        self._own_account = own_account
        self._clock = clock

    def stop(self, event: Any) -> Json:
        """Stop the run that a request means. Returns what came of it, in words."""
        try:
            request = self._read(event)
        except RefusedRequest as refused:
            return {"ending": Ending.REFUSED.value, "words": "; ".join(refused.problems)}
        run = self._run(request)
        if run is None or run.status == ENDED:
            return {"ending": "told", "words": f"No run is open in {self._place(request)}."}
        by = Stop(by=request.requested_by or "somebody", name=request.requested_by_name or "somebody")
        self._records.write_stop(run.execution, by)
        return {"ending": Ending.STOPPED.value, "words": self._ended(run, by), "execution": run.execution}

    def _ended(self, run: Run, by: Stop) -> str:
        where = f"{run.account.label}, {run.region}"
        if self._executions.is_closed(run.execution_arn):
            self._close(run, by)
            return f"The run in {where} was over already; its message says so now, and a new scan may begin."
        answered = self._answered(run, by) if run.status == WAITING else None
        if answered:
            return (
                f"Stopped: the question about {where} is closed. Nothing on it is deleted, and nothing is remembered."
            )
        if answered is False:
            return (
                f"The question about {where} was answered a moment ago: what is not deleted yet stays. The thread says "
                "what was done."
            )
        if run.status == DELETING:
            return f"Stopping the deletes in {where}: what is not deleted yet stays. The thread says what was done."
        self._executions.stop(run.execution_arn, by.in_words())
        self._close(run, by)
        return f"Stopped: the scan of {where} ends here. Nothing was deleted."

    def _answered(self, run: Run, by: Stop) -> bool | None:
        """Answer the open question with a stop. Returns False when somebody was faster, None when it cannot be read.

        Whoever was faster, the run goes on by itself, and reads right before every delete that it was stopped.
        """
        try:
            page = self._records.read_page(run.execution, run.page)
        except (ValueError, UnreadableRecord):
            return None
        if page is None:
            return None
        answer = {
            "approved": False,
            "approved_versions": [],
            "approver": {"id": by.by, "name": by.name},
            "decided_at": f"{self._clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "offer_hash": page.offer_hash,
            "stop": True,
        }
        return self._callbacks.succeed(page.callback_id, json.dumps(answer).encode())

    def _close(self, run: Run, by: Stop) -> None:
        """Close a run that does not end by itself: its record, its lock and its message."""
        over = replace(
            run,
            status=ENDED,
            ending=Ending.STOPPED,
            ending_words=by.in_words(),
            ended_at=int(self._clock().timestamp()),
        )
        if run.message_ts is not None:
            over = self._channel.show(over, stopped_from_outside(over, by), "stopped")
        self._records.write_run(over)
        self._locks.release(run)

    def tell(self, event: Any, stopped: Json) -> None:
        """Answer who asked, privately."""
        response_url = event.get("response_url") if isinstance(event, Mapping) else None
        if response_url:
            answer_privately(response_url, str(stopped["words"]))

    def _read(self, event: Any) -> Request:
        settings = self._settings
        return read_request(
            event, regions=settings.target_regions, policy=settings.policy, accounts=settings.target_accounts
        )

    def _run(self, request: Request) -> Run | None:
        """The run that is meant: named, or the one that has the account and region."""
        execution = request.execution or self._locks.holder(self._account(request).id, request.region)
        return None if execution is None else self._records.read_run(execution)

    def _account(self, request: Request) -> Account:
        return account_meant(request.account_id, accounts_of(self._settings.target_accounts, self._own_account))

    def _place(self, request: Request) -> str:
        return f"{self._account(request).label}, {request.region}"
