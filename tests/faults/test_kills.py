"""Real processes, really killed: the functions as they ship, over HTTP, SIGKILL in the middle of a call."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from demo import story
from demo.pace import QUICK
from demo.server import listen, served
from demo.world import CUT_OFF, World
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
            said: list[str] = []
            story.play(world, said.append)
            wrong = [line for line in said if line.startswith("WRONG")]
            marks = [m.metadata["event_payload"] for m in world.workspace.messages("C0REVIEW") if m.metadata]
            keys = [(mark["run"], mark["key"]) for mark in marks]
        world.engine._scheduler._loop.close()  # the engine leaves it open

    breaches = Breaches(
        messages_doubled=len(keys) - len(set(keys)),
        live_buttons=sum("button" in line for line in wrong),  # the story's last questions, a sweep's, stay open
        wrongly_deleted=len({qualifier for _, qualifier in world.cloud.deletions if not qualifier.isdigit()}),
        without_an_end=len(wrong),
    )
    count("a kill", 1, breaches)
    assert killed == [1], f"nothing was killed with signal {signal.SIGKILL}"
    assert wrong == []
    assert not breaches, str(breaches)
