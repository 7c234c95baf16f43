"""What happens in the account in a year, whoever cleans it: builds, releases, canaries, rollbacks, calls, jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from benchmark.year.clock import Clock
from benchmark.year.rules import Label, Release, Truth
from benchmark.year.services import Service
from fakes.aws import Cloud
from fakes.aws.account import Function

ALIAS = "live"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_QUARTER = timedelta(days=91)
QUARTERS_BEFORE = 3
"""How often the quarterly jobs ran before the year began."""
CANARY_SHARE = 0.1
CALLS_AN_HOUR = 20
IN_MOTION, AT_REST = "UPDATE_ROLLBACK_FAILED", "UPDATE_COMPLETE"


@dataclass(slots=True)
class _Life:
    """Where one function stands."""

    service: Service
    function: Function
    counted_until: datetime
    live: int
    canary: int | None = None
    before: int | None = None
    """The release that was live before this one: what a rollback goes back to."""
    releases: int = 0


@dataclass(slots=True)
class World:
    """The account, what is known of it, and what is going to happen."""

    cloud: Cloud
    clock: Clock
    truth: Truth = field(default_factory=Truth)
    published: list[Label] = field(default_factory=list)
    rollbacks: int = 0
    missed: list[str] = field(default_factory=list)
    """Rollbacks and jobs whose version was gone."""
    frozen: frozenset[int] = frozenset()
    """Weeks in which nobody releases anything."""
    _began: datetime = field(init=False)
    _lives: dict[str, _Life] = field(default_factory=dict)
    _coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._began = self.clock.now

    def begin(self, services: Sequence[Service]) -> None:
        """Fill the account with what was there before the year, and let its life begin."""
        for number, service in enumerate(services):
            self._fill(service)
            if service.release_days:
                self.at(self.clock.now + timedelta(hours=2 + number), lambda s=service: self._work_on(s))  # type: ignore[misc]
            if service.jobs:
                self.at(self.clock.now + timedelta(days=40), lambda s=service: self._run_jobs(s))  # type: ignore[misc]
        for stack in {service.stack for service in services if service.stack}:
            self.let_stack(stack, AT_REST)

    def at(self, moment: datetime, happens: Callable[[], None]) -> None:
        """Let something happen at a moment."""
        heappush(self._coming, (moment, next(self._order), happens))

    def passes_until(self, moment: datetime) -> None:
        """Let everything happen that does before a moment, and count the calls until then."""
        while self._coming and self._coming[0][0] <= moment:
            self.clock.now, _, happens = heappop(self._coming)
            happens()
        self.clock.now = moment
        for life in self._lives.values():
            self._count_calls(life)

    def let_stack(self, stack: str, status: str) -> None:
        """Let a stack be in this status."""
        lives = [life for life in self._lives.values() if life.service.stack == stack]
        self.cloud.stack(stack, status, functions=[life.function for life in lives])
        for life in lives:
            (self.truth.in_motion.add if status == IN_MOTION else self.truth.in_motion.discard)(life.service.name)

    # What was there before

    def _fill(self, service: Service) -> None:
        now = self.clock.now
        function = self.cloud.function(service.name, memory_mb=service.memory_mb)
        age = 60 if not service.release_days else 1
        function.publish(service.backlog, age_days=age, apart=timedelta(days=3))
        for number in function.numbers:
            self._know(service, number, function.published_at(number))
        newest = function.numbers[-1]
        function.alias(ALIAS, newest)
        self._lives[service.name] = life = _Life(service, function, function.published_at(newest), newest)
        for job in service.jobs:
            runs = [now + timedelta(days=40) - A_QUARTER * ago for ago in range(QUARTERS_BEFORE, 0, -1)]
            function.invoked(job, at=runs)
            release = self.truth.releases[service.name, job]
            release.in_spells, release.last_called = True, runs[-1]
        self._count_calls(life)

    def _know(self, service: Service, number: int, published: datetime) -> None:
        gb = service.memory_mb / 1024
        self.truth.add(Release(function=service.name, number=number, gb=gb, published=published))
        self.published.append((service.name, number))

    # What a function's people do

    def _work_on(self, service: Service) -> None:
        """Publish the builds of a release, put the last of them live, and come back for the next one."""
        now, life = self.clock.now, self._lives[service.name]
        self.at(now + timedelta(days=service.release_days), lambda: self._work_on(service))
        if not self._is_open(service, now) or service.name in self.truth.in_motion:
            return
        apart = timedelta(days=service.release_days) / (service.builds + 1)
        for number in range(service.builds - 1):
            self.at(now + apart * number, lambda: self._build(life))
        self.at(now + apart * (service.builds - 1), lambda: self._release(life))

    def _is_open(self, service: Service, now: datetime) -> bool:
        """Whether it is released now: not at a weekend, and in its season if it has one."""
        week = (now - self._began).days // 7
        in_season = service.weeks is None or service.weeks[0] <= week < service.weeks[1]
        return in_season and (service.release_days > 1 or now.weekday() not in {5, 6}) and week not in self.frozen

    def _build(self, life: _Life) -> None:
        life.function.publish()
        self._know(life.service, life.function.numbers[-1], self.clock.now)

    def _release(self, life: _Life) -> None:
        self._build(life)
        number = life.function.numbers[-1]
        life.releases += 1
        if life.service.canary:
            self._count_calls(life)
            life.canary = number
            life.function.alias(ALIAS, life.live, {number: CANARY_SHARE})
            self.at(self.clock.now + DAY, lambda: self._go_live(life, number))
        else:
            self._go_live(life, number)

    def _go_live(self, life: _Life, number: int) -> None:
        self._point(life, number)
        service = life.service
        if service.rolls_back_every and life.releases % service.rolls_back_every == 0:
            after = timedelta(days=service.rolls_back_after_days) - 5 * HOUR
            self.at(self.clock.now + after, lambda: self._roll_back(life, number))

    def _roll_back(self, life: _Life, bad: int) -> None:
        """Go back to the release that was live before a bad one, unless a newer one went live meanwhile."""
        if life.live != bad or life.before is None:
            return
        self.rollbacks += 1
        if life.before in life.function.versions:
            self._point(life, life.before)
        else:
            self.missed.append(f"{life.service.name}:{life.before}")

    def _point(self, life: _Life, number: int) -> None:
        self._count_calls(life)
        life.live, life.before, life.canary = number, life.live, None
        life.function.alias(ALIAS, number)
        self.truth.releases[life.service.name, number].last_live = self.clock.now

    # Who calls

    def _count_calls(self, life: _Life) -> None:
        """Count the calls through the alias since they were last counted, and until when what is live was so."""
        since, now = life.counted_until, self.clock.now
        life.counted_until = now
        for number, calls in ((life.live, CALLS_AN_HOUR), (life.canary, int(CALLS_AN_HOUR * CANARY_SHARE))):
            if number is None:
                continue
            release = self.truth.releases[life.service.name, number]
            release.last_live = now
            if life.service.called and now > since:
                life.function.invoked(ALIAS, version=number, every=HOUR, since=since, until=now, count=calls)
                beats = -(-(now - since) // HOUR) - 1
                release.last_called = since + HOUR * beats

    def _run_jobs(self, service: Service) -> None:
        """Call the versions that a job knows by their number; come back a quarter later."""
        life, now = self._lives[service.name], self.clock.now
        self.at(now + A_QUARTER, lambda: self._run_jobs(service))
        for job in service.jobs:
            if job not in life.function.versions:
                self.missed.append(f"{service.name}:{job}, which a job calls")
                continue
            life.function.invoked(job)
            self.truth.releases[service.name, job].last_called = now
