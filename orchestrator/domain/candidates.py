"""The versions that may be offered, in the order in which they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.cost import is_free, is_upper_bound

VersionKey = tuple[str, int]
"""A function's name and a version's number."""


class NamesVersion:
    """Whatever is about one version, by its function's name and its number."""

    __slots__ = ()

    function_name: str
    number: int

    @property
    def key(self) -> VersionKey:
        """What identifies the version."""
        return (self.function_name, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(NamesVersion):
    """One version that may be offered, as the message and the page records carry it."""

    function_name: str
    number: int
    arn: str
    monthly_usd: float
    age_days: int
    runtime: str | None
    memory_mb: int
    package_type: str
    state: str | None
    published_on: str | None = None
    """The day it was published, as YYYY-MM-DD in UTC, as all days of this record."""
    published_at: str | None = None
    """The same to the second, in ISO 8601; None on pages of the release before."""
    description: str = ""
    code_sha256: str = ""
    """The hash of its code as Lambda tells it, in base64; empty when AWS names none."""
    last_called: str | None = None
    """The last day with a call in the fifteen months CloudWatch remembers; None: never, where that is known."""
    last_called_known: bool = False
    """Whether `last_called` was asked and answered."""
    called_in_spells: bool = False
    """Whether its calls come in spells further apart than the lookback, as those of a quarterly job do."""
    kept_by: str | None = None
    """The Slack user id of the approver who kept it, also when that has ended; None when nobody ever did."""
    kept_by_name: str | None = None
    """Their name, for where ids do not render."""
    kept_on: str | None = None
    """When it was kept, as YYYY-MM-DD."""
    kept_until: str | None = None
    """The last day it is kept, as YYYY-MM-DD; None on pages of the release before."""
    refused_on: str | None = None
    """When AWS refused to delete it, as YYYY-MM-DD, also when that was long ago; None when it never did."""
    settled: bool = False
    """Whether it is kept or refused today: shown to who asked, after everything else."""

    @property
    def label(self) -> str:
        """The name people use: `function:version`."""
        return f"{self.function_name}:{self.number}"

    @property
    def published(self) -> datetime | None:
        """When it was published: on a page of the release before, the middle of its day. None when that is not told."""
        noon = None if self.published_on is None else f"{self.published_on}T12:00:00+00:00"
        told = self.published_at or noon
        return None if told is None else datetime.fromisoformat(told)

    @property
    def starts_ticked(self) -> bool:
        """A box starts ticked when it is news that nobody ever kept, and that AWS never refused to delete."""
        return self.is_news and self.kept_by is None and self.refused_on is None

    @property
    def is_news(self) -> bool:
        """Whether the schedule speaks because of it: it costs money, is not called in spells, and is not settled."""
        return self.monthly_usd > 0 and not self.called_in_spells and not self.settled

    @property
    def costs_at_most(self) -> bool:
        """Whether its cost is only an upper bound."""
        return is_upper_bound(runtime=self.runtime, package_type=self.package_type)

    @property
    def free(self) -> bool:
        """Whether AWS never charges for it."""
        return is_free(self.runtime)


def in_offer_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Rows that cost money first; functions by monthly sum, then name; inside one, dearest, then lowest version.

    What is kept or refused today comes after everything else, in the same order.
    """
    everyone = list(candidates)
    paying: Counter[tuple[bool, str]] = Counter()
    for candidate in everyone:
        paying[candidate.settled, candidate.function_name] += round(candidate.monthly_usd * 100)
    return sorted(
        everyone,
        key=lambda c: (
            c.settled,
            c.monthly_usd == 0,
            -paying[c.settled, c.function_name],
            c.function_name,
            -c.monthly_usd,
            c.number,
        ),
    )
