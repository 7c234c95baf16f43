"""How soon the bot answers: what it imports, the first click in a fresh process, and the clicks after that."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.account import BUCKET, REGION, Account
from fakes.slack import Message, Person, Slow, team

CALL_SECONDS = 0.02
"""What every call behind a click takes."""
WARM_CLICKS = 20
ORCHESTRATOR_ARN = f"arn:aws:lambda:{REGION}:111122223333:function:cleaner-orchestrator:live"

_IMPORTED = re.compile(r"import time:\s+\d+ \|\s+(\d+) \|( +)(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """Seconds, the best of so many fresh processes; the warm clicks' median."""

    processes: int
    import_seconds: float
    """Importing `bot.app`, with all that it needs, as `-X importtime` says."""
    first_seconds: float
    """From the start of the process to the first answer."""
    first_without_python_seconds: float
    """The same, from where Lambda starts to import."""
    warm_seconds: float
    calls_behind: int
    """Calls to AWS and Slack behind the first click of a process."""


def measure(account: Account, *, processes: int) -> Clicks:
    """Approve on the message that stands in the review channel."""
    environ = _environ(account)
    events = _clicks(account)
    slow = account.slack.faults.add("*", Slow(CALL_SECONDS))
    account.cloud.latency, account.cloud.sleep = {"*": CALL_SECONDS}, time.sleep
    before = _calls(account)
    try:
        runs = [_run(events, environ) for _ in range(processes)]
    finally:
        account.slack.faults.remove(slow)
        account.cloud.latency = {}
    behind_each, behind_the_first = divmod((_calls(account) - before) // processes, len(events))
    return Clicks(
        processes=processes,
        import_seconds=min(_import_seconds(environ) for _ in range(processes)),
        first_seconds=min(run["moments"][0][1] - run["begun"] for run in runs),
        first_without_python_seconds=min(run["moments"][0][1] - run["started"] for run in runs),
        warm_seconds=statistics.median(after - before for run in runs for before, after in run["moments"][1:]),
        calls_behind=behind_each + behind_the_first,
    )


def _calls(account: Account) -> int:
    return sum(account.cloud.calls.quota.values()) + len(account.slack.calls)


def _environ(account: Account) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIALOCALLOCALLOCAL",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL": account.endpoint,
        "SLACK_BOT_TOKEN": team.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": team.SIGNING_SECRET,
        "SLACK_API_URL": account.slack.api_url,
        "SLACK_CHANNEL_ID": team.REVIEW,
        "REPORT_BUCKET": BUCKET,
        "ORCHESTRATOR_ARN": ORCHESTRATOR_ARN,
        "TARGET_REGIONS": REGION,
        "APPROVERS": team.ONCALL,
    }


def _clicks(account: Account) -> list[dict[str, Any]]:
    """The same click, so many times: each is a request of its own."""
    message = _asking(account)
    events: list[dict[str, Any]] = []

    def endpoint(event: dict[str, Any], _context: object) -> Mapping[str, Any]:
        events.append(event)
        return {"statusCode": 200, "body": ""}

    approver = Person(account.slack.workspace, team.APPROVER, endpoint)
    for _ in range(1 + WARM_CLICKS):
        approver.presses(message, "approve")
    return events


def _asking(account: Account) -> Message:
    return account.slack.workspace.roots(team.REVIEW)[-1]


def _run(events: list[dict[str, Any]], environ: Mapping[str, str]) -> dict[str, Any]:
    begun = time.monotonic()
    child = subprocess.run(
        [sys.executable, "-m", "benchmark.first_click"],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
        env=dict(environ),
    )
    run: dict[str, Any] = json.loads(child.stdout)
    if set(run["answers"]) != {200}:
        raise RuntimeError(f"the bot answered {run['answers']}: {child.stderr[-2_000:]}")
    return {**run, "begun": begun}


def _import_seconds(environ: Mapping[str, str]) -> float:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import bot.app"],
        capture_output=True,
        text=True,
        check=True,
        env=dict(environ),
    ).stderr
    return seconds_to_import("bot.app", told)


def seconds_to_import(module: str, told: str) -> float:
    """The cumulative time of one module, and of its package's parents, in what `-X importtime` says."""
    parents = {module.rsplit(".", depth)[0] for depth in range(module.count(".") + 1)}
    found = (_IMPORTED.match(line) for line in told.splitlines())
    top = [match for match in found if match and match[3] in parents and len(match[2]) == 1]
    return sum(int(match[1]) for match in top) / 1e6
