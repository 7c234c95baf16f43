"""Turn what a person approved, and fresh facts, into deletions and skips; carrying them out is somebody else's work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.domain.policy import Assessment
from orchestrator.domain.versions import DELETED, Missing
from orchestrator.domain.words import now_in_words

_VERSION_NUMBER = re.compile(r"[1-9][0-9]{0,17}")

VersionKey = tuple[str, int]
"""A function's name and a version's number."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """One version to delete: always a number, and an ARN that names that number.

    Raises ValueError for anything else: DeleteFunction without a version removes the whole function
    (https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html).
    """

    function_name: str
    number: int
    arn: str

    def __post_init__(self) -> None:
        if type(self.number) is not int or self.number < 1:
            raise ValueError(f"a deletion names a version by its number, not by {self.number!r}")
        if not self.function_name or not self.arn.endswith(f":function:{self.function_name}:{self.number}"):
            raise ValueError(f"the ARN {self.arn!r} does not name version {self.number} of {self.function_name!r}")

    @property
    def key(self) -> VersionKey:
        """What identifies the version."""
        return (self.function_name, self.number)


@dataclass(frozen=True, slots=True)
class Skip:
    """One approved version that stays, and why."""

    function_name: str
    number: int
    reason: str

    @property
    def key(self) -> VersionKey:
        """What identifies the version."""
        return (self.function_name, self.number)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done with the approved versions: each is in exactly one of the two."""

    deletions: tuple[Deletion, ...]
    skips: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class Approver:
    """Who decided: the Slack user id, and the name shown where ids do not render."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One person's answer to one page. `action` is `approve`, `reject` or `stop`."""

    action: str
    versions: frozenset[VersionKey]
    approver: Approver
    decided_at: str
    offer_hash: str | None = None
    """What the approver's page was bound to: the hash of the candidates that were posted."""
    groups_missing: int = 0
    """Boxes that Slack did not send with the click; they count as unticked."""


class UnreadableDecision(ValueError):
    """The durable callback carried something that is not an answer to a page."""


def read_decision(raw: Any) -> Decision:
    """Read the callback's result: the contract's answer as JSON text, or already parsed. Trusts none of it.

    Raises UnreadableDecision for anything that is not a well-formed answer.
    """
    try:
        answer = json.loads(raw) if isinstance(raw, str | bytes) else raw
    except (ValueError, RecursionError) as error:
        raise UnreadableDecision("the answer is not JSON") from error
    if not isinstance(answer, Mapping):
        raise UnreadableDecision("the answer is not an object")
    approved = answer.get("approved")
    if type(approved) is not bool:
        raise UnreadableDecision("the answer does not say whether it approves")
    approver = answer.get("approver")
    if not isinstance(approver, Mapping) or not _is_text(approver.get("id")):
        raise UnreadableDecision("the answer does not say who decided")
    stops = answer.get("stop") is True and not approved
    missing = answer.get("boxes_missing", 0)
    return Decision(
        action="approve" if approved else "stop" if stops else "reject",
        versions=frozenset(_keys(answer.get("approved_versions", []))) if approved else frozenset(),
        approver=Approver(id=approver["id"], name=str(approver.get("name") or approver["id"])),
        decided_at=str(answer.get("decided_at", "")),
        offer_hash=answer["offer_hash"] if _is_text(answer.get("offer_hash")) else None,
        groups_missing=missing if type(missing) is int and missing > 0 else 0,
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _keys(versions: Any) -> Iterable[VersionKey]:
    if not isinstance(versions, list):
        raise UnreadableDecision("approved_versions is not a list")
    for version in versions:
        if not isinstance(version, Mapping) or not _is_text(version.get("function_name")):
            raise UnreadableDecision("an approved version does not name its function")
        yield version["function_name"], _number(version.get("version"))


def _number(value: Any) -> int:
    if type(value) is int and value > 0:
        return value
    if isinstance(value, str) and _VERSION_NUMBER.fullmatch(value):
        return int(value)
    raise UnreadableDecision("an approved version is not named by its number")


def plan_deletions(approved: Iterable[VersionKey], fresh: Mapping[VersionKey, Assessment | Missing]) -> Plan:
    """Plan what was approved against fresh verdicts: only a version that is a candidate again is deleted.

    A version without a verdict is gone; one whose function could not be asked about has Missing in its place.
    """
    deletions: list[Deletion] = []
    skips: list[Skip] = []
    for function_name, number in sorted(approved):
        assessment = fresh.get((function_name, number))
        if isinstance(assessment, Missing):
            skips.append(Skip(function_name, number, f"could not be checked again: {assessment.words}"))
        elif assessment is None or (assessment.state is not None and assessment.state.name == DELETED):
            skips.append(Skip(function_name, number, "already gone"))
        elif assessment.candidate:
            deletions.append(Deletion(function_name, number, assessment.version.arn))
        else:
            skips.append(Skip(function_name, number, now_in_words(assessment)))
    return Plan(tuple(deletions), tuple(skips))
