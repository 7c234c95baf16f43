"""What refers to a version, runs on it, or asks to keep it? What cannot be read is said, never guessed.

Every function raises CredentialsError when the credentials themselves fail, since then nothing can be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from orchestrator.aws.arns import function_of
from orchestrator.aws.errors import AWS_ERRORS, is_gone, not_judged
from orchestrator.aws.tags import GET_RESOURCES, tag_values
from orchestrator.domain.reasons import Check
from orchestrator.domain.runs import CLOSED_EXECUTIONS
from orchestrator.domain.versions import DELETED, Alias, Missing, State
from orchestrator.domain.words import KEEP_TAG

if TYPE_CHECKING:
    from botocore.model import StringShape
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.literals import ExecutionStatusType
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

LIST_ALIASES = "lambda:ListAliases"
LIST_EVENT_SOURCES = "lambda:ListEventSourceMappings"
LIST_TAGS = "lambda:ListTags"
GET_CONFIGURATION = "lambda:GetFunctionConfiguration"
GET_POLICY = "lambda:GetPolicy"
LIST_EXECUTIONS = "lambda:ListDurableExecutionsByFunction"
ACTIONS = (LIST_ALIASES, LIST_EVENT_SOURCES, GET_RESOURCES, LIST_TAGS, GET_CONFIGURATION, GET_POLICY, LIST_EXECUTIONS)

EventSources: TypeAlias = Mapping[str, frozenset[str]]
"""What the account's event source mappings call: per function, version numbers and alias names as they stand."""


def aliases(lambda_client: LambdaClient, function_name: str) -> tuple[Alias, ...] | Missing:
    """Return every alias of a function. Never filtered by version: the filter is not known to see weights."""
    try:
        pages = lambda_client.get_paginator("list_aliases").paginate(FunctionName=function_name)
        return tuple(_alias(row) for page in pages for row in page["Aliases"])
    except AWS_ERRORS as error:
        return not_judged(Check.ALIASES, error, LIST_ALIASES)


def _alias(row: Mapping[str, Any]) -> Alias:
    weights = row.get("RoutingConfig", {}).get("AdditionalVersionWeights") or {}
    version = row["FunctionVersion"]
    return Alias(
        name=row["Name"],
        version=int(version) if version.isdigit() else None,
        weights=tuple(sorted((int(number), float(weight)) for number, weight in weights.items())),
    )


def event_sources(lambda_client: LambdaClient) -> EventSources | Missing:
    """Return what every event source mapping of the account calls, from one listing."""
    qualifiers: dict[str, set[str]] = {}
    try:
        for page in lambda_client.get_paginator("list_event_source_mappings").paginate():
            for mapping in page["EventSourceMappings"]:
                function_name, qualifier = function_of(mapping.get("FunctionArn", ""))
                if qualifier is not None:
                    qualifiers.setdefault(function_name, set()).add(qualifier)
    except AWS_ERRORS as error:
        return not_judged(Check.EVENT_SOURCE_MAPPINGS, error, LIST_EVENT_SOURCES)
    except ValueError as unreadable:
        return Missing(Check.EVENT_SOURCE_MAPPINGS, f"{LIST_EVENT_SOURCES} {unreadable}")
    return {name: frozenset(called) for name, called in qualifiers.items()}


def keep_tags(tagging_client: ResourceGroupsTaggingAPIClient) -> Mapping[str, str] | Missing:
    """Return the value of the opt-out tag of every function that carries it, by function name."""
    return tag_values(tagging_client, KEEP_TAG, Check.TAGS)


def tags(lambda_client: LambdaClient, function_arn: str) -> Mapping[str, str] | Missing:
    """Return the tags of one function, by its ARN without a version: versions carry no tags of their own."""
    try:
        return lambda_client.list_tags(Resource=function_arn)["Tags"]
    except AWS_ERRORS as error:
        return not_judged(Check.TAGS, error, LIST_TAGS)


def state(lambda_client: LambdaClient, function_name: str, number: int) -> State | Missing:
    """Return one version's State: `Deleted` when it is gone, `Unknown` when AWS names none.

    GetFunction has a quota of its own and would be faster, but hands out a link to the code: nobody should have to
    grant that for a clean-up. The environment variables are dropped here.
    """
    try:
        configuration = lambda_client.get_function_configuration(FunctionName=function_name, Qualifier=str(number))
    except AWS_ERRORS as error:
        return State(DELETED) if is_gone(error) else not_judged(Check.STATE, error, GET_CONFIGURATION)
    return State(
        name=configuration.get("State", "Unknown"),
        reason_code=configuration.get("StateReasonCode"),
        durable="DurableConfig" in configuration,
    )


def resource_policy(lambda_client: LambdaClient, function_name: str, number: int) -> bool | Missing:
    """Return whether a resource policy stands on one version."""
    try:
        lambda_client.get_policy(FunctionName=function_name, Qualifier=str(number))
    except AWS_ERRORS as error:
        return False if is_gone(error) else not_judged(Check.RESOURCE_POLICY, error, GET_POLICY)
    return True


def running_execution(lambda_client: LambdaClient, function_name: str, number: int) -> bool | Missing:
    """Return whether a durable execution on one version is not closed yet."""
    known = cast("StringShape", lambda_client.meta.service_model.shape_for("ExecutionStatus")).enum
    statuses = cast("list[ExecutionStatusType]", sorted(set(known) - CLOSED_EXECUTIONS))
    try:
        pages = lambda_client.get_paginator("list_durable_executions_by_function").paginate(
            FunctionName=function_name, Qualifier=str(number), Statuses=statuses
        )
        return any(page["DurableExecutions"] for page in pages)
    except AWS_ERRORS as error:
        return False if is_gone(error) else not_judged(Check.DURABLE_EXECUTIONS, error, LIST_EXECUTIONS)
