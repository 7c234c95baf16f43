"""Fleets and what a scan says of them: what is used or referred to stays, and every idle version is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.aws import fleets
from orchestrator.domain.policy import NEWEST_ASKED, Policy, Scope
from orchestrator.scanner.confirming import BUNDLE, IN_VAIN_AT_MOST
from tests.scanner.scanning import ALL_IDLE, labels, time_for

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


# What may go


def test_an_empty_region_is_scanned_and_nothing_is_found(scan):
    found = scan()

    assert (found.rows, found.offered, found.summary.snapstart) == ({}, [], 0)
    assert found.candidates == ()


@pytest.mark.usefixtures("orders")
def test_idle_versions_beyond_the_newest_three_are_offered(scan):
    found = scan()

    assert found.offered == ALL_IDLE
    assert found.flags("orders-api:7") == ["no_activity_and_stale"]
    assert found.rows["orders-api:7"]["state"] == "Active"


def test_a_function_busy_through_its_alias_gives_up_its_idle_versions(orders, scan):
    orders.alias("live", 10).invoked("live", every=HOUR, count=40)

    found = scan()

    assert found.offered == ALL_IDLE
    assert found.flags("orders-api:10") == ["protected_kept_last_n", "alias_protected", "has_recent_invocations"]


def test_a_function_busy_in_every_way_at_once_gives_up_its_idle_versions(orders, scan):
    orders.alias("live", 10, weights={9: 0.1}).alias("staging", 8)
    orders.invoked("live", every=HOUR, count=40).invoked("live", version=9, every=HOUR, count=4)
    orders.invoked("staging", every=DAY).invoked(9, every=DAY).invoked(every=DAY).invoked("$LATEST", every=DAY)

    assert scan().offered == ALL_IDLE


def test_versions_without_snapstart_are_not_looked_at_but_their_calls_are_accounted_for(cloud, scan):
    orders = cloud.function("orders-api").publish(5, age_days=60).publish(2, age_days=20, snap_start=False)
    orders.invoked(6, every=HOUR)

    found = scan()

    assert found.offered == labels("orders-api", [1, 2])
    assert "orders-api:6" not in found.rows
    assert found.summary.listed == 7
    assert found.summary.snapstart == 5


def test_failed_and_inactive_versions_are_offered_at_nothing_a_month(cloud, scan):
    orders = cloud.function("orders-api").publish(age_days=90)
    orders.publish(age_days=80, state="Failed", state_reason_code="FunctionError.InitTimeout")
    orders.publish(age_days=70, state="Inactive").publish(3, age_days=40)

    found = scan()

    assert found.offered == labels("orders-api", [1, 2, 3])
    assert [candidate.monthly_usd for candidate in found.candidates] == [1.95, 0, 0]
    assert found.rows["orders-api:2"]["state_reason_code"] == "FunctionError.InitTimeout"


def test_java_is_offered_after_what_costs_money(cloud, scan):
    cloud.function("ledger", runtime="java21", memory_mb=3008).publish(5, age_days=40)
    cloud.function("thumbs", memory_mb=128).publish(5, age_days=40)

    assert scan().offered == [*labels("thumbs", [1, 2]), *labels("ledger", [1, 2])]


def test_a_container_image_is_offered_with_an_upper_bound(cloud, scan):
    cloud.function("resize", package_type="Image", memory_mb=1024).publish(4, age_days=40)

    (candidate,) = scan().candidates

    assert (candidate.runtime, candidate.costs_at_most, candidate.monthly_usd) == (None, True, 3.9)


def test_the_dearest_function_is_offered_first(cloud, scan):
    cloud.function("cheap", memory_mb=128).publish(6, age_days=40)
    cloud.function("dear", memory_mb=3008).publish(4, age_days=40)

    assert scan().offered == ["dear:1", *labels("cheap", [1, 2, 3])]


# Stage A


def test_young_versions_are_held_and_asked_nothing_else(cloud, scan):
    cloud.function("orders-api").publish(6, age_days=2, apart=timedelta(days=1))

    found = scan()

    assert found.flags("orders-api:1") == ["too_recent"]
    assert found.rows["orders-api:1"]["aliases"] is None
    assert found.rows["orders-api:1"]["stage_b_pass"] is None
    assert cloud.calls["ListAliases"] == cloud.calls["GetFunctionConfiguration"] == cloud.calls["GetPolicy"] == 0


def test_a_last_modified_that_cannot_be_read_holds_its_version_only(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40).publish(number=9, last_modified="last tuesday").publish(
        3, age_days=30
    )

    found = scan()

    assert found.flags("orders-api:9") == ["not_judged"]
    assert found.rows["orders-api:9"]["not_judged"] == [
        {"check": "last_modified", "error": "LastModified could not be read"}
    ]
    assert found.offered == labels("orders-api", range(1, 6))


def test_the_newest_invocable_versions_are_kept_when_the_newest_failed(orders, scan):
    orders.versions[10].state = "Failed"
    orders.versions[9].state = "Pending"

    found = scan()

    assert found.offered == labels("orders-api", range(1, 6))
    assert found.flags("orders-api:6") == found.flags("orders-api:7") == ["protected_kept_last_n"]


def test_of_a_function_of_which_the_newest_twenty_failed_only_failed_ones_beyond_the_newest_three_go(cloud, scan):
    orders = cloud.function("orders-api").publish(30, age_days=40)
    for number in range(11, 31):
        orders.versions[number].state = "Failed"

    found = scan()

    assert sorted(found.offered) == [f"orders-api:{number}" for number in range(11, 28)]
    assert found.flags("orders-api:10") == found.flags("orders-api:1") == ["protected_kept_last_n"]
    assert {call["Qualifier"] for call in cloud.calls.of("GetFunctionConfiguration")} >= set(map(str, range(11, 31)))


def test_no_more_of_the_newest_are_asked_than_are_needed(cloud, scan):
    cloud.function("orders-api").publish(NEWEST_ASKED + 10, age_days=40)

    scan(policy=Policy(max_deletions=1))

    assert sorted(int(call["Qualifier"]) for call in cloud.calls.of("GetFunctionConfiguration")) == [1, 28, 29, 30]


# What refers to a version


def test_an_alias_holds_its_primary_and_its_weighted_version(orders, scan):
    orders.alias("live", 3, weights={2: 0.25})

    found = scan()

    assert found.offered == labels("orders-api", [1, 4, 5, 6, 7])
    assert found.rows["orders-api:2"]["aliases"] == [
        {"alias_name": "live", "reference_type": "weighted", "weight": 0.25}
    ]


def test_every_one_of_more_than_fifty_aliases_counts(cloud, scan):
    orders = cloud.function("orders-api").publish(70, age_days=40)
    for number in range(1, 61):
        orders.alias(f"customer-{number:03}", number)

    assert scan().offered == labels("orders-api", range(61, 68))


def test_event_sources_hold_what_they_call_by_number_and_through_an_alias(orders, scan):
    orders.alias("queue", 5)
    orders.event_source(2).event_source("queue").event_source()

    found = scan()

    assert found.flags("orders-api:2") == ["event_source_mapping_protected"]
    assert found.flags("orders-api:5") == ["alias_protected", "event_source_mapping_protected"]
    assert found.offered == labels("orders-api", [1, 3, 4, 6, 7])


def test_a_resource_policy_holds_its_version(orders, scan):
    orders.policy(2).policy(None)

    found = scan()

    assert found.flags("orders-api:2") == ["resource_policy_protected"]
    assert found.offered == labels("orders-api", [1, 3, 4, 5, 6, 7])


def test_a_running_execution_holds_its_version(cloud, scan):
    flow = cloud.function("onboarding", durable=True).publish(7, age_days=40)
    flow.running_execution(2).running_execution(3, status="SUCCEEDED")

    found = scan()

    assert found.flags("onboarding:2") == ["durable_execution_running"]
    assert found.offered == labels("onboarding", [1, 3, 4])


def test_a_version_that_only_get_function_calls_durable_is_asked_for_executions(cloud, orders, scan):
    durable = replace(orders.build, durable=True)
    orders.running_execution(2)
    cloud.faults.meanwhile("ListEventSourceMappings", lambda: setattr(orders.versions[2], "build", durable))

    found = scan()

    assert found.flags("orders-api:2") == ["durable_execution_running"]
    assert found.offered == labels("orders-api", [1, 3, 4, 5, 6, 7])


def test_the_keep_tag_holds_what_it_names(cloud, scan):
    cloud.function("some", tags={"snapstart-cleaner:keep": "1 3"}).publish(7, age_days=40)
    cloud.function("all", tags={"snapstart-cleaner:keep": ""}).publish(7, age_days=40)
    cloud.function("none", tags={"team": "shop"}).publish(7, age_days=40)

    assert scan().offered == [*labels("none", [1, 2, 3, 4]), *labels("some", [2, 4])]


def test_what_may_not_be_deleted_is_held_and_asked_nothing(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40)
    cloud.function("billing").publish(5, age_days=40)
    cloud.function("orders-cleaner").publish(5, age_days=40)

    found = scan(scope=Scope(prefix="orders-", own_functions=frozenset({"orders-cleaner"})))

    assert found.offered == labels("orders-api", [1, 2])
    assert found.flags("billing:1") == found.flags("orders-cleaner:1") == ["outside_delete_scope"]
    assert {call["FunctionName"] for call in cloud.calls.of("ListAliases")} == {"orders-api"}


def test_a_prefix_leaves_other_functions_out_of_the_report(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40)
    cloud.function("billing").publish(5, age_days=40)

    found = scan(policy=Policy(function_name_prefix="orders-"))

    assert {row["function_name"] for row in found.rows.values()} == {"orders-api"}
    assert found.summary.listed == 5


# How much is offered


def test_no_more_is_offered_than_may_be_deleted_and_the_rest_is_counted(cloud, scan):
    cloud.function("cheap", memory_mb=128).publish(13, age_days=40)
    cloud.function("dear", memory_mb=3008).publish(13, age_days=40)

    found = scan(policy=Policy(max_deletions=12))

    assert found.offered == [*labels("dear", range(1, 11)), *labels("cheap", [1, 2])]
    assert (found.summary.candidates, found.summary.not_looked_at) == (12, 8)
    assert found.summary.not_looked_at_usd == round(8 * 0.49, 2)
    left = found.rows["cheap:3"]
    assert (left["reason_flags"], left["stage_b_pass"], left["candidate_for_deletion"]) == ([], None, False)
    assert left["not_asked"] == ["state", "resource_policy"]
    assert left["aliases"] == []
    assert {call["Qualifier"] for call in cloud.calls.of("GetPolicy")} == set(map(str, range(1, 11)))


def test_what_does_not_pass_makes_room_for_the_next(cloud, scan):
    orders = cloud.function("orders-api").publish(40, age_days=40)
    for number in range(1, 31):
        orders.policy(number)

    found = scan(policy=Policy(max_deletions=5))

    assert found.offered == labels("orders-api", range(31, 36))
    assert found.summary.held_by_flag["resource_policy_protected"] == 30
    assert found.summary.not_looked_at == 2


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("most", [1, 6, 7, 8])
def test_the_cut_falls_where_it_is_set(scan, most):
    found = scan(policy=Policy(max_deletions=most))

    assert found.offered == ALL_IDLE[:most]
    assert found.summary.not_looked_at == max(0, 7 - most)


def test_a_newest_version_that_answers_again_in_the_next_slice_does_not_lift_the_cut(cloud, scan):
    orders = cloud.function("orders-api").publish(BUNDLE + 10, age_days=60)
    orders.publish(number=100, age_days=40, memory_mb=3008).publish(3, age_days=20)
    cloud.faults.throttle("GetFunctionConfiguration", qualifier=103, times=1)

    found = scan(policy=Policy(max_deletions=BUNDLE + 2), stopwatch=time_for(1))

    assert found.slices["confirm-state"] > 1
    assert found.flags("orders-api:100") == ["not_judged"]
    assert found.offered == labels("orders-api", range(1, BUNDLE + 3))


# Fleets as people know them


def test_a_believable_fleet_offers_only_what_nothing_calls(cloud, scan):
    fleets.believable(cloud)
    found = scan(policy=Policy(max_deletions=1_000))

    assert found.offered
    for row in found.rows.values():
        if row["candidate_for_deletion"]:
            assert row["reason_flags"] == ["no_activity_and_stale"]
            assert row["age_days"] >= 14
            assert row["aliases"] == row["not_asked"] == row["not_judged"] == []
    assert {row["function_name"] for row in found.rows.values()} >= {"orders-api", "pdf-render", "payments-webhook"}
    assert not any(label.startswith(("pdf-render:", "payments-webhook:", "legacy-import:")) for label in found.offered)


def test_two_regions_have_nothing_to_do_with_each_other(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40)
    elsewhere = cloud.in_region("eu-west-1")
    elsewhere.function("orders-api").publish(5, age_days=40).invoked(1, every=HOUR)

    assert scan().offered == labels("orders-api", [1, 2])


# Looked at in vain


def test_a_scan_ends_after_so_many_rows_that_something_holds_after_all(cloud, scan):
    orders = cloud.function("orders-api").publish(IN_VAIN_AT_MOST + 60, age_days=40)
    for number in orders.numbers[:-BUNDLE]:
        orders.policy(number)

    found = scan()

    assert found.offered == []
    assert cloud.calls["GetPolicy"] == IN_VAIN_AT_MOST
    assert found.summary.not_looked_at == 60 - 3
