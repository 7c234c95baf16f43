"""What one scan found: a row a version, the candidates, and the totals."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from orchestrator.domain.candidates import Candidate
from orchestrator.domain.cost import Price, monthly_cost
from orchestrator.domain.days import iso
from orchestrator.domain.held_lines import held_lines
from orchestrator.domain.judging import Assessment
from orchestrator.domain.news import Idle
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Check, Flag
from orchestrator.domain.recalled import Recalled
from orchestrator.domain.stored import known_fields
from orchestrator.domain.verdicts import in_totals, missing_in_words
from orchestrator.domain.words import ranges

SCHEMA_VERSION = 1
FUNCTIONS_EXPLAINED = 40
"""How many functions *Why held?* explains; Slack's modal holds no more, and the CSV holds all."""
STAYS_NAMED = 3

ROW_FIELDS = (
    "function_name",
    "version",
    "function_arn",
    "runtime",
    "architecture",
    "memory_mb",
    "package_type",
    "state",
    "state_reason_code",
    "optimization_status",
    "last_modified",
    "description",
    "code_sha256",
    "age_days",
    "is_among_keep_last_n",
    "stage_a_pass",
    "version_last_invoked_utc",
    "function_level_last_invoked_utc",
    "last_called",
    "called_in_spells",
    "aliases",
    "protected_by_alias",
    "stage_b_pass",
    "reason_flags",
    "not_asked",
    "not_judged",
    "candidate_for_deletion",
    "estimated_monthly_cost_usd",
)


def cost_of(assessment: Assessment, price: Price) -> float:
    """US dollars a month that this version costs today."""
    state = assessment.state.name if assessment.state else None
    version = assessment.version
    return monthly_cost(runtime=version.runtime, memory_mb=version.memory_mb, state=state, price=price)


def row(assessment: Assessment, price: Price) -> dict[str, Any]:
    """One version as the report shows it: null stands for a check that was not asked, never for `no`."""
    version = assessment.version
    aliases_known = Check.ALIASES not in assessment.not_asked and not _failed(assessment, Check.ALIASES)
    return {
        "function_name": version.function_name,
        "version": str(version.number),
        "function_arn": version.arn,
        "runtime": version.runtime,
        "architecture": version.architecture,
        "memory_mb": version.memory_mb,
        "package_type": version.package_type,
        "state": assessment.state.name if assessment.state else None,
        "state_reason_code": assessment.state.reason_code if assessment.state else None,
        "optimization_status": version.optimization_status,
        "last_modified": iso(version.last_modified),
        "description": version.description,
        "code_sha256": version.code_sha256,
        "age_days": assessment.age_days,
        "is_among_keep_last_n": assessment.among_keep_last_n,
        "stage_a_pass": assessment.stage_a_pass,
        "version_last_invoked_utc": iso(assessment.last_call.at if assessment.last_call else None),
        "function_level_last_invoked_utc": iso(assessment.function_last),
        "last_called": _last_called(assessment),
        "called_in_spells": None if assessment.history is None else assessment.history.in_spells,
        "aliases": [
            {
                "alias_name": name,
                "reference_type": "primary" if weight is None else "weighted",
                "weight": weight,
            }
            for name, weight in assessment.aliases
        ]
        if aliases_known
        else None,
        "protected_by_alias": Flag.ALIAS_PROTECTED in assessment.flags if aliases_known else None,
        "stage_b_pass": assessment.stage_b_pass,
        "reason_flags": [flag.value for flag in Flag if flag in assessment.flags],
        "not_asked": [c.value for c in Check if c in assessment.not_asked | assessment.switched_off],
        "not_judged": [{"check": missing.check.value, "error": missing.words} for missing in assessment.missing],
        "candidate_for_deletion": assessment.candidate,
        "estimated_monthly_cost_usd": cost_of(assessment, price),
    }


def candidate_of(assessment: Assessment, price: Price, recalled: Recalled) -> Candidate:
    """The candidate of an assessment, and what is remembered of it."""
    version, monthly_usd = assessment.version, cost_of(assessment, price)
    in_spells = assessment.history is not None and assessment.history.in_spells
    idle = Idle(
        function_name=version.function_name, number=version.number, monthly_usd=monthly_usd, in_spells=in_spells
    )
    place = recalled.place(idle)
    keep, refusal = place.keep, place.refusal
    return Candidate(
        function_name=version.function_name,
        number=version.number,
        arn=version.arn,
        monthly_usd=monthly_usd,
        age_days=assessment.age_days or 0,
        runtime=version.runtime,
        memory_mb=version.memory_mb,
        package_type=version.package_type,
        state=assessment.state.name if assessment.state else None,
        published_on=_day(version.last_modified),
        published_at=iso(version.last_modified),
        description=version.description,
        code_sha256=version.code_sha256,
        last_called=_last_called(assessment),
        last_called_known=assessment.history is not None,
        called_in_spells=in_spells,
        kept_by=keep.by if keep else None,
        kept_by_name=keep.name if keep else None,
        kept_on=keep.on.isoformat() if keep else None,
        kept_until=keep.until.isoformat() if keep else None,
        refused_on=refusal.on.isoformat() if refusal else None,
        settled=place.standing.is_settled,
    )


