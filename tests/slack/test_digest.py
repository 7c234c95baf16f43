"""The digest of a sweep, as the channel sees it and as a screen reader hears it."""

from typing import Any

import pytest

from fakes.slack import problems
from orchestrator.domain.accounts import Account
from orchestrator.domain.sweep import ChildState, Digest, Found
from orchestrator.slack.message.digest import sweep_digest

PAYMENTS, SEARCH = Account("111122223333", "payments"), Account("444455556666", "search")
STARTED = 1_795_000_000
LINK = "https://workshop.slack.com/archives/C0REVIEW/p1"


def found(state: ChildState, account: Account = PAYMENTS, region: str = "us-west-2", **facts: Any) -> Found:
    return Found(account_id=account.id, account_name=account.name, region=region, state=state, **facts)


def a_digest(**parts: Any) -> Digest:
    return Digest(**{"asked": (), "still_waiting": (), "unseen": (), "clean": 0, "unseen_before": 0, **parts})


def said(digest: Digest, **how: Any) -> Any:
    return sweep_digest(
        digest, **{"places": 8, "started_at": STARTED, "approvers": ["S0ONCALL"], "dry_run": False, **how}
    )


ASKED = (
    found(ChildState.WAITING, candidates=46, monthly_usd=192.04, permalink=LINK),
    found(ChildState.ENDED, SEARCH, candidates=3, monthly_usd=5.85, permalink=LINK),
)
UNSEEN = (
    found(ChildState.NOT_ENTERED, SEARCH, "eu-west-1", words="sts:AssumeRole AccessDenied, not authorized <x>"),
    found(ChildState.FAILED, PAYMENTS, "eu-west-1", words="lambda:ListFunctions ServiceException"),
    found(ChildState.SCANNING, SEARCH, "us-east-1"),
)


def test_a_sweep_with_questions_and_places_it_could_not_look_at(golden):
    waiting = found(ChildState.STILL_WAITING, SEARCH, "us-east-2", since=STARTED - 7 * 86_400, permalink=LINK)
    digest = a_digest(asked=ASKED, unseen=UNSEEN, still_waiting=(waiting,), clean=2, unseen_before=1)

    golden("sweep", said(digest))


def test_a_sweep_that_could_only_not_look(golden):
    golden("sweep-not-looked-at", said(a_digest(unseen=UNSEEN[:1]), approvers=[]))


def test_the_approvers_are_mentioned_once_and_only_where_there_is_a_question():
    assert str(said(a_digest(asked=ASKED)).blocks).count("<!subteam^S0ONCALL>") == 1
    assert "<!subteam" not in str(said(a_digest(unseen=UNSEEN)).blocks)


def test_a_sweep_that_nobody_may_answer_says_so():
    assert "Nobody can approve yet" in said(a_digest(asked=ASKED), approvers=[]).text


def test_a_sweep_with_nothing_new_says_that_and_what_it_looked_at():
    heard = said(a_digest(clean=8)).text.split("\n")

    assert heard[0] == "Nothing new to decide"
    assert heard[-1] == "Nothing new in 8 accounts and regions"


def test_a_rehearsal_says_so_in_its_title():
    assert "Dry run: Delete 49 idle Lambda versions" in said(a_digest(asked=ASKED), dry_run=True).text


@pytest.mark.parametrize("number", [1, 40, 41, 160])
def test_any_number_of_questions_fits_one_message(number):
    account = Account("111122223333", "a-name-of-an-account-that-is-as-long-as-anybody-types")
    asked = tuple(
        found(ChildState.WAITING, account, f"ap-southeast-{n}", candidates=50, monthly_usd=1234.5, permalink=LINK)
        for n in range(number)
    )
    unseen = tuple(found(ChildState.FAILED, account, f"eu-{n}", words="x" * 500) for n in range(number))
    message = said(a_digest(asked=asked, unseen=unseen))

    assert problems(message.blocks) == []
    assert len(message.text.encode()) <= 3900
    assert len(message.blocks[2]["rows"]) == min(number, 41) + 1
