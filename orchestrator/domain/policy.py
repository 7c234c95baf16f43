"""What a version must meet to be offered, how far each threshold may be set, and whose versions may be deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from orchestrator.domain.stored import known_fields

ACTIVITY_RULES = ("attributed", "strict")
LONGEST_LOOKBACK_DAYS = 455
"""CloudWatch keeps hourly datapoints for 455 days (GetMetricData, retention)."""
SHORTEST_LOOKBACK_DAYS = 7
PERIODS = tuple(seconds for seconds in range(60, 3601, 60) if 3600 % seconds == 0)
"""Whole minutes that divide an hour: CloudWatch keeps nothing finer, and the reconciliation wants at most an hour."""

NEWEST_ASKED = 20
"""How many of a function's newest versions are asked for their State before its older ones are held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The thresholds of one run; a request may be stricter than the stack's, never laxer."""

    min_age_days: int = 14
    keep_last_n: int = 3
    lookback_days: int = 35
    period_seconds: int = 3600
    function_activity: str = "attributed"
    function_name_prefix: str | None = None
    max_deletions: int = 200
    alias_history_required: bool = True
    """Whether a version may be offered only when it is known where its function's aliases pointed lately."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The thresholds as a run's record holds them; what another release added is left out."""
        return cls(**known_fields(cls, data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose versions may be deleted: functions under a prefix (`*`: all), never the stack's own."""

    prefix: str = "*"
    own_functions: frozenset[str] = frozenset()

    def allows(self, function_name: str) -> bool:
        """Whether versions of this function may be deleted at all."""
        return function_name not in self.own_functions and (
            self.prefix == "*" or (self.prefix != "" and function_name.startswith(self.prefix))
        )
