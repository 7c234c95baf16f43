"""The digest of a sweep: what is idle where, with a link to each question, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.domain.sweep import ChildState, Digest, Found
from orchestrator.domain.words import count, dollars
from orchestrator.slack.message.blocks import Json, Message, context, header, message, section, table, titled
from orchestrator.slack.message.text import (
    a_month,
    calls_to,
    cut,
    day_and_time,
    day_of,
    escape,
    link,
    person,
)

ROWS_SHOWN = 40
"""Questions with a row of their own; the rest is added up."""
UNSEEN_SHOWN = 20
WORDS = 200
"""Most characters of AWS's own words for one place."""


def sweep_digest(digest: Digest, *, places: int, started_at: int, approvers: Sequence[str], dry_run: bool) -> Message:
    """The one message of a sweep of so many accounts and regions; it mentions the approvers once, if it asks anything.

    `started_at` is in seconds since 1970; `approvers` are Slack ids or `*`.
    """
    blocks = [
        header(_title(digest, dry_run=dry_run)),
        context(f"{count(places, 'account and region', 'accounts and regions')} · {day_and_time(started_at)}"),
    ]
    if digest.asked:
        blocks += [_table(digest), section(_call(approvers, len(digest.asked)))]
    if digest.unseen:
        blocks += titled(f"*Not looked at ({len(digest.unseen)})*", _unseen(digest.unseen), "\n")
    rest = list(_rest(digest))
    if rest:
        blocks.append(context(*rest))
    return message(blocks, map(_aloud, digest.asked))


def not_entered(account: str, region: str, words: str, *, requested_by: str | None) -> Message:
    """The whole message of a scan whose account could not be entered; `words` are AWS's own."""
    start = f"{person(requested_by)} " if requested_by else ""
    nothing = f"could not be entered, so nothing in {escape(region)} was judged."
    return message(
        [
            section(f"{start}:warning: *{escape(account)}* {nothing}\n{escape(cut(words, WORDS))}"),
            context("Deploy member.yaml there, with this stack's external id and its orchestrator's role."),
        ]
    )


def sweep_failed(words: str) -> Message:
    """A sweep that could not be finished; the runs it started go on by themselves."""
    return message(
        [
            header(":warning: The sweep of all accounts could not be finished"),
            section(f"{escape(cut(words, WORDS))}\nThe scans that it started go on by themselves."),
        ]
    )


def _title(digest: Digest, *, dry_run: bool) -> str:
    start = "Dry run: " if dry_run else ""
    if not digest.asked and not digest.unseen:
        return f":white_check_mark: {start}Nothing new to decide"
    if not digest.asked:
        return f":warning: {start}{count(len(digest.unseen), 'place')} could not be looked at"
    saves = f" Saves about {dollars(digest.monthly_usd)} a month" if digest.monthly_usd else ""
    where = count(len({found.account_id for found in digest.asked}), "account")
    return f":raised_hand: {start}Delete {count(digest.candidates, 'idle Lambda version')} in {where}?{saves}"


def _call(approvers: Sequence[str], questions: int) -> str:
    if not approvers:
        return "Nobody can approve yet: the stack's Approvers parameter is empty."
    which = "The question waits" if questions == 1 else "Each question waits"
    return f"{calls_to(approvers)} {which} behind its link; a decision in one changes nothing in another.".strip()


def _table(digest: Digest) -> Json:
    shown, rest = digest.asked[:ROWS_SHOWN], digest.asked[ROWS_SHOWN:]
    rows = [
        [found.account.label, found.region, f"{found.candidates:,}", dollars(found.monthly_usd), _state(found)]
        for found in shown
    ]
    if rest:
        idle, usd = sum(found.candidates for found in rest), sum(found.monthly_usd for found in rest)
        rows.append([f"{len(rest):,} more", "", f"{idle:,}", dollars(usd), "in the channel"])
    drawn = table(["Account", "Region", "Idle", "A month", "Question"], rows, numeric=[2, 3])
    for row, found in zip(drawn["rows"][1:], shown, strict=False):
        if found.permalink is not None:
            row[-1] = _linked(found.permalink, _state(found))
    return drawn


def _state(found: Found) -> str:
    return "decided" if found.state is ChildState.ENDED else "open it"


def _linked(url: str, text: str) -> Json:
    part = {"type": "link", "url": url, "text": text}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [part]}]}


def _unseen(unseen: Sequence[Found]) -> Iterator[str]:
    for found in unseen[:UNSEEN_SHOWN]:
        why = "still scanning" if found.state is ChildState.SCANNING else escape(cut(found.words or "", WORDS))
        could_not = "cannot be entered: " if found.state is ChildState.NOT_ENTERED else ""
        yield f"*{escape(found.account.label)}* · {found.region}: {could_not}{why}"
    if unseen[UNSEEN_SHOWN:]:
        yield f"and {len(unseen) - UNSEEN_SHOWN:,} more"


def _rest(digest: Digest) -> Iterator[str]:
    if digest.still_waiting:
        waiting = [
            f"{escape(found.account.label)} {found.region} {_since(found)}"
            for found in digest.still_waiting[:ROWS_SHOWN]
        ]
        yield f"Still waiting for a decision: {', '.join(waiting)}"
    if digest.clean:
        yield f"Nothing new in {count(digest.clean, 'account and region', 'accounts and regions')}"
    if digest.unseen_before:
        yield f"{count(digest.unseen_before, 'place')} still cannot be looked at, as said before"


def _place(found: Found) -> str:
    return f"{escape(found.account.label)} {found.region}"


def _since(found: Found) -> str:
    since = f"since {day_of(found.since)}" if found.since is not None else "from before"
    return link(found.permalink, since) if found.permalink else since


def _aloud(found: Found) -> str:
    idle = count(found.candidates, "idle version")
    return f"{escape(found.account.label)}, {found.region}: {idle}, {a_month(found.monthly_usd)}."
