"""What a page was decided, what came of it, and how both are recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol, Self

from orchestrator.domain.candidates import Candidate, VersionKey
from orchestrator.domain.days import LONGEST_KEEP_DAYS, day_at
from orchestrator.domain.results import Outcome, ResultTotals, VersionResult
from orchestrator.domain.runs import SCHEMA_VERSION, Action, Approver, Page, UnreadableRecord
from orchestrator.domain.stored import known_fields

_VERSION_NUMBER = re.compile(r"[1-9][0-9]{0,17}")

NEVER_ANSWERED = "the delete was begun, and what came of it could not be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One person's answer to one page."""

    action: Action
    versions: frozenset[VersionKey]
    approver: Approver
    decided_at: str
    offer_hash: str | None = None
    """What the approver's page was bound to: the hash of the candidates that were posted."""
    groups_missing: int = 0
    """Boxes that Slack did not send with the click; they count as unticked."""
    not_sent: frozenset[VersionKey] | None = None
    """Which those are; None when the answer does not tell."""
    keep_days: int | None = None
    """For how many days what is not approved is not asked about again; None when nobody chose."""

    def was_sent(self, key: VersionKey) -> bool:
        """Whether Slack sent the box of a version with the click, as far as is known."""
        return not self.groups_missing if self.not_sent is None else key not in self.not_sent


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
    missing = answer.get("boxes_missing", 0)
    return Decision(
        action=_action(answer),
        versions=frozenset(_keys("approved_versions", answer.get("approved_versions", [])))
        if approved
        else frozenset(),
        approver=Approver(id=approver["id"], name=str(approver.get("name") or approver["id"])),
        decided_at=str(answer.get("decided_at", "")),
        offer_hash=answer["offer_hash"] if _is_text(answer.get("offer_hash")) else None,
        groups_missing=missing if type(missing) is int and missing > 0 else 0,
        not_sent=frozenset(_keys("not_sent", answer["not_sent"])) if "not_sent" in answer else None,
        keep_days=_days(answer.get("keep_days")),
    )


def _days(value: object) -> int | None:
    return value if isinstance(value, int) and 1 <= value <= LONGEST_KEEP_DAYS and value is not True else None


def _action(answer: Mapping[str, Any]) -> Action:
    if answer["approved"]:
        return Action.APPROVE
    if answer.get("cancelled") is True:
        return Action.CANCELLED
    return Action.STOP if answer.get("stop") is True else Action.REJECT


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _keys(name: str, versions: Any) -> Iterable[VersionKey]:
    if not isinstance(versions, list):
        raise UnreadableDecision(f"{name} is not a list")
    for version in versions:
        if not isinstance(version, Mapping) or not _is_text(version.get("function_name")):
            raise UnreadableDecision(f"a version of {name} does not name its function")
        yield version["function_name"], _number(name, version.get("version"))


