"""What somebody is told privately after a command: what was started, or why nothing was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bot.authorisation import Refusal
from bot.replies.places import place, several, to_type
from bot.slash_command import OPTIONS, Verb
from orchestrator.domain.policy import Policy
from orchestrator.domain.runs import Run
from orchestrator.domain.settings import BotSettings
from orchestrator.domain.words import KEEP_TAG, count
from orchestrator.slack.message.text import approvers_in_words, date_in_words, escape, link, person

NOTHING_STARTED = "Nothing was started."
GUESTS_CANNOT_ASK = f"Guests and people from other organisations cannot use this. {NOTHING_STARTED}"
TOO_SLOW_TO_START = f"I ran out of time before I could start anything. {NOTHING_STARTED} Please type it again."
PURPOSE = (
    "Finds Lambda versions that still pay for SnapStart though nothing uses them, and deletes the ones you approve."
)
MOST_LISTED = 10


def form_of(settings: BotSettings, verb: Verb) -> str:
    """A command with what may follow it."""
    where = " [account] [region]" if several(settings) else " [region]"
    options = "".join(f" [{name} {'P' if name == '--prefix' else 'N'}]" for name in OPTIONS)
    after = {
        Verb.SCAN: where + options,
        Verb.STATUS: where,
        Verb.WHY: f" function[:version]{where}",
        Verb.PAUSE: " [until DATE] [reason]",
        Verb.STOP: where,
    }.get(verb, "")
    return f"`{settings.slack_command} {verb}{after}`"


def help_text(settings: BotSettings) -> str:
    """Every command, what happens without options, and how to keep versions."""
    policy, region = settings.policy, settings.target_regions[0]
    lines = [
        PURPOSE,
        form_of(settings, Verb.SCAN),
        f"Finds idle versions and asks here which to delete. Without options: {_defaults(settings, region)}.",
        f"{rule(policy)}. Options may only be stricter.",
        f"{form_of(settings, Verb.STATUS)} what runs, what waits, what came of the last runs",
        f"{form_of(settings, Verb.WHY)} why versions are held or offered; only you see the answer",
        f"{form_of(settings, Verb.PAUSE)} nothing is approved or deleted through that day, or until somebody resumes",
        f"{form_of(settings, Verb.RESUME)} ends a pause; for approvers",
        f"{form_of(settings, Verb.STOP)} ends the open run; for approvers, and for who asked for it",
        f"{form_of(settings, Verb.SAVED)} what AWS's own bill shows was saved",
        f"{form_of(settings, Verb.DOCTOR)} tests the installation",
        f"To keep versions, tag their function `{KEEP_TAG}` = `12 15 until 2027-01-31`, or `true` for all of them.",
        f"Regions: {', '.join(settings.target_regions)}.",
    ]
    if several(settings):
        lines.append(f"Accounts: {', '.join(account.label for account in settings.target_accounts)}.")
    return "\n".join(lines)


def _defaults(settings: BotSettings, region: str) -> str:
    return f"{settings.target_accounts[0].label}, {region}" if several(settings) else region


def rule(policy: Policy) -> str:
    """The rules in force: `at least 14 days old, beyond the newest 3, no calls in 35 days`."""
    named = policy.function_name_prefix
    prefix = f", only functions whose name begins with `{escape(named)}`" if named else ""
    return (
        f"At least {count(policy.min_age_days, 'day')} old, beyond the newest {policy.keep_last_n}, no calls in "
        f"{count(policy.lookback_days, 'day')}{prefix}"
    )


def scan_started(settings: BotSettings, account_id: str | None, region: str, policy: Policy) -> str:
    """The scan was asked for; its message appears in a moment."""
    named = policy.function_name_prefix
    prefix = f", in functions whose name begins with `{escape(named)}`" if named else ""
    return (
        f"Scanning *{place(settings, account_id, region)}* for versions at least "
        f"{count(policy.min_age_days, 'day')} old, beyond the newest {policy.keep_last_n}, without calls in "
        f"{count(policy.lookback_days, 'day')}{prefix}. The message appears here in a moment."
    )


def maybe_started(settings: BotSettings, account_id: str | None, region: str) -> str:
    """The scan was asked for, and nothing came back: it may have started."""
    return (
        f"I asked for a scan of *{place(settings, account_id, region)}*, but AWS did not say whether it started. If no "
        "message appears here in a minute, please type it again: a region is never scanned twice at a time."
    )


def type_elsewhere(channel_id: str) -> str:
    """The command was typed in another channel."""
    return f"Please type this in <#{channel_id}>. {NOTHING_STARTED}"


def cannot_check_member(words: str) -> str:
    """Whether the person may use this could not be found out; `words` say why, such as `Slack: ratelimited`."""
    return (
        f"I could not check whether you may use this here ({escape(words)}). {NOTHING_STARTED} Please try again in a "
        "minute."
    )


def could_not_start(words: str) -> str:
    """Nothing could be started; `words` say why."""
    return f"That could not be started ({escape(words)}). Nothing is running."


def cannot_look(words: str) -> str:
    """The runs could not be read; `words` say why."""
    return f"I could not look up the runs ({escape(words)}). Please try again in a minute."


def mistyped(settings: BotSettings, problems: Iterable[str], verb: Verb | None) -> str:
    """Everything that is wrong with a command, at once; each problem is plain text."""
    named = [f"• {escape(problem)}" for problem in problems]
    region = settings.target_regions[0]
    if verb is None:
        known = ", ".join(f"`{each}`" for each in Verb)
        last = f"Commands: {known}. For example: `{settings.slack_command} scan {region}`"
    elif verb is Verb.SCAN:
        last = (
            f"The form: {form_of(settings, verb)}    For example: "
            f"`{settings.slack_command} scan {region} --min-age-days 30`"
        )
    else:
        last = f"The form: {form_of(settings, verb)}"
    return "\n".join(["Nothing was started. Please correct this:", *named, last])


def may_not_end(refusal: Refusal, approvers: Sequence[str], *, what: str) -> str:
    """The person may not stop a run or end a pause, `what` in words."""
    why = {
        Refusal.NOBODY_DECIDES: "Nobody can yet: the stack's Approvers parameter is empty.",
        Refusal.NOT_AN_APPROVER: f"Only approvers {what}: {approvers_in_words(approvers)}.",
    }.get(refusal, "Guests and people from other organisations cannot do this.")
    return f"{why} Nothing changed."


# The commands that start a small run.


def asked_why(settings: BotSettings, account_id: str | None, region: str, asked: Mapping[str, str]) -> str:
    """Why was asked of a function, or of one version of it; the answer comes in a moment."""
    what = ":".join(filter(None, [asked["function_name"], asked.get("version")]))
    return (
        f"Looking at `{what}` in {place(settings, account_id, region)} by the rules as they are now. The answer comes "
        "here within a minute, for you alone."
    )


def pausing(until: date | None, reason: str | None) -> str:
    """A pause was asked for."""
    ends = f"through {date_in_words(until.isoformat(), year=True)} (UTC)" if until else "until an approver resumes"
    why = f": {escape(reason)}" if reason else ""
    return f"Pausing {ends}{why}. In about ten seconds nothing is approved or deleted any more; a message here says so."


RESUMING = "Ending the pause; a message here says so in a few seconds."
NOT_PAUSED = "Nothing is paused."
ASKED_SAVED = "Asking AWS for its own bill. What was saved is posted here within a minute."


def stopping(settings: BotSettings, account_id: str | None, region: str, run: Run | None) -> str:
    """A run is asked to stop."""
    whose = f" of {person(run.requested_by)}" if run else ""
    message = f" ({link(run.permalink, 'its message')})" if run and run.permalink else ""
    return (
        f"Stopping the run{whose} in {place(settings, account_id, region)}{message}. Nothing more is deleted in it; "
        "what came of it is said here in a few seconds."
    )


def nothing_to_stop(settings: BotSettings, account_id: str | None, region: str | None) -> str:
    """There is no open run."""
    where = f" in {place(settings, account_id, region)}" if region else ""
    return f"No run is open{where}, so there is nothing to stop."


def which_to_stop(settings: BotSettings, runs: Sequence[Run]) -> str:
    """Several runs are open and none was named."""
    named = [to_type(settings, Verb.STOP, run.account_id, run.region) for run in runs[:MOST_LISTED]]
    more = f" or {len(runs) - MOST_LISTED} more" if len(runs) > MOST_LISTED else ""
    return f"{count(len(runs), 'run')} are open. Which one? {', '.join(named)}{more}. Nothing changed."


def maybe_asked(verb: Verb) -> str:
    """A small run was asked for, and nothing came back: it may have started."""
    return (
        f"I passed `{verb}` on, but AWS did not say whether it arrived. If no answer comes here in a minute, please "
        "type it again."
    )
