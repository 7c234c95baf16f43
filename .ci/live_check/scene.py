"""The throw-away function as it stands, and what was done with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.config import Config

PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 8})
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})
"""For what is counted: a call that is sent again would count twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """AWS in one region, time, and somewhere to say how far it is."""

    region: str
    client: Callable[..., Any]
    """Makes a boto3 client, as `boto3.Session.client` does."""
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    say: Callable[[str], None]


class Clients:
    """Everything that is asked, made once."""

    def __init__(self, world: World) -> None:
        def made(service: str, config: Config = PATIENT) -> Any:
            return world.client(service, region_name=world.region, config=config)

        self.functions = made("lambda")
        self.callers = made("lambda", ONCE)
        self.metrics = made("cloudwatch")
        self.trail = made("cloudtrail")
        self.stacks = made("cloudformation")
        self.tagging = made("resourcegroupstaggingapi")
        self.roles = made("iam")
        self.identity = made("sts")
        self.prices = world.client("pricing", region_name="us-east-1", config=ONCE)


@dataclass(frozen=True, slots=True)
class Published:
    """When a version was asked for, when it was Active, and what `LastModified` of `$LATEST` was before."""

    asked: datetime
    active: datetime
    latest_changed: str


@dataclass(frozen=True, slots=True)
class Series:
    """One dimension set of `AWS/Lambda`."""

    metric: str = "Invocations"
    function: str | None = None
    resource: str | None = None
    executed: str | None = None

    def dimensions(self) -> list[dict[str, str]]:
        """Return it as CloudWatch takes it."""
        named = {"FunctionName": self.function, "Resource": self.resource, "ExecutedVersion": self.executed}
        return [{"Name": name, "Value": value} for name, value in named.items() if value is not None]

    def __str__(self) -> str:
        sets = ", ".join(f"{one['Name']}={one['Value']}" for one in self.dimensions())
        return f"{self.metric}{{{sets}}}"


@dataclass(slots=True)
class Scene:
    """One run's function, its clients, what it was sent, and what has been read since."""

    world: World
    clients: Clients
    name: str
    account_id: str
    started: datetime
    tags: Mapping[str, str]
    arn: str = ""
    snapshots: int = 0
    """How many versions were asked for: each pays for a snapshot."""
    published: dict[int, Published] = field(default_factory=dict)
    before_aliases: dict[int, str] = field(default_factory=dict)
    """`LastModified` of each version before there was an alias."""
    sent: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    """How often the function was called: by which qualifier, and which version ran."""
    throttled: bool | None = None
    """Whether a call was throttled on purpose; None: that was not possible, `why_not_throttled` says why."""
    why_not_throttled: str = ""
    sums: Mapping[Series, float] | None = None
    """What CloudWatch told last; None as long as nothing arrived, `why_no_sums` says why."""
    why_no_sums: str = ""
    listed_resources: frozenset[str] = frozenset()
    """The values of Resource that ListMetrics names."""
    events: dict[str, tuple[Mapping[str, Any], datetime]] = field(default_factory=dict)
    """CloudTrail's event by its name, as it tells it, and when it was first told."""
    why_no_events: str = ""
    metrics_asked: int = 0

    def calls(self, qualifier: str | None, executed: str | None = None) -> int:
        """Count the calls by a qualifier; of those, the ones that ran a version."""
        return sum(n for (by, ran), n in self.sent.items() if by == qualifier and executed in {None, ran})

    def series(self, qualifier: str | None = None, executed: str | None = None) -> Series:
        """Return the series of calls by a qualifier; None for calls without one."""
        resource = self.name if qualifier is None else f"{self.name}:{qualifier}"
        return Series(function=self.name, resource=resource, executed=executed)

    @property
    def total(self) -> Series:
        """The series of all calls."""
        return Series(function=self.name)
