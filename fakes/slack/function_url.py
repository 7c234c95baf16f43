"""Requests as a Lambda Function URL hands them to a handler (payload version 2.0), signed as Slack signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fakes.slack.answer import Answer
from fakes.slack.things import Json

HOST = "local.lambda-url.us-west-2.on.aws"


@dataclass(frozen=True)
class FunctionContext:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "snapstart-cleaner-bot"
    function_version: str = "1"
    invoked_function_arn: str = "arn:aws:lambda:us-west-2:111122223333:function:snapstart-cleaner-bot:live"
    memory_limit_in_mb: int = 1024
    aws_request_id: str = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda stops the invocation."""
        return 10_000


Handler = Callable[[Json, Any], Any]


def signature(secret: str, timestamp: object, body: bytes) -> str:
    """Slack's signature of a body sent at that many seconds since 1970."""
    signed = b"v0:" + str(timestamp).encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_event(
    body: bytes | str,
    secret: str,
    /,
    *,
    timestamp: object,
    content_type: str = "application/x-www-form-urlencoded",
    headers: Mapping[str, str | None] | None = None,
    **overrides: object,
) -> Json:
    """A POST with this body, signed with this secret.

    `headers` are laid over the usual ones, None takes one away; `overrides` replace fields of the event itself. So a
    hostile request is a proper one with one thing wrong.
    """
    raw = body.encode() if isinstance(body, str) else body
    usual: dict[str, str | None] = {
        "accept": "application/json,*/*",
        "accept-encoding": "gzip,deflate",
        "content-length": str(len(raw)),
        "content-type": content_type,
        "host": HOST,
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-amzn-tls-version": "TLSv1.3",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-slack-request-timestamp": str(timestamp),
        "x-slack-signature": signature(secret, timestamp, raw),
    }
    laid_over = usual | dict(headers or {})
    now = datetime.fromtimestamp(int(timestamp) if isinstance(timestamp, int | float) else 0, UTC)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {name: value for name, value in laid_over.items() if value is not None},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": HOST.partition(".")[0],
            "domainName": HOST,
            "domainPrefix": HOST.partition(".")[0],
            "http": {
                "method": "POST",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": usual["user-agent"],
            },
            "requestId": "00000000-0000-4000-8000-000000000000",
            "routeKey": "$default",
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "body": base64.b64encode(raw).decode(),
        "isBase64Encoded": True,
        **overrides,
    }


def answered(result: object) -> Answer:
    """What a Function URL makes of a handler's return value: with a `statusCode` an answer, else a body of JSON."""
    if isinstance(result, dict) and "statusCode" in result:
        body = result.get("body") or ""
        raw = base64.b64decode(body) if result.get("isBase64Encoded") else str(body).encode()
        return Answer(int(result["statusCode"]), {k.lower(): v for k, v in (result.get("headers") or {}).items()}, raw)
    return Answer(200, {"content-type": "application/json"}, json.dumps(result).encode())
