"""The bill of a local account: what was cached, day by day, told with Cost Explorer's own rules."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

from fakes.aws import Cloud
from tests.fakes.aws.asking import NOON, ONCE

DAY = timedelta(days=1)
CACHED = "Lambda-SnapStart-Cached-GB-S"
BY_TYPE = {"Type": "DIMENSION", "Key": "USAGE_TYPE"}
BY_ACCOUNT = {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}
USAGE = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}}


@pytest.fixture
def ask(cloud):
    def ask(days=10, *, end=NOON + DAY, **given):
        given = {"GroupBy": [BY_TYPE, BY_ACCOUNT], "Metrics": ["UsageQuantity", "UnblendedCost"], **given}
        period = {"Start": f"{end - days * DAY:%Y-%m-%d}", "End": f"{end:%Y-%m-%d}"}
        client = cloud.client("ce", config=ONCE)
        return client.get_cost_and_usage(**{"TimePeriod": period, "Granularity": "DAILY", **given})

    return ask


def gb(answer, *, account="111122223333", usage_type=f"USW2-{CACHED}"):
    """The GB cached on each day, by its last two digits."""
    return {
        result["TimePeriod"]["Start"][-2:]: float(group["Metrics"]["UsageQuantity"]["Amount"]) / 86_400
        for result in answer["ResultsByTime"]
        for group in result["Groups"]
        if group["Keys"] == [usage_type, account]
    }


def test_a_snapshot_is_billed_from_its_publication_to_its_delete(cloud, clock, ask):
    cloud.function("orders", memory_mb=1024).publish(age_days=7)
    clock.pass_seconds(-3 * 86_400)
    cloud.client("lambda").delete_function(FunctionName="orders", Qualifier="1")
    clock.pass_seconds(3 * 86_400)

    assert gb(ask()) == pytest.approx({"13": 0.5, "14": 1, "15": 1, "16": 1, "17": 0.5})


def test_a_function_that_was_deleted_whole_was_billed_until_then(cloud, ask):
    cloud.function("orders", memory_mb=1024).publish(age_days=7)
    cloud.client("lambda").delete_function(FunctionName="orders")

    assert gb(ask())["17"] == 1


def test_java_failed_versions_and_those_without_snapstart_cost_nothing(cloud, ask):
    cloud.function("java", runtime="java21").publish(3, age_days=20)
    cloud.function("orders").publish(3, age_days=20, state="Failed").publish(snap_start=False, age_days=20)

    assert gb(ask()) == {}


def test_it_costs_the_price_of_its_region(cloud, ask):
    cloud.in_region("ap-northeast-2").function("orders", memory_mb=1024).publish(age_days=40)
    (group, *_) = [group for group in ask(4)["ResultsByTime"][0]["Groups"] if group["Keys"][0] == f"APN2-{CACHED}"]

    assert float(group["Metrics"]["UnblendedCost"]["Amount"]) == pytest.approx(86_400 * 0.0000018383)


def test_us_east_1_has_no_prefix(cloud, ask):
    cloud.in_region("us-east-1").function("orders", memory_mb=1024).publish(age_days=40)

    assert gb(ask(4), usage_type=CACHED)["17"] == 1


def test_the_last_days_are_estimated_and_not_all_there(cloud, ask):
    cloud.function("orders", memory_mb=1024).publish(age_days=40)
    answer = ask(5)

    assert gb(answer) == pytest.approx({"16": 1, "17": 1, "18": 1, "19": 0.7, "20": 0.2})
    assert [result["Estimated"] for result in answer["ResultsByTime"]] == [False, False, True, True, True]


def test_linked_accounts_are_told_apart(cloud, clock, ask):
    other = Cloud("444455556666", clock=clock)
    other.function("orders", memory_mb=2048).publish(age_days=40)
    cloud.function("orders", memory_mb=1024).publish(age_days=40)
    cloud.billing.linked.append(other)
    answer = ask()

    assert (gb(answer)["17"], gb(answer, account="444455556666")["17"]) == (1, 2)


def test_an_account_that_is_kept_from_the_bill_is_not_in_it(cloud, ask):
    cloud.function("orders").publish(age_days=40)
    cloud.billing.silent.add("111122223333")

    assert not any(result["Groups"] for result in ask()["ResultsByTime"])


def test_credits_pay_for_all_records_but_usage_stands(cloud, ask):
    cloud.function("orders", memory_mb=1024).publish(age_days=40)
    cloud.billing.credited = True

    def cost(**given):
        groups = ask(4, **given)["ResultsByTime"][0]["Groups"]
        return sum(float(group["Metrics"]["UnblendedCost"]["Amount"]) for group in groups)

    assert cost() == 0
    assert cost(Filter=USAGE) > 0.12


def test_a_filter_leaves_other_services_and_types_out(cloud, ask):
    cloud.function("orders").publish(age_days=40)
    other = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon S3"]}}
    types = {"Dimensions": {"Key": "USAGE_TYPE", "Values": ["USW2-Lambda-GB-Second"]}}

    assert not any(result["Groups"] for result in ask(Filter=other)["ResultsByTime"])
    assert gb(ask(Filter={"And": [types, USAGE]})) == {}


def test_without_groups_there_is_a_total(cloud, ask):
    cloud.function("orders", memory_mb=1024).publish(age_days=40)
    (first, *_) = ask(4, GroupBy=[])["ResultsByTime"]

    assert first["Groups"] == []
    assert float(first["Total"]["UsageQuantity"]["Amount"]) == 86_500


def test_what_does_not_fit_a_page_comes_with_the_next(cloud, ask):
    cloud.function("orders", memory_mb=1024).publish(age_days=40)
    cloud.billing.page_groups = 6
    first = ask()
    second = ask(NextPageToken=first["NextPageToken"])

    assert [len(page["ResultsByTime"]) for page in (first, second)] == [3, 3]


@pytest.mark.parametrize(
    "asked",
    [
        {"end": NOON - 425 * DAY},
        {"days": 0},
        {"days": 2, "end": NOON + 9 * DAY},
        {"Granularity": "MONTHLY"},
        {"GroupBy": [BY_TYPE, BY_ACCOUNT, {"Type": "DIMENSION", "Key": "REGION"}]},
        {"GroupBy": [{"Type": "DIMENSION", "Key": "COLOUR"}]},
        {"Metrics": ["Dollars"]},
    ],
)
def test_what_cost_explorer_refuses_is_refused(ask, asked):
    with pytest.raises(ClientError, match="ValidationException"):
        ask(**asked)


def test_throttled_and_denied_are_said_as_cost_explorer_does(cloud, ask):
    cloud.faults.throttle("GetCostAndUsage", times=1)
    with pytest.raises(ClientError, match="LimitExceededException"):
        ask()
    cloud.faults.deny("GetCostAndUsage")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        ask()


def test_days_are_days_in_utc(cloud, ask):
    there = timezone(timedelta(hours=-8))
    cloud.function("orders", memory_mb=1024).publish(last_modified=datetime(2026, 11, 15, 22, tzinfo=there))

    assert gb(ask())["16"] == pytest.approx(18 / 24)
