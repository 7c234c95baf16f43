"""Candidates, pages, runs and outcomes as the messages need them, with sensible defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from orchestrator.domain.candidates import Candidate, in_offer_order
from orchestrator.domain.cost import Price
from orchestrator.domain.decisions import Decision, PageOutcome
from orchestrator.domain.policy import Policy
from orchestrator.domain.report import IdleFunction, NotJudged, Summary
from orchestrator.domain.results import Outcome, VersionResult
from orchestrator.domain.runs import Action, Approver, Page, Run
from orchestrator.slack.message.pages import pages_of

ACCOUNT = "111122223333"
REGION = "us-west-2"
ASKER = "U0ASKER"
APPROVER = Approver("U0APPROVER", "approver")
OTHER = Approver("U0OTHER", "other")
APPROVERS = ("S0ONCALL", "U0APPROVER")
EXECUTION = "8f3c2e71-5d0a-4c55-9d2b-3e1f8f3c2e71"
EXECUTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orchestrator:1/durable-execution/run/{EXECUTION}"
STARTED = 1_795_183_320
"""20 Nov 2026, 14:02 UTC."""
DECIDED = STARTED + 18 * 60
EXPIRES = STARTED + 7 * 24 * 3600 + 180
SCANNED_ON = date(2026, 11, 20)
PRICE = Price(1.5046e-06, REGION, "2026-09-19", "price list")
HELD_BY_FLAG = {
    "has_recent_invocations": 212,
    "function_level_activity_uncertain": 96,
    "too_recent": 61,
    "protected_kept_last_n": 36,
    "alias_protected": 19,
    "tag_protected": 8,
    "event_source_mapping_protected": 4,
}


def arn(name: str, number: int) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:{number}"


def a_candidate(name: str = "orders-api", number: int = 12, **facts: Any) -> Candidate:
    """A version as of 20 November 2026, published so many days before as it is old."""
    age_days = facts.get("age_days", 214)
    return Candidate(
        **{
            "function_name": name,
            "number": number,
            "arn": arn(name, number),
            "monthly_usd": 5.85,
            "age_days": age_days,
            "published_on": (SCANNED_ON - timedelta(days=age_days)).isoformat(),
            "code_sha256": "3Xb9kQaLw0c=",
            "last_called": "2026-08-09",
            "last_called_known": True,
            "runtime": "python3.12",
            "memory_mb": 1536,
            "package_type": "Zip",
            "state": "Active",
            **facts,
        }
    )


def versions(name: str, numbers: Iterable[int], **facts: Any) -> list[Candidate]:
    return [a_candidate(name, number, **facts) for number in numbers]


def a_fleet() -> list[Candidate]:
    """48 versions of five functions, of every kind that a row tells apart."""
    kept = {"kept_by": "U0OTHER", "kept_by_name": "other", "kept_on": "2026-11-13", "kept_until": "2027-02-11"}
    orders = [
        *versions("orders-api", [*range(12, 32), 33], description="release 4f2c1d9"),
        *versions("orders-api", [32, 34], **kept),
        *versions("orders-api", [35, 36, 37], last_called=None),
    ]
    return in_offer_order(
        [
            *orders,
            *versions("checkout", range(3, 13), monthly_usd=3.90, memory_mb=1024, age_days=97, last_called=None),
            *versions(
                "geo-lookup",
                [1, 2, 7, 8],
                monthly_usd=3.90,
                memory_mb=1024,
                package_type="Image",
                runtime=None,
                age_days=88,
            ),
            *versions("thumbs", [4, 5], monthly_usd=7.80, memory_mb=2048, runtime="dotnet8", age_days=1),
            *versions("ledger", [1, 2, 3, 4], monthly_usd=0.0, runtime="java21", age_days=400),
            *versions("orders-api", [9, 10], monthly_usd=0.0, state="Failed", age_days=88),
        ]
    )


def longest(functions: int, of_each: int = 1, **facts: Any) -> list[Candidate]:
    """Functions with the longest names AWS allows, and version numbers of ten digits."""
    return in_offer_order(
        candidate
        for index in range(functions)
        for candidate in versions(
            f"{index:04d}-{'x' * 59}", range(2_000_000_000, 2_000_000_000 + of_each), memory_mb=10240, **facts
        )
    )


def the_policy(**changes: Any) -> Policy:
    return Policy(**changes)


def functions_of(offered: Sequence[Candidate], stays: Sequence[str] = ("58 live", "57", "56")) -> list[IdleFunction]:
    by_name: dict[str, list[Candidate]] = {}
    for candidate in offered:
        by_name.setdefault(candidate.function_name, []).append(candidate)
    functions = [
        IdleFunction(
            name=name,
            idle=len(rows),
            monthly_usd=round(sum(row.monthly_usd for row in rows), 2),
            stays=tuple(stays),
            stays_more=18,
        )
        for name, rows in by_name.items()
    ]
    return sorted(functions, key=lambda function: (-function.monthly_usd, function.name))


def a_summary(offered: Sequence[Candidate] = (), **changes: Any) -> Summary:
    held = changes.pop("held", 350)
    not_judged = changes.pop("not_judged", 0)
    throttled = 'GetMetricData ThrottlingException, "Rate exceeded"'
    rows = (NotJudged(function_name="pdf-render", numbers="3–16", words=throttled),)  # noqa: RUF001
    return Summary(
        **{
            "listed": 3250,
            "snapstart": len(offered) + held + not_judged,
            "candidates": len(offered),
            "monthly_usd": round(sum(candidate.monthly_usd for candidate in offered), 2),
            "held": held,
            "not_judged": not_judged,
            "not_looked_at": 0,
            "not_looked_at_usd": 0.0,
            "held_by_flag": HELD_BY_FLAG if held else {},
            "functions": tuple(functions_of(offered)),
            "held_functions": (),
            "held_functions_more": 0,
            "not_judged_rows": rows if not_judged else (),
            "not_judged_more": 0,
            "region_active": True,
            "lookback_period_seconds": 3600,
            "period_widened": False,
            "price": PRICE,
            **changes,
        }
    )


def a_few() -> list[Candidate]:
    """Three versions of two functions, all of them ticked."""
    return [a_candidate("orders-api", 12, description="release 4f2c1d9"), *versions("checkout", [3, 4])]


def a_page(
    offered: Sequence[Candidate] | None = None, page: int = 1, *, at_most: int | None = None, **changes: Any
) -> Page:
    """Page number `page` of what a run offers."""
    fleet = a_fleet() if offered is None else offered
    pages = pages_of(fleet, at_most=at_most)
    return Page(
        **{
            "execution": EXECUTION,
            "execution_arn": EXECUTION_ARN,
            "region": REGION,
            "account_id": ACCOUNT,
            "page": page,
            "pages": len(pages),
            "revision": "r7f2a",
            "callback_id": "callback-1",
            "channel_id": "C0REVIEW",
            "message_ts": None,
            "requested_by": ASKER,
            "dry_run": False,
            "expires_at": EXPIRES,
            "candidates": pages[page - 1],
            **changes,
        }
    )


def a_run(offered: Sequence[Candidate] | None = None, *, at_most: int | None = None, **changes: Any) -> Run:
    fleet = a_fleet() if offered is None else offered
    return Run(
        **{
            "execution": EXECUTION,
            "execution_arn": EXECUTION_ARN,
            "region": REGION,
            "account_id": ACCOUNT,
            "started_at": STARTED,
            "requested_by": ASKER,
            "channel_id": "C0REVIEW",
            "dry_run": False,
            "policy": {},
            "candidates": len(fleet),
            "monthly_usd": round(sum(candidate.monthly_usd for candidate in fleet), 2),
            "page": 1,
            "pages": len(pages_of(fleet, at_most=at_most)),
            "expires_at": EXPIRES,
            **changes,
        }
    )


def approving(
    page: Page, *, but: Iterable[tuple[str, int]] = (), by: Approver = APPROVER, missing: int = 0
) -> Decision:
    """The approval of a page, with some boxes unticked."""
    ticked = {candidate.key for candidate in page.candidates} - set(but)
    return Decision(
        action=Action.APPROVE,
        versions=frozenset(ticked),
        approver=by,
        decided_at="2026-11-20T14:20:00Z",
        groups_missing=missing,
    )


def answering(action: str, by: Approver = APPROVER) -> Decision:
    return Decision(action=Action(action), versions=frozenset(), approver=by, decided_at="2026-11-20T14:20:00Z")


def results_of(
    page: Page, decision: Decision, otherwise: Mapping[tuple[str, int], tuple[Outcome, str | None]] | None = None
) -> list[VersionResult]:
    """What came of each approved version: deleted, or would be, unless said otherwise."""
    gone = Outcome.WOULD_DELETE if page.dry_run else Outcome.DELETED
    results = []
    for candidate in page.candidates:
        if candidate.key in decision.versions:
            outcome, reason = (otherwise or {}).get(candidate.key, (gone, None))
            results.append(
                VersionResult(
                    function_name=candidate.function_name,
                    number=candidate.number,
                    outcome=outcome,
                    reason=reason,
                    monthly_usd=candidate.monthly_usd,
                )
            )
    return results


def an_outcome(
    page: Page, decision: Decision | None = None, *, results: Sequence[VersionResult] | None = None
) -> PageOutcome:
    """A page decided at 14:20, every approved version deleted unless results say otherwise."""
    decision = decision or approving(page)
    outcome = PageOutcome.of(page, decision, DECIDED, results_of(page, decision) if results is None else results)
    return replace(outcome, keep_days=None if page.dry_run else 90)
