"""What somebody is told privately after a click: that it counts, or why it does not."""

from __future__ import annotations

from collections.abc import Sequence

from bot.authorisation import Refusal
from bot.replies.places import to_scan
from orchestrator.domain.pause import Pause, UnreadablePause
from orchestrator.domain.runs import Action, Page
from orchestrator.domain.settings import BotSettings
from orchestrator.domain.words import count
from orchestrator.slack.message.text import (
    approvers_in_words,
    date_in_words,
    day_and_time,
    escape,
    person,
    time_of_day,
)

NOTHING_CHANGED = "Nothing changed."

NO_BOXES_ARRIVED = (
    "Slack sent no boxes with your click, so nothing was approved. Untick and tick one box in each group, then press "
    "again."
)
OLD_REVISION = "This list changed while you were looking. Nothing was decided; please check the boxes and press again."
OTHER_INSTALLATION = f"This message belongs to another installation. {NOTHING_CHANGED}"
NOT_FOR_GUESTS = f"Guests and people from other organisations cannot press this. {NOTHING_CHANGED}"
CHECKED = "Got it: what Slack sent with your click is looked at; the lines above are completed in a moment."
CHECKED_ALREADY = "This was pressed already, or its time is over. Your click changed nothing."
TOO_SLOW = "I ran out of time before I could record your decision. Nothing was decided; please press again."
MODAL_TOO_LATE = "Slack gave up waiting before I could answer. Please press *Why held?* again."


def may_not_decide(refusal: Refusal, approvers: Sequence[str]) -> str:
    """The person may not decide, and why."""
    why = {
        Refusal.GUEST: "Guests and people from other organisations cannot decide this.",
        Refusal.NOBODY_DECIDES: "Nobody can approve yet: the stack's Approvers parameter is empty.",
        Refusal.NOT_AN_APPROVER: f"You cannot decide this. Approvers: {approvers_in_words(approvers)}.",
        Refusal.SECOND_PERSON: "You asked for this scan, so someone else has to decide.",
    }[refusal]
    return f"{why} {NOTHING_CHANGED}"


def cannot_check(words: str) -> str:
    """Whether the person may decide could not be found out; `words` say why, such as `Slack: ratelimited`."""
    return (
        f"I could not check whether you may decide ({escape(words)}), so I did not count your click. Please try "
        "again in a minute."
    )


def nothing_ticked(page: Page) -> str:
    """An approval of nothing; it names the button that the page has."""
    reject = "Reject page" if page.pages > 1 else "Reject"
    return f"Nothing is ticked, so nothing was approved. Tick at least one version, or press *{reject}*."


def already_decided(page: Page) -> str:
    """Somebody was faster; who and what, as far as it is recorded yet."""
    if page.decided is None:
        return "Somebody decided this a moment ago. Your click changed nothing."
    who = person(page.decided.get("approver_id"))
    offered = count(len(page.candidates), "version")
    did: dict[str, str] = {
        Action.APPROVE: f"approved {page.decided.get('approved', 0)} of {offered}",
        Action.REJECT: "rejected the only version" if len(page.candidates) == 1 else f"rejected all {offered}",
        Action.STOP: "stopped the run",
        Action.CANCELLED: "cancelled the run",
    }
    what = did.get(str(page.decided.get("action")), "decided")
    return (
        f"Already decided: {who} {what} at {time_of_day(int(page.decided['decided_at']))}. Your click changed nothing."
    )


def expired_already(page: Page, settings: BotSettings) -> str:
    """The page's time is over."""
    return f"This expired on {day_and_time(page.expires_at)} and {_nothing(page)} was deleted. {_fresh(page, settings)}"


def run_ended(page: Page, settings: BotSettings) -> str:
    """The run is over, stopped or timed out, and nobody decided."""
    return f"This run ended without a decision. {_nothing(page).capitalize()} was deleted. {_fresh(page, settings)}"


def _fresh(page: Page, settings: BotSettings) -> str:
    return f"For a fresh list: {to_scan(settings, page.account_id, page.region)}"


def _nothing(page: Page) -> str:
    """What was deleted of an undecided page: earlier pages may have been carried out."""
    return "nothing" if page.page == 1 else "nothing on this page"


def unreadable_record(words: str) -> str:
    """The page's record is not one this release can read; `words` say what was found."""
    return f"I cannot read what this message offered ({escape(words)}). Nothing was decided; please scan again."


def decide_elsewhere(channel_id: str) -> str:
    """The click came from another channel."""
    return f"This can only be decided in <#{channel_id}>. {NOTHING_CHANGED}"


def not_in_this_channel(channel_id: str, command: str) -> str:
    """The click came from a channel that is not the review channel, or no longer is."""
    return (
        f"The review channel is <#{channel_id}>, so nothing is decided here. To end a question that still stands here, "
        f"type `{command} stop` there. {NOTHING_CHANGED}"
    )


def could_not_pass_on(words: str) -> str:
    """The decision did not get through; `words` say why, such as `AWS: ThrottlingException`."""
    return f"I could not pass your decision on ({escape(words)}). Nothing was decided; please press again."


def maybe_decided() -> str:
    """The decision was sent, and nothing came back: it may have arrived."""
    return (
        "I passed your decision on, but AWS did not say whether it arrived. If the buttons are still here in a minute, "
        "please press again: a second press changes nothing that was decided."
    )


def paused(pause: Pause | UnreadablePause) -> str:
    """An approval while a pause is in force: the question stays open."""
    if isinstance(pause, UnreadablePause):
        return cannot_read_pause(pause.words)
    until = f"until {date_in_words(pause.until.isoformat(), year=True)}, that day included" if pause.until else ""
    ends = until or "until an approver resumes"
    why = f": {escape(pause.reason)}" if pause.reason else ""
    return (
        f"Deletes are paused by {person(pause.by)} {ends}{why}. Nothing was approved; this question stays open, and "
        "you can press again when the pause is over."
    )


def cannot_read_pause(words: str) -> str:
    """Whether a pause is in force could not be found out, so it counts as one; `words` say why."""
    return (
        f"I could not read whether deletes are paused ({escape(words)}), so nothing was approved. This question stays "
        "open; please press again in a minute."
    )


def cancelled(page: Page) -> str:
    """Who asked for the run called it off, and is no approver."""
    stay = count(len(page.candidates), "version")
    return (
        f"Got it: your scan is cancelled. Nothing is deleted, {stay} {'stays' if len(page.candidates) == 1 else 'stay'}"
        ", and the next scan offers them again."
    )


def cannot_answer(words: str) -> str:
    """What *Why held?* shows could not be read; `words` say why."""
    return f"I could not look that up ({escape(words)}). Please try again in a minute."


def got_it(page: Page, action: str, approved: int = 0) -> str:
    """The decision went through; the rest is the orchestrator's."""
    offered = count(len(page.candidates), "version")
    if action == Action.STOP:
        return "Got it: the run ends here. Nothing on this page is deleted."
    if action == Action.REJECT:
        return f"Got it: nothing is deleted, {offered} {'stays' if len(page.candidates) == 1 else 'stay'}."
    then = ", nothing is deleted" if page.dry_run else " before its delete"
    return f"Got it: {approved} of {offered}. Each is checked again{then}; the result comes in the thread."
