"""What Slack refuses in blocks, limit by limit: the largest that passes, and one more that does not."""

from __future__ import annotations

import pytest

from fakes.slack import problems, view_problems
from fakes.slack.blocks import text_size
from tests.fakes.slack.builders import (
    actions,
    boxes,
    button,
    cell,
    checkboxes,
    confirm,
    context,
    divider,
    header,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    table,
)


def x(n):
    return "x" * n


def group(**of_the_option):
    return actions(checkboxes({**option(), **of_the_option}))


def dialog(**more):
    return actions(button(confirm=confirm(**more)))


def options(n):
    return [option(f"v{i}") for i in range(n)]


def buttons(n):
    return actions(*(button(action_id=f"a{i}") for i in range(n)))


LIMITS = [
    # what                        a block of size n                                    most     where
    ("a block id", lambda n: divider(block_id=x(n)), 255, "/blocks/0/block_id"),
    ("an action id", lambda n: actions(button(action_id=x(n))), 255, "/blocks/0/elements/0/action_id"),
    ("a section's text", lambda n: section(x(n)), 3000, "/blocks/0/text/text"),
    ("a section's fields", lambda n: {"type": "section", "fields": [plain()] * n}, 10, "/blocks/0/fields"),
    ("a field's text", lambda n: {"type": "section", "fields": [plain(x(n))]}, 2000, "/blocks/0/fields/0/text"),
    ("a header", lambda n: header(x(n)), 150, "/blocks/0/text/text"),
    ("a context's elements", lambda n: context(*["text"] * n), 10, "/blocks/0/elements"),
    ("a context's text", lambda n: context(x(n)), 3000, "/blocks/0/elements/0/text"),
    ("an actions block's elements", buttons, 25, "/blocks/0/elements"),
    ("a button's text", lambda n: actions(button(x(n))), 75, "/blocks/0/elements/0/text/text"),
    ("a button's value", lambda n: actions(button(value=x(n))), 2000, "/blocks/0/elements/0/value"),
    ("a button's address", lambda n: actions(button(url=x(n))), 3000, "/blocks/0/elements/0/url"),
    ("checkbox options", lambda n: actions(checkboxes(*options(n))), 10, "/blocks/0/elements/0/options"),
    ("an option's text", lambda n: group(text=plain(x(n))), 75, "/blocks/0/elements/0/options/0/text/text"),
    (
        "an option's description",
        lambda n: group(description=plain(x(n))),
        75,
        "/blocks/0/elements/0/options/0/description/text",
    ),
    ("an option's value", lambda n: group(value=x(n)), 150, "/blocks/0/elements/0/options/0/value"),
    ("a dialog's title", lambda n: dialog(title=plain(x(n))), 100, "/blocks/0/elements/0/confirm/title/text"),
    ("a dialog's text", lambda n: dialog(text=mrkdwn(x(n))), 300, "/blocks/0/elements/0/confirm/text/text"),
    ("a dialog's yes", lambda n: dialog(confirm=plain(x(n))), 30, "/blocks/0/elements/0/confirm/confirm/text"),
    ("a dialog's no", lambda n: dialog(deny=plain(x(n))), 30, "/blocks/0/elements/0/confirm/deny/text"),
    ("a table's rows", lambda n: table(*[[cell()]] * n), 100, "/blocks/0/rows"),
    ("a table's columns", lambda n: table([cell()] * n), 20, "/blocks/0/rows/0"),
    (
        "a table's column settings",
        lambda n: table([cell()], column_settings=[None] * n),
        20,
        "/blocks/0/column_settings",
    ),
    ("a table's characters", lambda n: table([cell(x(n - 1)), cell("y")]), 10_000, "/blocks/0/rows"),
    ("a markdown block", lambda n: {"type": "markdown", "text": x(n)}, 12_000, "/blocks/0/text"),
]


