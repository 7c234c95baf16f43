"""Delete one version. The only place in the product that calls DeleteFunction.

Without a qualifier that call removes the whole function with all its versions, and IAM cannot tell the two apart. So a
version is named twice, in the ARN and in the qualifier, which AWS refuses when they differ; a `Deletion` cannot be made
without a number; and AWS's 204 proves nothing, since a version that never was gets one too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from orchestrator.aws.accounts import check_account
from orchestrator.aws.errors import (
    AWS_ERRORS,
    CallFailed,
    CredentialsError,
    code_of,
    credentials_problem,
    failure,
    in_words,
    is_denied,
    is_gone,
)
from orchestrator.aws.protections import GET_CONFIGURATION, state
from orchestrator.domain.plan import Deletion
from orchestrator.domain.reasons import Check
from orchestrator.domain.results import DELETES_ARE_OFF, Outcome
from orchestrator.domain.versions import DELETED, Missing

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

DELETE_FUNCTION = "lambda:DeleteFunction"
ACTIONS = (DELETE_FUNCTION, GET_CONFIGURATION)

LOOK_AGAIN_AFTER_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""How long to wait, time after time, for a version to be gone that AWS has agreed to delete."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one version: never `UNTOUCHED`; and AWS's words where there are any to say."""

    outcome: Outcome
    words: str = ""


class Deleter(Protocol):
    """Carries out one deletion."""

    def delete(self, deletion: Deletion) -> Result:
        """Carry it out and say what became of it."""
        ...

    def went_through(self, deletion: Deletion) -> bool:
        """Whether a delete that was begun before, and never reported on, went through."""
        ...


class RehearsedDeleter:
    """Asks nothing of anybody: what a dry run deletes with."""

    def delete(self, deletion: Deletion) -> Result:  # noqa: ARG002 - a rehearsal treats all alike
        """Say that the version would be deleted."""
        return Result(Outcome.WOULD_DELETE)

    def went_through(self, deletion: Deletion) -> bool:  # noqa: ARG002 - as above
        """Say no: a rehearsal deletes nothing."""
        return False


class SwitchedOffDeleter:
    """What there is for an account that admits no role which deletes: in dry run, or once somebody stopped deletes."""

    def __init__(self, reading: LambdaClient, *, account: str) -> None:
        """`reading` is a client of the role that scans; `account` is how people read which account it is."""
        self._reading = reading
        self._account = account

    def delete(self, deletion: Deletion) -> Result:  # noqa: ARG002 - all stay
        """Say that deletes are switched off there."""
        return Result(Outcome.SKIPPED, f"{DELETES_ARE_OFF} in {self._account}")

    def went_through(self, deletion: Deletion) -> bool:
        """Look whether the version is gone: there may have been a role when its delete was sent."""
        return _is_gone(self._reading, deletion) is True


class VersionDeleter:
    """Deletes versions, one at a time."""

    def __init__(
        self,
        lambda_client: LambdaClient,
        *,
        account_id: str,
        identity: Callable[[], str],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`account_id` is the run's account; `identity` asks whose the client's credentials are."""
        self._lambda = lambda_client
        self._account_id = account_id
        self._identity = identity
        self._sleep = sleep

    def delete(self, deletion: Deletion) -> Result:
        """Delete a version and see that it is gone; one that is gone already is deleted.

        Raises WrongAccount and CredentialsError, and ValueError for what does not name a version by its number.
        """
        try:
            version = self._send(deletion)
        except AWS_ERRORS as error:
            return self._refused(deletion, error)
        for wait in (*LOOK_AGAIN_AFTER_SECONDS, None):
            gone = _is_gone(self._lambda, version)
            if gone is True:
                break
            if wait is not None:
                self._sleep(wait)
        return _result(gone, "AWS accepted the delete, but the version is still there", "AWS accepted the delete, but")

    def is_allowed(self, absent: Deletion) -> bool:
        """Learn whether AWS would allow a delete, by asking for one of a version that is not there.

        AWS refuses who may not delete before it looks whether there is anything to delete. Nothing is sent before the
        version was seen to be missing, and it is named by its number twice, as every other.

        Raises AwsError when that cannot be learned, the version being there among the reasons.
        """
        found = state(self._lambda, absent.function_name, absent.number)
        if isinstance(found, Missing):
            raise CallFailed(found.words, action=GET_CONFIGURATION)
        if found.name != DELETED:
            raise CallFailed(f"{absent.function_name}:{absent.number} is there", action=DELETE_FUNCTION)
        try:
            self._send(absent)
        except AWS_ERRORS as error:
            if is_denied(error):
                return False
            if not is_gone(error):
                raise failure(error, DELETE_FUNCTION) from error
        return True

    def _send(self, deletion: Deletion) -> Deletion:
        """Ask AWS for the one delete. Raises what AWS says, WrongAccount, and ValueError for what is no version."""
        version = replace(deletion)  # checks itself once more, here where it matters
        check_account(run=self._account_id, arn=version.arn, session=self._identity())
        self._lambda.delete_function(FunctionName=version.arn, Qualifier=str(version.number))
        return version

    def went_through(self, deletion: Deletion) -> bool:
        """Look whether the version is gone."""
        return _is_gone(self._lambda, deletion) is True

    def _refused(self, version: Deletion, error: Exception) -> Result:
        words = in_words(error, DELETE_FUNCTION)
        if credentials_problem(error):
            raise failure(error, DELETE_FUNCTION) from error
        if is_denied(error):
            return (
                Result(Outcome.SKIPPED, DELETES_ARE_OFF)
                if _may_delete_nothing(error)
                else Result(Outcome.FAILED, words)
            )
        if code_of(error) == "ResourceConflictException":
            return Result(Outcome.SKIPPED, words)
        if _is_refused_for_good(error):
            return Result(Outcome.REFUSED, words)
        # The function may be gone, or the answer that was lost was a yes.
        return _result(_is_gone(self._lambda, version), words, f"{words};")


def _is_gone(lambda_client: LambdaClient, version: Deletion) -> bool | Missing:
    """Whether the version is gone, or is going: AWS may take long to drain one."""
    try:
        found = state(lambda_client, version.function_name, version.number)
    except CredentialsError as problem:
        return Missing(Check.STATE, str(problem))
    return found if isinstance(found, Missing) else found.name in {DELETED, "Deleting"}


def _is_refused_for_good(error: Exception) -> bool:
    """Whether the version is a replica at the edge: AWS removes it some day by itself, and nobody else can."""
    return code_of(error) == "InvalidParameterValueException" and "replicated function" in str(error)


def _may_delete_nothing(error: Exception) -> bool:
    """Whether the role has no permission to delete at all, as in a dry run.

    Everything else that denies, such as a service control policy or a permissions boundary, is told in AWS's own words.
    """
    return f"no identity-based policy allows the {DELETE_FUNCTION} action" in str(error)


def _result(gone: Missing | bool, still_there: str, but: str) -> Result:  # noqa: FBT001 - an answer, or none
    """A version whose State cannot be read is neither gone nor still there."""
    if isinstance(gone, Missing):
        return Result(Outcome.UNCONFIRMED, f"{but} whether the version is gone could not be read: {gone.words}")
    return Result(Outcome.DELETED) if gone else Result(Outcome.FAILED, still_there)
