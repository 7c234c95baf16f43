"""Pause and resume: write the one record that is read before every delete, and tell the channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from orchestrator.aws.records import Records
from orchestrator.domain.days import day_of
from orchestrator.domain.handovers import Asked
from orchestrator.domain.pause import Pause, pause_after, resumed_after
from orchestrator.domain.request import Kind, RefusedRequest, Request, read_request
from orchestrator.domain.runs import Approver, Ending, execution_id
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.slack.message.blocks import Message
from orchestrator.slack.message.paused import pause_failed, paused, resumed
from orchestrator.steps.channel import FURTHEST_BACK_SECONDS, Channel

Json = dict[str, Any]

NOBODY = Approver(id="nobody", name="a request without a name")


class Pausing:
    """The pause of one stack. Every method is one durable step and may run again."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        records: Records,
        channel: Channel,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._records = records
        self._channel = channel
        self._clock = clock

    def write(self, event: Any, execution_arn: str) -> Asked:
        """Write down that deleting is paused, or no longer; or say why the request cannot be used."""
        asked = self._asked(event, execution_arn, self._channel.now())
        try:
            request = self._read(event)
        except RefusedRequest as refused:
            return replace(asked, problems=refused.problems)
        now, before = self._clock(), self._records.read_pause()
        by = _who(request)
        after = (
            resumed_after(before, by, now)
            if request.kind is Kind.RESUME
            else pause_after(before, _pause(request, by, now), now)
        )
        self._records.write_pause(after)
        return asked

    def tell(self, event: Any, asked: Asked) -> Json:
        """Tell the channel what is in force by now. Returns the execution's result."""
        resumes, pause = _kind(event) is Kind.RESUME, self._records.read_pause()
        if not isinstance(pause, Pause) or pause.in_force(self._clock()) is resumes:
            return {"ending": "told", "words": "somebody else was faster"}
        said = (
            resumed(pause)
            if resumes
            else paused(pause, asked_by=asked.requested_by, command=self._settings.slack_command)
        )
        self._post(asked, said, "pause")
        return {"ending": "told", "words": "resumed" if resumes else pause.in_words()}

    def decline(self, event: Any, asked: Asked) -> Json:
        """Say what is wrong with the request, and that it did not take effect. Returns the execution's result."""
        words = "; ".join(asked.problems)
        self._post(asked, pause_failed(_kind(event).value, words), "failed")
        return {"ending": Ending.REFUSED.value, "words": words}

    def fail(self, event: Any, execution_arn: str, words: str) -> None:
        """Say that nothing came of it: somebody counts on a pause."""
        asked = self._asked(event, execution_arn, self._channel.now() - FURTHEST_BACK_SECONDS)
        self._post(asked, pause_failed(_kind(event).value, words), "failed")

    def _read(self, event: Any) -> Request:
        settings = self._settings
        return read_request(
            event, regions=settings.target_regions, policy=settings.policy, accounts=settings.target_accounts
        )

    @staticmethod
    def _asked(event: Any, execution_arn: str, started_at: int) -> Asked:
        asker = event.get("requested_by") if isinstance(event, Mapping) else None
        return Asked(
            execution=execution_id(execution_arn),
            started_at=started_at,
            requested_by=asker if isinstance(asker, str) else None,
        )

    def _post(self, asked: Asked, said: Message, key: str) -> None:
        self._channel.check()
        self._channel.messenger.post(said, run_key=asked.execution, message_key=key, not_before=asked.started_at)


def _kind(event: Mapping[str, Any]) -> Kind:
    return Kind(event["kind"])


def _who(request: Request) -> Approver:
    """Who asked, by their id and by the name that is shown where ids do not render."""
    if request.requested_by is None:
        return NOBODY
    return Approver(id=request.requested_by, name=request.requested_by_name or request.requested_by)


def _pause(request: Request, by: Approver, now: datetime) -> Pause:
    """The pause that was asked for; one that ends within a day lasts until that day is over."""
    until = None if request.until is None else day_of(request.until - timedelta(microseconds=1))
    return Pause(by=by.id, name=by.name, reason=request.reason, since=now, until=until)
