"""A sandbox is a process that holds a handler, as Lambda's is: it answers, it raises, it dies, it is replaced."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakes.clock_ahead import AHEAD_SECONDS
from fakes.sandboxes import HandlerFailed, SandboxDied, Sandboxes

Make = Callable[..., Sandboxes]


@pytest.fixture
def sandboxes(tmp_path: Path) -> Iterator[Make]:
    made: list[Sandboxes] = []

    def make(handler: str, **environ: str) -> Sandboxes:
        whole = {"PATH": os.environ["PATH"], "AWS_LAMBDA_FUNCTION_NAME": "echo", **environ}
        made.append(Sandboxes(f"tests.demo.handlers.{handler}", whole, tmp_path / "log"))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_an_event_goes_in_and_the_handlers_value_comes_out(sandboxes: Make) -> None:
    answer = sandboxes("echo").invoke({"hello": "Lambda"})

    assert answer["event"] == {"hello": "Lambda"}
    assert answer["function"] == "echo"
    assert answer["pid"] != os.getpid()


def test_the_clock_of_its_machine_may_be_ahead(sandboxes: Make) -> None:
    week = 7 * 86_400
    today, ahead = sandboxes("clocks").invoke(1), sandboxes("clocks", **{AHEAD_SECONDS: str(week)}).invoke(1)

    assert [round((later - now) / week, 3) for later, now in zip(ahead[:2], today[:2], strict=True)] == [1, 1]
    assert ahead[2]


def test_a_warm_process_is_used_again(sandboxes: Make) -> None:
    echo = sandboxes("echo")
    echo.warm()

    assert echo.invoke(1)["pid"] == echo.invoke(2)["pid"]


def test_what_a_handler_prints_is_its_log(sandboxes: Make, tmp_path: Path) -> None:
    sandboxes("echo").invoke(1)

    assert "this is a log line" in (tmp_path / "log").read_text()


def test_what_a_handler_raises_is_told_as_lambda_tells_it(sandboxes: Make) -> None:
    picky = sandboxes("picky")

    with pytest.raises(HandlerFailed) as failure:
        picky.invoke("that")

    assert json.loads(str(failure.value)) == {"errorType": "ValueError", "errorMessage": "not this: that"}


def test_a_handler_that_cannot_be_loaded_dies_at_once(sandboxes: Make) -> None:
    with pytest.raises(SandboxDied):
        sandboxes("no_such_handler").warm()


def test_what_runs_can_be_killed_and_the_next_invocation_is_answered(sandboxes: Make) -> None:
    slow = sandboxes("slow")
    deaths: list[Exception] = []

    def asleep() -> None:
        try:
            slow.invoke(60)
        except SandboxDied as death:
            deaths.append(death)

    sleeper = threading.Thread(target=asleep)
    sleeper.start()
    while not slow.busy:
        time.sleep(0.01)

    assert slow.kill() == 1
    sleeper.join(timeout=10)
    assert len(deaths) == 1
    assert slow.busy == 0
    assert slow.invoke(0) == "awake"


def test_killing_when_nothing_runs_kills_nobody(sandboxes: Make) -> None:
    echo = sandboxes("echo")
    pid = echo.invoke(1)["pid"]

    assert echo.kill() == 0
    assert echo.invoke(1)["pid"] == pid


def test_a_deployment_changes_what_is_invoked_next(sandboxes: Make) -> None:
    environment = sandboxes("environment", DELETE_DRY_RUN="true")
    assert environment.invoke("DELETE_DRY_RUN") == "true"

    environment.deploy({"DELETE_DRY_RUN": "false"})

    assert environment.invoke("DELETE_DRY_RUN") == "false"


def test_a_sandbox_sees_nothing_of_the_environment_around_it(sandboxes: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")

    assert sandboxes("environment").invoke("AWS_PROFILE") is None


def test_nothing_can_be_invoked_once_all_is_closed(sandboxes: Make) -> None:
    echo = sandboxes("echo")
    echo.invoke(1)
    echo.close()

    with pytest.raises(SandboxDied):
        echo.invoke(1)
