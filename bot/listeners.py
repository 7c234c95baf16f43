"""What a person can do, one plain function each: press a button, tick a box, type. Each returns what they are told."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from bot.authorisation import may_ask
from bot.command import HELP, SCAN, Mistyped, read_scan, unknown_verb, verb_of
from bot.deadline import Deadline, OutOfTime
from bot.decision import pass_decision_on
from bot.desk import Declined, Desk, send
from bot.executions import OVER, AwsTrouble, Unclear
from bot.slack import SlackTrouble
from orchestrator.domain.runs import ENDED, Run, UnreadableRecord
from orchestrator.slack import message
from orchestrator.slack.message import answers, read_click
from orchestrator.slack.message.text import escape

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]

RUNS_READ = 25
"""How many of the newest runs are looked at for one that is open."""
LAST_RUNS = 5


# Buttons and boxes.


def decide(desk: Desk, payload: Json, deadline: Deadline) -> str:
    """*Approve selected*, *Reject all* or *Stop here*: pass one decision on, or say why not.

    Raises UnreadableClick for a payload that is none of these.
    """
    click = read_click(payload)
    if click.channel_id != desk.settings.channel_id:
        return answers.decide_elsewhere(desk.settings.channel_id)
    return pass_decision_on(desk, payload, click, deadline)


def tick(_desk: Desk, _payload: Json, _deadline: Deadline) -> None:
    """A box: nothing to do. Ticks live in the person's own client until they press a button."""


def why_held(desk: Desk, payload: Json, deadline: Deadline) -> str | None:
    """*Why held?*: open the modal for anyone in the channel. Returns words only when it did not open.

    Raises UnreadableClick for a payload that is not this.
    """
    click = read_click(payload)
    if click.channel_id != desk.settings.channel_id:
        return answers.decide_elsewhere(desk.settings.channel_id)
    try:
        held = deadline.ask(desk.executions.held, click.execution)
        deadline.ask(desk.slack.open_modal, click.trigger_id, message.why_held(held))
    except AwsTrouble as trouble:
        return answers.cannot_look(f"AWS: {trouble.code}")
    except UnreadableRecord as problem:
        return answers.cannot_look(str(problem))
    except (OutOfTime, SlackTrouble):
        return answers.MODAL_TOO_LATE
    return None


# Commands.


def command(desk: Desk, form: Json, deadline: Deadline) -> str:
    """`/snapstart …`: scan, status, help, or what was mistyped."""
    text = str(form.get("text") or "")
    verb = verb_of(text)
    if verb == HELP:
        return answers.HELP
    if form.get("channel_id") != desk.settings.channel_id:
        return answers.type_elsewhere(desk.settings.channel_id)
    if verb is None:
        return _mistyped(desk, unknown_verb(text))
    try:
        return _scan(desk, form, text, deadline) if verb == SCAN else _status(desk, form, deadline)
    except Declined as declined:
        return declined.words
    except OutOfTime:
        return answers.TOO_SLOW_TO_START if verb == SCAN else answers.cannot_look("out of time")


def _scan(desk: Desk, form: Json, text: str, deadline: Deadline) -> str:
    settings = desk.settings
    read = read_scan(text, regions=settings.target_regions, policy=settings.policy)
    if isinstance(read, Mistyped):
        return _mistyped(desk, read)
    _only_members(desk, form, deadline, answers.GUESTS_CANNOT_SCAN)
    region = read.request.region
    open_run = _open_run(desk, region, deadline)
    if open_run is not None:
        return answers.open_already(open_run)
    name = _name_of(form)
    request = {
        **read.fields,
        "region": region,
        "requested_by": form["user_id"],
        "channel_id": settings.channel_id,
        "request_id": name,
    }
    try:
        send(deadline, desk.executions.start, name, request)
    except Unclear:
        return answers.maybe_started(region)
    except AwsTrouble as trouble:
        return answers.could_not_start(f"AWS: {trouble}")
    asked = {"region": region, "user": form["user_id"], "request": name}
    logger.info("scan of %s asked for by %s as %s", region, form["user_id"], name, extra=asked)
    return answers.scan_started(region, read.request.policy)


def _status(desk: Desk, form: Json, deadline: Deadline) -> str:
    _only_members(desk, form, deadline, answers.GUESTS_CANNOT_ASK)
    try:
        runs = _runs(desk, deadline)
    except AwsTrouble as trouble:
        return answers.cannot_look(f"AWS: {trouble}")
    open_ones = _still_open(desk, [run for run in runs if run.status != ENDED], deadline)
    over = [run for run in runs if run not in open_ones]
    return answers.status(
        open_ones,
        over[:LAST_RUNS],
        policy=desk.settings.policy,
        dry_run=desk.settings.dry_run,
        region=desk.settings.target_regions[0],
    )


def _mistyped(desk: Desk, mistyped: Mistyped) -> str:
    return answers.mistyped(map(escape, mistyped.mistakes), desk.settings.target_regions[0])


def _name_of(form: Json) -> str:
    """The run's name: the same for every delivery of one command, another for every command typed."""
    identity = "\n".join(str(form.get(field, "")) for field in ("team_id", "user_id", "command", "text", "trigger_id"))
    return f"slack-{hashlib.sha256(identity.encode()).hexdigest()[:40]}"


def _only_members(desk: Desk, form: Json, deadline: Deadline, refusal: str) -> None:
    user_id = str(form.get("user_id") or "")
    installation, user = deadline.start(desk.slack.installation), deadline.start(desk.slack.user, user_id)
    try:
        team_id = deadline.result(installation).team_id
        known = deadline.result(user)
    except SlackTrouble as trouble:
        raise Declined(answers.cannot_check_member(f"Slack: {trouble.words}")) from trouble
    if form.get("team_id") != team_id or may_ask(known, team_id) is not None:
        raise Declined(refusal)


# The runs there are.


def _runs(desk: Desk, deadline: Deadline) -> list[Run]:
    """The newest runs, latest first. Raises AwsTrouble."""
    newest = deadline.ask(desk.executions.newest, RUNS_READ)
    reading = [deadline.start(desk.executions.run, execution) for execution in newest]
    runs = []
    for run in reading:
        try:
            runs.append(deadline.result(run))
        except UnreadableRecord as problem:
            logger.warning("a run is left out: %s", problem)
    return sorted(runs, key=lambda run: run.started_at, reverse=True)


def _still_open(desk: Desk, runs: list[Run], deadline: Deadline) -> list[Run]:
    """Those of the runs whose execution is not over, as far as AWS says."""
    statuses = [deadline.start(desk.executions.status, run.execution_arn) for run in runs]
    return [run for run, status in zip(runs, statuses, strict=True) if _may_be_open(status, deadline)]


def _may_be_open(status: Future[str], deadline: Deadline) -> bool:
    try:
        return deadline.result(status) not in OVER
    except AwsTrouble:
        return True


def _open_run(desk: Desk, region: str, deadline: Deadline) -> Run | None:
    """The run that holds the region, if one does. A courtesy: the region's lock is what keeps a second one out."""
    try:
        runs = _runs(desk, deadline)
    except AwsTrouble as trouble:
        logger.warning("could not look for an open run: %s", trouble)
        return None
    claiming = [run for run in runs if run.region == region and run.status != ENDED]
    return next(iter(_still_open(desk, claiming, deadline)), None)
