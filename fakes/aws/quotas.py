"""The account's request quotas, and the log of what was called."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SHARED = "shared"
"""Every Lambda control-plane call without a quota of its own draws on this one, and so does everybody's deploy."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """Requests a second by class, as AWS grants them. None of the Lambda ones can be raised."""

    shared: float = 15
    get_function: float = 100
    get_policy: float = 15
    list_durable_executions_by_function: float = 15
    get_metric_data: float = 50
    list_metrics: float = 25
    lookup_events: float = 2
    neighbour: float = 0
    """Calls a second of the shared quota that somebody else makes, evenly, all the time."""

    def rate(self, quota: str) -> float | None:
        """Return the requests a second of a class; None where nothing is enforced."""
        rates = {
            SHARED: self.shared,
            "GetFunction": self.get_function,
            "GetPolicy": self.get_policy,
            "ListDurableExecutionsByFunction": self.list_durable_executions_by_function,
            "GetMetricData": self.get_metric_data,
            "ListMetrics": self.list_metrics,
            "LookupEvents": self.lookup_events,
        }
        return rates.get(quota)


@dataclass(slots=True)
class Buckets:
    """Token buckets, one per class, each holding at most one second's worth; time is whatever the clock says."""

    _tokens: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    _neighbour_at: datetime | None = None
    """When the neighbour calls next."""

    def serve_neighbour(self, quotas: Quotas, now: datetime) -> None:
        """Take what somebody else asked for since last time, before what is asked now."""
        apart = timedelta(seconds=1 / quotas.neighbour)
        at = self._neighbour_at or now
        while at <= now:
            self.take(SHARED, quotas.shared, at)
            at += apart
        self._neighbour_at = at

    def take(self, quota: str, rate: float, now: datetime) -> bool:
        """Take one token; False when the class is over its rate."""
        tokens, before = self._tokens.get(quota, (rate, now))
        tokens = min(rate, tokens + max(0.0, (now - before).total_seconds()) * rate)
        granted = tokens >= 1
        self._tokens[quota] = (tokens - 1 if granted else tokens, now)
        return granted


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived: parameters under AWS's names."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(slots=True)
class Calls:
    """What was asked of the account since the last `reset`, throttled and failed requests included.

    `calls["ListFunctions"]` counts an operation, `calls.quota["shared"]` a quota class, `calls.of("DeleteFunction")`
    shows parameters.
    """

    operations: Counter[str] = field(default_factory=Counter)
    quota: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    recent: deque[Call] = field(default_factory=lambda: deque(maxlen=10_000))

    def __getitem__(self, operation: str) -> int:
        return self.operations[operation]

    def record(self, operation: str, quota: str, parameters: Mapping[str, Any]) -> None:
        """Count a call."""
        self.operations[operation] += 1
        self.quota[quota] += 1
        self.recent.append(Call(operation, parameters))

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the parameters of the recent calls of one operation, oldest first."""
        return [call.parameters for call in self.recent if call.operation == operation]

    def reset(self) -> None:
        """Forget everything counted."""
        for counted in (self.operations, self.quota, self.throttled, self.recent):
            counted.clear()
