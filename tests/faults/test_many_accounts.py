"""A member's account is hard to enter, a sweep is interrupted: nothing is asked twice, nothing else is lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from fakes.aws import Cloud
from fakes.aws.organisation import DELETING
from fakes.slack import Message, team
from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.law import Breaches, after_whatever_happened, live_buttons, locks_left, whole_functions
from tests.faults.matrix import some
from tests.harness import Harness, a_clock, harness, harness_of
from tests.workflow.fleets import a_function

OWN, MEMBER, STRANGER = "111122223333", "444455556666", "777788889999"
ACCOUNTS = {"TARGET_ACCOUNTS": f"{OWN}=payments,{MEMBER}=search", "EXTERNAL_ID": "apricot"}
SHARDS = 6
IN_THE_SUITE = 2


def fill(cloud: Cloud) -> Cloud:
    """The story's functions in both accounts, by the same names."""
    other = cloud.member(MEMBER)
    other.admits("snapstart-cleaner-read", external_id="apricot")
    other.admits("snapstart-cleaner-delete", external_id="apricot", actions=DELETING)
    story.fill(other)
    return story.fill(cloud)


# One run in a member's account


class MemberHarness(Harness):
    """A harness whose deletes are the member's; one in the stack's own account stands out among them."""

    @property
    def member(self) -> Cloud:
        return self.cloud.member(MEMBER)

    @property
    def deleted(self) -> list[str]:
        theirs = [f"{name}:{qualifier}" for name, qualifier in self.member.deletions]
        return theirs + [f"of {OWN}: {name}:{qualifier}" for name, qualifier in self.cloud.deletions]


Trouble = Callable[[MemberHarness], object]


def refused(operation: str, code: str, status: int, *, role: str = "", **only: int) -> Trouble:
    """STS refuses, at all or at one call of it; with `role`, only the role of that name."""

    def begins(play: MemberHarness) -> None:
        def meant(given: Mapping[str, object]) -> bool:
            return str(given.get("RoleArn", "")).endswith(role)

        for account in (play.cloud, play.member):
            account.faults.refuse(operation, code, status=status, where=meant, **only)

    return begins


def another_account(play: MemberHarness) -> None:
    """The credentials are suddenly the stack's own."""
    play.member.account_id = OWN


def sessions_expire(play: MemberHarness) -> None:
    """Every session that is open is over, long before its time."""
    now = play.clock.now
    sessions = play.cloud.organisation.sessions
    for key, session in list(sessions.items()):
        sessions[key] = replace(session, expires_at=now)


def no_more_trust(play: MemberHarness) -> None:
    """The member's administrator removes both roles."""
    play.member.roles.clear()


def an_hour_and_a_half(play: MemberHarness) -> None:
    play.clock.passes(minutes=90)


ROLES = ("-read", "-delete")
TROUBLES: Mapping[str, Trouble] = {
    **{
        f"{code} on AssumeRole of {role}": refused("AssumeRole", code, status, role=role)
        for role in ROLES
        for code, status in (("AccessDenied", 403), ("Throttling", 400), ("InternalFailure", 500))
    },
    **{
        f"{code} on GetCallerIdentity": refused("GetCallerIdentity", code, status)
        for code, status in (("AccessDenied", 403), ("Throttling", 400), ("ExpiredToken", 403))
    },
    **{
        f"one {code} on {operation}": refused(operation, code, status, times=1)
        for operation in ("AssumeRole", "GetCallerIdentity")
        for code, status in (("Throttling", 400), ("ServiceUnavailable", 503))
    },
    "every session expires": sessions_expire,
    "the trust is gone": no_more_trust,
    "an hour and a half passes": an_hour_and_a_half,
    "the credentials are of another account": another_account,
}
MOMENTS = ("the beginning", "discover-snapstart", "record-decision", "recheck")


@contextmanager
def a_member() -> Iterator[MemberHarness]:
    clock = a_clock()
    cloud = fill(Cloud(clock=clock))
    with harness_of(MemberHarness, cloud, clock, **ACCOUNTS) as play:
        yield play


