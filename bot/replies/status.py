"""What runs, what waits, what came of the last runs, and the rules in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.replies.commands import rule
from bot.replies.places import place, to_scan, to_type
from bot.slash_command import Verb
from orchestrator.domain.pause import Pause, UnreadablePause
from orchestrator.domain.runs import SCANNING, WAITING, Run
from orchestrator.domain.settings import BotSettings
from orchestrator.domain.words import count, dollars
from orchestrator.slack.message.scanning import STEPS
from orchestrator.slack.message.text import cut, date_in_words, day_and_time, day_of, escape, link, person, time_of_day

MOST_OPEN = 20
"""Open runs that one answer lists."""
TODAY = 86_400
"""Seconds in which a time of day says enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an answer to `status` tells."""

    now: float
    """Seconds since 1970."""
    open: Sequence[Run] = ()
    """Newest first."""
    ended: Sequence[Run] = ()
    """Newest first."""
    gone: frozenset[str] = frozenset()
    """The executions among the open ones whose message was deleted."""
    unread: int = 0
    """Runs that there was no time to read."""
    pause: Pause | UnreadablePause | None = None
    """A pause in force, or one that could not be read."""


def status(known: Status, settings: BotSettings, *, account_id: str | None = None, region: str | None = None) -> str:
    """The answer, about one account or region where one was typed."""
    lines = [*_paused(known), *_open(known, settings), *_ended(known, settings)]
    if not known.open and not known.ended:
        where = f" in {place(settings, account_id, region)}" if region else ""
        start = to_scan(settings, account_id, region or settings.target_regions[0])
        lines.append(f"No run yet{where}. Start one: {start}")
    if known.unread:
        lines.append(
            f"There was no time to read {count(known.unread, 'older run')}: "
            f"{to_type(settings, Verb.STATUS)} with an account or a region looks at fewer."
        )
    dry_run = f"Dry run is *{'on' if settings.dry_run else 'off'}*."
    return "\n".join([*lines, f"{dry_run} {rule(settings.policy)}."])


def _paused(known: Status) -> list[str]:
    pause = known.pause
    if pause is None:
        return []
    if isinstance(pause, UnreadablePause):
        return [f"*Paused*, as far as I know: I could not read whether deletes are paused ({escape(pause.words)})."]
    ends = (
        f"through {date_in_words(pause.until.isoformat(), year=True)}" if pause.until else "until an approver resumes"
    )
    why = f": {escape(pause.reason)}" if pause.reason else ""
    return [f"*Paused* by {person(pause.by)} {ends}{why}. Nothing is approved or deleted."]


def _open(known: Status, settings: BotSettings) -> list[str]:
    waiting = [run for run in known.open if run.status == WAITING]
    running = [run for run in known.open if run.status != WAITING]
    lines = [f"*Waiting* {_waiting(run, known, settings)}" for run in waiting]
    lines += [f"*Running* {_running(run, known, settings)}" for run in running]
    if len(lines) > MOST_OPEN:
        more = count(len(lines) - MOST_OPEN, "more open run")
        lines[MOST_OPEN:] = [f"And {more}: name an account or a region to see them."]
    return lines


def _ended(known: Status, settings: BotSettings) -> list[str]:
    over = [_over(run, settings) for run in known.ended]
    return [f"*Last runs* {line}" if index == 0 else f"• {line}" for index, line in enumerate(over)]


def _waiting(run: Run, known: Status, settings: BotSettings) -> str:
    about = f"about {dollars(run.monthly_usd)} a month" if run.monthly_usd else "$0 now"
    until = f"until {day_and_time(run.expires_at)}" if run.expires_at else ""
    page = f"page {run.page} of {run.pages}" if run.pages > 1 else ""
    versions = f"{count(run.candidates, 'idle version')}, {about}"
    since = f"since {_moment(run.started_at, known.now)}"
    parts = [_where(run, settings), versions, page, person(run.requested_by), since, until, _link(run, known, settings)]
    return " · ".join(filter(None, parts))


def _running(run: Run, known: Status, settings: BotSettings) -> str:
    doing = f"step {run.step} of {len(STEPS)}" if run.status == SCANNING else "deleting what was approved"
    since = f"since {_moment(run.started_at, known.now)}"
    parts = [_where(run, settings), doing, person(run.requested_by), since, _link(run, known, settings)]
    return " · ".join(filter(None, parts))


def _over(run: Run, settings: BotSettings) -> str:
    by = "" if run.requested_by else ", the schedule"
    words = cut(run.ending_words or run.ending or "ended", 200)
    day = day_of(run.ended_at or run.started_at)
    opening = link(run.permalink, "open") if run.permalink else ""
    return " · ".join(filter(None, [f"{day} {_where(run, settings)}{by}: {escape(words)}", opening]))


def _where(run: Run, settings: BotSettings) -> str:
    """What a run looked at: a claim about a prefix must not read as one about the region."""
    prefix = run.policy.get("function_name_prefix")
    named = f", functions named `{escape(prefix)}…`" if isinstance(prefix, str) and prefix else ""
    return f"{place(settings, run.account_id, run.region)}{named}"


def _moment(epoch: int, now: float) -> str:
    return time_of_day(epoch) if now - epoch < TODAY else day_and_time(epoch)


def _link(run: Run, known: Status, settings: BotSettings) -> str:
    """Where the run's message stands; without one, what to type to end it."""
    if run.execution not in known.gone and run.permalink:
        return link(run.permalink, "open")
    missing = "its message was deleted" if run.execution in known.gone else "no message yet"
    return f"{missing}; {to_type(settings, Verb.STOP, run.account_id, run.region)} ends it"
