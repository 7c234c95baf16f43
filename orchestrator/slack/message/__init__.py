"""Every message of the conversation, and how a click on one is read back. Pure: values in, values out.

Root message and thread, each a `Message(text, blocks)`:
  scanning(run, ScanProgress) · nothing_to_clean(run, summary, at=) · nothing_but_not_judged(run, summary)
  candidates(page, offered=, summary=, policy=, approvers=, second_person=, decided=) · candidates_in_thread(page, …)
  decided(PageOutcome, done=, earlier=) · decision_in_thread(outcome) · page_done_in_thread(outcome, record=)
  page_rejected(PageOutcome, earlier=)
  done(run, outcomes, took=) · done_in_thread(run, outcomes, links) · rejected · rejected_in_thread
  expired(run, outcomes, opened_at=) · expired_in_thread · stopped_here · stopped_here_in_thread
  stopped(run, outcomes, what_happened=, links=) · failed(run, what_happened=, what_to_do=, outcomes=, links=)
  failed_in_thread · grant(permission, region) · without_words(run, status=) · over(run) · refused(problems, …)
  already_open(holder, requested_by=) · already_claimed(region, requested_by=) · met_by_the_schedule(run)
  ending_words(outcomes, dry_run=)
What the bill shows is in `receipt`, a sweep's digest in `digest`, owners in `owners`: no click has to load these.
A page that is over is a `PageOutcome`: `PageOutcome.of(page, decision, decided_at, results)` or `.expired(page)`.

The click: `read_click(payload) -> Click`, `read_ticks(payload, page) -> Ticks`, and for the durable callback
`answer(click, page, ticks, decided_at)`; both readers raise `UnreadableClick`. Action ids: APPROVE, REJECT, STOP,
WHY_HELD, TICKS, KEEP_DAYS.

"""

from orchestrator.slack.message.blocks import Message
from orchestrator.slack.message.candidates import candidates, candidates_in_thread
from orchestrator.slack.message.click import (
    APPROVE,
    BUTTONS,
    CHECKUP,
    KEEP_DAYS,
    REJECT,
    STOP,
    TICKS,
    WHY_HELD,
    Click,
    Ticks,
    UnreadableClick,
    answer,
    read_click,
    read_ticks,
)
from orchestrator.slack.message.decided import (
    decided,
    decision_in_thread,
    page_done_in_thread,
    page_rejected,
)
from orchestrator.slack.message.declined import (
    already_claimed,
    already_open,
    met_by_the_schedule,
    refused,
)
from orchestrator.slack.message.endings import (
    Links,
    done,
    done_in_thread,
    ending_words,
    expired,
    expired_in_thread,
    rejected,
    rejected_in_thread,
    stopped_here,
    stopped_here_in_thread,
)
from orchestrator.slack.message.failures import (
    failed,
    failed_in_thread,
    grant,
    over,
    stopped,
    without_words,
)
from orchestrator.slack.message.held import why_held
from orchestrator.slack.message.memory import memory_set_aside
from orchestrator.slack.message.open_run import stopped_from_outside
from orchestrator.slack.message.paused import pause_failed, paused, resumed
from orchestrator.slack.message.scanning import ScanProgress, nothing_but_not_judged, nothing_to_clean, scanning
from orchestrator.slack.message.unanswered import asks_monthly, nobody_answers, reminder

__all__ = [
    "APPROVE",
    "BUTTONS",
    "CHECKUP",
    "KEEP_DAYS",
    "REJECT",
    "STOP",
    "TICKS",
    "WHY_HELD",
    "Click",
    "Links",
    "Message",
    "ScanProgress",
    "Ticks",
    "UnreadableClick",
    "already_claimed",
    "already_open",
    "answer",
    "asks_monthly",
    "candidates",
    "candidates_in_thread",
    "decided",
    "decision_in_thread",
    "done",
    "done_in_thread",
    "ending_words",
    "expired",
    "expired_in_thread",
    "failed",
    "failed_in_thread",
    "grant",
    "memory_set_aside",
    "met_by_the_schedule",
    "nobody_answers",
    "nothing_but_not_judged",
    "nothing_to_clean",
    "over",
    "page_done_in_thread",
    "page_rejected",
    "pause_failed",
    "paused",
    "read_click",
    "read_ticks",
    "refused",
    "rejected",
    "rejected_in_thread",
    "reminder",
    "resumed",
    "scanning",
    "stopped",
    "stopped_from_outside",
    "stopped_here",
    "stopped_here_in_thread",
    "why_held",
    "without_words",
]
