"""The Lambda functions of one region as the account holds them, with builders to seed them and nothing hidden.

A `Function` is both the record the control plane reads and the handle a test or a fleet writes with; every builder
returns the function, so that a story reads in one line:
`cloud.function("orders").publish(50).alias("live", 50).invoked("live", every=HOUR)`.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from fakes.aws.metrics import Metrics, Rhythm
from fakes.aws.trail import Trail

SECRET_VALUE = "hunter2-must-never-leave-the-account"
"""Stands in every function's environment variables; a record, log or checkpoint that holds it leaked."""

LATEST = "$LATEST"

Clock = Callable[[], datetime]


def wire_time(moment: datetime) -> str:
    """Write a moment as Lambda's `LastModified` does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


@dataclass(frozen=True, slots=True)
class Build:
    """What a version was built from; shared by all versions published alike."""

    runtime: str | None
    memory_mb: int
    architecture: str
    package_type: str
    snap_start: bool
    durable: bool
    overrides: Mapping[str, Any] | None = None
    """Replaces members of the configuration on the wire; None removes one."""


@dataclass(slots=True)
class Version:
    """One published version."""

    number: int
    build: Build
    last_modified: str
    state: str = "Active"
    state_reason_code: str | None = None
    optimization_status: str = "Off"
    replicated: bool = False

    @property
    def pays(self) -> bool:
        """Whether its snapshot's cache is charged: SnapStart, Active, not a Java managed runtime."""
        managed_java = self.build.runtime is not None and self.build.runtime.startswith("java")
        return self.build.snap_start and self.state == "Active" and not managed_java

    @property
    def published_at(self) -> datetime:
        """When it was published, read from its `last_modified`."""
        return datetime.strptime(self.last_modified, "%Y-%m-%dT%H:%M:%S.%f%z")