@pytest.mark.parametrize(("block", "most"), [pytest.param(row[1], row[2], id=row[0]) for row in LIMITS])
def test_a_value_at_its_limit_passes(block, most):
    assert problems([block(most)]) == []


@pytest.mark.parametrize(("block", "most", "where"), [pytest.param(*row[1:], id=row[0]) for row in LIMITS])
def test_a_value_over_its_limit_is_named_with_pointer_size_and_limit(block, most, where):
    (problem,) = (found for found in problems([block(most + 1)]) if found.startswith(f"{where}:"))
    assert f"{most + 1} " in problem
    assert f"at most {most}" in problem


def test_a_message_takes_fifty_blocks_and_no_more():
    assert problems([divider()] * 50) == []
    assert problems([divider()] * 51) == ["/blocks: 51 items, at most 50"]


def test_a_modal_takes_a_hundred_blocks_and_no_more():
    assert view_problems(modal(*[divider()] * 100)) == []
    assert view_problems(modal(*[divider()] * 101)) == ["/view/blocks: 101 items, at most 100"]


def test_the_modal_surface_has_its_own_limit_for_bare_blocks():
    assert problems([divider()] * 51, surface="modal") == []


def test_a_modals_title_takes_twenty_four_characters():
    assert view_problems(modal(title=x(24))) == []
    assert view_problems(modal(title=x(25))) == ["/view/title/text: 25 characters, at most 24"]


def test_a_modal_with_an_input_needs_a_submit_button():
    question = {"type": "input", "label": plain(), "element": checkboxes(option())}
    assert view_problems(modal(question)) == ["/view: submit is missing, and a modal with an input block needs it"]
    assert view_problems(modal(question, submit=plain("Send"))) == []


def test_a_view_that_is_no_modal_is_refused():
    assert view_problems({"type": "home", "blocks": []}) == ["/view: 'home' is no view, must be one of modal"]


def test_tables_and_markdown_do_not_go_into_modals():
    found = problems([table([cell()]), {"type": "markdown", "text": "x"}], surface="modal")
    assert [problem.split(",")[0] for problem in found] == [
        "/blocks/0: 'table' is no block of a modal",
        "/blocks/1: 'markdown' is no block of a modal",
    ]


def test_a_block_id_stands_only_once():
    assert problems([divider(block_id="b"), section(block_id="b")]) == ["/blocks: block_id 'b' 2 times, at most 1"]


def test_an_action_id_stands_only_once_in_its_block():
    twice = actions(button(action_id="a"), button(action_id="a"))
    assert problems([twice]) == ["/blocks/0/elements: action_id 'a' 2 times, at most 1"]
    assert problems([actions(button(action_id="a")), actions(button(action_id="a"))]) == []


def test_a_message_holds_one_table():
    assert problems([table([cell()]), table([cell()])]) == ["/blocks: 2 tables, at most 1"]


def test_all_markdown_blocks_together_keep_one_limit():
    half = {"type": "markdown", "text": x(6001)}
    assert problems([half, half]) == ["/blocks: 12002 characters in all markdown blocks, at most 12000"]


def test_a_table_cell_is_never_empty():
    assert problems([table([cell("")])]) == ["/blocks/0/rows/0/0/text: 0 characters, at least 1"]


def test_a_table_cell_may_be_a_number_or_rich_text_but_never_a_button():
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}],
    }
    number = {"type": "raw_number", "value": 4.5, "text": "$4.50"}
    assert problems([table([rich, number])]) == []
    (problem,) = problems([table([button()])])
    assert problem.startswith("/blocks/0/rows/0/0: 'button' is no table cell")


def test_an_initial_option_equals_an_option_to_the_letter_description_included():
    known = option("v1", description=plain("$5.85 a month"))
    assert problems([actions(checkboxes(known, initial_options=[known]))]) == []
    assert problems([actions(checkboxes(known, initial_options=[option("v1")]))]) == [
        "/blocks/0/elements/0/initial_options/0: equals none of the 1 options exactly"
    ]


