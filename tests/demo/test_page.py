"""The story in a real browser, on the real product."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.demo.conftest import COMMAND, Demo, Look

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

KEPT, CALLED = "checkout-api:303", "catalog-search:57"
LINE = 31
"""Pixels of a table's row whose cells are a line each."""


def test_from_the_command_to_the_last_word_in_the_thread(fresh: Demo, look: Look) -> None:
    screen = look(fresh)
    expect(screen.headline).to_have_text("32 of 33 versions deleted, about $179.40 a month less")
    expect(screen.bill).to_have_text("$194.96")
    expect(screen.hint).to_have_text("Press Enter to look for idle versions")
    assert screen.barriers() == []

    screen.types("/snapstart scna")
    expect(screen.hint).to_have_text("Type /snapstart scan to look for idle versions")

    screen.types(COMMAND)
    fresh.has_asked()
    expect(screen.headline).to_have_text("Delete 12 idle Lambda versions? Saves about $70.20 a month")
    expect(screen.step("approval")).to_contain_text("waits for a person")
    expect(screen.squares("ticked")).to_have_count(12)
    assert screen.barriers(screen.root, screen.row("checkout-api"), screen.run) == []

    screen.unticks(KEPT)
    expect(screen.squares("ticked")).to_have_count(11)
    expect(screen.hint).to_have_text("Now press Approve")

    screen.square(CALLED).click()
    assert screen.barriers(screen.dialog) == []
    screen.dialog.get_by_role("button", name="Call it").click()
    expect(screen.page.get_by_text(f"{CALLED} was called once")).to_be_visible()

    screen.presses("Approve", confirm="Delete ticked versions")
    expect(screen.private).to_contain_text("Got it: 11 of 12 versions")
    fresh.has_ended()
    expect(screen.headline).to_have_text("10 of 11 versions deleted, about $58.50 a month less")
    expect(screen.thread).to_contain_text("Deleted (10)")
    expect(screen.thread).to_contain_text("Not ticked, so they stay (1)")
    expect(screen.root.locator(".block-button")).to_have_count(0)
    expect(screen.squares("gone")).to_have_count(10)
    expect(screen.square(KEPT)).to_have_class("square idle")
    expect(screen.square(CALLED)).to_have_class(re.compile("held|idle"))
    expect(screen.bill).to_have_text("$136.46")
    expect(screen.step("close-run")).to_have_class("step done")
    assert screen.barriers(screen.root, screen.row("checkout-api"), screen.run) == []

    screen.page.get_by_role("button", name="Start over").click()
    screen.dialog.get_by_role("button", name="Small fleet").click()
    expect(screen.bill).to_have_text("$194.96")
    expect(screen.squares("gone")).to_have_count(0)
    expect(screen.page.locator(".messages > .message")).to_have_count(1)


def test_stopped_while_an_approval_is_open_it_is_open_again_after_a_start(waiting: Demo, look: Look) -> None:
    screen = look(waiting)
    waiting.stop()
    expect(screen.page.get_by_text("The demo has stopped")).to_be_visible()

    waiting.start()
    expect(screen.page.get_by_text("The demo has stopped")).to_be_hidden()
    expect(screen.headline).to_have_text("Delete 12 idle Lambda versions? Saves about $70.20 a month")
    expect(screen.step("approval")).to_have_class("step waiting")


def test_a_guest_is_refused_in_private_and_a_member_too(waiting: Demo, look: Look) -> None:
    screen = look(waiting)
    screen.becomes("Guest")
    screen.presses("Approve", confirm="Delete ticked versions")
    expect(screen.private).to_contain_text("Only visible to you")
    expect(screen.private).to_contain_text("Guests and people from other organisations cannot decide this.")

    screen.becomes("Member")
    expect(screen.page.locator(".message.ephemeral")).to_have_count(0)
    screen.presses("Approve", confirm="Delete ticked versions")
    expect(screen.private).to_contain_text("You cannot decide this. Approvers: @platform-oncall")
    expect(screen.squares("gone")).to_have_count(0)
    expect(screen.button("Approve")).to_be_visible()


