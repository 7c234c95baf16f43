"""A decided page: who decided what, and how it is said while it is carried out and afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestrator.domain.candidates import Candidate, VersionKey
from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.results import Outcome, ResultTotals, VersionResult
from orchestrator.domain.runs import Action, Page
from orchestrator.domain.words import KEEP_TAG, count, dollars
from orchestrator.slack.message.blocks import Json, Message, context, header, message, section, titled
from orchestrator.slack.message.text import (
    a_month,
    account,
    aws_said,
    by_function,
    day_and_time,
    day_near,
    escape,
    monthly_sum,
    person,
)

TAG_VALUE = 256
"""Most characters of a tag's value."""


def decided(outcome: PageOutcome, *, done: int | None = None, earlier: Sequence[PageOutcome] = ()) -> Message:
    """The root message while an approved page is carried out, `done` versions of it so far; no boxes, no buttons."""
    page = outcome.page
    approved, offered = len(outcome.approved), len(page.candidates)
    doing = "rehearsing" if page.dry_run else "deleting"
    start = "Dry run" if page.dry_run else "Approved"
    pages = f" · page {page.page} of {page.pages}" if page.pages > 1 else ""
    blocks = [
        header(f":hourglass_flowing_sand: {start}: {doing} {approved} of {count(offered, 'version')}{pages}"),
        context(
            f"Approved by {_approver(outcome)}, {day_and_time(outcome.decided_at)} · asked by "
            f"{person(page.requested_by)} · {account(page)} · {page.region}"
        ),
        section(_ticked_in_words(outcome)),
    ]
    if done is not None:
        blocks.append(section(f"{done} of {approved} done"))
    if outcome.boxes_missing:
        blocks.append(section(boxes_missing_in_words(outcome.boxes_missing)))
    if earlier:
        blocks += titled("*Earlier pages*", map(page_in_words, earlier), "\n")
    return message(blocks)


def decision_in_thread(outcome: PageOutcome) -> Message:
    """The decision as the log keeps it: who, and which versions exactly."""
    page = outcome.page
    offered = count(len(page.candidates), "version")
    on_page = f" on page {page.page} of {page.pages}" if page.pages > 1 else ""
    if outcome.action is Action.STOP:
        return message([section(f"*{_approver(outcome)} stopped the run{on_page}.* Nothing on it is deleted.")])
    if outcome.action is Action.REJECT:
        return message(
            titled(f"*{_approver(outcome)} rejected {_all(page)}{on_page}*", by_function(_keys(outcome.kept)))
        )
    title = f"*{_approver(outcome)} approved {len(outcome.approved)} of {offered}{on_page}*"
    blocks = titled(title, by_function(_keys(outcome.ticked)))
    if outcome.kept:
        blocks += titled("Not ticked, so they stay:", by_function(_keys(outcome.kept)), after=" ")
    if outcome.boxes_missing:
        blocks.append(section(boxes_missing_in_words(outcome.boxes_missing)))
    return message(blocks, rest="The rest: see the record.")


def page_rejected(outcome: PageOutcome, *, earlier: Sequence[PageOutcome] = ()) -> Message:
    """The root message between a page of several that was rejected and the next one."""
    page = outcome.page
    blocks = [
        header(f":no_entry_sign: Page {page.page} of {page.pages} rejected: {_all(page)} on it kept"),
        context(
            f"Rejected by {_approver(outcome)}, {day_and_time(outcome.decided_at)} · asked by "
            f"{person(page.requested_by)} · {account(page)} · {page.region}"
        ),
        *titled("*Pages*", map(page_in_words, [*earlier, outcome]), "\n"),
    ]
    return message(blocks)


def page_done_in_thread(outcome: PageOutcome, *, record: str | None = None) -> Message:
    """The result of one page of several, as the log keeps it; it notifies nobody, the run goes on."""
    page = outcome.page
    title = f"*Page {page.page} of {page.pages}: {_result_headline(outcome.totals, dry_run=page.dry_run)}*"
    blocks = [section(title), *result_blocks([outcome])]
    if record is not None:
        blocks.append(context(f"Record: {escape(record)}"))
    return message(blocks, rest="The rest: see the record.")


def page_in_words(outcome: PageOutcome) -> str:
    """One line about a page that is over."""
    page = outcome.page
    usd = monthly_sum(page.candidates)
    start = f"Page {page.page} · {count(len(page.candidates), 'version')} · {a_month(usd)} · "
    match outcome.action:
        case Action.APPROVE:
            return f"{start}*approved by {_approver(outcome)}*: {counts_in_words(outcome.totals, dry_run=page.dry_run)}"
        case Action.REJECT:
            return f"{start}*rejected by {_approver(outcome)}*: {_all(page)} kept"
        case Action.STOP:
            return f"{start}*stopped by {_approver(outcome)}*: not decided"
        case Action.CANCELLED:
            return f"{start}*cancelled by {_approver(outcome)}*: not decided"
        case Action.EXPIRED:
            return f"{start}*expired*: not decided"


def counts_in_words(totals: ResultTotals, *, dry_run: bool) -> str:
    """The counts of what came of approved versions: `48 deleted, 1 skipped, 1 failed`."""
    counts = [
        (totals.gone, "would be deleted" if dry_run else "deleted"),
        (totals.skipped, "skipped"),
        (totals.refused, "refused by AWS"),
        (totals.failed, "failed"),
        (totals.unconfirmed, "not confirmed"),
        (totals.untouched, "not touched"),
    ]
    return ", ".join(f"{number:,} {words}" for number, words in counts if number) or "nothing deleted"


def less_in_words(totals: ResultTotals) -> str:
    """What the bill loses: `about $212.55 a month less`."""
    return f"about {dollars(totals.monthly_usd_less)} a month less" if totals.monthly_usd_less else "$0 less for now"


