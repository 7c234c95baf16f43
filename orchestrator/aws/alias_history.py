"""Which aliases moved, and when? From CloudTrail's event history: free, ninety days, in every account, without a trail.

LookupEvents takes one attribute only, and tells newest first. Asked by event name, three questions answer for all
functions of a region, however many there are; asked by resource, each function would take a question of its own, and
whether Lambda's events name their function as a resource is not documented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from orchestrator.aws.errors import AWS_ERRORS, failure
from orchestrator.domain.alias_history import AliasMove, MoveKind

LOOKUP_EVENTS = "cloudtrail:LookupEvents"
ACTIONS = (LOOKUP_EVENTS,)

EVENT_NAMES: Mapping[MoveKind, str] = {
    MoveKind.MOVED: "UpdateAlias20150331",
    MoveKind.CREATED: "CreateAlias20150331",
    MoveKind.REMOVED: "DeleteAlias20150331",
}
"""Lambda's operations as CloudTrail names them: with the version of its API."""
PAGE_SIZE = 50
"""CloudTrail returns no more events a page."""

_A_SECOND = timedelta(seconds=1)
"""Events tell their time in whole seconds, cut off."""
_FUNCTION = re.compile(
    r"(?:(?:arn:[^:]+:lambda:[^:]+:)?\d{12}:(?:function:)?)?(?:function:)?(?P<name>[A-Za-z0-9_-]+)(?::[A-Za-z0-9$_-]+)?"
)
"""A function as Lambda's API takes it: by name, by partial ARN, by full ARN; each with a qualifier or without."""


class CloudTrail(Protocol):
    """The one operation that is used."""

    def lookup_events(self, **asked: Any) -> Mapping[str, Any]:
        """Return one page of events."""
        ...


@dataclass(frozen=True, slots=True)
class MovesPage:
    """One page of what was done to aliases."""

    moves: tuple[AliasMove, ...]
    latest: datetime
    """Nothing on it, and nothing on the pages after it, is later."""
    read_back_to: datetime
    """Everything from here on was read."""


class UnreadableEvent(ValueError):
    """An event does not say which alias it moved, or where to; the message names the event."""


def moves(
    client: CloudTrail, kind: MoveKind, since: datetime, until: datetime, *, needed: datetime | None = None
) -> Iterator[MovesPage]:
    """Yield one kind of alias event, newest first, a page at a time; both ends are included.

    It ends early at an event that cannot be read, where that is from before what is `needed`. Raises CallFailed or
    CredentialsError when a page cannot be read, and UnreadableEvent.
    """
    asked: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": EVENT_NAMES[kind]}],
        "StartTime": since,
        "EndTime": until,
        "MaxResults": PAGE_SIZE,
    }
    while True:
        try:
            answer = client.lookup_events(**asked)
        except AWS_ERRORS as error:
            raise failure(error, LOOKUP_EVENTS) from error
        asked["NextToken"] = answer.get("NextToken")
        events = sorted(answer["Events"], key=lambda event: event["EventTime"], reverse=True)
        latest = min(until, events[0]["EventTime"] + _A_SECOND) if events else until
        found: list[AliasMove] = []
        for event in events:
            until = min(until, event["EventTime"] + _A_SECOND)  # the next may be of the same second
            try:
                told = _told(event)
                if "errorCode" not in told:
                    found.append(_move(kind, told))
            except UnreadableEvent:
                if needed is None or event["EventTime"] >= needed:
                    raise
                yield MovesPage(tuple(found), latest, until)
                return
        yield MovesPage(tuple(found), latest, until if asked["NextToken"] else since)
        if not asked["NextToken"]:
            return


def _told(event: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return {**json.loads(event["CloudTrailEvent"]), "at": event["EventTime"], "id": event.get("EventId")}
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(event.get("EventId")) from error


def _move(kind: MoveKind, event: Mapping[str, Any]) -> AliasMove:
    try:
        parameters = event["requestParameters"]
        return AliasMove(
            function_name=_function(parameters["functionName"]),
            alias=str(parameters["name"]),
            at=event["at"],
            kind=kind,
            primary=_primary(parameters.get("functionVersion")),
            weighted=_weighted(parameters.get("routingConfig")),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(event["id"]) from error


def _unreadable(event_id: Any) -> UnreadableEvent:
    return UnreadableEvent(f"{LOOKUP_EVENTS} told of an event that cannot be read: {event_id}")


def _function(named: str) -> str:
    found = _FUNCTION.fullmatch(named)
    if found is None:
        raise ValueError(f"not a function: {named!r}")
    return found["name"]


def _primary(version: str | None) -> frozenset[int] | None:
    if version is None:
        return None
    return frozenset() if version == "$LATEST" else frozenset({int(version)})


def _weighted(routing: Mapping[str, Any] | None) -> frozenset[int] | None:
    """The versions with a share; a call that names no routing leaves it as it was, an empty one clears it."""
    return None if routing is None else frozenset(map(int, routing.get("additionalVersionWeights") or {}))
