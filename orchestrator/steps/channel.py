"""The review channel as a run speaks in it: one root message, edited, and its thread."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from orchestrator.aws.records import Records
from orchestrator.domain.runs import Run
from orchestrator.slack.errors import MessageRefused, SlackRefused, TokenRefused
from orchestrator.slack.message.blocks import Message
from orchestrator.slack.message.endings import Links
from orchestrator.slack.messenger import Messenger, Posted

log = logging.getLogger(__name__)

FURTHEST_BACK_SECONDS = 3_600
"""How far back the messages of an execution are looked for that failed before it wrote down when it began."""
ORCHESTRATOR_IN_ARN = re.compile(r"^arn:[^:]+:lambda:([^:]+):(\d+):function:([^:/]+)")
"""Region, account and name of the function that a durable execution's ARN names."""


THREAD_GONE = frozenset({"message_not_found", "thread_not_found"})


class Channel:
    """Speak in the review channel for any run of this stack. Nothing is said twice, however often a step runs."""

    def __init__(self, *, records: Records, messenger: Callable[[], Messenger], clock: Callable[[], datetime]) -> None:
        self._records = records
        self._messenger = messenger
        self._clock = clock

    @property
    def messenger(self) -> Messenger:
        """The messenger itself, for messages that belong to no run."""
        return self._messenger()

    def check(self) -> None:
        """Raise SlackRefused for a channel that must not be used."""
        self._messenger().check_channel()

    def post(self, run: Run, said: Message, key: str) -> Run:
        """Post a message of the run in the channel, and return the run with it as its root. Raises SlackError."""
        posted = self._post(run, said, key)
        return replace(run, message_ts=posted.ts, permalink=posted.permalink)

    def show(self, run: Run, said: Message, key: str) -> Run:
        """Edit the run's root message; where there is none, or Slack refuses the edit, post one in its place.

        A message may have been removed, its channel may be another one by now: a run ends in words all the same.
        Returns the run with the message that stands now, not yet written down. Raises SlackError.
        """
        if run.message_ts is not None:
            try:
                self._messenger().update(run.message_ts, said)
            except (MessageRefused, TokenRefused):  # another message would be refused as well
                raise
            except SlackRefused as refused:
                log.warning("the root message cannot be edited", extra={"problem": refused.words})
            else:
                return run
            key = f"{key}-anew"
        return self.post(run, said, key)

    def reply(self, run: Run, said: Message, key: str) -> None:
        """Reply in the run's thread; where somebody removed that, there is nothing to reply to. Raises SlackError."""
        try:
            self._post(run, said, key, thread_ts=str(run.message_ts))
        except SlackRefused as refused:
            if refused.code not in THREAD_GONE:
                raise
            log.warning("the thread is gone", extra={"execution": run.execution, "problem": refused.words})

    def _post(self, run: Run, said: Message, key: str, *, thread_ts: str | None = None) -> Posted:
        return self._messenger().post(
            said, run_key=run.execution, message_key=key, thread_ts=thread_ts, not_before=run.started_at
        )

    def links(self, run: Run) -> Links:
        """Where a run can be looked into."""
        record = self._records.s3_uri(f"outcomes/{run.execution}.json")
        named = ORCHESTRATOR_IN_ARN.match(run.execution_arn)
        if named is None:  # a local engine's executions have no page in AWS's console
            return Links(record=record)
        region, _, function = named.groups()
        console = f"https://{region}.console.aws.amazon.com"
        group = f"/aws/lambda/{function}".replace("/", "$252F")
        return Links(
            record=record,
            execution=f"{console}/lambda/home?region={region}#/functions/{function}?tab=durableExecutions",
            log=f"{console}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}",
        )

    def now(self) -> int:
        """The time, in seconds since 1970."""
        return int(self._clock().timestamp())
