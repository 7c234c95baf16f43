"""The runs there are, as their records and AWS tell: which are open, which are over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from bot.context import Context
from bot.deadline import Deadline, OutOfTime
from bot.executions import OVER, AwsCallError
from bot.slack_client import SlackCallError
from orchestrator.domain.runs import ENDED, Run, UnreadableRecord

logger = logging.getLogger(__name__)

RUNS_READ = 200
"""How many of the newest runs are read at most: a sweep of forty accounts in four regions starts 160."""
TO_ANSWER = 0.5
"""Seconds of the deadline that reading leaves for what comes after it."""
MESSAGES_LOOKED_FOR = 8

Matches = Callable[[Run], bool]


@dataclass(frozen=True, slots=True)
class Runs:
    """The newest runs that match, latest first, and how many there was no time to read."""

    open: Sequence[Run]
    ended: Sequence[Run]
    """Also those that claim to be open and are not."""
    unread: int


def look_up(context: Context, newest: Future[list[str]], deadline: Deadline, matches: Matches) -> Runs:
    """Read the newest runs, as many as there is time for; `newest` is the listing of their executions, under way.

    Raises AwsCallError, or OutOfTime when not one was read.
    """
    reading = [deadline.start(context.executions.run, execution) for execution in deadline.result(newest)]
    found, unread = _in_time(reading, deadline.longer(-TO_ANSWER))
    found = sorted(filter(matches, found), key=lambda run: run.started_at, reverse=True)
    claiming = [run for run in found if run.status != ENDED]
    open_ones = _still_open(context, claiming, deadline)
    return Runs(open_ones, [run for run in found if run not in open_ones], unread)


def _in_time(reading: Sequence[Future[Run]], deadline: Deadline) -> tuple[list[Run], int]:
    """The runs read before the deadline, and how many were not. One that cannot be read is left out."""
    found, unread = [], 0
    for run in reading:
        try:
            found.append(deadline.result(run))
        except UnreadableRecord as problem:
            logger.warning("a run is left out: %s", problem)
        except OutOfTime:
            unread += 1
    if unread and not found:
        raise OutOfTime
    return found, unread


def _still_open(context: Context, runs: Sequence[Run], deadline: Deadline) -> list[Run]:
    """Those of the runs whose execution is not over, as far as AWS says."""
    statuses = [deadline.start(context.executions.status, run.execution_arn) for run in runs]
    return [run for run, status in zip(runs, statuses, strict=True) if _may_be_open(status, deadline)]


def _may_be_open(status: Future[str], deadline: Deadline) -> bool:
    try:
        return deadline.result(status) not in OVER
    except AwsCallError:
        return True


def without_message(context: Context, runs: Sequence[Run], deadline: Deadline) -> frozenset[str]:
    """The executions of those runs whose message was deleted, as far as Slack says in time."""
    asked = [run for run in runs if run.message_ts][:MESSAGES_LOOKED_FOR]
    try:
        looking = {
            run.execution: deadline.start(context.slack.has_message, run.channel_id, str(run.message_ts))
            for run in asked
        }
        return frozenset(execution for execution, found in looking.items() if not deadline.result(found))
    except (SlackCallError, OutOfTime) as trouble:
        logger.warning("could not look for messages: %s", str(trouble) or type(trouble).__name__)
        return frozenset()
