"""The check as somebody runs it, on an account in memory whose time passes as the check waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from live_check.check import check
from live_check.scene import World

from fakes.aws import Cloud

REGION = "us-west-2"


@dataclass
class Account:
    """An account, what the check said of it, and how it ended."""

    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    told: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    runs: int = 0
    code: int = -1
    """How the last run ended."""
    waits: Callable[[], object] = lambda: None
    """What happens whenever the check waits."""

    def __post_init__(self) -> None:
        self.cloud = Cloud(region=REGION, clock=lambda: self.now, sleep=self.pass_seconds)
        self.cloud.metric_lag = timedelta(minutes=3)
        self.cloud.trail.lag = timedelta(minutes=7)

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _wait(self, seconds: float) -> None:
        self.pass_seconds(seconds)
        self.waits()

    def runs_check(self, *, quick: bool = False) -> int:
        self.runs += 1
        self.told.clear()
        self.said.clear()
        world = World(
            region=REGION,
            client=self.cloud.client,
            clock=lambda: self.now,
            sleep=self._wait,
            say=self.said.append,
        )
        self.code = check(world, quick=quick, mark=f"{self.runs:06x}", tell=self.told.append)
        return self.code

    def lines(self, answer: str) -> list[str]:
        """The facts that fared so, as they were told."""
        return [line.removeprefix(answer).strip() for line in self.told if line.startswith(f"{answer} ")]

    @property
    def names(self) -> list[str]:
        """What the check made and is still there."""
        return [*self.cloud.functions, *self.cloud.function_roles]
