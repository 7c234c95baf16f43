"""Is this request from Slack? Answered on the raw bytes, before anything in them is read."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_BODY = 1_000_000
"""Bytes. Slack sends about 100 KB with fifty boxes ticked."""
LONGEST_START = 60
"""Seconds a request may have waited for us, cold start included; what came earlier still was dated by another clock."""
TOLERANCE = 300
"""Seconds a timestamp may be off, in either direction (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Rejected(Exception):
    """A request that is turned away: the HTTP status, and plain words that tell a stranger nothing."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


class NotSigned(Rejected):
    """The signature does not fit the bytes: the one refusal that new credentials may cure."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came through the front door: well-formed, of an acceptable size, and not yet believed."""

    body: bytes
    timestamp: str
    signature: str
    arrived_at: float
    """When AWS took it in, in seconds since 1970: a cold start before us has used some of Slack's three seconds."""


def read_signed_request(event: Any, now: float) -> SignedRequest:
    """Take an HTTP event apart, of payload version 2.0: a Function URL sends it, and an HTTP API.

    `now` is in seconds since 1970. Raises Rejected for whatever Slack would not send, or not at this time.
    """
    if not isinstance(event, Mapping):
        raise Rejected(400, "not an HTTP request")
    if _method(event) != "POST":
        raise Rejected(405, "only POST")
    headers = _headers(event)
    timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
    if timestamp is None or signature is None:
        raise Rejected(401, "not signed")
    body = _body(event)
    if not _SECONDS.fullmatch(timestamp) or abs(now - int(timestamp)) > TOLERANCE:
        raise Rejected(401, "not signed at this time")
    return SignedRequest(body, timestamp, signature, _arrived_at(event, now))


def verify(signed: SignedRequest, signing_secret: str) -> str:
    """The request's text, once its signature is proven. Raises NotSigned, or Rejected when the bytes are no text."""
    base = b"v0:" + signed.timestamp.encode() + b":" + signed.body
    expected = "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signed.signature.encode("utf-8", "replace")):
        raise NotSigned(401, "not signed")
    try:
        return signed.body.decode()
    except UnicodeDecodeError:
        raise Rejected(400, "not UTF-8") from None


def _arrived_at(event: Mapping[str, Any], now: float) -> float:
    """When AWS says that it took the request in; now, where it says nothing that can be true."""
    milliseconds = event["requestContext"].get("timeEpoch")  # an object, or the request had no method
    if type(milliseconds) is not int:
        return now
    arrived_at = milliseconds / 1000
    return arrived_at if now - LONGEST_START <= arrived_at <= now else now


def _method(event: Mapping[str, Any]) -> Any:
    context = event.get("requestContext")
    http = context.get("http") if isinstance(context, Mapping) else None
    return http.get("method") if isinstance(http, Mapping) else None


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    headers = event.get("headers")
    if not isinstance(headers, Mapping):
        raise Rejected(400, "no headers")
    return {str(name).lower(): value for name, value in headers.items() if isinstance(value, str)}


def _body(event: Mapping[str, Any]) -> bytes:
    text, encoded = event.get("body"), event.get("isBase64Encoded")
    if not isinstance(text, str) or not isinstance(encoded, bool):
        raise Rejected(400, "no body")
    if len(text) > LONGEST_BODY * 4 // 3 + 4:
        raise Rejected(413, "too large")
    try:
        body = base64.b64decode(text, validate=True) if encoded else text.encode()
    except (binascii.Error, ValueError):  # UnicodeEncodeError, of a lone surrogate, is a ValueError
        raise Rejected(400, "no body") from None
    if len(body) > LONGEST_BODY:
        raise Rejected(413, "too large")
    return body
