"""Build the AWS clients of one region: patient, counted, and polite to whoever else uses the account's quotas."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from orchestrator.aws.alias_history import CloudTrail
from orchestrator.aws.answers import pause_after
from orchestrator.aws.quota import SHARED, Budget, CallCount
from orchestrator.aws.stacks import CloudFormation

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_pricing import PricingClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

PRICING_REGION = "us-east-1"
"""The Price List API answers in few regions; this one knows the prices of all."""

OWN_RATES: Mapping[str, float] = {
    "GetPolicy": 7.5,
    "ListDurableExecutionsByFunction": 7.5,
    "GetMetricData": 25,
    "ListMetrics": 12.5,
    "LookupEvents": 1,
}
"""Calls a second we allow ourselves of operations with a quota of their own: half of it."""

DATAPOINTS_RATE = 198_000
"""Datapoints a second we ask of CloudWatch: half its quota of 396,000, which counts what queries could return."""

THROTTLES = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "RequestLimitExceeded"})
ATTEMPTS = 20
"""How often a call of a scan is tried: with a busy neighbour a scan may take minutes, and is complete all the same."""
ATTEMPTS_BEFORE_A_DELETE = 6
"""How often one is tried whose answer must be fresh: what AWS puts off for long is skipped."""
PRICING_ATTEMPTS = 2
"""The built-in table stands in for the price list: nobody waits for it long."""
CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 30
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients of one region."""

    lambda_: LambdaClient
    cloudwatch: CloudWatchClient
    tagging: ResourceGroupsTaggingAPIClient
    pricing: PricingClient
    cloudtrail: CloudTrail
    cloudformation: CloudFormation


def build_clients(
    session: Any,
    region: str,
    *,
    shared_rate: float,
    calls: CallCount,
    attempts: int = ATTEMPTS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Clients:
    """Build clients that together send at most `shared_rate` calls a second of the shared quota; every attempt counts.

    `session` is a boto3 session, or something that hands out clients as it does. `AWS_ENDPOINT_URL` and its per-service
    forms are honoured. `clock` and `sleep`, in seconds, pace the budgets and the repeats of what AWS throttles.
    """
    config = _config(attempts)
    lambda_ = session.client("lambda", region_name=region, config=config)
    cloudwatch = session.client("cloudwatch", region_name=region, config=config)
    tagging = session.client("resourcegroupstaggingapi", region_name=region, config=config)
    pricing = session.client("pricing", region_name=PRICING_REGION, config=_config(PRICING_ATTEMPTS))

    cloudtrail = session.client("cloudtrail", region_name=region, config=config)
    cloudformation = session.client("cloudformation", region_name=region, config=config)

    budgets = {quota: Budget(rate, clock=clock, sleep=sleep) for quota, rate in OWN_RATES.items()}
    budgets[SHARED] = Budget(shared_rate, clock=clock, sleep=sleep)
    for client in (lambda_, cloudwatch, tagging, pricing, cloudtrail, cloudformation):
        _before_each_attempt(client, budgets, calls, shared=client is lambda_)
        _wait_out_throttles(client, attempts=PRICING_ATTEMPTS if client is pricing else attempts, sleep=sleep)
    _pace_datapoints(cloudwatch, Budget(DATAPOINTS_RATE, clock=clock, sleep=sleep))
    return Clients(lambda_, cloudwatch, tagging, pricing, cloudtrail, cloudformation)


def _config(attempts: int) -> Config:
    return Config(
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        max_pool_connections=CONNECTIONS,
    )


def _before_each_attempt(client: BaseClient, budgets: Mapping[str, Budget], calls: CallCount, *, shared: bool) -> None:
    """Pace and count in `request-created`, emitted for retries too; first, so that signatures stay fresh."""

    def pace(operation_name: str, **_: object) -> None:
        quota = SHARED if shared and operation_name not in budgets else operation_name
        if quota in budgets:
            budgets[quota].take()
        calls.add(quota)

    def watch(response: tuple[Any, Mapping[str, Any]] | None, **_: object) -> None:
        if response is not None and response[1].get("Error", {}).get("Code") in THROTTLES:
            calls.note_throttled()

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"request-created.{service}", pace)
    client.meta.events.register(f"needs-retry.{service}", watch)


def _wait_out_throttles(client: BaseClient, *, attempts: int, sleep: Callable[[float], None]) -> None:
    """Repeat what AWS throttles, `attempts` times in all, after longer and longer pauses.

    botocore gives a client an allowance of repeats and then raises at once: beside somebody who takes more than the
    whole quota it is soon used up, though every call would be answered in the end.
    """

    def look(response: tuple[Any, Mapping[str, Any]] | None, **event: Any) -> Any:
        made: int = event["attempts"]
        if response is None or response[1].get("Error", {}).get("Code") not in THROTTLES or made >= attempts:
            return None
        sleep(pause_after(made) * random.uniform(0.5, 1))
        return 0

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"needs-retry.{service}", look)


def _pace_datapoints(cloudwatch: CloudWatchClient, budget: Budget) -> None:
    def pace(params: Mapping[str, Any], **_: object) -> None:
        seconds = (params["EndTime"] - params["StartTime"]).total_seconds()
        budget.take(sum(seconds / query["MetricStat"]["Period"] for query in params["MetricDataQueries"]))

    cloudwatch.meta.events.register("provide-client-params.cloudwatch.GetMetricData", pace)