@dataclass(frozen=True, slots=True)
class Gone:
    """A version that was deleted, and when: the bill of the days before still shows it."""

    version: Version
    at: datetime


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that points at a version, and by weight at others."""

    name: str
    version: int
    weights: Mapping[int, float] = field(default_factory=dict)

    def refers_to(self, version: int) -> bool:
        """Whether the version is its primary or has a weight."""
        return version == self.version or version in self.weights


@dataclass(frozen=True, slots=True)
class EventSource:
    """An event source mapping onto a function, a version or an alias."""

    uuid: str
    function_arn: str
    event_source_arn: str
    state: str = "Enabled"


@dataclass(frozen=True, slots=True)
class Execution:
    """A durable execution of a version."""

    name: str
    arn: str
    version: str
    status: str
    started: datetime


@dataclass(slots=True)
class Function:
    """One function: its versions, aliases, policies, executions, and the builders that make them."""

    name: str
    arn: str
    build: Build
    tags: dict[str, str]
    created: str
    """When `$LATEST` was last changed, as Lambda writes it."""
    _clock: Clock
    _metrics: Metrics
    _throttles: Metrics
    _event_sources: list[EventSource]
    _trail: Trail
    versions: dict[int, Version] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    """The version numbers that exist, ascending."""
    gone: list[Gone] = field(default_factory=list)
    next_number: int = 1
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    """Policy documents by qualifier; the empty qualifier is the function's own."""
    executions: list[Execution] = field(default_factory=list)
    concurrency: int | None = None
    """How many calls may run at once; None: as many as the account allows."""
    calls_by_alias: dict[str, int] = field(default_factory=dict)
    """How often each alias was called, by which its weights are kept to."""

    def publish(
        self,
        count: int = 1,
        *,
        number: int | None = None,
        last_modified: datetime | str | None = None,
        age_days: float | None = None,
        apart: timedelta = timedelta(days=1),
        state: str = "Active",
        state_reason_code: str | None = None,
        optimization_status: str | None = None,
        replicated: bool = False,
        **changes: Any,
    ) -> Self:
        """Publish `count` versions: the newest dated `last_modified` (or `age_days` ago, or now), older ones `apart`.

        `number` is the first version's number (default: the next). `changes` replace members of `Build` for these
        versions: `snap_start`, `memory_mb`, `runtime`, `architecture`, `durable`, `overrides`. A `last_modified` that
        is a string goes out as it is. Raises `ValueError` where a number is taken.
        """
        build = replace(self.build, **changes) if changes else self.build
        newest = self._clock() - timedelta(days=age_days) if age_days is not None else last_modified or self._clock()
        first = self.next_number if number is None else number
        on = build.snap_start and state == "Active"
        for index in range(count):
            if first + index in self.versions:
                raise ValueError(f"{self.name} has a version {first + index} already")
            moment = newest if isinstance(newest, str) else wire_time(newest - apart * (count - 1 - index))
            self.versions[first + index] = Version(
                number=first + index,
                build=build,
                last_modified=moment,
                state=state,
                state_reason_code=state_reason_code,
                optimization_status=optimization_status or ("On" if on else "Off"),
                replicated=replicated,
            )
            insort(self.numbers, first + index)
        self.next_number = max(self.next_number, first + count)
        return self

    def published_at(self, version: int) -> datetime:
        """Return when a version was published, read from its `last_modified`."""
        return self.versions[version].published_at

    def remove(self, version: int) -> None:
        """Make a version vanish, as a delete does; one that is absent stays absent."""
        removed = self.versions.pop(version, None)
        if removed is not None:
            self.gone.append(Gone(removed, self._clock()))
            self.numbers.remove(version)
            self.policies.pop(str(version), None)

    def went(self, numbers: Iterable[int], *, published: datetime, at: datetime) -> Self:
        """Let versions have been there once: published at one moment, deleted at another. The bill still shows them."""
        for number in numbers:
            version = Version(number, self.build, wire_time(published), optimization_status="On")
            self.gone.append(Gone(version, at))
        return self

    def alias(
        self, name: str, version: int, weights: Mapping[int, float] | None = None, *, at: datetime | None = None
    ) -> Self:
        """Point an alias (new or existing) at a version, and by weight at others; CloudTrail knows of it.

        When: `at`; by default now, and a new alias the moment its version was published, as a deployment does, as long
        as nobody has read CloudTrail.
        """
        for number in (version, *(weights or {})):
            if number not in self.versions:
                raise ValueError(f"{self.name} has no version {number} for alias {name}")
        operation = "UpdateAlias" if name in self.aliases else "CreateAlias"
        self._trail.moved(operation, self.name, name, at or self._deployed(name, version), version, weights or {})
        return self.point(name, version, weights or {})

    def point(self, name: str, version: int, weights: Mapping[int, float]) -> Self:
        """Let an alias be so, of which nobody is told."""
        self.aliases[name] = Alias(name, version, dict(weights))
        return self

    def remove_alias(self, name: str, *, at: datetime | None = None) -> Self:
        """Remove an alias, by default now; the metrics of its traffic stay, and CloudTrail knows of it."""
        del self.aliases[name]
        self._trail.moved("DeleteAlias", self.name, name, at or self._clock())
        return self

    def _deployed(self, alias: str, version: int) -> datetime:
        if alias in self.aliases or self._trail.read:
            return self._clock()
        try:
            return self.published_at(version)
        except ValueError:  # a test gave it a date that is none
            return self._clock()

    def invoked(
        self,
        qualifier: str | int | None = None,
        *,
        at: datetime | Iterable[datetime] | None = None,
        every: timedelta | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        count: int = 1,
        version: int | None = None,
        tell_version: bool = True,
    ) -> Self:
        """Publish the metrics of invocations: by no qualifier, `$LATEST`, a number or an alias.

        When: `at` one or several moments (default: now), or `every` so often from `since` (default: 35 days before the
        end) until `until` (default: now). Each moment counts `count` invocations. `version` is the one an alias call
        ran: default its primary, needed for an alias that is gone. Unless `tell_version`, nothing tells which one ran.
        """
        name = None if qualifier is None else str(qualifier)
        resource = self.name if name is None else f"{self.name}:{name}"
        executed = None
        if tell_version and name is not None and name != LATEST and not name.isdigit():
            executed = str(self.aliases[name].version if version is None else version)
        self._record(resource, executed, at=at, every=every, since=since, until=until, count=count)
        return self

    def invoked_unattributed(
        self,
        *,
        at: datetime | Iterable[datetime] | None = None,
        every: timedelta | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        count: int = 1,
    ) -> Self:
        """Publish invocations as an account that reports only `{FunctionName}`: nothing tells which version ran."""
        self._record(None, None, at=at, every=every, since=since, until=until, count=count)
        return self

    def throttled(
        self,
        qualifier: str | int | None = None,
        *,
        at: datetime | Iterable[datetime] | None = None,
        every: timedelta | None = None,
        count: int = 1,
        attributed: bool = True,
    ) -> Self:
        """Publish the metrics of calls that were refused for want of concurrency: they are no invocations.

        Unless `attributed`, only the function's total shows them.
        """
        resource = None if not attributed else self.name if qualifier is None else f"{self.name}:{qualifier}"
        self._record(resource, None, at=at, every=every, since=None, until=None, count=count, metrics=self._throttles)
        return self

    def _record(
        self,
        resource: str | None,
        executed: str | None,
        *,
        at: datetime | Iterable[datetime] | None,
        every: timedelta | None,
        since: datetime | None,
        until: datetime | None,
        count: int,
        metrics: Metrics | None = None,
    ) -> None:
        series = (metrics or self._metrics).published(self.name, resource, executed)
        if every is not None:
            stop = until or self._clock()
            start = since or stop - timedelta(days=35)
            rhythm = Rhythm(int(start.timestamp()), int(every.total_seconds()), int(stop.timestamp()))
            for one in series:
                one.add_rhythm(rhythm, count)
            return
        moments = [at] if isinstance(at, datetime) else [self._clock()] if at is None else at
        seconds = [int(moment.timestamp()) for moment in moments]
        for one in series:
            one.add(seconds, count)

    def policy(self, qualifier: int | str | None, document: str | None = None) -> Self:
        """Attach a resource policy to a version, an alias, or (None) the function; by default S3 may call it."""
        key = "" if qualifier is None else str(qualifier)
        target = self.arn if not key else f"{self.arn}:{key}"
        self.policies[key] = document or (
            '{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"upload","Effect":"Allow","Principal":'
            '{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"' + target + '"}]}'
        )
        return self

    def event_source(self, qualifier: int | str | None = None, *, queue: str = "work") -> Self:
        """Map a queue onto a version, an alias, or (None) the unqualified function."""
        target = self.arn if qualifier is None else f"{self.arn}:{qualifier}"
        number = len(self._event_sources)
        _, _, _, region, account, *_ = self.arn.split(":")
        source = f"arn:aws:sqs:{region}:{account}:{queue}"
        self._event_sources.append(EventSource(f"00000000-0000-4000-8000-{number:012d}", target, source))
        return self

    def running_execution(self, version: int | str, *, status: str = "RUNNING", name: str | None = None) -> Self:
        """Add a durable execution that runs (or has any other status) on a version."""
        name = name or f"execution-{len(self.executions) + 1}"
        arn = f"{self.arn}:{version}/durable-execution/{name}/{name}-id"
        self.executions.append(Execution(name, arn, str(version), status, self._clock()))
        return self
