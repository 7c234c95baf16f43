"""The account as HTTP: from a request to an answer, behind the in-process clients and the demo's server alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from fakes.aws.refusal import RefusalError
from fakes.aws.storage import operation_of

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud
    from fakes.aws.organisation import Session

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
        ("POST", "/2015-03-31/functions", "CreateFunction", 201),
        ("PUT", f"{_FUNCTION}/configuration", "UpdateFunctionConfiguration", 200),
        ("POST", f"{_FUNCTION}/policy", "AddPermission", 201),
        ("PUT", "/2017-10-31/functions/(?P<FunctionName>[^/]+)/concurrency", "PutFunctionConcurrency", 200),
        ("DELETE", "/2017-10-31/functions/(?P<FunctionName>[^/]+)/concurrency", "DeleteFunctionConcurrency", 204),
        ("POST", "/2017-03-31/tags/(?P<Resource>[^/]+)", "TagResource", 204),
        ("GET", "/2015-03-31/event-source-mappings", "ListEventSourceMappings", 200),
        ("GET", "/2017-03-31/tags/(?P<Resource>[^/]+)", "ListTags", 200),
        (
            "GET",
            "/2025-12-01/functions/(?P<FunctionName>[^/]+)/durable-executions",
            "ListDurableExecutionsByFunction",
            200,
        ),
        ("GET", "/schedules/(?P<Name>[^/]+)", "GetSchedule", 200),
    ]
]
_TARGETS = {
    "GraniteServiceVersion20100801": frozenset({"GetMetricData", "ListMetrics"}),
    "ResourceGroupsTaggingAPI_20170126": frozenset({"GetResources"}),
    "AWSPriceListService": frozenset({"GetProducts"}),
    "AWSInsightsIndexService": frozenset({"GetCostAndUsage"}),
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": frozenset({"LookupEvents"}),
}
_IAM = "https://iam.amazonaws.com/doc/2010-05-08/"
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_QUERIES = {
    "GetCallerIdentity": _STS,
    "AssumeRole": _STS,
    "GetTopicAttributes": "http://sns.amazonaws.com/doc/2010-03-31/",
    "CreateRole": _IAM,
    "DeleteRole": _IAM,
    "ListRoles": _IAM,
    "ListRoleTags": _IAM,
    "ListStacks": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
}
"""What still speaks AWS's query protocol, and the namespace of its answers."""
_MEMBER = re.compile(r"(?P<name>\w+)\.member\.\d+")
_MEMBER_OF_MEMBER = re.compile(r"(?P<name>\w+)\.member\.(?P<number>\d+)\.(?P<member>\w+)")
_LISTS = frozenset({"Statuses"})
_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/")
_REST = ("/2015-03-31/", "/2017-03-31/", "/2017-10-31/", "/2025-12-01/", "/schedules/")
_SERVER_ERROR = 500
_INVOCATION = re.compile(f"^{_FUNCTION}/invocations$")
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

        `path` is as sent, percent-encoded; `query` without its question mark; header names in any case. Account and
        region are those the request was signed for. Raises `ConnectionDroppedError` where a fault says so.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        if self._durable is not None and _DURABLE.match(path):
            answered = self._durable(method, path, query, headers, body)
            if answered is not None:
                return answered
        if not ("x-amz-target" in lowered or path == "/" or path.startswith(_REST)):
            return None
        try:
            target = _Target.of(self._cloud, lowered.get("authorization", ""))
        except RefusalError as refusal:
            return _rest_error(refusal)
        if "x-amz-target" in lowered:
            return _targeted(target, lowered, body)
        if path == "/":
            return _query_protocol(target, body)
        return _routed(target, method, path, query, body)

    def stored(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer an S3 or Secrets Manager request from the account's own storage; `url` in full.

        Raises `ConnectionDroppedError` where a fault closes the connection.
        """
        operation, parameters = operation_of(method, url, headers)
        return self._cloud.store(operation, parameters, lambda: self._cloud.storage.answer(method, url, headers, body))


@dataclass(frozen=True, slots=True)
class _Target:
    """The account and region a request was signed for, and who signed it."""

    cloud: Cloud
    caller: Session | None

    @classmethod
    def of(cls, cloud: Cloud, authorization: str) -> _Target:
        """Read a request's signature. Raises RefusalError for credentials that nobody handed out."""
        signed = _SCOPE.search(authorization)
        if signed is None:
            return cls(cloud, None)
        caller = cloud.organisation.session(signed["key"])
        return cls((caller.account if caller else cloud).in_region(signed["region"]), caller)

    def serve(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """Answer one call as AWS would."""
        return self.cloud.serve(operation, parameters, self.caller)


def _targeted(target: _Target, headers: Mapping[str, str], body: bytes) -> Answer | None:
    service, _, operation = headers["x-amz-target"].rpartition(".")
    if service not in _TARGETS:
        return None
    if operation not in _TARGETS[service]:
        return _unknown(service, operation)
    return _json_rpc(target, operation, body, headers.get("content-type", "application/x-amz-json-1.1"))


def _routed(target: _Target, method: str, path: str, query: str, body: bytes) -> Answer:
    invoked = _INVOCATION.match(path) if method == "POST" else None
    if invoked:
        return _invoked(target, {"FunctionName": unquote(invoked["FunctionName"]), **_query(query)})
    for verb, pattern, operation, status in _ROUTES:
        matched = pattern.match(path) if verb == method else None
        if matched:
            parameters = {name: unquote(value) for name, value in matched.groupdict().items()}
            parameters.update(_query(query))
            if body:
                parameters.update(json.loads(body))
            return _rest_json(target, operation, parameters, status)
    return _rest_error(RefusalError("NotImplemented", f"The local account has no {method} {path}", 501))


def _invoked(target: _Target, parameters: dict[str, Any]) -> Answer:
    try:
        answered = target.serve("Invoke", parameters) or {}
    except RefusalError as refusal:
        return _rest_error(refusal)
    headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": str(answered["ExecutedVersion"])}
    return 200, headers, str(answered["Payload"]).encode()


def _query(query: str) -> dict[str, Any]:
    return {
        name: values if name in _LISTS else values[-1]
        for name, values in parse_qs(query, keep_blank_values=True).items()
    }


def _rest_json(target: _Target, operation: str, parameters: dict[str, Any], status: int) -> Answer:
    try:
        body = target.serve(operation, parameters)
    except RefusalError as refusal:
        answer = _rest_error(refusal)
    else:
        answer = status, {"Content-Type": "application/json"}, b"" if body is None else json.dumps(body).encode()
    return _arriving(target, operation, parameters, answer)


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


def _json_rpc(target: _Target, operation: str, body: bytes, content_type: str) -> Answer:
    headers = {"Content-Type": content_type}
    parameters = json.loads(body or b"{}")
    try:
        answered = target.serve(operation, parameters)
    except RefusalError as refusal:
        said = {"__type": refusal.code, "message": refusal.message}
        answer = refusal.status, headers | {"x-amzn-ErrorType": refusal.code}, json.dumps(said).encode()
    else:
        answer = 200, headers, json.dumps(answered).encode()
    return _arriving(target, operation, parameters, answer)


def _arriving(target: _Target, operation: str, parameters: Mapping[str, Any], answer: Answer) -> Answer:
    """What arrives of an answer: all of it, unless a fault lets it break off."""
    status, headers, body = answer
    arrives, announced = target.cloud.faults.arriving(operation, parameters, body)
    return status, ({**headers, "Content-Length": str(announced)} if body else headers), arrives


def _unknown(service: str, operation: str) -> Answer:
    said = {"__type": "UnknownOperationException", "message": f"The local account has no {service}.{operation}"}
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(said).encode()


def _query_protocol(target: _Target, body: bytes) -> Answer | None:
    """Answer what still speaks AWS's query protocol: STS, IAM and CloudFormation. None for anything else."""
    given: dict[str, Any] = {}
    for name, values in parse_qs(body.decode()).items():
        listed = _MEMBER.fullmatch(name)
        structured = _MEMBER_OF_MEMBER.fullmatch(name)
        if structured:
            members = given.setdefault(structured["name"], [])
            members.extend({} for _ in range(int(structured["number"]) - len(members)))
            members[int(structured["number"]) - 1][structured["member"]] = values[-1]
        elif listed:
            given.setdefault(listed["name"], []).extend(values)
        else:
            given[name] = values[-1]
    operation = given.pop("Action", "")
    if operation not in _QUERIES:
        return None
    namespace = _QUERIES[operation]
    try:
        answered = target.serve(operation, given) or {}
    except RefusalError as refusal:
        text = (
            f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{refusal.code}</Code>'
            f"<Message>{escape(refusal.message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>"
        )
        return _arriving(target, operation, given, (refusal.status, {"Content-Type": "text/xml"}, text.encode()))
    text = (
        f'<{operation}Response xmlns="{namespace}"><{operation}Result>{_xml(answered)}</{operation}Result>'
        f"<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{operation}Response>"
    )
    return _arriving(target, operation, given, (200, {"Content-Type": "text/xml"}, text.encode()))


def _xml(members: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_xml_value(value)}</{name}>" for name, value in members.items())


def _xml_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _xml(value)
    if isinstance(value, list):
        return "".join(f"<member>{_xml_value(one)}</member>" for one in value)
    return escape(str(value))
