"""Block Kit's limits, and a checker that says which value breaks which of them.

slack_sdk does not check the limits that matter most here (options in a group, an option's description, a table's size,
blocks in a message, block ids used twice), so this checker stands on its own. It knows the blocks and elements this
project draws and refuses every other, and every field it does not know: what it passes, Slack passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

Surface = Literal["message", "modal"]

MESSAGE_BLOCKS = 50
MODAL_BLOCKS = 100
ID = 255
TEXT_OBJECT = 3000
SECTION_TEXT = 3000
SECTION_FIELDS = 10
SECTION_FIELD_TEXT = 2000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
MARKDOWN_TEXT = 12_000
INPUT_LABEL = 2000
INPUT_HINT = 2000
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
BUTTON_URL = 3000
BUTTON_LABEL = 75
CHECKBOX_OPTIONS = 10
OPTION_TEXT = 75
OPTION_DESCRIPTION = 75
OPTION_VALUE = 150
SELECT_OPTIONS = 100
SELECT_PLACEHOLDER = 150
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
TABLE_ROWS = 100
TABLE_COLUMNS = 20
TABLE_TEXT = 10_000
TABLES_IN_A_MESSAGE = 1
MODAL_TITLE = 24
MODAL_BUTTON = 24
PRIVATE_METADATA = 3000
MESSAGE_TEXT = 40_000
EDITED_TEXT_BYTES = 4_000
"""Bytes of UTF-8 in the text of an edit; a post with more is taken. Slack publishes no such limit: two projects
measured that `chat.update` takes 4,000 bytes and refuses 4,001."""
BLOCKS_TEXT = 13_200
"""Characters of all texts in one message's blocks, initial options counted again. Slack publishes no such limit but
refuses with `msg_blocks_too_long` from about here on, as users of its SDKs measured."""

Check = Callable[[Any, str], Iterator[str]]
Fields = Mapping[str, Check]


def problems(blocks: object, surface: Surface = "message") -> list[str]:
    """Say what Slack would refuse in these blocks: JSON pointer, the value's size, the limit. Empty: all is well."""
    return list(_blocks("/blocks", surface)(blocks, "/blocks"))


def view_problems(view: object) -> list[str]:
    """Say what Slack would refuse in this modal view. Empty when all is well."""
    return list(_MODAL(view, "/view"))


def text_size(blocks: object) -> int:
    """Count the characters of every text in the blocks, as a reader sees them: what `msg_blocks_too_long` is about."""
    if isinstance(blocks, Mapping):
        own = blocks.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(text_size(part) for part in blocks.values())
    if isinstance(blocks, Sequence) and not isinstance(blocks, str):
        return sum(text_size(part) for part in blocks)
    return 0


# What a value may be. Each of these makes a check: given a value and its JSON pointer, it yields problems.


def _string(limit: int, smallest: int = 1) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at}: {type(value).__name__}, must be a string"
        elif len(value) > limit:
            yield f"{at}: {len(value)} characters, at most {limit}"
        elif len(value) < smallest:
            yield f"{at}: {len(value)} characters, at least {smallest}"

    return check


