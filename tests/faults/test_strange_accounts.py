"""Accounts and clocks like no other: whatever cannot be known is kept, and every run ends in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import timedelta

import pytest

from fakes.aws import Cloud
from fakes.slack import team
from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import MortalHarness, mortal_harness
from tests.faults.law import after_whatever_happened
from tests.harness import Clock, a_clock
from tests.workflow.fleets import a_function

LONGEST = "n" * 64
NOTHING: AbstractSet[str] = frozenset()
Fill = Callable[[Cloud], object]


@contextmanager
def an_account(fill: Fill = story.fill, *, clock: Clock | None = None, **settings: str) -> Iterator[MortalHarness]:
    clock = clock or a_clock()
    cloud = Cloud(clock=clock)
    fill(cloud)
    with mortal_harness(cloud, clock, **settings) as play:
        yield play


def approved(play: MortalHarness) -> str:
    """Ask, approve whatever is ticked, and wait for the end."""
    return story.tell_whatever_happens(play)


LAMBDA_CALLS = (
    "ListFunctions",
    "ListAliases",
    "GetFunctionConfiguration",
    "GetPolicy",
    "ListEventSourceMappings",
    "GetMetricData",
    "LookupEvents",
)


@pytest.mark.a_few(2)
@pytest.mark.parametrize("operation", ["*", *LAMBDA_CALLS])
def test_throttled_for_minutes_nothing_is_offered_on_a_guess(operation: str, count: Count) -> None:
    with an_account() as play:
        struck = {"ListFunctions", *LAMBDA_CALLS} if operation == "*" else {operation}
        for each in sorted(struck):
            play.cloud.faults.throttle(each)
        arn = play.starts({"requested_by": team.ASKER})
        play.result(arn)
        play.cloud.faults.clear()

        breaches = after_whatever_happened(play, arn, NOTHING)
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)
        assert play.deleted == []


@pytest.mark.a_few(2)
@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
@pytest.mark.parametrize("function", ["orders-api", "mailer"])
def test_of_a_function_with_a_hole_in_its_metrics_nothing_goes(status: str, function: str, count: Count) -> None:
    with an_account() as play:
        play.cloud.faults.blur(status, function=function)
        arn = approved(play)

        breaches = after_whatever_happened(play, arn, {s for s in story.SAFE if not s.startswith(function)})
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)


@pytest.mark.a_few(2)
@pytest.mark.parametrize(
    "at", ["ListFunctions", "ListAliases", "GetMetricData", "GetFunctionConfiguration", "DeleteFunction"]
)
def test_credentials_that_expire_end_in_words(at: str, count: Count) -> None:
    with an_account() as play:
        play.cloud.faults.refuse(at, "ExpiredTokenException", "The security token is expired", status=403)
        arn = approved(play)
        play.cloud.faults.clear()

        breaches = after_whatever_happened(play, arn, NOTHING)
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)
        assert any("expired" in message.text for message in play.workspace.messages(team.REVIEW))


def test_a_version_that_was_listed_and_is_gone_is_no_reason_to_stop(count: Count) -> None:
    with an_account() as play:
        lambda_ = play.cloud.client("lambda")
        play.after("discover-snapstart", lambda: lambda_.delete_function(FunctionName="orders-api", Qualifier="1"))
        arn = approved(play)
        play.cloud.deletions.remove(("orders-api", "1"))  # that was somebody else

        breaches = after_whatever_happened(play, arn, story.SAFE - {"orders-api:1"})
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)
        assert set(play.deleted) == story.SAFE - {"orders-api:1"}


def no_snapstart(cloud: Cloud) -> None:
    cloud.function("plain", snap_start=False).publish(9, age_days=90)


def nothing_at_all(_: Cloud) -> None:
    pass


@pytest.mark.parametrize("fill", [no_snapstart, nothing_at_all])
def test_an_account_without_snapstart_has_nothing_to_clean(fill: Fill, count: Count) -> None:
    with an_account(fill) as play:
        arn = play.starts({"requested_by": team.ASKER})
        result = play.result(arn)

        breaches = after_whatever_happened(play, arn, NOTHING)
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)
        assert "nothing to clean" in result.result


def a_huge_function(cloud: Cloud) -> None:
    function = cloud.function(LONGEST, memory_mb=1024)
    function.publish(10_000, age_days=30, apart=timedelta(minutes=30))
    function.alias("live", 10_000)
    function.invoked("live", every=timedelta(hours=1), count=3)


def a_large_function(cloud: Cloud) -> None:
    a_function(cloud, LONGEST, idle=300)


def test_a_function_of_very_many_versions_with_the_longest_name_loses_only_what_was_offered(
    every: bool, count: Count
) -> None:
    with an_account(a_huge_function if every else a_large_function, MAX_DELETIONS="20") as play:
        arn = play.scan()
        play.somebody(team.APPROVER).presses(play.root, "approve")

        breaches = after_whatever_happened(play, arn, frozenset(f"{LONGEST}:{number}" for number in range(1, 9_998)))
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)
        assert len(play.deleted) == 20


def test_pages_of_the_longest_names_are_posted_and_decided(every: bool, count: Count) -> None:
    names = [f"{number:02}".ljust(64, "n") for number in range(50 if every else 10)]

    def fill(cloud: Cloud) -> None:
        for name in names:
            a_function(cloud, name, idle=1)

    with an_account(fill) as play:
        arn = play.scan()
        for page in range(1, 1 + play.record(f"pending/{play.execution(arn)}/page-1.json")["pages"]):
            play.until_asked(arn, page)
            play.somebody(team.APPROVER).presses(play.root, "approve")

        idle = frozenset(f"{name}:1" for name in names)
        breaches = after_whatever_happened(play, arn, idle)
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)
        assert set(play.deleted) == idle


SKEWS: Mapping[str, timedelta] = {"ahead": timedelta(minutes=5), "behind": timedelta(minutes=-5)}


@pytest.mark.parametrize("skew", SKEWS)
def test_a_clock_that_is_five_minutes_off_changes_nothing(skew: str, count: Count) -> None:
    clock = a_clock()
    aws = Cloud(clock=lambda: clock.now + SKEWS[skew])
    story.fill(aws)
    with mortal_harness(aws, clock) as play:
        play.workspace.clock = lambda: clock.seconds() + SKEWS[skew].total_seconds()
        arn = approved(play)

        breaches = after_whatever_happened(play, arn, story.SAFE)
        count("a strange account", 1, breaches)
        assert not breaches, str(breaches)
        assert set(play.deleted) == story.SAFE
        assert sorted(key for _, key in play.posts) == ["asked", "decision-1", "end", "root"]
