"""Several accounts of one organisation: whoever is in one may enter another by a role that trusts it.

    payments = cloud.member("444455556666")
    payments.admits("snapstart-cleaner-read", external_id="apricot")
    payments.admits("snapstart-cleaner-delete", external_id="apricot", actions=DELETING)

A session lasts an hour of the account's clock, as AWS's do by default, and allows what its role allows.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

LONGEST_SESSION = timedelta(hours=1)
DELETING = frozenset({"DeleteFunction", "GetFunctionConfiguration", "GetCallerIdentity"})
"""What the role that deletes allows."""
NEVER_READ = frozenset(
    {
        "AddPermission", "AssumeRole", "CreateAlias", "CreateFunction", "CreateRole", "DeleteAlias", "DeleteFunction",
        "DeleteFunctionConcurrency", "DeleteRole", "Invoke", "PublishVersion", "PutFunctionConcurrency", "TagResource",
        "UpdateAlias", "UpdateFunctionConfiguration",
    }
)  # fmt: skip
"""What a role that only reads does not allow."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of one account: what it demands of who enters, and what it allows."""

    name: str
    external_id: str | None = None
    actions: frozenset[str] | None = None
    """None: everything that only reads."""

    def allows(self, operation: str) -> bool:
        """Whether a session of this role may call an operation."""
        return operation not in NEVER_READ if self.actions is None else operation in self.actions


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who entered an account by a role, until the credentials expire."""

    account: Cloud
    role: Role
    name: str
    expires_at: datetime

    @property
    def arn(self) -> str:
        """Who this is, as GetCallerIdentity tells."""
        return f"arn:aws:sts::{self.account.account_id}:assumed-role/{self.role.name}/{self.name}"

    def check(self, operation: str, now: datetime) -> None:
        """Raise RefusalError for what the role does not allow, and once the credentials have expired."""
        if now >= self.expires_at:
            raise RefusalError("ExpiredTokenException", "The security token included in the request is expired", 403)
        if not self.role.allows(operation) and operation != "GetCallerIdentity":
            words = (
                f"User: {self.arn} is not authorized to perform: {operation} because no identity-based policy allows "
                f"the {operation} action"
            )
            raise RefusalError("AccessDeniedException", words, 403)


@dataclass(slots=True)
class Organisation:
    """The accounts that know each other, and the sessions that are open between them."""

    accounts: dict[str, Cloud] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def session(self, access_key: str) -> Session | None:
        """Whose credentials a request was signed with; None: the account's own.

        Raises RefusalError for temporary credentials that nobody handed out.
        """
        if access_key.startswith("ASIA") and access_key not in self.sessions:
            raise RefusalError("UnrecognizedClientException", "The security token in the request is invalid.", 403)
        return self.sessions.get(access_key)

    def assume(self, caller: Cloud, given: Mapping[str, Any]) -> dict[str, Any]:
        """Answer AssumeRole: credentials for a role that exists and trusts the caller.

        A role that is missing is refused in the words of one that does not trust, so that nobody learns which exist.
        """
        account_id, _, role_name = given["RoleArn"].split(":", 4)[4].partition(":role/")
        account = self.accounts.get(account_id)
        role = account.roles.get(role_name) if account else None
        if account is None or role is None or role.external_id != given.get("ExternalId"):
            words = (
                f"User: arn:aws:sts::{caller.account_id}:assumed-role/cleaner/session is not authorized to perform: "
                f"sts:AssumeRole on resource: {given['RoleArn']}"
            )
            raise RefusalError("AccessDenied", words, 403)
        seconds = int(given.get("DurationSeconds") or LONGEST_SESSION.total_seconds())
        if seconds > LONGEST_SESSION.total_seconds():
            words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            raise RefusalError("ValidationError", words)
        session = Session(account, role, given["RoleSessionName"], account.now() + timedelta(seconds=seconds))
        access_key = f"ASIA{account_id}{next(self._numbers):08}"
        self.sessions[access_key] = session
        return {
            "Credentials": {
                "AccessKeyId": access_key,
                "SecretAccessKey": "local",
                "SessionToken": f"token-{access_key}",
                "Expiration": session.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "AssumedRoleUser": {"AssumedRoleId": f"AROALOCAL:{session.name}", "Arn": session.arn},
        }
