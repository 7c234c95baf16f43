"""Things that go wrong on purpose.

    cloud.faults.refuse("GetFunction", "ServiceException", status=500, function="orders", nth=2)
    cloud.faults.drop("DeleteFunction", after=True)             # it was deleted, but nobody was told
    cloud.faults.break_off("ListAliases", keep=0.5)             # a 200 of which only the first half arrives
    cloud.faults.blur("InternalError", function="pdf-render")   # GetMetricData answers, without a value
    cloud.faults.remark("MaxMetricsExceeded", "too many")       # a top-level Message on GetMetricData
    cloud.faults.meanwhile("DeleteFunction", lambda: orders.alias("live", 7))
    cloud.faults.distort("ListAliases", lambda asked, body: {**body, "Aliases": []})   # an answer AWS would not give
    cloud.faults.forgive("DeleteFunction", qualifier=7)                                 # what it would refuse, done

Each returns the `Fault`, which counts its `hits` and can be `lift()`ed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from fakes.aws.refusal import ConnectionDroppedError, RefusalError

Predicate = Callable[[Mapping[str, Any]], bool]
Change = Callable[[Mapping[str, Any], dict[str, Any]], dict[str, Any]]
"""Makes another answer of what was asked and the answer."""

SERVICES = {
    "CreateRole": "iam",
    "DeleteRole": "iam",
    "GetCallerIdentity": "sts",
    "GetCostAndUsage": "ce",
    "GetMetricData": "cloudwatch",
    "GetObject": "s3",
    "GetProducts": "pricing",
    "GetResources": "tag",
    "GetSecretValue": "secretsmanager",
    "ListMetrics": "cloudwatch",
    "ListRoleTags": "iam",
    "ListRoles": "iam",
    "PutObject": "s3",
}
"""The service of the operations that are not Lambda's, as IAM names it."""


