"""Find where idle versions come from, and say what stops it: prune when deploying, and keep three.

Deleting what piled up pays once. The functions that publish most go on publishing, and those whose every call goes to
`$LATEST` pay for snapshots that nothing ever restores.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from orchestrator.domain.cost import Price
from orchestrator.domain.judging import Assessment
from orchestrator.domain.report import cost_of
from orchestrator.domain.versions import Usage

NAMED = 5
"""How many functions are named of each kind."""
A_MONTH = timedelta(days=30)
KEEP = 3
"""How many versions a deployment should leave: the live one, and two to roll back to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowingFunction:
    """A function whose versions pile up: what was published in the last thirty days, and is still there."""

    function_name: str
    versions_a_month: int
    usd_a_month: float
    """What those versions cost a month: each month the bill grows by as much."""

    def to_dict(self) -> dict[str, Any]:
        """The function as it is stored."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The function of a stored record; fields of a later release are left out."""
        return cls(**{name: data[name] for name in ("function_name", "versions_a_month", "usd_a_month")})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedFunction:
    """A function whose SnapStart serves nothing: it is called, and every call of the lookback went to `$LATEST`."""

    function_name: str
    versions: int
    usd_a_month: float

    def to_dict(self) -> dict[str, Any]:
        """The function as it is stored."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The function of a stored record; fields of a later release are left out."""
        return cls(**{name: data[name] for name in ("function_name", "versions", "usd_a_month")})


def growing_function(
    name: str, assessments: Iterable[Assessment], price: Price, now: datetime
) -> GrowingFunction | None:
    """What a function adds to the bill every month; None when it adds nothing."""
    recent = [
        cost_of(assessment, price)
        for assessment in assessments
        if assessment.version.last_modified is not None and now - assessment.version.last_modified <= A_MONTH
    ]
    paying = [usd for usd in recent if usd > 0]
    if not paying:
        return None
    return GrowingFunction(function_name=name, versions_a_month=len(paying), usd_a_month=round(sum(paying), 2))


def unused_function(
    name: str, assessments: Iterable[Assessment], usage: Usage | object | None, price: Price
) -> UnusedFunction | None:
    """A function that pays for snapshots though its every call goes to `$LATEST`.

    None when it pays nothing, is not called at all, or when any call may have gone elsewhere: a check that failed or
    was not asked, a call that is not explained, a call by number or through an alias.
    """
    if not isinstance(usage, Usage) or not _only_latest(usage):
        return None
    paying = [usd for assessment in assessments if (usd := cost_of(assessment, price)) > 0]
    if not paying:
        return None
    return UnusedFunction(function_name=name, versions=len(paying), usd_a_month=round(sum(paying), 2))


def _only_latest(usage: Usage) -> bool:
    explained = usage.unexplained is None and not usage.unreadable
    return explained and usage.function_last is not None and usage.qualified_last is None and not usage.calls


def fastest(functions: Iterable[GrowingFunction]) -> tuple[GrowingFunction, ...]:
    """The functions that add most to the bill, most first."""
    return tuple(
        heapq.nsmallest(NAMED, functions, key=lambda f: (-f.usd_a_month, -f.versions_a_month, f.function_name))
    )


def dearest(functions: Iterable[UnusedFunction]) -> tuple[UnusedFunction, ...]:
    """The functions that pay most for SnapStart that serves nothing, most first."""
    return tuple(heapq.nsmallest(NAMED, functions, key=lambda f: (-f.usd_a_month, f.function_name)))


class DeployTool(StrEnum):
    """What publishes versions."""

    SAM = "SAM"
    CDK = "CDK"
    SERVERLESS = "Serverless Framework"
    TERRAFORM = "Terraform"
    CODEDEPLOY = "CodeDeploy and scripts"


FIXES: Mapping[DeployTool, str] = {
    DeployTool.SAM: (
        f"leave `VersionDeletionPolicy` at `Retain`, so that there is a version to go back to, and prune to {KEEP} "
        "after `sam deploy`"
    ),
    DeployTool.CDK: (
        f"leave `currentVersionOptions.removalPolicy` at `RETAIN`, and prune to {KEEP} after `cdk deploy`"
    ),
    DeployTool.SERVERLESS: (
        f"`serverless-prune-plugin` with `prune: {{automatic: true, number: {KEEP}}}`; it does not see weighted "
        "aliases: with those, prune after the shift instead"
    ),
    DeployTool.TERRAFORM: f"`publish = true` removes no version: prune to {KEEP} after `terraform apply`",
    DeployTool.CODEDEPLOY: (
        f"prune to {KEEP} once the traffic has shifted, after `aws deploy wait deployment-successful`, not in a hook"
    ),
}
"""What stops the growth for each tool: it prunes when it deploys, and keeps three."""
