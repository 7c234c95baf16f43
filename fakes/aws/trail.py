"""CloudTrail's event history: who changed what of Lambda in the last ninety days, told some minutes late.

    cloud.trail.lag = timedelta(minutes=10)   # what happened later than this is not told yet

Calls are recorded as they are answered, refused ones too, and so is what the builders of `Function` do to aliases.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

PAGE = 50
KEPT = timedelta(days=90)
SOURCE = "lambda.amazonaws.com"
EVENT_NAMES = {
    operation: f"{operation}20150331"
    for operation in ("CreateAlias", "UpdateAlias", "DeleteAlias", "PublishVersion", "DeleteFunction")
}
"""The recorded operations, as CloudTrail names them."""
_MEMBERS = {
    "FunctionName": "functionName",
    "Name": "name",
    "FunctionVersion": "functionVersion",
    "Qualifier": "qualifier",
    "Description": "description",
}


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """One recorded call; CloudTrail tells its time in whole seconds."""

    at: datetime
    number: int
    """The order in which records were made."""
    name: str = field(compare=False)
    parameters: Mapping[str, Any] = field(compare=False)
    """As `requestParameters` shows them."""
    error: str | None = field(compare=False, default=None)


@dataclass(slots=True)
class Trail:
    """The records of one region, by the name of their event."""

    lag: timedelta = timedelta(0)
    by_name: dict[str, list[Record]] = field(default_factory=dict)
    read: bool = False
    """Whether somebody looked: the past is no longer made up then."""
    _made: int = 0

    def note(self, operation: str, given: Mapping[str, Any], at: datetime, error: str | None = None) -> None:
        """Record a call of Lambda's under AWS's own parameter names; one that CloudTrail is not asked for is left."""
        if operation not in EVENT_NAMES:
            return
        parameters: dict[str, Any] = {_MEMBERS[name]: value for name, value in given.items() if name in _MEMBERS}
        if given.get("RoutingConfig") is not None:
            weights = given["RoutingConfig"].get("AdditionalVersionWeights")
            parameters["routingConfig"] = {} if weights is None else {"additionalVersionWeights": weights}
        self.add(EVENT_NAMES[operation], parameters, at, error)

    def add(self, name: str, parameters: Mapping[str, Any], at: datetime, error: str | None = None) -> None:
        """Record an event as it is."""
        self._made += 1
        moment = at.astimezone(UTC).replace(microsecond=0)
        insort(self.by_name.setdefault(name, []), Record(moment, self._made, name, dict(parameters), error))

    def moved(
        self,
        operation: str,
        function: str,
        alias: str,
        at: datetime,
        version: int = 0,
        weights: Mapping[int, float] = {},
    ) -> None:
        """Record what a builder did to an alias, as if by a call."""
        given: dict[str, Any] = {"FunctionName": function, "Name": alias}
        if operation != "DeleteAlias":
            given["FunctionVersion"] = str(version)
            given["RoutingConfig"] = {"AdditionalVersionWeights": {str(v): weight for v, weight in weights.items()}}
        self.note(operation, given, at)

    def told(self, name: str | None, now: datetime) -> list[Record]:
        """Return the records that CloudTrail tells now, oldest first; of one event or of all."""
        records = self.by_name.get(name, []) if name else sorted(one for many in self.by_name.values() for one in many)
        oldest, newest = Record(now - KEPT, 0, "", {}), Record(now - self.lag, self._made + 1, "", {})
        return records[bisect_left(records, oldest) : bisect_left(records, newest)]

    def kept(self) -> list[dict[str, Any]]:
        """Return the records as plain values, to be taken up after a restart."""
        return [
            {"name": one.name, "at": one.at.isoformat(), "parameters": dict(one.parameters), "error": one.error}
            for one in sorted(one for many in self.by_name.values() for one in many)
        ]

    def take_up(self, records: list[dict[str, Any]]) -> None:
        """Hold these records and no others."""
        self.by_name.clear()
        for one in records:
            self.add(one["name"], one["parameters"], datetime.fromisoformat(one["at"]), one["error"])


def lookup_events(cloud: Cloud, given: dict[str, Any]) -> dict[str, Any]:
    """Return events newest first, at most fifty a page, by at most one attribute and within a range of time."""
    now = cloud.now()
    cloud.trail.read = True
    found = [one for one in reversed(_matching(cloud, given, now)) if _within(one, given)]
    asked = {name: value for name, value in given.items() if name != "NextToken"}
    mark = crc32(json.dumps(asked, sort_keys=True, default=str).encode())
    start = _position(given.get("NextToken"), mark, found)
    size = int(given.get("MaxResults") or PAGE)
    if not 1 <= size <= PAGE:
        raise RefusalError("InvalidMaxResultsException", f"MaxResults must be from 1 to {PAGE}")
    page = found[start : start + size]
    body: dict[str, Any] = {"Events": [_event(cloud, one) for one in page]}
    if start + size < len(found):
        last = [mark, page[-1].at.isoformat(), page[-1].number]
        body["NextToken"] = base64.b64encode(json.dumps(last).encode()).decode()
    return body


def _matching(cloud: Cloud, given: Mapping[str, Any], now: datetime) -> list[Record]:
    attributes = given.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise RefusalError("InvalidLookupAttributesException", "Lookup attributes can contain only one item")
    if not attributes:
        return cloud.trail.told(None, now)
    key, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
    match key:
        case "EventName":
            return cloud.trail.told(value, now)
        case "EventSource":
            return cloud.trail.told(None, now) if value == SOURCE else []
        case _:
            raise RefusalError("InvalidLookupAttributesException", f"The local account does not look up by {key}")


def _within(record: Record, given: Mapping[str, Any]) -> bool:
    start, end = (_moment(given.get(name)) for name in ("StartTime", "EndTime"))
    if start is not None and end is not None and start > end:
        raise RefusalError("InvalidTimeRangeException", "StartTime is later than EndTime")
    return (start is None or record.at >= start) and (end is None or record.at <= end)


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)


def _position(token: str | None, mark: int, found: list[Record]) -> int:
    """Where a page begins: after the last record of the page before, whatever was recorded since."""
    if token is None:
        return 0
    try:
        made_for, at, number = json.loads(base64.b64decode(token))
        last = (datetime.fromisoformat(at), number)
    except ValueError:
        made_for = None
    if made_for != mark:
        raise RefusalError("InvalidNextTokenException", "The token does not belong to these parameters")
    return next((index for index, one in enumerate(found) if (one.at, one.number) < last), len(found))


def _event(cloud: Cloud, record: Record) -> dict[str, Any]:
    event_id = f"{record.number:08x}-0000-4000-8000-{crc32(record.at.isoformat().encode()):012x}"
    function = str(record.parameters.get("functionName", ""))
    told: dict[str, Any] = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{cloud.account_id}:assumed-role/deployer/release",
        },
        "eventTime": record.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": SOURCE,
        "eventName": record.name,
        "awsRegion": cloud.region,
        "sourceIPAddress": "cloudformation.amazonaws.com",
        "userAgent": "cloudformation.amazonaws.com",
        "requestParameters": dict(record.parameters),
        "responseElements": None,
        "requestID": event_id,
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": cloud.account_id,
        "eventCategory": "Management",
    }
    if record.error is not None:
        told |= {"errorCode": record.error, "errorMessage": "Refused."}
    return {
        "EventId": event_id,
        "EventName": record.name,
        "ReadOnly": "false",
        "EventTime": record.at.timestamp(),
        "EventSource": SOURCE,
        "Username": "release",
        "Resources": [{"ResourceType": "AWS::Lambda::Function", "ResourceName": name} for name in _resources(function)],
        "CloudTrailEvent": json.dumps(told),
    }


def _resources(function: str) -> Iterator[str]:
    if function:
        yield function
