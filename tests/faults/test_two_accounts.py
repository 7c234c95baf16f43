"""Two accounts with functions and versions of the same names: what is decided in one never reaches the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from fakes.aws import Cloud
from fakes.slack import Message, Person, team
from tests.faults.test_many_accounts import ACCOUNTS, MEMBER, OWN
from tests.harness import REGION, Harness, a_clock, harness
from tests.workflow.fleets import a_function
from tests.workflow.test_accounts import the_same_in_both

NAMES = {OWN: "payments", MEMBER: "search"}
OTHER = {OWN: MEMBER, MEMBER: OWN}
FUNCTIONS = ("orders-api", "mailer")


@dataclass(slots=True)
class TwoAccounts:
    """Both accounts, and the question that is open in each."""

    play: Harness
    open: dict[str, str] = field(default_factory=dict)
    """The run that waits for an answer, by account."""

    def cloud(self, account: str) -> Cloud:
        return self.play.cloud if account == OWN else self.play.cloud.member(MEMBER)

    def asks(self, account: str) -> str:
        """The question that is open in an account; where there is none, news comes and a scan asks."""
        if account not in self.open:
            for name in FUNCTIONS:
                # One more is idle then, wherever `live` points.
                self.cloud(account).functions[name].publish(2, age_days=20)
            self.open[account] = self.play.scan(account_id=account)
        return self.open[account]

    def does(self, account: str, way: str) -> None:
        """Let one thing happen in an account, and wait until it has come to its end."""
        arn = self.asks(account)
        WAYS[way](self, account, self.message(arn))
        for run in self.play.runs:
            self.play.result(run)
        if way not in LEAVES_IT_OPEN:
            self.play.result(self.open.pop(account))

    def message(self, arn: str) -> Message:
        """The root message of a run."""
        execution = self.play.execution(arn)
        return next(root for root in self.play.roots if _run_of(root) == execution)

    def seen_of(self, account: str) -> dict[str, Any]:
        """Everything there is of an account: its versions and deletes, its records, its messages and their threads."""
        play, cloud = self.play, self.cloud(account)
        runs = [key.split("/")[1] for key in play.keys("pending/") if key.endswith("/run.json")]
        own = [run for run in runs if play.record(f"pending/{run}/run.json")["account_id"] == account]
        places = [f"locks/{account}/", f"memory/{account}/"]
        places += [f"{room}/{run}" for room in ("pending", "outcomes", "reports", "control/stop") for run in own]
        roots = [root for root in play.roots if _run_of(root) in own]
        return {
            "versions": {name: list(function.numbers) for name, function in cloud.functions.items()},
            "deletes": list(cloud.deletions),
            "scans": cloud.calls["ListFunctions"],
            "records": {key: _content(play, key) for place in places for key in play.keys(place)},
            "messages": [(root.text, root.blocks) for root in roots],
            "threads": [reply.text for root in roots for reply in play.workspace.thread(team.REVIEW, root.ts)],
        }

    def approver(self) -> Person:
        return self.play.somebody(team.APPROVER)

    # What may happen to a question

    def approves(self, _account: str, question: Message) -> None:
        with suppress(LookupError):  # what was kept before starts unticked, and somebody wants it gone by now
            self.approver().ticks(question, "orders-api:1")
        self.approver().presses(question, "approve")

    def keeps(self, _account: str, question: Message) -> None:
        self.approver().unticks(question, self.approver().ticked(question)[0])
        self.approver().presses(question, "approve" if self.approver().ticked(question) else "reject")

    def rejects(self, _account: str, question: Message) -> None:
        self.approver().presses(question, "reject")

    def stops(self, account: str, _question: Message) -> None:
        self.approver().types(f"/snapstart stop {NAMES[account]} {REGION}", channel=team.REVIEW)

    def scans_again(self, account: str, _question: Message) -> None:
        self.play.result(self.play.starts({"requested_by": team.OTHER, "account_id": account}))


WAYS: dict[str, Callable[[TwoAccounts, str, Message], None]] = {
    "approves": TwoAccounts.approves,
    "keeps": TwoAccounts.keeps,
    "rejects": TwoAccounts.rejects,
    "stops": TwoAccounts.stops,
    "scans again": TwoAccounts.scans_again,
}
LEAVES_IT_OPEN = frozenset({"scans again"})


def _run_of(message: Message) -> str | None:
    return None if message.metadata is None else message.metadata["event_payload"]["run"]


def _content(play: Harness, key: str) -> bytes:
    stored: bytes = play.cloud.client("s3").get_object(Bucket="reports", Key=key)["Body"].read()
    return stored


@pytest.fixture(scope="module")
def accounts() -> Iterator[TwoAccounts]:
    """One installation for all examples: what went before in either account is part of what they tell."""
    clock = a_clock()
    cloud = Cloud(clock=clock)
    the_same_in_both(cloud)
    for account in (cloud, cloud.member(MEMBER)):
        a_function(account, "mailer", idle=1)
    with harness(cloud, clock, **ACCOUNTS) as play:
        yield TwoAccounts(play)


def test_whatever_is_decided_in_one_account_nothing_is_asked_shown_remembered_or_deleted_in_the_other(
    accounts: TwoAccounts, every: bool
) -> None:
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        # What went before counts, so that no failure can be made smaller.
        phases=[Phase.explicit, Phase.generate] if every else [Phase.explicit],
        suppress_health_check=list(HealthCheck),
    )
    @given(here=st.sampled_from([OWN, MEMBER]), ways=st.lists(st.sampled_from(list(WAYS)), min_size=1, max_size=3))
    @example(here=MEMBER, ways=["keeps", "stops"])
    @example(here=OWN, ways=["rejects", "approves"])
    def one(here: str, ways: list[str]) -> None:
        there = OTHER[here]
        accounts.asks(there)
        before = accounts.seen_of(there)
        for way in ways:
            accounts.does(here, way)

        assert accounts.seen_of(there) == before
        told = [
            reply.text
            for root in accounts.play.roots
            if here in root.text
            for reply in accounts.play.workspace.thread(team.REVIEW, root.ts)
        ]
        assert not any(there in text for text in told)

    one()