def _flag(value: object, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{at}: {type(value).__name__}, must be true or false"


def _number(value: object, at: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{at}: {type(value).__name__}, must be a number"


def _choice(*allowed: str) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{at}: {value!r}, must be one of {', '.join(allowed)}"

    return check


def _items(limit: int, each: Check, smallest: int = 1) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at}: {type(value).__name__}, must be an array"
            return
        if len(value) > limit:
            yield f"{at}: {len(value)} items, at most {limit}"
        if len(value) < smallest:
            yield f"{at}: {len(value)} items, at least {smallest}"
        for index, item in enumerate(value):
            yield from each(item, f"{at}/{index}")

    return check


def _nullable(inner: Check) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if value is not None:
            yield from inner(value, at)

    return check


def _object(required: Fields, optional: Fields | None = None, also: Check | None = None) -> Check:
    """Check an object's fields: the required are there, no other than the known, each as it should be."""
    known = {**required, **(optional or {})}

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: {type(value).__name__}, must be an object"
            return
        for name in required:
            if name not in value:
                yield f"{at}: {name} is missing"
        for name, part in value.items():
            if name in known:
                yield from known[name](part, f"{at}/{name}")
            else:
                yield f"{at}/{name}: no such field here"
        if also is not None:
            yield from also(value, at)

    return check


def _of_type(kinds: Mapping[str, Check], what: str) -> Check:
    """Check an object by its `type`; a type that is not among the kinds is refused."""

    def check(value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            yield f"{at}: {kind!r} is no {what}, must be one of {', '.join(kinds)}"
        else:
            yield from kinds[kind]({name: part for name, part in value.items() if name != "type"}, at)

    return check


def _plain(limit: int) -> Check:
    return _of_type({"plain_text": _object({"text": _string(limit)}, {"emoji": _flag})}, "text here")


def _text(limit: int) -> Check:
    return _of_type(
        {
            "plain_text": _object({"text": _string(limit)}, {"emoji": _flag}),
            "mrkdwn": _object({"text": _string(limit)}, {"verbatim": _flag}),
        },
        "text here",
    )


# Rules over several fields of one object.


def _initial_options_are_options(checkboxes: dict[str, Any], at: str) -> Iterator[str]:
    """An initial option must equal one of the options to the letter, description included, or the group fails."""
    options = checkboxes.get("options")
    initial = checkboxes.get("initial_options")
    if not isinstance(options, list) or not isinstance(initial, list):
        return
    for index, option in enumerate(initial):
        if option not in options:
            yield f"{at}/initial_options/{index}: equals none of the {len(options)} options exactly"


def _initial_option_is_an_option(select: dict[str, Any], at: str) -> Iterator[str]:
    options, initial = select.get("options"), select.get("initial_option")
    if isinstance(options, list) and initial is not None and initial not in options:
        yield f"{at}/initial_option: equals none of the {len(options)} options exactly"


def _has_text_or_fields(section: dict[str, Any], at: str) -> Iterator[str]:
    if "text" not in section and "fields" not in section:
        yield f"{at}: neither text nor fields"


def _action_ids_are_unique(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list):
        return
    ids = [element.get("action_id") for element in elements if isinstance(element, dict)]
    for action_id, times in Counter(action_id for action_id in ids if isinstance(action_id, str)).items():
        if times > 1:
            yield f"{at}/elements: action_id {action_id!r} {times} times, at most 1"


def _table_text_fits(table: dict[str, Any], at: str) -> Iterator[str]:
    size = text_size(table.get("rows"))
    if size > TABLE_TEXT:
        yield f"{at}/rows: {size} characters in all cells, at most {TABLE_TEXT}"


# The elements and blocks this project draws.

_CONFIRM = _object(
    {
        "title": _plain(CONFIRM_TITLE),
        "text": _text(CONFIRM_TEXT),
        "confirm": _plain(CONFIRM_BUTTON),
        "deny": _plain(CONFIRM_BUTTON),
    },
    {"style": _choice("primary", "danger")},
)

_BUTTON = _object(
    {"text": _plain(BUTTON_TEXT)},
    {
        "action_id": _string(ID),
        "value": _string(BUTTON_VALUE),
        "url": _string(BUTTON_URL),
        "style": _choice("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": _string(BUTTON_LABEL),
    },
)

_OPTION = _object(
    {"text": _text(OPTION_TEXT), "value": _string(OPTION_VALUE)},
    {"description": _text(OPTION_DESCRIPTION)},
)

_CHECKBOXES = _object(
    {"options": _items(CHECKBOX_OPTIONS, _OPTION)},
    {
        "action_id": _string(ID),
        "initial_options": _items(CHECKBOX_OPTIONS, _OPTION),
        "confirm": _CONFIRM,
        "focus_on_load": _flag,
    },
    _initial_options_are_options,
)

_CHOICE = _object(
    {"text": _plain(OPTION_TEXT), "value": _string(OPTION_VALUE)}, {"description": _plain(OPTION_DESCRIPTION)}
)

_SELECT = _object(
    {"options": _items(SELECT_OPTIONS, _CHOICE)},
    {
        "action_id": _string(ID),
        "initial_option": _CHOICE,
        "placeholder": _plain(SELECT_PLACEHOLDER),
        "confirm": _CONFIRM,
        "focus_on_load": _flag,
    },
    _initial_option_is_an_option,
)

_INTERACTIVE = _of_type({"button": _BUTTON, "checkboxes": _CHECKBOXES, "static_select": _SELECT}, "element here")

_STYLE = _object({}, {"bold": _flag, "italic": _flag, "strike": _flag, "code": _flag})
_RICH_TEXT_PART = _of_type(
    {
        "text": _object({"text": _string(TEXT_OBJECT)}, {"style": _STYLE}),
        "link": _object({"url": _string(BUTTON_URL)}, {"text": _string(TEXT_OBJECT), "style": _STYLE}),
        "user": _object({"user_id": _string(ID)}, {"style": _STYLE}),
        "emoji": _object({"name": _string(ID)}, {"style": _STYLE}),
    },
    "part of rich text",
)
_RICH_TEXT = _object(
    {
        "elements": _items(
            ACTIONS_ELEMENTS,
            _of_type(
                {"rich_text_section": _object({"elements": _items(TEXT_OBJECT, _RICH_TEXT_PART)})},
                "section of rich text",
            ),
        )
    },
    {"block_id": _string(ID)},
)

_CELL = _of_type(
    {
        "raw_text": _object({"text": _string(TABLE_TEXT)}),
        "raw_number": _object({"value": _number, "text": _string(TABLE_TEXT)}),
        "rich_text": _RICH_TEXT,
    },
    "table cell",
)
_COLUMN = _object({}, {"align": _choice("left", "center", "right"), "is_wrapped": _flag})

_EVERYWHERE: Fields = {
    "header": _object({"text": _plain(HEADER_TEXT)}, {"block_id": _string(ID)}),
    "section": _object(
        {},
        {
            "text": _text(SECTION_TEXT),
            "fields": _items(SECTION_FIELDS, _text(SECTION_FIELD_TEXT)),
            "accessory": _INTERACTIVE,
            "block_id": _string(ID),
            "expand": _flag,
        },
        _has_text_or_fields,
    ),
    "context": _object({"elements": _items(CONTEXT_ELEMENTS, _text(TEXT_OBJECT))}, {"block_id": _string(ID)}),
    "divider": _object({}, {"block_id": _string(ID)}),
    "actions": _object(
        {"elements": _items(ACTIONS_ELEMENTS, _INTERACTIVE)}, {"block_id": _string(ID)}, _action_ids_are_unique
    ),
    "input": _object(
        {"label": _plain(INPUT_LABEL), "element": _of_type({"checkboxes": _CHECKBOXES}, "input element")},
        {"hint": _plain(INPUT_HINT), "optional": _flag, "dispatch_action": _flag, "block_id": _string(ID)},
    ),
    "rich_text": _RICH_TEXT,
}
_MESSAGES_ONLY: Fields = {
    "markdown": _object({"text": _string(MARKDOWN_TEXT)}, {"block_id": _string(ID)}),
    "table": _object(
        {"rows": _items(TABLE_ROWS, _items(TABLE_COLUMNS, _CELL))},
        {"column_settings": _items(TABLE_COLUMNS, _nullable(_COLUMN), smallest=0), "block_id": _string(ID)},
        _table_text_fits,
    ),
}


def _blocks(root: str, surface: Surface) -> Check:
    kinds = {**_EVERYWHERE, **_MESSAGES_ONLY} if surface == "message" else dict(_EVERYWHERE)
    limit = MESSAGE_BLOCKS if surface == "message" else MODAL_BLOCKS
    each = _items(limit, _of_type(kinds, f"block of a {surface}"), smallest=0)

    def check(value: object, at: str) -> Iterator[str]:
        yield from each(value, at)
        if not isinstance(value, list):
            return
        blocks = [block for block in value if isinstance(block, dict)]
        ids = Counter(block["block_id"] for block in blocks if isinstance(block.get("block_id"), str))
        for block_id, times in ids.items():
            if times > 1:
                yield f"{root}: block_id {block_id!r} {times} times, at most 1"
        tables = sum(block.get("type") == "table" for block in blocks)
        if tables > TABLES_IN_A_MESSAGE:
            yield f"{root}: {tables} tables, at most {TABLES_IN_A_MESSAGE}"
        markdown = sum(text_size(block) for block in blocks if block.get("type") == "markdown")
        if markdown > MARKDOWN_TEXT:
            yield f"{root}: {markdown} characters in all markdown blocks, at most {MARKDOWN_TEXT}"

    return check


def _input_needs_submit(view: dict[str, Any], at: str) -> Iterator[str]:
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if has_input and "submit" not in view:
        yield f"{at}: submit is missing, and a modal with an input block needs it"


_MODAL = _of_type(
    {
        "modal": _object(
            {"title": _plain(MODAL_TITLE), "blocks": _blocks("/view/blocks", "modal")},
            {
                "submit": _plain(MODAL_BUTTON),
                "close": _plain(MODAL_BUTTON),
                "private_metadata": _string(PRIVATE_METADATA, smallest=0),
                "callback_id": _string(ID),
                "external_id": _string(ID),
                "clear_on_close": _flag,
                "notify_on_close": _flag,
            },
            _input_needs_submit,
        )
    },
    "view",
)
