"""How fast AWS and Slack are in the demo: as one knows them, or at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the platforms are: `latency` in seconds by operation, and whether there are `limits`.

    `orchestrator` is the handler that keeps to them. A run waits `longest_wait` seconds at most for what comes within
    a day.
    """

    latency: Mapping[str, float] = field(default_factory=dict)
    limits: bool = True
    orchestrator: str = "orchestrator.app.handler"
    longest_wait: float = math.inf


BELIEVABLE = Pace(
    latency={
        "ListFunctions": 0.25,
        "ListAliases": 0.08,
        "ListMetrics": 0.08,
        "GetMetricData": 0.25,
        "GetFunctionConfiguration": 0.04,
        "GetPolicy": 0.04,
        "DeleteFunction": 0.12,
        "*": 0.01,
    },
)
"""As long as AWS takes, so that a scan can be watched."""
QUICK = Pace(limits=False, orchestrator="demo.at_once.handler", longest_wait=1.0)
"""No latency, no limits, and nobody who waits to keep within them: for the story in a terminal, and for tests."""
