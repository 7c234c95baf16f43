"""Enter the accounts of an organisation: the stack's own as it is, every other by a role that trusts this one.

A member account has two roles: `<prefix>-read` for a scan, and `<prefix>-delete` that is only assumed when a delete is
about to happen. A session lasts an hour at most (AWS's default for an assumed role), and a run lives for days: whoever
asks for one gets a session that is good for a while yet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from botocore.config import Config

from orchestrator.aws.errors import AWS_ERRORS, AwsError, failure, in_words, is_denied

ASSUME_ROLE = "sts:AssumeRole"
GET_CALLER_IDENTITY = "sts:GetCallerIdentity"
ACTIONS = (ASSUME_ROLE, GET_CALLER_IDENTITY)

SESSION_SECONDS = 3600
GOOD_FOR = timedelta(minutes=20)
"""A session with less time left is replaced: no step works longer than Lambda's fifteen minutes."""
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 5})


class Purpose(StrEnum):
    """What an account is entered for; the end of its role's name."""

    READ = "read"
    DELETE = "delete"


class NotAdmitted(AwsError):
    """The role is not there, does not trust this stack, or the stack may not assume it any more.

    AWS does not tell which, so that nobody learns which roles exist.
    """

    def __init__(self, words: str) -> None:
        super().__init__(words, action=ASSUME_ROLE, denied=True)


class WrongAccount(AwsError):
    """The credentials are of another account than the one the run is about: nothing may be done with them."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.permanent = True


@dataclass(frozen=True, slots=True)
class AssumedSession:
    """A session in another account. Hands out clients as boto3's own does, until it expires."""

    base: Any
    """The boto3 session whose settings the clients share."""
    access_key: str
    secret_key: str
    token: str
    expires_at: datetime

    def client(self, service: str, **given: Any) -> Any:
        """Make a client that acts in the account."""
        return self.base.client(
            service,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            aws_session_token=self.token,
            **given,
        )


class Accounts:
    """The sessions of one stack, in its own account and in the members'. Any number of threads may ask."""

    def __init__(
        self,
        session: Any,
        *,
        own_account: Callable[[], str],
        role_prefix: str,
        external_id: str | None,
        partition: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._own_account = own_account
        self._role_prefix = role_prefix
        self._external_id = external_id
        self._partition = partition
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, Purpose], AssumedSession] = {}

    def session(self, account_id: str, purpose: Purpose) -> Any:
        """Return a session in an account. Raises AwsError when it cannot be entered."""
        if account_id == self._own_account():
            return self._session
        with self._lock:
            known = self._sessions.get((account_id, purpose))
            if known is None or known.expires_at - self._clock() < GOOD_FOR:
                known = self._sessions[account_id, purpose] = self._assume(account_id, purpose)
        return known

    def _assume(self, account_id: str, purpose: Purpose) -> AssumedSession:
        role = f"arn:{self._partition}:iam::{account_id}:role/{self._role_prefix}-{purpose}"
        trusted = {} if self._external_id is None else {"ExternalId": self._external_id}
        try:
            answer = self._session.client("sts", config=PATIENT).assume_role(
                RoleArn=role, RoleSessionName="snapstart-cleaner", DurationSeconds=SESSION_SECONDS, **trusted
            )
        except AWS_ERRORS as error:
            if is_denied(error) and not _is_forbidden_from_above(str(error)):
                raise NotAdmitted(in_words(error, ASSUME_ROLE)) from error
            raise failure(error, ASSUME_ROLE) from error
        given = answer["Credentials"]
        return AssumedSession(
            base=self._session,
            access_key=given["AccessKeyId"],
            secret_key=given["SecretAccessKey"],
            token=given["SessionToken"],
            expires_at=given["Expiration"],
        )


def _is_forbidden_from_above(words: str) -> bool:
    """Whether an organisation or a boundary refuses, which AWS names: no account switched anything off."""
    if "because no identity-based policy" in words or "because no resource-based policy" in words:
        return False
    return "explicit deny" in words or " because no " in words


def identity_of(session: Any) -> Callable[[], str]:
    """Return what asks for the id of the account that a session is in, with one client. Asking raises AwsError."""
    sts = session.client("sts", config=PATIENT)

    def ask() -> str:
        try:
            return str(sts.get_caller_identity()["Account"])
        except AWS_ERRORS as error:
            raise failure(error, GET_CALLER_IDENTITY) from error

    return ask


def check_account(*, run: str, arn: str, session: str) -> None:
    """Raise WrongAccount unless the run, the version's ARN and the credentials are all of the same account."""
    named = arn.split(":")[4:5]
    if named != [run] or session != run:
        raise WrongAccount(
            f"the run is about account {run}, the version {arn} is in {''.join(named) or 'none'}, and the credentials "
            f"are of {session}: nothing was deleted"
        )
