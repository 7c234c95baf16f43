"""The functions of the year and how each is released: how often, with how many builds between, how it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How one function is built, released and called."""

    name: str
    memory_mb: int
    release_days: int
    """So many days from one release to the next; 0: it is never released again."""
    builds: int = 1
    """Versions published for each release; only the newest of them goes live."""
    backlog: int = 12
    """Versions that were there when the year began."""
    called: bool = True
    """Whether its alias is called at all; a standby is not."""
    canary: bool = False
    """Whether a tenth of the calls goes to a release for a day before all do."""
    rolls_back_every: int = 0
    """Every so many releases one is taken back."""
    rolls_back_after_days: int = 1
    weeks: tuple[int, int] | None = None
    """The weeks in which it is released, where that is a season."""
    jobs: tuple[int, ...] = ()
    """Versions that a job calls by their number, once a quarter."""
    stack: str | None = None


SERVICES: Sequence[Service] = (
    Service(name="checkout-api", memory_mb=1536, release_days=1, backlog=20, rolls_back_every=9),
    Service(name="search-api", memory_mb=1024, release_days=5, backlog=14, rolls_back_every=5),
    Service(
        name="orders-api",
        memory_mb=2048,
        release_days=7,
        builds=3,
        backlog=16,
        rolls_back_every=5,
        rolls_back_after_days=3,
    ),
    Service(name="pricing-api", memory_mb=1536, release_days=7, builds=2, canary=True, rolls_back_every=6),
    Service(
        name="standby-orders",
        memory_mb=2048,
        release_days=7,
        builds=3,
        called=False,
        rolls_back_every=3,
        rolls_back_after_days=5,
    ),
    Service(name="mailer", memory_mb=512, release_days=14, rolls_back_every=4, rolls_back_after_days=9),
    Service(name="billing-api", memory_mb=1024, release_days=14, stack="billing"),
    Service(name="billing-worker", memory_mb=2048, release_days=7, builds=2, stack="billing"),
    Service(name="auth-api", memory_mb=1024, release_days=63, builds=5, rolls_back_every=2, rolls_back_after_days=10),
    Service(name="quarter-close", memory_mb=3008, release_days=91, backlog=14, jobs=(3, 5)),
    Service(name="season-offers", memory_mb=1536, release_days=1, builds=2, backlog=6, weeks=(38, 42)),
    Service(name="legacy-import", memory_mb=1024, release_days=0, backlog=18, called=False),
)


def few(functions: int) -> Sequence[Service]:
    """So many of them, every one with its backlog cut short."""
    return tuple(replace(service, backlog=min(6, service.backlog)) for service in SERVICES[:functions])
