"""Turn what a person approved, and fresh facts, into deletions and skips; carrying them out is somebody else's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from orchestrator.domain.candidates import NamesVersion, VersionKey
from orchestrator.domain.judging import Assessment
from orchestrator.domain.verdicts import now_in_words
from orchestrator.domain.versions import DELETED, Missing


@dataclass(frozen=True, slots=True)
class Deletion(NamesVersion):
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


@dataclass(frozen=True, slots=True)
class Skip(NamesVersion):
    """One approved version that stays, and why."""

    function_name: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done with the approved versions: each is in exactly one of the two."""

    deletions: tuple[Deletion, ...]
    skips: tuple[Skip, ...]
    asked_at: int = 0
    """When the facts it rests on were asked, in seconds since 1970."""

    def deletion(self, key: VersionKey) -> Deletion | None:
        """The deletion of a version, if it is to be deleted."""
        return next((deletion for deletion in self.deletions if deletion.key == key), None)

    def reason_to_skip(self, key: VersionKey) -> str | None:
        """Why a version stays, if it does."""
        return next((skip.reason for skip in self.skips if skip.key == key), None)

    def covers(self, key: VersionKey) -> bool:
        """Whether the plan says what is to become of a version."""
        return self.deletion(key) is not None or self.reason_to_skip(key) is not None

    def to_dict(self) -> dict[str, Any]:
        """The plan as a checkpoint carries it."""
        return {
            "asked_at": self.asked_at,
            "deletions": [[d.function_name, d.number, d.arn] for d in self.deletions],
            "skips": [[s.function_name, s.number, s.reason] for s in self.skips],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The plan of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        return cls(
            deletions=tuple(Deletion(name, number, arn) for name, number, arn in data["deletions"]),
            skips=tuple(Skip(name, number, reason) for name, number, reason in data["skips"]),
            asked_at=data["asked_at"],
        )


def plan_deletions(
    approved: Iterable[VersionKey], fresh: Mapping[VersionKey, Assessment | Missing], *, asked_at: int = 0
) -> Plan:
    """Plan what was approved against fresh verdicts: only a version that is a candidate again is deleted.

    A version without a verdict is gone; one whose function could not be asked about has Missing in its place.
    `asked_at` is when those facts were asked, in seconds since 1970.
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
    return Plan(tuple(deletions), tuple(skips), asked_at)
