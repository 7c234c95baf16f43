"""What a person can do, one plain function each: press a button, tick a box, type. Each returns what they are told."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from bot.authorisation import Approvers, Refusal, may_ask, may_decide
from bot.command import HELP, SCAN, Mistyped, read_scan, unknown_verb, verb_of
from bot.deadline import Deadline, OutOfTime
from bot.executions import OPEN_STATUSES, AlreadyAnswered, AwsTrouble, Executions, Unclear
from bot.settings import Settings
from bot.slack import Installation, Slack, SlackTrouble
from orchestrator.domain.runs import ENDED, Page, Run, UnreadableRecord, short
from orchestrator.slack import message
from orchestrator.slack.message import APPROVE, BUTTONS, Click, answers, read_click, read_ticks
from orchestrator.slack.message.text import escape

logger = logging.getLogger(__name__)

Json = Mapping[str, Any]

SENDING = 0.5
"""Seconds beyond the deadline that a call which was sent in time is waited for."""
RUNS_READ = 25
"""How many of the newest runs are looked at for one that is open."""
LAST_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the listeners work with."""

    settings: Settings
    approvers: Approvers
    slack: Slack
    executions: Executions
    clock: Callable[[], float]
    """Seconds since 1970."""


class Declined(Exception):
    """The click decides nothing; the words tell the person why."""

    def __init__(self, words: str, *, settled: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.settled = settled
        """Whether the words already tell how the page was closed."""


# Buttons and boxes.


def decide(desk: Desk, payload: Json, deadline: Deadline) -> str:
    """*Approve selected*, *Reject all* or *Stop here*: pass one decision on, or say why not.

    Raises UnreadableClick for a payload that is none of these.
    """
    click = read_click(payload)
    if click.channel_id != desk.settings.channel_id:
        return answers.decide_elsewhere(desk.settings.channel_id)
    try:
        asked = _Asked.about(desk, click, deadline)
        page = _page(payload, click, asked, deadline)
    except Declined as declined:
        return declined.words
    except OutOfTime:
        return answers.TOO_SLOW
    try:
        return _pass_on(desk, click, page, _decision(desk, payload, click, page, asked, deadline), deadline)
    except Declined as declined:
        ended = _end_of(desk, payload, click, page, deadline)
        return declined.words if declined.settled or not ended else answers.run_ended(page)
    except OutOfTime:
        return answers.TOO_SLOW


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
        _send(deadline, desk.executions.start, name, request)
    except Unclear:
        return answers.maybe_started(region)
    except AwsTrouble as trouble:
        return answers.could_not_start(f"AWS: {trouble}")
    logger.info("scan of %s asked for by %s as %s", region, form["user_id"], name)
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
        return deadline.result(status) in OPEN_STATUSES
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


# One decision.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What has to be known about a click, asked all at once so that the answers overlap."""

    page: Future[Page]
    installation: Future[Installation]
    user: Future[dict[str, Any]]
    members: Mapping[str, Future[frozenset[str]]]

    @classmethod
    def about(cls, desk: Desk, click: Click, deadline: Deadline) -> _Asked:
        return cls(
            page=deadline.start(desk.executions.page, click.execution, click.page),
            installation=deadline.start(desk.slack.installation),
            user=deadline.start(desk.slack.user, click.user_id),
            members={
                group: deadline.start(desk.slack.members, group)
                for group in desk.approvers.groups_to_ask(click.user_id)
            },
        )


def _page(payload: Json, click: Click, asked: _Asked, deadline: Deadline) -> Page:
    """The page that was clicked on, if it is one of this installation's."""
    if not _is_ours(payload, click, _checked(asked.installation, deadline)):
        raise Declined(answers.OTHER_INSTALLATION)
    try:
        return deadline.result(asked.page)
    except AwsTrouble as trouble:
        raise Declined(answers.could_not_pass_on(f"AWS: {trouble.code}")) from trouble
    except UnreadableRecord as problem:
        raise Declined(answers.unreadable_record(str(problem))) from problem


def _is_ours(payload: Json, click: Click, installation: Installation) -> bool:
    """Whether the message was posted by our bot, in our workspace, for the app that this click is meant for."""
    posted = payload.get("message")
    if not isinstance(posted, Mapping) or (click.team_id or click.user_team_id) != installation.team_id:
        return False
    return posted.get("bot_id") == installation.bot_id and posted.get("app_id", click.api_app_id) == click.api_app_id


def _decision(
    desk: Desk, payload: Json, click: Click, page: Page, asked: _Asked, deadline: Deadline
) -> Mapping[str, Any]:
    """What the durable callback is told. Raises Declined."""
    now = desk.clock()
    if page.decided is not None:
        raise Declined(answers.already_decided(page), settled=True)
    if now >= page.expires_at:
        raise Declined(answers.expired_already(page), settled=True)
    if click.revision != page.revision or page.message_ts not in (None, click.message_ts):
        raise Declined(answers.OLD_REVISION)
    if click.channel_id != page.channel_id:
        raise Declined(answers.decide_elsewhere(page.channel_id))
    _only_who_may(desk, click, page, asked, deadline)
    if click.action != APPROVE:
        return message.answer(click, page, None, now)
    ticks = read_ticks(payload, page)
    if ticks.none_arrived:
        raise Declined(answers.NO_BOXES_ARRIVED)
    if not ticks.selected:
        raise Declined(answers.nothing_ticked(page))
    return message.answer(click, page, ticks, now)


def _only_who_may(desk: Desk, click: Click, page: Page, asked: _Asked, deadline: Deadline) -> None:
    user, team_id = _checked(asked.user, deadline), _checked(asked.installation, deadline).team_id
    groups, unread = set(), None
    for group, members in asked.members.items():
        try:
            if click.user_id in deadline.result(members):
                groups.add(group)
        except SlackTrouble as trouble:
            unread = trouble
    refusal = may_decide(
        user,
        team_id,
        approvers=desk.approvers,
        groups=frozenset(groups),
        asker_id=page.requested_by,
        approves=click.action == APPROVE,
        require_second_person=desk.settings.require_second_person,
    )
    if refusal is Refusal.NOT_AN_APPROVER and unread is not None:
        raise Declined(answers.cannot_check(f"Slack: {unread.words}")) from unread
    if refusal is not None:
        raise Declined(_in_words(refusal, desk.settings.approvers))


def _in_words(refusal: Refusal, approvers: tuple[str, ...]) -> str:
    return {
        Refusal.GUEST: answers.NOT_FOR_GUESTS,
        Refusal.NOBODY_DECIDES: answers.NOBODY_CAN_APPROVE,
        Refusal.NOT_AN_APPROVER: answers.not_an_approver(approvers),
        Refusal.SECOND_PERSON: answers.SECOND_PERSON,
    }[refusal]


def _checked(call: Future[Any], deadline: Deadline) -> Any:
    try:
        return deadline.result(call)
    except SlackTrouble as trouble:
        raise Declined(answers.cannot_check(f"Slack: {trouble.words}")) from trouble


def _pass_on(desk: Desk, click: Click, page: Page, decision: Mapping[str, Any], deadline: Deadline) -> str:
    """Answer the durable callback: from here on the orchestrator speaks. Raises Declined."""
    try:
        _send(deadline, desk.executions.answer, page.callback_id, decision)
    except AlreadyAnswered:
        raise _who_was_first(desk, page, deadline) from None
    except Unclear:
        return answers.maybe_decided()
    except AwsTrouble as trouble:
        raise Declined(answers.could_not_pass_on(f"AWS: {trouble.code}")) from trouble
    approved = len(decision["approved_versions"])
    logger.info(
        "%s by %s passed on: %d of %d versions, page %d of run %s",
        click.action,
        click.user_id,
        approved,
        len(page.candidates),
        page.page,
        short(page.execution),
    )
    return answers.got_it(page, click.action, approved)


def _send(deadline: Deadline, call: Callable[..., None], *args: Any) -> None:
    """Make the one call that changes something: not begun past the deadline, and then given time to be answered.

    Raises Unclear when no answer came in that time.
    """
    sent = deadline.start(call, *args)
    try:
        deadline.longer(SENDING).result(sent)
    except OutOfTime:
        if sent.cancelled():
            raise
        raise Unclear("no answer", "the call") from None


def _who_was_first(desk: Desk, page: Page, deadline: Deadline) -> Declined:
    """Why a callback is closed, as far as the page's record tells by now."""
    try:
        fresh = deadline.longer(SENDING).ask(desk.executions.page, page.execution, page.page)
    except (AwsTrouble, UnreadableRecord, OutOfTime):
        fresh = page
    if fresh.decided is None and desk.clock() >= page.expires_at:
        return Declined(answers.expired_already(page), settled=True)
    return Declined(answers.already_decided(fresh), settled=fresh.decided is not None)


def _end_of(desk: Desk, payload: Json, click: Click, page: Page, deadline: Deadline) -> bool:
    """Whether the run is over, as far as AWS says. If it is, and its buttons still stand, they go.

    A live run's message is never touched: only when AWS says that nobody else can speak for the run.
    """
    spare = deadline.longer(SENDING)
    try:
        status = spare.ask(desk.executions.status, page.execution_arn)
        if status in OPEN_STATUSES:
            return False
        if _buttons_stand(payload):
            run = spare.ask(desk.executions.run, page.execution)
            last = message.over(run) if run.status == ENDED else message.without_words(run, status=status)
            spare.ask(desk.slack.replace, click.channel_id, click.message_ts, last.text, last.blocks)
            logger.info("run %s is over (%s): its buttons are gone", short(page.execution), status)
    except (AwsTrouble, UnreadableRecord, SlackTrouble, OutOfTime) as problem:
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
