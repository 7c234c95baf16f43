"""How a run ends as people decided: done, rejected, expired, stopped; in the root and for the people in the thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.results import ResultTotals
from orchestrator.domain.runs import Action, Run, short
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Message, context, header, message, section, titled
from orchestrator.slack.message.decided import (
    boxes_missing_in_words,
    counts_in_words,
    days_asked_again,
    go_on_costing,
    less_in_words,
    page_in_words,
    result_blocks,
)
from orchestrator.slack.message.text import (
    a_month,
    account,
    day_and_time,
    dry_run_first,
    duration,
    escape,
    link,
    monthly_sum,
    person,
    scan_command,
)

SEE_THE_RECORD = "The rest: see the record."


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where a run can be looked into: the record's address in S3, and pages of the AWS console."""

    record: str | None = None
    execution: str | None = None
    log: str | None = None


NO_LINKS = Links()


def done(run: Run, outcomes: Sequence[PageOutcome], *, took: int) -> Message:
    """The root message of a run whose every page was decided; `took` is the seconds spent carrying it out."""
    totals = totals_of(outcomes)
    counts = _counts(totals, outcomes, dry_run=run.dry_run)
    blocks = [
        header(_done_headline(totals, dry_run=run.dry_run)),
        context(f"{_decided_by(outcomes)} · {_asked(run)} · took {duration(took)}"),
        section(f"{' · '.join(counts)}. Details in the thread."),
    ]
    missing = sum(outcome.boxes_missing for outcome in outcomes)
    if missing:
        blocks.append(section(boxes_missing_in_words(missing)))
    if len(outcomes) > 1:
        blocks += titled("*Pages*", map(page_in_words, outcomes), "\n")
    blocks.append(context(f"Estimate at list price. Run {short(run.execution)}."))
    return message(blocks, rest=SEE_THE_RECORD)


def done_in_thread(run: Run, outcomes: Sequence[PageOutcome], links: Links = NO_LINKS) -> Message:
    """The result for who asked and who approved, each mentioned once.

    A run of one page lists every version; one of several did so page by page.
    """
    totals = totals_of(outcomes)
    blocks = [section(f"{mentions(run, outcomes)}{_done_sentence(totals, dry_run=run.dry_run)}")]
    if len(outcomes) == 1:
        blocks += result_blocks(outcomes)
    else:
        blocks += titled("*Pages*", map(page_in_words, outcomes), "\n")
    where = [*_record_and_execution(links), "CSV above"]
    lines = [" · ".join(where)]
    if run.dry_run:
        lines.append(
            "To delete for real, deploy with DeleteDryRun=false. Until then this app has no delete permission."
        )
    blocks.append(context(*lines))
    return message(blocks, rest=SEE_THE_RECORD)


def rejected(run: Run, outcomes: Sequence[PageOutcome]) -> Message:
    """The root message of a run whose every page was rejected."""
    number = sum(len(outcome.page.candidates) for outcome in outcomes)
    usd = _kept_usd(outcomes)
    kept = "the only version is kept" if number == 1 else f"all {number:,} versions kept"
    them = _them(number)
    days = days_asked_again(outcomes)
    when = days[0] if len(days) == 1 else "the days chosen"
    again = f"The schedule asks about {them} again after {when}; whoever asks for a scan sees {them} unticked."
    if run.dry_run:
        again = "A dry run is not remembered."
    return message(
        [
            header(f":no_entry_sign: {dry_run_first(run)}Rejected: {kept}"),
            context(f"{_decided_by(outcomes)} · {_asked(run)}"),
            section(f"Nothing was deleted. {go_on_costing(number, usd)} {again}"),
        ]
    )


def rejected_in_thread(run: Run, outcomes: Sequence[PageOutcome]) -> Message:
    """The rejection for who asked."""
    number = sum(len(outcome.page.candidates) for outcome in outcomes)
    what = "the only version" if number == 1 else f"all {number:,} versions"
    who = " and ".join(dict.fromkeys(_approver(outcome) for outcome in outcomes))
    return message([section(f"{_to_asker(run)}{who} rejected {what}. Nothing was deleted.")])


def expired(run: Run, outcomes: Sequence[PageOutcome], *, opened_at: int) -> Message:
    """The root message of a run that nobody decided to its end; `outcomes` has an expired page last.

    `opened_at` is when the page that expired was posted, in seconds since 1970.
    """
    last = outcomes[-1]
    decided = [outcome for outcome in outcomes if outcome.action is not Action.EXPIRED]
    undecided = undecided_of(run, outcomes)
    span = f"Open from {day_and_time(opened_at)} to {day_and_time(last.page.expires_at)} · {_asked(run)}"
    if not decided:
        return message(
            [
                header(f":no_entry_sign: {dry_run_first(run)}Expired: nobody decided, nothing was deleted"),
                context(span),
                section(_still_cost(run, undecided)),
            ]
        )
    totals = totals_of(decided)
    headline = f"Ended: {len(decided)} of {run.pages} pages decided, the rest expired, {_deleted(totals, run)}"
    return message(
        [
            header(f"{_closing_emoji(totals)} {dry_run_first(run)}{headline}"),
            context(span),
            *titled("*Pages*", map(page_in_words, outcomes), "\n"),
            section(_still_cost(run, undecided)),
        ]
    )


