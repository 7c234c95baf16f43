"""Every message of the conversation as a golden file: read a change there as a reader in the channel would."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain import readiness
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.readiness import Findings, Named
from orchestrator.domain.report import IdleFunction
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Held, Run
from orchestrator.slack.message import doctor
from orchestrator.slack.message.blocks import Message
from orchestrator.slack.message.candidates import candidates, candidates_in_thread
from orchestrator.slack.message.decided import decided, decision_in_thread, page_done_in_thread, page_rejected
from orchestrator.slack.message.declined import already_claimed, already_open, met_by_the_schedule, refused
from orchestrator.slack.message.endings import (
    Links,
    done,
    done_in_thread,
    expired,
    expired_in_thread,
    rejected,
    rejected_in_thread,
    stopped_here,
    stopped_here_in_thread,
)
from orchestrator.slack.message.failures import failed, failed_in_thread, grant, stopped
from orchestrator.slack.message.held import why_held
from orchestrator.slack.message.over import over, without_words
from orchestrator.slack.message.scanning import ScanProgress, nothing_but_not_judged, nothing_to_clean, scanning
from tests.slack.builders import (
    APPROVERS,
    DECIDED,
    OTHER,
    STARTED,
    a_candidate,
    a_few,
    a_fleet,
    a_page,
    a_run,
    a_summary,
    an_outcome,
    answering,
    approving,
    longest,
    results_of,
    the_policy,
    versions,
)
from tests.slack.receipts import RECEIPTS

LINKS = Links(
    record="s3://reports/outcomes/8f3c2e.json",
    execution="https://console.example/execution?region=us-west-2&id=8f3c2e",
    log="https://console.example/log",
)
TESTED = Findings(
    (
        readiness.token(None),
        readiness.channel(None),
        readiness.schedule(
            "cleaner/scan", None, None, problem="scheduler:GetSchedule ResourceNotFoundException, <gone>"
        ),
        readiness.people("approvers", "Approvers", [Named("S0ONCALL", None, "Slack: ratelimited")]),
    )
)
KEPT = [("orders-api", 32), ("orders-api", 34), ("geo-lookup", 2)]
DENIED = "lambda:DeleteFunction: AccessDeniedException, not authorized to perform <lambda:DeleteFunction> & more"
MIXED = {
    ("checkout", 7): (Outcome.SKIPPED, "alias `canary` points to it now"),
    ("thumbs", 4): (Outcome.FAILED, DENIED),
    ("thumbs", 5): (Outcome.FAILED, DENIED),
}


def offered_as(offered: list[Candidate], page: int = 1, **changes: Any) -> Message:
    summary = a_summary(offered, **changes.pop("summary", {}))
    policy = the_policy(**changes.pop("policy", {}))
    shown: dict[str, Any] = {"approvers": APPROVERS, "second_person": False, "decided": (), **changes.pop("shown", {})}
    return candidates(a_page(offered, page, **changes), offered=offered, summary=summary, policy=policy, **shown)


def some_kept() -> PageOutcome:
    """45 of 48 approved, not carried out yet."""
    page = a_page()
    return an_outcome(page, approving(page, but=KEPT), results=())


def mixed(**changes: Any) -> PageOutcome:
    """45 of 48 approved: some deleted, one skipped, two failed."""
    page = a_page(**changes)
    decision = approving(page, but=KEPT)
    return an_outcome(page, decision, results=results_of(page, decision, MIXED))


def pages(offered: list[Candidate], *actions: str) -> list[PageOutcome]:
    """One page after the other: approved by one person or another, rejected, stopped or expired."""
    outcomes = []
    for number, action in enumerate(actions, start=1):
        page = a_page(offered, number, at_most=3)
        if action == "expired":
            outcomes.append(PageOutcome.expired(page))
        elif action == "approve":
            outcomes.append(an_outcome(page, approving(page, but=[page.candidates[0].key])))
        elif action == "approve by other":
            outcomes.append(an_outcome(page, approving(page, by=OTHER)))
        else:
            outcomes.append(an_outcome(page, answering(action)))
    return outcomes


def of_four_pages() -> list[Candidate]:
    """Four pages of three versions each."""
    return [c for name in ("orders-api", "checkout", "mailer", "thumbs") for c in versions(name, range(1, 4))]


def left_alone(reason: str, number: int = 3) -> PageOutcome:
    """All approved, none deleted, for one reason."""
    page = a_page(versions("orders-api", range(1, number + 1)))
    reasons = {c.key: (Outcome.SKIPPED, reason) for c in page.candidates}
    return an_outcome(page, results=results_of(page, approving(page), reasons))


def with_a_failure() -> PageOutcome:
    """The first of four pages, approved, one delete of it failed."""
    page = a_page(of_four_pages(), at_most=3)
    decision = approving(page)
    return an_outcome(page, decision, results=results_of(page, decision, {("orders-api", 1): (Outcome.FAILED, DENIED)}))


def stopped_amid() -> PageOutcome:
    page = a_page()
    decision = approving(page, but=KEPT)
    left = dict.fromkeys((c.key for c in page.candidates[15:]), (Outcome.UNTOUCHED, None))
    failed = dict.fromkeys((c.key for c in page.candidates[12:15]), (Outcome.FAILED, DENIED))
    return an_outcome(page, decision, results=results_of(page, decision, left | failed))


HELD = Held(
    execution="8f3c2e71",
    snapstart=412,
    held=350,
    not_judged=14,
    totals="212 called in 35 days · 96 with unexplained calls",
    not_judged_lines=('`pdf-render` 3–16: GetMetricData ThrottlingException, "Rate <exceeded>".',),  # noqa: RUF001
    functions=(("orders-api", 21, ("58 alias `live` points to it", "56–58 among the newest 3")),),  # noqa: RUF001
    functions_more=3,
)
ODD = [
    a_candidate(age_days=20, last_called=None, description="  hotfix\n search, with  more words than a phone shows "),
    a_candidate(number=13, kept_by="U0OTHER", kept_by_name="a name beyond twenty letters", kept_on="2025-11-13"),
    a_candidate(number=14, kept_by="U0OTHER", kept_by_name="other", kept_on="2026-11-13", kept_until="2027-11-13"),
    a_candidate(number=17, kept_by="U0OTHER", kept_by_name="other", kept_on="2026-05-13", kept_until="2026-08-11"),
    a_candidate(number=15, called_in_spells=True, age_days=500, last_called="2025-10-01"),
    a_candidate(number=16, refused_on="2026-11-13", memory_mb=3008, monthly_usd=11.70, age_days=500, last_called=None),
    a_candidate("checkout", monthly_usd=0.0, state=None, runtime="dotnet8"),
    a_candidate("mailer", 7, runtime="java21", monthly_usd=0.0),
    a_candidate("mailer", 8, runtime=None, state="Failed", monthly_usd=0.0, arn="elsewhere"),
]
ODD_FUNCTIONS = (
    IdleFunction(name="orders-api", idle=6, monthly_usd=40.95, stays=("9 a-very-long-alias" * 4, "8"), stays_more=0),
    IdleFunction(name="checkout", idle=1, monthly_usd=0.0, stays=(), stays_more=0),
    IdleFunction(name="mailer", idle=2, monthly_usd=0.0, stays=("9 live",), stays_more=3),
)


def paged() -> Run:
    return a_run(of_four_pages(), at_most=3)


MESSAGES: dict[str, Callable[[], Message | dict]] = {
    "scanning": lambda: scanning(
        a_run(step=2), ScanProgress(listed=3250, snapstart=412, checked=210, to_check=320, throttled=True)
    ),
    "scanning-just-started": lambda: scanning(a_run(dry_run=True, requested_by=None), ScanProgress()),
    "nothing-to-clean": lambda: nothing_to_clean(a_run([]), a_summary(held=412), at=STARTED + 60),
    "nothing-with-snapstart": lambda: nothing_to_clean(a_run([]), a_summary(held=0), at=STARTED + 60),
    "nothing-but-not-judged-for-want-of-a-permission": lambda: nothing_but_not_judged(
        a_run([]), a_summary(held=398, not_judged=14), what_to_do=grant("lambda:GetPolicy", a_run())
    ),
    "nothing-but-not-judged": lambda: nothing_but_not_judged(a_run([]), a_summary(held=398, not_judged=14)),
    "candidates-1": lambda: offered_as([a_candidate()]),
    "candidates-48-of-five-functions": lambda: offered_as(a_fleet(), summary={"not_judged": 14}),
    "candidates-with-the-longest-names": lambda: offered_as(longest(3, monthly_usd=39.0, last_called=None)),
    "candidates-first-page": lambda: offered_as(
        of_four_pages(), at_most=3, summary={"not_looked_at": 1340, "not_looked_at_usd": 212.0}
    ),
    "candidates-last-page": lambda: offered_as(
        of_four_pages(),
        4,
        at_most=3,
        shown={"decided": pages(of_four_pages(), "approve", "reject", "approve by other")},
    ),
    "candidates-with-odd-facts": lambda: offered_as(
        ODD, account_name="payments", summary={"functions": ODD_FUNCTIONS, "not_judged": 9}, shown={"keep_days": 60}
    ),
    "candidates-of-the-release-before": lambda: offered_as(
        [a_candidate(published_on=None, code_sha256="", last_called=None, last_called_known=False)]
    ),
    "candidates-dry-run": lambda: offered_as(a_few(), dry_run=True),
    "candidates-second-person": lambda: offered_as(a_few(), shown={"second_person": True}),
    "candidates-scheduled": lambda: offered_as(
        a_few(), requested_by=None, summary={"kept": 12, "refused": 3}, shown={"second_person": True}
    ),
    "candidates-abandoned-region": lambda: offered_as(a_few(), summary={"region_active": False}),
    "candidates-blind-region": lambda: offered_as(a_few(), summary={"region_active": None}),
    "candidates-nobody-can-approve": lambda: offered_as([a_candidate()], shown={"approvers": ()}),
    "candidates-stricter-policy": lambda: offered_as(
        [a_candidate(monthly_usd=0.0, state="Inactive")],
        policy={"min_age_days": 30, "keep_last_n": 1, "lookback_days": 60, "function_name_prefix": "orders-"},
        summary={"held": 0},
        shown={"approvers": ("*",)},
    ),
    "candidates-in-thread": lambda: candidates_in_thread(
        a_page(),
        offered=a_fleet(),
        approvers=APPROVERS,
        summary=a_summary(a_fleet(), not_judged=14, not_judged_more=2),
        policy=the_policy(),
    ),
    "candidates-in-thread-of-a-prefix": lambda: candidates_in_thread(
        a_page([a_candidate()], account_name="payments"),
        offered=[a_candidate()],
        approvers=APPROVERS,
        summary=a_summary([a_candidate()], held=0),
        policy=the_policy(function_name_prefix="orders-", keep_last_n=1),
    ),
    "candidates-in-thread-untested": lambda: candidates_in_thread(
        a_page(a_few()), offered=a_few(), approvers=APPROVERS, untested_command="/snapstart"
    ),
    "doctor-asking": lambda: doctor.asking(TESTED, execution="8f3c2e", release_id="2026.11.20-ab12"),
    "doctor-failed": lambda: doctor.tested(
        TESTED + Findings((readiness.ticks(None), readiness.replies(found=True))),
        release_id="2026.11.20-ab12",
        command="/snapstart",
    ),
    "doctor-not-known": lambda: doctor.tested(
        Findings((readiness.token(None), readiness.nobody_pressed())),
        release_id="2026.11.20-ab12",
        command="/snapstart",
    ),
    "doctor-passed": lambda: doctor.tested(
        Findings((readiness.token(None), readiness.channel(None), readiness.ticks(frozenset(readiness.BOXES)))),
        release_id="2026.11.20-ab12",
        command="/snapstart",
    ),
    "doctor-of-forty-accounts": lambda: doctor.asking(
        Findings(
            tuple(
                readiness.entered(f"account-{number} (1111222233{number})", "snapstart-cleaner-read", "x" * 300)
                for number in range(10, 50)
            )
        ),
        execution="8f3c2e",
        release_id="2026.11.20-ab12",
    ),
    "doctor-in-thread": lambda: doctor.tested_in_thread(asked_by="U0ASKER"),
    "candidates-in-thread-scheduled": lambda: candidates_in_thread(
        a_page(requested_by=None), offered=a_fleet(), approvers=APPROVERS
    ),
    "candidates-in-thread-without-csv": lambda: candidates_in_thread(
        a_page(),
        offered=a_fleet(),
        approvers=APPROVERS,
        csv_problem="Slack: file_uploads_disabled",
        csv_location="s3://reports/a.csv",
    ),
    "decided": lambda: decided(some_kept()),
    "decided-halfway": lambda: decided(
        PageOutcome.of(a_page(), approving(a_page(), but=KEPT, missing=10), DECIDED), done=12
    ),
    "decided-dry-run": lambda: decided(an_outcome(a_page(dry_run=True), results=())),
    "decided-second-page": lambda: decided(
        an_outcome(a_page(of_four_pages(), 2, at_most=3), results=()),
        earlier=pages(of_four_pages(), "approve by other"),
    ),
    "decision-in-thread": lambda: decision_in_thread(some_kept()),
    "decision-in-thread-with-boxes-missing": lambda: decision_in_thread(
        an_outcome(a_page(), approving(a_page(), missing=10), results=())
    ),
    "decision-in-thread-of-nothing": lambda: decision_in_thread(
        an_outcome(a_page(), approving(a_page(), but=[c.key for c in a_fleet()]), results=())
    ),
    "decision-in-thread-of-many-functions": lambda: decision_in_thread(an_outcome(a_page(longest(4)))),
    "decision-in-thread-rejected-page": lambda: decision_in_thread(pages(of_four_pages(), "reject")[0]),
    "decision-in-thread-stopped": lambda: decision_in_thread(pages(of_four_pages(), "stop")[0]),
    "page-rejected": lambda: page_rejected(
        pages(of_four_pages(), "approve", "reject")[1], earlier=pages(of_four_pages(), "approve")
    ),
    "page-done-in-thread-with-a-failure": lambda: page_done_in_thread(with_a_failure()),
    "page-done-in-thread": lambda: page_done_in_thread(pages(of_four_pages(), "approve")[0], record=LINKS.record),
    "done": lambda: done(a_run(), [an_outcome(a_page(), approving(a_page(), but=KEPT))], took=72),
    "done-with-failures": lambda: done(a_run(), [mixed()], took=72),
    "done-nothing-deleted": lambda: done(a_run(), [left_alone("already gone")], took=5),
    "done-nothing-could-be-checked": lambda: done(
        a_run(), [left_alone("could not be checked again: Rate exceeded")], took=5
    ),
    "done-the-only-version-stays": lambda: done(a_run(), [left_alone("called on 21 Nov", 1)], took=5),
    "done-with-boxes-missing": lambda: done(
        a_run(), [an_outcome(a_page(), approving(a_page(), but=KEPT, missing=1))], took=72
    ),
    "done-without-an-approval": lambda: done(a_run(), [an_outcome(a_page(), results=())], took=1),
    "done-in-thread-nothing-deleted": lambda: done_in_thread(
        a_run(requested_by=None), [left_alone("deletes are switched off")]
    ),
    "done-dry-run": lambda: done(a_run(dry_run=True), [mixed(dry_run=True)], took=3700),
    "done-pages": lambda: done(
        paged(), pages(of_four_pages(), "approve", "reject", "approve by other", "approve"), took=300
    ),
    "done-in-thread": lambda: done_in_thread(a_run(), [mixed()], LINKS),
    "done-in-thread-dry-run": lambda: done_in_thread(a_run(dry_run=True), [mixed(dry_run=True)], LINKS),
    "done-in-thread-pages": lambda: done_in_thread(
        paged(), pages(of_four_pages(), "approve", "reject", "approve by other", "approve"), LINKS
    ),
    "rejected": lambda: rejected(a_run(), [an_outcome(a_page(), answering("reject"))]),
    "rejected-in-thread": lambda: rejected_in_thread(a_run(), [an_outcome(a_page(), answering("reject"))]),
    "expired": lambda: expired(a_run(), [PageOutcome.expired(a_page())], opened_at=STARTED + 180),
    "expired-in-thread": lambda: expired_in_thread(a_run(), [PageOutcome.expired(a_page())]),
    "expired-after-pages": lambda: expired(
        paged(), pages(of_four_pages(), "approve", "approve by other", "expired"), opened_at=STARTED + 180
    ),
    "expired-after-pages-in-thread": lambda: expired_in_thread(
        paged(), pages(of_four_pages(), "approve", "approve by other", "expired")
    ),
    "stopped-here": lambda: stopped_here(paged(), pages(of_four_pages(), "approve", "stop")),
    "stopped-here-after-a-failure": lambda: stopped_here(
        paged(), [with_a_failure(), *pages(of_four_pages(), "approve", "stop")[1:]]
    ),
    "stopped-here-at-once": lambda: stopped_here(paged(), pages(of_four_pages(), "stop")),
    "stopped-here-in-thread": lambda: stopped_here_in_thread(
        paged(), pages(of_four_pages(), "approve by other", "stop")
    ),
    "rejected-the-only-version": lambda: rejected(
        a_run([a_candidate(monthly_usd=0.0)]),
        [an_outcome(a_page([a_candidate(monthly_usd=0.0)]), answering("reject"))],
    ),
    "rejected-all-pages": lambda: rejected(a_run(longest(6), at_most=3), pages(longest(6), "reject", "reject")),
    "stopped": lambda: stopped(a_run(), [stopped_amid()], what_happened=DENIED, links=LINKS),
    "stopped-with-nothing-left": lambda: stopped(a_run(), [mixed()], what_happened=DENIED),
    "stopped-before-later-pages": lambda: stopped(
        paged(), [with_a_failure()], what_happened=DENIED, what_to_do=grant("lambda:ListVersionsByFunction", a_run())
    ),
    "failed": lambda: failed(
        a_run(),
        what_happened='lambda:ListFunctions: AccessDeniedException, "not authorized to perform <it>"',
        what_to_do=grant("lambda:ListFunctions", a_run()),
        links=LINKS,
    ),
    "failed-unknown": lambda: failed(a_run(), what_happened="S3: InternalError " + "x" * 5000, links=LINKS),
    "failed-after-a-page": lambda: failed(
        paged(), what_happened="S3: SlowDown", outcomes=pages(of_four_pages(), "approve")
    ),
    "failed-while-it-waited": lambda: failed(
        a_run(status="waiting"), what_happened="the answer is not JSON", results=[]
    ),
    "failed-in-thread": lambda: failed_in_thread(a_run(), what_happened="S3: SlowDown"),
    "failed-in-thread-after-a-page": lambda: failed_in_thread(
        paged(), what_happened="S3: SlowDown", outcomes=pages(of_four_pages(), "approve by other")
    ),
    "ended-without-words": lambda: without_words(a_run(), status="TIMED_OUT"),
    "refused-request": lambda: refused(
        ["`min_age_days` 0: must be 1 or more", "`regoin` is not a field"],
        requested_by=None,
        execution="8f3c2e71",
        region="us-west-2",
        command="/snap-test",
    ),
    "over": lambda: over(a_run(ended_at=DECIDED, ending_words="43 deleted, about $212.55 a month")),
    "already-open": lambda: already_open(a_run(), requested_by="U0OTHER"),
    "already-claimed": lambda: already_claimed("us-west-2", requested_by="U0OTHER"),
    "met-by-the-schedule": lambda: met_by_the_schedule(a_run()),
    "why-held": lambda: why_held(HELD),
    **RECEIPTS,
    "why-held-nothing": lambda: why_held(Held(execution="8f3c2e71", snapstart=3, held=0, not_judged=0, totals="")),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_reads_as_its_golden_file_and_fits_block_kit(name: str, golden: Callable) -> None:
    golden(name, MESSAGES[name]())


def test_every_golden_file_belongs_to_a_message() -> None:
    here = Path(__file__).parent
    files = {path.stem for path in (here / "golden").glob("*.json")}
    elsewhere = {
        name for test in here.glob("test_*.py") for name in re.findall(r'golden\("([a-z-]+)"', test.read_text())
    }

    assert files == set(MESSAGES) | elsewhere
