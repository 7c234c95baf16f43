"""All of AWS at one address: the account's own calls, the durable engine's, invocations, S3 and Secrets Manager."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote

from fakes.aws import Cloud, Wire
from fakes.aws.wire import Answer
from fakes.engine import Engine, NameTaken
from fakes.sandboxes import HandlerFailed, SandboxDied, Sandboxes

EXECUTION_TIMEOUT_SECONDS = 604_800

_INVOCATION = re.compile(r"^/2015-03-31/functions/(?P<function>[^/]+)/invocations$")
_OF_THE_ENGINE = re.compile(r"^/2025-12-01/durable-")
_JSON = {"Content-Type": "application/json"}


class Endpoint:
    """Answers whatever an AWS client asks. `orchestrator` is the one function that can be invoked here, by `name`.

    `watcher` is told whenever an execution has moved on.
    """

    def __init__(
        self, cloud: Cloud, engine: Engine, orchestrator: Sandboxes, name: str, *, watcher: Callable[[], None]
    ) -> None:
        self._watcher = watcher
        self._engine = engine
        self._orchestrator = orchestrator
        self._name = name
        self._wire = Wire(cloud, durable=self._durable)

    def answer(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request; `path` percent-encoded as sent. Raises ConnectionDroppedError where a fault says so."""
        answered = self._wire.answer(method, path, query, headers, body)
        if answered is not None:
            return answered
        url = f"http://localhost{path}?{query}" if query else f"http://localhost{path}"
        return self._wire.stored(method, url, headers, body)

    def _durable(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        if _OF_THE_ENGINE.match(path):
            return self._engine.answer(method, path, query, headers, body)
        invoked = _INVOCATION.match(path)
        if invoked is None:
            return None
        function, _, qualifier = unquote(invoked["function"]).rpartition(":function:")[2].partition(":")
        if function != self._name:
            return _refused(404, "ResourceNotFoundException", f"Function not found: {function}")
        lowered = {name.lower(): value for name, value in headers.items()}
        if "x-dex-handler-invoke" in lowered:
            return self._handled(body)
        qualifier = qualifier or parse_qs(query).get("Qualifier", ["$LATEST"])[0]
        return self._started(qualifier, lowered.get("x-amz-durable-execution-name") or str(uuid.uuid4()), body)

    def _handled(self, event: bytes) -> Answer:
        """Run the handler, and answer as Lambda does, also when it raised or its process died."""
        self._watcher()
        try:
            value = self._orchestrator.invoke(json.loads(event))
        except HandlerFailed as failure:
            return 200, {**_JSON, "X-Amz-Function-Error": "Unhandled"}, str(failure).encode()
        except SandboxDied:
            died = {"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited with error: signal: killed"}
            return 200, {**_JSON, "X-Amz-Function-Error": "Unhandled"}, json.dumps(died).encode()
        finally:
            self._watcher()
        return 200, _JSON, json.dumps(value).encode()

    def _started(self, qualifier: str, name: str, event: bytes) -> Answer:
        try:
            arn = self._engine.start_execution(
                self._name, qualifier, name, event or b"{}", timeout_seconds=EXECUTION_TIMEOUT_SECONDS
            )
        except NameTaken:
            return _refused(409, "DurableExecutionAlreadyStartedException", f"{name} was started with another event")
        return 202, {**_JSON, "X-Amz-Durable-Execution-Arn": arn}, b""


def _refused(status: int, code: str, words: str) -> Answer:
    body = json.dumps({"Type": "User", "Message": words, "message": words}).encode()
    return status, {**_JSON, "x-amzn-ErrorType": code}, body
