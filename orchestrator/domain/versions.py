"""The facts: what AWS said of a function's versions, and what it failed to say.

A fact that was asked for has one of three shapes: the answer; `Missing`, when the check could not be completed;
`None`, when it was not asked. The three never stand for one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias, TypeVar, Union

from orchestrator.domain.reasons import Check

ELIGIBLE_STATES = frozenset({"Active", "Inactive", "Failed"})
INVOCABLE_STATES = frozenset({"Active", "Inactive"})
DELETED = "Deleted"
"""Our word for the State of a version that was listed and is gone."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Missing:
    """A check that could not be completed: which one, and AWS's own words."""

    check: Check
    words: str


Asked: TypeAlias = Union[T, Missing, None]  # noqa: UP007 - an alias needs the runtime form
"""An answer, a failed check, or a check that was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published SnapStart version, as a listing shows it (listings carry no State)."""

    function_name: str
    number: int
    arn: str
    runtime: str | None
    architecture: str
    memory_mb: int
    package_type: str
    last_modified: datetime | None
    """When it was published; None when AWS's text for it cannot be read."""
    optimization_status: str | None = None
    durable: bool = False
    description: str = ""
    code_sha256: str = ""
    """The hash of its code as Lambda tells it, in base64; empty when AWS names none."""

    @property
    def label(self) -> str:
        """The name people use: `function:version`."""
        return f"{self.function_name}:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias of a function: its primary version, and its additional versions with their share of the traffic."""

    name: str
    version: int | None
    """None when it points to `$LATEST`."""
    weights: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class LastCall:
    """The newest period in which a version ran, and the alias it ran through (None: called by number)."""

    at: datetime
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Unattributed:
    """A time in which an alias was called, or its calls were throttled, and nothing tells for which version."""

    alias: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How one function was used in the lookback."""

    asked: frozenset[int] = frozenset()
    """Versions whose every series was asked, by number and through each known alias."""
    calls: Mapping[int, LastCall] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: Mapping[int, Missing] = field(default_factory=lambda: MappingProxyType({}))
    """Versions with a series that CloudWatch did not answer completely."""
    function_last: datetime | None = None
    """The newest period in which the function ran at all."""
    qualified_last: datetime | None = None
    """The newest period in which it was called by a version's number or through an alias, whatever that pointed to."""
    unattributed: tuple[Unattributed, ...] = ()
    """Calls through aliases of which nothing tells which version they reached."""
    unexplained: datetime | Missing | None = None
    """The newest period in which the function's total is not the sum of its known qualifiers; None: all explained."""


@dataclass(frozen=True, slots=True)
class KeepTag:
    """The opt-out tag of a function; `value` is None when the function does not carry it."""

    value: str | None = None


@dataclass(frozen=True, slots=True)
class LiveLately:
    """Which versions of a function were live lately."""

    versions: frozenset[int] = frozenset()
    """An alias pointed to them lately, as primary or by weight."""
    unknown: tuple[str, ...] = ()
    """Aliases that moved or went lately, from nobody knows where: each may have pointed to any version."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The CloudFormation stack of a function."""

    name: str | None = None
    """None: it is of no stack."""
    status: str | None = None
    """What is done to the stack, or what failed last, such as `UPDATE_IN_PROGRESS`; None: neither."""


@dataclass(frozen=True, slots=True)
class State:
    """What GetFunctionConfiguration says of one version now."""

    name: str
    reason_code: str | None = None
    durable: bool = False


@dataclass(frozen=True, slots=True)
class CallHistory:
    """When a version was called, by the day, in the fifteen months that CloudWatch remembers.

    It decides nothing: it is what a person should see before they decide.
    """

    last_day: date | None = None
    """The last day with a call, in UTC; None: never called in that time."""
    in_spells: bool = False
    """Whether its calls come in spells further apart than the lookback, as those of a quarterly job do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What is asked last, and only for rows that would be offered: one entry a version number."""

    states: Mapping[int, State | Missing] = field(default_factory=lambda: MappingProxyType({}))
    policies: Mapping[int, bool | Missing] = field(default_factory=lambda: MappingProxyType({}))
    """Whether a resource policy names the version."""
    executions: Mapping[int, bool | Missing] = field(default_factory=lambda: MappingProxyType({}))
    """Whether a durable execution runs on the version; asked only of versions with `DurableConfig`."""
    histories: Mapping[int, CallHistory | Missing] = field(default_factory=lambda: MappingProxyType({}))
    """When the version was called in the last fifteen months; asked only of versions that nothing else holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFacts:
    """All that is known of one function."""

    name: str
    versions: tuple[Version, ...]
    """Its SnapStart versions, by number."""
    other_numbers: tuple[int, ...] = ()
    """Its published versions without SnapStart: they may be called too."""
    aliases: Asked[tuple[Alias, ...]] = None
    usage: Asked[Usage] = None
    event_sources: Asked[frozenset[int]] = None
    """Versions that an event source mapping calls, by number or through an alias."""
    keep_tag: Asked[KeepTag] = None
    live_lately: Asked[LiveLately] = None
    stack: Asked[Stack] = None
    confirmation: Confirmation = field(default_factory=Confirmation)

    def version(self, number: int) -> Version | None:
        """The SnapStart version with this number, if it is there."""
        return next((version for version in self.versions if version.number == number), None)
