"""The command as somebody runs it: words in, two streams and an exit code out, on an account in memory."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fakes.aws import Cloud, fleets
from orchestrator.cli.main import Dependencies, main

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Stream(io.TextIOWrapper):
    """A standard stream that remembers, and may say that it is a terminal."""

    def __init__(self, *, terminal: bool = False) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="utf-8", newline="", write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        return self._bytes.getvalue().decode()


@dataclass(frozen=True)
class Ran:
    """What one call of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.out)


@dataclass
class Session:
    """Hands out the account's clients as boto3's session does."""

    cloud: Cloud
    region_name: str | None = None
    """What the profile says."""

    def client(self, service: str, **given: Any) -> Any:
        return self.cloud.client(service, **given)


@dataclass
class Shell:
    """A terminal in front of an account."""

    cloud: Cloud
    environ: dict[str, str] = field(default_factory=dict)
    terminal: bool = False
    profile_region: str | None = None
    open_session: Callable[[], Any] | None = None

    def types(self, words: str) -> Ran:
        stdout, stderr = Stream(terminal=self.terminal), Stream(terminal=self.terminal)
        outside = Dependencies(
            open_session=self.open_session or (lambda: Session(self.cloud, self.profile_region)),
            clock=lambda: NOW,
            sleep=lambda _: None,
        )
        code = main(words.split(), self.environ, stdout, stderr, outside)
        return Ran(code, stdout.text(), stderr.text())

    def scans(self, options: str = "") -> Ran:
        return self.types(f"scan --region us-west-2 {options}")


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(clock=lambda: NOW, sleep=lambda _: None)


@pytest.fixture
def shell(cloud: Cloud) -> Shell:
    return Shell(cloud)


@pytest.fixture
def idle_versions(cloud: Cloud) -> Cloud:
    """Ten old versions behind a busy alias: seven are idle, three are the newest."""
    cloud.function("orders-api", memory_mb=1024).publish(10, age_days=40).alias("live", 10).invoked("live", count=5)
    return cloud


@pytest.fixture(scope="session")
def believable() -> tuple[Cloud, Ran]:
    """The believable fleet after a scan, and what that left behind."""
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    fleets.believable(cloud)
    return cloud, Shell(cloud).scans()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with its golden file."""
    update = request.config.getoption("update_golden", default=False)

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if update:
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {name}: run pytest tests --update-golden and read it"
        assert text == path.read_text(encoding="utf-8")

    return check
