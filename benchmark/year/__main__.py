"""python -m benchmark.year [--weeks N] [--docs FOLDER]: play a year, print, and fail when a figure is missed."""

from __future__ import annotations

import argparse
import io
import logging
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from benchmark.year import picture, telling
from benchmark.year.calendar import WEEKS, Calendar, short
from benchmark.year.services import SERVICES, few
from benchmark.year.year import play


def main(arguments: Sequence[str] | None = None) -> int:
    """Play and print. Returns 1 when a figure is missed."""
    asked = _read(arguments)
    began = time.monotonic()
    logging.disable(logging.CRITICAL)  # what is let go wrong is told by the figures
    with redirect_stdout(io.StringIO()):  # the product's own metrics
        figures = play(Calendar(), SERVICES) if asked.weeks == WEEKS else play(short(asked.weeks), few(asked.functions))
    heading = f"make year · {len(figures.weeks)} weeks in {time.monotonic() - began:.0f} s"
    print("\n".join(telling.lines(figures, heading=heading)))
    if asked.docs is not None:
        (asked.docs / "year.svg").write_text(picture.svg(figures), encoding="utf-8")
        (asked.docs / "year.md").write_text(telling.page(figures), encoding="utf-8")
    return 0 if all(check.passed for check in figures.checks()) else 1


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmark.year", description="Play a year of Mondays.")
    parser.add_argument("--weeks", type=int, default=WEEKS, help=f"fewer weeks than {WEEKS}, with the same troubles")
    parser.add_argument("--functions", type=int, default=len(SERVICES), help="so many functions, in a short year")
    parser.add_argument("--docs", type=Path, metavar="FOLDER", help="write year.md and year.svg there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
