"""Sweep every account and region: start the runs, wait until each has asked or ended, and post one digest.

Every method is one durable step and may run again: runs are started by names that start nothing twice, and the digest
looks for itself before it is posted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from orchestrator.aws.errors import AwsError
from orchestrator.aws.executions import Execution, Executions
from orchestrator.aws.locks import Locks
from orchestrator.aws.records import Records
from orchestrator.domain.accounts import accounts_of
from orchestrator.domain.request import RefusedRequest, Request, read_request
from orchestrator.domain.runs import DELETING, ENDED, WAITING, Ending, Run, execution_id
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.sweep import Child, ChildState, Found, SweepMemory, children, digest, sweep_key
from orchestrator.slack.message.declined import refused
from orchestrator.slack.message.digest import sweep_digest, sweep_failed
from orchestrator.slack.messenger import Messenger

MEMORY_KEY = "memory/sweep.json"
"""What earlier digests said of what could not be looked at."""
SIDE_BY_SIDE = 8
"""How many runs are started, or looked at, at the same time."""
ORDINARY_SCAN = timedelta(minutes=15)
"""Whether a run that scans for longer is still alive, its execution is asked; before, its record is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepBegun:
    """A sweep that was claimed, or why it was not."""

    sweep: str
    """Its name: the same when the schedule delivers it twice."""
    execution: str
    started_at: int
    """Seconds since 1970."""
    requested_by: str | None = None
    problems: tuple[str, ...] = ()
    """What is wrong with the request."""
    held_by: str | None = None
    """The execution that carries out the same sweep already."""

    def to_dict(self) -> dict[str, Any]:
        """What a checkpoint carries."""
        return {
            "sweep": self.sweep,
            "execution": self.execution,
            "started_at": self.started_at,
            "requested_by": self.requested_by,
            "problems": list(self.problems),
            "held_by": self.held_by,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What a checkpoint carried."""
        return cls(
            sweep=data["sweep"],
            execution=data["execution"],
            started_at=data["started_at"],
            requested_by=data.get("requested_by"),
            problems=tuple(data.get("problems", ())),
            held_by=data.get("held_by"),
        )


@dataclass(frozen=True, slots=True)
class Started:
    """The runs of a sweep: the ARN of each by account and region, or why it could not be started."""

    arns: Mapping[str, str]
    refused: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """What a checkpoint carries."""
        return {"arns": dict(self.arns), "refused": dict(self.refused)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What a checkpoint carried."""
        return cls(data["arns"], data["refused"])


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of the runs of a sweep so far."""

    found: tuple[Found, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every run has asked, ended or failed."""
        return bool(self.found) and not any(one.state.is_open for one in self.found)

    def to_dict(self) -> dict[str, Any]:
        """What a checkpoint carries."""
        return {"found": [one.to_dict() for one in self.found]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What a checkpoint carried."""
        return cls(tuple(map(Found.from_dict, data["found"])))


class Sweep:
    """Sweeps of one stack."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        records: Records,
        locks: Locks,
        executions: Executions,
        messenger: Callable[[], Messenger],
        own_account: Callable[[], str],
        clock: Callable[[], datetime],
        workers: Callable[[int], Executor],
    ) -> None:
        self._settings = settings
        self._records = records
        self._locks = locks
        self._executions = executions
        self._messenger = messenger
        self._own_account = own_account
        self._clock = clock
        self._workers = workers

    @property
    def is_one_run(self) -> bool:
        """Whether there is only one account and region, so that a sweep is one run."""
        return len(self._settings.target_accounts) <= 1 and len(self._settings.target_regions) == 1

    def begin(self, event: Any, execution_arn: str) -> SweepBegun:
        """Read the request and claim the sweep, so that a request delivered twice starts one sweep."""
        execution, now = execution_id(execution_arn), int(self._clock().timestamp())
        asked = event if isinstance(event, Mapping) else {}
        asker = asked.get("requested_by")
        begun = SweepBegun(
            sweep=execution,
            execution=execution,
            started_at=now,
            requested_by=asker if isinstance(asker, str) else None,
        )
        try:
            request = self._read(event)
        except RefusedRequest as refused:
            return SweepBegun.from_dict(begun.to_dict() | {"problems": refused.problems})
        sweep = request.request_id or execution
        mine = {"execution": execution, "started_at": now}
        key = sweep_key(sweep)
        if not self._records.store.put_json_if_absent(key, mine):
            holder = self._records.store.get_json(key) or {}
            if holder.get("execution") != execution:
                return SweepBegun.from_dict(begun.to_dict() | {"sweep": sweep, "held_by": holder.get("execution")})
        return SweepBegun.from_dict(begun.to_dict() | {"sweep": sweep})

    def _read(self, event: Any) -> Request:
        settings = self._settings
        return read_request(
            event, regions=settings.target_regions, policy=settings.policy, accounts=settings.target_accounts
        )

    def refuse(self, begun: SweepBegun) -> dict[str, Any]:
        """Say in the channel what is wrong with the request. Returns the execution's result."""
        self._messenger().check_channel()
        said = refused(
            begun.problems,
            requested_by=begun.requested_by,
            execution=begun.execution,
            region=self._settings.target_regions[0],
            command=self._settings.slack_command,
        )
        self._messenger().post(said, run_key=begun.execution, message_key="root", not_before=begun.started_at)
        return {"ending": Ending.REFUSED.value, "words": "; ".join(begun.problems)}

    def start(self, event: Any, begun: SweepBegun) -> Started:
        """Start a run for every account and region, or say why one could not be started."""
        policy = {key: value for key, value in event.items() if key not in {"kind", "requested_by", "request_id"}}
        arns: dict[str, str] = {}
        refused: dict[str, str] = {}

        def start(child: Child) -> None:
            try:
                arns[child.place] = self._start(child, begun, policy)
            except AwsError as problem:
                refused[child.place] = str(problem)

        with self._workers(SIDE_BY_SIDE) as pool:
            list(pool.map(start, self._children(begun)))
        return Started(arns, refused)

    def _start(self, child: Child, begun: SweepBegun, policy: Mapping[str, Any]) -> str:
        request = {
            **policy,
            "kind": "scan",
            "account_id": child.account.id,
            "region": child.region,
            "sweep": begun.sweep,
            "request_id": f"{begun.sweep} {child.place}",
        }
        if not self._settings.target_accounts:
            del request["account_id"]
        return self._executions.start(str(self._settings.orchestrator_arn), child.name, request)

    def look(self, begun: SweepBegun, started: Started, so_far: Seen) -> Seen:
        """Look again at every run that was still scanning at the last look."""
        known = {one.place: one for one in so_far.found if not one.state.is_open}
        with self._workers(SIDE_BY_SIDE) as pool:
            found = pool.map(lambda child: known.get(child.place) or self._found(child, started), self._children(begun))
            return Seen(tuple(found))

    def _children(self, begun: SweepBegun) -> Sequence[Child]:
        accounts = accounts_of(self._settings.target_accounts, self._own_account)
        return children(begun.sweep, accounts, self._settings.target_regions)

    def _found(self, child: Child, started: Started) -> Found:
        if child.place in started.refused:
            return _of(child, ChildState.FAILED, words=started.refused[child.place])
        arn = started.arns[child.place]
        run = self._records.read_run(execution_id(arn))
        if run is None:
            return self._without_a_run(child, self._executions.look(arn))
        if run.status in {WAITING, DELETING}:
            return _asked(child, ChildState.WAITING if run.status == WAITING else ChildState.ENDED, run)
        if run.status == ENDED:
            return _ended(child, run, "the run failed")
        return self._scanning(child, run, arn)

    def _scanning(self, child: Child, run: Run, arn: str) -> Found:
        """A run that has not asked yet; one that scans for long may have been stopped, or out of time."""
        if self._clock().timestamp() - run.started_at > ORDINARY_SCAN.total_seconds():
            execution = self._executions.look(arn)
            if execution.is_closed:
                return _ended(child, run, execution.error or f"the run ended as {execution.status}")
        return _of(child, ChildState.SCANNING)

    def _without_a_run(self, child: Child, execution: Execution) -> Found:
        """A run that wrote nothing down: it has just begun, was declined, or failed before it could."""
        if not execution.is_closed:
            return _of(child, ChildState.SCANNING)
        ending = (execution.result or {}).get("ending")
        if ending == Ending.ALREADY_RUNNING:
            holder = self._locks.holder(child.account.id, child.region)
            run = None if holder is None else self._records.read_run(holder)
            if run is None:
                return _of(child, ChildState.STILL_WAITING)
            return _of(child, ChildState.STILL_WAITING, permalink=run.permalink, since=run.started_at)
        words = (execution.result or {}).get("words") or execution.error or f"the run ended as {execution.status}"
        return _of(child, ChildState.FAILED, words=str(words))

    def tell(self, begun: SweepBegun, seen: Seen) -> dict[str, Any]:
        """Post the digest, if there is anything new in it or somebody asked for it. Returns the execution's result."""
        store = self._records.store
        now = self._clock()
        written, remembered = digest(
            seen.found, SweepMemory.from_dict(store.get_json(MEMORY_KEY)), now.astimezone(UTC).date()
        )
        if written.is_worth_posting or begun.requested_by is not None:
            self._messenger().check_channel()
            said = sweep_digest(
                written,
                places=len(seen.found),
                started_at=begun.started_at,
                approvers=self._settings.approvers,
                dry_run=self._settings.dry_run,
            )
            self._messenger().post(said, run_key=begun.execution, message_key="digest", not_before=begun.started_at)
        store.put_json(MEMORY_KEY, remembered.to_dict())
        return {
            "ending": "swept",
            "words": f"{len(written.asked)} questions, {len(written.unseen)} places not looked at",
            "places": len(seen.found),
        }

    def fail(self, begun_execution: str, words: str) -> None:
        """Say in the channel that a sweep failed, and why; its runs go on by themselves."""
        self._messenger().check_channel()
        now = int(self._clock().timestamp())
        self._messenger().post(
            sweep_failed(words), run_key=begun_execution, message_key="failed", not_before=now - 86_400
        )


def _of(child: Child, state: ChildState, **facts: Any) -> Found:
    return Found(
        account_id=child.account.id, account_name=child.account.name, region=child.region, state=state, **facts
    )


def _asked(child: Child, state: ChildState, run: Run) -> Found:
    return _of(child, state, candidates=run.candidates, monthly_usd=run.monthly_usd, permalink=run.permalink)


def _ended(child: Child, run: Run, failed: str) -> Found:
    """What a run ended as; `failed` are the words for one that says no word itself."""
    match run.ending:
        case Ending.NOTHING_TO_DO:
            return _of(child, ChildState.CLEAN)
        case Ending.NOT_ENTERED:
            return _of(child, ChildState.NOT_ENTERED, words=run.ending_words)
        case Ending.FAILED | Ending.UNHEARD | None:
            return _of(child, ChildState.FAILED, words=run.ending_words or failed, permalink=run.permalink)
        case _:
            return _asked(child, ChildState.ENDED, run)
