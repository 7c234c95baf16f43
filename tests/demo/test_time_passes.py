"""Time passes in the demo: every clock of its world is ahead, and the shop has gone on as ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.what_if import TWO_WEEKS, WhatIf
from demo.world import ORCHESTRATOR, QUICK, World

MINUTE = timedelta(minutes=1)


Make = Callable[[], World]


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Make]:
    """Make worlds of one folder, one after the other, as a demo that is started again does."""
    made: list[World] = []

    def make() -> World:
        made.append(World(tmp_path, origin="http://127.0.0.1:1", pace=QUICK))
        made[-1].engine.start()
        return made[-1]

    yield make
    for world in made:
        world.engine.stop()
        world.engine._scheduler._loop.close()  # the testing SDK leaves it open


@pytest.fixture
def world(worlds: Make) -> World:
    return worlds()


def ahead(world: World) -> timedelta:
    return world.now() - datetime.now(UTC)


def test_two_weeks_pass_for_the_account_and_for_slack(world: World) -> None:
    newest = world.cloud.functions["orders-api"].numbers[-1]

    assert WhatIf(world).pass_time().startswith("Two weeks have passed")
    assert abs(ahead(world) - TWO_WEEKS) < MINUTE
    assert world.cloud.clock() - datetime.now(UTC) > TWO_WEEKS - MINUTE
    assert world.workspace.clock() > (datetime.now(UTC) + TWO_WEEKS - MINUTE).timestamp()
    assert world.cloud.functions["orders-api"].numbers[-1] > newest


def test_time_goes_on_from_there_when_the_demo_is_started_again(world: World, worlds: Make) -> None:
    world.time_passes(TWO_WEEKS)

    assert abs(ahead(worlds()) - TWO_WEEKS) < MINUTE


def test_a_switch_of_dry_run_keeps_the_clock(world: World, worlds: Make) -> None:
    world.time_passes(TWO_WEEKS)
    world.dry_run = True

    assert abs(ahead(worlds()) - TWO_WEEKS) < MINUTE


def test_no_time_passes_while_a_run_is_open(world: World) -> None:
    world.engine.start_execution(ORCHESTRATOR, "live", "open", b"{}", timeout_seconds=60)

    assert WhatIf(world).pass_time().startswith("A run is open.")
    assert abs(ahead(world)) < MINUTE
