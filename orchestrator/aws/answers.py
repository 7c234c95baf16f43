"""Take an answer of AWS for one only when all of it arrived.

botocore reads a body that breaks off without a word (urllib3's `enforce_content_length` is off) and makes an empty dict
of it: as if there were no versions, no aliases, no calls. So every answer's length is compared with what AWS announced,
and what must stand in an answer is looked for. What is not whole is asked for again, and in the end an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.model import OperationModel

ALWAYS_THERE: Mapping[str, tuple[str, ...]] = {
    "ListFunctions": ("Functions",),
    "ListVersionsByFunction": ("Versions",),
    "ListAliases": ("Aliases",),
    "ListEventSourceMappings": ("EventSourceMappings",),
    "GetFunctionConfiguration": ("FunctionName", "Version"),
    "GetPolicy": ("Policy",),
    "ListTags": ("Tags",),
    "ListDurableExecutionsByFunction": ("DurableExecutions",),
    "GetDurableExecution": ("Status",),
    "GetMetricData": ("MetricDataResults",),
    "ListMetrics": ("Metrics",),
    "GetResources": ("ResourceTagMappingList",),
    "GetProducts": ("PriceList",),
    "LookupEvents": ("Events",),
    "ListStacks": ("StackSummaries",),
    "GetCostAndUsage": ("ResultsByTime",),
    "GetSecretValue": ("SecretString",),
    "AssumeRole": ("Credentials",),
    "GetCallerIdentity": ("Account",),
    "ListObjectsV2": ("KeyCount",),
    "GetSchedule": ("State", "Target"),
    "GetTopicAttributes": ("Attributes",),
}
"""What stands in every answer of an operation, also where there is nothing to tell."""

ATTEMPTS = 5
"""How often a call is tried of a client that was not told: botocore's own default."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
XML_PROTOCOLS = frozenset({"query", "rest-xml", "ec2"})
_SUCCESS = range(200, 300)


class BrokenAnswer(BotoCoreError):
    """An answer did not arrive whole, also when it was asked for again."""

    fmt = "{what}"


@dataclass(frozen=True, slots=True)
class WholeAnswers:
    """A boto3 session whose clients take an answer for one only when it is whole."""

    session: Any
    """The session that makes them, or something that hands out clients as it does."""
    sleep: Callable[[float], None] = time.sleep

    def client(self, service: str, **given: Any) -> Any:
        """Make a client, as boto3's sessions do."""
        client = self.session.client(service, **given)
        insist_on_whole_answers(client, sleep=self.sleep)
        return client


def insist_on_whole_answers(client: BaseClient, *, sleep: Callable[[float], None]) -> None:
    """Let a client repeat calls whose answer is not whole as often as others that fail; then they raise BrokenAnswer.

    `sleep` waits between two attempts, longer each time.
    """
    told: Any = client.meta.config  # botocore's types know nothing of what a config holds
    attempts = told.retries.get("total_max_attempts", ATTEMPTS)

    def refuse_broken_xml(response_dict: dict[str, Any], operation_model: OperationModel, **_: Any) -> None:
        """Let botocore read nothing of an answer that it would fail to read: it is looked at next."""
        if is_broken_xml(operation_model, response_dict["status_code"], response_dict["body"]):
            response_dict.update(status_code=HTTPStatus.BAD_GATEWAY, body=b"")

    def look(response: tuple[AWSResponse, Mapping[str, Any]] | None, operation: OperationModel, **event: Any) -> Any:
        what = None if response is None else broken(operation, *response)
        if what is None:
            return None
        made: int = event["attempts"]
        if made >= attempts:
            raise BrokenAnswer(what=what)
        sleep(pause_after(made))
        return 0  # the pause was made, and botocore makes none of its own

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-parse.{service}", refuse_broken_xml)
    client.meta.events.register_first(f"needs-retry.{service}", look)


def pause_after(attempts_made: int) -> float:
    """The seconds to wait before a call is made again: twice as long each time, up to a limit."""
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (attempts_made - 1))


def is_broken_xml(operation: OperationModel, status: int, content: bytes) -> bool:
    """Whether an answer that should be XML breaks off within it."""
    if operation.has_streaming_output or status not in _SUCCESS:
        return False
    if operation.service_model.resolved_protocol not in XML_PROTOCOLS:
        return False
    if not content:
        return operation.name in ALWAYS_THERE
    try:
        ET.fromstring(content)  # noqa: S314 - what AWS answered, which botocore parses the same way
    except ET.ParseError:
        return True
    return False


def broken(operation: OperationModel, answer: AWSResponse, parsed: Mapping[str, Any]) -> str | None:
    """Say what an answer lacks; None when it is whole. What is streamed is checked by who reads it."""
    if operation.has_streaming_output:
        return None
    announced, arrived = answer.headers.get("Content-Length"), len(answer.content)
    if announced is not None and operation.http.get("method") != "HEAD" and int(announced) != arrived:
        return f"the answer broke off after {arrived:,} of {int(announced):,} bytes"
    if answer.status_code not in _SUCCESS:
        return None
    if is_broken_xml(operation, answer.status_code, answer.content):
        return "the answer broke off within its XML"
    lacking = [name for name in ALWAYS_THERE.get(operation.name, ()) if name not in parsed]
    return f"the answer has no {', '.join(lacking)}" if lacking else None
