"""Block Kit's pieces and limits, and the message they make: what is seen, and the same as a screen reader hears it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.slack.message.text import cut, cut_markup, escape, packed, spoken

Json = dict[str, Any]

SECTION_TEXT = 3000
HEADER_TEXT = 150
OPTION_TEXT = 75
OPTION_DESCRIPTION = 75
OPTIONS_IN_A_GROUP = 10
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
TABLE_CELL = 40
"""Ours: a phone shows no more."""
SPOKEN_BYTES = 3_900
"""Bytes of UTF-8 in a message's text. Slack refuses an edit with more than 4,000."""
SHORTEST_TEXT = 900
"""Characters of a text that even Slack's shortest limit takes, whatever they are."""
BLOCKS_TEXT = 12_000
"""Characters of all texts in a message's blocks. Slack's own limit is not documented; others measured about 13,200."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: `blocks` for the eye, and `text` with the same facts for screen readers and notifications."""

    text: str
    blocks: list[Json]

    @property
    def asks(self) -> bool:
        """Whether it has buttons or boxes: without them it would be a question that nobody can answer."""
        return any(block["type"] == "actions" for block in self.blocks)

    @property
    def forms(self) -> list[Message]:
        """The message, then ever simpler ones for a Slack that does not take it; nothing stands in the table alone.

        A question keeps its buttons in every form.
        """
        forms = [self, Message(self.text, [block for block in self.blocks if block["type"] != "table"])]
        if not self.asks:
            forms += [Message(self.text, []), Message(cut_markup(self.text, SHORTEST_TEXT), [])]
        return [form for index, form in enumerate(forms) if form not in forms[:index]]


def text_size(blocks: object) -> int:
    """How many characters all texts of these blocks hold, boxes that start ticked counted twice, as Slack counts.

    Characters as JavaScript and Java count them: an emoji is two.
    """
    if isinstance(blocks, Mapping):
        own = blocks.get("text")
        return (len(own.encode("utf-16-le")) // 2 if isinstance(own, str) else 0) + sum(map(text_size, blocks.values()))
    return sum(map(text_size, blocks)) if isinstance(blocks, list | tuple) else 0


def message(
    blocks: list[Json],
    sentences: Iterable[str] = (),
    *,
    heard: Sequence[Json] | None = None,
    rest: str = "The rest: see the CSV.",
) -> Message:
    """Make a message of its blocks, which are heard as well: all of them, or the ones `heard` names.

    `sentences` are heard in place of the boxes and the table.
    """
    return Message(_aloud([*_heard(blocks if heard is None else heard), *sentences], rest), blocks)


def _heard(blocks: Sequence[Json]) -> Iterator[str]:
    for block in blocks:
        match block:
            case {"type": "header", "text": {"text": str(text)}}:
                yield escape(spoken(text))
            case {"type": "section", "text": {"type": "mrkdwn", "text": str(text)}}:
                yield spoken(text)
            case {"type": "context", "elements": elements}:
                yield from (spoken(element["text"]) for element in elements)


def _aloud(lines: Iterable[str], rest: str) -> str:
    room = SPOKEN_BYTES - len(rest.encode()) - 1
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if len(longer.encode()) > room:
            return f"{text or cut_markup(line, room // 4)}\n{rest}"
        text = longer
    return text


def header(text: str) -> Json:
    """The headline: plain text, so no mentions."""
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, HEADER_TEXT), "emoji": True}}


def section(markup: str) -> Json:
    """One paragraph."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut_markup(markup, SECTION_TEXT)}}


def titled(title: str, items: Iterable[str], separator: str = " · ", *, after: str = "\n") -> list[Json]:
    """A title, on a line of its own unless told otherwise, then the items."""
    first, *more = list(packed(items, separator, SECTION_TEXT - len(title) - len(after))) or [""]
    return [section(f"{title}{after}{first}".rstrip()), *map(section, more)]


def label(text: str) -> Json:
    """Plain words that are seen and not heard: something else says them aloud."""
    return {"type": "section", "text": plain(text)}


def context(*lines: str) -> Json:
    """Where facts stand: small print, a line each."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut_markup("\n".join(lines), SECTION_TEXT)}]}


def divider() -> Json:
    """A thin line."""
    return {"type": "divider"}


def plain(text: str) -> Json:
    """Text that is never read as markup: names contain `_` and `:`."""
    return {"type": "plain_text", "text": text, "emoji": False}


def confirm(title: str, text: str, yes: str, *, danger: bool = False) -> Json:
    """The question Slack asks before it sends a press on."""
    dialog: Json = {
        "title": plain(cut(title, CONFIRM_TITLE)),
        "text": plain(cut(text, CONFIRM_TEXT)),
        "confirm": plain(cut(yes, CONFIRM_BUTTON)),
        "deny": plain("Back"),
    }
    return dialog | ({"style": "danger"} if danger else {})


def button(text: str, action_id: str, value: str, *, style: str | None = None, asks: Json | None = None) -> Json:
    """A button that carries a value."""
    element: Json = {"type": "button", "text": plain(text), "action_id": action_id, "value": value}
    return element | ({"style": style} if style else {}) | ({"confirm": asks} if asks else {})


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Sequence[int]) -> Json:
    """A table with its head; the numeric columns stand right."""
    cells = [[{"type": "raw_text", "text": cut(cell or "–", TABLE_CELL)} for cell in row] for row in [head, *rows]]  # noqa: RUF001
    settings = [{"align": "right"} if column in numeric else {"is_wrapped": True} for column in range(len(head))]
    return {"type": "table", "column_settings": settings, "rows": cells}
