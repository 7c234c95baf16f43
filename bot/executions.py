"""The only AWS the bot knows: start a run, answer its callback, read what it has written down for us."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from botocore.parsers import ResponseParserError

from orchestrator.domain.checkup import Checkup, checkup_key
from orchestrator.domain.pause import PAUSE_KEY, Pause, UnreadablePause, read_pause
from orchestrator.domain.runs import (
    CLOSED_EXECUTIONS,
    PENDING,
    Held,
    Page,
    Run,
    UnreadableRecord,
    checked_execution_id,
    held_key,
    page_key,
    run_key,
)

R = TypeVar("R", Checkup, Held, Page, Run)

MOST_LISTINGS = 10
"""Pages of a thousand keys looked through for the newest runs."""

OVER = CLOSED_EXECUTIONS | {"DELETING", "GONE"}
"""Statuses of an execution that nobody speaks for any more; one that AWS adds does not count as such."""

_CLOSED = frozenset({"CallbackTimeoutException", "ResourceNotFoundException", "404"})
"""A callback that was answered or expired: AWS says the first, a local engine one of the others."""
_UNKNOWN = "ResourceNotFoundException"
_STARTED_BEFORE = "DurableExecutionAlreadyStartedException"
_SERVER_ERROR = 500


class AwsCallError(Exception):
    """AWS did not do as asked: its error code, and the action it was about."""

    def __init__(self, code: str, action: str) -> None:
        super().__init__(f"{code} on {action}")
        self.code = code
        self.action = action


class Refused(AwsCallError):
    """AWS refused, or was never reached: nothing was done."""


class Unclear(AwsCallError):
    """The call was sent, and no clear answer came: it may have been carried out."""


class AlreadyAnswered(Exception):
    """The callback is closed: somebody was first, its time is over, or its execution has ended."""


class Executions:
    """Runs, as the bot may touch them. Safe to use from several threads."""

    def __init__(self, *, s3: Any, functions: Any, bucket: str, orchestrator_arn: str) -> None:
        self._s3 = s3
        self._functions = functions
        self._bucket = bucket
        self._orchestrator_arn = orchestrator_arn

    def start(self, name: str, request: Mapping[str, Any]) -> None:
        """Start a run. The same name with the same request starts nothing twice, however often it is delivered.

        Raises AwsCallError.
        """
        try:
            _told(
                "lambda:InvokeFunction",
                lambda: self._functions.invoke(
                    FunctionName=self._orchestrator_arn,
                    InvocationType="Event",
                    DurableExecutionName=name,
                    Payload=json.dumps(request).encode(),
                ),
            )
        except Refused as refusal:
            if refusal.code != _STARTED_BEFORE:
                raise

    def answer(self, callback_id: str, decision: Mapping[str, Any]) -> None:
        """Pass one decision on. Raises AlreadyAnswered, Refused or Unclear."""
        try:
            _told(
                "lambda:SendDurableExecutionCallbackSuccess",
                lambda: self._functions.send_durable_execution_callback_success(
                    CallbackId=callback_id, Result=json.dumps(decision).encode()
                ),
            )
        except Refused as refusal:
            if refusal.code in _CLOSED:
                raise AlreadyAnswered from refusal
            raise

    def status(self, execution_arn: str) -> str:
        """The execution's status in AWS's words; one that AWS no longer knows is `GONE`.

        Raises AwsCallError.
        """
        try:
            answer = _told(
                "lambda:GetDurableExecution",
                lambda: self._functions.get_durable_execution(DurableExecutionArn=execution_arn),
            )
        except Refused as refusal:
            if refusal.code == _UNKNOWN:
                return "GONE"
            raise
        if not isinstance(answer.get("Status"), str):
            raise Unclear("no answer", "lambda:GetDurableExecution")
        status: str = answer["Status"]
        return status

    def page(self, execution: str, page: int) -> Page:
        """One page of candidates. Raises AwsCallError or UnreadableRecord."""
        return self._read(page_key(checked_execution_id(execution), page), Page.from_dict)

    def run(self, execution: str) -> Run:
        """A run. Raises AwsCallError or UnreadableRecord."""
        return self._read(run_key(checked_execution_id(execution)), Run.from_dict)

    def held(self, execution: str) -> Held:
        """What *Why held?* answers. Raises AwsCallError or UnreadableRecord."""
        return self._read(held_key(checked_execution_id(execution)), Held.from_dict)

    def checkup(self, execution: str) -> Checkup:
        """The question that `doctor` asks. Raises AwsCallError or UnreadableRecord."""
        return self._read(checkup_key(checked_execution_id(execution)), Checkup.from_dict)

    def pause(self) -> Pause | UnreadablePause | None:
        """The pause as it is recorded, in force or over; None when nobody ever paused. Raises AwsCallError.

        It is listed before it is read: S3 says "access denied" of a missing object to who may list only some prefixes.
        """
        listed = _told(
            "s3:ListBucket",
            lambda: self._s3.list_objects_v2(Bucket=self._bucket, Prefix=PAUSE_KEY, MaxKeys=1),
        )
        if "KeyCount" not in listed and "Contents" not in listed:
            raise Unclear("no answer", "s3:ListBucket")
        if not any(entry["Key"] == PAUSE_KEY for entry in listed.get("Contents", [])):
            return None
        content = self._content(PAUSE_KEY)
        try:
            return read_pause(json.loads(content))
        except ValueError:
            return UnreadablePause("it is not JSON")

    def newest(self, most: int) -> list[str]:
        """The executions whose run was written to last, latest first. Raises AwsCallError."""
        return [key.split("/")[1] for _, key in sorted(self._run_keys(), reverse=True)[:most]]

    def _run_keys(self) -> list[tuple[datetime, str]]:
        found: list[tuple[datetime, str]] = []
        more: dict[str, str] = {}
        for _ in range(MOST_LISTINGS):
            listed = _told(
                "s3:ListBucket", partial(self._s3.list_objects_v2, Bucket=self._bucket, Prefix=PENDING, **more)
            )
            found += [
                (entry["LastModified"], entry["Key"])
                for entry in listed.get("Contents", [])
                if entry["Key"].endswith("/run.json")
            ]
            if not listed.get("IsTruncated"):
                break
            more = {"ContinuationToken": listed["NextContinuationToken"]}
        return found

    def _content(self, key: str) -> bytes:
        def whole() -> bytes:
            content: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            return content

        content: bytes = _told("s3:GetObject", whole)
        return content

    def _read(self, key: str, from_dict: Callable[[Any], R]) -> R:
        content = self._content(key)
        try:
            return from_dict(json.loads(content))
        except UnreadableRecord:
            raise
        except ValueError as error:
            raise UnreadableRecord(f"{key} is not JSON") from error


def _told(action: str, call: Callable[[], Any]) -> Any:
    """What AWS answered. Raises Refused or Unclear when it did not."""
    try:
        return call()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code") or "an unknown error")
        failed_inside = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR
        raise (Unclear if failed_inside else Refused)(code, action) from error
    except (HTTPClientError, IncompleteReadError, ResponseParserError) as error:
        raise Unclear("no answer", action) from error
    except BotoCoreError as error:  # raised before anything was sent
        raise Refused(type(error).__name__, action) from error
