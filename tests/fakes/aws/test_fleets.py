"""The fleets that the demo and the benchmark stand on."""

from datetime import timedelta

import pytest

from fakes.aws import Cloud
from fakes.aws.fleets import OPT_OUT_TAG, believable, busy_through_alias, days_pass
from tests.fakes.aws.asking import NOON

LOOKBACK = timedelta(days=35)
MONTHLY_PER_MB = 0.0000015046 * 30 * 24 * 3600 / 1024


@pytest.fixture
def shop(cloud):
    believable(cloud)
    return cloud


def idle_versions(cloud):
    """What a careful person would find by hand: old, not among the newest three, and nothing refers to or used it."""
    found = []
    for function in cloud.functions.values():
        snapshots = [number for number in function.numbers if function.versions[number].build.snap_start]
        working = [number for number in snapshots if function.versions[number].state != "Failed"]
        kept = {*snapshots[-3:], *working[-3:]}
        targets = {source.function_arn for source in cloud.event_sources}
        running = {int(execution.version) for execution in function.executions}
        for number in snapshots:
            young = NOON - function.published_at(number) < timedelta(days=14)
            referred = any(alias.refers_to(number) for alias in function.aliases.values())
            attached = f"{function.arn}:{number}" in targets or str(number) in function.policies or number in running
            if not (young or number in kept or referred or attached or ran(cloud, function.name, number)):
                found.append((function, function.versions[number]))
    opaque = {"pdf-render", "legacy-import", "loyalty-points", "refund-flow"}
    return [(f, v) for f, v in found if f.name not in opaque and OPT_OUT_TAG not in f.tags]


def ran(cloud, name, number):
    since, now = int((NOON - LOOKBACK).timestamp()), int(NOON.timestamp())
    sets = cloud.metrics.named({"FunctionName": name}, since, now)
    return any(one.get("ExecutedVersion") == str(number) or one.get("Resource") == f"{name}:{number}" for one in sets)


def moved_lately(cloud):
    return [one for one in cloud.trail.told("UpdateAlias20150331", NOON) if NOON - one.at < timedelta(days=14)]


def test_the_believable_fleet_is_a_dozen_functions_and_a_few_hundred_versions(shop):
    assert 12 <= len(shop.functions) <= 18
    assert 200 <= sum(len(function.versions) for function in shop.functions.values()) <= 400


def test_its_idle_versions_make_a_page_and_a_good_story(shop):
    idle = idle_versions(shop)
    dollars = sum(version.build.memory_mb * MONTHLY_PER_MB for _, version in idle if version.pays)
    assert 40 <= len(idle) <= 50
    assert 150 <= dollars <= 300
    assert any(not version.pays for _, version in idle)


def test_everything_that_can_hold_a_version_holds_one_somewhere(shop, metrics):
    functions = shop.functions.values()
    assert any(alias.weights for function in functions for alias in function.aliases.values())
    assert any(source.function_arn.rsplit(":", 1)[1].isdigit() for source in shop.event_sources)
    assert any(function.policies for function in functions)
    assert any(function.executions for function in functions)
    assert any(OPT_OUT_TAG in function.tags for function in functions)
    assert [stack.status for stack in shop.stacks.values()] == ["UPDATE_ROLLBACK_FAILED"]
    assert "loyalty-points" in {record.parameters["functionName"] for record in moved_lately(shop)}
    builds = [version.build for function in functions for version in function.versions.values()]
    assert any(build.package_type == "Image" for build in builds)
    assert any((build.runtime or "").startswith("java") for build in builds)
    assert any(version.state == "Failed" for function in functions for version in function.versions.values())
    assert metrics.result(FunctionName="pdf-render")["StatusCode"] == "InternalError"


def test_the_traffic_nobody_can_explain_is_of_an_alias_that_is_gone_and_forgotten(shop, metrics):
    known = metrics.listed(FunctionName="legacy-import")
    assert known == []
    assert shop.functions["legacy-import"].aliases == {}
    assert metrics.total(FunctionName="legacy-import") > 0


def test_every_version_of_a_released_service_ran_until_its_successor_was_published(shop, metrics):
    orders = shop.functions["orders-api"]
    newest, before = orders.numbers[-1], orders.numbers[-2]
    live = {"FunctionName": "orders-api", "Resource": "orders-api:live"}
    last = metrics.result(**live, ExecutedVersion=str(before), period=60, days=5)["Timestamps"][-1]
    first = metrics.result(**live, ExecutedVersion=str(newest), period=60, days=5)["Timestamps"][0]
    assert last < orders.published_at(newest) <= first + timedelta(minutes=1)


def test_the_busy_fleet_is_called_every_hour_and_only_through_its_alias(metrics, cloud):
    busy_through_alias(cloud, functions=2, versions=5)
    service = {"FunctionName": "service-0001"}
    live = {**service, "Resource": "service-0001:live", "ExecutedVersion": "5"}
    assert len(metrics.result(**service)["Values"]) == 840
    assert metrics.total(**live) == metrics.total(**service)
    assert len(metrics.listed(**service)) == 3


def test_a_hundred_thousand_versions_are_held_without_a_hundred_thousand_series():
    cloud = Cloud(clock=lambda: NOON)
    busy_through_alias(cloud, functions=2000, versions=50)
    assert sum(len(function.versions) for function in cloud.functions.values()) == 100_000
    since = int((NOON - LOOKBACK).timestamp())
    assert len(list(cloud.metrics.named({}, since, int(NOON.timestamp())))) == 6001
    page = cloud.client("lambda").list_functions(FunctionVersion="ALL")
    assert len(page["Functions"]) == 50


def test_as_days_pass_the_shop_deploys_as_ever_and_its_aliases_follow(clock):
    cloud = Cloud(clock=clock)
    believable(cloud)
    orders, before = cloud.functions["orders-api"], clock.now
    newest = orders.numbers[-1]
    clock.pass_seconds(14 * 86_400)
    days_pass(cloud, before)

    assert len(orders.numbers[orders.numbers.index(newest) + 1 :]) in {8, 9}
    assert orders.aliases["live"].version == orders.numbers[-1]
    assert all(before - timedelta(days=2) < orders.published_at(n) <= clock.now for n in orders.numbers[-8:])
