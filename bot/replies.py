"""What the bot says privately, as Slack's markup: every refusal of a click, and every answer to `/snapstart`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestrator.domain.policy import Policy
from orchestrator.domain.runs import SCANNING, WAITING, Page, Run
from orchestrator.domain.words import KEEP_TAG, count, dollars
from orchestrator.slack.message.click import APPROVE, REJECT, STOP
from orchestrator.slack.message.scanning import STEPS
from orchestrator.slack.message.text import (
    approvers_in_words,
    cut,
    day_and_time,
    day_of,
    escape,
    link,
    person,
    scan_command,
    time_of_day,
)

NOTHING_CHANGED = "Nothing changed."
FORM = "`/snapstart scan [region] [--min-age-days N] [--keep-last-n N] [--lookback-days N] [--prefix P]`"

# Refusals of a click.

NOBODY_CAN_APPROVE = f"Nobody can approve yet: the stack's Approvers parameter is empty. {NOTHING_CHANGED}"
NOT_FOR_GUESTS = f"Guests and people from other organisations cannot decide this. {NOTHING_CHANGED}"
SECOND_PERSON = f"You asked for this scan, so someone else has to decide. {NOTHING_CHANGED}"
NO_BOXES_ARRIVED = (
    "Slack sent no boxes with your click, so nothing was approved. Untick and tick one box in each group, then press "
    "again."
)
OLD_REVISION = "This list changed while you were looking. Nothing was decided; please check the boxes and press again."
OTHER_INSTALLATION = f"This message belongs to another installation. {NOTHING_CHANGED}"
TOO_SLOW = "I ran out of time before I could record your decision. Nothing was decided; please press again."
MODAL_TOO_LATE = "Slack gave up waiting before I could answer. Please press *Why held?* again."


def not_an_approver(approvers: Sequence[str]) -> str:
    """The person is not on the list."""
    return f"You cannot decide this. Approvers: {approvers_in_words(approvers)}. {NOTHING_CHANGED}"


def cannot_check(words: str) -> str:
    """Whether the person may decide could not be found out; `words` say why, such as `Slack: ratelimited`."""
    return (
        f"I could not check whether you may decide ({escape(words)}), so I did not count your click. Please try "
        "again in a minute."
    )


def nothing_ticked(page: Page) -> str:
    """An approval of nothing; it names the button that the page has."""
    reject = "Reject page" if page.pages > 1 else "Reject all"
    return f"Nothing is ticked, so nothing was approved. Tick at least one version, or press *{reject}*."


def already_decided(page: Page) -> str:
    """Somebody was faster; who and what, as far as it is recorded yet."""
    if page.decided is None:
        return "Somebody decided this a moment ago. Your click changed nothing."
    who = person(page.decided.get("approver_id"))
    offered = count(len(page.candidates), "version")
    what = {
        APPROVE: f"approved {page.decided.get('approved', 0)} of {offered}",
        REJECT: "rejected the only version" if len(page.candidates) == 1 else f"rejected all {offered}",
        STOP: "stopped the run",
    }.get(str(page.decided.get("action")), "decided")
    return (
        f"Already decided: {who} {what} at {time_of_day(int(page.decided['decided_at']))}. Your click changed nothing."
    )


def expired_already(page: Page) -> str:
    """The page's time is over."""
    return (
        f"This expired on {day_and_time(page.expires_at)} and {_nothing(page)} was deleted. For a fresh list: "
        f"{scan_command(page.region)}"
    )


def run_ended(page: Page) -> str:
    """The run is over, stopped or timed out, and nobody decided."""
    return (
        f"This run ended without a decision. {_nothing(page).capitalize()} was deleted. For a fresh list: "
        f"{scan_command(page.region)}"
    )


def _nothing(page: Page) -> str:
    """What was deleted of an undecided page: earlier pages may have been carried out."""
    return "nothing" if page.page == 1 else "nothing on this page"


def unreadable_record(words: str) -> str:
    """The page's record is not one this release can read; `words` say what was found."""
    return f"I cannot read what this message offered ({escape(words)}). Nothing was decided; please scan again."


def decide_elsewhere(channel_id: str) -> str:
    """The click came from another channel."""
    return f"This can only be decided in <#{channel_id}>. {NOTHING_CHANGED}"


def could_not_pass_on(words: str) -> str:
    """The decision did not get through; `words` say why, such as `AWS: ThrottlingException`."""
    return f"I could not pass your decision on ({escape(words)}). Nothing was decided; please press again."


def maybe_decided() -> str:
    """The decision was sent, and nothing came back: it may have arrived."""
    return (
        "I passed your decision on, but AWS did not say whether it arrived. If the buttons are still here in a minute, "
        "please press again: a second press changes nothing that was decided."
    )


def got_it(page: Page, action: str, approved: int = 0) -> str:
    """The decision went through; the rest is the orchestrator's."""
    offered = count(len(page.candidates), "version")
    if action == STOP:
        return "Got it: the run ends here. Nothing on this page is deleted."
    if action == REJECT:
        return f"Got it: nothing is deleted, {offered} {'stays' if len(page.candidates) == 1 else 'stay'}."
    then = ", nothing is deleted" if page.dry_run else " before its delete"
    return f"Got it: {approved} of {offered}. Each is checked again{then}; the result comes in the thread."


