"""Time passes in the demo: every clock of its world is ahead, and the shop has gone on as ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.pace import QUICK
from demo.what_if import WhatIf
from demo.world import ACCOUNT_ID, ORCHESTRATOR, World

IDLE = [
    {
        "function_name": "orders-api",
        "version": "112",
        "reason_flags": ["no_activity_and_stale"],
        "candidate_for_deletion": True,
        "estimated_monthly_cost_usd": 5.85,
    }
]
MINUTE, TWO_WEEKS = timedelta(minutes=1), timedelta(days=14)


Make = Callable[[], World]


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Make]:
    """Make worlds of one folder, one after the other, as a demo that is started again does."""
    made: list[World] = []

    def make() -> World:
        made.append(World(tmp_path, origin="http://127.0.0.1:1", pace=QUICK, judge=lambda *_: []))
        made[-1].engine.start()
        return made[-1]

    yield make
    for world in made:
        world.engine.stop()


@pytest.fixture
def world(worlds: Make) -> World:
    return worlds()


def ahead(world: World) -> timedelta:
    return world.now() - datetime.now(UTC)


def test_two_weeks_pass_for_the_account_and_for_slack(world: World) -> None:
    newest = world.cloud.functions["orders-api"].numbers[-1]

    assert WhatIf(world).pass_time(14).startswith("Two weeks have passed")
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


def test_the_engines_clock_is_that_of_its_world(world: World) -> None:
    world.time_passes(TWO_WEEKS)
    world.engine.start_execution(ORCHESTRATOR, "live", "open", b"{}", timeout_seconds=60)

    [execution] = world.engine.executions()
    started = execution.get_operation_execution_started().start_timestamp
    assert started is not None
    assert abs(started - world.now()) < MINUTE


def test_in_dry_run_the_role_may_not_delete(world: World) -> None:
    idle = {"FunctionName": "orders-api", "Qualifier": "112"}
    world.dry_run = True
    with pytest.raises(ClientError, match="not authorized to perform: lambda:DeleteFunction"):
        world.cloud.client("lambda").delete_function(**idle)

    world.dry_run = False
    world.cloud.client("lambda").delete_function(**idle)
    assert not world.cloud.has("orders-api", 112)


def test_a_version_that_is_called_says_so_until_a_scan_does(world: World) -> None:
    world.account.first_look(IDLE)

    assert WhatIf(world).call("orders-api:112", ACCOUNT_ID).startswith("orders-api:112 was called once.")
    assert square(world, "orders-api", 112)["why"].startswith("called just now")
    assert WhatIf(world).call("orders-api:1", ACCOUNT_ID) == "orders-api:1 is not there any more."


def test_a_version_published_since_the_last_scan_is_not_judged(world: World) -> None:
    world.account.first_look(IDLE)
    world.time_passes(TWO_WEEKS)
    newest = world.cloud.functions["orders-api"].numbers[-1]

    assert square(world, "orders-api", newest)["state"] == "live"
    assert square(world, "orders-api", newest - 1)["state"] == "unjudged"


def test_a_large_fleet_can_be_chosen_and_stays_chosen(world: World, worlds: Make) -> None:
    world.start_over("large")
    assert "service-30" in world.cloud.functions
    assert "service-30" in worlds().cloud.functions


def square(world: World, name: str, number: int) -> dict[str, Any]:
    [function] = [one for one in world.account.shown()["functions"] if one["name"] == name]
    found: dict[str, Any] = next(one for one in function["versions"] if one["n"] == number)
    return found
