"""Every fact that the rules rest on holds in the local account, and is told not to hold once it is broken there."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from live_check.facts import DELETES, FACTS
from live_check.late_facts import LATE_FACTS

from tests.live_check.account import Account

Break = Callable[[Account], object]


@pytest.fixture(scope="module")
def whole() -> Account:
    """A run in which nothing is broken."""
    account = Account()
    account.runs_check()
    return account


def test_everything_holds_as_aws_is_known(whole: Account) -> None:
    assert whole.lines("holds") == [fact.text for fact in (*FACTS, *LATE_FACTS, *DELETES)]
    assert whole.code == 0
    assert whole.told[-1].startswith(
        f"{len(FACTS + LATE_FACTS + DELETES)} of {len(FACTS + LATE_FACTS + DELETES)} facts hold, 0 do"
    )


def test_it_says_how_far_it_is_and_what_it_cost(whole: Account) -> None:
    assert any(line.startswith("waiting since 3 min of at most 25 min (") for line in whole.said)
    assert whole.told[-2].startswith("It cost at most 1.0 cents: 4 snapshots kept for three hours 0.8,")


def test_nothing_is_left(whole: Account) -> None:
    assert whole.names == []
    assert whole.cloud.functions == {}


def rows(operation: str, member: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Break:
    """Let a listing show its rows otherwise; None leaves one out."""

    def other(_: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        return {**body, member: [row for row in map(change, body[member]) if row is not None]}

    return lambda account: account.cloud.faults.distort(operation, other)


def without(member: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {name: value for name, value in row.items() if name != member}


def metric(values: list[float], *, metric_name: str = "Invocations", **wanted: str | None) -> Break:
    """Let CloudWatch tell something else of one dimension set; a Resource is named by what follows the function."""

    def is_meant(query: Mapping[str, Any]) -> bool:
        asked = query["MetricStat"]["Metric"]
        dimensions = {one["Name"]: one["Value"] for one in asked.get("Dimensions", [])}
        name = dimensions.get("FunctionName")
        qualifier = dimensions.get("Resource", "none").rpartition(":")[2]
        seen = {"function": name and "yes", "resource": qualifier if ":" in dimensions.get("Resource", "") else None}
        seen |= {"bare": "yes" if dimensions.get("Resource") == name else None}
        seen |= {"executed": dimensions.get("ExecutedVersion")}
        return asked["MetricName"] == metric_name and all(seen[key] == value for key, value in wanted.items())

    def other(asked: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        meant = {query["Id"] for query in asked["MetricDataQueries"] if is_meant(query)}
        told = [{**row, "Values": values} if row["Id"] in meant else row for row in body["MetricDataResults"]]
        return {**body, "MetricDataResults": told}

    return lambda account: account.cloud.faults.distort("GetMetricData", other)


def only(operation: str, change: Callable[[dict[str, Any]], dict[str, Any]], **which: Any) -> Break:
    return lambda account: account.cloud.faults.distort(operation, lambda _, body: change(body), **which)


def forgiven(operation: str, body: dict[str, Any] | None = None, **which: Any) -> Break:
    return lambda account: account.cloud.faults.forgive(operation, body, **which)


def versions_grow_younger(account: Account) -> None:
    def touch() -> None:
        for function in account.cloud.functions.values():
            for version in function.versions.values():
                version.last_modified = "2026-11-20T13:00:00.000+0000"

    account.cloud.faults.meanwhile("UpdateAlias", touch)


def deleted_versions_come_back(account: Account) -> None:
    def come_back() -> None:
        for function in account.cloud.functions.values():
            function.publish(number=1)

    account.cloud.faults.meanwhile("DeleteFunction", come_back, qualifier=1, after=True)


def numbers_begin_again(account: Account) -> None:
    def begin_again() -> None:
        for function in account.cloud.functions.values():
            function.next_number = 3

    account.cloud.faults.meanwhile("DeleteFunction", begin_again, qualifier=3, after=True, nth=2)


def told_late(account: Account) -> None:
    account.cloud.trail.lag = timedelta(minutes=22)


def about(event: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda asked: asked["LookupAttributes"][0]["AttributeValue"] == event


def elsewhere(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "CloudTrailEvent": row["CloudTrailEvent"].replace('"name"', '"aliasName"')}


def weightless(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "CloudTrailEvent": row["CloudTrailEvent"].replace("additionalVersionWeights", "weights")}


def dated(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "LastModified": OLD}


def unless_gone(row: dict[str, Any]) -> dict[str, Any] | None:
    return None if ":gone" in str(row["Dimensions"]) else row


def gone_is_refused(account: Account) -> None:
    account.cloud.faults.refuse("DeleteFunction", "ResourceNotFoundException", status=404, qualifier=9999)


OLD = "2026-01-01T00:00:00.000+0000"
STACKS = {
    "StackSummaries": [{"StackName": "shop", "StackStatus": "CREATE_COMPLETE", "CreationTime": "2026-01-01T00:00:00Z"}]
}
POLICY = '{"Statement":[{"Resource":"arn:aws:lambda:us-west-2:111122223333:function:orders"}]}'
RUNS: dict[str, list[tuple[str, Break]]] = {
    "what AWS tells at once": [
        ("listed", rows("ListFunctions", "Functions", without("SnapStart"))),
        ("no_state_in_listings", rows("ListVersionsByFunction", "Versions", lambda row: {**row, "State": "Active"})),
        ("description_and_code", rows("ListVersionsByFunction", "Versions", lambda row: {**row, "Description": ""})),
        ("last_modified_is_publishing", rows("ListVersionsByFunction", "Versions", dated)),
        ("weights_listed", rows("ListAliases", "Aliases", without("RoutingConfig"))),
        ("tags_of_the_function", only("ListTags", lambda _: {"Tags": {}}, nth=1)),
        ("versions_take_no_tags", forgiven("TagResource")),
        ("no_policy", forgiven("GetPolicy", {"Policy": POLICY})),
        ("stacks_by_status", only("ListStacks", lambda _: STACKS)),
        ("missing_version", forgiven("GetFunctionConfiguration", {"Version": "9999"}, qualifier=9999)),
        ("primary_is_guarded", forgiven("DeleteFunction", qualifier=2)),
        ("deleted_twice", gone_is_refused),
    ],
    "the same in other ways": [
        ("listed", rows("ListFunctions", "Functions", lambda row: None if row["Version"] == "2" else row)),
        ("state_of_a_version", only("GetFunctionConfiguration", without("State"), qualifier="2", nth=2)),
        ("description_and_code", rows("ListVersionsByFunction", "Versions", without("CodeSha256"))),
        ("last_modified_stays", versions_grow_younger),
        ("tags_in_the_tagging_api", rows("GetResources", "ResourceTagMappingList", lambda _: None)),
        ("policy_of_a_version", only("GetPolicy", lambda body: {**body, "Policy": POLICY})),
        ("weight_is_guarded", forgiven("DeleteFunction", qualifier=3)),
        ("deleted_at_once", deleted_versions_come_back),
        ("numbers_are_not_used_again", numbers_begin_again),
    ],
    "metrics and events": [
        ("by_number", metric([], function="yes", resource="1")),
        ("through_alias", metric([], resource="live", executed=None)),
        ("version_behind_alias", metric([], resource="live", executed="3")),
        ("not_under_its_number", metric([4.0], resource="2")),
        ("resource_alone", metric([4.0], function=None, resource="1")),
        ("unqualified", metric([], bare="yes")),
        ("deleted_alias", metric([], resource="gone", executed="3")),
        ("named_by_list_metrics", rows("ListMetrics", "Metrics", unless_gone)),
        ("throttled", metric([], metric_name="Throttles")),
        ("alias_created", only("LookupEvents", lambda _: {"Events": []}, where=about("CreateAlias20150331"))),
        ("alias_updated", rows("LookupEvents", "Events", weightless)),
    ],
    "their sum, and events under other names": [
        ("total", metric([99.0], function="yes", resource=None, bare=None)),
        ("alias_created", rows("LookupEvents", "Events", elsewhere)),
        ("alias_updated", only("LookupEvents", lambda _: {"Events": []}, where=about("UpdateAlias20150331"))),
    ],
    "events that come too late": [("told_in_time", told_late)],
}
FOLLOWS = {
    "no_policy": {"policy_of_a_version"},
    "by_number": {"total"},
    "alias_created": {"told_in_time"},
    "total": {"throttled"},
}
"""What can not hold either where another does not."""
AT_ONCE = {fact.ask.__name__ for fact in (*FACTS, *DELETES)}
TEXTS = {fact.ask.__name__: fact.text for fact in (*FACTS, *LATE_FACTS, *DELETES)}


@pytest.mark.parametrize("broken", RUNS.values(), ids=RUNS)
def test_a_fact_that_does_not_hold_is_told_with_what_was_seen_and_no_other(broken: list[tuple[str, Break]]) -> None:
    account = Account()
    names = {name for name, _ in broken}
    for _, break_it in broken:
        break_it(account)

    account.runs_check(quick=names <= AT_ONCE)

    told = account.lines("DOES NOT")
    follows = set[str]().union(*(FOLLOWS.get(name, set()) for name in names))
    for name, text in TEXTS.items():
        lines = [line for line in told if line.startswith(text)]
        assert bool(lines) == (name in names | follows), f"{name}: {lines}"
        assert all(line.removeprefix(text).startswith(": ") and len(line) > len(text) + 2 for line in lines)
    assert account.code == 1
    assert account.names == []


def test_every_fact_is_broken_once() -> None:
    assert {name for broken in RUNS.values() for name, _ in broken} == TEXTS.keys()