def test_everybody_has_ticks_of_their_own(waiting: Demo, look: Look) -> None:
    screen = look(waiting)
    screen.unticks(KEPT)
    expect(screen.squares("ticked")).to_have_count(11)

    screen.becomes("Second approver")
    expect(screen.squares("ticked")).to_have_count(12)

    screen.becomes("Approver")
    expect(screen.squares("ticked")).to_have_count(11)
    screen.box(KEPT).check()
    expect(screen.squares("ticked")).to_have_count(12)


def test_all_of_it_can_be_done_with_the_keyboard(waiting: Demo, look: Look) -> None:
    screen = look(waiting, who="U0GUEST")
    keyboard = screen.page.keyboard

    def tabs_to(found: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if screen.page.evaluate("selector => document.activeElement.matches(selector)", found):
                return
        pytest.fail(f"{found} was not reached")

    tabs_to(".checkboxes input")
    keyboard.press("Space")
    expect(screen.squares("ticked")).to_have_count(11)
    tabs_to('[data-action="approve"]')
    keyboard.press("Enter")
    expect(screen.dialog).to_be_visible()
    keyboard.press("Escape")
    expect(screen.dialog).to_have_count(0)
    expect(screen.root.locator('[data-action="approve"]').last).to_be_focused()

    tabs_to('[data-action="why_held"]')
    keyboard.press("Enter")
    expect(screen.dialog).to_contain_text("versions are held")
    keyboard.press("Escape")
    expect(screen.dialog).to_have_count(0)

    tabs_to(".square")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowRight")
    expect(screen.page.get_by_role("tooltip")).to_be_visible()

    keyboard.press("Control+Home")
    screen.button("Approve").focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(screen.private).to_contain_text("Guests and people from other organisations cannot decide this.")


def test_on_a_phone_the_panes_are_tabs_and_only_the_table_is_wider_than_the_screen(waiting: Demo, look: Look) -> None:
    screen = look(waiting, width=375, height=800)
    expect(screen.headline).to_be_visible()
    expect(screen.bill).to_be_hidden()
    expect(screen.page.locator(".need")).to_be_hidden()
    assert screen.overhang() == 0
    tabs = screen.page.get_by_role("tablist")
    table = screen.root.get_by_role("group", name="Table")
    heights = table.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.offsetHeight)")
    assert max(heights) < 2 * LINE
    assert table.evaluate("held => held.scrollWidth - held.clientWidth") > 0
    assert screen.barriers(tabs) == []

    screen.page.get_by_role("tab", name="The account").click()

    expect(screen.bill).to_be_visible()
    expect(screen.headline).to_be_hidden()
    assert screen.overhang() == 0
    assert screen.barriers(tabs) == []


def test_at_1024_pixels_nothing_is_wider_than_the_screen(waiting: Demo, look: Look) -> None:
    screen = look(waiting, width=1024, height=768)

    expect(screen.bill).to_be_visible()
    assert screen.overhang() == 0


def test_text_only_shows_what_a_screen_reader_gets(waiting: Demo, look: Look) -> None:
    screen = look(waiting)

    screen.page.get_by_label("Text only").check()

    spoken = screen.root.locator("> .message-column > .message-body .spoken")
    expect(spoken).to_contain_text("Delete 12 idle Lambda versions? Saves about $70.20 a month")
    expect(spoken).to_contain_text("catalog-search: 6 idle versions, $46.80 a month: 57")
    expect(screen.root.locator(".checkboxes")).to_have_count(0)


def test_what_is_in_force_stays_in_sight_and_can_be_ended_there(waiting: Demo, look: Look) -> None:
    screen = look(waiting)
    screen.turns("Slack is down")
    expect(screen.in_force).to_contain_text("Slack is down")

    screen.in_force.get_by_role("button").click()
    expect(screen.in_force).to_be_hidden()