def troubled(trouble: Trouble, moment: str) -> Breaches:
    with a_member() as play:
        play.after("record-decision", lambda: play.member.functions["orders-api"].alias("canary", 3))
        if moment == "the beginning":
            trouble(play)
        else:
            play.after(moment, lambda: trouble(play))
        arn = play.starts({"requested_by": team.ASKER, "account_id": MEMBER})
        play.eventually(lambda: "approval submitter" in play.steps(arn) or play.is_over(arn))
        if not play.is_over(arn):
            approver = play.somebody(team.APPROVER)
            with suppress(LookupError):
                approver.unticks(play.root, "orders-api:2")
            approver.presses(play.root, "approve" if approver.ticked(play.root) else "reject")
        return after_whatever_happened(play, arn, story.SAFE) + Breaches(locks_left=locks_left(play))


def test_a_member_that_is_hard_to_enter_loses_only_what_was_approved_and_nobody_else_anything(
    shard: int, of: int, every: bool, count: Count
) -> None:
    cases = [(trouble, moment) for trouble in TROUBLES for moment in MOMENTS]
    chosen = (cases if every else some(cases, IN_THE_SUITE))[shard::of]

    broken = {case: troubled(TROUBLES[case[0]], case[1]) for case in chosen}

    count("a member account", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}


# A sweep of both

SWEEP = {"kind": "sweep", "request_id": "2026-11-23T08:30:00Z"}
CHECKPOINTS = 60
"""About as many as a sweep of two accounts writes, its runs included."""
TARGETS = {
    "two accounts": ACCOUNTS,
    "one that cannot be entered": {
        "TARGET_ACCOUNTS": f"{ACCOUNTS['TARGET_ACCOUNTS']},{STRANGER}=strangers",
        "EXTERNAL_ID": "apricot",
    },
}


def swept(dies_after: int, *, targets: str, twice: bool) -> Breaches:
    """Sweep with a death on the way, decide in both accounts, and look at both."""
    clock = a_clock()
    cloud = Cloud(clock=clock)
    other = cloud.member(MEMBER)
    other.admits("snapstart-cleaner-read", external_id="apricot")
    other.admits("snapstart-cleaner-delete", external_id="apricot", actions=DELETING)
    for account in (cloud, other):
        a_function(account, "orders-api", idle=2)
    with harness(cloud, clock, **TARGETS[targets]) as play:
        play.dies_after(dies_after)
        sweeps = [play.starts(SWEEP) for _ in range(1 + twice)]
        ended = [play.result(sweep) for sweep in sweeps]
        keys = [key for _, key in play.posts]
        asked = [root for root in play.roots if "idle Lambda version" in root.text and not _is_digest(root)]
        for question in asked:
            account = MEMBER if MEMBER in question.text else OWN
            play.somebody(team.APPROVER).presses(question, "approve" if account == MEMBER else "reject")
        for run in play.runs:
            play.result(run)
        return Breaches(
            messages_lost=max(0, 1 - keys.count("digest")) + max(0, 2 - len(asked)),
            messages_doubled=len(play.posts) - len(set(play.posts)) + max(0, keys.count("digest") - 1),
            wrongly_deleted=len(cloud.deletions) + len(set(other.functions["orders-api"].numbers) ^ {3, 4, 5}),
            live_buttons=live_buttons(play),
            locks_left=locks_left(play),
            without_an_end=sum(result.status.value != "SUCCEEDED" for result in ended),
        ) + Breaches(wrongly_deleted=whole_functions(play))


def _is_digest(message: Message) -> bool:
    return message.metadata is not None and message.metadata["event_payload"]["key"] == "digest"


def test_a_sweep_asks_once_in_every_account_wherever_it_dies_and_however_often_it_is_delivered(
    shard: int, of: int, every: bool, count: Count
) -> None:
    chance = random.Random(14)
    cases = [(n, chance.choice(list(TARGETS)), chance.random() < 1 / 2) for n in range(1, CHECKPOINTS)]
    chosen = (cases if every else some(cases, 1))[shard::of]

    broken = {case: swept(case[0], targets=case[1], twice=case[2]) for case in chosen}

    count("a sweep", len(chosen), sum(broken.values(), Breaches()))
    assert {case: str(breaches) for case, breaches in broken.items() if breaches} == {}
