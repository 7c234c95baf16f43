"""The buttons of a page, and the question each asks first."""

from __future__ import annotations

from orchestrator.domain.runs import Page
from orchestrator.slack.message.blocks import Json, button, confirm
from orchestrator.slack.message.click import APPROVE, REJECT, STOP, WHY_HELD, button_value, buttons_id
from orchestrator.slack.message.decided import go_on_costing
from orchestrator.slack.message.text import monthly_sum


def buttons(page: Page, undecided: int) -> Json:
    """All buttons of a page; `undecided` versions of the run, this page's among them, wait for a decision."""
    value = button_value(page)
    number = len(page.candidates)
    elements = [
        button("Approve selected", APPROVE, value, style="primary", asks=_approve_confirm(page, number)),
        _reject_button(page, number, value),
        button("Why held?", WHY_HELD, value),
    ]
    if page.page < page.pages:
        stop = confirm(
            "Stop here?",
            f"Nothing on this page is deleted. All {undecided:,} versions not decided yet stay; the next scan offers "
            "them again.",
            "Stop here",
        )
        elements.append(button("Stop here", STOP, value, asks=stop))
    return {"type": "actions", "block_id": buttons_id(page), "elements": elements}


def _approve_confirm(page: Page, number: int) -> Json:
    where = f"at most {number}, in account {page.account_id}, {page.region}"
    if page.dry_run:
        return confirm(
            "Rehearse with the ticked versions?",
            f"Dry run: nothing is deleted. The run checks every version ticked on your screen, {where}, again and says "
            "which it would delete.",
            "Run the rehearsal",
        )
    return confirm(
        "Delete the ticked versions?",
        f"Every version ticked on your screen, {where}. Each is checked again first; what is in use by then stays. A "
        "deleted version cannot be brought back.",
        "Delete ticked versions",
        danger=True,
    )


def _reject_button(page: Page, number: int, value: str) -> Json:
    cost = go_on_costing(number, monthly_sum(page.candidates))
    again = f"The next scan offers {'it' if number == 1 else 'them'} again, unticked."
    keep = "Keep it" if number == 1 else f"Keep all {number}"
    if page.pages > 1:
        title = f"Keep {_all_versions(number)} of this page?"
        asks = confirm(title, f"Nothing on this page is deleted. {cost} {again}", keep)
        return button("Reject page", REJECT, value, style="danger", asks=asks)
    closed = "Nothing is deleted and this message is closed for everyone."
    asks = confirm(f"Keep {_all_versions(number)}?", f"{closed} {cost} {again}", keep)
    return button("Reject all", REJECT, value, style="danger", asks=asks)


def _all_versions(number: int) -> str:
    return "the version" if number == 1 else f"all {number} versions"