def go_on_costing(number: int, usd: float) -> str:
    """What kept versions go on costing, as a sentence."""
    if not usd:
        return "It costs nothing now." if number == 1 else "They cost nothing now."
    return f"{'It goes' if number == 1 else 'They go'} on costing about {a_month(usd)}."


def boxes_missing_in_words(boxes: int) -> str:
    """The warning that Slack did not send everything with a click."""
    what = "1 of the boxes. Its version was" if boxes == 1 else f"{boxes} of the boxes. Their versions were"
    return f":warning: Slack did not send {what} left alone."


def result_blocks(outcomes: Sequence[PageOutcome]) -> list[Json]:
    """What was deleted, skipped, failed, not touched and kept, version by version."""
    results = [result for outcome in outcomes for result in outcome.results]
    blocks: list[Json] = []
    for title, wanted in (("Deleted", Outcome.DELETED), ("Would delete", Outcome.WOULD_DELETE)):
        of_kind = [result for result in results if result.outcome is wanted]
        if of_kind:
            blocks += titled(f"*{title} ({len(of_kind)})*", by_function(result.key for result in of_kind), "\n")
    changed = ", changed since the scan" if ResultTotals.of(results).skipped_in_use_or_gone else ""
    for title, wanted in (
        (f"Skipped{changed}", Outcome.SKIPPED),
        ("Refused by AWS, and not asked again for now", Outcome.REFUSED),
        ("Failed, still there", Outcome.FAILED),
        ("Not confirmed: sent, and whether they are gone is unknown", Outcome.UNCONFIRMED),
        ("Not touched", Outcome.UNTOUCHED),
    ):
        of_kind = [result for result in results if result.outcome is wanted]
        if of_kind:
            blocks += titled(f"*{title} ({len(of_kind)})*", list(_by_reason(of_kind)), "\n")
    for title, action in (("Not ticked, so they stay", Action.APPROVE), ("Rejected, so they stay", Action.REJECT)):
        deciding = [outcome for outcome in outcomes if outcome.action is action and outcome.kept]
        stay = [candidate for outcome in deciding for candidate in outcome.kept]
        if stay:
            blocks += titled(f"*{title} ({len(stay)})*", by_function(_keys(stay)))
            blocks.append(section(f"{_asked_again(deciding)}{_tag_hint(stay)}"))
    return blocks


def _by_reason(results: Sequence[VersionResult]) -> Iterator[str]:
    """A line a reason: equal ones share it."""
    by_reason: dict[str, list[VersionKey]] = {}
    for result in results:
        by_reason.setdefault(result.reason or "", []).append(result.key)
    for reason, keys in by_reason.items():
        versions = [f"`{keys[0][0]}:{keys[0][1]}`"] if len(keys) == 1 else by_function(keys)
        yield " ".join([" · ".join(versions), aws_said(reason)]).strip()


def days_asked_again(outcomes: Iterable[PageOutcome]) -> Sequence[str]:
    """The days after which the schedule asks again about what stays, each once, as far as they are known."""
    known = ((outcome.asked_again_after, outcome.decided_on) for outcome in outcomes)
    days = sorted((after, decided_on) for after, decided_on in known if after is not None)
    return list(dict.fromkeys(day_near(after.isoformat(), decided_on) for after, decided_on in days))


def _asked_again(outcomes: Sequence[PageOutcome]) -> str:
    if outcomes[0].action is Action.REJECT:
        what = "rejected"
    else:  # nothing is said of what began unticked and was left so, or of a box that Slack did not send
        what = "unticked"
        outcomes = [o for o in outcomes if sum(c.starts_ticked for c in o.kept) > o.boxes_missing]
    days = " and ".join(days_asked_again(outcomes))
    return f"After {days} the schedule asks again about what was {what}.\n" if days else ""


def _tag_hint(kept: Sequence[Candidate]) -> str:
    first = kept[0].function_name
    numbers = sorted(candidate.number for candidate in kept if candidate.function_name == first)
    value = ""
    for number in numbers:
        longer = f"{value} {number}".strip()
        if len(longer) > TAG_VALUE:
            break
        value = longer
    alone = all(candidate.function_name == first for candidate in kept)
    return f"To stop offering one, tag its function: `{KEEP_TAG}` = `{value}`" + ("" if alone else f" on `{first}`")


def _result_headline(totals: ResultTotals, *, dry_run: bool) -> str:
    verb = "would be deleted" if dry_run else "deleted"
    failed = f", {totals.failed} failed" if totals.failed else ""
    failed += f", {totals.unconfirmed} not confirmed" if totals.unconfirmed else ""
    return f"{totals.gone} of {count(totals.approved, 'version')} {verb}{failed}, {less_in_words(totals)}"


def _ticked_in_words(outcome: PageOutcome) -> str:
    usd = monthly_sum(outcome.ticked)
    kept = len(outcome.kept)
    stays = "" if not kept else f" {kept} not ticked: {'it stays' if kept == 1 else 'they stay'}."
    about = f"about {dollars(usd)} a month" if usd else "$0 now"
    then = "; nothing is deleted." if outcome.page.dry_run else " right before its delete."
    return f"{len(outcome.approved)} ticked, {about}.{stays} Each version is checked again{then}"


def _all(page: Page) -> str:
    number = len(page.candidates)
    return "the only version" if number == 1 else f"all {number} versions"


def _keys(candidates: Sequence[Candidate]) -> Iterator[VersionKey]:
    return (candidate.key for candidate in candidates)


def _approver(outcome: PageOutcome) -> str:
    return person(outcome.approver.id) if outcome.approver else "nobody"
