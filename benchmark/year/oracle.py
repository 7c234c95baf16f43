"""The oracle: it knows everything, obeys the same rules, and lets the same people answer in the same weeks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmark.year.approvers import KEPT_FOR_DAYS, Approver
from benchmark.year.rules import POLICY, Keeps, Label, Release, Truth


@dataclass(slots=True)
class Oracle:
    """What is left, kept and deleted where nothing is ever missed."""

    truth: Truth
    existing: set[Label] = field(default_factory=set)
    deleted: dict[Label, datetime] = field(default_factory=dict)
    keeps: Keeps = field(default_factory=Keeps)
    asked: list[Release] = field(default_factory=list)

    def scan(self, now: datetime) -> None:
        """Find what may be offered, as many as one run may offer."""
        idle = self.truth.idle(self.existing, now)
        news = [release for release in idle if not release.in_spells]
        open_ = [release for release in news if not self.keeps.covers(release.label, now.date())]
        self.asked = open_[: POLICY.max_deletions]

    def answered(self, approver: Approver, now: datetime) -> None:
        """Delete what is approved and still idle by now; keep what is unticked."""
        still = {release.label for release in self.truth.idle(self.existing, now)}
        for release in self.asked:
            label = release.label
            if approver.keeps(label) and not self.keeps.ever(label):
                self.keeps.until[label] = now.date() + timedelta(days=KEPT_FOR_DAYS)
            elif label in still:
                self.existing.discard(label)
                self.deleted[label] = now
