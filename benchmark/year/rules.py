"""What may be deleted, told by one who knows every release, call and alias: no metrics, no history, no guesses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from orchestrator.domain.policy import Policy

Label = tuple[str, int]
"""A function's name and a version's number."""

POLICY = Policy()
MIN_AGE = timedelta(days=POLICY.min_age_days)
LOOKBACK = timedelta(days=POLICY.lookback_days)


@dataclass(slots=True, kw_only=True)
class Release:
    """All there is to know of one version."""

    function: str
    number: int
    gb: float
    published: datetime
    last_live: datetime | None = None
    """When an alias last pointed to it."""
    last_called: datetime | None = None
    in_spells: bool = False
    """Whether it is called in spells further apart than the lookback."""

    @property
    def label(self) -> Label:
        """What identifies it."""
        return self.function, self.number


@dataclass(slots=True)
class Truth:
    """Every release there ever was, and which stacks are in motion now."""

    releases: dict[Label, Release] = field(default_factory=dict)
    in_motion: set[str] = field(default_factory=set)
    """Functions of a stack that is being changed, or whose last change failed."""

    def add(self, release: Release) -> None:
        """Know one more."""
        self.releases[release.label] = release

    def idle(self, existing: Collection[Label], now: datetime) -> list[Release]:
        """The versions among the existing ones that the rules let go now, dearest first."""
        newest: dict[str, list[int]] = {}
        for name, number in existing:
            newest.setdefault(name, []).append(number)
        kept = {name: set(sorted(numbers)[-POLICY.keep_last_n :]) for name, numbers in newest.items()}
        found = [self.releases[one] for one in existing if one[1] not in kept[one[0]] and self._unused(one, now)]
        return sorted(found, key=lambda release: (-release.gb, release.label))

    def _unused(self, label: Label, now: datetime) -> bool:
        release = self.releases[label]
        return (
            release.function not in self.in_motion
            and now - release.published >= MIN_AGE
            and (release.last_live is None or now - release.last_live >= MIN_AGE)
            and (release.last_called is None or now - release.last_called > LOOKBACK)
        )


@dataclass(slots=True)
class Keeps:
    """What approvers said they keep, and until when."""

    until: dict[Label, date] = field(default_factory=dict)

    def covers(self, label: Label, today: date) -> bool:
        """Whether a version is kept today, by the most cautious reading of its end."""
        return label in self.until and today < self.until[label]

    def ever(self, label: Label) -> bool:
        """Whether it was ever kept."""
        return label in self.until
