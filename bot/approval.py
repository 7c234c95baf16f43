"""One decision: gather what has to be known about a click, judge it, and pass it on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.authorisation import Refusal, Right, may_decide
from bot.context import SENDING, Context, Declined, send
from bot.deadline import Deadline, OutOfTime
from bot.ended_run import close_if_ended
from bot.executions import AlreadyAnswered, AwsCallError, Unclear
from bot.replies import clicks as replies
from bot.slack_client import Installation, SlackCallError
from bot.speaker import Introduction, Speaker
from orchestrator.domain.pause import Pause, UnreadablePause
from orchestrator.domain.runs import Page, UnreadableRecord, short
from orchestrator.slack.message.click import APPROVE, Click, answer, read_ticks

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What has to be known about a click before it is judged."""

    page: Page
    speaker: Speaker | None
    """None when Slack did not say who it is; `unknown` says why."""
    unknown: str = ""
    pause: Pause | UnreadablePause | None = None
    """The pause as it is recorded; None when there is none, or nothing is approved."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A click that decides nothing, and what its person is told."""

    words: str
    settled: bool = False
    """Whether the words already tell how the page was closed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A click that decides: what the durable callback is told, and what its person is."""

    answer: Json
    words: str


def pass_decision_on(context: Context, payload: Json, click: Click, deadline: Deadline) -> str:
    """Pass on what a click decides, or say why it decides nothing. Returns what the person is told.

    Raises UnreadableClick when the boxes that came with it are not of Slack's shape.
    """
    try:
        facts = _gather(context, payload, click, deadline)
        outcome = judge(context, payload, click, facts)
        if isinstance(outcome, Decision):
            outcome = _pass_on(context, click, facts.page, outcome, deadline)
    except Declined as declined:
        return declined.words
    except OutOfTime:
        return replies.TOO_SLOW
    if isinstance(outcome, Decision):
        return outcome.words
    ended = close_if_ended(context, payload, click, facts.page, deadline)
    return replies.run_ended(facts.page, context.settings) if ended and not outcome.settled else outcome.words


def _gather(context: Context, payload: Json, click: Click, deadline: Deadline) -> Facts:
    """Ask all at once, so that the answers overlap. Raises Declined without a page of ours, and OutOfTime."""
    reading = deadline.start(context.executions.page, click.execution, click.page)
    asking = Introduction.of(context.slack, click.user_id, deadline, approvers=context.approvers)
    pausing = deadline.start(context.executions.pause) if click.action == APPROVE else None
    try:
        installation = deadline.result(asking.installation)
    except SlackCallError as trouble:
        raise Declined(replies.cannot_check(f"Slack: {trouble.words}")) from trouble
    if not is_ours(payload, click, installation):
        raise Declined(replies.OTHER_INSTALLATION)
    try:
        page = deadline.result(reading)
    except AwsCallError as trouble:
        raise Declined(replies.could_not_pass_on(f"AWS: {trouble.code}")) from trouble
    except UnreadableRecord as problem:
        raise Declined(replies.unreadable_record(str(problem))) from problem
    pause = None if pausing is None else _pause(pausing, deadline)
    try:
        return Facts(page=page, speaker=asking.heard(deadline), pause=pause)
    except SlackCallError as trouble:
        return Facts(page=page, speaker=None, unknown=trouble.words, pause=pause)


def _pause(reading: Future[Pause | UnreadablePause | None], deadline: Deadline) -> Pause | UnreadablePause | None:
    """The pause that is recorded; what cannot be read counts as one. Raises OutOfTime."""
    try:
        return deadline.result(reading)
    except AwsCallError as trouble:
        return UnreadablePause(f"AWS: {trouble}")


def is_ours(payload: Json, click: Click, installation: Installation) -> bool:
    """Whether the message was posted by our bot, in our workspace, for the app that this click is meant for."""
    posted = payload.get("message")
    if not isinstance(posted, Mapping) or (click.team_id or click.user_team_id) != installation.team_id:
        return False
    return posted.get("bot_id") == installation.bot_id and posted.get("app_id", click.api_app_id) == click.api_app_id


