"""A page of candidates: what was found and by which rule, the boxes, and the buttons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.policy import Policy
from orchestrator.domain.report import Candidate, Summary, held_in_totals
from orchestrator.domain.runs import Page, short
from orchestrator.domain.words import count, dollars
from orchestrator.slack.message.blocks import (
    Message,
    context,
    divider,
    header,
    message,
    section,
    titled,
)
from orchestrator.slack.message.boxes import boxes
from orchestrator.slack.message.buttons import buttons
from orchestrator.slack.message.decided import page_in_words
from orchestrator.slack.message.functions import functions_aloud, functions_table, stays
from orchestrator.slack.message.text import (
    a_month,
    approvers_in_words,
    calls_to,
    cut,
    date_in_words,
    day_and_time,
    escape,
    monthly_sum,
    person,
)

NOT_JUDGED_NAMED = 3


def candidates(
    page: Page,
    *,
    offered: Sequence[Candidate],
    summary: Summary,
    policy: Policy,
    approvers: Sequence[str],
    second_person: bool,
    decided: Sequence[PageOutcome] = (),
) -> Message:
    """The root message while a page waits for a decision.

    `offered` are all candidates of the run in the order offered, of which the page holds fifty; `approvers` are Slack
    ids or `*`; `decided` are the pages before this one.
    """
    ticked = summary.region_active is True
    blocks = [
        header(f":raised_hand: {_dry(page)}{_headline(offered)}{_page_of(page)}"),
        context(*_where_and_who(page, approvers, second_person=second_person)),
        section(_found(page, offered, summary, policy)),
    ]
    if summary.held:
        blocks.append(section(_held(summary, policy)))
    if summary.not_judged:
        blocks.append(section(_not_judged(summary)))
    if not ticked:
        blocks.append(section(_blind(page, summary, policy)))
    if summary.not_looked_at:
        blocks.append(section(_left_over(summary)))
    if decided:
        blocks += titled(
            f"*Decided so far: {len(decided)} of {count(page.pages, 'page')}*", map(page_in_words, decided), "\n"
        )
    functions = functions_table(page, summary)
    if functions is not None:
        blocks.append(functions)
    blocks += [divider(), section(_hint(page, ticked=ticked)), *boxes(page, ticked=ticked)]
    blocks += [
        buttons(page, len(offered) - sum(len(o.page.candidates) for o in decided)),
        context(_footer(page, summary)),
    ]
    return message(blocks, functions_aloud(page, summary, ticked=ticked))


def candidates_in_thread(
    page: Page,
    *,
    offered: Sequence[Candidate],
    approvers: Sequence[str],
    csv_problem: str | None = None,
    csv_location: str | None = None,
) -> Message:
    """The words that come with the CSV: they notify who asked, or the approvers of a scheduled run.

    With a `csv_problem` (Slack's words) they say where the CSV is instead.
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
    return message([section(words)])


def _dry(page: Page) -> str:
    return "Dry run: " if page.dry_run else ""


def _page_of(page: Page) -> str:
    return f" · page {page.page} of {page.pages}" if page.pages > 1 else ""


def _about(amount: float) -> str:
    return f"about {dollars(amount)} a month" if amount else "$0 now"


def _headline(offered: Sequence[Candidate]) -> str:
    verb = "costs" if len(offered) == 1 else "cost"
    return f"{count(len(offered), 'idle version')} {verb} {_about(monthly_sum(offered))}"


def _where_and_who(page: Page, approvers: Sequence[str], *, second_person: bool) -> Iterator[str]:
    yield (
        f"Account {page.account_id} · {page.region} · asked by {person(page.requested_by)} · "
        f"decide by {day_and_time(page.expires_at)}"
    )
    who = f"Approvers: {approvers_in_words(approvers)}" if approvers else "Nobody can approve yet: Approvers is empty"
    another = f" · someone other than {person(page.requested_by)} has to decide"
    yield who + (another if second_person and page.requested_by else "")


def _found(page: Page, offered: Sequence[Candidate], summary: Summary, policy: Policy) -> str:
    functions = {candidate.function_name for candidate in offered}
    prefix = policy.function_name_prefix
    one = len(offered) == 1
    it, its = ("it", "its") if one else ("them", "their")
    newest = f"among the newest {policy.keep_last_n}" if policy.keep_last_n > 1 else "the newest"
    lines = [
        f"*{count(len(offered), 'idle version')} of {count(len(functions), 'function')}*, out of "
        f"{summary.snapstart:,} with SnapStart. No calls in {count(policy.lookback_days, 'day')}. "
        f"No alias, event source, resource policy, running execution or keep tag refers to {it}. "
        f"Older than {count(policy.min_age_days, 'day')}, and not {newest} of {its} function. "
        f"Only {'this numbered version' if one else 'these numbered versions'} can be deleted, never a function."
        + (f" Only functions whose name begins with `{escape(prefix)}` were looked at." if prefix else "")
    ]
    if page.pages > 1:
        lines.append(f"This page: {count(len(page.candidates), 'version')}, {a_month(monthly_sum(page.candidates))}.")
    lines += [f"Stays of `{function.name}`: {stays(function)}" for function in summary.functions if len(functions) == 1]
    return "\n".join(lines)


def _held(summary: Summary, policy: Policy) -> str:
    overlap = " (reasons overlap)" if len(summary.held_by_flag) > 1 else ""
    return f"*Held: {summary.held:,}*{overlap}. {held_in_totals(summary, policy)}"


def _not_judged(summary: Summary) -> str:
    rows = summary.not_judged_rows[:NOT_JUDGED_NAMED]
    named = " ".join(f"`{row.function_name}` {row.numbers}: {escape(cut(row.words, 200)).rstrip('.')}." for row in rows)
    more = len(summary.not_judged_rows) - len(rows) + summary.not_judged_more
    also = " More under *Why held?*" if more else ""
    return f":warning: *Not judged: {summary.not_judged:,}.* {named}{also} They cannot be ticked."


def _blind(page: Page, summary: Summary, policy: Policy) -> str:
    days = count(policy.lookback_days, "day")
    if summary.region_active is False:
        return (
            f":warning: *No function in {page.region} was called in {days}.* Either the region is abandoned or its "
            "metrics cannot be seen. Nothing is ticked."
        )
    return (
        f":warning: *Whether any function in {page.region} was called in {days} is not known:* CloudWatch did not say. "
        "Nothing is ticked."
    )


def _left_over(summary: Summary) -> str:
    more = count(summary.not_looked_at, "more idle version")
    was = "was" if summary.not_looked_at == 1 else "were"
    return (
        f"{more}, {_about(summary.not_looked_at_usd)}, {was} not looked at yet. The next scan offers "
        f"{'it' if summary.not_looked_at == 1 else 'them'}."
    )


def _hint(page: Page, *, ticked: bool) -> str:
    unticked = sum(1 for candidate in page.candidates if not (ticked and candidate.starts_ticked))
    nothing_ticked = unticked == len(page.candidates)
    first = "Tick what may go" if nothing_ticked else "Untick what must stay"
    what = " this page" if page.pages > 1 else ""
    dry = " This is a dry run: nothing will be deleted." if page.dry_run else ""
    why = "" if nothing_ticked or not unticked else f" {_start_unticked(unticked)}"
    return (
        f"*{first}, then approve{what}.*{dry} Ticks are only on your screen: nobody else sees them, and a reload sets "
        f"them back.{why}"
    )


def _start_unticked(number: int) -> str:
    subject = "1 starts unticked: it costs" if number == 1 else f"{number} start unticked: they cost"
    return f"{subject} nothing now, or somebody kept {'it' if number == 1 else 'them'} last time."


def _footer(page: Page, summary: Summary) -> str:
    price = summary.price
    per = f"${price.usd_per_gb_second:.10f}".rstrip("0")
    return (
        f"Estimate at list price: {per} per GB-second, {price.region}, {price.source} of "
        f"{date_in_words(price.published, year=True)}, 30-day month. "
        f"Every version with its reasons: CSV in the thread. Run {short(page.execution)}."
    )
