"""Options that rewrite what is generated: golden messages, the command's table, the README's tables."""

from __future__ import annotations

import gc

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite golden messages and tables")
    parser.addoption("--update-readme", action="store_true", help="rewrite the README's generated parts")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was loaded to get here: looking through it takes a sixth of a run."""
    gc.collect()
    gc.freeze()
