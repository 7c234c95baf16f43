"""Wire the orchestrator: environment to settings, settings to clients, clients to adapters, adapters to the handler."""

from __future__ import annotations

import functools
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from botocore.config import Config
from slack_sdk import WebClient

from orchestrator import workflow
from orchestrator.aws.accounts import Accounts, NotAdmitted, Purpose, identity_of
from orchestrator.aws.answers import WholeAnswers
from orchestrator.aws.bill import BillReader, cost_explorer
from orchestrator.aws.callbacks import Callbacks
from orchestrator.aws.clients import ATTEMPTS, ATTEMPTS_BEFORE_A_DELETE, Clients, build_clients
from orchestrator.aws.deletion import Deleter, RehearsedDeleter, SwitchedOffDeleter, VersionDeleter
from orchestrator.aws.errors import AWS_ERRORS, failure
from orchestrator.aws.executions import LOOKS_RATE, Executions
from orchestrator.aws.locks import Locks
from orchestrator.aws.memories import Memories, Place
from orchestrator.aws.quota import Budget, CallCount
from orchestrator.aws.records import Records, handoffs
from orchestrator.aws.sessions import open_session
from orchestrator.aws.storage import S3Store
from orchestrator.aws.tags import tag_values
from orchestrator.domain.environment import SettingsError
from orchestrator.domain.policy import Policy
from orchestrator.domain.reasons import Check
from orchestrator.domain.runs import Run
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.domain.slices import Listed
from orchestrator.scanner.phases import Scanner
from orchestrator.slack.messenger import Messenger, build_client
from orchestrator.steps.bill import BillCheck
from orchestrator.steps.channel import Channel
from orchestrator.steps.cleanup import Cleanup
from orchestrator.steps.closing import Closing
from orchestrator.steps.doctor import Doctor
from orchestrator.steps.pausing import Pausing
from orchestrator.steps.remembering import Remembering
from orchestrator.steps.review import Review
from orchestrator.steps.run import Lifecycle
from orchestrator.steps.saved import SavedReceipt
from orchestrator.steps.scan import Scan
from orchestrator.steps.stopping import Stopping
from orchestrator.steps.sweep import Sweep
from orchestrator.steps.why import Why
from orchestrator.workflow import Adapters, patience, patience_to_tell
from orchestrator.workflow.durable import Patience

Handler = Callable[[Any, Any], Any]

log = logging.getLogger(__name__)

QUIET = {"slack_sdk": logging.CRITICAL, "botocore": logging.WARNING, "urllib3": logging.WARNING}
"""Libraries that would log bodies, and with them what people said, at the level somebody debugs with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the orchestrator meets outside itself; tests bring their own."""

    session: Any
    """A boto3 session, or something that hands out clients as it does."""
    clock: Callable[[], datetime]
    patience: Patience = patience
    patience_to_tell: Patience = patience_to_tell
    sleep: Callable[[float], None] = time.sleep
    """How the quotas' pace, and the look whether a deleted version is gone, wait."""
    stopwatch: Callable[[], float] = time.monotonic
    """What that pace, the slices of a scan and its progress are timed by, in seconds."""
    workers: Callable[[int], Executor] = ThreadPoolExecutor
    """Makes what runs so many calls side by side."""
    slack: Callable[[str, str], WebClient] = build_client
    """Makes Slack's client of a token and an address."""


