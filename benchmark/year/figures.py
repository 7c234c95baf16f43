"""What the year showed, and what it must show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from benchmark.measured import Check
from benchmark.year.installation import REGION
from fakes.aws.catalogue import REGIONS

LEAST_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Week:
    """What a week heard."""

    number: int
    roots: int
    reminders: int
    has_news: bool
    """Whether there was anything to say: news, or something that could not be looked at."""


@dataclass(frozen=True, slots=True)
class Cached:
    """The GB cached on one day."""

    at: datetime
    without: float
    with_product: float
    with_oracle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One year."""

    weeks: tuple[Week, ...]
    published: int
    deleted: int
    oracle_deleted: int
    recovered_gb_s: float
    oracle_recovered_gb_s: float
    wrong_deletes: tuple[str, ...]
    rollbacks: int
    missed: tuple[str, ...]
    never_shown: tuple[str, ...]
    shown_early: tuple[str, ...]
    cached: tuple[Cached, ...]
    """Day by day."""

    @property
    def share(self) -> float:
        """The money recovered, over the oracle's."""
        return self.recovered_gb_s / self.oracle_recovered_gb_s if self.oracle_recovered_gb_s else 1.0

    @property
    def usd(self) -> float:
        """The money recovered by the end of the year."""
        return self.recovered_gb_s * price()

    @property
    def oracle_usd(self) -> float:
        """The same of the oracle."""
        return self.oracle_recovered_gb_s * price()

    def checks(self) -> Iterator[Check]:
        """Everything that must hold."""
        silent = [week for week in self.weeks if not week.has_news]
        yield Check("money recovered, over the oracle's", self.share, at_least=LEAST_SHARE, digits=3)
        yield Check("wrong deletes", len(self.wrong_deletes), 0, digits=0)
        yield Check(f"of {self.rollbacks} rollbacks, those that missed their version", len(self.missed), 0, digits=0)
        yield Check("news older than two weeks never shown", len(self.never_shown), 0, digits=0)
        yield Check("kept rows shown early", len(self.shown_early), 0, digits=0)
        yield Check("messages in a week, at most", max(week.roots for week in self.weeks), 1, digits=0)
        yield Check("reminders in a week, at most", max(week.reminders for week in self.weeks), 1, digits=0)
        yield Check(
            f"messages in the {len(silent)} weeks without news", sum(w.roots + w.reminders for w in silent), 0, digits=0
        )


def price() -> float:
    """Dollars for a GB-second in the year's region."""
    return float(REGIONS[REGION][2])
