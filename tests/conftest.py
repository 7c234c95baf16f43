"""Options that rewrite what is generated (golden messages, the command's table, the README's tables), and how many
examples a law draws: the same few every time, or with `make laws` many and others each time."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=40, deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite golden messages and tables")
    parser.addoption("--update-readme", action="store_true", help="rewrite the README's generated parts")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, None, None]:
    """Look for no garbage while tests are collected (a third of that time), nor among them later (a sixth of a run)."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
