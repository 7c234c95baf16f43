"""Just before a delete everything is asked again: the same rules on facts of this moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.aws.errors import CredentialsError
from orchestrator.domain.plan import plan_deletions
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.reasons import Flag
from orchestrator.domain.versions import Missing
from orchestrator.scanner.listing_again import FRESH_SECONDS
from tests.builders import NOW, days_ago
from tests.scanner.scanning import a_scanner, judged_again

DAY = timedelta(days=1)
APPROVED = [("orders-api", 1), ("orders-api", 2)]


@pytest.fixture
def orders(cloud):
    orders = cloud.function("orders-api").publish(10, age_days=40)
    return orders.alias("live", 10).invoked("live", every=DAY, count=40)


@pytest.fixture
def again(cloud, tmp_path):
    """Judge versions again; nothing is read from or written to the store."""

    def judge(keys=None, **how):
        verdicts = judged_again(a_scanner(cloud, tmp_path / "again", **how), keys or APPROVED)
        assert not (tmp_path / "again").exists()
        return verdicts

    return judge


def skipped(verdicts, keys=None):
    return {skip.key: skip.reason for skip in plan_deletions(keys or APPROVED, verdicts).skips}


@pytest.mark.usefixtures("orders")
def test_what_is_still_idle_is_a_candidate_again(again):
    verdicts = again()

    assert set(verdicts) == set(APPROVED)
    assert all(verdict.candidate for verdict in verdicts.values())
    assert [deletion.key for deletion in plan_deletions(APPROVED, verdicts).deletions] == APPROVED


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (lambda orders: orders.alias("canary", 2), "alias `canary` points to it now"),
        (lambda orders: orders.alias("live", 10, weights={2: 0.01}), "alias `live` points to it now"),
        (lambda orders: orders.invoked(2, at=days_ago(0.5)), "called on 20 Nov"),
        (lambda orders: orders.alias("old", 2).invoked("old").remove_alias("old"), "called on 20 Nov"),
        (lambda orders: orders.event_source(2), "an event source calls it now"),
        (lambda orders: orders.policy(2), "a resource policy names it now"),
        (lambda orders: orders.tags.update({"snapstart-cleaner:keep": "2"}), "tagged keep now"),
        (lambda orders: setattr(orders.versions[2], "state", "Deleting"), "its State is Deleting now"),
        (lambda orders: orders.remove(2), "already gone"),
    ],
)
def test_what_changed_is_skipped_and_says_why(orders, again, meanwhile, reason):
    meanwhile(orders)

    verdicts = again()

    assert skipped(verdicts) == {("orders-api", 2): reason}
    assert verdicts["orders-api", 1].candidate


def test_a_running_execution_is_asked_again(cloud, again):
    cloud.function("orders-api", durable=True).publish(10, age_days=40).running_execution(2)

    assert skipped(again()) == {("orders-api", 2): "an execution runs on it now"}


def test_calls_that_nobody_accounts_for_hold_all(orders, again):
    orders.invoked_unattributed(at=days_ago(1))

    assert set(skipped(again()).values()) == {
        "its function was called on 19 Nov and no version or alias accounts for it"
    }


def test_newer_versions_that_are_gone_by_now_leave_the_older_ones_kept(orders, again):
    for number in (3, 4, 5, 6, 7, 8, 9):
        orders.remove(number)

    assert skipped(again()) == dict.fromkeys(APPROVED, "among the newest of its function now")


def test_newer_versions_that_failed_by_now_leave_the_older_ones_kept(orders, again):
    for number in range(3, 10):
        orders.versions[number].state = "Failed"

    assert set(skipped(again()).values()) == {"among the newest of its function now"}


def test_a_function_that_is_gone_is_gone_with_all_its_versions(cloud, orders, again):
    cloud.remove_function(orders.name)

    assert again() == {}
    assert set(skipped({}).values()) == {"already gone"}


@pytest.mark.usefixtures("orders")
def test_the_scope_is_looked_at_again(again):
    assert set(skipped(again(scope=Scope(prefix="billing-"))).values()) == {"outside what the stack may delete"}


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    "operation",
    [
        "ListAliases",
        "GetMetricData",
        "ListMetrics",
        "ListEventSourceMappings",
        "ListTags",
        "GetFunctionConfiguration",
        "GetPolicy",
    ],
)
@pytest.mark.parametrize("how", ["deny", "throttle", "drop", "break_off"])
def test_what_cannot_be_asked_again_is_not_deleted(cloud, again, how, operation):
    getattr(cloud.faults, how)(operation)

    verdicts = again()

    assert all(Flag.NOT_JUDGED in verdict.flags for verdict in verdicts.values())
    assert all(reason.startswith("could not be checked again: ") for reason in skipped(verdicts).values())
    assert all(operation in reason for reason in skipped(verdicts).values())


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("how", ["deny", "throttle", "drop", "break_off"])
def test_versions_that_cannot_be_listed_again_are_never_taken_for_gone(cloud, again, how):
    getattr(cloud.faults, how)("ListVersionsByFunction")

    reasons = set(skipped(again()).values())

    assert len(reasons) == 1
    assert reasons.pop().startswith("could not be checked again: lambda:ListVersionsByFunction ")


def test_a_function_that_cannot_be_listed_again_leaves_the_others_alone(cloud, again):
    for name in ("a", "b"):
        cloud.function(name).publish(5, age_days=40)
    cloud.faults.throttle("ListVersionsByFunction", function="a")

    verdicts = again([("a", 1), ("b", 1), ("b", 2)])

    assert isinstance(verdicts["a", 1], Missing)
    assert verdicts["b", 1].candidate
    assert verdicts["b", 2].candidate


def test_the_function_is_asked_for_its_own_tags_since_a_listing_that_leaves_it_out_is_no_proof(cloud, orders, again):
    orders.tags["snapstart-cleaner:keep"] = "1"
    cloud.faults.deny("GetResources")

    assert skipped(again()) == {("orders-api", 1): "tagged keep now"}


@pytest.mark.usefixtures("orders")
def test_expired_credentials_end_it(cloud, again):
    cloud.faults.refuse(
        "GetFunctionConfiguration", "ExpiredTokenException", "The security token is expired", status=403
    )

    with pytest.raises(CredentialsError):
        again()


def test_versions_of_several_functions_are_judged_together(cloud, again):
    keys = []
    for name in ("a", "b", "c"):
        cloud.function(name).publish(5, age_days=40).policy(1)
        keys += [(name, 1), (name, 2)]

    verdicts = again(keys)

    assert list(verdicts) == keys
    assert skipped(verdicts, keys) == dict.fromkeys([("a", 1), ("b", 1), ("c", 1)], "a resource policy names it now")


def test_a_version_that_was_never_there_is_left_out(orders, again):
    assert again([("orders-api", 99), ("no-such-function", 1)]) == {}
    assert orders.versions


def test_the_scan_and_the_second_look_say_the_same(cloud, scan, again):
    orders = cloud.function("orders-api").publish(12, age_days=30, apart=timedelta(days=2))
    orders.alias("live", 12, weights={3: 0.1}).invoked("live", every=DAY, count=5).invoked(4).policy(5).event_source(6)
    orders.versions[11].state = "Failed"

    found = scan(policy=Policy(min_age_days=35))
    offered = [candidate.key for candidate in found.candidates]
    verdicts = again([("orders-api", number) for number in range(1, 13)], policy=Policy(min_age_days=35))

    assert [key for key in sorted(verdicts) if verdicts[key].candidate] == sorted(offered)
    assert offered


# A function of many versions


def test_a_function_of_many_versions_is_listed_once_for_several_batches(cloud, tmp_path):
    cloud.function("large").publish(120, age_days=40)
    scanner = a_scanner(cloud, tmp_path)

    for batch in range(3):
        keys = [("large", number) for number in range(1 + 10 * batch, 11 + 10 * batch)]
        assert all(verdict.candidate for verdict in judged_again(scanner, keys).values())
        for _, number in keys:
            cloud.functions["large"].remove(number)

    assert cloud.calls["ListVersionsByFunction"] == 3  # its pages


def test_a_listing_is_made_again_when_it_is_no_longer_fresh(cloud, tmp_path):
    cloud.function("large").publish(60, age_days=40)
    scanner = a_scanner(cloud, tmp_path)

    for seconds in (0, FRESH_SECONDS, FRESH_SECONDS + 1):
        judged_again(scanner, [("large", 1)], NOW + timedelta(seconds=seconds))

    assert cloud.calls["ListVersionsByFunction"] == 2 * 2


def test_newer_versions_that_went_since_the_listing_are_not_among_the_newest(cloud, tmp_path):
    large = cloud.function("large").publish(60, age_days=40)
    large.versions[57].state = "Failed"
    scanner = a_scanner(cloud, tmp_path)
    assert judged_again(scanner, [("large", 57), ("large", 54)])["large", 57].candidate

    for number in (58, 59, 60):
        large.remove(number)
    verdicts = judged_again(scanner, [("large", 57), ("large", 54)])

    assert verdicts["large", 57].among_keep_last_n
    assert not verdicts["large", 54].candidate
