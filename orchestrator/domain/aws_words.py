"""AWS's raw errors as sentences: which service, what it did, and its own words in brackets. Records keep them raw."""

from __future__ import annotations

import re

SERVICES = {
    "ce": "Cost Explorer",
    "cloudformation": "CloudFormation",
    "cloudtrail": "CloudTrail",
    "cloudwatch": "CloudWatch",
    "lambda": "Lambda",
    "pricing": "the price list",
    "s3": "S3",
    "scheduler": "EventBridge Scheduler",
    "secretsmanager": "Secrets Manager",
    "sns": "SNS",
    "sts": "STS",
    "tag": "the tagging service",
}
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403"})
BUSY = re.compile(r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|Rate exceeded", re.IGNORECASE)
BROKEN = re.compile(r"Internal|ServiceException|ServiceUnavailable|50[0-9]$")
UNREACHABLE = re.compile(r"Connect|Timeout|Endpoint|HTTPClientError|ResponseParserError|IncompleteRead")
DENIED_BY = re.compile(
    r"with an explicit deny.*"
    r"|because no (?:service control|resource control|permissions boundary|session|VPC endpoint).*"
)
"""What denies a call that is not for the role's own policy to allow, in AWS's words."""
DETAIL_AT_MOST = 160

_RAW = re.compile(r"(?<![\w:])([a-z0-9-]+):([A-Z]\w+) (\w+)(?:, ([^;]+))?")


def plainly(words: str) -> str:
    """The same words with every raw error of AWS in them, `service:Operation Code, message`, as a sentence."""
    return _RAW.sub(lambda raw: _sentence(raw[1], raw[2], raw[3], (raw[4] or "").strip()), words)


def _sentence(service: str, operation: str, code: str, message: str) -> str:
    name = SERVICES.get(service, service)
    if code in DENIED:
        denied_by = DENIED_BY.search(message)
        why = f"{code}, {_detail(denied_by[0])}" if denied_by else code
        return f"the role may not call {service}:{operation} ({why})"
    if BUSY.search(f"{code} {message}"):
        return f"{name} was busy ({operation}: {_detail(message or code)})"
    if BROKEN.search(code):
        return f"{name} had a problem of its own ({operation}: {_detail(message or code)})"
    if UNREACHABLE.search(code):
        return f"{name} could not be reached ({operation}: {code})"
    return f"{name} refused {operation} ({_detail(f'{code}: {message}' if message else code)})"


def _detail(words: str) -> str:
    """AWS's own words, without a full stop at their end and no longer than a line or two."""
    short = words if len(words) <= DETAIL_AT_MOST else f"{words[: DETAIL_AT_MOST - 1]}…"
    return short.rstrip(".")
