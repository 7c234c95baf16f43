"""The price of a snapshot: from the list where it answers, from the dated table where it does not."""

import json
from datetime import date

import pytest
from botocore.config import Config

from orchestrator.aws.pricing import cache_price
from orchestrator.domain.cost import Price

TODAY = date(2026, 11, 20)


@pytest.fixture
def pricing(cloud):
    one_attempt = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return cloud.in_region("us-east-1").client("pricing", config=one_attempt)


@pytest.mark.parametrize(
    ("region", "usd"), [("us-west-2", 0.0000015046), ("us-east-1", 0.0000015046), ("ap-northeast-2", 0.0000018383)]
)
def test_the_price_list_knows_each_regions_price(pricing, region, usd):
    assert cache_price(pricing, region, TODAY) == Price(usd, region, "2026-09-19", "price list")


@pytest.mark.parametrize(
    ("region", "usd", "source"),
    [
        ("us-east-1", 0.0000015046, "built-in table"),
        ("ap-northeast-2", 0.0000018383, "built-in table"),
        ("eu-south-2", 0.0000015046, "built-in table (us-east-1)"),
    ],
)
def test_the_table_answers_where_the_list_is_denied(cloud, pricing, region, usd, source):
    cloud.in_region("us-east-1").faults.deny("GetProducts")

    assert cache_price(pricing, region, TODAY) == Price(usd, region, "2026-09-19", source)


def test_a_region_the_list_does_not_know_gets_a_price_that_says_whose_it_is(pricing):
    assert cache_price(pricing, "mx-central-1", TODAY).source == "built-in table (us-east-1)"


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException", "ThrottlingException"])
def test_no_answer_of_the_price_list_stops_a_scan(cloud, pricing, code):
    cloud.in_region("us-east-1").faults.refuse("GetProducts", code)

    assert cache_price(pricing, "us-west-2", TODAY).source == "built-in table (us-east-1)"


class PagedPrices:
    """A price list with one product, as the paginator yields it."""

    def __init__(self, text):
        self.text = text

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_given):
        yield {"PriceList": [self.text]}


def product(usd="0.0000020000", usage_type="EUC1-Lambda-SnapStart-Cached-GB-S", **more):
    dimensions = {"free": {"pricePerUnit": {"USD": "0.0"}}, "paid": {"pricePerUnit": {"USD": usd}}}
    return {
        "product": {"attributes": {"usagetype": usage_type}},
        "terms": {"OnDemand": {"term": {"priceDimensions": dimensions}}},
        **more,
    }


def test_a_list_without_a_date_counts_as_todays():
    price = cache_price(PagedPrices(json.dumps(product())), "eu-central-1", TODAY)

    assert price == Price(0.000002, "eu-central-1", "2026-11-20", "price list")


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "{}",
        json.dumps(product(usage_type="EUC1-Lambda-SnapStart-Restored-GB")),
        json.dumps(product(usage_type="EUC1-Lambda-GB-S")),
        json.dumps(product(usd="0")),
        json.dumps(product(usd="many")),
        json.dumps(product(terms={})),
    ],
)
def test_a_price_list_that_cannot_be_read_is_not_believed(text):
    assert cache_price(PagedPrices(text), "eu-central-1", TODAY).source == "built-in table (us-east-1)"
