"""What can be shown where: how wide, whether a line can change, whether in colour."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

WIDTH = 80
"""Where nobody says how wide it is: files, pipes, and terminals that do not know."""
NARROWEST, WIDEST = 60, 120
"""Lines longer than the widest are hard to follow, however wide the window."""


def can_change_lines(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a line can be taken back: a terminal, and not one that calls itself dumb."""
    return stream.isatty() and environ.get("TERM") != "dumb"


def in_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to use colour: never on what is no terminal, and never against https://no-color.org."""
    return can_change_lines(stream, environ) and not environ.get("NO_COLOR")


def width_of(stream: TextIO, environ: Mapping[str, str]) -> int:
    """How many characters a line may have: what `COLUMNS` says, else the terminal, else 80."""
    said = environ.get("COLUMNS", "")
    columns = int(said) if said.isascii() and said.isdigit() else _columns_of(stream)
    return max(NARROWEST, min(columns or WIDTH, WIDEST))


def _columns_of(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
    except OSError:  # a terminal that does not tell, or a stream that is no file
        return 0
