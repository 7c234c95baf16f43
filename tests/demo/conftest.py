"""The demo as a newcomer starts it, and a real browser to look at it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from demo import server
from demo.pace import QUICK
from demo.world import CUT_OFF, World
from fakes.slack import Message, team
from tests.demo.screen import Screen

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
COMMAND = "/snapstart scan us-west-2 --prefix c"
"""Two functions are enough to tell everything."""
LOOK_EVERY = 0.02
PATIENCE_SECONDS = 90


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


class Demo:
    """A demo served in this process, on one folder and at one address, stopped and started as often as a test likes."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._serving = ExitStack()
        self._port = 0
        self.start()

    def start(self) -> None:
        """Start it, or start it again, as it was left."""
        listening = server.listen(self._port)
        self.address = server.origin(listening)
        self._port = listening.getsockname()[1]
        self.world = World(self._state, origin=self.address, pace=QUICK)
        self._serving.enter_context(server.served(self.world, listening))

    def stop(self) -> None:
        """Stop it, whatever it does."""
        self._serving.close()

    def begins(self) -> None:
        """Let nothing have happened yet."""
        if self.world.engine.executions() or not self._is_unchanged():
            self._starts_over()

    def asks(self) -> None:
        """Let a run wait for a person, in an account and a channel where nothing else happened."""
        if not self._is_unchanged() or (self.world.engine.executions() and self._question() is None):
            self._starts_over()
        if not self.world.engine.executions():
            self.world.person(team.APPROVER).types(COMMAND, channel=team.REVIEW)
            self.has_asked()

    def has_asked(self) -> None:
        """Wait until the newest run waits for a person."""
        self._until(lambda: self._question() is not None and not self.world.orchestrator.busy)

    def has_ended(self, runs: int = 1) -> None:
        """Wait until so many runs are over."""
        self._until(lambda: sum(run.is_complete for run in self.world.engine.executions()) == runs)

    def _is_unchanged(self) -> bool:
        world = self.world
        return not (world.dry_run or world.has_second_account or world.days_ahead or world.cloud.deletions)

    def _starts_over(self) -> None:
        if self.world.dry_run:
            self.world.dry_run = False
        if self.world.has_second_account:
            self.world.has_second_account = False
        self.world.start_over()

    def _question(self) -> Message | None:
        """The newest run's message, once it has buttons."""
        root = self.world.workspace.roots(team.REVIEW)[-1]
        return root if any(block["type"] == "actions" for block in root.blocks) else None

    def _until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(LOOK_EVERY)


Look = Callable[..., Screen]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all: it takes seconds to start."""
    with pytest.MonkeyPatch.context() as environ:
        for name, value in CUT_OFF.items():
            environ.setenv(name, value)
        running = Demo(tmp_path_factory.mktemp("demo"))
        yield running
        running.stop()


@pytest.fixture
def fresh(demo: Demo) -> Demo:
    """A demo in which nothing has happened yet."""
    demo.begins()
    return demo


@pytest.fixture
def waiting(demo: Demo) -> Demo:
    """A demo in which a run waits for a person. Who does not decide leaves it waiting for the next test."""
    demo.asks()
    return demo


class Windows:
    """Browser windows, opened once and looked through again and again: each costs a process to open.

    Two tabs of one window would not do: what is behind is drawn once a second.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: list[Page] = []
        self._used = 0
        self._errors: list[str] = []

    def next(self) -> Page:
        """A window that is not in use."""
        if self._used == len(self._pages):
            page = self._browser.new_page(reduced_motion="reduce")
            page.on("pageerror", lambda error: self._errors.append(str(error)))
            page.on("console", lambda told: self._errors.append(told.text) if _is_the_pages(told) else None)
            self._pages.append(page)
        self._used += 1
        return self._pages[self._used - 1]

    def clear(self) -> list[str]:
        """Leave every window as a new one is. Returns the errors there were."""
        for page in self._pages[: self._used]:
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
            page.goto("about:blank")
        self._used = 0
        errors, self._errors = self._errors, []
        return errors


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """The windows of all tests."""
    return Windows(browser)


@pytest.fixture
def look(windows: Windows) -> Iterator[Look]:
    """Open the page as somebody, in a window of their own. An error on the page is an error of the test."""

    def look(demo: Demo, *, who: str = "U0APPROVER", width: int = 1440, height: int = 900) -> Screen:
        page = windows.next()
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{demo.address}/?as={who}")
        page.wait_for_selector("body.ready")
        return Screen(page)

    yield look
    assert windows.clear() == []


def _is_the_pages(told: ConsoleMessage) -> bool:
    """Whether an error is the page's own; that nobody answers is the network's."""
    return told.type == "error" and "net::ERR_" not in told.text