# Answers to `/snapstart`.

GUESTS_CANNOT_SCAN = "Guests cannot start scans. Nothing was started."
TOO_SLOW_TO_START = "I ran out of time before I could start anything. Nothing was started; please type it again."
GUESTS_CANNOT_ASK = "Guests and people from other organisations cannot see runs."
HELP = "\n".join(
    [
        (
            "Finds Lambda versions that still pay for SnapStart though nothing uses them, and deletes the ones you "
            "approve."
        ),
        FORM,
        "`/snapstart status` what runs, what waits, what came of the last runs",
        f"To keep versions for good, tag the function `{KEEP_TAG}` = `true`, or `12 15`.",
    ]
)


def scan_started(region: str, policy: Policy) -> str:
    """The scan was asked for; its message appears in a moment."""
    named = policy.function_name_prefix
    prefix = f", in functions whose name begins with `{escape(named)}`" if named else ""
    return (
        f"Scanning *{region}* for versions at least {count(policy.min_age_days, 'day')} old, beyond the newest "
        f"{policy.keep_last_n}, without calls in {count(policy.lookback_days, 'day')}{prefix}. The message appears "
        "here in a moment."
    )


def maybe_started(region: str) -> str:
    """The scan was asked for, and nothing came back: it may have started."""
    return (
        f"I asked for a scan of *{region}*, but AWS did not say whether it started. If no message appears here in a "
        "minute, please type it again: a region is never scanned twice at a time."
    )


def type_elsewhere(channel_id: str) -> str:
    """The command was typed in another channel."""
    return f"Please type this in <#{channel_id}>. Nothing was started."


def cannot_check_member(words: str) -> str:
    """Whether the person is a full member could not be found out; `words` say why, such as `Slack: ratelimited`."""
    return (
        f"I could not check whether you may use this here ({escape(words)}). Nothing was started; please try again in "
        "a minute."
    )


def could_not_start(words: str) -> str:
    """The scan could not be started; `words` say why."""
    return f"The scan could not be started ({escape(words)}). Nothing is running."


def cannot_look(words: str) -> str:
    """The runs could not be read; `words` say why."""
    return f"I could not look up the runs ({escape(words)}). Please try again in a minute."


def mistyped(problems: Iterable[str], region: str) -> str:
    """Everything that is wrong with a command, at once; each problem is markup."""
    return "\n".join(
        [
            "I cannot use that, so nothing was started.",
            *[f"• {problem}" for problem in problems],
            f"The form: {FORM}    For example: `/snapstart scan {region} --min-age-days 30`",
        ]
    )


def status(runs: Sequence[Run], ended: Sequence[Run], *, policy: Policy, dry_run: bool | None, region: str) -> str:
    """What waits, what runs, what came of the last runs (newest first), and the rules in force.

    `dry_run` is None when it is not known.
    """
    if not runs and not ended:
        return f"No run yet. Start one: {scan_command(region)}"
    waiting = [_waiting(run) for run in runs if run.status == WAITING]
    running = [_running(run) for run in runs if run.status != WAITING]
    over = [_over(run) for run in ended]
    listed = [f"*{title}* {line}" for title, lines in (("Waiting", waiting), ("Running", running)) for line in lines]
    listed += [f"*Last runs* {line}" if index == 0 else f"• {line}" for index, line in enumerate(over)]
    dry = "" if dry_run is None else f"Dry run is *{'on' if dry_run else 'off'}*. "
    rule = (
        f"{dry}At least {count(policy.min_age_days, 'day')} old, beyond the newest {policy.keep_last_n}, no calls in "
        f"{count(policy.lookback_days, 'day')}."
    )
    return "\n".join([*listed, rule])


def _waiting(run: Run) -> str:
    about = f"about {dollars(run.monthly_usd)} a month" if run.monthly_usd else "$0 now"
    until = f"until {day_and_time(run.expires_at)}" if run.expires_at else ""
    page = f"page {run.page} of {run.pages}" if run.pages > 1 else ""
    versions = f"{count(run.candidates, 'idle version')}, {about}"
    return " · ".join(filter(None, [run.region, versions, page, person(run.requested_by), until, _open(run)]))


def _running(run: Run) -> str:
    doing = f"step {run.step} of {len(STEPS)}" if run.status == SCANNING else "deleting what was approved"
    since = f"since {time_of_day(run.started_at)}"
    return " · ".join(filter(None, [run.region, doing, person(run.requested_by), since, _open(run)]))


def _over(run: Run) -> str:
    by = "" if run.requested_by else ", the schedule"
    words = cut(run.ending_words or run.ending or "ended", 200)
    day = day_of(run.ended_at or run.started_at)
    return " · ".join(filter(None, [f"{day} {run.region}{by}: {escape(words)}", _open(run)]))


def _open(run: Run) -> str:
    return link(run.permalink, "open") if run.permalink else ""