def expired_in_thread(run: Run, outcomes: Sequence[PageOutcome]) -> Message:
    """The expiry for who asked."""
    last = outcomes[-1].page
    decided = [outcome for outcome in outcomes if outcome.action is not Action.EXPIRED]
    nobody = "nobody" if run.requested_by else "Nobody"
    until = f"{nobody} decided by {day_and_time(last.expires_at)}"
    if not decided:
        return message([section(f"{_to_asker(run)}{until}. Nothing was deleted.")])
    pages = f"page {last.page}" if last.page == run.pages else f"pages {last.page} to {run.pages}"
    deleted = _deleted(totals_of(decided), run)
    return message([section(f"{_to_asker(run)}{until} about {pages}. Before that: {deleted}.")])


def stopped_here(run: Run, outcomes: Sequence[PageOutcome]) -> Message:
    """The root message of a run that somebody stopped; `outcomes` has the page it was stopped at last."""
    decided = [outcome for outcome in outcomes if outcome.action in {Action.APPROVE, Action.REJECT}]
    totals = totals_of(decided)
    undecided = undecided_of(run, outcomes)
    headline = (
        f"Ended: {len(decided)} of {run.pages} pages decided, the rest stay, {_deleted(totals, run)}"
        if decided
        else f"{_stopped(outcomes[-1]).capitalize()}: {_all_stay(undecided[0])}"
    )
    number, usd = undecided
    verb = "was not decided and stays" if number == 1 else "were not decided and stay"
    again = f"{count(number, 'version')} {verb}. The next scan offers {_them(number)} again."
    return message(
        [
            header(f"{_closing_emoji(totals)} {dry_run_first(run)}{headline}"),
            context(f"{_stopped_by(outcomes[-1])} · {_asked(run)}"),
            *titled("*Pages*", map(page_in_words, outcomes), "\n"),
            section(f"{again} {'It costs' if number == 1 else 'They cost'} {a_month(usd)}."),
        ]
    )


def stopped_here_in_thread(run: Run, outcomes: Sequence[PageOutcome]) -> Message:
    """The stop for who asked and who decided."""
    last = outcomes[-1]
    undecided = undecided_of(run, outcomes)[0]
    deleted = _deleted(totals_of(outcomes), run)
    return message(
        [
            section(
                f"{_others(run, outcomes)}{_approver(last)} {_stopped(last)} the run at page {last.page.page} "
                f"of {run.pages}: {deleted}, {undecided:,} not decided."
            )
        ]
    )


def ending_words(outcomes: Sequence[PageOutcome], *, dry_run: bool) -> str:
    """An ending in a few words for a list of runs: `43 deleted, about $212.55 a month`."""
    totals = totals_of(outcomes)
    if not totals.approved:
        return "nothing deleted"
    saved = less_in_words(totals).removesuffix(" less") if totals.gone else ""
    return ", ".join(filter(None, [counts_in_words(totals, dry_run=dry_run), saved]))


def totals_of(outcomes: Iterable[PageOutcome]) -> ResultTotals:
    """The results of all pages, added up."""
    return ResultTotals.of(result for outcome in outcomes for result in outcome.results)


def _asked(run: Run) -> str:
    return f"asked by {person(run.requested_by)} · {account(run)} · {run.region}"


def _approver(outcome: PageOutcome) -> str:
    return person(outcome.approver.id) if outcome.approver else "nobody"


def _to_asker(run: Run) -> str:
    return f"{person(run.requested_by)}: " if run.requested_by else ""


def mentions(run: Run, outcomes: Sequence[PageOutcome]) -> str:
    """Who asked and who decided, each mentioned once."""
    return "".join(f"{person(user_id)} " for user_id in _people(run, outcomes))


def _others(run: Run, outcomes: Sequence[PageOutcome]) -> str:
    """Mentions of everybody concerned but the last decider, who is named in the sentence."""
    last = outcomes[-1].approver
    named = [person(user_id) for user_id in _people(run, outcomes) if last is None or user_id != last.id]
    return f"{' '.join(named)}: " if named else ""


def _people(run: Run, outcomes: Sequence[PageOutcome]) -> list[str]:
    asker = [run.requested_by] if run.requested_by else []
    return list(dict.fromkeys([*asker, *(outcome.approver.id for outcome in outcomes if outcome.approver)]))


def _decided_by(outcomes: Sequence[PageOutcome]) -> str:
    if len(outcomes) == 1:
        verb = "Approved" if outcomes[0].action is Action.APPROVE else "Rejected"
        return f"{verb} by {_approver(outcomes[0])}, {day_and_time(outcomes[0].decided_at)}"
    who = ", ".join(dict.fromkeys(_approver(outcome) for outcome in outcomes if outcome.approver))
    return f"{len(outcomes)} pages decided by {who}"


def _stopped_by(outcome: PageOutcome) -> str:
    return f"{_stopped(outcome).capitalize()} by {_approver(outcome)}, {day_and_time(outcome.decided_at)}"


