"""What each command does, one plain function each. The bot starts a run and answers; it never writes or deletes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from bot import readiness
from bot.authorisation import Refusal, Right, may_ask, may_end
from bot.context import Context, Declined, send
from bot.deadline import Deadline, OutOfTime
from bot.executions import AwsCallError, Unclear
from bot.open_runs import RUNS_READ, Matches, Runs, look_up, without_message
from bot.replies import commands as replies
from bot.replies import readiness as say
from bot.replies.status import Status, status
from bot.slack_client import SlackCallError
from bot.slash_command import Command, Mistyped, Targets, Verb, read_command
from bot.speaker import Introduction, Speaker
from orchestrator.domain.pause import Pause, UnreadablePause
from orchestrator.domain.request import Kind, Request
from orchestrator.domain.runs import Run
from orchestrator.slack.message.open_run import open_already

logger = logging.getLogger(__name__)

T = TypeVar("T")

LAST_RUNS = 5
RUNS_READ_FOR_A_SCAN = 50


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it arrived: who typed what, what it means, and until when it must be answered."""

    form: Mapping[str, Any]
    """Slack's own fields."""
    command: Command
    deadline: Deadline

    @property
    def user_id(self) -> str:
        """Who typed it."""
        return str(self.form.get("user_id") or "")

    @property
    def name(self) -> str:
        """The run's name: the same for every delivery of one command, another for every command typed."""
        named = ("team_id", "user_id", "command", "text", "trigger_id")
        identity = "\n".join(str(self.form.get(field, "")) for field in named)
        return f"slack-{hashlib.sha256(identity.encode()).hexdigest()[:40]}"

    @property
    def request(self) -> Request:
        """What is asked for. Only `help` and `status` ask for nothing."""
        if self.command.request is None:
            raise TypeError(f"{self.command.verb} starts nothing")
        return self.command.request

    def field(self, name: str) -> Any:
        """A field of the request as typed; None when it was left out."""
        return self.command.fields.get(name)


def scan(context: Context, typed: Typed) -> str:
    """Start a scan of one account and region, unless one is open there or its message could not be posted."""
    deadline, request, settings = typed.deadline, typed.request, context.settings
    newest = deadline.start(context.executions.newest, RUNS_READ_FOR_A_SCAN)
    _member_of_a_channel_fit_to_post_in(context, typed)
    place = _place(context, typed)
    open_run = _open_run(context, newest, _at(place), deadline)
    if open_run is not None:
        return open_already(open_run, message_is_gone=bool(without_message(context, [open_run], deadline)))
    account_id, region = place.get("account_id"), request.region
    try:
        _start(context, typed, {**typed.command.fields, **place})
    except Unclear:
        return replies.maybe_started(settings, account_id, region)
    return replies.scan_started(settings, account_id, region, request.policy)


def tell_status(context: Context, typed: Typed) -> str:
    """Tell what runs, what waits, what came of the last runs, and whether deletes are paused."""
    deadline, account_id, region = typed.deadline, typed.field("account_id"), typed.field("region")
    asking = Introduction.of(context.slack, typed.user_id, deadline)
    newest = deadline.start(context.executions.newest, RUNS_READ)
    pausing = deadline.start(context.executions.pause)
    _member(typed, asking)
    runs = _runs(context, newest, _at({"account_id": account_id, "region": region}), deadline)
    known = Status(
        now=context.clock(),
        open=runs.open,
        ended=runs.ended[:LAST_RUNS],
        gone=without_message(context, runs.open, deadline),
        unread=runs.unread,
        pause=_in_force(context, _pause(pausing, deadline)),
    )
    return status(known, context.settings, account_id=account_id, region=region)


def why(context: Context, typed: Typed) -> str:
    """Ask why a function's versions are held or offered; the answer comes through the command's own address."""
    _member(typed, Introduction.of(context.slack, typed.user_id, typed.deadline))
    place = _place(context, typed)
    fields = {name: typed.field(name) for name in ("function_name", "version") if typed.field(name)}
    return _small_run(
        context,
        typed,
        {**fields, **place},
        replies.asked_why(context.settings, place.get("account_id"), place["region"], fields),
    )


def pause(context: Context, typed: Typed) -> str:
    """Ask that nothing be approved or deleted for now: any full member may, since it only ever protects."""
    _member(typed, Introduction.of(context.slack, typed.user_id, typed.deadline))
    until = typed.field("until")
    words = replies.pausing(date.fromisoformat(until) if until else None, typed.field("reason"))
    return _small_run(context, typed, typed.command.fields, words)


def resume(context: Context, typed: Typed) -> str:
    """Ask that a pause end; for approvers."""
    pausing = typed.deadline.start(context.executions.pause)
    _only_who_may_end(context, typed, asker_id=None, what="may end a pause")
    if _in_force(context, _pause(pausing, typed.deadline)) is None:
        return replies.NOT_PAUSED
    return _small_run(context, typed, {}, replies.RESUMING)


