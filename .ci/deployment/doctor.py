"""Have the stack test itself, and tell what it found: the part of `doctor` that needs no click."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deployment.service import ALIAS

LOOKS = 60
SECONDS_BETWEEN_LOOKS = 3.0
SIGNS = {"passes": "ok  ", "fails": "FAIL", "unknown": "?   "}


def from_inside(lambda_client: Any, stack: str, name: str, sleep: Callable[[float], None]) -> list[str]:
    """A line for each thing that was tested; what could not be learned is said, and is no failure.

    `name` names the test: the same one is started once, however often it is asked for.
    """
    try:
        return list(_lines(_result(lambda_client, f"{stack}-orchestrator:{ALIAS}", name, sleep)))
    except (BotoCoreError, ClientError) as error:
        return [f"The stack could not be tested from inside: {error}"]


def _result(lambda_client: Any, function: str, name: str, sleep: Callable[[float], None]) -> str | None:
    started = lambda_client.invoke(
        FunctionName=function,
        InvocationType="Event",
        DurableExecutionName=name,
        Payload=json.dumps({"kind": "doctor", "click": False}).encode(),
    )
    for _ in range(LOOKS):
        seen = lambda_client.get_durable_execution(DurableExecutionArn=started["DurableExecutionArn"])
        if seen["Status"] != "RUNNING":
            result: str | None = seen.get("Result")
            return result
        sleep(SECONDS_BETWEEN_LOOKS)
    return None


def _lines(result: str | None) -> Iterator[str]:
    if result is None:
        yield "The stack's test of itself has not come to a result; the orchestrator's log says why."
        return
    for line in json.loads(result).get("lines", []):
        yield f"{SIGNS.get(line['mark'], '?   ')} {line['words']}"