def _stopped(outcome: PageOutcome) -> str:
    return "cancelled" if outcome.action is Action.CANCELLED else "stopped"


def _all_stay(number: int) -> str:
    return "the only version stays" if number == 1 else f"all {number:,} versions stay"


def _done_headline(totals: ResultTotals, *, dry_run: bool) -> str:
    of_all = f"{totals.gone:,} of {count(totals.approved, 'version')}"
    if dry_run:
        return f":white_check_mark: Dry run: would delete {of_all}, {less_in_words(totals).removesuffix(' less')}"
    if totals.failed or totals.unconfirmed or totals.untouched:
        undone = [f"{totals.failed:,} failed"] if totals.failed else []
        undone += [f"{totals.unconfirmed:,} not confirmed"] if totals.unconfirmed else []
        undone += [f"{totals.untouched:,} not touched"] if totals.untouched else []
        return f":warning: {of_all} deleted, {', '.join(undone)}"
    if totals.gone:
        return f":white_check_mark: {of_all} deleted, {less_in_words(totals)}"
    if not totals.approved:
        return ":no_entry_sign: Nothing deleted: nothing was approved"
    return f":no_entry_sign: Nothing deleted: {_why_all_stay(totals)}"


def _why_all_stay(totals: ResultTotals) -> str:
    """Why none of the approved versions was deleted, where nothing failed."""
    one = totals.approved == 1
    who = "the only version" if one else f"all {totals.approved:,} versions"
    if totals.refused:
        return (
            f"{totals.refused:,} refused by AWS, {totals.skipped:,} skipped" if totals.skipped else f"AWS refused {who}"
        )
    if totals.skipped_in_use_or_gone:
        return f"{who} {'is' if one else 'are'} in use or gone"
    return f"{who} {'was' if one else 'were'} skipped"


def _done_sentence(totals: ResultTotals, *, dry_run: bool) -> str:
    if dry_run:
        what = f"{count(totals.gone, 'version')} would be deleted, {less_in_words(totals)}."
        return f"*Dry run: {what}* Nothing was deleted."
    if not totals.gone:
        return "*No delete could be confirmed.*" if totals.unconfirmed else "*Nothing was deleted.*"
    return f"*{count(totals.gone, 'version')} deleted, {less_in_words(totals)} from now on* (list price)."


def _counts(totals: ResultTotals, outcomes: Sequence[PageOutcome], *, dry_run: bool) -> list[str]:
    kept = [(outcome.action, len(outcome.kept)) for outcome in outcomes]
    unticked = sum(number for action, number in kept if action is Action.APPROVE)
    rejected_too = sum(number for action, number in kept if action is Action.REJECT)
    in_use = ", in use now" if totals.skipped_in_use else ""
    counts = [f"{totals.gone:,} {'would be deleted' if dry_run else 'deleted'}"]
    counts += [f"{totals.skipped:,} skipped{in_use}"] if totals.skipped else []
    counts += [f"{totals.refused:,} refused by AWS"] if totals.refused else []
    counts += [f"{totals.failed:,} failed"] if totals.failed else []
    counts += [f"{totals.unconfirmed:,} not confirmed"] if totals.unconfirmed else []
    counts += [f"{totals.untouched:,} not touched"] if totals.untouched else []
    counts += [f"{unticked:,} not ticked"] if unticked else []
    counts += [f"{rejected_too:,} rejected"] if rejected_too else []
    return counts


def _deleted(totals: ResultTotals, run: Run) -> str:
    return f"{count(totals.gone, 'version')} {'would be deleted' if run.dry_run else 'deleted'}"


def _closing_emoji(totals: ResultTotals) -> str:
    if totals.failed or totals.unconfirmed or totals.untouched:
        return ":warning:"
    return ":white_check_mark:" if totals.gone else ":no_entry_sign:"


def undecided_of(run: Run, outcomes: Sequence[PageOutcome]) -> tuple[int, float]:
    """How many versions of the run nobody decided about, and what they cost a month."""
    offered = [
        candidate
        for outcome in outcomes
        if outcome.action in {Action.APPROVE, Action.REJECT}
        for candidate in outcome.page.candidates
    ]
    usd = run.monthly_usd - monthly_sum(offered)
    return run.candidates - len(offered), max(0.0, round(usd, 2))


def _kept_usd(outcomes: Sequence[PageOutcome]) -> float:
    return monthly_sum(candidate for outcome in outcomes for candidate in outcome.kept)


def _them(number: int) -> str:
    return "it" if number == 1 else "them"


def _still_cost(run: Run, undecided: tuple[int, float]) -> str:
    number, usd = undecided
    verb = "still costs" if number == 1 else "still cost"
    about = f"about {a_month(usd)}" if usd else "nothing now"
    return f"{count(number, 'idle version')} {verb} {about}. For a list on fresh facts: {scan_command(run)}"


def _record_and_execution(links: Links) -> Iterator[str]:
    if links.record:
        yield f"Record: {escape(links.record)}"
    if links.execution:
        yield link(links.execution, "durable execution")
