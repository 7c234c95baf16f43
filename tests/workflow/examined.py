"""Accounts that the doctor finds in order, and how it is asked, answered and read."""

from __future__ import annotations

import json
from typing import Any

from fakes.aws import Cloud
from fakes.aws.upkeep import Schedule
from fakes.slack import team
from tests.harness import ORCHESTRATOR_ARN, Harness
from tests.workflow.fleets import two_functions

DOCTOR = "control/doctor.json"
TOPIC = "arn:aws:sns:us-west-2:111122223333:alarms"
LOOKED_AFTER = {"SCHEDULE_NAME": "cleaner/cleaner-scan", "ALARM_TOPIC_ARN": TOPIC, "BILL_CHECK": "on"}
MEMBER = "444455556666"
MEMBERS = {"TARGET_ACCOUNTS": f"111122223333=payments,{MEMBER}=search", "EXTERNAL_ID": "apricot"}


def everything(cloud: Cloud) -> None:
    """An account with a schedule, a topic that somebody hears, and a bill."""
    two_functions(cloud)
    cloud.schedules["cleaner", "cleaner-scan"] = Schedule(ORCHESTRATOR_ARN)
    cloud.subscriptions[TOPIC] = 1


def two_accounts(cloud: Cloud) -> None:
    """The same, and another account that admits the orchestrator by both roles."""
    everything(cloud)
    other = cloud.member(MEMBER)
    other.admits("snapstart-cleaner-read", external_id="apricot")
    other.admits(
        "snapstart-cleaner-delete",
        external_id="apricot",
        actions=frozenset({"DeleteFunction", "GetFunctionConfiguration"}),
    )


def examines(play: Harness) -> str:
    """Somebody asks for the doctor, up to the moment the button waits or it is over."""
    arn = play.starts({"kind": "doctor", "requested_by": team.ASKER})
    play.eventually(lambda: "ticks submitter" in play.steps(arn) or play.is_over(arn))
    return arn


def presses(play: Harness, arn: str, who: str = team.MEMBER, **person: Any) -> Any:
    """Somebody presses the button, and the doctor comes to its end."""
    play.somebody(who, **person).presses(play.root, "checkup")
    return json.loads(play.result(arn).result)


def lines(play: Harness) -> dict[str, list[str]]:
    """What was written down, by mark."""
    found: dict[str, list[str]] = {"passes": [], "fails": [], "unknown": []}
    for line in play.record(DOCTOR)["lines"]:
        found[line["mark"]].append(line["words"])
    return found
