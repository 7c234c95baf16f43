"""The events to try it with are what the orchestrator takes."""

import json
from pathlib import Path
from typing import Any

import pytest
from deployment.template import Template

from orchestrator.domain.decisions import read_decision
from orchestrator.domain.policy import Policy
from orchestrator.domain.request import Kind, read_request


@pytest.fixture
def event(root: Path) -> Any:
    return lambda name: json.loads((root / "events" / name).read_text())


def test_the_scan_event_is_accepted_as_a_request(event: Any) -> None:
    policy = Policy(min_age_days=14, keep_last_n=3, lookback_days=35, period_seconds=3600, max_deletions=200)

    assert read_request(event("scan.json"), regions=["us-west-2"], policy=policy).region == "us-west-2"


def test_the_sweep_event_is_accepted_and_asks_what_the_schedule_asks(event: Any, template: Template) -> None:
    policy = Policy(min_age_days=14, keep_last_n=3, lookback_days=35, period_seconds=3600, max_deletions=200)
    schedule = template.resources["Orchestrator"]["Properties"]["Events"]["ScheduledScan"]["Properties"]

    assert read_request(event("sweep.json"), regions=["us-west-2"], policy=policy).kind is Kind.SWEEP
    assert event("sweep.json").keys() == json.loads(schedule["Input"]).keys()


def test_the_approve_event_approves_numbered_versions(event: Any) -> None:
    decision = read_decision(json.dumps(event("approve.json")))

    assert decision.action == "approve"
    assert decision.versions == {("orders-api", 12), ("orders-api", 13)}


def test_the_reject_event_rejects(event: Any) -> None:
    decision = read_decision(json.dumps(event("reject.json")))

    assert decision.action == "reject"
    assert decision.versions == frozenset()
