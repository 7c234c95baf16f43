"""What goes wrong on purpose, acting only on the fakes: the page's drawer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from demo.account import Account
from demo.world import World
from fakes.slack import Message, ServerError, team

ALIAS = "rollback"
SPANS = {1: "A day has", 6: "Six days have", 14: "Two weeks have"}
"""The days that can pass at once, in words."""


@dataclass
class WhatIf:
    """The switches of one world. A switch that is on knows how it is turned off again."""

    world: World
    _off: dict[str, Callable[[], object]] = field(default_factory=dict)

    @property
    def on(self) -> list[str]:
        """The switches that are on."""
        return sorted(self._off)

    def turn(self, switch: str, *, on: bool, user: str) -> str:
        """Turn a switch, and say in a few words what it did. Raises KeyError for one that is not there."""
        acts: dict[str, Callable[[str], str]] = {
            "throttle-cloudwatch": self._throttle_cloudwatch,
            "move-alias": self._move_alias,
            "fail-delete": self._fail_delete,
            "slack-down": self._slack_down,
        }
        act = acts[switch]
        if switch in self._off:
            self._off.pop(switch)()
        words = act(user) if on else "Back to normal."
        self.world.touch()
        return words

    def kill(self) -> str:
        """Kill the orchestrator's process where it stands."""
        if self.world.orchestrator.kill():
            return "Killed in the middle of its work. The durable engine invokes it again in five seconds."
        return "Nothing to kill: while a run waits for a person, no process runs at all. Try it during a scan."

    def pass_time(self, days: int) -> str:
        """Let some days pass, unless a run is at work. Raises KeyError for days that cannot be chosen."""
        words = SPANS[days]
        if not self.world.time_passes(timedelta(days=days)):
            return "A run is at work. Time can pass once it waits for a person, or is over."
        return f"{words} passed: the shop deployed as ever. Scan, then ask /snapstart saved what the bill shows."

    def call(self, version: str, account_id: str) -> str:
        """Call a version once by its number, such as `orders-api:12`. Raises LookupError for no account."""
        account = next(one for one in self.world.accounts.values() if one.cloud.account_id == account_id)
        name, _, number = version.rpartition(":")
        if not self.world.call(account, name, int(number)):
            return f"{version} is not there any more."
        return f"{version} was called once. CloudWatch knows; what was found before does not."

    def forget(self) -> None:
        """All is well again, in a world that was started over."""
        self._off.clear()

    def _throttle_cloudwatch(self, _user: str) -> str:
        self._off["throttle-cloudwatch"] = self.world.cloud.faults.throttle("GetMetricData").lift
        return "CloudWatch throttles every question about invocations. What cannot be judged is not offered."

    def _move_alias(self, user: str) -> str:
        found = self._ticked(user) or self._idle()
        if found is None:
            return "There is no idle version left to point at."
        account, target = found
        client = account.cloud.client("lambda")
        name, number = target.split(":")
        client.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion=number)
        self._off["move-alias"] = lambda: client.delete_alias(FunctionName=name, Name=ALIAS)
        return f"Somebody pointed the alias {ALIAS} at {target}. Approve it, and watch what happens."

    def _fail_delete(self, _user: str) -> str:
        self._off["fail-delete"] = self.world.cloud.faults.refuse(
            "DeleteFunction",
            "InvalidParameterValueException",
            "Lambda was unable to delete it because it is a replicated function.",
            times=1,
        ).lift
        return "AWS will refuse the next delete, of a version that is replicated to an edge."

    def _slack_down(self, _user: str) -> str:
        faults = self.world.slack_faults
        rule = faults.add("*", ServerError(503))
        self._off["slack-down"] = lambda: faults.remove(rule)
        return "Slack answers 503 to everything. Runs wait and try again."

    def _ticked(self, user: str) -> tuple[Account, str] | None:
        """The first version ticked on somebody's screen, and its account."""
        person = self.world.person(user)
        for message in reversed(self.world.workspace.roots(team.REVIEW)):
            ticked = set(person.ticked(message))
            for option in _options(message):
                if option["value"] in ticked:
                    return self.world.account_of(message), str(option["value"])
        return None

    def _idle(self) -> tuple[Account, str] | None:
        for account in self.world.accounts.values():
            for function in account.shown()["functions"]:
                for version in function["versions"]:
                    if version["state"] == "idle":
                        return account, f"{function['name']}:{version['n']}"
        return None


def _options(message: Message) -> list[dict[str, Any]]:
    return [
        option
        for block in message.blocks
        for element in [*block.get("elements", []), block.get("element") or {}]
        if isinstance(element, dict) and element.get("type") == "checkboxes"
        for option in element["options"]
    ]
