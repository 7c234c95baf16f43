"""Sweep many accounts and regions, each run on a time of its own, and hold the sweep against its slowest run.

In the cloud every run has a process of its own. Here they take turns in this one, and each begins at the moment at
which the sweep started it: so the sweep's time is that of runs side by side. What plays AWS works in this process too,
and its work adds to every time alike.
"""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from aws_durable_execution_sdk_python.lambda_service import OperationStatus
from aws_durable_execution_sdk_python_testing.clock import SkipClock
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestRunner

from benchmark import latency
from benchmark.account import BUCKET, served
from benchmark.fleet import Fleet
from benchmark.relay import relayed
from benchmark.scans import Scanning
from benchmark.virtual_time import VirtualTime
from fakes.aws import Cloud, Quotas
from fakes.aws.wire import Answer
from fakes.slack import LocalSlack, team
from orchestrator import app
from orchestrator.domain.runs import execution_id

OWN_ACCOUNT = "111122223333"
REGIONS = ("us-west-2", "us-east-1", "eu-west-1", "ap-southeast-2")
READ_ROLE = "snapstart-cleaner-read"
EXTERNAL_ID = "apricot"
A_LONG_WAIT = timedelta(hours=1)
"""The engine skips shorter waits; the one for a person is left open."""
GIVE_UP_AFTER = 600
HOW_OFTEN_TO_LOOK = 0.004
JSON_TYPE = {"Content-Type": "application/json"}
ASKED = "approval submitter"

