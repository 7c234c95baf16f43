"""What a person can do, one plain function each: press a button, tick a box, type. Each returns what they are told."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from bot import replies
from bot.approval import pass_decision_on
from bot.authorisation import may_ask
from bot.context import Context, Declined, send
from bot.deadline import Deadline, OutOfTime
from bot.executions import OVER, AwsCallError, Unclear
from bot.slack_client import SlackCallError
from bot.slash_command import HELP, SCAN, Mistyped, read_scan, unknown_verb, verb_of
from orchestrator.domain.runs import ENDED, Run, UnreadableRecord
from orchestrator.slack import message
from orchestrator.slack.message import read_click
from orchestrator.slack.message.open_run import open_already
from orchestrator.slack.message.text import escape

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]

RUNS_READ = 25
"""How many of the newest runs are looked at for one that is open."""
LAST_RUNS = 5


# Buttons and boxes.


def decide(context: Context, payload: Json, deadline: Deadline) -> str:
    """*Approve selected*, *Reject all* or *Stop here*: pass one decision on, or say why not.

    Raises UnreadableClick for a payload that is none of these.
    """
    click = read_click(payload)
    if click.channel_id != context.settings.channel_id:
        return replies.decide_elsewhere(context.settings.channel_id)
    return pass_decision_on(context, payload, click, deadline)


def tick(_context: Context, _payload: Json, _deadline: Deadline) -> None:
    """A box: nothing to do. Ticks live in the person's own client until they press a button."""


def why_held(context: Context, payload: Json, deadline: Deadline) -> str | None:
    """*Why held?*: open the modal for anyone in the channel. Returns words only when it did not open.

    Raises UnreadableClick for a payload that is not this.
    """
    click = read_click(payload)
    if click.channel_id != context.settings.channel_id:
        return replies.decide_elsewhere(context.settings.channel_id)
    try:
        held = deadline.ask(context.executions.held, click.execution)
        deadline.ask(context.slack.open_modal, click.trigger_id, message.why_held(held))
    except AwsCallError as trouble:
        return replies.cannot_look(f"AWS: {trouble.code}")
    except UnreadableRecord as problem:
        return replies.cannot_look(str(problem))
    except (OutOfTime, SlackCallError):
        return replies.MODAL_TOO_LATE
    return None


# Commands.


def command(context: Context, form: Json, deadline: Deadline) -> str:
    """`/snapstart …`: scan, status, help, or what was mistyped."""
    text = str(form.get("text") or "")
    verb = verb_of(text)
    if verb == HELP:
        return replies.HELP
    if form.get("channel_id") != context.settings.channel_id:
        return replies.type_elsewhere(context.settings.channel_id)
    if verb is None:
        return _mistyped(context, unknown_verb(text))
    try:
        return _scan(context, form, text, deadline) if verb == SCAN else _status(context, form, deadline)
    except Declined as declined:
        return declined.words
    except OutOfTime:
        return replies.TOO_SLOW_TO_START if verb == SCAN else replies.cannot_look("out of time")


def _scan(context: Context, form: Json, text: str, deadline: Deadline) -> str:
    settings = context.settings
    read = read_scan(text, regions=settings.target_regions, policy=settings.policy)
    if isinstance(read, Mistyped):
        return _mistyped(context, read)
    _only_members(context, form, deadline, replies.GUESTS_CANNOT_SCAN)
    region = read.request.region
    open_run = _open_run(context, region, deadline)
    if open_run is not None:
        return open_already(open_run)
    name = _name_of(form)
    request = {
        **read.fields,
        "region": region,
        "requested_by": form["user_id"],
        "channel_id": settings.channel_id,
        "request_id": name,
    }
    try:
        send(deadline, context.executions.start, name, request)
    except Unclear:
        return replies.maybe_started(region)
    except AwsCallError as trouble:
        return replies.could_not_start(f"AWS: {trouble}")
    asked = {"region": region, "user": form["user_id"], "request": name}
    logger.info("scan of %s asked for by %s as %s", region, form["user_id"], name, extra=asked)
    return replies.scan_started(region, read.request.policy)


def _status(context: Context, form: Json, deadline: Deadline) -> str:
    _only_members(context, form, deadline, replies.GUESTS_CANNOT_ASK)
    try:
        runs = _runs(context, deadline)
    except AwsCallError as trouble:
        return replies.cannot_look(f"AWS: {trouble}")
    open_ones = _still_open(context, [run for run in runs if run.status != ENDED], deadline)
    over = [run for run in runs if run not in open_ones]
    return replies.status(
        open_ones,
        over[:LAST_RUNS],
        policy=context.settings.policy,
        dry_run=context.settings.dry_run,
        region=context.settings.target_regions[0],
    )


def _mistyped(context: Context, mistyped: Mistyped) -> str:
    return replies.mistyped(map(escape, mistyped.mistakes), context.settings.target_regions[0])


def _name_of(form: Json) -> str:
    """The run's name: the same for every delivery of one command, another for every command typed."""
    identity = "\n".join(str(form.get(field, "")) for field in ("team_id", "user_id", "command", "text", "trigger_id"))
    return f"slack-{hashlib.sha256(identity.encode()).hexdigest()[:40]}"


def _only_members(context: Context, form: Json, deadline: Deadline, refusal: str) -> None:
    user_id = str(form.get("user_id") or "")
    installation, user = deadline.start(context.slack.installation), deadline.start(context.slack.user, user_id)
    try:
        team_id = deadline.result(installation).team_id
        known = deadline.result(user)
    except SlackCallError as trouble:
        raise Declined(replies.cannot_check_member(f"Slack: {trouble.words}")) from trouble
    if form.get("team_id") != team_id or may_ask(known, team_id) is not None:
        raise Declined(refusal)


# The runs there are.


def _runs(context: Context, deadline: Deadline) -> list[Run]:
    """The newest runs, latest first. Raises AwsCallError."""
    newest = deadline.ask(context.executions.newest, RUNS_READ)
    reading = [deadline.start(context.executions.run, execution) for execution in newest]
    runs = []
    for run in reading:
        try:
            runs.append(deadline.result(run))
        except UnreadableRecord as problem:
            logger.warning("a run is left out: %s", problem)
    return sorted(runs, key=lambda run: run.started_at, reverse=True)


def _still_open(context: Context, runs: list[Run], deadline: Deadline) -> list[Run]:
    """Those of the runs whose execution is not over, as far as AWS says."""
    statuses = [deadline.start(context.executions.status, run.execution_arn) for run in runs]
    return [run for run, status in zip(runs, statuses, strict=True) if _may_be_open(status, deadline)]


def _may_be_open(status: Future[str], deadline: Deadline) -> bool:
    try:
        return deadline.result(status) not in OVER
    except AwsCallError:
        return True


def _open_run(context: Context, region: str, deadline: Deadline) -> Run | None:
    """The run that holds the region, if one does. A courtesy: the region's lock is what keeps a second one out."""
    try:
        runs = _runs(context, deadline)
    except AwsCallError as trouble:
        logger.warning("could not look for an open run: %s", trouble)
        return None
    claiming = [run for run in runs if run.region == region and run.status != ENDED]
    return next(iter(_still_open(context, claiming, deadline)), None)
