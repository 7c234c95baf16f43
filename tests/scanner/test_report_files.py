"""What a scan leaves behind: a report in two forms that agree, an offer, and nothing that should not be kept."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from fakes.aws import Cloud, fleets
from fakes.aws.account import SECRET_VALUE
from orchestrator.domain.policy import Policy
from orchestrator.domain.report import ROW_FIELDS
from tests.builders import NOW, an_alias
from tests.memories import a_keep, a_memory, a_refusal, in_days, recalled
from tests.scanner import scanning
from tests.scanner.scanning import CSV_KEY, JSON_KEY, PLACE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_cloud():
    return Cloud(clock=lambda: NOW, sleep=lambda _: None)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    cloud = a_cloud()
    orders = cloud.function("orders-api").publish(10, age_days=40)
    orders.alias("live", 10, weights={2: 0.1}).invoked("live", every=DAY, count=40)
    return scanning.scan(cloud, tmp_path_factory.mktemp("found"))


# The JSON report


def test_the_report_is_the_contracts(found):
    assert list(found.report) == [
        "schema_version",
        "execution",
        "account_id",
        "region",
        "scanned_at",
        "request",
        "rows",
        "summary",
    ]
    assert found.report["schema_version"] == 1
    assert all(tuple(row) == ROW_FIELDS for row in found.report["rows"])


def test_rows_go_by_function_and_newest_version_first(cloud, scan):
    cloud.function("b").publish(11, age_days=40)
    cloud.function("a").publish(2, age_days=40)

    rows = [(row["function_name"], row["version"]) for row in scan().report["rows"]]

    assert rows == [("a", "2"), ("a", "1"), *(("b", str(number)) for number in range(11, 0, -1))]


def test_every_snapstart_version_has_one_row(found):
    assert len(found.rows) == len(found.report["rows"]) == found.summary.snapstart == 10


def test_an_empty_region_has_a_report_too(scan):
    found = scan()

    assert found.report["rows"] == []
    assert found.csv_rows() == []


def test_names_outside_ascii_are_written_as_they_are(cloud, scan):
    cloud.faults.refuse("ListAliases", "ServiceException", "Größer als — erlaubt")
    cloud.function("orders-api").publish(4, age_days=40)

    found = scan()

    assert "Größer als — erlaubt" in (found.folder / JSON_KEY).read_text(encoding="utf-8")
    assert "Größer als — erlaubt" in (found.folder / CSV_KEY).read_text(encoding="utf-8")


# The CSV report


def test_the_csv_says_what_the_json_says(found):
    as_csv = found.csv_rows()

    assert [list(row) for row in as_csv] == [list(ROW_FIELDS)] * 10
    for shown, row in zip(as_csv, found.report["rows"], strict=True):
        assert shown["function_name"] == row["function_name"]
        assert shown["version"] == row["version"]
        assert shown["candidate_for_deletion"] == str(row["candidate_for_deletion"]).lower()
        assert shown["reason_flags"].split() == row["reason_flags"]
        assert float(shown["estimated_monthly_cost_usd"]) == row["estimated_monthly_cost_usd"]
        assert json.loads(shown["aliases"] or "[]") == (row["aliases"] or [])


def test_the_csv_leaves_what_was_not_asked_empty(cloud, scan):
    cloud.function("orders-api").publish(3, age_days=1)

    (row, *_) = scan().csv_rows()

    assert (row["state"], row["aliases"], row["protected_by_alias"], row["stage_b_pass"]) == ("", "", "", "")
    assert row["not_asked"].split()[:2] == ["aliases", "invocations"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_a_description_is_never_a_formula(cloud, scan, begin):
    cloud.function("orders-api").publish(4, age_days=40, overrides={"Description": f"{begin}SUM(A1)"})

    (row, *_) = scan().csv_rows()

    assert row["description"] == f"'{begin}SUM(A1)"


# The offer


def test_the_offer_is_what_the_report_calls_candidates(found):
    assert found.offered == ["orders-api:1", *(f"orders-api:{number}" for number in range(3, 8))]
    assert sorted(found.offered) == sorted(label for label, row in found.rows.items() if row["candidate_for_deletion"])
    assert found.summary.candidates == len(found.offered)


def test_all_that_is_offered_for_the_first_time_is_news(found):
    assert len(found.candidates) == 6
    assert all(candidate.is_news for candidate in found.candidates)


def test_what_was_kept_last_time_is_offered_again_with_who_kept_it(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40)

    found = scan(recalled=recalled(a_keep(1)))

    assert [(c.label, c.kept_by, c.kept_until, c.starts_ticked) for c in found.candidates] == [
        ("orders-api:2", None, None, True),
        ("orders-api:1", "U0APPROVER", "2027-02-11", False),
    ]
    assert ([c.is_news for c in found.candidates].count(True), found.summary.kept) == (1, 0)


def test_the_schedule_does_not_ask_about_what_is_kept_or_refused_and_counts_it(cloud, scan):
    cloud.function("orders-api").publish(6, age_days=40)

    found = scan(recalled=recalled(a_keep(1), a_refusal(2), asked_for=False))

    assert found.offered == ["orders-api:3"]
    assert (found.summary.kept, found.summary.refused, found.summary.not_looked_at) == (1, 1, 0)
    assert found.summary.functions[0].idle == 1
    assert cloud.calls["GetPolicy"] == 1


def test_what_is_kept_takes_no_place_of_news_and_is_counted_where_it_finds_none(cloud, scan):
    cloud.function("dear", memory_mb=4096).publish(5, age_days=40)
    cloud.function("orders-api").publish(6, age_days=40)

    kept = recalled(a_keep(1, function_name="dear"), a_keep(2, function_name="dear"))
    found = scan(policy=Policy(max_deletions=2), recalled=kept)

    assert found.offered == ["orders-api:1", "orders-api:2"]
    assert (found.summary.kept, found.summary.not_looked_at) == (2, 1)


def test_what_was_kept_once_waits_behind_what_is_new(cloud, scan):
    cloud.function("dear", memory_mb=4096).publish(4, age_days=40)
    cloud.function("orders-api").publish(5, age_days=40)

    once = recalled(a_keep(1, function_name="dear", until=in_days(-1)))
    found = scan(policy=Policy(max_deletions=2), recalled=once)

    assert found.offered == ["orders-api:1", "orders-api:2"]
    assert (found.summary.kept, found.summary.not_looked_at) == (0, 1)


def test_what_a_scan_saw_is_handed_on_to_be_remembered(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40).alias("live", 5)
    cloud.function("young").publish(1, age_days=1).alias("live", 1)

    seen = scan().seen

    assert (seen.at, seen.prefix) == (NOW, "")
    assert seen.aliases == {"orders-api": (an_alias("live", 5),)}
    assert seen.not_judged == set()


def test_rows_that_could_not_be_judged_are_handed_on(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40)
    cloud.faults.throttle("ListAliases")

    found = scan(recalled=recalled(memory=a_memory(not_judged=frozenset({("orders-api", 1)}))))

    assert found.seen.not_judged == {("orders-api", 1), ("orders-api", 2)}
    assert found.seen.aliases == {}
    assert len(found.reported.newly_not_judged) == 1


def test_why_the_memory_was_set_aside_stands_in_the_summary(cloud, scan):
    cloud.function("orders-api").publish(5, age_days=40)

    assert scan(recalled=recalled(set_aside="damaged")).summary.memory_set_aside == "damaged"


def test_only_what_is_new_and_costs_money_counts_as_news(cloud, scan):
    cloud.function("ledger", runtime="java21").publish(5, age_days=40)

    found = scan()

    assert [c.is_news for c in found.candidates] == [False, False]


@pytest.fixture(scope="module")
def account():
    cloud = a_cloud()
    fleets.believable(cloud)
    return cloud


@pytest.fixture(scope="module")
def believable(account, tmp_path_factory):
    return scanning.scan(account, tmp_path_factory.mktemp("believable"), policy=Policy(max_deletions=20))


def test_the_totals_add_up_to_the_rows(believable):
    found, summary = believable, believable.summary

    assert summary.candidates + summary.held + summary.not_judged + summary.not_looked_at == len(found.rows)
    assert summary.candidates == len(found.offered) == 20
    assert round(sum(c.monthly_usd for c in found.candidates), 2) == summary.monthly_usd
    assert sum(function.idle for function in summary.functions) == 20
    assert round(sum(function.monthly_usd for function in summary.functions), 2) == summary.monthly_usd
    assert summary.not_judged > 0
    assert summary.not_looked_at > 0


def test_the_price_says_where_it_comes_from(found):
    assert (found.summary.price.region, found.summary.price.source) == ("us-west-2", "price list")


# What must not be kept


def test_no_environment_variable_and_no_code_link_is_ever_stored(account, believable):
    found = believable
    shown = account.client("lambda").get_function(FunctionName=found.candidates[0].function_name)

    assert SECRET_VALUE in str(shown["Configuration"]["Environment"])
    assert "X-Amz-Signature" in shown["Code"]["Location"]
    names = []
    for name, text in found.everything_stored():
        names.append(name)
        for leak in (SECRET_VALUE, "X-Amz-", "Environment", "https://"):
            assert leak not in text, name
    assert {JSON_KEY, CSV_KEY, f"{PLACE}region.json"} <= set(names)
    assert {name for name in names if name.startswith(PLACE)} >= {
        f"{PLACE}{phase}-0001" for phase in ("listing", "stage-a", "stage-b", "survivors", "confirmed")
    }


def test_the_check_for_leaks_can_see_inside_the_stored_files(found):
    stored = dict(found.everything_stored())

    assert all("orders-api" in stored[f"{PLACE}{name}"] for name in ("listing-0001", "stage-b-0001", "survivors-0001"))
    assert NOW.isoformat()[:7] in stored[f"{PLACE}region.json"]


# What is counted for the bill


def test_the_scan_counts_what_aws_should_bill(cloud, scan):
    cloud.function("orders-api", memory_mb=1024).publish(10, age_days=2).invoked(at=cloud.clock() - HOUR)
    cloud.function("free", runtime="java21").publish(3, age_days=40)
    found = scan()
    counted = found.reported.inventory

    assert counted.gb == 10
    assert [function.function_name for function in counted.growing] == ["orders-api"]
    assert counted.scanned_at == cloud.clock()
