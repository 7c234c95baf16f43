"""Tags across functions, prices, and who is asking."""

import json

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.fakes.aws.asking import ONCE


def tagged(cloud, **given):
    pages = cloud.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(**given)
    return [row["ResourceARN"].rsplit(":", 1)[1] for page in pages for row in page["ResourceTagMappingList"]]


def products(cloud, region="us-east-1", **fields):
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in fields.items()]
    client = cloud.client("pricing", region_name=region, config=ONCE)
    pages = client.get_paginator("get_products").paginate(ServiceCode="AWSLambda", Filters=filters)
    return [json.loads(row) for page in pages for row in page["PriceList"]]


def price_of(product):
    (term,) = product["terms"]["OnDemand"].values()
    (dimension,) = term["priceDimensions"].values()
    return dimension["pricePerUnit"]["USD"], dimension["unit"]


def test_functions_are_found_by_tag_and_value(cloud):
    cloud.function("a", tags={"keep": "true", "team": "shop"})
    cloud.function("b", tags={"keep": "1 2"})
    cloud.function("c", tags={"team": "shop"})
    cloud.function("d")
    assert tagged(cloud) == ["a", "b", "c"]
    assert tagged(cloud, TagFilters=[{"Key": "keep"}]) == ["a", "b"]
    assert tagged(cloud, TagFilters=[{"Key": "keep", "Values": ["true", "yes"]}]) == ["a"]
    assert tagged(cloud, TagFilters=[{"Key": "keep"}, {"Key": "team"}]) == ["a"]


def test_tags_come_with_their_values(cloud):
    cloud.function("a", tags={"keep": ""})
    rows = cloud.client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]
    assert rows == [{"ResourceARN": cloud.function_arn("a"), "Tags": [{"Key": "keep", "Value": ""}]}]


def test_only_asked_resource_types_are_found(cloud):
    cloud.function("a", tags={"keep": "true"})
    assert tagged(cloud, ResourceTypeFilters=["lambda:function"]) == ["a"]
    assert tagged(cloud, ResourceTypeFilters=["s3"]) == []


def test_named_resources_are_found_and_missing_ones_left_out(cloud):
    cloud.function("a", tags={"keep": "true"})
    cloud.function("b", tags={"keep": "true"})
    assert tagged(cloud, ResourceARNList=[cloud.function_arn("b"), cloud.function_arn("ghost")]) == ["b"]


def test_naming_resources_and_filtering_exclude_each_other(cloud):
    client = cloud.client("resourcegroupstaggingapi")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        client.get_resources(ResourceARNList=[cloud.function_arn("a")], TagFilters=[{"Key": "keep"}])


def test_tagged_functions_are_paged_at_a_hundred(cloud):
    for index in range(101):
        cloud.function(f"f{index:03d}", tags={"keep": "true"})
    first = cloud.client("resourcegroupstaggingapi").get_resources()
    assert len(first["ResourceTagMappingList"]) == 100
    assert len(tagged(cloud)) == 101


@pytest.mark.parametrize(
    ("region", "usage", "price"),
    [
        ("us-east-1", "Lambda-SnapStart-Cached-GB-S", "0.0000015046"),
        ("us-west-2", "USW2-Lambda-SnapStart-Cached-GB-S", "0.0000015046"),
        ("eu-west-1", "EU-Lambda-SnapStart-Cached-GB-S", "0.0000015046"),
        ("ap-northeast-2", "APN2-Lambda-SnapStart-Cached-GB-S", "0.0000018383"),
    ],
)
def test_the_cache_price_of_a_region_is_found_by_usage_type(cloud, region, usage, price):
    (product,) = products(cloud, usagetype=usage)
    assert product["product"]["attributes"]["regionCode"] == region
    assert price_of(product) == (price, "Lambda-GB-Second")
    assert product["publicationDate"] == "2026-09-19T00:00:00Z"


def test_a_region_has_other_lambda_prices_too(cloud):
    usages = {product["product"]["attributes"]["usagetype"] for product in products(cloud, regionCode="us-west-2")}
    assert usages == {
        "USW2-Lambda-SnapStart-Cached-GB-S",
        "USW2-Lambda-SnapStart-Restored-GB",
        "USW2-Lambda-GB-Second",
    }


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("CONTAINS", "SnapStart-Cached", 8),
        ("ANY_OF", "Lambda-GB-Second,EU-Lambda-GB-Second", 2),
        ("EQUALS", "Lambda", 0),
    ],
)
def test_the_price_list_can_be_filtered_in_several_ways(cloud, kind, value, found):
    filters = [{"Type": kind, "Field": "usagetype", "Value": value}]
    client = cloud.client("pricing", region_name="us-east-1")
    assert len(client.get_products(ServiceCode="AWSLambda", Filters=filters)["PriceList"]) == found


def test_another_service_has_no_products_here(cloud):
    client = cloud.client("pricing", region_name="us-east-1")
    assert client.get_products(ServiceCode="AmazonEC2")["PriceList"] == []


def test_the_price_list_is_paged(cloud):
    client = cloud.client("pricing", region_name="us-east-1")
    pages = list(
        client.get_paginator("get_products").paginate(ServiceCode="AWSLambda", PaginationConfig={"PageSize": 10})
    )
    assert [len(page["PriceList"]) for page in pages] == [10, 10, 4]


def test_an_unknown_usage_type_has_no_price(cloud):
    assert products(cloud, usagetype="Lambda-Cached") == []


def test_the_price_list_does_not_exist_outside_its_own_regions(cloud):
    with pytest.raises(ConnectionClosedError):
        products(cloud, region="us-west-2")


def test_the_caller_is_of_this_account(cloud):
    identity = cloud.client("sts").get_caller_identity()
    assert identity["Account"] == "111122223333"
    assert identity["Arn"].startswith("arn:aws:sts::111122223333:assumed-role/")
