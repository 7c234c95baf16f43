"""The demo as a newcomer starts it, and a real browser to look at it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

from tests.demo.screen import Screen

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PORT = 8_865 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
COMMAND = "/snapstart scan us-west-2 --prefix c"
"""Two functions are enough to tell everything, and their scan takes a few seconds."""
STOPPED_WITHIN = 15


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        words = f"no browser: none of {', '.join(CHROMIUM)} is installed (on Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@dataclass
class Demo:
    """A demo that runs in a process of its own."""

    address: str
    process: subprocess.Popen[str]

    def stop(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOPPED_WITHIN)


@contextmanager
def running(state: Path) -> Iterator[Demo]:
    """Start the demo on a folder, as `make demo` does but without the latencies."""
    command = [sys.executable, "-m", "demo", "--quick", "--port", str(PORT), "--state", str(state)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = next((found[0] for line in process.stdout if (found := re.search(r"http://\S+", line))), None)
        assert address is not None, f"the demo did not start: {process.wait(1)}"
        demo = Demo(address, process)
        try:
            yield demo
        finally:
            if process.poll() is None:
                demo.stop()


Start = Callable[[Path], Demo]
Look = Callable[..., Screen]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start demos; all are stopped at the end."""
    with ExitStack() as demos:
        yield lambda state: demos.enter_context(running(state))


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    """Open the page as somebody, in a browser of their own. An error on the page is an error of the test."""
    errors: list[str] = []
    with ExitStack() as contexts:

        def look(demo: Demo, *, who: str = "U0APPROVER", width: int = 1440, height: int = 900) -> Screen:
            context = browser.new_context(viewport={"width": width, "height": height})
            contexts.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda told: errors.append(told.text) if _is_the_pages(told) else None)
            page.goto(f"{demo.address}/?as={who}")
            page.wait_for_selector("body.ready")
            return Screen(page)

        yield look
    assert errors == []


def _is_the_pages(told: ConsoleMessage) -> bool:
    """Whether an error is the page's own; that nobody answers is the network's."""
    return told.type == "error" and "net::ERR_" not in told.text


@pytest.fixture(scope="session")
def asked(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a demo that was stopped while a run waited for a person."""
    state = tmp_path_factory.mktemp("asked")
    with running(state) as demo:
        page = browser.new_page()
        page.goto(demo.address)
        page.wait_for_selector("body.ready")
        screen = Screen(page)
        screen.types(COMMAND)
        screen.waits_for_button("Approve")
        page.wait_for_selector(".step.waiting")
        page.close()
        assert demo.stop() == 0
    return state


@pytest.fixture
def state(asked: Path, tmp_path: Path) -> Path:
    """The same, for one test alone."""
    return Path(shutil.copytree(asked, tmp_path / "state"))


@pytest.fixture(scope="module")
def waiting(asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo in which a run waits for a person; tests that share it leave it waiting."""
    with running(Path(shutil.copytree(asked, tmp_path_factory.mktemp("waiting") / "state"))) as demo:
        yield demo
