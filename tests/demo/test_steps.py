"""The line of durable steps, read from an execution's history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.steps import PLAN, steps

Json = dict[str, Any]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def history(*told: tuple[str, str] | tuple[str, str, Json]) -> list[Json]:
    """Events a second apart: a kind, a name, and details where there are any; ids are the names."""
    events = []
    for second, (kind, name, *details) in enumerate(told):
        event: Json = {
            "EventType": kind,
            "Name": name,
            "Id": name,
            "EventTimestamp": START + timedelta(seconds=second),
        }
        if name.startswith("approval "):
            event["ParentId"] = "approval"
        events.append(event | (details[0] if details else {}))
    return events


def returned(payload: str, kind: str = "Step") -> Json:
    return {f"{kind}SucceededDetails": {"Result": {"Payload": payload}}}


def raised(message: str) -> Json:
    return {"StepFailedDetails": {"Error": {"Payload": {"ErrorMessage": message}}}}


def statuses(told: Json) -> dict[str, str]:
    return {step["name"]: step["status"] for step in told["steps"]}


ASKED = (
    ("ContextStarted", "approval"),
    ("CallbackStarted", "approval create callback id"),
    ("StepStarted", "approval submitter"),
)


def test_before_any_run_the_whole_plan_lies_ahead() -> None:
    assert steps([]) == {"status": "RUNNING", "steps": [], "ahead": list(PLAN)}


def test_a_step_runs_and_is_done_with_its_time_and_its_result() -> None:
    begun = ("StepStarted", "claim-region")
    done = ("StepSucceeded", "claim-region", returned('{"t":"m","v":{"listed":{"t":"i","v":61}}}'))

    assert statuses(steps(history(begun))) == {"claim-region": "running"}
    [step] = steps(history(begun, done))["steps"]
    assert (step["status"], step["seconds"], step["result"]) == ("done", 1.0, {"listed": 61})


def test_the_slices_of_a_step_are_one_step_whose_times_add_up() -> None:
    told = steps(
        history(
            ("StepStarted", "stage-b-usage-and-protection"),
            ("StepSucceeded", "stage-b-usage-and-protection"),
            ("StepStarted", "stage-b-usage-and-protection-2"),
            ("StepSucceeded", "stage-b-usage-and-protection-2"),
        )
    )

    [step] = told["steps"]
    assert (step["parts"], step["seconds"], step["retried"]) == (2, 2.0, 0)


def test_an_approval_waits_for_a_person_only_once_it_was_posted() -> None:
    assert statuses(steps(history(*ASKED))) == {"approval": "running"}

    posted = steps(history(*ASKED, ("StepSucceeded", "approval submitter", returned("null"))))

    assert statuses(posted) == {"approval": "waiting"}
    assert posted["steps"][0]["result"] is None


def test_an_approval_that_cannot_be_posted_is_tried_again_and_waits_for_nobody() -> None:
    told = steps(history(*ASKED, ("StepFailed", "approval submitter", raised("Slack: 503"))))

    assert statuses(told) == {"approval": "retrying"}
    assert told["steps"][0]["error"] == "Slack: 503"


def test_an_answer_shows_what_was_answered() -> None:
    answer = json.dumps({"approved": True})
    told = steps(
        history(
            *ASKED,
            ("StepSucceeded", "approval submitter"),
            ("CallbackSucceeded", "approval create callback id", returned(answer, "Callback")),
            ("ContextSucceeded", "approval"),
        )
    )

    [step] = told["steps"]
    assert (step["status"], step["result"]) == ("done", {"approved": True})


def test_a_question_beside_its_reminder_is_followed_like_any_other() -> None:
    beside = [
        ("ContextStarted", name) for name in ("approval with a reminder", "approval question", "approval reminder")
    ]
    told = history(*beside, ("WaitStarted", "until-the-reminder"), *ASKED, ("StepSucceeded", "approval submitter"))
    for event in told:
        event["ParentId"] = "approval question"

    assert statuses(steps(told)) == {"approval": "waiting"}
    assert statuses(steps([*told, *history(("ContextSucceeded", "approval"))])) == {"approval": "done"}


def test_a_question_that_nobody_answered_in_time_is_over_and_not_tried_again() -> None:
    told = steps(
        history(
            *ASKED,
            ("StepSucceeded", "approval submitter"),
            ("CallbackTimedOut", "approval create callback id"),
            ("ContextFailed", "approval"),
        )
    )

    assert statuses(told) == {"approval": "done"}


def test_a_step_that_failed_is_tried_again_and_counted() -> None:
    told = steps(
        history(
            ("StepStarted", "discover-snapstart"),
            ("StepFailed", "discover-snapstart", raised("Rate exceeded")),
            ("StepStarted", "discover-snapstart"),
            ("StepSucceeded", "discover-snapstart"),
        )
    )

    [step] = told["steps"]
    assert (step["status"], step["retried"], step["error"]) == ("done", 1, None)


def test_a_run_that_is_over_has_nothing_ahead_and_its_last_failure_stays() -> None:
    told = steps(
        history(
            ("ExecutionStarted", "scan"),
            ("StepStarted", "discover-snapstart"),
            ("StepFailed", "discover-snapstart", raised("AccessDeniedException")),
            ("ExecutionFailed", "scan"),
        )
    )

    assert told["status"] == "FAILED"
    assert told["ahead"] == []
    assert statuses(told) == {"discover-snapstart": "failed"}


def test_what_lies_ahead_is_what_comes_after_the_furthest_step() -> None:
    told = steps(history(("StepStarted", "delete-versions-1-2")))

    assert told["ahead"] == ["close-page", "send-completion", "close-run"]


def test_a_run_that_scans_nothing_has_no_scan_ahead() -> None:
    assert steps(history(("StepStarted", "read-request")))["ahead"] == []


def test_an_end_that_comes_without_a_name_is_no_step() -> None:
    [event] = history(("InvocationCompleted", "x"))
    del event["Name"]

    assert steps([event])["steps"] == []