def stop(context: Context, typed: Typed) -> str:
    """Ask that the open run of an account and region end; for approvers, and for who asked for that run."""
    deadline, settings = typed.deadline, context.settings
    account_id, region = typed.field("account_id"), typed.field("region")
    asking = Introduction.of(context.slack, typed.user_id, deadline, approvers=context.approvers)
    newest = deadline.start(context.executions.newest, RUNS_READ)
    speaker = _member(typed, asking)
    runs = _runs(context, newest, _at({"account_id": account_id, "region": region}), deadline)
    if len({(run.account_id, run.region) for run in runs.open}) > 1:
        return replies.which_to_stop(settings, runs.open)
    run = next(iter(runs.open), None)
    if run is None and (region is None or not runs.unread):
        return replies.nothing_to_stop(settings, account_id, region)
    _check_end(context, speaker, asker_id=run.requested_by if run else None, what="and who asked for a run may stop it")
    place = _place_of(context, run) if run else _place(context, typed)
    fields = {**place, "execution": run.execution} if run else place
    return _small_run(context, typed, fields, replies.stopping(settings, place.get("account_id"), place["region"], run))


def saved(context: Context, typed: Typed) -> str:
    """Ask what AWS's own bill shows was saved; the answer is posted."""
    _member_of_a_channel_fit_to_post_in(context, typed)
    return _small_run(context, typed, {}, replies.ASKED_SAVED)


def doctor(context: Context, typed: Typed) -> str:
    """Tell what can be seen at once of the installation, and have the rest tested if a run could post its message."""
    deadline = typed.deadline
    asking = Introduction.of(context.slack, typed.user_id, deadline, fresh=True)
    channel = deadline.start(context.slack.channel, context.settings.channel_id)
    installation = _answer_of(asking.installation, deadline)
    settings = context.settings
    if isinstance(installation, SlackCallError):
        return say.doctor([say.SIGNED, readiness.token(installation)], settings, goes_on=False)
    _member(typed, asking)
    answered = _answer_of(channel, deadline)
    found = readiness.findings(installation, answered, settings)
    lines = [say.SIGNED, say.TOKEN_WORKS, *found]
    if readiness.in_the_way(found):
        return say.doctor(lines, settings, goes_on=False)
    return _small_run(context, typed, {}, say.doctor(lines, settings, goes_on=True))


DO: Mapping[Verb, Callable[[Context, Typed], str]] = {
    Verb.SCAN: scan,
    Verb.STATUS: tell_status,
    Verb.WHY: why,
    Verb.PAUSE: pause,
    Verb.RESUME: resume,
    Verb.STOP: stop,
    Verb.SAVED: saved,
    Verb.DOCTOR: doctor,
}
"""What is done for each command; all but `help`, which anybody may read anywhere."""


def command(context: Context, form: Mapping[str, Any], deadline: Deadline) -> str:
    """The slash command: what is typed after it is carried out, or every mistake in it is named."""
    settings = context.settings
    today = datetime.fromtimestamp(context.clock(), UTC).date()
    read = read_command(str(form.get("text") or ""), Targets.of(settings), today)
    if not isinstance(read, Mistyped) and read.verb is Verb.HELP:
        return replies.help_text(settings)
    if form.get("channel_id") != settings.channel_id:
        return replies.type_elsewhere(settings.channel_id)
    if isinstance(read, Mistyped):
        return replies.mistyped(settings, read.mistakes, read.verb)
    try:
        return DO[read.verb](context, Typed(form, read, deadline))
    except Declined as declined:
        return declined.words
    except OutOfTime:
        return replies.TOO_SLOW_TO_START


# Who speaks.


def _member(typed: Typed, asking: Introduction) -> Speaker:
    """Who typed the command, if they are a full member of our workspace. Raises Declined or OutOfTime."""
    try:
        speaker = asking.heard(typed.deadline)
    except SlackCallError as trouble:
        raise Declined(replies.cannot_check_member(f"Slack: {trouble.words}")) from trouble
    if typed.form.get("team_id") != speaker.team_id or may_ask(speaker.user, speaker.team_id) is not None:
        raise Declined(replies.GUESTS_CANNOT_ASK)
    return speaker


def _member_of_a_channel_fit_to_post_in(context: Context, typed: Typed) -> None:
    """Raise Declined unless a full member typed this and a run could post its message."""
    deadline, settings = typed.deadline, context.settings
    asking = Introduction.of(context.slack, typed.user_id, deadline, fresh=True)
    channel = deadline.start(context.slack.channel, settings.channel_id)
    _member(typed, asking)
    answered = _answer_of(channel, deadline)
    if problems := readiness.in_the_way(readiness.findings(deadline.result(asking.installation), answered, settings)):
        raise Declined(say.cannot_start(problems))