def _number(name: str, value: Any) -> int:
    if type(value) is int and value > 0:
        return value
    if isinstance(value, str) and _VERSION_NUMBER.fullmatch(value):
        return int(value)
    raise UnreadableDecision(f"a version of {name} is not named by its number")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutcome:
    """One page that is over: who decided what and when, and what came of it so far."""

    page: Page
    action: Action
    approver: Approver | None
    """None when it expired."""
    decided_at: int
    """Seconds since 1970."""
    approved: frozenset[VersionKey] = frozenset()
    boxes_missing: int = 0
    """Boxes that Slack did not send with the click."""
    results: tuple[VersionResult, ...] = ()
    trying: VersionKey | None = None
    """The delete that was begun; it has no result yet."""
    release_id: str = ""
    """What was deployed when it was decided."""
    keep_days: int | None = None
    """For how many days the schedule does not ask about what stays; None where nothing is remembered of that."""

    @classmethod
    def of(cls, page: Page, decision: Decision, decided_at: int, results: Sequence[VersionResult] = ()) -> Self:
        """The outcome of a decision; versions that are not on the page do not count."""
        return cls(
            page=page,
            action=decision.action,
            approver=decision.approver,
            decided_at=decided_at,
            approved=decision.versions & {candidate.key for candidate in page.candidates},
            boxes_missing=decision.groups_missing,
            results=tuple(results),
        )

    @classmethod
    def expired(cls, page: Page) -> Self:
        """The outcome of a page that nobody decided."""
        return cls(page=page, action=Action.EXPIRED, approver=None, decided_at=page.expires_at)

    @property
    def ticked(self) -> tuple[Candidate, ...]:
        """What was approved, in the page's order."""
        return tuple(candidate for candidate in self.page.candidates if candidate.key in self.approved)

    @property
    def kept(self) -> tuple[Candidate, ...]:
        """What was not approved, in the page's order."""
        return tuple(candidate for candidate in self.page.candidates if candidate.key not in self.approved)

    @property
    def decided_on(self) -> date:
        """The day of the decision, in UTC."""
        return day_at(self.decided_at)

    @property
    def asked_again_after(self) -> date | None:
        """The last day on which the schedule does not ask about what stays; None where that is not known."""
        return None if self.keep_days is None else self.decided_on + timedelta(days=self.keep_days)

    @property
    def totals(self) -> ResultTotals:
        """The results added up."""
        return ResultTotals.of(self.results)

    def as_far_as_known(self) -> Self:
        """The same, with the delete that was begun as a result: whether the version is gone is not known."""
        begun = (candidate for candidate in self.page.candidates if candidate.key == self.trying)
        unconfirmed = (result_of(candidate, Outcome.UNCONFIRMED, NEVER_ANSWERED) for candidate in begun)
        return replace(self, results=(*self.results, *unconfirmed), trying=None)

    def shown_on_page(self) -> dict[str, Any]:
        """The decision as the page's own record tells the bot of it."""
        return {
            "action": self.action.value,
            "approver_id": self.approver.id if self.approver else None,
            "approver_name": self.approver.name if self.approver else None,
            "decided_at": self.decided_at,
            "approved": len(self.approved),
            "offered": len(self.page.candidates),
        }

    def to_dict(self) -> dict[str, Any]:
        """The outcome as it is stored."""
        return {
            "schema_version": SCHEMA_VERSION,
            "release_id": self.release_id,
            "action": self.action.value,
            "approver": asdict(self.approver) if self.approver else None,
            "decided_at": self.decided_at,
            "boxes_missing": self.boxes_missing,
            "keep_days": self.keep_days,
            "approved": [list(key) for key in sorted(self.approved)],
            "results": [result.to_dict() for result in self.results],
            "trying": None if self.trying is None else list(self.trying),
            "page": self.page.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The outcome of a stored record; unknown fields are ignored. Raises UnreadableRecord."""
        try:
            trying = data.get("trying")
            return cls(
                page=Page.from_dict(data["page"]),
                action=Action(data["action"]),
                approver=Approver(**known_fields(Approver, data["approver"])) if data.get("approver") else None,
                decided_at=int(data["decided_at"]),
                approved=frozenset((name, number) for name, number in data["approved"]),
                boxes_missing=data.get("boxes_missing", 0),
                results=tuple(map(VersionResult.from_dict, data.get("results", ()))),
                trying=None if trying is None else (trying[0], trying[1]),
                release_id=data.get("release_id", ""),
                keep_days=_days(data.get("keep_days")),
            )
        except UnreadableRecord:
            raise
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableRecord(f"the record of a decided page cannot be read: {error!r}") from error


class Costing(Protocol):
    """A version, and what it cost when it was offered."""

    @property
    def function_name(self) -> str:
        """Its function."""
        ...

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def monthly_usd(self) -> float:
        """US dollars a month."""
        ...


def result_of(version: Costing, outcome: Outcome, reason: str | None = None) -> VersionResult:
    """What came of one version, without saying when its facts were asked."""
    return VersionResult(
        function_name=version.function_name,
        number=version.number,
        outcome=outcome,
        reason=reason,
        monthly_usd=version.monthly_usd,
    )


def results_of(outcomes: Iterable[PageOutcome], told: Iterable[VersionResult]) -> tuple[VersionResult, ...]:
    """What came of every version of a run: what its steps told, and what only the records of its pages know."""
    written = (result for outcome in outcomes for result in outcome.as_far_as_known().results)
    return tuple({result.key: result for result in (*written, *told)}.values())
