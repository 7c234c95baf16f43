"""What a scan counts for the bill: who pays, since when, and how much of a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.inventory import (
    Count,
    Inventory,
    UnreadableInventory,
    expected_gb,
    inventory_key,
    paying_gb,
)
from orchestrator.domain.prevention import GrowingFunction, UnusedFunction
from orchestrator.domain.reasons import Flag
from orchestrator.domain.versions import FunctionFacts, State
from tests.bills import an_inventory, moment, snapshots
from tests.builders import (
    ACCOUNT,
    NOW,
    REGION,
    a_price,
    a_usage,
    a_version,
    an_assessment,
    days_ago,
    idle_facts,
)

DAY = date(2026, 11, 17)


def counted(*versions, state="Active", **given):
    count = Count(a_price(), NOW)
    for version in versions:
        assessment = an_assessment(version=version, state=State(state) if state else None, **given)
        count.add(FunctionFacts(name=version.function_name, versions=(version,)), [assessment])
    return count


@pytest.mark.parametrize(
    ("since", "gb"),
    [
        (None, 2),
        (moment(date(2026, 11, 16), 23), 2),
        (moment(DAY), 2),
        (moment(DAY, 6), 1.5),
        (moment(DAY, 24), 0),
        (moment(date(2026, 11, 19)), 0),
    ],
)
def test_a_snapshot_is_cached_from_the_moment_it_is_published(since, gb):
    assert snapshots(2, since=since).cached(DAY) == gb


@pytest.mark.parametrize(
    ("until", "gb"), [(None, 2), (moment(DAY), 0), (moment(DAY, 6), 0.5), (moment(DAY, 24), 2), (moment(DAY, -30), 0)]
)
def test_a_snapshot_is_cached_until_it_is_deleted(until, gb):
    assert snapshots(2, until=until).cached(DAY) == gb


def test_the_gb_of_a_day_are_those_of_all_snapshots():
    here = [snapshots(1), snapshots(2, until=moment(DAY, 12)), snapshots(4, since=moment(DAY, 12))]

    assert expected_gb(here, DAY) == 1 + 1 + 2


@pytest.mark.parametrize(
    ("runtime", "state", "gb"),
    [
        ("python3.12", "Active", 1.5),
        ("python3.12", None, 1.5),
        (None, "Active", 1.5),
        ("python3.12", "Inactive", 0),
        ("dotnet8", "Failed", 0),
        ("java21", "Active", 0),
    ],
)
def test_only_what_pays_is_counted(runtime, state, gb):
    version = a_version(runtime=runtime, memory_mb=1536)

    assert paying_gb(version, state) == gb
    assert sum(some.gb for some in counted(version, state=state).snapshots()) == gb


def test_versions_of_one_day_are_counted_together():
    count = counted(
        a_version(1, last_modified=moment(DAY, 6)), a_version(2, last_modified=moment(DAY, 18), memory_mb=3072)
    )
    (together,) = count.snapshots()

    assert together.gb == 4
    assert together.cached(DAY) == pytest.approx(1 * 0.75 + 3 * 0.25)


def test_a_version_whose_age_is_not_known_was_always_there():
    (known,) = counted(a_version(last_modified=None)).snapshots()

    assert (known.gb, known.since) == (1, None)


def test_images_and_dotnet_whose_state_was_not_asked_are_counted_apart():
    count = counted(
        a_version(1, package_type="Image", runtime=None), a_version(2, runtime="dotnet8"), a_version(3), state=None
    )

    assert (count.image_gb, count.dotnet_gb) == (1, 1)
    assert counted(a_version(2, runtime="dotnet8")).dotnet_gb == 0


def test_a_held_version_pays_like_any_other():
    assert sum(some.gb for some in counted(a_version(), flags=frozenset({Flag.TOO_RECENT})).snapshots()) == 1


@given(
    st.lists(st.tuples(st.integers(128, 10240), st.integers(0, 14 * 86400)), max_size=12),
    st.integers(-2, 16),
)
def test_counting_by_day_loses_nothing(published, day):
    every = [
        a_version(n, memory_mb=memory, last_modified=moment(DAY) + timedelta(seconds=seconds))
        for n, (memory, seconds) in enumerate(published, start=1)
    ]
    at = DAY + timedelta(days=day)

    exact = expected_gb([snapshots(v.memory_mb / 1024, since=v.last_modified) for v in every], at)
    assert expected_gb(counted(*every).snapshots(), at) == pytest.approx(exact)


def test_an_inventory_is_read_as_it_was_written():
    inventory = an_inventory(
        snapshots(3),
        snapshots(1.5, since=days_ago(3)),
        image_gb=1,
        dotnet_gb=0.5,
        growing=(GrowingFunction(function_name="a", versions_a_month=4, usd_a_month=15.6),),
        unused=(UnusedFunction(function_name="b", versions=2, usd_a_month=7.8),),
    )

    assert Inventory.from_dict(inventory.to_dict()) == inventory
    assert Inventory.from_dict({**inventory.to_dict(), "later": 1}) == inventory
    assert inventory.gb == 4.5
    assert inventory_key(ACCOUNT, REGION) == f"bill/inventory/{ACCOUNT}/{REGION}.json"


@pytest.mark.parametrize("stored", [None, {}, {"schema_version": 7}, {**an_inventory().to_dict(), "snapshots": [{}]}])
def test_a_damaged_inventory_is_unreadable(stored):
    with pytest.raises(UnreadableInventory):
        Inventory.from_dict(stored)


def test_a_scan_is_counted_with_what_piles_up_and_what_serves_nothing():
    count = Count(a_price(), NOW)
    for name, age in [("orders-api", 3), ("pdf-render", 200)]:
        version = a_version(function_name=name, age_days=age)
        facts = idle_facts(name=name, versions=(version,), usage=a_usage(function_last=days_ago(1)))
        count.add(facts, [an_assessment(version=version)])
    counted = count.inventory(ACCOUNT, REGION)

    assert counted.gb == 2
    assert (counted.scanned_at, counted.usd_per_gb_second) == (NOW, a_price().usd_per_gb_second)
    assert [function.function_name for function in counted.growing] == ["orders-api"]
    assert [function.function_name for function in counted.unused] == ["orders-api", "pdf-render"]