def _last_called(assessment: Assessment) -> str | None:
    history = assessment.history
    return None if history is None or history.last_day is None else history.last_day.isoformat()


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).date().isoformat()


def _failed(assessment: Assessment, check: Check) -> bool:
    return any(missing.check is check for missing in assessment.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleFunction:
    """One function with candidates: how many, what they cost a month, and what stays of it."""

    name: str
    idle: int
    monthly_usd: float
    stays: tuple[str, ...]
    """The newest versions that stay, those behind an alias first, such as `58 live`."""
    stays_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFunction:
    """Why the held versions of one function are held, a line a reason."""

    name: str
    held: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJudged:
    """Versions of one function that could not be judged, and AWS's words for it."""

    function_name: str
    numbers: str
    """As ranges, `3-16` with an en dash."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The totals of a scan.

    Held, not judged, candidates, kept, refused and not looked at add up to the SnapStart versions.
    """

    listed: int
    snapstart: int
    candidates: int
    monthly_usd: float
    held: int
    not_judged: int
    not_looked_at: int
    not_looked_at_usd: float
    held_by_flag: Mapping[str, int]
    functions: tuple[IdleFunction, ...]
    held_functions: tuple[HeldFunction, ...]
    held_functions_more: int
    not_judged_rows: tuple[NotJudged, ...]
    not_judged_more: int
    region_active: bool | None
    """Whether any function of the region was called in the lookback; None when CloudWatch did not say."""
    lookback_period_seconds: int
    period_widened: bool
    price: Price
    calls: Mapping[str, int] = field(default_factory=dict)
    """How many calls of each quota class the scan made."""
    kept: int = 0
    """Versions that nothing holds and an approver keeps today, and that are not offered."""
    refused: int = 0
    """Likewise those that AWS refused to delete."""
    memory_set_aside: str | None = None
    """Why what was remembered could not be read, and where it was set aside."""
    alias_history_off: bool = False
    """Whether the stack was told to do without knowing where aliases pointed lately."""

    def to_dict(self) -> dict[str, Any]:
        """The summary as a plain dict."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The summary of a dict; fields of another release are ignored."""
        nested = {
            "functions": tuple(_idle(function) for function in data["functions"]),
            "held_functions": tuple(_held(function) for function in data["held_functions"]),
            "not_judged_rows": tuple(NotJudged(**known_fields(NotJudged, row)) for row in data["not_judged_rows"]),
            "price": Price(**known_fields(Price, data["price"])),
        }
        return cls(**known_fields(cls, data) | nested)


def _idle(data: Mapping[str, Any]) -> IdleFunction:
    return IdleFunction(**known_fields(IdleFunction, data) | {"stays": tuple(data["stays"])})


def _held(data: Mapping[str, Any]) -> HeldFunction:
    return HeldFunction(**known_fields(HeldFunction, data) | {"lines": tuple(data["lines"])})


class Tally:
    """Add up a scan, one function after the other, in memory that does not grow with the held versions."""

    def __init__(self, policy: Policy, price: Price, recalled: Recalled) -> None:
        self._policy = policy
        self._price = price
        self._recalled = recalled
        self._snapstart = 0
        self._held = 0
        self._not_judged = 0
        self._kept = 0
        self._refused = 0
        self._not_looked_at = 0
        self._not_looked_at_usd = 0.0
        self._by_flag: Counter[str] = Counter()
        self._functions: list[IdleFunction] = []
        self._explained: list[tuple[int, str, HeldFunction]] = []
        self._functions_held = 0
        self._unjudged: list[NotJudged] = []
        self._unjudged_more = 0
        self.candidates: list[Candidate] = []

    def add(self, name: str, assessments: Sequence[Assessment]) -> None:
        """Add one function's final verdicts, newest version first."""
        clear = [(a, self._is_settled(a)) for a in assessments if not a.held]
        candidates = [a for a, settled in clear if a.candidate and (self._recalled.asked_for or not settled)]
        offered = {a.version.number for a in candidates}
        unjudged = [a for a in assessments if a.flags == {Flag.NOT_JUDGED}]
        held = [a for a in assessments if a.held and a.flags != {Flag.NOT_JUDGED}]
        counted = [a for a, settled in clear if settled and a.version.number not in offered]
        unseen = [a for a, settled in clear if not a.candidate and not settled]
        self._snapstart += len(assessments)
        self._held += len(held)
        self._not_judged += len(unjudged)
        kept = sum(self._is_kept(a) for a in counted)
        self._kept += kept
        self._refused += len(counted) - kept
        self._not_looked_at += len(unseen)
        self._not_looked_at_usd += sum(cost_of(a, self._price) for a in unseen)
        self._by_flag.update(flag.value for a in held for flag in a.flags if flag is not Flag.NOT_JUDGED)
        self._explain_unjudged(name, unjudged)
        if held:
            self._explain_held(name, held)
        if candidates:
            self._offer(name, candidates, [a for a in assessments if a.version.number not in offered])

    def _is_settled(self, assessment: Assessment) -> bool:
        return self._recalled.is_settled((assessment.version.function_name, assessment.version.number))

    def _is_kept(self, assessment: Assessment) -> bool:
        return self._recalled.is_kept((assessment.version.function_name, assessment.version.number))

    def _offer(self, name: str, candidates: Sequence[Assessment], staying: Sequence[Assessment]) -> None:
        offered = [candidate_of(assessment, self._price, self._recalled) for assessment in candidates]
        self.candidates += offered
        aliased_first = sorted(staying, key=lambda a: (not a.aliases, -a.version.number))
        self._functions.append(
            IdleFunction(
                name=name,
                idle=len(offered),
                monthly_usd=round(sum(c.monthly_usd for c in offered), 2),
                stays=tuple(_stay(a) for a in aliased_first[:STAYS_NAMED]),
                stays_more=max(0, len(staying) - STAYS_NAMED),
            )
        )

    def _explain_held(self, name: str, held: Sequence[Assessment]) -> None:
        self._functions_held += 1
        entry = (len(held), name)
        if len(self._explained) == FUNCTIONS_EXPLAINED and entry <= self._explained[0][:2]:
            return
        lines = held_lines(held, self._policy)
        explained = (*entry, HeldFunction(name=name, held=len(held), lines=lines))
        if len(self._explained) < FUNCTIONS_EXPLAINED:
            heapq.heappush(self._explained, explained)
        else:
            heapq.heapreplace(self._explained, explained)

    def _explain_unjudged(self, name: str, unjudged: Sequence[Assessment]) -> None:
        by_words: dict[str, list[int]] = {}
        for assessment in unjudged:
            by_words.setdefault(missing_in_words(assessment), []).append(assessment.version.number)
        for words, numbers in by_words.items():
            if len(self._unjudged) < FUNCTIONS_EXPLAINED:
                self._unjudged.append(NotJudged(function_name=name, numbers=ranges(numbers), words=words))
            else:
                self._unjudged_more += 1

    def summary(
        self,
        *,
        listed: int,
        region_active: bool | None,
        period_seconds: int,
        period_widened: bool,
        calls: Mapping[str, int],
    ) -> Summary:
        """The totals of all that was added."""
        order = [flag for flag in Flag if flag.value in self._by_flag]
        order.sort(key=lambda flag: -self._by_flag[flag.value])
        explained = sorted(self._explained, key=lambda entry: (-entry[0], entry[1]))
        return Summary(
            listed=listed,
            snapstart=self._snapstart,
            candidates=len(self.candidates),
            monthly_usd=round(sum(c.monthly_usd for c in self.candidates), 2),
            held=self._held,
            not_judged=self._not_judged,
            not_looked_at=self._not_looked_at,
            not_looked_at_usd=round(self._not_looked_at_usd, 2),
            held_by_flag={flag.value: self._by_flag[flag.value] for flag in order},
            functions=tuple(sorted(self._functions, key=lambda f: (-f.monthly_usd, f.name))),
            held_functions=tuple(function for _, _, function in explained),
            held_functions_more=self._functions_held - len(explained),
            not_judged_rows=tuple(self._unjudged),
            not_judged_more=self._unjudged_more,
            region_active=region_active,
            lookback_period_seconds=period_seconds,
            period_widened=period_widened,
            price=self._price,
            calls=dict(calls),
            kept=self._kept,
            refused=self._refused,
            memory_set_aside=self._recalled.set_aside,
            alias_history_off=not self._policy.alias_history_required,
        )


def _stay(assessment: Assessment) -> str:
    return " ".join([str(assessment.version.number), *(name for name, _ in assessment.aliases)])


def held_in_totals(summary: Summary, policy: Policy) -> str:
    """The counts of what is held, most first: `212 called in 35 days · 96 with unexplained calls`."""
    return " · ".join(f"{n:,} {in_totals(Flag(flag), policy)}" for flag, n in summary.held_by_flag.items())
