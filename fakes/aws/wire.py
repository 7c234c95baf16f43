"""The account as HTTP: from a request to an answer, behind the in-process clients and the demo's server alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from fakes.aws.refusal import RefusalError
from fakes.aws.storage import operation_of

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

Answer = tuple[int, dict[str, str], bytes]
Durable = Callable[[str, str, str, Mapping[str, str], bytes], Answer | None]
"""Answers durable-execution paths and invocations: method, path, query, headers, body."""

_FUNCTION = r"/2015-03-31/functions/(?P<FunctionName>[^/]+)"
_ROUTES = [
    (method, re.compile(f"^{pattern}/?$"), operation, status)
    for method, pattern, operation, status in [
        ("GET", "/2015-03-31/functions", "ListFunctions", 200),
        ("GET", _FUNCTION, "GetFunction", 200),
        ("DELETE", _FUNCTION, "DeleteFunction", 204),
        ("GET", f"{_FUNCTION}/versions", "ListVersionsByFunction", 200),
        ("POST", f"{_FUNCTION}/versions", "PublishVersion", 201),
        ("GET", f"{_FUNCTION}/aliases", "ListAliases", 200),
        ("POST", f"{_FUNCTION}/aliases", "CreateAlias", 201),
        ("GET", f"{_FUNCTION}/aliases/(?P<Name>[^/]+)", "GetAlias", 200),
        ("PUT", f"{_FUNCTION}/aliases/(?P<Name>[^/]+)", "UpdateAlias", 200),
        ("DELETE", f"{_FUNCTION}/aliases/(?P<Name>[^/]+)", "DeleteAlias", 204),
        ("GET", f"{_FUNCTION}/configuration", "GetFunctionConfiguration", 200),
        ("GET", f"{_FUNCTION}/policy", "GetPolicy", 200),
        ("GET", "/2015-03-31/event-source-mappings", "ListEventSourceMappings", 200),
        ("GET", "/2017-03-31/tags/(?P<Resource>[^/]+)", "ListTags", 200),
        (
            "GET",
            "/2025-12-01/functions/(?P<FunctionName>[^/]+)/durable-executions",
            "ListDurableExecutionsByFunction",
            200,
        ),
    ]
]
_TARGETS = {
    "GraniteServiceVersion20100801": frozenset({"GetMetricData", "ListMetrics"}),
    "ResourceGroupsTaggingAPI_20170126": frozenset({"GetResources"}),
    "AWSPriceListService": frozenset({"GetProducts"}),
    "AWSInsightsIndexService": frozenset({"GetCostAndUsage"}),
}
_LISTS = frozenset({"Statuses"})
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/")
_LAMBDA = ("/2015-03-31/", "/2017-03-31/", "/2025-12-01/")
_SERVER_ERROR = 500
_DURABLE = re.compile(r"^/2025-12-01/|^/2015-03-31/functions/[^/]+/invocations$")


class Wire:
    """Answers HTTP for an account.

    `durable` gets every invocation and every `/2025-12-01/` path first; where it answers None, the account answers what
    it can (its seeded executions).
    """

    def __init__(self, cloud: Cloud, *, durable: Durable | None = None) -> None:
        self._cloud = cloud
        self._given = durable

    @property
    def _durable(self) -> Durable | None:
        return self._given or self._cloud.durable

    def answer(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """Answer a request; None when it is not for this account (S3, Secrets Manager, what the hook leaves).

        `path` is as sent, percent-encoded; `query` without its question mark; header names in any case. The region is
        the one the request was signed for. Raises `ConnectionDroppedError` where a fault closes the connection.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        if self._durable is not None and _DURABLE.match(path):
            answered = self._durable(method, path, query, headers, body)
            if answered is not None:
                return answered
        scope = _SCOPE.search(lowered.get("authorization", ""))
        cloud = self._cloud.in_region(scope[1]) if scope else self._cloud
        if "x-amz-target" in lowered:
            return _targeted(cloud, lowered, body)
        if path == "/" and b"Action=GetCallerIdentity" in body:
            return _caller_identity(cloud)
        if path.startswith(_LAMBDA):
            return _routed(cloud, method, path, query, body)
        return None

    def stored(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer an S3 or Secrets Manager request from the account's own storage; `url` in full.

        Raises `ConnectionDroppedError` where a fault closes the connection.
        """
        operation, parameters = operation_of(method, url, headers)
        return self._cloud.store(operation, parameters, lambda: self._cloud.storage.answer(method, url, headers, body))


def _targeted(cloud: Cloud, headers: Mapping[str, str], body: bytes) -> Answer | None:
    service, _, operation = headers["x-amz-target"].partition(".")
    if service not in _TARGETS:
        return None
    if operation not in _TARGETS[service]:
        return _unknown(service, operation)
    return _json_rpc(cloud, operation, body, headers.get("content-type", "application/x-amz-json-1.1"))


def _routed(cloud: Cloud, method: str, path: str, query: str, body: bytes) -> Answer:
    for verb, pattern, operation, status in _ROUTES:
        matched = pattern.match(path) if verb == method else None
        if matched:
            parameters = {name: unquote(value) for name, value in matched.groupdict().items()}
            parameters.update(_query(query))
            if body:
                parameters.update(json.loads(body))
            return _rest_json(cloud, operation, parameters, status)
    return _rest_error(RefusalError("NotImplemented", f"The local account has no {method} {path}", 501))


def _query(query: str) -> dict[str, Any]:
    return {
        name: values if name in _LISTS else values[-1]
        for name, values in parse_qs(query, keep_blank_values=True).items()
    }


def _rest_json(cloud: Cloud, operation: str, parameters: dict[str, Any], status: int) -> Answer:
    try:
        body = cloud.serve(operation, parameters)
    except RefusalError as refusal:
        return _rest_error(refusal)
    return status, {"Content-Type": "application/json"}, b"" if body is None else json.dumps(body).encode()


def _rest_error(refusal: RefusalError) -> Answer:
    said = {
        "Type": "User" if refusal.status < _SERVER_ERROR else "Service",
        "message": refusal.message,
        "Message": refusal.message,
    }
    if refusal.code == "TooManyRequestsException":
        said["Reason"] = "CallerRateLimitExceeded"
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.code}
    return refusal.status, headers, json.dumps(said).encode()


def _json_rpc(cloud: Cloud, operation: str, body: bytes, content_type: str) -> Answer:
    headers = {"Content-Type": content_type}
    try:
        answered = cloud.serve(operation, json.loads(body or b"{}"))
    except RefusalError as refusal:
        said = {"__type": refusal.code, "message": refusal.message}
        return refusal.status, headers | {"x-amzn-ErrorType": refusal.code}, json.dumps(said).encode()
    return 200, headers, json.dumps(answered).encode()


def _unknown(service: str, operation: str) -> Answer:
    said = {"__type": "UnknownOperationException", "message": f"The local account has no {service}.{operation}"}
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(said).encode()


def _caller_identity(cloud: Cloud) -> Answer:
    namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
    try:
        identity = cloud.serve("GetCallerIdentity", {}) or {}
    except RefusalError as refusal:
        text = (
            f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{refusal.code}</Code>'
            f"<Message>{refusal.message}</Message></Error><RequestId>local</RequestId></ErrorResponse>"
        )
        return refusal.status, {"Content-Type": "text/xml"}, text.encode()
    members = "".join(f"<{name}>{value}</{name}>" for name, value in identity.items())
    text = (
        f'<GetCallerIdentityResponse xmlns="{namespace}"><GetCallerIdentityResult>{members}</GetCallerIdentityResult>'
        "<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
    return 200, {"Content-Type": "text/xml"}, text.encode()
