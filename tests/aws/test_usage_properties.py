"""Whatever the traffic: nothing that ran is missed, and only traffic without a known caller is unexplained."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fakes.aws import Cloud
from orchestrator.aws.lookback import window
from orchestrator.aws.usage import read_usage, seen_qualifiers
from orchestrator.aws.usage_reading import UsageQuestion
from tests.executors import OneAfterTheOther

NOW = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)
VERSIONS = (1, 2, 3, 4)
ALL = (*VERSIONS, 5)
"""Nobody calls the last one, so that something is always in question."""
KNOWN = ("live", "canary")
GONE = "blue"
UNATTRIBUTED = "unattributed"

calls = st.lists(
    st.tuples(
        st.sampled_from([*VERSIONS, *KNOWN, GONE, None, "$LATEST", UNATTRIBUTED]),
        st.sampled_from(VERSIONS),
        st.integers(min_value=0, max_value=45 * 24 * 60),
    ),
    max_size=12,
)
periods = st.sampled_from([300, 900, 3600])


def account(traffic):
    """Return an account with this traffic, and the clients' view of its one function."""
    cloud = Cloud(clock=lambda: NOW, sleep=lambda _: None)
    orders = cloud.function("orders").publish(len(VERSIONS) + 1).alias("live", 4).alias("canary", 3).alias(GONE, 1)
    for caller, executed, minutes_ago in traffic:
        at = NOW - timedelta(minutes=minutes_ago)
        if caller == UNATTRIBUTED:
            orders.invoked_unattributed(at=at)
        elif caller in (*KNOWN, GONE):
            orders.invoked(caller, version=executed, at=at)
        else:
            orders.invoked(caller, at=at)
    orders.remove_alias(GONE)
    return cloud


def begins(minutes_ago, period):
    seconds = int((NOW - timedelta(minutes=minutes_ago)).timestamp())
    return datetime.fromtimestamp(seconds - seconds % period, UTC)


@given(traffic=calls, period=periods)
def test_usage_is_what_happened(traffic, period):
    cloud = account(traffic)
    cloudwatch = cloud.client("cloudwatch")
    looked_at = window(NOW, 35, period)
    seen = seen_qualifiers(cloudwatch, "orders")
    question = UsageQuestion(function_name="orders", numbers=ALL, survivors=ALL, qualifiers=frozenset(KNOWN) | seen)

    usage = read_usage(cloudwatch, [question], looked_at, OneAfterTheOther(1))["orders"]

    newest, unexplained = {}, []
    for caller, executed, minutes_ago in traffic:
        at = begins(minutes_ago, period)
        if at < looked_at.start:
            continue
        forgotten = caller == UNATTRIBUTED or (caller == GONE and GONE not in seen)
        if forgotten and at + timedelta(seconds=period) <= looked_at.settled_end:
            unexplained.append(at)
        ran = caller if caller in VERSIONS else executed if caller in (*KNOWN, GONE) and not forgotten else None
        if ran is not None:
            newest[ran] = max(newest.get(ran, at), at)
    assert {number: call.at for number, call in usage.calls.items()} == newest
    assert usage.unexplained == max(unexplained, default=None)
    assert usage.asked == set(ALL)
