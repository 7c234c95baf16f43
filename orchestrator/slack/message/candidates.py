"""A page of candidates: what is asked, the buttons right under it, and the boxes to untick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.domain.candidates import Candidate
from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.policy import Policy
from orchestrator.domain.report import Summary, held_in_totals
from orchestrator.domain.runs import Page, short
from orchestrator.domain.words import count, dollars
from orchestrator.slack.message.blocks import BLOCKS_TEXT, Json, Message, context, header, message, section, text_size
from orchestrator.slack.message.boxes import boxes
from orchestrator.slack.message.buttons import buttons, buttons_at_the_end
from orchestrator.slack.message.decided import page_in_words
from orchestrator.slack.message.functions import functions_aloud, functions_table, stays
from orchestrator.slack.message.text import (
    account,
    approvers_in_words,
    aws_said,
    calls_to,
    cut_markup,
    date_in_words,
    day_and_time,
    escape,
    monthly_sum,
    person,
)

NOT_JUDGED_NAMED = 3
DECIDED_NAMED = 5
LONG_PAGE = 10
"""With more rows than this the buttons stand below the boxes as well."""
STAYS_SHOWN = 200
KEEP_DAYS = 90


def candidates(
    page: Page,
    *,
    offered: Sequence[Candidate],
    summary: Summary,
    policy: Policy,
    approvers: Sequence[str],
    second_person: bool,
    decided: Sequence[PageOutcome] = (),
    keep_days: int = KEEP_DAYS,
) -> Message:
    """The root message while a page waits for a decision.

    `offered` are all candidates of the run in the order offered; `approvers` are Slack ids or `*`; `decided` are the
    pages before this one; `keep_days` is how long an untick counts when nobody chooses otherwise.
    """
    ticked = summary.region_active is True
    undecided = len(offered) - sum(len(outcome.page.candidates) for outcome in decided)
    top = [
        header(f":raised_hand: {_question(page, ticked=ticked)}"),
        context(_where_and_who(page, policy, approvers, second_person=second_person)),
        section(_why(page, offered, summary, policy)),
    ]
    if not ticked:
        top.append(section(_blind(page, summary, policy)))
    table = functions_table(page, summary)
    choose = [*([table] if table else []), buttons(page, undecided=undecided, keep_days=keep_days)]
    untick, footer = section(_untick(page, ticked=ticked)), context(_footer(page, summary))
    drawn_boxes = [*boxes(page, ticked=ticked)]
    room = BLOCKS_TEXT - text_size([*top, *choose, untick, *drawn_boxes, footer])
    if decided:
        top.append(section(_decided_so_far(page, decided, room=room // 2)))
        room -= text_size(top[-1])
    once_more = buttons_at_the_end(page, undecided=undecided)
    end = [once_more] if len(page.candidates) > LONG_PAGE and text_size(once_more) <= room else []
    return message(
        [*top, *choose, untick, *drawn_boxes, *end, footer],
        functions_aloud(page, summary, ticked=ticked),
        heard=[*top, untick, footer],
    )


def candidates_in_thread(
    page: Page,
    *,
    offered: Sequence[Candidate],
    approvers: Sequence[str],
    csv_problem: str | None = None,
    csv_location: str | None = None,
    summary: Summary | None = None,
    policy: Policy | None = None,
    untested_command: str | None = None,
) -> Message:
    """The words that come with the CSV: they notify who asked, or the approvers of a scheduled run.

    With a `csv_problem` (Slack's words) they say where the CSV is instead. With `summary` and `policy` they say what
    the scan looked at, by which rules, what is held and which price was used. `untested_command` is what to type where
    this release was not tested with `doctor` yet; None where it was, or nothing is deleted.
    """
    who = person(page.requested_by) if page.requested_by else calls_to(approvers)
    wait = "waits" if len(offered) == 1 else "wait"
    words = (
        f"{who} {_dry(page)}Scan finished: {count(len(offered), 'idle version')}, {_about(monthly_sum(offered))}, "
        f"{wait} for a decision until {day_and_time(page.expires_at)}."
    ).strip()
    if csv_problem is not None:
        words += f" The CSV could not be attached ({escape(csv_problem)})."
        words += f" It is in {escape(csv_location)}." if csv_location else ""
    details = [] if summary is None or policy is None else [*_details(page, summary, policy)]
    untested = [] if untested_command is None else [section(_untested(untested_command))]
    return message([section(words), *untested, *details])


def _untested(command: str) -> str:
    return (
        ":stethoscope: This release deletes, and `doctor` has not passed for it yet: type "
        f"`{command} doctor` before you approve."
    )


def _dry(page: Page) -> str:
    return "Dry run: " if page.dry_run else ""


def _about(amount: float) -> str:
    return f"about {dollars(amount)} a month" if amount else "$0 now"


def _question(page: Page, *, ticked: bool) -> str:
    """What is asked about this page: what approving it as it stands deletes, and saves."""
    to_go = [candidate for candidate in page.candidates if ticked and candidate.starts_ticked]
    of_pages = f" · page {page.page} of {page.pages}" if page.pages > 1 else ""
    if not to_go:
        idle, usd = len(page.candidates), monthly_sum(page.candidates)
        which = "May this idle Lambda version go" if idle == 1 else f"Which of {idle} idle Lambda versions may go"
        cost = f"{'It costs' if idle == 1 else 'They cost'} {_about(usd) if usd else 'nothing now'}"
        return f"{_dry(page)}{which}? {cost}{of_pages}"
    delete, saves = ("Dry run: delete", "Would save") if page.dry_run else ("Delete", "Saves")
    return f"{delete} {count(len(to_go), 'idle Lambda version')}? {saves} {_about(monthly_sum(to_go))}{of_pages}"


def _where_and_who(page: Page, policy: Policy, approvers: Sequence[str], *, second_person: bool) -> str:
    prefix = policy.function_name_prefix
    facts = [account(page), page.region]
    facts += [f"functions named `{escape(prefix)}…`"] if prefix else []
    facts += [f"asked by {person(page.requested_by)}", f"decide by {day_and_time(page.expires_at)}"]
    facts.append(
        f"approvers: {approvers_in_words(approvers)}" if approvers else "nobody can approve yet: Approvers is empty"
    )
    if second_person and page.requested_by:
        facts.append(f"someone other than {person(page.requested_by)} has to decide")
    return " · ".join(facts)


def _why(page: Page, offered: Sequence[Candidate], summary: Summary, policy: Policy) -> str:
    one = len(page.candidates) == 1
    it, these = ("it", "this version goes") if one else ("them", "these versions go")
    called = f"Nobody called {it} in {count(policy.lookback_days, 'day')}"
    days = count(policy.min_age_days, "day")
    unlived = f"nothing refers to {it}, and {'it was not' if one else 'none was'} live in the last {days}"
    unused = f"{called}, and nothing refers to {it}." if summary.alias_history_off else f"{called}, {unlived}."
    dry = " This is a dry run: nothing will be deleted." if page.dry_run else ""
    lines = [f"{unused} Only {these}, never a function.{dry}"]
    if summary.alias_history_off:
        lines.append(f"Where aliases pointed in the last {days} was not asked: `ALIAS_HISTORY` is off.")
    functions = {candidate.function_name for candidate in page.candidates}
    alone = [function for function in summary.functions if functions == {function.name}]
    lines += [f"Stays: {cut_markup(stays(function), STAYS_SHOWN)}." for function in alone]
    if page.pages > 1:
        lines.append(f"All {page.pages} pages: {count(len(offered), 'version')}, {_about(monthly_sum(offered))}.")
    return "\n".join(lines)


def _blind(page: Page, summary: Summary, policy: Policy) -> str:
    days = count(policy.lookback_days, "day")
    prefix = policy.function_name_prefix
    of_prefix = f" named `{escape(prefix)}…`" if prefix else ""
    if summary.region_active is False:
        return (
            f":warning: *No function{of_prefix} in {page.region} was called in {days}.* Either they are abandoned or "
            "their metrics cannot be seen, so nothing is ticked."
        )
    return (
        f":warning: *Whether any function in {page.region} was called in {days} is not known:* CloudWatch did not say, "
        "so nothing is ticked."
    )


def _decided_so_far(page: Page, decided: Sequence[PageOutcome], *, room: int) -> str:
    """The pages before this one, the latest first, as many as there is room for; the thread has them all."""
    text = f"*Decided so far: {len(decided)} of {count(page.pages, 'page')}*"
    for outcome in reversed(decided[-DECIDED_NAMED:]):
        longer = f"{text}\n{page_in_words(outcome)}"
        if len(longer) > room:
            break
        text = longer
    return text


def _untick(page: Page, *, ticked: bool) -> str:
    unticked = sum(1 for candidate in page.candidates if not (ticked and candidate.starts_ticked))
    if unticked == len(page.candidates):
        return "*Tick what may go.* Ticks are on your screen only; a reload sets them back."
    some = (
        f" {unticked} {'starts' if unticked == 1 else 'start'} unticked and {'says' if unticked == 1 else 'say'} why."
    )
    return f"*Untick what must stay.* Ticks are on your screen only; a reload sets them back.{some if unticked else ''}"


def _footer(page: Page, summary: Summary) -> str:
    held = [f"{summary.held:,} held"] if summary.held else []
    held += [f"{summary.not_judged:,} not judged"] if summary.not_judged else []
    facts = [f"{', '.join(held)}: *Why held?*"] if held else []
    facts += [f"{summary.kept:,} kept"] if summary.kept else []
    facts += [f"{summary.refused:,} refused by AWS"] if summary.refused else []
    if summary.not_looked_at:
        facts.append(f"{summary.not_looked_at:,} more idle, {_about(summary.not_looked_at_usd)}: the next scan")
    return " · ".join([*facts, "estimate at list price", f"run {short(page.execution)}", "CSV in the thread"])


def _details(page: Page, summary: Summary, policy: Policy) -> Iterator[Json]:
    newest = f"among the newest {policy.keep_last_n}" if policy.keep_last_n > 1 else "the newest"
    prefix = policy.function_name_prefix
    looked_at = f" of functions named `{escape(prefix)}…`" if prefix else ""
    yield section(
        f"*Looked at*: {count(summary.snapstart, 'SnapStart version')}{looked_at} in {account(page)}, {page.region}. "
        f"Idle means: at least {count(policy.min_age_days, 'day')} old, not {newest} of its function, not called in "
        f"{count(policy.lookback_days, 'day')}, and no alias, event source, resource policy, running execution or keep "
        "tag refers to it"
        f"{'' if summary.alias_history_off else ', none lately'}, and its stack is not being changed."
    )
    if summary.held:
        overlap = " (reasons overlap)" if len(summary.held_by_flag) > 1 else ""
        yield section(f"*Held: {summary.held:,}*{overlap}. {held_in_totals(summary, policy)}")
    if summary.not_judged:
        yield section(_not_judged(summary))
    price = summary.price
    per = f"${price.usd_per_gb_second:.10f}".rstrip("0")
    yield context(
        f"List price {per} per GB-second, {price.region}, {price.source} of "
        f"{date_in_words(price.published, year=True)}, 30-day month."
    )


def _not_judged(summary: Summary) -> str:
    rows = summary.not_judged_rows[:NOT_JUDGED_NAMED]
    named = " ".join(f"`{row.function_name}` {row.numbers}: {aws_said(row.words, 200)}." for row in rows)
    more = len(summary.not_judged_rows) - len(rows) + summary.not_judged_more
    also = " More under *Why held?*" if more else ""
    return f":warning: *Not judged: {summary.not_judged:,}.* {named}{also}"