def judge(context: Context, payload: Json, click: Click, facts: Facts) -> Decision | Refused:
    """What a click decides. Asks nobody: all that counts is in the facts.

    Raises UnreadableClick when the boxes that came with it are not of Slack's shape.
    """
    now, page = context.clock(), facts.page
    refused = _closed(context, click, page, now)
    if refused is not None:
        return refused
    right = _right(context, click, facts)
    if not isinstance(right, Right):
        return Refused(right)
    if click.action == APPROVE:
        return _approval(payload, click, facts, now)
    cancelled = right is Right.ASKER
    told = {**answer(click, page, None, now), "cancelled": cancelled}
    return Decision(told, replies.cancelled(page) if cancelled else replies.got_it(page, click.action))


def _closed(context: Context, click: Click, page: Page, now: float) -> Refused | None:
    """Why nobody can decide this page here and now; None when somebody can."""
    if page.decided is not None:
        return Refused(replies.already_decided(page), settled=True)
    if now >= page.expires_at:
        return Refused(replies.expired_already(page, context.settings), settled=True)
    if click.revision != page.revision or page.message_ts not in (None, click.message_ts):
        return Refused(replies.OLD_REVISION)
    return Refused(replies.decide_elsewhere(page.channel_id)) if click.channel_id != page.channel_id else None


def _approval(payload: Json, click: Click, facts: Facts, now: float) -> Decision | Refused:
    """What an approver's *Approve* decides: the boxes ticked on their own screen, unless deletes are paused."""
    page = facts.page
    if facts.pause is not None and facts.pause.in_force(datetime.fromtimestamp(now, UTC)):
        return Refused(replies.paused(facts.pause))
    ticks = read_ticks(payload, page)
    if ticks.none_arrived:
        return Refused(replies.NO_BOXES_ARRIVED)
    if not ticks.selected:
        return Refused(replies.nothing_ticked(page))
    return Decision(answer(click, page, ticks, now), replies.got_it(page, APPROVE, len(ticks.selected)))


def _right(context: Context, click: Click, facts: Facts) -> Right | str:
    """By what right the person decides, or the words that refuse them."""
    speaker = facts.speaker
    if speaker is None:
        return replies.cannot_check(f"Slack: {facts.unknown}")
    right = may_decide(
        speaker.user,
        speaker.team_id,
        approvers=context.approvers,
        groups=speaker.groups,
        asker_id=facts.page.requested_by,
        approves=click.action == APPROVE,
        require_second_person=context.settings.require_second_person,
    )
    if right is Refusal.NOT_AN_APPROVER and speaker.unread is not None:
        return replies.cannot_check(f"Slack: {speaker.unread}")
    return right if isinstance(right, Right) else replies.may_not_decide(right, context.settings.approvers)


def _pass_on(context: Context, click: Click, page: Page, decision: Decision, deadline: Deadline) -> Decision | Refused:
    """Answer the durable callback: from here on the orchestrator speaks. Raises OutOfTime if it was not sent."""
    try:
        send(deadline, context.executions.answer, page.callback_id, decision.answer)
    except AlreadyAnswered:
        return _who_was_first(context, page, deadline)
    except Unclear:
        return Decision(decision.answer, replies.maybe_decided())
    except AwsCallError as trouble:
        return Refused(replies.could_not_pass_on(f"AWS: {trouble.code}"))
    logger.info(
        "%s by %s passed on: %d of %d versions, page %d of run %s",
        click.action,
        click.user_id,
        len(decision.answer["approved_versions"]),
        len(page.candidates),
        page.page,
        short(page.execution),
        extra={"execution": page.execution, "page": page.page, "user": click.user_id, "action": click.action},
    )
    return decision


def _who_was_first(context: Context, page: Page, deadline: Deadline) -> Refused:
    """Why a callback is closed, as far as the page's record tells by now."""
    try:
        fresh = deadline.longer(SENDING).ask(context.executions.page, page.execution, page.page)
    except (AwsCallError, UnreadableRecord, OutOfTime):
        fresh = page
    if fresh.decided is None and context.clock() >= page.expires_at:
        return Refused(replies.expired_already(page, context.settings), settled=True)
    return Refused(replies.already_decided(fresh), settled=fresh.decided is not None)
