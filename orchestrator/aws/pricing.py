"""What does a snapshot cost here? The Price List API knows; where it does not answer, a dated table does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from orchestrator.aws.errors import AWS_ERRORS
from orchestrator.domain.cost import Price

if TYPE_CHECKING:
    from mypy_boto3_pricing import PricingClient

GET_PRODUCTS = "pricing:GetProducts"
ACTIONS = (GET_PRODUCTS,)

USAGE_TYPE = "Lambda-SnapStart-Cached-GB-S"
"""With a prefix for the region, such as `EUC1-`, everywhere but in us-east-1. x86 and Arm cost the same."""

TABLE_REGION = "us-east-1"
TABLE_PUBLISHED = "2026-09-19"
TABLE: Mapping[str, float] = {
    TABLE_REGION: 0.0000015046,
    "ap-northeast-1": 0.0000015046,
    "ap-northeast-2": 0.0000018383,
}


def cache_price(pricing_client: PricingClient, region: str, today: date) -> Price:
    """Return the cache price of a region. Never fails: a price is never a reason to judge otherwise.

    A price list that does not say when it was published counts as today's. A region that the table does not know gets
    the price of us-east-1, and the source says so.
    """
    try:
        pages = pricing_client.get_paginator("get_products").paginate(
            ServiceCode="AWSLambda", Filters=[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}]
        )
        products = (json.loads(text) for page in pages for text in page["PriceList"])
        listed = next((price for product in products for price in _prices(product, region, today)), None)
    except (*AWS_ERRORS, KeyError, TypeError, ValueError):
        listed = None
    return listed or _from_table(region)


def _prices(product: Mapping[str, Any], region: str, today: date) -> Iterator[Price]:
    if not product["product"]["attributes"].get("usagetype", "").endswith(USAGE_TYPE):
        return
    for term in product["terms"]["OnDemand"].values():
        for dimension in term["priceDimensions"].values():
            usd = float(dimension["pricePerUnit"]["USD"])
            if usd > 0:
                published = str(product.get("publicationDate") or today.isoformat())[:10]
                yield Price(usd, region, published, "price list")


def _from_table(region: str) -> Price:
    source = "built-in table" if region in TABLE else f"built-in table ({TABLE_REGION})"
    return Price(TABLE.get(region, TABLE[TABLE_REGION]), region, TABLE_PUBLISHED, source)