def test_a_menus_initial_option_is_one_of_its_options():
    options = [{"text": plain(f"{n} days"), "value": str(n)} for n in (30, 90)]
    menu = {"type": "static_select", "options": options, "initial_option": options[0]}
    other = {**menu, "initial_option": {"text": plain("1 day"), "value": "1"}}

    assert problems([actions(menu)]) == []
    assert problems([actions(other)]) == ["/blocks/0/elements/0/initial_option: equals none of the 2 options exactly"]


def test_initial_options_are_left_out_rather_than_empty():
    assert problems([actions(checkboxes(option(), initial_options=[]))]) == [
        "/blocks/0/elements/0/initial_options: 0 items, at least 1"
    ]


def test_a_header_and_a_button_take_plain_text_only():
    found = problems([{"type": "header", "text": mrkdwn()}, actions({"type": "button", "text": mrkdwn()})])
    assert found == [
        "/blocks/0/text: 'mrkdwn' is no text here, must be one of plain_text",
        "/blocks/1/elements/0/text: 'mrkdwn' is no text here, must be one of plain_text",
    ]


def test_a_section_needs_text_or_fields():
    assert problems([{"type": "section"}]) == ["/blocks/0: neither text nor fields"]


def test_no_text_is_empty():
    assert problems([section("")]) == ["/blocks/0/text/text: 0 characters, at least 1"]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (section(disabled=True), "/blocks/0/disabled: no such field here"),
        (actions(button(disabled=True)), "/blocks/0/elements/0/disabled: no such field here"),
        (actions(checkboxes(option(type="option"))), "/blocks/0/elements/0/options/0/type: no such field here"),
        (actions(button(style="warning")), "/blocks/0/elements/0/style: 'warning', must be one of primary, danger"),
        (header(block_id=7), "/blocks/0/block_id: int, must be a string"),
        ({"type": "divider", "block_id": None}, "/blocks/0/block_id: NoneType, must be a string"),
        ({"type": "actions"}, "/blocks/0: elements is missing"),
        ({"type": "actions", "elements": {}}, "/blocks/0/elements: dict, must be an array"),
        (
            actions({"type": "button", "text": plain(emoji="no")}),
            "/blocks/0/elements/0/text/emoji: str, must be true or false",
        ),
    ],
)
def test_what_does_not_belong_is_refused_by_its_pointer(block, problem):
    assert problems([block]) == [problem]


@pytest.mark.parametrize(
    "block", [{"type": "data_table"}, {"type": "nonsense"}, {}, "divider", None, {"type": ["section"]}]
)
def test_an_unknown_block_is_refused(block):
    (problem,) = problems([block])
    assert "is no block of a message" in problem


@pytest.mark.parametrize("blocks", [None, {}, "[]", 3])
def test_blocks_that_are_no_array_are_refused(blocks):
    (problem,) = problems(blocks)
    assert "must be an array" in problem


def test_checkboxes_stand_in_actions_in_a_section_and_in_an_input():
    group = checkboxes(option())
    question = {"type": "input", "label": plain(), "element": group, "optional": True}
    assert problems([actions(group), section(accessory=group), question]) == []


def test_the_largest_page_of_fifty_versions_passes():
    groups = [boxes(*(f"c{g}{i}" for i in range(10)), block_id=f"g{g}") for g in range(5)]
    buttons = actions(
        button("Approve selected", action_id="approve", style="primary", confirm=confirm(style="danger")),
        button("Reject all", action_id="reject", style="danger", confirm=confirm()),
        button("Why held?", action_id="why"),
    )
    assert problems([header(), context(), section(), table([cell()] * 4), divider(), *groups, buttons, context()]) == []


def test_the_size_of_all_text_counts_what_a_reader_sees():
    assert text_size([header("12345"), actions(checkboxes(option("v", "123"))), table([cell("12"), cell("1")])]) == 11
