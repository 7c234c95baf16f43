"""What `make deploy` has the stack test from inside."""

import json
from typing import Any

from botocore.exceptions import ClientError
from deployment.doctor import LOOKS, from_inside

FOUND = {"lines": [{"mark": "passes", "words": "This works."}, {"mark": "fails", "words": "This does not. Mend it."}]}


class Orchestrator:
    """One whose test takes so many looks."""

    def __init__(self, takes: int = 1, **ended: Any) -> None:
        self.takes = takes
        self.ended = {"Status": "SUCCEEDED", "Result": json.dumps(FOUND)} | ended
        self.started: list[dict[str, Any]] = []
        self.slept: list[float] = []

    def invoke(self, **given: Any) -> Any:
        self.started.append(given)
        return {"DurableExecutionArn": "arn:of:the:test"}

    def get_durable_execution(self, **given: str) -> Any:
        assert given == {"DurableExecutionArn": "arn:of:the:test"}
        return self.ended if len(self.slept) >= self.takes - 1 else {"Status": "RUNNING"}

    def tested(self) -> list[str]:
        return from_inside(self, "cleaner", "deploy-1", self.slept.append)


def test_every_line_is_told_with_what_came_of_it() -> None:
    orchestrator = Orchestrator(takes=3)

    assert orchestrator.tested() == ["ok   This works.", "FAIL This does not. Mend it."]
    assert len(orchestrator.slept) == 2
    (started,) = orchestrator.started
    assert started["FunctionName"] == "cleaner-orchestrator:live"
    assert started["InvocationType"] == "Event"
    assert json.loads(started["Payload"]) == {"kind": "doctor", "click": False}


def test_a_test_without_a_result_is_told_and_waited_for_no_longer() -> None:
    for orchestrator in (Orchestrator(takes=LOOKS + 1), Orchestrator(Status="FAILED", Result=None)):
        (said,) = orchestrator.tested()
        assert said.startswith("The stack's test of itself has not come to a result")


def test_who_may_not_start_it_is_told_so() -> None:
    class Denying(Orchestrator):
        def invoke(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Invoke")

    (said,) = Denying().tested()
    assert said.startswith("The stack could not be tested from inside: ")
