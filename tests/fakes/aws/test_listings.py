"""What Lambda's listings show, hide and cut."""

import pytest
from botocore.exceptions import ClientError

from fakes.aws import SECRET_VALUE


def all_versions(client, **given):
    pages = client.get_paginator("list_functions").paginate(FunctionVersion="ALL", **given)
    return [(row["FunctionName"], row["Version"]) for page in pages for row in page["Functions"]]


def test_a_page_holds_fifty_rows_whatever_was_asked(cloud, functions):
    cloud.function("orders").publish(60)
    page = functions.list_functions(FunctionVersion="ALL", MaxItems=1000)
    assert len(page["Functions"]) == 50
    assert page["NextMarker"]


def test_a_smaller_page_is_granted(cloud, functions):
    cloud.function("orders").publish(60)
    assert len(functions.list_functions(FunctionVersion="ALL", MaxItems=7)["Functions"]) == 7


@pytest.mark.parametrize("versions", [0, 1, 48, 49, 50, 51, 99, 100])
def test_pages_together_hold_every_version_once(cloud, functions, versions):
    cloud.function("a").publish(versions)
    cloud.function("b").publish(3)
    expected = [("a", "$LATEST"), *(("a", str(n)) for n in range(1, versions + 1))]
    expected += [("b", v) for v in ("$LATEST", "1", "2", "3")]
    assert all_versions(functions) == expected


def test_a_version_deleted_between_pages_costs_no_other(cloud, functions):
    orders = cloud.function("orders").publish(60)
    first = functions.list_functions(FunctionVersion="ALL")
    orders.remove(49)
    second = functions.list_functions(FunctionVersion="ALL", Marker=first["NextMarker"])
    assert [row["Version"] for row in second["Functions"]] == [str(n) for n in range(50, 61)]


def test_a_function_deleted_between_pages_costs_no_other(cloud, functions):
    cloud.function("a").publish(60)
    cloud.function("b").publish(1)
    first = functions.list_functions(FunctionVersion="ALL")
    cloud.remove_function("a")
    second = functions.list_functions(FunctionVersion="ALL", Marker=first["NextMarker"])
    assert [row["FunctionName"] for row in second["Functions"]] == ["b", "b"]


def test_without_all_each_function_is_one_row_of_latest(cloud, functions):
    cloud.function("a").publish(3)
    cloud.function("b")
    rows = functions.list_functions()["Functions"]
    assert [(row["FunctionName"], row["Version"]) for row in rows] == [("a", "$LATEST"), ("b", "$LATEST")]
    assert rows[0]["FunctionArn"] == "arn:aws:lambda:us-west-2:111122223333:function:a"


def test_functions_are_paged_at_fifty_too(cloud, functions):
    for index in range(51):
        cloud.function(f"f{index:02d}")
    pages = list(functions.get_paginator("list_functions").paginate())
    assert [len(page["Functions"]) for page in pages] == [50, 1]


def test_versions_of_one_function_are_paged_at_fifty(cloud, functions):
    cloud.function("orders").publish(60)
    pages = list(functions.get_paginator("list_versions_by_function").paginate(FunctionName="orders"))
    assert [len(page["Versions"]) for page in pages] == [50, 11]
    assert pages[0]["Versions"][0]["Version"] == "$LATEST"


@pytest.mark.parametrize("hidden", ["State", "StateReason", "StateReasonCode", "LastUpdateStatus"])
def test_listings_never_show_state(cloud, functions, hidden):
    cloud.function("orders").publish(state="Failed", state_reason_code="FunctionError")
    rows = functions.list_functions(FunctionVersion="ALL")["Functions"]
    rows += functions.list_versions_by_function(FunctionName="orders")["Versions"]
    assert all(hidden not in row for row in rows)


def test_rows_say_whether_snapstart_applies_and_is_on(cloud, functions):
    cloud.function("orders").publish().publish(state="Failed").publish(snap_start=False)
    rows = functions.list_functions(FunctionVersion="ALL")["Functions"]
    assert [(row["SnapStart"]["ApplyOn"], row["SnapStart"]["OptimizationStatus"]) for row in rows] == [
        ("PublishedVersions", "Off"),
        ("PublishedVersions", "On"),
        ("PublishedVersions", "Off"),
        ("None", "Off"),
    ]


def test_rows_carry_environment_variables_with_secrets(cloud, functions):
    cloud.function("orders").publish()
    row = functions.list_functions(FunctionVersion="ALL")["Functions"][1]
    assert SECRET_VALUE in row["Environment"]["Variables"].values()