MEMORY_GB = 1.0
"""The orchestrator's, as template.yaml has it."""
USD_A_GB_SECOND = 0.0000166667
USD_A_DURABLE_OPERATION = 8e-6
USD_A_SERIES = 1e-5
"""GetMetricData bills the series that are asked for."""
USD_A_PUT, USD_A_GET = 5e-6, 4e-7
PUTS = frozenset({"PutObject", "ListObjectsV2", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"})
"""What S3 bills as a put; everything else is billed as a get."""
STORED = PUTS | {"GetObject", "HeadObject"}
DURABLE = frozenset({"Invoke", "GetDurableExecution"})
STS = frozenset({"AssumeRole", "GetCallerIdentity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Organised:
    """Accounts that are all alike: the same fleet in each of their regions."""

    accounts: int
    regions: Sequence[str]
    fleet: Fleet

    def __str__(self) -> str:
        return f"{self.accounts} accounts x {len(self.regions)} regions"

    @property
    def runs(self) -> int:
        """A run for every account and region."""
        return self.accounts * len(self.regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep took, from its start to its digest."""

    organised: Organised
    seconds: float
    slowest_run_seconds: float
    sum_of_runs_seconds: float
    questions: int
    throttled: int
    """Calls that any account throttled."""
    operations: int
    """Durable operations of the sweep itself."""
    own_calls: Mapping[str, int]
    """The sweep's own, without its runs': to the durable service, S3 and STS."""
    calls_of_runs: Mapping[str, int]
    """The same of all runs together."""
    usd: Mapping[str, float]
    """What the sweep and its runs cost at list price, by what is paid for."""
    child_peak_mib: float
    """The memory of a run of one among so many accounts."""
    single_peak_mib: float
    """That of the same run where there is one account."""

    @property
    def over_the_slowest(self) -> float:
        """The sweep's time, over that of its slowest run."""
        return self.seconds / self.slowest_run_seconds


def sweep(organised: Organised, scanning: Scanning) -> Swept:
    """Sweep these accounts once."""
    start = datetime.now(UTC).replace(microsecond=0)
    names = [f"{int(OWN_ACCOUNT) + number:012d}" for number in range(organised.accounts)]
    with _organisation(start, names, organised) as organisation:
        with redirect_stdout(io.StringIO()):  # a run prints its metrics
            swept = organisation.sweep()
        single, among_many = (_peak_mib(start, organised.fleet, targets, scanning) for targets in (names[:1], names))
        return Swept(
            organised=organised,
            seconds=swept.at,
            slowest_run_seconds=max(run.took for run in organisation.started),
            sum_of_runs_seconds=sum(run.took for run in organisation.started),
            questions=sum(run.asked for run in organisation.started),
            throttled=sum(sum(cloud.calls.throttled.values()) for cloud in organisation.clouds),
            operations=organisation.operations(swept),
            own_calls=_grouped(swept.calls),
            calls_of_runs=_grouped(sum((run.calls for run in organisation.started), Counter())),
            usd=organisation.usd([swept, *organisation.started]),
            child_peak_mib=among_many,
            single_peak_mib=single,
        )


def _peak_mib(start: datetime, fleet: Fleet, targets: Sequence[str], scanning: Scanning) -> float:
    settings = {"TARGET_ACCOUNTS": ",".join(targets), "EXTERNAL_ID": EXTERNAL_ID}
    with served(start, fleet.fill) as account:
        return float(scanning(account, start, settings)["peak_kib"]) / 1024


def _grouped(calls: Mapping[str, int]) -> dict[str, int]:
    groups = {"durable": DURABLE, "S3": STORED, "STS": STS}
    return {name: sum(calls.get(one, 0) for one in operations) for name, operations in groups.items()}


@dataclass(slots=True, kw_only=True)
class _Run:
    """An execution, and the time it is for it."""

    request: Mapping[str, Any]
    name: str = ""
    began: float = 0.0
    """Seconds after the sweep's start."""
    at: float = 0.0
    arn: str = ""
    """As the engine calls it."""
    worked: float = 0.0
    """Seconds of its invocations: what Lambda bills."""
    checkpoints: int = 0
    asked: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    handler: app.Handler | None = None

    @property
    def took(self) -> float:
        """From its start to its question, or its end."""
        return self.at - self.began


class _Organisation:
    """A stack's own account and the members, the engine, and the runs in the order they were started."""

    def __init__(self, start: datetime, names: Sequence[str], flow: VirtualTime, slack_api_url: str) -> None:
        self._start, self._flow = start, flow
        self._now = _Run(request={})
        self._since = 0.0
        self._rests = threading.Event()
        self.hub = Cloud(names[0], REGIONS[0], clock=self._clock, sleep=flow.sleep)
        self.clouds = [self.hub, *(self.hub.member(name) for name in names[1:])]
        self.started: list[_Run] = []
        self.series = 0
        self._slack_api_url = slack_api_url
        self._names = names
        self._regions: Sequence[str] = ()
        self._runner = DurableFunctionTestRunner(self._invoke, poll_interval=0.01, skip_time=True)
        self._runner._clock.__class__ = _clock_of(self)  # noqa: SLF001 - the engine skips all waits or none
        self.hub.durable = self._durable
        self.hub.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGIONS[0]})

    def fill(self, regions: Sequence[str], fleet: Fleet) -> None:
        """Put the fleet into every region of every account, with AWS's quotas and an answer's usual time."""
        self._regions = regions
        for cloud in self.clouds:
            cloud.quotas, cloud.latency = Quotas(), latency.AWS
            cloud.admits(READ_ROLE, external_id=EXTERNAL_ID)
            cloud.watchers.append(self._count_series)
            for region in regions:
                fleet.fill(cloud.in_region(region))
            cloud.calls.reset()

    def close(self) -> None:
        """Let the engine end."""
        self._runner.close()  # type: ignore[no-untyped-call]
        self._runner._scheduler._loop.close()  # noqa: SLF001 - the engine leaves it open

    def sweep(self) -> _Run:
        """Sweep once; the runs begin when the sweep first waits for them."""
        parent = _Run(request={"kind": "sweep", "request_id": f"{self._start:%Y-%m-%dT%H:%M:%SZ}"})
        self._begin(parent)
        _eventually(lambda: self._is_over(parent))
        return parent

    def operations(self, run: _Run) -> int:
        """The durable operations of a run so far."""
        return len(self._runner._store.load(run.arn).operations)  # noqa: SLF001

    def usd(self, runs: Sequence[_Run]) -> dict[str, float]:
        """What runs cost at list price."""
        calls: Counter[str] = sum((run.calls for run in runs), Counter())
        return {
            "Lambda": sum(run.worked for run in runs) * MEMORY_GB * USD_A_GB_SECOND,
            "durable operations": sum(map(self.operations, runs)) * USD_A_DURABLE_OPERATION,
            "GetMetricData": self.series * USD_A_SERIES,
            "S3": sum(
                number * (USD_A_PUT if name in PUTS else USD_A_GET) for name, number in calls.items() if name in STORED
            ),
        }

    # One after the other, each at its own time

    def waits(self, seconds: float) -> None:
        """The run whose turn it is waits so long; the engine does not."""
        self._now.at += seconds

    def _clock(self) -> datetime:
        return self._start + timedelta(seconds=self._moment())

    def _moment(self) -> float:
        return self._now.at + self._flow.seconds() - self._since

    def _begin(self, run: _Run) -> None:
        run.handler = app.build(
            {
                "AWS_REGION": REGIONS[0],
                "SLACK_BOT_TOKEN": team.BOT_TOKEN,
                "SLACK_API_URL": self._slack_api_url,
                "SLACK_CHANNEL_ID": team.REVIEW,
                "REPORT_BUCKET": BUCKET,
                "ORCHESTRATOR_ARN": f"arn:aws:lambda:{REGIONS[0]}:{self._names[0]}:function:orchestrator:live",
                "TARGET_REGIONS": ",".join(self._regions),
                "TARGET_ACCOUNTS": ",".join(self._names),
                "EXTERNAL_ID": EXTERNAL_ID,
                "APPROVERS": team.ONCALL,
            },
            app.Dependencies(
                session=self.hub.session(),
                clock=self._clock,
                sleep=self._flow.sleep,
                stopwatch=self._flow.seconds,
                workers=self._flow.workers,
            ),
        )
        self._next = run
        run.arn = self._runner.run_async(
            input=json.dumps(run.request), execution_timeout=40_000_000, function_name="orchestrator"
        )

    def _invoke(self, event: Any, context: Any) -> Any:
        run = self._by_arn(event)
        if run.request.get("kind") == "sweep" and self.started:
            self._play_the_started()
            self._show_records(until=run.at)
        self._rests.clear()
        self._now, self._since = run, self._flow.seconds()
        before = Counter(self.hub.calls.operations)
        try:
            return run.handler(event, context) if run.handler else None
        finally:
            spent = self._flow.seconds() - self._since
            written = len(self._runner._store.load(run.arn).updates) if run.arn else 0  # noqa: SLF001
            spent += (written - run.checkpoints) * latency.CHECKPOINT
            run.checkpoints = written
            run.at, run.worked = run.at + spent, run.worked + spent
            self._since = self._flow.seconds()
            run.calls += self.hub.calls.operations - before
            self._rests.set()

    def _by_arn(self, event: Any) -> _Run:
        arn = event.durable_execution_arn
        run = next((one for one in (self._next, *self.started) if one.arn == arn), self._next)
        run.arn = arn
        return run

    def _play_the_started(self) -> None:
        """Let every run that was started go on until it has asked or ended, one after the other."""
        parent = self._next
        for run in self.started:
            if not run.arn:
                self._begin(run)
                _eventually(lambda run=run: self._has_asked(run) or self._is_over(run))
                self._rests.wait(GIVE_UP_AFTER)
                run.asked = self._has_asked(run)
        self._next = parent

    def _has_asked(self, run: _Run) -> bool:
        operations = self._runner._store.load(run.arn).operations  # noqa: SLF001
        return self._now is run and any(
            one.name == ASKED and one.status is OperationStatus.SUCCEEDED for one in operations
        )

    def _is_over(self, run: _Run) -> bool:
        return bool(run.arn and self._runner._executor.get_execution(run.arn).is_complete)  # noqa: SLF001

    def _show_records(self, until: float) -> None:
        """Let the sweep find the record of each run as it is at a moment of the sweep's time."""
        for run in self.started:
            stored = self.hub.storage.read(BUCKET, f"pending/{execution_id(run.arn)}/run.json")
            record = json.loads(stored or b"{}")
            if run.at > until:
                record["status"] = "scanning"
            key = f"pending/{execution_id(self._arn_of(run.name))}/run.json"
            self.hub.storage.write(BUCKET, key, json.dumps(record).encode())

    # What AWS answers

    def _durable(self, method: str, path: str, _query: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        if method == "POST" and path.endswith("/invocations"):
            self.hub.admit("Invoke", "Invoke", {})
            name = {key.lower(): value for key, value in headers.items()}["x-amz-durable-execution-name"]
            moment = self._moment()
            self.started.append(_Run(request=json.loads(body), name=name, began=moment, at=moment))
            return 202, {"X-Amz-Durable-Execution-Arn": self._arn_of(name)}, b""
        asked = re.fullmatch(r"/2025-12-01/durable-executions/(.+)", path)
        if asked and method == "GET":
            self.hub.admit("GetDurableExecution", "GetDurableExecution", {})
            described = {"DurableExecutionArn": unquote(asked[1]), "Status": "RUNNING"}
            return 200, JSON_TYPE, json.dumps(described).encode()
        return None

    def _arn_of(self, name: str) -> str:
        return f"arn:aws:lambda:{REGIONS[0]}:{self._names[0]}:function:orchestrator:1/durable-execution/{name}/{name}"

    def _count_series(self, operation: str, parameters: Mapping[str, Any]) -> None:
        if operation == "GetMetricData" and not parameters.get("NextToken"):
            self.series += len(parameters["MetricDataQueries"])


def _clock_of(organisation: _Organisation) -> type[SkipClock]:
    class TimeOfRuns(SkipClock):
        """The engine's time: short waits are over at once, and are told; the one for a person is left open."""

        def arm(self, wake: datetime) -> float:
            gap = wake - self.now()
            if gap > A_LONG_WAIT:
                return gap.total_seconds()
            organisation.waits(max(0.0, gap.total_seconds()))
            return float(super().arm(wake))

    return TimeOfRuns


@contextmanager
def _organisation(start: datetime, names: Sequence[str], organised: Organised) -> Iterator[_Organisation]:
    flow = VirtualTime(start)
    with LocalSlack(team.review_workspace()) as slack, relayed(slack.api_url, flow) as slack_api_url:
        organisation = _Organisation(start, names, flow, slack_api_url)
        organisation.fill(organised.regions, organised.fleet)
        try:
            yield organisation
        finally:
            organisation.close()


def _eventually(look: Any) -> None:
    give_up = time.monotonic() + GIVE_UP_AFTER
    while not look():
        if time.monotonic() > give_up:
            raise TimeoutError(f"it did not happen within {GIVE_UP_AFTER} seconds")
        time.sleep(HOW_OFTEN_TO_LOOK)
