"""What `doctor` found, a line for each thing it tested, and the two boxes and the button it tests Slack with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from orchestrator.domain.readiness import BOXES, Findings, Line, Mark
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Json, Message, button, header, message, plain, section
from orchestrator.slack.message.checkup import checkup_boxes_id, checkup_value
from orchestrator.slack.message.click import CHECKUP, TICKS
from orchestrator.slack.message.text import cut, escape, packed, person, spoken

SIGNS: Mapping[Mark, str] = {
    Mark.FAILS: ":x:",
    Mark.UNKNOWN: ":grey_question:",
    Mark.PASSES: ":white_check_mark:",
}
"""What stands before a line; what needs somebody comes first."""
SPOKEN: Mapping[Mark, str] = {Mark.FAILS: "Fails", Mark.UNKNOWN: "Not known", Mark.PASSES: "Passes"}
"""The same for who hears it."""
LINE_AT_MOST = 500
LINES_NAMED = 20
"""Lines of one mark that are shown: more of them say the same of more accounts."""
SECTION_AT_MOST = 2_900

_LABELS = {BOXES[0]: "Leave this tick alone", BOXES[1]: "And this one"}


def asking(found: Findings, *, execution: str, release_id: str) -> Message:
    """The root message while one thing is left to test: whether ticks arrive that nobody touched."""
    options = [{"text": plain(_LABELS[value]), "value": value} for value in BOXES]
    boxes: Json = {"type": "checkboxes", "action_id": TICKS, "options": options, "initial_options": options}
    title = header(":stethoscope: Doctor: one press is missing")
    question = (
        f"*The last test of release {escape(release_id)}: do ticks arrive that nobody touched?* Do not touch the "
        "boxes; only press the button. Anybody in the channel may, within an hour."
    )
    blocks = [
        title,
        *_lines(found),
        section(question),
        {"type": "actions", "block_id": checkup_boxes_id(execution), "elements": [boxes]},
        {
            "type": "actions",
            "block_id": f"buttons.checkup.{execution}",
            "elements": [button("Send both ticks as they are", CHECKUP, checkup_value(execution), style="primary")],
        },
    ]
    return message(blocks, [spoken(question), *_aloud(found)], heard=[title])


def tested(found: Findings, *, release_id: str, command: str) -> Message:
    """The root message once everything was tested."""
    title = header(_verdict(found))
    rest = (
        f"Release {escape(release_id)} passed: its runs no longer say that it was not tested."
        if found.passed
        else f"What was put right is tested again with `{command} doctor`."
    )
    return message([title, *_lines(found), section(rest)], [*_aloud(found), rest], heard=[title])


def tested_in_thread(*, asked_by: str | None) -> Message:
    """The reply that reaches who asked, and is then read back itself."""
    who = f"{person(asked_by)} " if asked_by is not None else ""
    return message([section(f"{who}The test is over; what came of it stands above.")])


def not_posted(found: Findings, words: str) -> str:
    """The private answer where the message could not be posted: the lines in words, and why."""
    lines = [f"{SIGNS[line.mark]} {escape(cut(line.words, LINE_AT_MOST))}" for line in _in_order(found)]
    return "\n".join([f"The test could not be finished: {escape(cut(words, LINE_AT_MOST))}.", *lines])


def in_short(found: Findings) -> str:
    """How many lines pass: `12 lines pass, 1 fails, 1 is not known`."""
    fails, unknown, passes = (len(found.marked(mark)) for mark in SIGNS)
    parts = [f"{count(passes, 'line')} {'passes' if passes == 1 else 'pass'}"]
    parts += [f"{fails} {'fails' if fails == 1 else 'fail'}"] if fails else []
    parts += [f"{unknown} {'is' if unknown == 1 else 'are'} not known"] if unknown else []
    return ", ".join(parts)


def _verdict(found: Findings) -> str:
    if found.passed:
        return ":white_check_mark: Doctor: everything passes"
    return (
        f":x: Doctor: {in_short(found)}" if found.marked(Mark.FAILS) else f":grey_question: Doctor: {in_short(found)}"
    )


def _in_order(found: Findings) -> Iterator[Line]:
    for mark in SIGNS:
        yield from found.marked(mark)


def _lines(found: Findings) -> list[Json]:
    """The lines, what needs somebody first, each kind in as few paragraphs as hold it."""
    return [section(text) for mark in SIGNS for text in packed(_shown(found, mark), "\n", SECTION_AT_MOST)]


def _aloud(found: Findings) -> Iterator[str]:
    yield from (f"{SPOKEN[line.mark]}: {escape(cut(line.words, LINE_AT_MOST))}" for line in _in_order(found))


def _shown(found: Findings, mark: Mark) -> Iterable[str]:
    lines = found.marked(mark)
    at_most = LINE_AT_MOST if mark is not Mark.PASSES else LINE_AT_MOST // 2
    yield from (f"{SIGNS[mark]} {escape(cut(line.words, at_most))}" for line in lines[:LINES_NAMED])
    if len(lines) > LINES_NAMED:
        yield f"{SIGNS[mark]} and {len(lines) - LINES_NAMED} more of these"
