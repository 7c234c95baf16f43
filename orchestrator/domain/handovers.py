"""What one step of a run hands to the next, and how a checkpoint carries it.

A checkpoint outlives its process, and may be read by the next release: fields that are unknown are ignored, fields that
were not written yet take their defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from orchestrator.domain.candidates import NamesVersion
from orchestrator.domain.results import VersionResult
from orchestrator.domain.runs import Action, Approver, Ending, Run
from orchestrator.domain.stored import Flat, known_fields

# Before anything is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Why nothing was started."""

    kind: Ending
    """`REFUSED`, `NOT_ENTERED` or `ALREADY_RUNNING`."""
    words: str
    execution: str
    started_at: int
    """Seconds since 1970."""
    requested_by: str | None
    """The Slack user id of who asked, as far as the request told."""
    problems: tuple[str, ...] = ()
    """What is wrong with the request."""
    region: str | None = None
    """The region that another run has."""
    held_by: str | None = None
    """That run's execution."""
    request_id: str | None = None
    account: str | None = None
    """The account it was about, as people read it."""
    sweep: str | None = None
    """The sweep it is part of, whose digest speaks for it."""

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return asdict(self) | {"kind": self.kind.value, "problems": list(self.problems)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        given = known_fields(cls, data)
        return cls(**given | {"kind": Ending(given["kind"]), "problems": tuple(given.get("problems", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that needs no run of a region: who asked and when, or what is wrong with it."""

    execution: str
    started_at: int
    """Seconds since 1970."""
    requested_by: str | None
    """The Slack user id of who asked; None for the schedule."""
    problems: tuple[str, ...] = ()

    @property
    def declined(self) -> Declined:
        """What is said of a request that cannot be used."""
        return Declined(
            kind=Ending.REFUSED,
            words="; ".join(self.problems),
            execution=self.execution,
            started_at=self.started_at,
            requested_by=self.requested_by,
            problems=self.problems,
        )

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return asdict(self) | {"problems": list(self.problems)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises TypeError when a field is missing that has no default."""
        given = known_fields(cls, data)
        return cls(**given | {"problems": tuple(given.get("problems", ()))})


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of a request: a run, or why there is none."""

    outcome: Run | Declined

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return {"declined" if isinstance(self.outcome, Declined) else "run": self.outcome.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        return cls(Declined.from_dict(data["declined"]) if "declined" in data else Run.from_dict(data["run"]))


# The scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Flat):
    """What a scan offers."""

    candidates: int
    offered: bool
    """Whether anybody is asked about it."""
    newly_not_judged: int = 0
    """Rows not judged that were not reported last time."""
    asks_again_on: str | None = None
    """The day, as YYYY-MM-DD, from which the schedule asks about what it withholds; None: it withholds nothing."""


# One page


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins, and how large it may be."""

    page: int = 1
    first: int = 0
    """Its first candidate, counted from 0."""
    at_most: int | None = None
    """Rows it holds, where Slack did not take more."""
    smaller: int = 0
    """How often it was made smaller for that."""

    def after(self, opened: OpenedPage) -> Self:
        """Where the next page begins."""
        return replace(self, page=self.page + 1, first=opened.first + opened.rows, smaller=0)

    def half_of(self, opened: OpenedPage) -> Self:
        """The same page with half the rows, for one that Slack did not take."""
        return replace(self, at_most=opened.rows // 2, smaller=self.smaller + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPage(Flat):
    """What a page needs before it is asked."""

    page: int
    offer_hash: str
    revision: str
    opened_at: int
    expires_at: int
    """Seconds since 1970, both."""
    timeout_seconds: int
    """How long its answer is waited for; 0 when its time is over before it is asked."""
    pages: int = 1
    """Pages of the run, as far as can be said when this one is opened."""
    first: int = 0
    """Its first candidate, counted from 0."""
    rows: int = 50
    remind_in_seconds: int | None = None
    """When it is recalled, counted from its opening; None: it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(NamesVersion, Flat):
    """One approved version."""

    function_name: str
    number: int
    monthly_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a person decided about a page."""

    action: Action
    approver: Approver
    decided_at: int
    boxes_missing: int
    approved: tuple[Approved, ...]
    keep_days: int | None = None
    """For how many days the schedule does not ask about what stays; None where nothing is remembered of that."""

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return asdict(self) | {
            "action": self.action.value,
            "approved": [version.to_dict() for version in self.approved],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        return cls(
            action=Action(data["action"]),
            approver=Approver(**known_fields(Approver, data["approver"])),
            decided_at=data["decided_at"],
            boxes_missing=data["boxes_missing"],
            approved=tuple(map(Approved.from_dict, data["approved"])),
            keep_days=data.get("keep_days"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying(Flat):
    """How far a page is carried out."""

    page: int
    done: int = 0
    errors_in_a_row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDone:
    """What came of a batch of approved versions."""

    results: tuple[VersionResult, ...]
    so_far: Carrying
    stopped: str | None = None
    """Why nothing more is deleted, if nothing is."""

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return {
            "results": [result.to_dict() for result in self.results],
            "so_far": self.so_far.to_dict(),
            "stopped": self.stopped,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        return cls(
            results=tuple(map(VersionResult.from_dict, data["results"])),
            so_far=Carrying.from_dict(data["so_far"]),
            stopped=data.get("stopped"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPage:
    """A page that is over, as the run's sum names it."""

    page: int
    action: Action
    approver: str | None
    """The Slack user id of who decided."""
    counts: str
    """What came of it in words, such as `48 deleted, 1 skipped`."""
    seconds: int
    """How long it took from the decision on."""
    broke_off: str | None = None
    """Why its deletes stopped before the end."""
    stops: bool = False
    """Whether no further page is asked."""
    stopped_by: str | None = None
    """Who stopped the run with the command before its later pages were asked, in words."""

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint and the run's sum carry it."""
        return asdict(self) | {"action": self.action.value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        return cls(**known_fields(cls, data) | {"action": Action(data["action"])})


# The end


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The pages that were decided, in order, and the one that nobody decided in time, if there was one."""

    pages: tuple[ClosedPage, ...] = ()
    expired: OpenedPage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnding:
    """How a run ended, in words."""

    kind: Ending
    words: str
    pages: tuple[ClosedPage, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the execution must end as a failure, so that an alarm tells of it."""
        return self.kind in {Ending.BROKE_OFF, Ending.FAILED, Ending.UNHEARD}

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint carries it."""
        return {"kind": self.kind.value, "words": self.words, "pages": [page.to_dict() for page in self.pages]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        return cls(
            kind=Ending(data["kind"]),
            words=data["words"],
            pages=tuple(map(ClosedPage.from_dict, data.get("pages", ()))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What the execution returns, for whoever started it."""

    ending: Ending
    words: str
    region: str | None = None
    execution: str | None = None
    record: str | None = None
    """Where the sum of the run is recorded."""

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON; what there is nothing to say of is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None} | {
            "ending": self.ending.value
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The value of a checkpoint. Raises LookupError, TypeError or ValueError for anything else."""
        return cls(**known_fields(cls, data) | {"ending": Ending(data["ending"])})
