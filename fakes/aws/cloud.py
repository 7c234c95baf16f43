"""One AWS account in memory, seeded by hand, inspected freely, answering as AWS would.

cloud = Cloud(clock=lambda: datetime(2026, 11, 20, tzinfo=UTC))
cloud.function("orders-api", memory_mb=1536).publish(50, age_days=2).alias("live", 50)
cloud.client("lambda").list_functions(FunctionVersion="ALL")
"""

from __future__ import annotations

import threading
from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import boto3

from fakes.aws import (
    aliases,
    catalogue,
    clients,
    cloudwatch,
    control_plane,
    cost_explorer,
    making,
    roles,
    stacks,
    trail,
    upkeep,
)
from fakes.aws.account import Build, Clock, EventSource, Function, wire_time
from fakes.aws.cost_explorer import Billing
from fakes.aws.faults import Faults
from fakes.aws.metrics import Metrics
from fakes.aws.organisation import Organisation, Role, Session
from fakes.aws.quotas import SHARED, Buckets, Calls, Quotas
from fakes.aws.refusal import RefusalError
from fakes.aws.roles import FunctionRole
from fakes.aws.stacks import STACK_ID_TAG, STACK_NAME_TAG, Stack
from fakes.aws.storage import Answer, Storage, storage_error
from fakes.aws.trail import Trail
from fakes.aws.upkeep import Schedule

Parameters = dict[str, Any]
Watcher = Callable[[str, Mapping[str, Any]], None]
"""Told of every call that took effect: its operation and its parameters."""
Operation = Callable[["Cloud", Parameters], dict[str, Any] | None]

OPERATIONS: Mapping[str, tuple[Operation, str]] = {
    "ListFunctions": (control_plane.list_functions, SHARED),
    "ListVersionsByFunction": (control_plane.list_versions_by_function, SHARED),
    "ListAliases": (aliases.list_aliases, SHARED),
    "GetAlias": (aliases.get_alias, SHARED),
    "CreateAlias": (aliases.create_alias, SHARED),
    "UpdateAlias": (aliases.update_alias, SHARED),
    "DeleteAlias": (aliases.delete_alias, SHARED),
    "PublishVersion": (control_plane.publish_version, SHARED),
    "GetFunctionConfiguration": (control_plane.get_function_configuration, SHARED),
    "ListEventSourceMappings": (control_plane.list_event_source_mappings, SHARED),
    "ListTags": (control_plane.list_tags, SHARED),
    "DeleteFunction": (control_plane.delete_function, SHARED),
    "CreateFunction": (making.create_function, SHARED),
    "UpdateFunctionConfiguration": (making.update_function_configuration, SHARED),
    "TagResource": (making.tag_resource, SHARED),
    "AddPermission": (making.add_permission, SHARED),
    "PutFunctionConcurrency": (making.put_function_concurrency, SHARED),
    "DeleteFunctionConcurrency": (making.delete_function_concurrency, SHARED),
    "Invoke": (making.invoke, "Invoke"),
    "CreateRole": (roles.create_role, "iam"),
    "DeleteRole": (roles.delete_role, "iam"),
    "ListRoles": (roles.list_roles, "iam"),
    "ListRoleTags": (roles.list_role_tags, "iam"),
    "GetFunction": (control_plane.get_function, "GetFunction"),
    "GetPolicy": (control_plane.get_policy, "GetPolicy"),
    "ListDurableExecutionsByFunction": (
        control_plane.list_durable_executions_by_function,
        "ListDurableExecutionsByFunction",
    ),
    "GetMetricData": (cloudwatch.get_metric_data, "GetMetricData"),
    "ListMetrics": (cloudwatch.list_metrics, "ListMetrics"),
    "GetResources": (catalogue.get_resources, "GetResources"),
    "GetProducts": (catalogue.get_products, "GetProducts"),
    "LookupEvents": (trail.lookup_events, "LookupEvents"),
    "ListStacks": (stacks.list_stacks, "ListStacks"),
    "GetCostAndUsage": (cost_explorer.get_cost_and_usage, "GetCostAndUsage"),
    "GetSchedule": (upkeep.get_schedule, "GetSchedule"),
    "GetTopicAttributes": (upkeep.get_topic_attributes, "GetTopicAttributes"),
    "GetCallerIdentity": (catalogue.get_caller_identity, "GetCallerIdentity"),
    "AssumeRole": (lambda cloud, given: cloud.organisation.assume(cloud, given), "AssumeRole"),
}
"""What this account answers, and the quota class each call draws on."""

THROTTLING_EXCEPTION = frozenset({"GetMetricData", "ListMetrics", "LookupEvents"})
"""Quotas whose excess is called so, and not TooManyRequestsException."""


def utc_now() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


def no_wait(_seconds: float) -> None:
    """Let no time pass."""