class Only(TypedDict, total=False):
    """Which calls of an operation a fault applies to: all, where nothing is said."""

    function: str
    qualifier: str | int
    """Both in whichever parameter names them."""
    where: Predicate
    nth: int
    """Only the nth matching call, from 1."""
    times: int
    """At most so often."""


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, where it applies and how often it did."""

    where: Predicate
    effect: Callable[[], None]
    operation: str = "*"
    nth: int | None = None
    """Only the nth matching call (from 1); None: every one."""
    times: int | None = None
    """At most so often; None: always."""
    after: bool = False
    """After the call took effect instead of before."""
    status_code: str = ""
    message: str = ""
    seen: int = 0
    hits: int = 0
    lifted: bool = False

    def strikes(self, parameters: Mapping[str, Any]) -> bool:
        """Count a call it applies to and tell whether it is struck."""
        if self.lifted or not self.where(parameters):
            return False
        self.seen += 1
        if self.nth not in {None, self.seen} or (self.times is not None and self.hits >= self.times):
            return False
        self.hits += 1
        return True

    def lift(self) -> None:
        """Stop striking."""
        self.lifted = True


@dataclass(slots=True)
class Faults:
    """All faults of a cloud. None stands at first."""

    _calls: list[Fault] = field(default_factory=list)
    _breaks: list[tuple[Fault, float, bool]] = field(default_factory=list)
    _series: list[Fault] = field(default_factory=list)
    _messages: list[tuple[str, str]] = field(default_factory=list)
    _answers: list[tuple[Fault, Change]] = field(default_factory=list)
    _forgiven: list[tuple[Fault, dict[str, Any] | None]] = field(default_factory=list)

    def refuse(
        self,
        operation: str,
        code: str,
        message: str = "Made to fail.",
        *,
        status: int = 400,
        after: bool = False,
        **only: Unpack[Only],
    ) -> Fault:
        """Answer an operation (`*`: any) with an AWS error, before or `after` it took effect."""

        def effect() -> None:
            raise RefusalError(code, message, status)

        return self.meanwhile(operation, effect, after=after, **only)

    def throttle(self, operation: str, *, after: bool = False, **only: Unpack[Only]) -> Fault:
        """Answer an operation as AWS does over quota."""
        if operation in {"GetMetricData", "ListMetrics", "GetResources", "GetProducts", "LookupEvents"}:
            return self.refuse(operation, "ThrottlingException", "Rate exceeded", after=after, **only)
        if operation == "ListStacks":
            return self.refuse(operation, "Throttling", "Rate exceeded", after=after, **only)
        if operation == "GetCostAndUsage":
            words = "You made too many calls in a short period of time. Try again later."
            return self.refuse(operation, "LimitExceededException", words, after=after, **only)
        return self.refuse(operation, "TooManyRequestsException", "Rate exceeded", status=429, after=after, **only)

    def deny(self, operation: str, *, after: bool = False, **only: Unpack[Only]) -> Fault:
        """Answer an operation as AWS does without the permission."""
        action = f"{SERVICES.get(operation, 'lambda')}:{operation}"
        because = f"because no identity-based policy allows the {action} action"
        message = f"User is not authorized to perform: {action} {because}"
        return self.refuse(operation, "AccessDeniedException", message, status=403, after=after, **only)

    def drop(
        self,
        operation: str,
        *,
        after: bool = False,
        **only: Unpack[Only],
    ) -> Fault:
        """Close the connection without an answer, before or `after` the call took effect."""

        def effect() -> None:
            raise ConnectionDroppedError(operation)

        return self.meanwhile(operation, effect, after=after, **only)

    def meanwhile(
        self,
        operation: str,
        effect: Callable[[], object],
        *,
        after: bool = False,
        **only: Unpack[Only],
    ) -> Fault:
        """Let something happen before (or `after`) a call takes effect; what `effect` raises, the caller meets."""

        def act() -> None:
            effect()

        fault = _fault(operation, act, after=after, **only)
        self._calls.append(fault)
        return fault

    def break_off(
        self,
        operation: str,
        *,
        keep: float = 0.5,
        announced: bool = True,
        **only: Unpack[Only],
    ) -> Fault:
        """Let the body of an answer break off after this share of its bytes, whatever its status.

        The length of all of it is announced, as AWS does; unless `announced`, that of what arrives.
        """
        fault = _fault(operation, **only)
        self._breaks.append((fault, keep, announced))
        return fault

    def blur(
        self,
        status_code: str,
        message: str = "",
        *,
        function: str | None = None,
        resource: str | None = None,
        executed_version: str | int | None = None,
        where: Predicate | None = None,
        nth: int | None = None,
        times: int | None = None,
    ) -> Fault:
        """Let matching series of GetMetricData answer without values: `PartialData`, `InternalError` or `Forbidden`.

        `where` sees the series' dimensions.
        """

        def matches(dimensions: Mapping[str, Any]) -> bool:
            return (
                function in {None, dimensions.get("FunctionName")}
                and resource in {None, dimensions.get("Resource")}
                and (executed_version is None or str(executed_version) == dimensions.get("ExecutedVersion"))
                and (where is None or where(dimensions))
            )

        fault = Fault(matches, lambda: None, nth=nth, times=times, status_code=status_code, message=message)
        self._series.append(fault)
        return fault

    def distort(
        self,
        operation: str,
        change: Change,
        **only: Unpack[Only],
    ) -> Fault:
        """Let an operation answer what AWS would not: its body as `change` makes it."""
        fault = _fault(operation, **only)
        self._answers.append((fault, change))
        return fault

    def forgive(
        self,
        operation: str,
        body: dict[str, Any] | None = None,
        **only: Unpack[Only],
    ) -> Fault:
        """Answer an operation that AWS would refuse with this body."""
        fault = _fault(operation, **only)
        self._forgiven.append((fault, body))
        return fault

    def forgiven(self, operation: str, parameters: Mapping[str, Any], refusal: RefusalError) -> dict[str, Any] | None:
        """Return what is answered instead of a refusal; raises it where nothing is."""
        for fault, body in self._forgiven:
            if fault.operation in {"*", operation} and fault.strikes(parameters):
                return body
        raise refusal

    def distorted(self, operation: str, parameters: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """Return an answer as the faults leave it."""
        for fault, change in self._answers:
            if fault.operation in {"*", operation} and fault.strikes(parameters):
                body = change(parameters, body)
        return body

    def remark(self, code: str, value: str) -> None:
        """Put a top-level Message on every GetMetricData answer."""
        self._messages.append((code, value))

    def clear(self) -> None:
        """Let everything go well again."""
        self._calls.clear()
        self._breaks.clear()
        self._series.clear()
        self._messages.clear()
        self._answers.clear()
        self._forgiven.clear()

    def strike(self, operation: str, parameters: Mapping[str, Any], *, after: bool) -> None:
        """Let everything that applies to this call happen; raises what it raises."""
        for fault in list(self._calls):
            if fault.after == after and fault.operation in {"*", operation} and fault.strikes(parameters):
                fault.effect()

    def arriving(self, operation: str, parameters: Mapping[str, Any], body: bytes) -> tuple[bytes, int]:
        """Return what arrives of an answer's body, and the length that is announced."""
        for fault, share, announced in self._breaks:
            if fault.operation in {"*", operation} and body and fault.strikes(parameters):
                kept = body[: min(len(body) - 1, int(len(body) * share))]
                return kept, len(body if announced else kept)
        return body, len(body)

    def blur_of(self, dimensions: Mapping[str, str]) -> Fault | None:
        """Find the fault that hides this series, if one does."""
        return next((fault for fault in self._series if fault.strikes(dimensions)), None)

    def messages(self) -> list[tuple[str, str]]:
        """Return the top-level Messages to put on GetMetricData answers."""
        return list(self._messages)


def _fault(
    operation: str,
    effect: Callable[[], None] = lambda: None,
    *,
    after: bool = False,
    function: str | None = None,
    qualifier: str | int | None = None,
    where: Predicate | None = None,
    nth: int | None = None,
    times: int | None = None,
) -> Fault:
    def matches(parameters: Mapping[str, Any]) -> bool:
        named = str(parameters.get("FunctionName") or parameters.get("Resource") or "")
        name, _, derived = named.rpartition(":function:")[2].partition(":")
        asked = parameters.get("Qualifier") or derived or None
        return (
            function in {None, name}
            and (qualifier is None or str(qualifier) == asked)
            and (where is None or where(parameters))
        )

    return Fault(matches, effect, operation, nth, times, after)