def build(environ: Mapping[str, str], dependencies: Dependencies) -> Handler:
    """Build the durable handler. Raises SettingsError when the environment cannot be worked with."""
    logging.getLogger("orchestrator").setLevel(logging.INFO)
    for library, level in QUIET.items():
        logging.getLogger(library).setLevel(level)
    settings = OrchestratorSettings.from_environ(environ)
    session, clock = WholeAnswers(dependencies.session, dependencies.sleep), dependencies.clock
    careful = Config(retries={"mode": "standard", "total_max_attempts": 5})
    lambda_ = session.client("lambda", config=careful)
    store = S3Store(session.client("s3", config=careful), settings.report_bucket)
    records = Records(store, settings.report_bucket)
    calls = CallCount()
    own_account = functools.cache(lambda: _own_account(session))
    memories = Memories(store, settings.report_bucket, keep_days=settings.keep_days, own_account=own_account)

    accounts = Accounts(
        session,
        own_account=own_account,
        role_prefix=settings.member_role_prefix,
        external_id=settings.external_id,
        partition=_partition(settings.orchestrator_arn),
        clock=clock,
    )
    known: dict[tuple[str, str, Purpose, int], tuple[Any, Clients]] = {}

    def clients(account_id: str, region: str, purpose: Purpose = Purpose.READ, attempts: int = ATTEMPTS) -> Clients:
        """The clients of an account and region, made anew when their session is."""
        key = (account_id, region, purpose, attempts)
        entered = accounts.session(account_id, purpose)
        if key not in known or known[key][0] is not entered:
            made = build_clients(
                entered,
                region,
                shared_rate=settings.shared_rate,
                calls=calls,
                attempts=attempts,
                clock=dependencies.stopwatch,
                sleep=dependencies.sleep,
            )
            known[key] = (entered, made)
        return known[key][1]

    token = SlackToken(lambda: settings.slack_bot_token or _bot_token(session, str(settings.slack_secret_id)))

    def renewed_client() -> WebClient | None:
        return dependencies.slack(token.read(), settings.slack_api_url) if token.has_changed() else None

    @functools.cache
    def messenger() -> Messenger:
        return Messenger(
            dependencies.slack(token.read(), settings.slack_api_url),
            settings.channel_id,
            renewed=renewed_client,
            stopwatch=dependencies.stopwatch,
            sleep=dependencies.sleep,
        )

    remembering = Remembering(memories=memories, records=records, keep_days=settings.keep_days)
    channel = Channel(records=records, messenger=messenger, clock=clock)
    review = Review(
        settings=settings,
        records=records,
        remembering=remembering,
        channel=channel,
        owner_tags=lambda run: tag_values(
            clients(run.account_id, run.region).tagging, str(settings.owner_tag), Check.TAGS
        ),
    )

    def scanner(run: Run, found: Listed | None = None, attempts: int = ATTEMPTS) -> Scanner:
        return Scanner(
            clients=clients(run.account_id, run.region, attempts=attempts),
            store=store,
            place=handoffs(run.execution),
            region=run.region,
            policy=Policy.from_dict(run.policy),
            scope=settings.scope,
            scanned_at=datetime.fromtimestamp(run.started_at, UTC),
            clock=clock,
            stopwatch=dependencies.stopwatch,
            sightings=lambda: memories.recall(Place.of(run))[0].sightings,
            progress=review.progress(run, found, lambda: calls.throttled),
            workers=dependencies.workers,
        )

    def version_deleter(account_id: str, region: str) -> VersionDeleter:
        return VersionDeleter(
            clients(account_id, region, Purpose.DELETE, ATTEMPTS_BEFORE_A_DELETE).lambda_,
            account_id=account_id,
            identity=identity_of(accounts.session(account_id, Purpose.DELETE)),
            sleep=dependencies.sleep,
        )

    bill = BillReader(lambda: cost_explorer(session), store, clock) if settings.bill_check else None
    locks = Locks(store, settings.report_bucket, own_account=own_account)
    executions = Executions(lambda_, Budget(LOOKS_RATE, clock=dependencies.stopwatch, sleep=dependencies.sleep))
    scan = Scan(scanner=scanner, calls=calls, records=records, memories=memories, clock=clock)
    adapters = Adapters(
        lifecycle=Lifecycle(
            settings=settings,
            records=records,
            locks=locks,
            executions=executions,
            accounts=accounts,
            account_id=own_account,
            clock=clock,
        ),
        scan=scan,
        review=review,
        closing=Closing(settings=settings, records=records, remembering=remembering, channel=channel),
        cleanup=Cleanup(
            scanner=functools.partial(scanner, attempts=ATTEMPTS_BEFORE_A_DELETE),
            deleter=functools.partial(_deleter, version_deleter, clients),
            records=records,
            show_progress=review.show_progress,
            clock=clock,
        ),
        doctor=Doctor(
            settings=settings,
            session=session,
            records=records,
            accounts=accounts,
            clients=clients,
            deleter=version_deleter,
            own_account=own_account,
            partition=_partition(settings.orchestrator_arn),
            bill=bill,
            channel=channel,
            clock=clock,
        ),
        bill=BillCheck(bill=bill, records=records, messenger=messenger, clock=clock),
        pausing=Pausing(settings=settings, records=records, channel=channel, clock=clock),
        saved=SavedReceipt(
            settings=settings, bill=bill, records=records, messenger=messenger, own_account=own_account, clock=clock
        ),
        why=Why(
            settings=settings,
            scanner=scanner,
            clients=lambda run: clients(run.account_id, run.region),
            memories=memories,
            own_account=own_account,
            clock=clock,
        ),
        stopping=Stopping(
            settings=settings,
            records=records,
            locks=locks,
            executions=executions,
            callbacks=Callbacks(lambda_),
            channel=channel,
            own_account=own_account,
            clock=clock,
        ),
        sweep=Sweep(
            settings=settings,
            records=records,
            locks=locks,
            executions=executions,
            messenger=messenger,
            own_account=own_account,
            clock=clock,
            workers=dependencies.workers,
        ),
        patience=dependencies.patience,
        patience_to_tell=dependencies.patience_to_tell,
    )

    def handle(event: Any, context: DurableContext) -> Any:
        return workflow.handle(event, context, adapters)

    return durable_execution(handle, boto3_client=lambda_)


