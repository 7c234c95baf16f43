"""How many of a run's candidates one page holds: as many as Slack takes, and no more than a person can judge at once."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.domain.report import Candidate
from orchestrator.slack.message.blocks import BLOCKS_TEXT, text_size
from orchestrator.slack.message.boxes import groups_of_boxes
from orchestrator.slack.message.functions import rows_of_functions

ROWS_A_PAGE = 50
"""Most versions a page offers."""
FRAME_TEXT = 5_200
"""Characters kept free for what stands around the boxes and the table: title, where and who, why, buttons, footer."""
FRAME_BLOCKS = 16
"""Blocks kept free for the same."""
BLOCKS_A_MESSAGE = 50


def page_at(offered: Sequence[Candidate], first: int, *, at_most: int | None = None) -> tuple[Candidate, ...]:
    """The page that begins with candidate number `first` of a run, counted from 0: as many as fit, one at least.

    `at_most` makes it smaller still, for a page that Slack did not take.
    """
    most = ROWS_A_PAGE if at_most is None else min(ROWS_A_PAGE, at_most)
    rows = tuple(offered[first : first + most])
    too_many = len(rows) + 1
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
    groups = groups_of_boxes(rows)
    size = sum(text_size(group) for group in groups) + text_size(rows_of_functions(rows))
    return size <= BLOCKS_TEXT - FRAME_TEXT and len(groups) <= BLOCKS_A_MESSAGE - FRAME_BLOCKS
