"""The buttons of a page, the question each asks first, and how long what is unticked is kept."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.domain.runs import Page
from orchestrator.slack.message.blocks import Json, button, confirm, plain
from orchestrator.slack.message.click import (
    APPROVE,
    KEEP_DAYS,
    REJECT,
    STOP,
    WHY_HELD,
    button_value,
    buttons_id,
    buttons_id_at_the_end,
)
from orchestrator.slack.message.decided import go_on_costing
from orchestrator.slack.message.text import account, monthly_sum

DAYS_OFFERED = (30, 90, 365)
"""How long what is unticked may be kept; the stack's own default stands among them too."""


def buttons(page: Page, *, undecided: int, keep_days: int) -> Json:
    """All buttons of a page and the choice beside them.

    `undecided` versions of the run, this page's among them, wait for a decision; `keep_days` is what is chosen already.
    """
    choice = [] if page.dry_run else [_ask_again(keep_days)]  # a rehearsal is not remembered
    elements = [*_buttons(page, undecided), *choice]
    return {"type": "actions", "block_id": buttons_id(page), "elements": elements}


def buttons_at_the_end(page: Page, *, undecided: int) -> Json:
    """The same buttons once more, below a long page."""
    return {"type": "actions", "block_id": buttons_id_at_the_end(page), "elements": [*_buttons(page, undecided)]}


def _buttons(page: Page, undecided: int) -> Iterator[Json]:
    value = button_value(page)
    approve = "Approve: rehearse what is ticked" if page.dry_run else "Approve: delete what is ticked"
    style = "primary" if page.dry_run else "danger"
    yield button(approve, APPROVE, value, style=style, asks=_approve_confirm(page))
    yield button(_reject(page), REJECT, value, asks=_reject_confirm(page))
    yield button("Why held?", WHY_HELD, value)
    if page.page < page.pages:
        yield button("Stop here", STOP, value, asks=_stop_confirm(undecided))


def _reject(page: Page) -> str:
    if page.pages > 1:
        return "Reject page: keep its rows"
    return "Reject: keep it" if len(page.candidates) == 1 else "Reject: keep all"


def _ask_again(keep_days: int) -> Json:
    options = {
        days: {"text": plain(f"Unticked: ask again in {days} days"), "value": str(days)}
        for days in sorted({*DAYS_OFFERED, keep_days})
    }
    return {
        "type": "static_select",
        "action_id": KEEP_DAYS,
        "options": list(options.values()),
        "initial_option": options[keep_days],
    }


def _approve_confirm(page: Page) -> Json:
    where = f"{_at_most(page)}, in {account(page)}, {page.region}"
    if page.dry_run:
        return confirm(
            "Rehearse with the ticked versions?",
            f"Dry run: nothing is deleted. Every version ticked on your screen, {where}, is checked again, and the run "
            "says which it would delete.",
            "Run the rehearsal",
        )
    return confirm(
        f"Delete the ticked versions, {_at_most(page)}?",
        f"Every version ticked on your screen, {where}. Each is checked again first; what is in use by then stays. A "
        "deleted version cannot be brought back.",
        "Delete ticked versions",
        danger=True,
    )


def _at_most(page: Page) -> str:
    return f"at most {len(page.candidates)}"


def _reject_confirm(page: Page) -> Json:
    number = len(page.candidates)
    what = "the version" if number == 1 else f"all {number} versions"
    of_page = " of this page" if page.pages > 1 else ""
    after = "" if page.dry_run else " The schedule asks again after the days chosen beside the buttons."
    return confirm(
        f"Keep {what}{of_page}?",
        f"Nothing{of_page} is deleted in {account(page)}, {page.region}. "
        f"{go_on_costing(number, monthly_sum(page.candidates))}{after}",
        "Keep it" if number == 1 else f"Keep all {number}",
    )


def _stop_confirm(undecided: int) -> Json:
    return confirm(
        "Stop here?",
        f"Nothing on this page is deleted. All {undecided:,} versions not decided yet stay; the next scan offers them "
        "again.",
        "Stop here",
    )
