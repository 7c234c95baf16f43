"""An AWS as `make deploy` meets it: a stack that is as its last deployment left it, its secret and its schedule."""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from deployment.template import MADE_UP, Template, environment

SAM = """#!/bin/sh
echo "$@" >> told
if [ "$1" = build ]; then
  for bundle in Bot Orchestrator; do mkdir -p .aws-sam/build/$bundle; echo code > .aws-sam/build/$bundle/app.py; done
fi
if [ "$1" = package ]; then echo packaged > "$5"; fi
"""
"""A SAM CLI that only writes down what it is told."""

OUTPUTS = {"BotUrl": "https://bot.example/", "SlackSecretArn": "arn:of:the:secret"}
_MEMBER = "<member><OutputKey>{}</OutputKey><OutputValue>{}</OutputValue></member>"
STACK = f"""<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>
<Stacks><member><StackName>cleaner</StackName><CreationTime>2026-11-20T08:00:00Z</CreationTime>
<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>{"".join(_MEMBER.format(*it) for it in OUTPUTS.items())}</Outputs>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""

Engine = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]
"""Answers what is asked of durable executions: method, path, headers and body."""


class DeployedStack:
    """Answers for a stack as its last deployment left it, but for what did not arrive."""

    def __init__(self, project: Path, template: Template) -> None:
        self._project = project
        self._template = template
        self.did_not_arrive: dict[str, str] = {}
        self.secret: str | None = None
        """The value of Slack's secret; None while it has none."""
        self.engine: Engine | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answer", (_Answer,), {"stack": self}))
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def parameters(self) -> dict[str, str]:
        """Every parameter as it was deployed last."""
        values: dict[str, str] = json.loads((self._project / ".aws-sam/parameters.yaml").read_text())
        return values

    def variables(self, function: str) -> dict[str, str]:
        """The environment of a function's live alias."""
        deployed = environment(self._template, function, self.parameters).items()
        return {name: MADE_UP[name] if value is None else value for name, value in deployed} | self.did_not_arrive

    def told_to(self, operation: str, given: Mapping[str, str]) -> object:
        """Answer one call about the secret."""
        if operation == "PutSecretValue":
            assert given["SecretId"] == OUTPUTS["SlackSecretArn"]
            self.secret = given["SecretString"]
        return {"Name": "slack"} | ({} if self.secret is None else {"VersionIdsToStages": {"1": ["AWSCURRENT"]}})


class _Answer(BaseHTTPRequestHandler):
    stack: DeployedStack

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.startswith("/schedules/"):
            self._answer(json.dumps({"State": self.stack.parameters["WeeklyScheduleState"]}))
        elif "/durable-executions/" in url.path:
            self._of_the_engine(b"")
        else:
            function = url.path.split("/")[3].rpartition("-")[2].capitalize()
            assert url.query == "Qualifier=live"
            self._answer(json.dumps({"Environment": {"Variables": self.stack.variables(function)}}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
        if service == "secretsmanager":
            self._answer(json.dumps(self.stack.told_to(operation, json.loads(body))))
        elif self.path.endswith("/invocations"):
            self._of_the_engine(body)
        else:
            self._answer(STACK)

    def _of_the_engine(self, body: bytes) -> None:
        assert self.stack.engine is not None, f"{self.path} is asked for, and there is no engine"
        status, headers, answered = self.stack.engine(self.command, self.path, dict(self.headers), body)
        self._answer(answered.decode(), status, headers)

    def _answer(self, text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
