"""Block Kit's limits: ours are Slack's or stricter, and no page of fifty breaks one, whatever it holds."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from fakes.slack import blocks as slack
from fakes.slack import problems
from orchestrator.domain.report import Candidate
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import PAGE_SIZE
from orchestrator.slack import message as m
from orchestrator.slack.message import blocks as ours
from orchestrator.slack.message.click import button_value
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
    assert ours.TABLE_ROWS <= slack.TABLE_ROWS
    assert ours.SPOKEN_TEXT <= slack.MESSAGE_TEXT_ADVISED


candidates = st.builds(
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
    kept_by_name=st.sampled_from([None, "other", "<!channel> & a very long name indeed"]),
    kept_on=st.sampled_from([None, "2026-11-13"]),
)


@given(
    offered=st.lists(candidates, min_size=1, max_size=120, unique_by=lambda candidate: candidate.key), data=st.data()
)
def test_no_page_breaks_a_limit_and_every_label_stands_whole(offered: list[Candidate], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, -(-len(offered) // PAGE_SIZE)))
    page = a_page(offered, number)
    summary = a_summary(offered, not_judged=14, not_looked_at=9, region_active=data.draw(st.sampled_from([True, None])))

    shown = m.candidates(
        page, offered=offered, summary=summary, policy=the_policy(), approvers=APPROVERS, second_person=True
    )

    assert problems(shown.blocks) == []
    assert len(shown.text) <= slack.MESSAGE_TEXT_ADVISED
    elements = [element for block in shown.blocks if block["type"] == "actions" for element in block["elements"]]
    options = [option for element in elements for option in element.get("options", [])]
    assert [option["text"]["text"] for option in options] == [candidate.label for candidate in page.candidates]


@given(words=st.text(min_size=1, max_size=400), functions=st.integers(1, 50))
def test_no_result_breaks_a_limit_whatever_aws_says(words: str, functions: int) -> None:
    page = a_page(longest(functions))
    decision = approving(page)
    every_other_failed = {c.key: (Outcome.FAILED, f"{words} {c.number}") for c in page.candidates[::2]}
    outcome = an_outcome(page, decision, results=results_of(page, decision, every_other_failed))

    for shown in (m.done(a_run(), [outcome], took=1), m.done_in_thread(a_run(), [outcome])):
        assert problems(shown.blocks) == []
        assert len(shown.text) <= slack.MESSAGE_TEXT_ADVISED


def test_the_tag_that_keeps_versions_for_good_is_a_value_aws_takes() -> None:
    page = a_page(longest(1, 50))
    outcome = an_outcome(page, approving(page, but=[candidate.key for candidate in page.candidates]))

    shown = m.done_in_thread(a_run(), [outcome]).text

    (value,) = re.findall(r"snapstart-cleaner:keep` = `([\d ]+)`", shown)
    assert len(value) <= 256
    assert value.split() == [str(candidate.number) for candidate in page.candidates[: len(value.split())]]


def test_a_run_of_the_longest_ids_still_fits_a_buttons_value() -> None:
    page = a_page(execution="x" * 128, revision="r" * 64)

    assert len(button_value(page)) <= slack.BUTTON_VALUE


def test_the_table_shows_the_functions_of_the_page_first_when_not_all_fit() -> None:
    offered = longest(101)
    page = a_page(offered, 3)
    summary = a_summary(offered, functions=tuple(functions_of(offered)))

    shown = m.candidates(
        page, offered=offered, summary=summary, policy=the_policy(), approvers=APPROVERS, second_person=False
    )

    (table,) = [block for block in shown.blocks if block["type"] == "table"]
    cells = [[cell["text"] for cell in row] for row in table["rows"]]
    assert len(cells) == ours.TABLE_ROWS
    assert cells[1][0].startswith("0100-")
    assert cells[1][1] == "3"
    assert cells[-1][0] == "52 more functions"
