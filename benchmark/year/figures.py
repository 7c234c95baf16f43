"""What the year showed, and what it must show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchmark.measured import Check
from benchmark.year.installation import REGION
from benchmark.year.receipts import Held
from fakes.aws.catalogue import REGIONS

LEAST_SHARE = 0.95
ROUNDED_BY_GB = 0.1
"""A receipt rounds to a tenth of a GB, so that its figures add up."""


@dataclass(frozen=True, slots=True)
class Week:
    """What a week heard."""

    number: int
    roots: int
    """Without receipts, which come by the month's first scan whatever the week's news."""
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
    receipts: tuple[Held, ...]
    """All that the receipts told, and what was true; those of the year's end come last."""
    receipts_a_month: Mapping[str, int]
    """How many receipts came by themselves, by month."""

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

    @property
    def last_receipt(self) -> Sequence[Held]:
        """What the receipt at the year's end told, since each day that it told of."""
        return [held for held in self.receipts if held.on == self.receipts[-1].on]

    @property
    def apart(self) -> float:
        """The GB by which a receipt missed the truth most."""
        return round(max((held.apart for held in self.receipts), default=0.0), 6)

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
        yield Check("receipts by themselves in a month, at most", max(self.receipts_a_month.values()), 1, digits=0)
        yield Check(
            f"GB between a receipt and the truth, the most of {len(self.receipts)}",
            self.apart,
            ROUNDED_BY_GB,
        )


def price() -> float:
    """Dollars for a GB-second in the year's region."""
    return float(REGIONS[REGION][2])
