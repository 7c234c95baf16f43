"""How many of a run's candidates one page holds: as many as Slack takes, and at most fifty."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.domain.candidates import Candidate
from orchestrator.slack.message.blocks import BLOCKS_TEXT, text_size
from orchestrator.slack.message.boxes import groups_of_boxes
from orchestrator.slack.message.functions import table_text

ROWS_A_PAGE = 50
"""Most versions a page offers."""
FRAME_TEXT = 3_000
"""Characters kept free for what stands around the boxes and the table: title, where and who, why, buttons, footer.

What of it may be left out takes the room that the rows leave.
"""


def page_at(offered: Sequence[Candidate], first: int, *, at_most: int | None = None) -> tuple[Candidate, ...]:
    """The page that begins with candidate number `first` of a run, counted from 0: as many as fit, one at least.

    `at_most` makes it smaller still, for a page that Slack did not take.
    """
    most = ROWS_A_PAGE if at_most is None else min(ROWS_A_PAGE, at_most)
    rows = tuple(offered[first : first + most])
    if _fits(rows):
        return rows
    too_many = len(rows)
    fit = 1
    while too_many - fit > 1:
        tried = (fit + too_many) // 2
        if _fits(rows[:tried]):
            fit = tried
        else:
            too_many = tried
    return rows[:fit]


def pages_of(offered: Sequence[Candidate], *, at_most: int | None = None) -> list[tuple[Candidate, ...]]:
    """All candidates page by page, in their order."""
    pages: list[tuple[Candidate, ...]] = []
    first = 0
    while first < len(offered):
        pages.append(page_at(offered, first, at_most=at_most))
        first += len(pages[-1])
    return pages


def _fits(rows: Sequence[Candidate]) -> bool:
    boxes = list(groups_of_boxes(rows, ticked=True))
    return text_size(boxes) + table_text(rows) <= BLOCKS_TEXT - FRAME_TEXT
