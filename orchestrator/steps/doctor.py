"""Test the installation from inside, with the roles and the token it really has. Every method is one durable step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from orchestrator.aws import upkeep
from orchestrator.aws.accounts import Accounts, NotAdmitted, Purpose
from orchestrator.aws.bill import BillReader
from orchestrator.aws.clients import Clients
from orchestrator.aws.deletion import DELETE_FUNCTION, VersionDeleter
from orchestrator.aws.errors import AwsError
from orchestrator.aws.read_permissions import ask_each
from orchestrator.aws.records import Records, handoffs
from orchestrator.domain import readiness
from orchestrator.domain.accounts import Account, accounts_of
from orchestrator.domain.bill import LONGEST_WINDOW_DAYS
from orchestrator.domain.checkup import Arrived, Checkup
from orchestrator.domain.environment import SettingsError
from orchestrator.domain.handovers import Asked as Request
from orchestrator.domain.plan import Deletion
from orchestrator.domain.readiness import Asked, Findings, Line, Named, Permission, Readiness
from orchestrator.domain.request import RefusedRequest, read_request
from orchestrator.domain.runs import execution_id
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.slack.errors import SlackError
from orchestrator.slack.message import doctor as message
from orchestrator.slack.private import answer_privately
from orchestrator.steps.channel import Channel

Json = dict[str, Any]

AN_HOUR = 3_600
"""Seconds that the click is waited for."""
MEMBERS_ASKED = 10
"""Members of a group that are looked at until one is active."""
LONGEST_NAME = 64
NEVER_A_VERSION = 999_999_999
"""A version number that no function ever comes to."""


class Doctor:
    """The test of one stack."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        session: Any,
        records: Records,
        accounts: Accounts,
        clients: Callable[[str, str], Clients],
        deleter: Callable[[str, str], VersionDeleter],
        own_account: Callable[[], str],
        partition: str,
        bill: BillReader | None,
        channel: Channel,
        clock: Callable[[], datetime],
    ) -> None:
        """`clients` and `deleter` are those of an account and region; `bill` is None where the stack does not ask."""
        self._settings = settings
        self._session = session
        self._records = records
        self._accounts = accounts
        self._clients = clients
        self._deleter = deleter
        self._own_account = own_account
        self._partition = partition
        self._bill = bill
        self._channel = channel
        self._clock = clock

    @property
    def account_count(self) -> int:
        """How many accounts there are to test."""
        return max(1, len(self._settings.target_accounts))

    def begin(self, event: Any, execution_arn: str) -> Request:
        """Read the request."""
        settings = self._settings
        problems: tuple[str, ...] = ()
        try:
            read_request(
                event, regions=settings.target_regions, policy=settings.policy, accounts=settings.target_accounts
            )
        except RefusedRequest as refused:
            problems = refused.problems
        asker = event.get("requested_by")
        return Request(
            execution=execution_id(execution_arn),
            started_at=self._channel.now(),
            requested_by=asker if isinstance(asker, str) else None,
            problems=problems,
        )

    # What is tested

    def test_stack(self, asked: Request) -> Findings:
        """Test the bucket, the schedule, the alarm topic and the bill."""
        settings = self._settings
        lines = [readiness.bucket(self._records.bucket, self._trouble_with_the_bucket(asked.execution))]
        if settings.schedule_name is not None:
            lines.append(self._schedule(settings.schedule_name))
        if settings.alarm_topic_arn is not None:
            lines.append(self._topic(settings.alarm_topic_arn))
        if self._bill is not None:
            lines.append(self._cost_explorer(self._bill))
        return Findings(tuple(lines))

    def _trouble_with_the_bucket(self, execution: str) -> str | None:
        store, prefix = self._records.store, f"{handoffs(execution)}doctor/"
        key = f"{prefix}written.json"
        try:
            store.put_json(key, {"written": 1})
            if store.put_json_if_absent(key, {"written": 2}):
                return "it lets a second writer write over the first"
            found = store.get_json_with_etag(key)
            if found is None or found[0] != {"written": 1}:
                return "what was written cannot be read back"
            if not store.replace_json(key, {"written": 3}, found[1]) or store.replace_json(key, {}, found[1]):
                return "it does not tell an older record from a newer one"
            if key not in store.list_keys(prefix):
                return "what was written is not in its listing"
        except (AwsError, ValueError) as error:
            return str(error)
        return None

    def _schedule(self, name: str) -> Line:
        target = self._settings.orchestrator_arn
        try:
            return readiness.schedule(name, upkeep.schedule(self._session, name), target)
        except AwsError as error:
            return readiness.schedule(name, None, target, problem=str(error))

    def _topic(self, arn: str) -> Line:
        try:
            return readiness.topic(arn, upkeep.confirmed_subscriptions(self._session, arn))
        except AwsError as error:
            return readiness.topic(arn, None, problem=str(error))

    def _cost_explorer(self, bill: BillReader) -> Line:
        try:
            bill.ask()
            since = self._clock().date() - timedelta(days=LONGEST_WINDOW_DAYS)
            return readiness.bill(bill.read(since).problem)
        except AwsError as error:
            return readiness.bill(str(error))

    def test_slack(self) -> Findings:
        """Test the secret, the token and its scopes, the channel, and everybody whom the settings name."""
        try:
            granted = self._channel.messenger.scopes()
        except (AwsError, SettingsError, SlackError) as error:
            return Findings((readiness.token(str(error)),))
        is_private, problem = self._channel_problem()
        groups = any(approver.startswith("S") for approver in self._settings.approvers)
        return Findings(
            (
                readiness.token(None),
                readiness.scopes(granted, readiness.needed_scopes(is_private=is_private, groups=groups)),
                readiness.channel(problem),
                *self._everybody(),
            )
        )

    def _channel_problem(self) -> tuple[bool | None, str | None]:
        try:
            return bool(self._channel.messenger.check_channel().get("is_private")), None
        except SlackError as error:
            return None, error.words

    def _everybody(self) -> list[Line]:
        settings = self._settings
        if "*" in settings.approvers:
            lines = [readiness.anyone()]
        else:
            lines = [readiness.people("approvers", "Approvers", [*map(self._named, settings.approvers)])]
        if settings.owners:
            groups = dict.fromkeys(settings.owners.values())
            lines.append(readiness.people("owners' groups", "Owners", [*map(self._named, groups)]))
        return lines

    def _named(self, named: str) -> Named:
        messenger = self._channel.messenger
        try:
            members = messenger.members(named)[:MEMBERS_ASKED] if named.startswith("S") else (named,)
            return Named(named, any(readiness.is_active(messenger.person(member)) for member in members))
        except SlackError as error:
            return Named(named, None, error.words)

    def test_account(self, number: int, asked: Request) -> Findings:
        """Test one account in all its regions: whether it can be entered and read, and what may be deleted there."""
        account = accounts_of(self._settings.target_accounts, self._own_account)[number]
        lines = self._reading(account, asked.execution)
        is_own = account.id == self._own_account()
        if is_own or not self._settings.dry_run:
            lines += self._deleting(account, asked.execution)
        return Findings(tuple(lines))

    def _reading(self, account: Account, execution: str) -> list[Line]:
        try:
            made = [
                one
                for region in self._settings.target_regions
                for one in ask_each(
                    self._clients(account.id, region),
                    region,
                    absent=self._absent(account.id, region, execution).arn.rpartition(":")[0],
                    now=self._clock(),
                    history=self._settings.policy.alias_history_required,
                )
            ]
        except AwsError as error:
            return [readiness.entered(account.label, self._role(Purpose.READ), str(error))]
        return [readiness.reads(account.label, made, template=self._template(account))]

    def _deleting(self, account: Account, execution: str) -> list[Line]:
        try:
            self._accounts.session(account.id, Purpose.DELETE)
        except NotAdmitted as error:
            if self._may_read(account):
                return [readiness.deletes_off_there(account.label, self._role(Purpose.DELETE))]
            return [readiness.entered(account.label, self._role(Purpose.DELETE), str(error))]
        except AwsError as error:
            return [readiness.entered(account.label, self._role(Purpose.DELETE), str(error))]
        made = [self._delete(account.id, region, execution) for region in self._settings.target_regions]
        dry_run, template = self._settings.dry_run, self._template(account)
        return [readiness.deletes(account.label, made, dry_run=dry_run, template=template)]

    def _may_read(self, account: Account) -> bool:
        """Whether the account admits the role that scans: then it knows this stack, and only deletes are off."""
        try:
            self._accounts.session(account.id, Purpose.READ)
        except AwsError:
            return False
        return True

    def _delete(self, account_id: str, region: str, execution: str) -> Asked:
        """Whether AWS would delete a version that is not there: nothing is deleted to learn it."""
        try:
            allowed = self._deleter(account_id, region).is_allowed(self._absent(account_id, region, execution))
        except AwsError as error:
            return Asked(DELETE_FUNCTION, region, Permission.UNKNOWN, str(error))
        return Asked(DELETE_FUNCTION, region, Permission.ALLOWED if allowed else Permission.DENIED)

    def _absent(self, account_id: str, region: str, execution: str) -> Deletion:
        """A version under the prefix that is not there: its function's name and its number are nobody's."""
        prefix = "" if self._settings.deletable_prefix == "*" else self._settings.deletable_prefix
        nobodys = hashlib.sha256(execution.encode()).hexdigest()[:32]
        name = f"{prefix}-doctor-{nobodys}"[:LONGEST_NAME].removeprefix("-")
        arn = f"arn:{self._partition}:lambda:{region}:{account_id}:function:{name}:{NEVER_A_VERSION}"
        return Deletion(name, NEVER_A_VERSION, arn)

    def _role(self, purpose: Purpose) -> str:
        return f"{self._settings.member_role_prefix}-{purpose}"

    def _template(self, account: Account) -> str:
        """What grants the permissions in an account."""
        return "the stack" if account.id == self._own_account() else "member.yaml there"

    # The click, and the end

    def ask(self, asked: Request, found: Findings, callback_id: str) -> None:
        """Post what was found so far, with the two boxes and the button. Raises SlackError."""
        self._channel.check()
        checkup = Checkup(execution=asked.execution, callback_id=callback_id, channel_id=self._settings.channel_id)
        self._records.write_checkup(checkup)
        posted = self._channel.messenger.post(
            message.asking(found, execution=asked.execution, release_id=self._settings.release_id),
            run_key=asked.execution,
            message_key="root",
            not_before=asked.started_at,
        )
        self._records.write_checkup(replace(checkup, message_ts=posted.ts))

    def test_thread(self, asked: Request) -> Findings:
        """Reply to who asked, and read the reply back from its thread."""
        messenger, ts = self._channel.messenger, self._message_ts(asked)
        said = message.tested_in_thread(asked_by=asked.requested_by)
        try:
            messenger.post(said, run_key=asked.execution, message_key="over", not_before=asked.started_at, thread_ts=ts)
            back = messenger.shows(
                run_key=asked.execution, message_key="over", not_before=asked.started_at, thread_ts=ts
            )
        except SlackError as error:
            if not error.permanent:
                raise
            return Findings((readiness.replies(found=False, problem=error.words),))
        return Findings((readiness.replies(found=back),))

    def write(self, asked: Request, found: Findings) -> None:
        """Write down what was found of this release, unless it passed before and now only something is not known."""
        tested = Readiness(
            release_id=self._settings.release_id,
            execution=asked.execution,
            tested_at=self._channel.now(),
            found=found,
        )
        before = self._records.read_readiness()
        if before is None or not before.outlasts(tested):
            self._records.write_readiness(tested)

    def tell(self, asked: Request, found: Findings) -> Json:
        """Show the result in place of the boxes. Returns the execution's result. Raises SlackError."""
        said = message.tested(found, release_id=self._settings.release_id, command=self._settings.slack_command)
        self._channel.messenger.update(self._message_ts(asked), said)
        return self.result(found)

    def result(self, found: Findings) -> Json:
        """What the execution returns."""
        return {"ending": "told", "words": message.in_short(found), "passed": found.passed, **found.to_dict()}

    def fail(self, event: Mapping[str, Any], found: Findings, words: str) -> None:
        """Tell who asked, privately, what could be found."""
        response_url = event.get("response_url")
        if isinstance(response_url, str):
            answer_privately(response_url, message.not_posted(found, words))

    def _message_ts(self, asked: Request) -> str:
        checkup = self._records.read_checkup(asked.execution)
        return "" if checkup is None or checkup.message_ts is None else checkup.message_ts


def heard(raw: Any) -> Line:
    """What the click tells, of the callback's result: JSON text, or already parsed. No answer proves nothing."""
    try:
        return readiness.ticks(Arrived.from_dict(json.loads(raw) if isinstance(raw, str | bytes) else raw).ticked)
    except (ValueError, RecursionError):
        return readiness.ticks(frozenset())


def wants_a_click(event: Mapping[str, Any]) -> bool:
    """Whether a request that can be used asks for the click."""
    return event.get("click") is not False
