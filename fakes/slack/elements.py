"""The interactive elements inside blocks, and blocks as Slack keeps them: with every id and flag filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes.slack.things import Json


def checkbox_groups(block: Json) -> list[Json]:
    """The checkbox groups in a block, as actions, as a section's accessory or as an input."""
    return elements_of(block, "checkboxes")


def elements_of(block: Json, kind: str) -> list[Json]:
    """The interactive elements of one type in a block."""
    inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
    return [element for element in inside if isinstance(element, dict) and element.get("type") == kind]


def filled_in(block: Json, new_id: Callable[[str], str]) -> Json:
    """The block with every id and flag that Slack fills in; `new_id` mints an id of a kind, `b` or `a`."""
    filled: Json = _with_text_flags(block)
    filled.setdefault("block_id", new_id("b"))
    for element in [*filled.get("elements", []), filled.get("accessory"), filled.get("element")]:
        if isinstance(element, dict) and element.get("type") in {"button", "checkboxes", "static_select"}:
            element.setdefault("action_id", new_id("a"))
    return filled


def _with_text_flags(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_text_flags(part) for part in value]
    if not isinstance(value, dict):
        return value
    copied = {name: _with_text_flags(part) for name, part in value.items()}
    if copied.get("type") == "plain_text":
        copied.setdefault("emoji", True)
    if copied.get("type") == "mrkdwn":
        copied.setdefault("verbatim", False)
    return copied
