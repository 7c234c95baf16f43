"""Everything the demo plays in: a local AWS, a local Slack, the durable engine, and both functions as they ship.

Its state is on disk, so that a stop loses nothing: an approval that was open is open again.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from demo import earlier, past
from demo.account import Account, survey
from demo.pace import Pace
from demo.second_account import HOME_NAME, MEMBER_ID, MEMBER_NAME, admit, targets
from fakes.aws import Cloud, Quotas, fleets, shelf
from fakes.aws.faults import Fault
from fakes.clock_ahead import AHEAD_SECONDS
from fakes.endpoint import EXECUTION_TIMEOUT_SECONDS, Endpoint
from fakes.engine import Engine
from fakes.sandboxes import HandlerFailed, SandboxDied, Sandboxes
from fakes.slack import Faults, Message, Person, RateLimits, WebApi, Workspace, team
from orchestrator.aws.records import Records
from orchestrator.aws.storage import S3Store
from orchestrator.domain.runs import WAITING

ACCOUNT_ID = "111122223333"
REGION = "us-west-2"
BUCKET = "snapstart-cleaner-records"
ORCHESTRATOR, BOT = "snapstart-cleaner-orchestrator", "snapstart-cleaner-bot"
ORCHESTRATOR_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{ORCHESTRATOR}:live"
SECRET_ID = "snapstart-cleaner-slack"
NO_PERMISSION = (
    f"User: arn:aws:sts::{ACCOUNT_ID}:assumed-role/{ORCHESTRATOR}/live is not authorized to perform: "
    "lambda:DeleteFunction because no identity-based policy allows the lambda:DeleteFunction action"
)
Seed = Callable[[Cloud], None]
Judge = Callable[[datetime, Seed], list[dict[str, Any]]]
SMALL, SWEEP = "small", "sweep"
FLEETS: Mapping[str, Seed] = {SMALL: fleets.believable, "large": fleets.of_several_pages}
SAVED_EVERY = 0.25
OF_THE_MACHINE = ("PATH", "SYSTEMROOT", "TMPDIR", "LANG")
CUT_OFF = {
    "AWS_ACCESS_KEY_ID": "AKIALOCAL",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Whoever's machine this is, none of their own AWS configuration is read."""


