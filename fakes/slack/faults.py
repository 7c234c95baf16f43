"""Slack at its worst: what goes wrong with which call, and a record of every call that came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class SlackError:
    """Slack answers `ok: false` with this error code. With `done`, it had carried the call out all the same."""

    error: str
    beside: Mapping[str, object] = field(default_factory=dict)
    done: bool = False


@dataclass(frozen=True)
class RateLimited:
    """Slack answers 429, asks to wait so many seconds, and has done nothing."""

    retry_after: int
    done: ClassVar[bool] = False


@dataclass(frozen=True)
class ServerError:
    """Slack answers 5xx. With `done`, it had carried the call out before."""

    status: int = 500
    done: bool = False


@dataclass(frozen=True)
class ConnectionLost:
    """The connection closes without an answer. With `done`, the call had been carried out: the caller can not know."""

    done: bool = False


@dataclass(frozen=True)
class Slow:
    """Slack takes so many seconds, then answers as always."""

    seconds: float


@dataclass(frozen=True)
class Meanwhile:
    """Something happens elsewhere right before the call is carried out; with `done` right after, before the answer."""

    happens: Callable[[], object]
    done: bool = False


Failure = SlackError | RateLimited | ServerError | ConnectionLost
Fault = Failure | Slow | Meanwhile


@dataclass(frozen=True)
class Call:
    """A call that came: the method (`upload` and `response_url` for those two), its arguments, and how it was answered.

    `answer` is Slack's error code, `ok`, or what went wrong (`429`, `503`, `connection lost`).
    """

    method: str
    arguments: Mapping[str, object]
    answer: str


@dataclass
class Rule:
    """Which calls go wrong, and how. It counts the calls it fits."""

    method: str
    fault: Fault
    nth: int | None
    times: int | None
    when: Callable[[Mapping[str, object]], bool]
    seen: int = 0

    def fits(self, method: str, arguments: Mapping[str, object]) -> bool:
        """Whether this call is meant; if so, it is counted."""
        fits = self.method in {"*", method} and self.when(arguments)
        self.seen += fits
        return fits

    def strikes(self) -> bool:
        """Whether the call counted last goes wrong."""
        if self.nth is not None:
            return self.seen == self.nth
        return self.times is None or self.seen <= self.times


class Faults:
    """The rules by which calls go wrong. The first rule that fits a call decides."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(
        self,
        method: str,
        fault: Fault,
        *,
        nth: int | None = None,
        times: int | None = None,
        when: Callable[[Mapping[str, object]], bool] = lambda _: True,
    ) -> Rule:
        """Let calls of `method` (`*` for any) go wrong: every one, the `nth` from now on, or the first so many `times`.

        `when` narrows it to calls whose arguments it accepts; only those are counted. The rule can be removed again.
        """
        rule = Rule(method, fault, nth, times, when)
        with self._lock:
            self._rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Take one rule away; one that is gone already stays gone."""
        with self._lock:
            self._rules = [kept for kept in self._rules if kept is not rule]

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        with self._lock:
            self._rules.clear()

    def of(self, method: str, arguments: Mapping[str, object]) -> Fault | None:
        """What goes wrong with this call. Every rule it fits counts it."""
        with self._lock:
            fitting = [rule for rule in self._rules if rule.fits(method, arguments)]
            return next((rule.fault for rule in fitting if rule.strikes()), None)