def _only_who_may_end(context: Context, typed: Typed, *, asker_id: str | None, what: str) -> None:
    asking = Introduction.of(context.slack, typed.user_id, typed.deadline, approvers=context.approvers)
    _check_end(context, _member(typed, asking), asker_id=asker_id, what=what)


def _check_end(context: Context, speaker: Speaker, *, asker_id: str | None, what: str) -> None:
    """Raise Declined unless somebody may end this: an approver, or who asked for it. `what` they may, in words."""
    right = may_end(
        speaker.user, speaker.team_id, approvers=context.approvers, groups=speaker.groups, asker_id=asker_id
    )
    if isinstance(right, Right):
        return
    if right is Refusal.NOT_AN_APPROVER and speaker.unread is not None:
        raise Declined(replies.cannot_check_member(f"Slack: {speaker.unread}"))
    raise Declined(replies.may_not_end(right, context.settings.approvers, what=what))


# What is started.


def _small_run(context: Context, typed: Typed, fields: Mapping[str, Any], words: str) -> str:
    """Start the run that carries a command out and answers through its address; the words say so meanwhile."""
    form = typed.form
    try:
        _start(
            context,
            typed,
            {
                "kind": Kind(typed.command.verb).value,
                **fields,
                "requested_by_name": str(form.get("user_name") or typed.user_id),
                "response_url": str(form.get("response_url") or ""),
            },
        )
    except Unclear:
        return replies.maybe_asked(typed.command.verb)
    return words


def _start(context: Context, typed: Typed, fields: Mapping[str, Any]) -> None:
    """Start a run. Raises Unclear when it may have started, and Declined when it did not."""
    request = {
        **fields,
        "requested_by": typed.user_id,
        "channel_id": context.settings.channel_id,
        "request_id": typed.name,
    }
    verb = typed.command.verb
    try:
        send(typed.deadline, context.executions.start, typed.name, request)
    except Unclear:
        raise
    except AwsCallError as trouble:
        raise Declined(replies.could_not_start(f"AWS: {trouble}")) from trouble
    asked = {"user": typed.user_id, "request": typed.name, "region": fields.get("region")}
    logger.info("%s asked for by %s as %s", verb, typed.user_id, typed.name, extra=asked)


# Where.


def _place(context: Context, typed: Typed) -> dict[str, Any]:
    """The account and region that a command means, as fields of a request; one account needs no name."""
    accounts = context.settings.target_accounts
    region = {"region": typed.request.region}
    if len(accounts) == 1:
        return region
    return {"account_id": typed.field("account_id") or accounts[0].id, **region}


def _place_of(context: Context, run: Run) -> dict[str, Any]:
    """The same of a run."""
    region = {"region": run.region}
    return region if len(context.settings.target_accounts) == 1 else {"account_id": run.account_id, **region}


def _at(place: Mapping[str, Any]) -> Matches:
    """Whether a run is of this account and region; what is not named does not matter."""
    account_id, region = place.get("account_id"), place.get("region")

    def matches(run: Run) -> bool:
        return account_id in (None, run.account_id) and region in (None, run.region)

    return matches


# What is known.


def _answer_of(call: Future[T], deadline: Deadline) -> T | SlackCallError:
    """What Slack answered, or its error, as a value. Raises OutOfTime."""
    try:
        return deadline.result(call)
    except SlackCallError as trouble:
        return trouble


def _runs(context: Context, newest: Future[list[str]], matches: Matches, deadline: Deadline) -> Runs:
    """The runs there are. Raises Declined when they cannot be looked up."""
    try:
        return look_up(context, newest, deadline, matches)
    except AwsCallError as trouble:
        raise Declined(replies.cannot_look(f"AWS: {trouble}")) from trouble
    except OutOfTime:
        raise Declined(replies.cannot_look("out of time")) from None


def _open_run(context: Context, newest: Future[list[str]], matches: Matches, deadline: Deadline) -> Run | None:
    """The run that holds the place, if one does. A courtesy: the place's lock is what keeps a second one out."""
    try:
        runs = look_up(context, newest, deadline, matches)
    except (AwsCallError, OutOfTime) as trouble:
        logger.warning("could not look for an open run: %s", str(trouble) or type(trouble).__name__)
        return None
    return next(iter(runs.open), None)


def _pause(reading: Future[Pause | UnreadablePause | None], deadline: Deadline) -> Pause | UnreadablePause | None:
    """The pause that is recorded; what cannot be read counts as one."""
    try:
        return deadline.result(reading)
    except AwsCallError as trouble:
        return UnreadablePause(f"AWS: {trouble}")


def _in_force(context: Context, pause: Pause | UnreadablePause | None) -> Pause | UnreadablePause | None:
    now = datetime.fromtimestamp(context.clock(), UTC)
    return pause if pause is not None and pause.in_force(now) else None
