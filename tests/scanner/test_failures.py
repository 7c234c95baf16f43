"""Whatever AWS refuses, the scan goes on: exactly the rows it touches are not judged, in AWS's own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.aws import Cloud, Quotas
from orchestrator.aws.clients import ATTEMPTS
from orchestrator.aws.errors import CallFailed, CredentialsError
from orchestrator.domain.policy import Policy
from orchestrator.domain.slices import Asking, Confirmed, Found, Listed, Listing
from tests.builders import NOW, days_ago
from tests.scanner import scanning
from tests.scanner.scanning import a_scanner, labels

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def two_functions(cloud):
    """Each with three idle versions, busy through an alias, versions 1 and 2 durable."""
    for name in ("billing", "orders-api"):
        function = cloud.function(name).publish(2, age_days=60, durable=True).publish(4, age_days=40)
        function.alias("live", 6).invoked("live", every=DAY, count=5)


BILLING, ORDERS = labels("billing", [1, 2, 3]), labels("orders-api", [1, 2, 3])
DURABLE_ORDERS = labels("orders-api", [1, 2])


# One call of one function


@pytest.mark.parametrize(
    ("operation", "check", "touched"),
    [
        ("ListAliases", ["aliases", "function_total", "alias_history"], ORDERS),
        ("GetPolicy", ["resource_policy"], ORDERS),
        ("ListDurableExecutionsByFunction", ["durable_executions"], DURABLE_ORDERS),
    ],
)
@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_a_failed_call_of_one_function_touches_its_rows_only(cloud, scan, how, operation, check, touched):
    getattr(cloud.faults, how)(operation, function="orders-api")

    found = scan()

    assert found.offered == [*BILLING, *(label for label in ORDERS if label not in touched)]
    for label in touched:
        assert found.flags(label) == ["not_judged"]
        assert found.not_judged()[label] == check
        assert all(one["error"].startswith(f"lambda:{operation} ") for one in found.rows[label]["not_judged"])


@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_a_failed_list_metrics_leaves_the_function_unexplained(cloud, scan, how):
    fault = getattr(cloud.faults, how)
    fault("ListMetrics", where=lambda given: {"Name": "FunctionName", "Value": "orders-api"} in given["Dimensions"])

    found = scan()

    assert found.offered == BILLING
    assert all(found.not_judged()[label] == ["function_total"] for label in ORDERS)
    assert found.flags("orders-api:1") == ["not_judged"]


@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_a_state_that_cannot_be_asked_touches_its_version_only(cloud, scan, how):
    getattr(cloud.faults, how)("GetFunctionConfiguration", function="orders-api", qualifier=2)

    found = scan()

    assert found.offered == [*BILLING, "orders-api:1", "orders-api:3"]
    assert found.not_judged() == {"orders-api:2": ["state"]}


def test_a_newest_version_that_cannot_be_asked_leaves_too_few_known_to_be_invocable(cloud, scan):
    cloud.faults.throttle("GetFunctionConfiguration", function="orders-api", qualifier=6)

    found = scan()

    assert found.offered == [*BILLING, "orders-api:1", "orders-api:2"]
    assert found.flags("orders-api:3") == ["not_judged"]
    assert found.not_judged()["orders-api:3"] == ["newest_invocable"]


def test_no_version_of_a_function_whose_states_are_all_denied_is_offered(cloud, scan):
    cloud.faults.deny("GetFunctionConfiguration", function="orders-api")

    found = scan()

    assert found.offered == BILLING
    assert all(found.flags(label) == ["not_judged"] for label in ORDERS)


# One call for the whole region


@pytest.mark.parametrize(
    ("operation", "checks"),
    [
        ("ListEventSourceMappings", ["event_source_mappings"]),
        ("GetResources", ["tags", "stacks"]),
        ("LookupEvents", ["alias_history"]),
        ("GetMetricData", ["invocations", "function_total"]),
        ("ListMetrics", ["function_total"]),
        ("ListAliases", ["aliases", "function_total", "alias_history"]),
        ("GetFunctionConfiguration", ["state", "newest_invocable"]),
        ("GetPolicy", ["resource_policy"]),
    ],
)
@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_a_call_that_fails_everywhere_offers_nothing_and_says_which(cloud, scan, how, operation, checks):
    getattr(cloud.faults, how)(operation)

    found = scan()

    assert found.offered == []
    assert found.summary.not_judged == 6
    for label in (*BILLING, *ORDERS):
        assert found.flags(label) == ["not_judged"]
        assert found.not_judged()[label] == checks
    assert operation in found.summary.not_judged_rows[0].words


@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_stacks_that_cannot_be_listed_hold_the_functions_of_stacks_only(cloud, scan, how):
    cloud.stack("billing", functions=[cloud.functions["billing"]])
    getattr(cloud.faults, how)("ListStacks")

    found = scan()

    assert found.offered == ORDERS
    assert [found.not_judged()[label] for label in BILLING] == [["stacks"]] * 3


@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_alias_events_that_break_off_in_the_middle_are_not_judged(cloud, scan, how):
    fault = getattr(cloud.faults, how)("LookupEvents", nth=3)

    found = scan()
    assert (fault.hits, cloud.calls["LookupEvents"]) == (1, 3)
    assert found.offered == []


def test_an_alias_event_that_cannot_be_read_is_not_judged(cloud, scan):
    cloud.trail.add("UpdateAlias20150331", {"functionName": "orders-api"}, days_ago(2))

    found = scan()

    assert found.offered == []
    assert "LookupEvents told of an event that cannot be read" in found.summary.not_judged_rows[0].words


@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
def test_a_price_list_that_does_not_answer_holds_nothing(cloud, scan, how):
    getattr(cloud.faults, how)("GetProducts")

    found = scan()

    assert found.offered == [*BILLING, *ORDERS]
    assert found.summary.price.source.startswith("built-in table")


def test_awss_own_words_stand_on_the_row_and_in_the_totals(cloud, scan):
    cloud.faults.refuse("ListAliases", "ServiceException", "The service has\nencountered an error.", status=500)

    found = scan()

    words = "lambda:ListAliases ServiceException, The service has encountered an error."
    assert found.rows["orders-api:1"]["not_judged"][0] == {"check": "aliases", "error": words}
    assert {row.words for row in found.summary.not_judged_rows} == {words}


def test_aliases_that_cannot_be_read_are_null_not_none(cloud, scan):
    cloud.faults.deny("ListAliases")

    row = scan().rows["orders-api:1"]

    assert (row["aliases"], row["protected_by_alias"], row["stage_b_pass"]) == (None, None, False)


def test_aliases_that_cannot_be_read_do_not_make_calls_through_them_unexplained(cloud, scan):
    cloud.functions["orders-api"].alias("old", 6).invoked("old", at=days_ago(20))
    cloud.faults.deny("ListAliases", function="orders-api")

    found = scan()

    assert found.flags("orders-api:1") == ["not_judged"]
    assert found.not_judged()["orders-api:1"] == ["aliases", "function_total", "alias_history"]


# Metrics


def test_one_failed_metric_call_touches_exactly_the_functions_it_asked_about(cloud, scan):
    for number in range(40):
        cloud.function(f"service-{number:02}").publish(15, age_days=40)
    asked = cloud.faults.throttle("GetMetricData", nth=2)  # the first asks whether anything runs in the region at all

    found = scan(policy=Policy(max_deletions=1_000))

    assert asked.hits == 1
    named = {
        dimension["Value"]
        for query in cloud.calls.of("GetMetricData")[1]["MetricDataQueries"]
        for dimension in query["MetricStat"]["Metric"]["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    not_judged = {label.rpartition(":")[0] for label in found.not_judged()}
    assert 0 < len(named) < 42
    assert not_judged == named
    assert {label.rpartition(":")[0] for label in found.offered} == {*cloud.functions} - named
    assert len(found.offered) + found.summary.not_judged == 40 * 12 + 6


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden", "SomethingNew"])
@pytest.mark.parametrize(
    ("series", "touched"),
    [
        ({"resource": "orders-api:2"}, ["orders-api:2"]),
        ({"resource": "orders-api:live", "executed_version": 2}, ["orders-api:2"]),
        ({"resource": "orders-api:live", "where": lambda dimensions: "ExecutedVersion" not in dimensions}, ORDERS),
        ({"resource": "orders-api"}, []),  # the others account for every call
        ({"function": "orders-api", "where": lambda dimensions: "Resource" not in dimensions}, ORDERS),
    ],
    ids=["by number", "through the alias", "the alias as a whole", "unqualified", "the function's total"],
)
def test_a_series_without_a_complete_answer_is_never_read_as_silence(cloud, scan, status, series, touched):
    cloud.faults.blur(status, "try later", **series)

    found = scan()

    assert found.offered == [*BILLING, *(label for label in ORDERS if label not in touched)]
    for label in touched:
        assert found.flags(label) == ["not_judged"]
        assert status in found.rows[label]["not_judged"][0]["error"]


def test_a_message_about_the_whole_answer_leaves_nothing_readable(cloud, scan):
    cloud.faults.remark("MaxMetricsExceeded", "The maximum number of metrics was exceeded")

    found = scan()

    assert found.offered == []
    assert "MaxMetricsExceeded" in found.rows["orders-api:1"]["not_judged"][0]["error"]


def test_an_internal_error_that_passes_is_asked_again(cloud, scan):
    cloud.faults.blur("InternalError", function="orders-api", times=3)

    assert scan().offered == [*BILLING, *ORDERS]


# What nothing can stand in for


@pytest.mark.parametrize("how", ["deny", "throttle", "drop"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_listing_that_breaks_off_ends_the_scan(cloud, scan, how, nth):
    cloud.function("big").publish(60, age_days=40)
    getattr(cloud.faults, how)("ListFunctions", nth=nth)

    with pytest.raises(CallFailed, match="lambda:ListFunctions"):
        scan()


@pytest.mark.parametrize(
    "operation",
    [
        "ListFunctions",
        "ListAliases",
        "GetMetricData",
        "ListMetrics",
        "ListEventSourceMappings",
        "GetResources",
        "GetFunctionConfiguration",
        "GetPolicy",
    ],
)
def test_credentials_that_expire_end_the_scan(cloud, scan, operation):
    cloud.faults.refuse(operation, "ExpiredTokenException", "The security token is expired", status=403)

    with pytest.raises(CredentialsError, match="The security token is expired"):
        scan()


# Gone meanwhile


def test_a_version_that_vanishes_during_the_scan_is_not_offered(cloud, scan):
    cloud.faults.meanwhile("ListEventSourceMappings", lambda: cloud.functions["orders-api"].remove(2))

    found = scan()

    assert found.offered == [*BILLING, "orders-api:1", "orders-api:3"]
    assert found.rows["orders-api:2"]["state"] == "Deleted"
    assert found.flags("orders-api:2") == ["state_not_eligible"]


def test_a_function_that_vanishes_during_the_scan_is_not_offered(cloud, scan):
    cloud.faults.meanwhile("ListEventSourceMappings", lambda: cloud.remove_function("orders-api"), times=1)

    found = scan()

    assert found.offered == BILLING
    assert not any(found.rows[label]["candidate_for_deletion"] for label in ORDERS)


# A step that is interrupted and runs again


def test_every_phase_can_be_run_again_and_says_the_same(cloud, tmp_path):
    scanner = a_scanner(cloud, tmp_path)

    def twice(act):
        first = act()
        stored = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert act() == first
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == stored
        return first

    listed = twice(lambda: scanner.discover(Listing(), 1))
    assert listed.marker is None
    fleet = twice(lambda: scanner.stage_a(1))
    reading = twice(lambda: scanner.ask_region(Listed(listed=fleet.snapstart, fleet=fleet)))
    found = Found(listed=listed.listed, fleet=fleet, aliases_read=reading)
    found = replace(found, in_question=twice(lambda: scanner.stage_b(found, Asking())).in_question)
    assert twice(lambda: scanner.confirm(found, Confirmed(), 1)).passed == 6


def test_beside_a_neighbour_who_takes_more_than_the_whole_quota_everything_is_judged(tmp_path):
    passed = [0.0]

    def wait(seconds):
        passed[0] += seconds

    busy = Cloud(clock=lambda: NOW + timedelta(seconds=passed[0]), sleep=wait)
    busy.quotas, busy.latency = Quotas(neighbour=17), {"*": 0.05}
    for name in ("mailer", "orders", "search"):
        busy.function(name).publish(9, age_days=40).alias("live", 9).invoked("live", every=DAY)

    done = scanning.scan(busy, tmp_path, attempts=ATTEMPTS, pace=lambda: passed[0])

    assert sum(busy.calls.throttled.values()) > 0
    assert done.not_judged() == {}
    assert len(done.offered) == 3 * 6
