"""What may be read in one account and region? Each call of a scan, made once and as cheaply as it can be.

The calls about one function name a function that is not there: AWS says whether the call is allowed before it says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from orchestrator.aws.alias_history import LOOKUP_EVENTS
from orchestrator.aws.clients import Clients
from orchestrator.aws.discovery import LIST_FUNCTIONS, LIST_VERSIONS
from orchestrator.aws.errors import AWS_ERRORS, in_words, is_denied, is_gone
from orchestrator.aws.metric_data import GET_METRIC_DATA
from orchestrator.aws.pricing import GET_PRODUCTS
from orchestrator.aws.protections import (
    GET_CONFIGURATION,
    GET_POLICY,
    LIST_ALIASES,
    LIST_EVENT_SOURCES,
    LIST_EXECUTIONS,
    LIST_TAGS,
)
from orchestrator.aws.stacks import LIST_STACKS
from orchestrator.aws.tags import GET_RESOURCES
from orchestrator.aws.usage import LIST_METRICS
from orchestrator.domain.readiness import Asked, Permission

A_PERIOD = timedelta(hours=1)


def ask_each(clients: Clients, region: str, *, absent: str, now: datetime, history: bool) -> tuple[Asked, ...]:
    """Make every call that a scan of the region makes.

    `absent` is the unqualified ARN of a function that is not there; `history` says whether CloudTrail is asked.
    """
    lambda_, cloudwatch = clients.lambda_, clients.cloudwatch
    calls: dict[str, Callable[[], object]] = {
        LIST_FUNCTIONS: lambda: lambda_.list_functions(MaxItems=1),
        LIST_VERSIONS: lambda: lambda_.list_versions_by_function(FunctionName=absent, MaxItems=1),
        LIST_EVENT_SOURCES: lambda: lambda_.list_event_source_mappings(MaxItems=1),
        LIST_ALIASES: lambda: lambda_.list_aliases(FunctionName=absent, MaxItems=1),
        GET_CONFIGURATION: lambda: lambda_.get_function_configuration(FunctionName=absent),
        GET_POLICY: lambda: lambda_.get_policy(FunctionName=absent),
        LIST_TAGS: lambda: lambda_.list_tags(Resource=absent),
        LIST_EXECUTIONS: lambda: lambda_.list_durable_executions_by_function(FunctionName=absent, MaxItems=1),
        LIST_METRICS: lambda: cloudwatch.list_metrics(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": "FunctionName", "Value": absent.rpartition(":")[2]}],
        ),
        GET_METRIC_DATA: lambda: cloudwatch.get_metric_data(
            StartTime=now - 2 * A_PERIOD,
            EndTime=now - A_PERIOD,
            MetricDataQueries=[
                {
                    "Id": "calls",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/Lambda",
                            "MetricName": "Invocations",
                            "Dimensions": [{"Name": "FunctionName", "Value": absent.rpartition(":")[2]}],
                        },
                        "Period": int(A_PERIOD.total_seconds()),
                        "Stat": "Sum",
                    },
                }
            ],
        ),
        GET_RESOURCES: lambda: clients.tagging.get_resources(
            ResourcesPerPage=1, ResourceTypeFilters=["lambda:function"]
        ),
        LIST_STACKS: lambda: clients.cloudformation.list_stacks(StackStatusFilter=["CREATE_IN_PROGRESS"]),
        GET_PRODUCTS: lambda: clients.pricing.get_products(ServiceCode="AWSLambda", MaxResults=1),
    }
    if history:
        calls[LOOKUP_EVENTS] = lambda: clients.cloudtrail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "UpdateAlias20150331"}],
            StartTime=now - A_PERIOD,
            EndTime=now,
            MaxResults=1,
        )
    return tuple(_asked(action, region, call) for action, call in calls.items())


def _asked(action: str, region: str, call: Callable[[], object]) -> Asked:
    try:
        call()
    except AWS_ERRORS as error:
        if is_gone(error):
            return Asked(action, region, Permission.ALLOWED)
        permission = Permission.DENIED if is_denied(error) else Permission.UNKNOWN
        return Asked(action, region, permission, in_words(error, action))
    return Asked(action, region, Permission.ALLOWED)
