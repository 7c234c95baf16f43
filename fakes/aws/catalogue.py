"""The small services around Lambda: the tagging API, the price list, who am I."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakes.aws.refusal import ConnectionDroppedError, RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

Parameters = dict[str, Any]

TAG_PAGE = 100
PRICE_PAGE = 100
PUBLISHED = "2026-09-19T00:00:00Z"
CACHE_PRICE = "0.0000015046"
"""US dollars per GB-second in every region here but Seoul."""
PRICING_ENDPOINTS = frozenset({"us-east-1", "eu-central-1", "ap-south-1"})
"""The price list answers nowhere else: the host name of any other region does not exist."""

REGIONS = {
    "us-east-1": ("", "US East (N. Virginia)", CACHE_PRICE),
    "us-east-2": ("USE2-", "US East (Ohio)", CACHE_PRICE),
    "us-west-1": ("USW1-", "US West (N. California)", CACHE_PRICE),
    "us-west-2": ("USW2-", "US West (Oregon)", CACHE_PRICE),
    "eu-west-1": ("EU-", "EU (Ireland)", CACHE_PRICE),
    "eu-central-1": ("EUC1-", "EU (Frankfurt)", CACHE_PRICE),
    "ap-northeast-1": ("APN1-", "Asia Pacific (Tokyo)", CACHE_PRICE),
    "ap-northeast-2": ("APN2-", "Asia Pacific (Seoul)", "0.0000018383"),
}
"""Usage type prefix, location and cache price by region."""


def get_resources(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Return tagged functions by tag and resource type, at most 100 a page."""
    types = given.get("ResourceTypeFilters") or []
    filters = given.get("TagFilters") or []
    if types and not {"lambda", "lambda:function"} & set(types):
        return {"PaginationToken": "", "ResourceTagMappingList": []}
    wanted = given.get("ResourceARNList")
    if wanted and (types or filters):
        raise RefusalError("InvalidParameterException", "ResourceARNList can not be combined with filters.")
    found = [
        {
            "ResourceARN": function.arn,
            "Tags": [{"Key": key, "Value": value} for key, value in function.tags.items()],
        }
        for function in (cloud.functions[name] for name in cloud.names)
        if function.tags
        and (not wanted or function.arn in wanted)
        and all(
            one["Key"] in function.tags and (not one.get("Values") or function.tags[one["Key"]] in one["Values"])
            for one in filters
        )
    ]
    start = int(given.get("PaginationToken") or 0)
    size = min(int(given.get("ResourcesPerPage") or TAG_PAGE), TAG_PAGE)
    token = str(start + size) if start + size < len(found) else ""
    return {"PaginationToken": token, "ResourceTagMappingList": found[start : start + size]}


def get_products(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Return price list items as JSON strings, filtered by attribute; answers only at the price list's own regions."""
    if cloud.region not in PRICING_ENDPOINTS:
        raise ConnectionDroppedError(f"api.pricing.{cloud.region}.amazonaws.com does not exist")
    if given.get("ServiceCode") != "AWSLambda":
        return {"FormatVersion": "aws_v1", "PriceList": []}
    found = [product for product in _products() if all(_matches(product, one) for one in given.get("Filters") or [])]
    start = int(given.get("NextToken") or 0)
    size = min(int(given.get("MaxResults") or PRICE_PAGE), PRICE_PAGE)
    body: dict[str, Any] = {
        "FormatVersion": "aws_v1",
        "PriceList": [json.dumps(product) for product in found[start : start + size]],
    }
    if start + size < len(found):
        body["NextToken"] = str(start + size)
    return body


def get_caller_identity(cloud: Cloud, _given: Parameters) -> dict[str, Any]:
    """Return who calls: always the account's one role."""
    return {
        "UserId": "AROAEXAMPLE:session",
        "Account": cloud.account_id,
        "Arn": f"arn:aws:sts::{cloud.account_id}:assumed-role/cleaner/session",
    }


def _products() -> list[dict[str, Any]]:
    kinds = (
        (
            "Lambda-SnapStart-Cached-GB-S",
            "AWS-Lambda-SnapStart-Cached",
            "Lambda-GB-Second",
            "SnapStart - Cached Snapshots",
        ),
        (
            "Lambda-SnapStart-Restored-GB",
            "AWS-Lambda-SnapStart-Restored",
            "Lambda-GB",
            "SnapStart - Restored Snapshots",
        ),
        ("Lambda-GB-Second", "AWS-Lambda-Duration", "Lambda-GB-Second", "Total Compute"),
    )
    return [_product(region, usage, group, unit, words) for region in REGIONS for usage, group, unit, words in kinds]


def _product(region: str, usage: str, group: str, unit: str, words: str) -> dict[str, Any]:
    prefix, location, cache_price = REGIONS[region]
    price = {"Lambda-SnapStart-Cached-GB-S": cache_price, "Lambda-SnapStart-Restored-GB": "0.0001397998"}.get(
        usage, "0.0000166667"
    )
    sku = f"{prefix}{group}".upper().replace("-", "")[-16:]
    term = f"{sku}.JRTCKXETXF"
    return {
        "product": {
            "productFamily": "Serverless",
            "attributes": {
                "servicecode": "AWSLambda",
                "servicename": "AWS Lambda",
                "regionCode": region,
                "location": location,
                "locationType": "AWS Region",
                "usagetype": f"{prefix}{usage}",
                "group": group,
                "groupDescription": words,
                "operation": "",
            },
            "sku": sku,
        },
        "serviceCode": "AWSLambda",
        "terms": {
            "OnDemand": {
                term: {
                    "priceDimensions": {
                        f"{term}.6YS6EN2CT7": {
                            "unit": unit,
                            "beginRange": "0",
                            "endRange": "Inf",
                            "description": f"AWS Lambda - {words} - {location}",
                            "appliesTo": [],
                            "rateCode": f"{term}.6YS6EN2CT7",
                            "pricePerUnit": {"USD": price},
                        }
                    },
                    "sku": sku,
                    "effectiveDate": "2026-09-01T00:00:00Z",
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                }
            }
        },
        "version": "20260919000000",
        "publicationDate": PUBLISHED,
    }


def _matches(product: dict[str, Any], one: dict[str, str]) -> bool:
    attributes = {key.lower(): value for key, value in product["product"]["attributes"].items()}
    value = attributes.get(one["Field"].lower(), product["product"].get(one["Field"]))
    if value is None:
        return False
    wanted = one["Value"]
    match one["Type"]:
        case "TERM_MATCH" | "EQUALS":
            return bool(value == wanted)
        case "CONTAINS":
            return wanted in value
        case "ANY_OF":
            return value in wanted.split(",")
        case "NONE_OF":
            return value not in wanted.split(",")
        case _:
            raise RefusalError("InvalidParameterException", f"Unknown filter type {one['Type']}")