class World:
    """The demo's whole world. `origin` is where it is served; both functions reach it under that address.

    `judge` gives the verdicts on a fleet that no run has to be waited for.
    """

    def __init__(self, folder: Path, *, origin: str, pace: Pace, judge: Judge = survey) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._pace = pace
        self._judge = judge
        self._origin = origin
        settings = _read(folder / "settings.json")
        self._dry_run = settings.get("dry_run", False)
        self._ahead = timedelta(seconds=settings.get("ahead_seconds", 0))
        self._fleet = settings.get("fleet", SMALL)
        self._has_second_account = settings.get("second_account", False)
        self.workspace = team.review_workspace(self._seconds)
        self.workspace.base_url = f"{origin}/slack"
        self.slack_faults = Faults()
        self._closing = threading.Event()
        self._is_open = False
        limits = RateLimits(self.workspace.clock) if pace.limits else None
        self.web_api = WebApi(self.workspace, faults=self.slack_faults, rates=limits, sleep=self._closing.wait)
        self.orchestrator = Sandboxes(pace.orchestrator, self._environ(ORCHESTRATOR), folder / "orchestrator.log")
        self.bot = Sandboxes("bot.app.handler", self._environ(BOT), folder / "bot.log")
        self.touched = 0
        self.changing = threading.Lock()
        """Held while the world is started over; who draws it takes it, so as not to look at half of one."""
        self._surveys: dict[tuple[Seed, date], list[dict[str, Any]]] = {}
        self.cloud, self.engine, self.endpoint, self.account, self.second = self._platform()
        self._denied: Fault | None = None
        self._grant_deletes()
        kept = _read(folder / "slack.json")
        self.workspace.restore(kept or self._last_week().snapshot())

    def open(self) -> None:
        """Begin: take up what was open, keep both functions warm, and save what happens in Slack."""
        self.engine.start()
        threading.Thread(target=self._keep_up, daemon=True, name="keep-up").start()
        threading.Thread(target=self.orchestrator.warm, daemon=True, name="warm").start()
        threading.Thread(target=self._look, daemon=True, name="look").start()
        self.bot.warm()
        self._is_open = True

    def close(self) -> None:
        """End at once; what was open is taken up by the next start."""
        self._closing.set()
        self.engine.stop()
        self.orchestrator.close()
        self.bot.close()
        self._save_slack()

    def start_over(self, fleet: str = SMALL) -> None:
        """Forget everything that happened: a fresh fleet, an empty channel but for last week. KeyError for no fleet."""
        if fleet not in FLEETS:
            raise KeyError(fleet)
        with self.changing:
            self.engine.stop()
            self.orchestrator.kill()
            self.slack_faults.clear()
            for kept in ("account", "second-account", "engine"):
                shutil.rmtree(self._folder / kept, ignore_errors=True)
            self._fleet = fleet
            self._set_ahead(timedelta(0))
            for name in ("first-look.json", "first-look-second.json"):
                (self._folder / name).unlink(missing_ok=True)
            self.cloud, self.engine, self.endpoint, self.account, self.second = self._platform()
            self._denied = None
            self._grant_deletes()
            self.workspace.restore(self._last_week().snapshot())
            self.engine.start()
        self._look()

    @property
    def dry_run(self) -> bool:
        """Whether deletes are switched off, as the stack's parameter does."""
        return bool(self._dry_run)

    @dry_run.setter
    def dry_run(self, on: bool) -> None:
        self._dry_run = on
        self._save_settings()
        self._grant_deletes()
        self._deploy({"DELETE_DRY_RUN": str(on).lower()})

    def _grant_deletes(self) -> None:
        """Let the role hold the permission to delete, or in dry run not, as the stack does."""
        if self._denied is not None:
            self._denied.lift()
        self._denied = (
            self.cloud.faults.refuse("DeleteFunction", "AccessDeniedException", NO_PERMISSION, status=403)
            if self._dry_run
            else None
        )
        admit(self.second.cloud, deletes=not self._dry_run)

    @property
    def accounts(self) -> dict[str, Account]:
        """The accounts the stack looks at, by the names it gives them."""
        both = {HOME_NAME: self.account, MEMBER_NAME: self.second}
        return both if self._has_second_account else {HOME_NAME: self.account}

    @property
    def has_second_account(self) -> bool:
        """Whether the stack looks at two accounts, as its parameter tells it."""
        return bool(self._has_second_account)

    @has_second_account.setter
    def has_second_account(self, on: bool) -> None:
        self._has_second_account = on
        self._save_settings()
        self._look()
        self._deploy(targets(ACCOUNT_ID, both=on))

    @property
    def sweeping(self) -> str | None:
        """The sweep that is at work."""
        return next((arn for arn, kind in self._open_executions() if kind == SWEEP), None)

    def sweep(self) -> bool:
        """Let the weekly schedule strike now. False while the sweep before is at work."""
        if self.sweeping is not None:
            return False
        request = json.dumps({"kind": SWEEP, "request_id": self.now().isoformat(timespec="milliseconds")})
        self.engine.start_execution(
            ORCHESTRATOR,
            "live",
            str(uuid.uuid4()),
            request.encode(),
            timeout_seconds=EXECUTION_TIMEOUT_SECONDS,
        )
        return True

    def _open_executions(self) -> list[tuple[str, Any]]:
        """What is not over, with the kind of its request."""
        return [
            (str(execution.durable_execution_arn), json.loads(execution.start_input.input or "{}").get("kind"))
            for execution in self.engine.executions()
            if not execution.is_complete
        ]

    def account_of(self, message: Message) -> Account:
        """The account that a run's message is about."""
        marked = (message.metadata or {}).get("event_payload", {})
        run = self._records.read_run(marked["run"]) if "run" in marked else None
        return self.second if run is not None and run.account_id == MEMBER_ID else self.account

    def open_in_dry_run(self) -> list[bool]:
        """Of each question that waits: whether its run was started in dry run."""
        runs = [self._records.read_run(arn.partition("/")[0]) for arn, _ in self._open_executions()]
        return [run.dry_run for run in runs if run is not None and run.status == WAITING]

    def now(self) -> datetime:
        """What every clock of this world says."""
        return datetime.now(UTC) + self._ahead

    def _seconds(self) -> float:
        return self.now().timestamp()

    @property
    def days_ahead(self) -> int:
        """How many days have passed that nobody waited for."""
        return self._ahead.days

    def time_passes(self, by: timedelta) -> bool:
        """Let time pass: the shop deploys and is called as ever, AWS bills it day by day, and questions grow old.

        False, and nothing passes, while a run is at work: its process goes by the clock it was started with.
        """
        if self.orchestrator.busy:
            return False
        with self.changing:
            before = self.now()
            self._set_ahead(self._ahead + by)
            for account in (self.account, self.second):
                fleets.days_pass(account.cloud, before)
            self.engine.time_passed()
            self.touch()
        return True

    def call(self, account: Account, name: str, number: int) -> bool:
        """Let somebody call a version by its number, once. False where it is not there."""
        if not account.cloud.has(name, number):
            return False
        account.cloud.functions[name].invoked(number)
        account.called(name, number)
        self.touch()
        return True

    def _set_ahead(self, ahead: timedelta) -> None:
        self._ahead = ahead
        self._save_settings()
        self._deploy({AHEAD_SECONDS: str(ahead.total_seconds())})

    def _deploy(self, changed: Mapping[str, str]) -> None:
        """Give both functions another environment. The bot is warm again before anybody speaks to it."""
        for function in (self.orchestrator, self.bot):
            function.deploy(changed)
        if self._is_open:
            self.bot.warm()

    def _save_settings(self) -> None:
        settings = {
            "dry_run": self._dry_run,
            "ahead_seconds": self._ahead.total_seconds(),
            "fleet": self._fleet,
            "second_account": self._has_second_account,
        }
        _write(self._folder / "settings.json", settings)

    def person(self, user: str) -> Person:
        """Somebody in front of Slack, whose clicks reach the bot."""
        return Person(self.workspace, user, self._function_url)

    def _function_url(self, event: dict[str, Any], _context: Any) -> Any:
        """The bot behind its Function URL: a failed invocation is a 502."""
        try:
            return self.bot.invoke(event)
        except (HandlerFailed, SandboxDied):
            return {"statusCode": 502, "body": "Internal Server Error"}

    def _wait(self, seconds: float) -> None:
        """Let time pass, unless the world ends."""
        self._closing.wait(seconds)

    def touch(self) -> None:
        """Note that there may be something new to see of the account or the run."""
        self.touched += 1

    def _last_week(self) -> Workspace:
        """A channel in which nothing has happened since last week."""
        workspace = team.review_workspace(self._seconds)
        workspace.base_url = self.workspace.base_url
        past.last_week(workspace, self.cloud, BUCKET)
        return workspace

    def _look(self) -> None:
        """Fill the account with verdicts that no run has to wait for; they are those of when the fleet was seeded."""
        self.account.first_look(self._rows("first-look.json", FLEETS[self._fleet]))
        if self._has_second_account:
            self.second.first_look(self._rows("first-look-second.json", fleets.of_a_second_account))
        self.touch()

    def _rows(self, file: str, seed: Seed) -> list[dict[str, Any]]:
        """Verdicts on a fleet, kept; of one seeded anew today's still hold, since its ages are relative."""
        kept: list[dict[str, Any]] | None = _read(self._folder / file).get("rows")
        key = seed, self.now().date()
        rows = self._surveys[key] = kept or self._surveys.get(key) or self._judge(self.now(), seed)
        _write(self._folder / file, {"rows": rows})
        return rows

    def _platform(self) -> tuple[Cloud, Engine, Endpoint, Account, Account]:
        cloud = Cloud(ACCOUNT_ID, REGION, clock=self.now, sleep=self._wait)
        member = cloud.member(MEMBER_ID)
        for account in (cloud, member):
            account.latency = self._pace.latency
            account.quotas = Quotas() if self._pace.limits else None
        cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        secret = {"bot_token": team.BOT_TOKEN, "signing_secret": team.SIGNING_SECRET}
        cloud.client("secretsmanager").create_secret(Name=SECRET_ID, SecretString=json.dumps(secret))
        shelf.keep(cloud, self._folder / "account", FLEETS[self._fleet])
        shelf.keep(member, self._folder / "second-account", fleets.of_a_second_account)
        earlier.cleanings(cloud, BUCKET)
        self._records = Records(S3Store(cloud.client("s3"), BUCKET), BUCKET)
        engine = Engine(
            self._folder / "engine",
            endpoint=self._aws,
            account_id=ACCOUNT_ID,
            region=REGION,
            now=self.now,
            longest_wait=self._pace.longest_wait,
            watcher=self.touch,
        )
        endpoint = Endpoint(cloud, engine, self.orchestrator, ORCHESTRATOR, watcher=self.touch)
        for account in (cloud, member):
            account.watchers.append(lambda operation, _: self.touch() if operation in shelf.ACCOUNT_CHANGES else None)
        return cloud, engine, endpoint, Account(cloud, BUCKET), Account(member, BUCKET, records=cloud)

    @property
    def _aws(self) -> str:
        return f"{self._origin}/aws"

    def _environ(self, function: str) -> dict[str, str]:
        """What any deployment sets, and nothing else."""
        return {
            **{name: os.environ[name] for name in OF_THE_MACHINE if name in os.environ},
            **CUT_OFF,
            AHEAD_SECONDS: str(self._ahead.total_seconds()),
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self._aws,
            "SLACK_SECRET_ID": SECRET_ID,
            "SLACK_API_URL": f"{self._origin}/slack/api/",
            "SLACK_CHANNEL_ID": team.REVIEW,
            "REPORT_BUCKET": BUCKET,
            "ORCHESTRATOR_ARN": ORCHESTRATOR_ARN,
            "OWN_FUNCTIONS": f"{ORCHESTRATOR},{BOT}",
            "TARGET_REGIONS": REGION,
            "APPROVERS": team.ONCALL,
            "DELETABLE_PREFIX": "*",
            "BILL_CHECK": "on",
            "DELETE_DRY_RUN": str(self._dry_run).lower(),
            "SHARED_CALLS_PER_SECOND": "15",
            "RELEASE_ID": "local",
            **targets(ACCOUNT_ID, both=self._has_second_account),
        }

    def _keep_up(self) -> None:
        seen = -1
        while not self._closing.wait(SAVED_EVERY):
            if self.workspace.latest_change != seen:
                seen = self.workspace.latest_change
                self._save_slack()

    def _save_slack(self) -> None:
        _write(self._folder / "slack.json", self.workspace.snapshot())


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text()) if file.exists() else {}


def _write(file: Path, content: Mapping[str, Any]) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content))
    fresh.replace(file)
