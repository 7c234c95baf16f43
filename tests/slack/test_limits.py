"""Block Kit's limits: ours are Slack's or stricter, and no page of fifty breaks one, whatever it holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.slack import blocks as slack
from fakes.slack import problems, view_problems
from orchestrator.domain.candidates import Candidate, in_offer_order
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Held
from orchestrator.slack.message import blocks as ours
from orchestrator.slack.message.candidates import candidates
from orchestrator.slack.message.click import button_value
from orchestrator.slack.message.endings import done, done_in_thread
from orchestrator.slack.message.held import why_held
from orchestrator.slack.message.pages import ROWS_A_PAGE, page_at, pages_of
from orchestrator.slack.message.text import spoken
from tests.slack.builders import (
    APPROVERS,
    a_candidate,
    a_page,
    a_run,
    a_summary,
    an_outcome,
    approving,
    functions_of,
    longest,
    results_of,
    the_policy,
)


def test_our_limits_are_slacks_or_stricter() -> None:
    assert ours.SECTION_TEXT == slack.SECTION_TEXT
    assert ours.HEADER_TEXT == slack.HEADER_TEXT
    assert ours.OPTION_TEXT == slack.OPTION_TEXT
    assert ours.OPTION_DESCRIPTION == slack.OPTION_DESCRIPTION
    assert ours.OPTIONS_IN_A_GROUP == slack.CHECKBOX_OPTIONS
    assert ours.CONFIRM_TITLE == slack.CONFIRM_TITLE
    assert ours.CONFIRM_TEXT == slack.CONFIRM_TEXT
    assert ours.CONFIRM_BUTTON == slack.CONFIRM_BUTTON
    assert ours.SPOKEN_BYTES <= slack.EDITED_TEXT_BYTES
    assert ours.BLOCKS_TEXT <= slack.BLOCKS_TEXT
    assert ROWS_A_PAGE < slack.TABLE_ROWS


any_candidate = st.builds(
    a_candidate,
    st.sampled_from(["a", "B_b-1", "x" * 64, "y" * 63 + "_"]).flatmap(
        lambda stem: st.integers(0, 60).map(lambda number: f"{stem[:61]}{number:03d}")
    ),
    st.integers(1, 9_999_999_999),
    monthly_usd=st.sampled_from([0.0, 0.01, 5.85, 12_345.67]),
    age_days=st.integers(0, 99_999),
    runtime=st.sampled_from([None, "python3.12", "java21", "provided.al2023"]),
    memory_mb=st.sampled_from([128, 10_240]),
    package_type=st.sampled_from(["Zip", "Image"]),
    state=st.sampled_from([None, "Active", "Inactive", "Failed"]),
    kept_by=st.sampled_from([None, "U0OTHER"]),
    kept_by_name=st.sampled_from(
        [None, "other", "<!channel> & a very long name indeed", "長い名前の承認者" * 4, "👍🏽" * 30]
    ),
    kept_on=st.sampled_from([None, "2026-11-13"]),
    kept_until=st.sampled_from([None, "2027-02-11", "2029-11-13"]),
    refused_on=st.sampled_from([None, "2026-11-13"]),
    description=st.sampled_from(
        ["", "release 4f2c1d9", "注文サービスの検索を直す" * 20, "🚀" * 256, "<!channel> & more"]
    ),
    last_called=st.sampled_from([None, "2026-08-09", "2025-10-01"]),
    called_in_spells=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    offered=st.lists(any_candidate, min_size=1, max_size=120, unique_by=lambda candidate: candidate.key), data=st.data()
)
def test_no_page_breaks_a_limit_and_every_box_carries_its_version(
    offered: list[Candidate], data: st.DataObject
) -> None:
    pages = pages_of(offered)
    number = data.draw(st.integers(1, len(pages)))
    page = a_page(
        offered, number, account_name="x" * 50, dry_run=data.draw(st.booleans()), execution="e" * 128, revision="r" * 64
    )
    functions = tuple(functions_of(offered, stays=[f"{n} {'a' * 128}" for n in range(3)]))
    summary = a_summary(
        offered,
        not_judged=14,
        not_looked_at=9_999,
        not_looked_at_usd=99_999.0,
        functions=functions,
        region_active=data.draw(st.sampled_from([True, False, None])),
    )
    before = [an_outcome(a_page(offered, earlier)) for earlier in range(1, number)]

    shown = candidates(
        page,
        offered=offered,
        summary=summary,
        policy=the_policy(function_name_prefix="p" * 64, lookback_days=455),
        approvers=[f"S{'0' * 10}{index:02}" for index in range(12)],
        second_person=True,
        decided=before * data.draw(st.sampled_from([1, 20])),
        keep_days=3650,
    )

    assert problems(shown.blocks) == []
    assert ours.text_size(shown.blocks) <= ours.BLOCKS_TEXT
    assert slack.text_size(shown.blocks) <= ours.text_size(shown.blocks)
    assert len(shown.text.encode()) <= ours.SPOKEN_BYTES
    elements = [element for block in shown.blocks if block["type"] == "actions" for element in block["elements"]]
    boxes = [option for element in elements if element["type"] == "checkboxes" for option in element["options"]]
    assert sorted(box["value"] for box in boxes) == sorted(candidate.label for candidate in page.candidates)


@given(words=st.text(min_size=1, max_size=400), functions=st.integers(1, 50))
def test_no_result_breaks_a_limit_whatever_aws_says(words: str, functions: int) -> None:
    page = a_page(longest(functions))
    decision = approving(page)
    every_other_failed = {c.key: (Outcome.FAILED, f"{words} {c.number}") for c in page.candidates[::2]}
    outcome = an_outcome(page, decision, results=results_of(page, decision, every_other_failed))

    for shown in (done(a_run(), [outcome], took=1), done_in_thread(a_run(), [outcome])):
        assert problems(shown.blocks) == []
        assert len(shown.text.encode()) <= ours.SPOKEN_BYTES


def test_the_tag_that_keeps_versions_for_good_is_a_value_aws_takes() -> None:
    page = a_page(longest(1, 50))
    outcome = an_outcome(page, approving(page, but=[candidate.key for candidate in page.candidates]))

    shown = done_in_thread(a_run(), [outcome]).text

    (value,) = re.findall(r"snapstart-cleaner:keep` = `([\d ]+)`", shown)
    assert len(value) <= 256
    assert value.split() == [str(candidate.number) for candidate in page.candidates[: len(value.split())]]


def test_a_run_of_the_longest_ids_still_fits_a_buttons_value() -> None:
    page = a_page(execution="x" * 128, revision="r" * 64)

    assert len(button_value(page)) <= slack.BUTTON_VALUE


def test_the_table_shows_the_functions_of_the_page_and_no_others() -> None:
    offered = longest(20, of_each=10)
    page = a_page(offered, 2)

    shown = candidates(
        page, offered=offered, summary=a_summary(offered), policy=the_policy(), approvers=APPROVERS, second_person=False
    )

    (table,) = [block for block in shown.blocks if block["type"] == "table"]
    names = [row[0]["text"] for row in table["rows"][1:]]
    assert [name[:4] for name in names] == list(dict.fromkeys(row.function_name[:4] for row in page.candidates))


def test_the_table_of_many_functions_shows_the_dearest_and_sums_up_the_others() -> None:
    offered = in_offer_order(
        a_candidate(f"fn-{index:02}", number, monthly_usd=10.0 + index) for index in range(12) for number in (1, 2)
    )

    shown = candidates(
        a_page(offered),
        offered=offered,
        summary=a_summary(offered),
        policy=the_policy(),
        approvers=APPROVERS,
        second_person=False,
    )

    (table,) = [block for block in shown.blocks if block["type"] == "table"]
    rows = [[cell["text"] for cell in row] for row in table["rows"]]
    assert [row[0] for row in rows[1:7]] == [f"fn-{index:02}" for index in range(11, 5, -1)]
    assert rows[7] == ["6 more functions", "12", "$150.00", "–"]  # noqa: RUF001
    assert len(rows) == 8


def test_a_table_that_would_repeat_the_boxes_is_left_out() -> None:
    for offered in (longest(1, of_each=9), longest(9)):
        shown = candidates(
            a_page(offered),
            offered=offered,
            summary=a_summary(offered),
            policy=the_policy(),
            approvers=APPROVERS,
            second_person=False,
        )

        assert "table" not in {block["type"] for block in shown.blocks}


@given(names=st.lists(st.integers(1, 64), max_size=120), most=st.integers(1, 60))
def test_pages_hold_every_candidate_once_and_in_order(names: list[int], most: int) -> None:
    offered = [a_candidate("x" * length, number) for number, length in enumerate(names, start=1)]
    pages = pages_of(offered, at_most=most)

    assert [candidate for page in pages for candidate in page] == offered
    assert all(0 < len(page) <= min(most, ROWS_A_PAGE) for page in pages)


def test_fifty_versions_with_everyday_names_fit_a_page() -> None:
    offered = [a_candidate("orders-api", number) for number in range(101, 201)]

    assert [len(page) for page in pages_of(offered)] == [50, 50]
    assert len(page_at(offered, 10)) == 50


@pytest.mark.parametrize("functions", [1, 5, 23, 46])
def test_title_table_and_buttons_of_a_full_page_stand_above_the_first_box_on_one_screen(functions: int) -> None:
    names = [f"catalog-search-{index}" for index in range(functions)]
    offered = [a_candidate(names[index % functions], index + 1, description="release 4f2c1d9") for index in range(46)]
    page = a_page(in_offer_order(offered))

    shown = candidates(
        page, offered=offered, summary=a_summary(offered), policy=the_policy(), approvers=APPROVERS, second_person=True
    )

    kinds = [block["elements"][0]["type"] if block["type"] == "actions" else block["type"] for block in shown.blocks]
    fold = kinds.index("checkboxes") - 1
    assert len(page.candidates) == 46
    assert kinds[:3] == ["header", "context", "section"]
    assert kinds[fold - 2 : fold] == ["button", "section"], "the buttons stand right above what they are about"
    table = [block for block in shown.blocks[:fold] if block["type"] == "table"]
    assert len(table) == (1 < functions < 46)
    assert sum(map(height, shown.blocks[: fold - 1])) <= 700, "a phone shows about as much at once"


def height(block: dict) -> int:
    """About how many pixels a block takes on a narrow screen: 45 characters a line."""
    match block:
        case {"type": "header"}:
            return 48
        case {"type": "table", "rows": rows}:
            return 34 * len(rows)
        case {"type": "actions", "elements": elements}:
            return 40 * -(-len(elements) // 2)
        case {"type": "section", "text": {"text": text}}:
            return 22 * -(-len(text) // 45) + 8
        case {"type": "context", "elements": [{"text": text}]}:
            return 18 * -(-len(spoken(text)) // 50) + 8
    raise AssertionError(block)


def test_why_held_fits_its_modal_however_much_is_held() -> None:
    held = Held(
        execution="8f3c2e71",
        snapstart=100_000,
        held=99_000,
        not_judged=0,
        totals="99,000 called in 35 days",
        functions=tuple(("x" * 64, 2000, ("&" * 4000,)) for _ in range(45)),
    )

    assert view_problems(why_held(held)) == []