def test_a_container_image_has_no_runtime(cloud, functions):
    cloud.function("resize", package_type="Image").publish()
    row = functions.list_functions(FunctionVersion="ALL")["Functions"][1]
    assert row["PackageType"] == "Image"
    assert "Runtime" not in row


def test_a_durable_function_says_so(cloud, functions):
    cloud.function("flow", durable=True).publish()
    cloud.function("orders").publish()
    rows = functions.list_functions(FunctionVersion="ALL")["Functions"]
    assert [("DurableConfig" in row) for row in rows] == [True, True, False, False]


def test_a_version_keeps_the_memory_runtime_and_architecture_it_was_published_with(cloud, functions):
    cloud.function("orders", memory_mb=512).publish().publish(
        memory_mb=2048, runtime="python3.13", architecture="arm64"
    )
    rows = functions.list_functions(FunctionVersion="ALL")["Functions"][1:]
    assert [(row["MemorySize"], row["Runtime"], row["Architectures"]) for row in rows] == [
        (512, "python3.12", ["x86_64"]),
        (2048, "python3.13", ["arm64"]),
    ]


def test_last_modified_is_written_as_lambda_writes_it(cloud, functions):
    cloud.function("orders").publish(2, age_days=10)
    rows = functions.list_functions(FunctionVersion="ALL")["Functions"][1:]
    assert [row["LastModified"] for row in rows] == ["2026-11-09T12:00:00.000+0000", "2026-11-10T12:00:00.000+0000"]


def test_a_row_can_be_made_as_odd_as_a_test_needs(cloud, functions):
    cloud.function("orders").publish(last_modified="yesterday", overrides={"Runtime": None, "SnapStart": {}})
    row = functions.list_functions(FunctionVersion="ALL")["Functions"][1]
    assert (row["LastModified"], "Runtime" in row, row["SnapStart"]) == ("yesterday", False, {})


def test_aliases_are_paged_at_fifty_and_show_their_weights(cloud, functions):
    orders = cloud.function("orders").publish(2)
    for index in range(51):
        orders.alias(f"a{index:02d}", 2, weights={1: 0.1} if index == 50 else None)
    pages = list(functions.get_paginator("list_aliases").paginate(FunctionName="orders"))
    assert [len(page["Aliases"]) for page in pages] == [50, 1]
    assert pages[1]["Aliases"][0]["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 0.1}}
    assert "RoutingConfig" not in pages[0]["Aliases"][0]


def test_the_alias_filter_by_version_misses_weights(cloud, functions):
    cloud.function("orders").publish(2).alias("live", 2, weights={1: 0.1})
    assert functions.list_aliases(FunctionName="orders", FunctionVersion="1")["Aliases"] == []
    assert len(functions.list_aliases(FunctionName="orders", FunctionVersion="2")["Aliases"]) == 1


def test_listing_a_missing_function_is_not_found(functions):
    for call in (functions.list_aliases, functions.list_versions_by_function):
        with pytest.raises(ClientError, match="Function not found") as refusal:
            call(FunctionName="ghost")
        assert refusal.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_event_sources_are_listed_for_the_whole_account_a_hundred_a_page(cloud, functions):
    orders = cloud.function("orders").publish(2).alias("live", 2)
    orders.event_source(1).event_source("live").event_source()
    for _ in range(98):
        orders.event_source(2)
    pages = list(functions.get_paginator("list_event_source_mappings").paginate())
    assert [len(page["EventSourceMappings"]) for page in pages] == [100, 1]
    arn = "arn:aws:lambda:us-west-2:111122223333:function:orders"
    assert [row["FunctionArn"] for row in pages[0]["EventSourceMappings"][:3]] == [f"{arn}:1", f"{arn}:live", arn]


def test_event_sources_can_be_asked_for_by_exact_target_or_by_source(cloud, functions):
    cloud.function("orders").publish().event_source(1, queue="a").event_source(queue="b")

    def sources(**asked):
        rows = functions.list_event_source_mappings(**asked)["EventSourceMappings"]
        return [row["EventSourceArn"].rsplit(":", 1)[1] for row in rows]

    assert sources(FunctionName="orders:1") == ["a"]
    assert sources(FunctionName="orders") == ["b"]
    assert sources(EventSourceArn="arn:aws:sqs:us-west-2:111122223333:a") == ["a"]


def test_event_sources_outlive_their_function(cloud, functions):
    cloud.function("orders").publish().event_source(1)
    functions.delete_function(FunctionName="orders")
    assert len(functions.list_event_source_mappings()["EventSourceMappings"]) == 1


def test_a_marker_nobody_handed_out_is_refused(cloud, functions):
    cloud.function("orders")
    with pytest.raises(ClientError, match="Invalid Marker"):
        functions.list_functions(Marker="made up")
