"""One decision: what has to be known about a click, whether it decides, and how it is passed on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from bot import replies
from bot.authorisation import Refusal, may_decide
from bot.context import SENDING, Context, Declined, send
from bot.deadline import Deadline, OutOfTime
from bot.executions import OVER, AlreadyAnswered, AwsCallError, Unclear
from bot.slack_client import Installation, SlackCallError
from orchestrator.domain.runs import ENDED, Page, UnreadableRecord, short
from orchestrator.slack import message
from orchestrator.slack.message import APPROVE, BUTTONS, Click, read_ticks

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]


def pass_decision_on(context: Context, payload: Json, click: Click, deadline: Deadline) -> str:
    """Pass on what a click decides, or say why it decides nothing. Returns what the person is told.

    Raises UnreadableClick when the boxes that came with it are not of Slack's shape.
    """
    try:
        asked = _Asked.about(context, click, deadline)
        page = _clicked_page(payload, click, asked, deadline)
    except Declined as declined:
        return declined.words
    except OutOfTime:
        return replies.TOO_SLOW
    try:
        return _pass_on(context, click, page, _decision(context, payload, click, page, asked, deadline), deadline)
    except Declined as declined:
        ended = _end_of(context, payload, click, page, deadline)
        return declined.words if declined.settled or not ended else replies.run_ended(page)
    except OutOfTime:
        return replies.TOO_SLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What has to be known about a click, asked all at once so that the answers overlap."""

    page: Future[Page]
    installation: Future[Installation]
    user: Future[dict[str, Any]]
    members: Mapping[str, Future[frozenset[str]]]

    @classmethod
    def about(cls, context: Context, click: Click, deadline: Deadline) -> _Asked:
        return cls(
            page=deadline.start(context.executions.page, click.execution, click.page),
            installation=deadline.start(context.slack.installation),
            user=deadline.start(context.slack.user, click.user_id),
            members={
                group: deadline.start(context.slack.members, group)
                for group in context.approvers.groups_to_ask(click.user_id)
            },
        )


def _clicked_page(payload: Json, click: Click, asked: _Asked, deadline: Deadline) -> Page:
    """The page that was clicked on, if it is one of this installation's."""
    if not _is_ours(payload, click, _checked(asked.installation, deadline)):
        raise Declined(replies.OTHER_INSTALLATION)
    try:
        return deadline.result(asked.page)
    except AwsCallError as trouble:
        raise Declined(replies.could_not_pass_on(f"AWS: {trouble.code}")) from trouble
    except UnreadableRecord as problem:
        raise Declined(replies.unreadable_record(str(problem))) from problem


def _is_ours(payload: Json, click: Click, installation: Installation) -> bool:
    """Whether the message was posted by our bot, in our workspace, for the app that this click is meant for."""
    posted = payload.get("message")
    if not isinstance(posted, Mapping) or (click.team_id or click.user_team_id) != installation.team_id:
        return False
    return posted.get("bot_id") == installation.bot_id and posted.get("app_id", click.api_app_id) == click.api_app_id


def _decision(
    context: Context, payload: Json, click: Click, page: Page, asked: _Asked, deadline: Deadline
) -> Mapping[str, Any]:
    """What the durable callback is told. Raises Declined."""
    now = context.clock()
    if page.decided is not None:
        raise Declined(replies.already_decided(page), settled=True)
    if now >= page.expires_at:
        raise Declined(replies.expired_already(page), settled=True)
    if click.revision != page.revision or page.message_ts not in (None, click.message_ts):
        raise Declined(replies.OLD_REVISION)
    if click.channel_id != page.channel_id:
        raise Declined(replies.decide_elsewhere(page.channel_id))
    _only_who_may(context, click, page, asked, deadline)
    if click.action != APPROVE:
        return message.answer(click, page, None, now)
    ticks = read_ticks(payload, page)
    if ticks.none_arrived:
        raise Declined(replies.NO_BOXES_ARRIVED)
    if not ticks.selected:
        raise Declined(replies.nothing_ticked(page))
    return message.answer(click, page, ticks, now)


