"""Laws of a whole scan on random fleets: offered is exactly what nothing in the fleet's story speaks against."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from fakes.aws import Cloud
from orchestrator.domain.policy import Policy
from tests.builders import NOW, days_ago
from tests.laws import one_in
from tests.scanner import scanning

POLICY = Policy(min_age_days=14, keep_last_n=2, lookback_days=35, max_deletions=1_000)
STATES = ("Active", "Active", "Active", "Active", "Inactive", "Failed", "Pending")
AGES = (2, 13, 15, 40, 90)
CALLED_DAYS_AGO = (1, 5, 12, 20, 30, 34, 37, 50)
FORGOTTEN_AFTER_DAYS = 14


@dataclass(frozen=True)
class Call:
    """One call: how it came, which version ran, and when."""

    how: str
    """`number`, `live`, `old` (an alias since deleted), `latest`, `bare`, or `unattributed`."""
    version: int
    ago: float


@dataclass(frozen=True)
class Story:
    """All there is to know of one function, as somebody who sees everything would tell it."""

    ages: tuple[int, ...]
    """Of the versions 1, 2, …"""
    states: tuple[str, ...]
    live: tuple[int, int | None] | None
    """The alias `live`: its primary version, and perhaps a weighted one."""
    calls: tuple[Call, ...] = ()
    policies: frozenset[int] = field(default=frozenset())
    event_sources: frozenset[int] = field(default=frozenset())
    executions: frozenset[int] = field(default=frozenset())
    tag: str | None = None

    def tell(self, cloud, name):
        """Make it so in an account."""
        tags = {} if self.tag is None else {"snapstart-cleaner:keep": self.tag}
        function = cloud.function(name, tags=tags, durable=bool(self.executions))
        for age, state in zip(self.ages, self.states, strict=True):
            function.publish(age_days=age, state=state)
        if self.live:
            primary, weighted = self.live
            function.alias("live", primary, weights={weighted: 0.1} if weighted else None)
        for call in self.calls:
            at = days_ago(call.ago)
            if call.how == "unattributed":
                function.invoked_unattributed(at=at)
            elif call.how in {"live", "old"}:
                function.invoked(call.how, version=call.version, at=at)
            else:
                function.invoked({"number": call.version, "latest": "$LATEST", "bare": None}[call.how], at=at)
        for number in self.policies:
            function.policy(number)
        for number in self.event_sources:
            function.event_source(number)
        for number in self.executions:
            function.running_execution(number)

    def may_go(self, number):
        """Whether nothing in the story speaks against deleting this version."""
        lately = [call for call in self.calls if call.ago <= POLICY.lookback_days]
        through_forgotten = [call.ago for call in lately if call.how == "old" or (call.how == "live" and not self.live)]
        newer = range(number + 1, len(self.ages) + 1)
        return (
            self.ages[number - 1] >= POLICY.min_age_days
            and len(newer) >= POLICY.keep_last_n
            and (self.states[number - 1] == "Failed" or self._enough_invocable(newer))
            and self.states[number - 1] in {"Active", "Inactive", "Failed"}
            and not (self.live and number in self.live)
            and not any(call.version == number and call.how in {"number", "live", "old"} for call in lately)
            and not any(call.how == "unattributed" for call in lately)
            and (not through_forgotten or self._still_listed())
            and number not in self.policies | self.event_sources | self.executions
            and (self.tag is None or (self.tag != "true" and str(number) not in self.tag.split()))
        )

    def _enough_invocable(self, numbers):
        return sum(self.states[n - 1] in {"Active", "Inactive"} for n in numbers) >= POLICY.keep_last_n

    def _still_listed(self):
        """Whether ListMetrics still knows every alias that calls of the lookback came through."""
        gone = {"old"} if self.live else {"old", "live"}
        newest = {how: min(call.ago for call in self.calls if call.how == how) for how in gone & self._ways()}
        used = {how for how in gone if any(c.how == how and c.ago <= POLICY.lookback_days for c in self.calls)}
        return all(newest[how] < FORGOTTEN_AFTER_DAYS for how in used)

    def _ways(self):
        return {call.how for call in self.calls}


@st.composite
def stories(draw):
    size = draw(st.integers(1, 7))
    numbers = st.integers(1, size)
    few = st.frozensets(numbers, max_size=1)
    ways = st.sampled_from(["number", "live", "live", "latest", "bare", "old", "unattributed"])
    calls = st.lists(st.builds(Call, ways, numbers, st.sampled_from(CALLED_DAYS_AGO)), max_size=3)
    return Story(
        ages=tuple(draw(st.sampled_from(AGES)) for _ in range(size)),
        states=tuple(draw(st.sampled_from(STATES)) for _ in range(size)),
        live=draw(st.none() | st.tuples(numbers, st.none() | numbers).filter(lambda live: live[0] != live[1])),
        calls=tuple(draw(calls)),
        policies=draw(few),
        event_sources=draw(few),
        executions=draw(few),
        tag=draw(st.sampled_from([None, None, None, None, "1 3", "true"])),
    )


FLEETS = st.lists(stories(), min_size=1, max_size=3)
LAW = one_in(8)


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    def go(told, *, policy=POLICY, trouble=lambda _: None):
        cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
        for index, story in enumerate(told):
            story.tell(cloud, f"service-{index}")
        trouble(cloud)
        return scanning.scan(cloud, tmp_path_factory.mktemp("scan"), policy=policy)

    return go


def by_the_story(told):
    return {
        f"service-{index}:{number}"
        for index, story in enumerate(told)
        for number in range(1, len(story.ages) + 1)
        if story.may_go(number)
    }


@LAW
@given(told=FLEETS)
def test_what_is_offered_is_exactly_what_nothing_speaks_against(scan, told):
    assert set(scan(told).offered) == by_the_story(told)


@LAW
@given(told=FLEETS, most=st.integers(1, 4))
def test_no_more_is_offered_than_may_be_deleted_and_nothing_else_is_missing(scan, told, most):
    found = scan(told, policy=replace(POLICY, max_deletions=most))

    assert set(found.offered) <= by_the_story(told)
    assert len(found.offered) == min(most, len(by_the_story(told)))


OPERATIONS = (
    "ListAliases",
    "ListMetrics",
    "GetMetricData",
    "ListEventSourceMappings",
    "GetResources",
    "GetFunctionConfiguration",
    "GetPolicy",
    "ListDurableExecutionsByFunction",
)
FAILURES = st.tuples(
    st.sampled_from(OPERATIONS), st.sampled_from(["deny", "throttle", "drop", "break_off"]), st.integers(1, 4)
)


@LAW
@given(told=FLEETS, failures=st.lists(FAILURES, min_size=1, max_size=3))
def test_no_failure_ever_frees_a_version(scan, told, failures):
    def trouble(cloud):
        for operation, how, nth in failures:
            getattr(cloud.faults, how)(operation, nth=nth)

    offered = set(scan(told, trouble=trouble).offered)

    note(f"{sorted(by_the_story(told) - offered)} are held by the failures")
    assert offered <= by_the_story(told)


@LAW
@given(told=FLEETS, status=st.sampled_from(["PartialData", "InternalError", "Forbidden"]), nth=st.integers(1, 40))
def test_no_unreadable_series_ever_frees_a_version(scan, told, status, nth):
    found = scan(told, trouble=lambda cloud: cloud.faults.blur(status, nth=nth))

    assert set(found.offered) <= by_the_story(told)


@LAW
@given(told=FLEETS, comes=st.booleans(), nth=st.integers(1, 3))
def test_versions_that_come_and_go_during_the_listing_change_no_other_verdict(scan, told, comes, nth):
    """A function beside the others deploys, or is cleaned up, while the pages are read."""

    def trouble(cloud):
        busy = cloud.function("a-busy-neighbour").publish(120, age_days=0, apart=timedelta(hours=1))
        act = busy.publish if comes else lambda: busy.remove(busy.numbers[len(busy.numbers) // 2])
        cloud.faults.meanwhile("ListFunctions", act, nth=nth, after=True)

    found = scan(told, policy=replace(POLICY, max_deletions=1_000), trouble=trouble)

    assert {label for label in found.offered if not label.startswith("a-busy")} == by_the_story(told)


def test_a_version_that_goes_during_the_listing_changes_no_other_of_its_function(scan):
    def trouble(cloud):
        orders = cloud.function("orders").publish(120, age_days=40).alias("live", 120)
        cloud.faults.meanwhile("ListFunctions", lambda: orders.remove(7), nth=1, after=True)
        cloud.faults.meanwhile("ListFunctions", lambda: orders.publish(age_days=0), nth=2, after=True)

    found = scan([], policy=replace(POLICY, max_deletions=1_000), trouble=trouble)

    assert set(found.offered) >= {f"orders:{number}" for number in range(1, 111)} - {"orders:7"}
    assert "orders:7" not in found.offered
