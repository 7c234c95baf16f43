"""What a tag says of every function of a region, from one listing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrator.aws.arns import function_of
from orchestrator.aws.errors import AWS_ERRORS, not_judged
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Missing

if TYPE_CHECKING:
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

GET_RESOURCES = "tag:GetResources"
ACTIONS = (GET_RESOURCES,)


def tag_values(tagging_client: ResourceGroupsTaggingAPIClient, tag: str, check: Check) -> Mapping[str, str] | Missing:
    """Return the tag's value of every function that carries it, by function name. Raises CredentialsError."""
    try:
        pages = tagging_client.get_paginator("get_resources").paginate(
            TagFilters=[{"Key": tag}], ResourceTypeFilters=["lambda:function"]
        )
        return {
            function_of(resource["ResourceARN"])[0]: carried.get("Value", "")
            for page in pages
            for resource in page["ResourceTagMappingList"]
            for carried in resource["Tags"]
            if carried["Key"] == tag
        }
    except AWS_ERRORS as error:
        return not_judged(check, error, GET_RESOURCES)
    except ValueError as unreadable:
        return Missing(check, f"{GET_RESOURCES} {unreadable}")