def _deleter(
    deleting: Callable[[str, str], VersionDeleter], reading: Callable[[str, str], Clients], run: Run
) -> Deleter:
    """What a run deletes with. Raises AwsError when its account cannot be asked for the role that deletes."""
    if run.dry_run:
        return RehearsedDeleter()
    try:
        return deleting(run.account_id, run.region)
    except NotAdmitted:
        return SwitchedOffDeleter(reading(run.account_id, run.region).lambda_, account=run.account.label)


class SlackToken:
    """Slack's token, kept for the life of the process until Slack does not take it any more."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._token: str | None = None

    def read(self) -> str:
        """The token, read once. Raises AwsError and SettingsError."""
        if self._token is None:
            self._token = self._read()
        return self._token

    def has_changed(self) -> bool:
        """Read the token again: whether it is another one. Raises AwsError and SettingsError."""
        before, self._token = self._token, self._read()
        return self._token != before


def _own_account(session: Any) -> str:
    ask = identity_of(session)
    return ask()


def _partition(orchestrator_arn: str | None) -> str:
    """AWS's partition that the stack is in, as its own ARN tells: `aws` nearly everywhere."""
    return orchestrator_arn.split(":")[1] if orchestrator_arn else "aws"


def _bot_token(session: Any, secret_id: str) -> str:
    """Slack's token. Raises AwsError, or SettingsError when the secret is not what it should be."""
    try:
        secret = session.client("secretsmanager").get_secret_value(SecretId=secret_id)
    except AWS_ERRORS as error:
        raise failure(error, "secretsmanager:GetSecretValue") from error
    try:
        return str(json.loads(secret["SecretString"])["bot_token"])
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError([f"the secret {secret_id} must be JSON with a bot_token and a signing_secret"]) from error


def __getattr__(name: str) -> Any:
    """Build the handler when the Lambda runtime looks it up, at start, and not when a test imports this module."""
    if name != "handler":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    built = build(os.environ, Dependencies(session=open_session(), clock=lambda: datetime.now(UTC)))
    log.info("ready", extra={"release": os.environ.get("RELEASE_ID", "")})
    globals()["handler"] = built
    return built