def _only_who_may(context: Context, click: Click, page: Page, asked: _Asked, deadline: Deadline) -> None:
    user, team_id = _checked(asked.user, deadline), _checked(asked.installation, deadline).team_id
    groups, unread = set(), None
    for group, members in asked.members.items():
        try:
            if click.user_id in deadline.result(members):
                groups.add(group)
        except SlackCallError as trouble:
            unread = trouble
    refusal = may_decide(
        user,
        team_id,
        approvers=context.approvers,
        groups=frozenset(groups),
        asker_id=page.requested_by,
        approves=click.action == APPROVE,
        require_second_person=context.settings.require_second_person,
    )
    if refusal is Refusal.NOT_AN_APPROVER and unread is not None:
        raise Declined(replies.cannot_check(f"Slack: {unread.words}")) from unread
    if refusal is not None:
        raise Declined(_in_words(refusal, context.settings.approvers))


def _in_words(refusal: Refusal, approvers: tuple[str, ...]) -> str:
    return {
        Refusal.GUEST: replies.NOT_FOR_GUESTS,
        Refusal.NOBODY_DECIDES: replies.NOBODY_CAN_APPROVE,
        Refusal.NOT_AN_APPROVER: replies.not_an_approver(approvers),
        Refusal.SECOND_PERSON: replies.SECOND_PERSON,
    }[refusal]


def _checked(call: Future[Any], deadline: Deadline) -> Any:
    try:
        return deadline.result(call)
    except SlackCallError as trouble:
        raise Declined(replies.cannot_check(f"Slack: {trouble.words}")) from trouble


def _pass_on(context: Context, click: Click, page: Page, decision: Mapping[str, Any], deadline: Deadline) -> str:
    """Answer the durable callback: from here on the orchestrator speaks. Raises Declined."""
    try:
        send(deadline, context.executions.answer, page.callback_id, decision)
    except AlreadyAnswered:
        raise _who_was_first(context, page, deadline) from None
    except Unclear:
        return replies.maybe_decided()
    except AwsCallError as trouble:
        raise Declined(replies.could_not_pass_on(f"AWS: {trouble.code}")) from trouble
    approved = len(decision["approved_versions"])
    logger.info(
        "%s by %s passed on: %d of %d versions, page %d of run %s",
        click.action,
        click.user_id,
        approved,
        len(page.candidates),
        page.page,
        short(page.execution),
        extra={"execution": page.execution, "page": page.page, "user": click.user_id, "action": click.action},
    )
    return replies.got_it(page, click.action, approved)


def _who_was_first(context: Context, page: Page, deadline: Deadline) -> Declined:
    """Why a callback is closed, as far as the page's record tells by now."""
    try:
        fresh = deadline.longer(SENDING).ask(context.executions.page, page.execution, page.page)
    except (AwsCallError, UnreadableRecord, OutOfTime):
        fresh = page
    if fresh.decided is None and context.clock() >= page.expires_at:
        return Declined(replies.expired_already(page), settled=True)
    return Declined(replies.already_decided(fresh), settled=fresh.decided is not None)


def _end_of(context: Context, payload: Json, click: Click, page: Page, deadline: Deadline) -> bool:
    """Whether the run is over, as far as AWS says. If it is, and its buttons still stand, they go.

    A live run's message is never touched: only when AWS says that nobody else can speak for the run.
    """
    spare = deadline.longer(SENDING)
    try:
        status = spare.ask(context.executions.status, page.execution_arn)
        if status not in OVER:
            return False
        if _buttons_stand(payload):
            run = spare.ask(context.executions.run, page.execution)
            last = message.over(run) if run.status == ENDED else message.without_words(run, status=status)
            spare.ask(context.slack.replace, click.channel_id, click.message_ts, last.text, last.blocks)
            logger.info("run %s is over (%s): its buttons are gone", short(page.execution), status)
    except (AwsCallError, UnreadableRecord, SlackCallError, OutOfTime) as problem:
        logger.warning("could not look after run %s: %s", short(page.execution), problem or type(problem).__name__)
        return False
    return True


def _buttons_stand(payload: Json) -> bool:
    """Whether the message still has our buttons in Slack's own copy, which comes with the click."""
    posted = payload.get("message")
    blocks = posted.get("blocks") if isinstance(posted, Mapping) else None
    elements = [
        element
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, Mapping) and isinstance(block.get("elements"), list)
        for element in block["elements"]
    ]
    return any(isinstance(element, Mapping) and element.get("action_id") in BUTTONS for element in elements)
