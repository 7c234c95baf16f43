"""Real processes, really killed: the functions as they ship, over HTTP, SIGKILL in the middle of a call."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.pace import QUICK
from demo.server import listen, served
from demo.world import CUT_OFF, World
from fakes.slack import Message, team
from fakes.slack.faults import Meanwhile
from tests.faults.conftest import Count, every_fault
from tests.faults.law import Breaches

Arm = Callable[[World, Callable[[], object]], object]


def at_aws(operation: str, *, after: bool = False, nth: int = 1) -> Arm:
    return lambda world, kill: world.cloud.faults.meanwhile(operation, kill, nth=nth, after=after)


def at_slack(method: str, *, done: bool, nth: int = 1) -> Arm:
    return lambda world, kill: world.slack_faults.add(method, Meanwhile(kill, done=done), nth=nth)


KILLS = {
    "when a version was deleted, before it is told": at_aws("DeleteFunction", after=True),
    "before a version is deleted": at_aws("DeleteFunction", nth=2),
    "amid the listing": at_aws("ListFunctions"),
    "amid the metrics": at_aws("GetMetricData", after=True),
    "when the root message was posted, before it is told": at_slack("chat.postMessage", done=True),
    "when the buttons are taken away": at_slack("chat.update", done=True, nth=3),
}
IN_THE_SUITE = 1


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill" in metafunc.fixturenames:
        kills = list(KILLS) if every_fault(metafunc.config) else list(KILLS)[:IN_THE_SUITE]
        metafunc.parametrize("kill", kills)


def test_a_process_that_is_killed_is_followed_by_one_that_ends_the_story(
    kill: str, tmp_path: Path, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CUT_OFF.items():  # the engine signs its invocations
        monkeypatch.setenv(name, value)
    listening: socket.socket = listen(9_300)
    killed: list[int] = []
    with listening:
        world = World(tmp_path, origin=f"http://127.0.0.1:{listening.getsockname()[1]}", pace=QUICK)
        world.engine._executor.RETRY_BACKOFF_SECONDS = 0
        with served(world, listening):
            KILLS[kill](world, lambda: killed.append(world.orchestrator.kill()))
            ticked = approved_but_one(world)
            deleted = {f"{name}:{number}" for name, number in world.cloud.deletions}
            root = world.workspace.roots(team.REVIEW)[-1]
            marks = [m.metadata["event_payload"] for m in world.workspace.messages("C0REVIEW") if m.metadata]
            keys = [(mark["run"], mark["key"]) for mark in marks]
        world.engine._scheduler._loop.close()  # the engine leaves it open

    breaches = Breaches(
        messages_doubled=len(keys) - len(set(keys)),
        live_buttons=int(has_buttons(root)),
        wrongly_deleted=len(deleted - ticked),
        without_an_end=int(not root.text.startswith(f"{len(ticked)} of {len(ticked)} versions deleted")),
    )
    count("a kill", 1, breaches)
    assert killed == [1], f"nothing was killed with signal {signal.SIGKILL}"
    assert deleted == ticked
    assert not breaches, str(breaches)


def approved_but_one(world: World) -> set[str]:
    """Ask, approve all that is ticked but one, and wait for the end. Returns what was approved."""
    world.person(team.ASKER).types("/snapstart scan us-west-2 --prefix c", channel=team.REVIEW)
    question = until(lambda: next((m for m in world.workspace.roots(team.REVIEW) if has_buttons(m)), None))
    approver = world.person(team.APPROVER)
    unticked, *ticked = sorted(approver.ticked(question))
    approver.unticks(question, unticked)
    approver.presses(question, "approve")
    until(lambda: world.engine.executions()[-1].is_complete or None)
    return set(ticked)


def has_buttons(message: Message) -> bool:
    return '"type": "button"' in json.dumps(message.blocks)


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        seen = look()
        if seen is not None:
            return seen
        time.sleep(0.05)
    raise AssertionError("it did not happen within 90 seconds")
