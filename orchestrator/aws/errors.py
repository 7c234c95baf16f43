"""Say what AWS refused, in AWS's own words, and tell the kinds of refusal apart."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import Missing

AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
"""Everything a call may raise: AWS's own answer, or botocore's (connection, timeout, credentials, unreadable reply)."""

WORDS_AT_MOST = 300

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403"})
_GONE = frozenset({"ResourceNotFoundException", "NoSuchKey"})
_BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NO_CREDENTIALS = (
    CredentialRetrievalError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_SERVICES = {
    "GetMetricData": "cloudwatch",
    "ListMetrics": "cloudwatch",
    "GetResources": "tag",
    "LookupEvents": "cloudtrail",
    "ListStacks": "cloudformation",
    "GetProducts": "pricing",
    "GetCallerIdentity": "sts",
    "GetCostAndUsage": "ce",
    "GetObject": "s3",
    "PutObject": "s3",
    "ListObjectsV2": "s3",
    "CreateMultipartUpload": "s3",
    "UploadPart": "s3",
    "CompleteMultipartUpload": "s3",
}
"""The service of the operations that are not Lambda's: an error names its operation only."""


class AwsError(Exception):
    """AWS could not be asked what everything else depends on; the message is AWS's own words.

    `denied` tells whether a permission is missing, `action` names the call as IAM does (`lambda:ListFunctions`), and
    `permanent` whether trying again in a minute is in vain. Expired credentials are replaced by then, permissions not.
    """

    def __init__(self, words: str, *, action: str | None = None, denied: bool = False) -> None:
        super().__init__(words)
        self.action = action
        self.denied = denied
        self.permanent = denied


class CredentialsError(AwsError):
    """The credentials are missing, expired or wrong: nothing at all can be judged."""


class CallFailed(AwsError):
    """A call failed whose answer nothing can stand in for."""


def code_of(error: Exception) -> str:
    """AWS's code for the error, or botocore's name of it."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code") or "Unknown")
    return type(error).__name__


def in_words(error: Exception, action: str | None = None) -> str:
    """Return `service:Operation Code, message` in AWS's words, on one line.

    `action` names the call where the error itself does not: a connection that failed knows only the host.
    """
    if isinstance(error, ClientError):
        message = str(error.response.get("Error", {}).get("Message") or "")
        action = action or _action(error.operation_name)
    else:
        message = str(error)
    subject = f"{action} {code_of(error)}" if action else code_of(error)
    words = " ".join(f"{subject}, {message}".split()) if message.strip() else subject
    return words if len(words) <= WORDS_AT_MOST else words[: WORDS_AT_MOST - 1] + "…"


def is_denied(error: Exception) -> bool:
    """Whether a permission is missing."""
    return isinstance(error, ClientError) and code_of(error) in _DENIED


def is_gone(error: Exception) -> bool:
    """Whether AWS says that what was asked about does not exist; a bare 404 may come from anybody."""
    return isinstance(error, ClientError) and code_of(error) in _GONE


def credentials_problem(error: Exception) -> bool:
    """Whether the credentials themselves are missing, expired or wrong."""
    return isinstance(error, _NO_CREDENTIALS) or (isinstance(error, ClientError) and code_of(error) in _BAD_CREDENTIALS)


def failure(error: Exception, action: str) -> AwsError:
    """Return what to raise when nothing can stand in for the answer."""
    kind = CredentialsError if credentials_problem(error) else CallFailed
    return kind(in_words(error, action), action=action, denied=is_denied(error))


def not_judged(check: Check, error: Exception, action: str) -> Missing:
    """Return the check that could not be completed. Raises CredentialsError, since then no check can be."""
    if credentials_problem(error):
        raise failure(error, action) from error
    return Missing(check, in_words(error, action))


def _action(operation: str) -> str:
    service = _SERVICES.get(operation, "lambda")
    return f"{service}:{operation}"