class Cloud:
    """An AWS account in one region.

    `clock` says what time it is; `sleep` waits out latency and the in-process clients' retries, and by default does not
    wait at all. Both may be compressed. `quotas` is None until enforced. `latency` maps an operation (or `*`) to the
    seconds each answer takes. `metric_lag` hides the newest datapoints, as CloudWatch does.
    """

    def __init__(
        self,
        account_id: str = "111122223333",
        region: str = "us-west-2",
        *,
        clock: Clock = utc_now,
        sleep: Callable[[float], None] = no_wait,
        home: Cloud | None = None,
        organisation: Organisation | None = None,
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.clock = clock
        self.sleep = sleep
        self.quotas: Quotas | None = None
        self.latency: Mapping[str, float] = {}
        self.metric_lag = timedelta(0)
        self.home = home or self
        self.organisation: Organisation = home.organisation if home else organisation or Organisation()
        self.organisation.accounts.setdefault(account_id, self)
        self.roles: dict[str, Role] = home.roles if home else {}
        """The roles by which other accounts may enter this one, by name."""
        self.function_roles: dict[str, FunctionRole] = home.function_roles if home else {}
        """The roles that functions were made with here, by name."""
        self.calls: Calls = home.calls if home else Calls()
        self.watchers: list[Watcher] = home.watchers if home else []
        self.faults: Faults = home.faults if home else Faults()
        self.storage: Storage = home.storage if home else Storage(account_id)
        self.durable: Callable[[str, str, str, Mapping[str, str], bytes], Answer | None] | None = None
        """Who answers durable executions and invocations in process; None: only what was seeded."""
        self.functions: dict[str, Function] = {}
        self.removed: list[Function] = []
        """Functions that were deleted whole: the bill of the days before still shows them."""
        self.names: list[str] = []
        self.event_sources: list[EventSource] = []
        self.deletions: list[tuple[str, str]] = []
        self.metrics = Metrics()
        self.throttles = Metrics()
        self.trail = Trail()
        self.stacks: dict[str, Stack] = {}
        self.schedules: dict[tuple[str, str], Schedule] = {}
        """By group and name."""
        self.subscriptions: dict[str, int] = {}
        """Confirmed subscriptions, by the ARN of their topic."""
        self.billing: Billing = home.billing if home else Billing()
        self.regions: dict[str, Cloud] = home.regions if home else {}
        self.regions[region] = self
        self._buckets = Buckets()
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()

    def function(
        self,
        name: str,
        *,
        runtime: str | None = "python3.12",
        memory_mb: int = 512,
        tags: Mapping[str, str] | None = None,
        durable: bool = False,
        package_type: str = "Zip",
        architecture: str = "x86_64",
        snap_start: bool = True,
        overrides: Mapping[str, Any] | None = None,
    ) -> Function:
        """Create a function with no published version; the keywords are what its versions will be built from.

        Raises `ValueError` where the name is taken.
        """
        if name in self.functions:
            raise ValueError(f"There is a function {name} already")
        image = package_type == "Image"
        build = Build(
            runtime=None if image else runtime,
            memory_mb=memory_mb,
            architecture=architecture,
            package_type=package_type,
            snap_start=snap_start,
            durable=durable,
            overrides=overrides,
        )
        function = Function(
            name=name,
            arn=self.function_arn(name),
            build=build,
            tags=dict(tags or {}),
            created=wire_time(self.now()),
            _clock=self.now,
            _metrics=self.metrics,
            _throttles=self.throttles,
            _event_sources=self.event_sources,
            _trail=self.trail,
        )
        self.functions[name] = function
        insort(self.names, name)
        return function

    def stack(self, name: str, status: str = "UPDATE_COMPLETE", *, functions: Iterable[Function] = ()) -> Stack:
        """Let a CloudFormation stack be there in this status, new or not, and these functions be of it."""
        arn = (
            f"arn:aws:cloudformation:{self.region}:{self.account_id}:stack/{name}/00000000-0000-4000-8000-000000000000"
        )
        self.stacks[name] = Stack(name, arn, status, self.now())
        for function in functions:
            function.tags.update({STACK_NAME_TAG: name, STACK_ID_TAG: arn})
        return self.stacks[name]

    def now(self) -> datetime:
        """Return what the account's clock says, also when the clock was replaced."""
        return self.home.clock()

    def function_arn(self, name: str) -> str:
        """Return the unqualified ARN of a function, existing or not."""
        return f"arn:aws:lambda:{self.region}:{self.account_id}:function:{name}"

    def remove_function(self, name: str) -> None:
        """Remove a function with all its versions and aliases; event sources and metrics stay."""
        function = self.functions.pop(name)
        self.names.remove(name)
        self.deletions.extend((name, str(number)) for number in function.numbers)
        self.deletions.append((name, "(the whole function)"))
        for number in list(function.numbers):
            function.remove(number)
        self.removed.append(function)

    def has(self, function: str, version: int | str) -> bool:
        """Whether a version exists."""
        return function in self.functions and int(version) in self.functions[function].versions

    def in_region(self, region: str) -> Cloud:
        """Return the same account in another region: its own functions and metrics, and its own use of the quotas.

        Clock, quotas, latency, storage, faults and the log of calls are the account's.
        """
        if region not in self.regions:
            Cloud(self.account_id, region, clock=self.clock, sleep=self.sleep, home=self.home)
        return self.regions[region]

    def member(self, account_id: str) -> Cloud:
        """Return another account of this one's organisation: its own functions, metrics, quotas, faults and calls.

        Only the clock is shared. Nobody can enter it before `admits`.
        """
        known = self.organisation.accounts.get(account_id)
        return known or Cloud(
            account_id, self.home.region, clock=self.now, sleep=self.home.sleep, organisation=self.organisation
        )

    def admits(self, role: str, *, external_id: str | None = None, actions: frozenset[str] | None = None) -> Role:
        """Let the organisation's other accounts enter by a role; without `actions` it may do what only reads."""
        self.roles[role] = Role(role, external_id, actions)
        return self.roles[role]

    def serve(self, operation: str, parameters: Parameters, caller: Session | None = None) -> dict[str, Any] | None:
        """Answer one call as AWS would: logged, delayed, metered, faulted; `caller` came in by a role.

        Raises `RefusalError` for an AWS error and `ConnectionDroppedError` where no answer comes.
        """
        act, quota = OPERATIONS[operation]
        self.admit(operation, quota, parameters)
        with self._lock:
            self.faults.strike(operation, parameters, after=False)
            if caller is not None:
                caller.check(operation, self.now())
            body = self._act(act, operation, parameters)
            if body is not None:
                body = self.faults.distorted(operation, parameters, body)
            self._tell(operation, parameters)
            self.faults.strike(operation, parameters, after=True)
        return body

    def _act(self, act: Operation, operation: str, parameters: Parameters) -> dict[str, Any] | None:
        try:
            body = act(self, parameters)
        except RefusalError as refusal:
            self.trail.note(operation, parameters, self.now(), refusal.code)
            return self.faults.forgiven(operation, parameters, refusal)
        self.trail.note(operation, parameters, self.now())
        return body

    def store(self, operation: str, parameters: Parameters, act: Callable[[], Answer]) -> Answer:
        """Answer one S3 or Secrets Manager call, logged, delayed and faulted as `serve` does."""
        try:
            self.admit(operation, "storage", parameters)
            self.faults.strike(operation, parameters, after=False)
            answer = act()
            if answer[0] < HTTPStatus.BAD_REQUEST:
                self._tell(operation, parameters)
            self.faults.strike(operation, parameters, after=True)
        except RefusalError as refusal:
            answer = storage_error(refusal, xml="Bucket" in parameters)
        status, headers, body = answer
        arrives, announced = self.faults.arriving(operation, parameters, body)
        if len(arrives) == len(body):
            return answer
        told = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        return status, {**told, "Content-Length": str(announced)}, arrives

    def _tell(self, operation: str, parameters: Mapping[str, Any]) -> None:
        for watcher in self.watchers:
            watcher(operation, parameters)

    def admit(self, operation: str, quota: str, parameters: Mapping[str, Any]) -> None:
        """Log a call, let it take its time, and throttle it over quota."""
        quotas = self.home.quotas
        rate = quotas.rate(quota) if quotas else None
        with self._lock:
            if quotas and quotas.neighbour and quota == SHARED:
                self._buckets.serve_neighbour(quotas, self.now())
            self.calls.record(operation, quota, parameters)
            granted = rate is None or self._buckets.take(quota, rate, self.now())
            if not granted:
                self.calls.throttled[quota] += 1
        latency = self.home.latency
        seconds = latency.get(operation, latency.get("*", 0))
        if seconds:
            self.home.sleep(seconds)
        if not granted and quota in THROTTLING_EXCEPTION:
            raise RefusalError("ThrottlingException", "Rate exceeded")
        if not granted:
            raise RefusalError("TooManyRequestsException", "Rate exceeded", 429)

    def session(self) -> boto3.Session:
        """Return a boto3 session whose clients are those of `client`."""
        return clients.LocalSession(self)

    def client(self, service: str, **given: Any) -> Any:
        """Return a real boto3 client answered here, in process; keywords as for `boto3.Session.client`.

        Its retries are botocore's own but wait through the cloud's `sleep`. Without keywords it is always the same one.
        """
        if given:
            return clients.client(self, service, **given)
        if service not in self._clients:
            self._clients[service] = clients.client(self, service)
        return self._clients[service]