def test_an_alias_that_moves_is_seen_in_the_account_at_once(waiting: Demo, look: Look) -> None:
    screen = look(waiting, who="U0OTHER")

    screen.turns("An alias moves")
    expect(screen.square("catalog-search:57")).to_have_class("square live ticked")
    expect(screen.bill).to_have_text("$187.16")

    screen.turns("An alias moves", on=False)
    expect(screen.square("catalog-search:57")).to_have_class("square idle ticked")
    expect(screen.bill).to_have_text("$194.96")


def test_a_page_from_elsewhere_may_not_act_here(waiting: Demo, look: Look) -> None:
    page = look(waiting).page

    answer = page.request.post(
        f"{waiting.address}/do/start-over", data={"person": "U0GUEST"}, headers={"Origin": "http://elsewhere.example"}
    )

    assert answer.status == 403


def test_a_second_persons_late_click_changes_nothing_and_is_told_who_decided(waiting: Demo, look: Look) -> None:
    late = look(waiting, who="U0OTHER")
    late.turns("This screen lags behind")
    early = look(waiting)
    early.presses("Reject", confirm="Keep all 12")
    waiting.has_ended()
    expect(early.headline).to_have_text("Rejected: all 12 versions kept")

    late.presses("Approve", confirm="Delete ticked versions")

    expect(late.private).to_contain_text("Already decided: @approver rejected all 12 versions")
    late.turns("This screen lags behind", on=False)
    expect(late.headline).to_have_text("Rejected: all 12 versions kept")
    expect(early.page.get_by_text("Already decided")).to_have_count(0)
    expect(early.squares("gone")).to_have_count(0)


def test_a_question_asked_for_real_says_so_in_dry_run_and_the_role_refuses_its_deletes(
    waiting: Demo, look: Look
) -> None:
    screen = look(waiting)
    screen.page.get_by_role("radio", name="Dry run").click()
    expect(screen.in_force).to_contain_text("the open question was asked for real")
    screen.types("/snapstart status")
    expect(screen.private).to_contain_text("Dry run is on")

    screen.presses("Approve", confirm="Delete ticked versions")
    waiting.has_ended()

    expect(screen.thread).to_contain_text("deletes are switched off")
    expect(screen.squares("gone")).to_have_count(0)
    expect(screen.in_force).to_be_hidden()


def test_a_question_that_nobody_answers_is_recalled_and_expires(waiting: Demo, look: Look) -> None:
    screen = look(waiting)
    screen.passes("Six days")
    waiting.has_ended()

    expect(screen.thread).to_contain_text("still wait for a decision")
    expect(screen.headline).to_have_text("Expired: nobody decided, nothing was deleted")
    expect(screen.squares("gone")).to_have_count(0)


def test_a_sweep_of_two_accounts_asks_in_each_and_a_decision_in_one_leaves_the_other_alone(
    fresh: Demo, look: Look
) -> None:
    screen = look(fresh)
    screen.page.get_by_label("Second account").check()
    screen.page.get_by_role("button", name="Weekly sweep").click()
    fresh.has_ended()
    expect(screen.headline).to_have_text("Delete 56 idle Lambda versions in 2 accounts? Saves about $244.94 a month")

    assert screen.barriers(screen.root) == []

    links = screen.root.get_by_role("link", name="open it")
    expect(links).to_have_count(2)
    links.last.click()
    asked = screen.message(links.last)
    expect(asked).to_be_in_viewport()
    expect(asked).to_contain_text("search (444455556666)")

    asked.get_by_role("button", name="Approve").first.click()
    screen.dialog.get_by_role("button", name="Delete ticked versions").click()
    fresh.has_ended(2)
    expect(asked).to_contain_text("10 of 10 versions deleted")

    expect(screen.squares("gone")).to_have_count(0)
    expect(screen.message(links.first)).to_contain_text("Delete 43 idle Lambda versions?")
    screen.page.get_by_role("radio", name="search").click()
    expect(screen.squares("gone")).to_have_count(10)
    expect(screen.page.locator(".account-id")).to_have_text("444455556666 · us-west-2")
