"""The account and the workspace that are measured against, on loopback ports of this process.

Whoever is measured runs in a process of its own, so that its memory and its time are its own.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fakes.aws import Cloud, Quotas, Wire
from fakes.aws.wire import Answer
from fakes.slack import LocalSlack, team

REGION = "us-west-2"
BUCKET = "reports"
NOW_HEADER = "X-Virtual-Seconds"
"""How much time has passed for the caller: the account's clock shows the same, and its quotas are kept by it."""

_CALLBACK = re.compile(r"/2025-12-01/durable-execution-callbacks/[^/]+/succeed")


@dataclass(frozen=True, slots=True)
class Account:
    """A served account with its workspace."""

    cloud: Cloud
    slack: LocalSlack
    endpoint: str


@contextmanager
def served(start: datetime, fill: Callable[[Cloud], object]) -> Iterator[Account]:
    """Serve an account with what `fill` puts into it."""
    passed = _Passed()
    cloud = Cloud(region=REGION, clock=lambda: start + timedelta(seconds=passed.seconds))
    cloud.quotas = Quotas()
    fill(cloud)
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud.calls.reset()
    with (
        LocalSlack(team.review_workspace()) as slack,
        _Server(Wire(cloud, durable=_accept_callbacks(cloud)), passed) as server,
    ):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Account(cloud, slack, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


class _Passed(threading.local):
    """How much time has passed for the caller that this thread answers."""

    seconds = 0.0


def _accept_callbacks(cloud: Cloud) -> Any:
    """Answer every callback, however often: the click is measured, not the referee."""

    def durable(method: str, path: str, _query: str, _headers: Mapping[str, str], _body: bytes) -> Answer | None:
        if method == "POST" and _CALLBACK.fullmatch(path):
            cloud.admit("SendDurableExecutionCallbackSuccess", "callbacks", {})
            return 200, {"Content-Type": "application/json"}, b"{}"
        return None

    return durable


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, wire: Wire, passed: _Passed) -> None:
        self.wire = wire
        self.passed = passed
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A process that ends with connections open is no error; anything else is one."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def server_bind(self) -> None:
        """Bind without looking the host's name up, which can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"  # S3's puts wait a second for a 100-continue that 1.0 does not know
    disable_nagle_algorithm = True
    wbufsize = -1

    def _answer(self) -> None:
        server = self.server
        server.passed.seconds = float(self.headers.get(NOW_HEADER, 0))
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = dict(self.headers.items())
        answer = server.wire.answer(self.command, path, query, headers, body)
        if answer is None:
            answer = server.wire.stored(self.command, f"http://{self.headers['Host']}{self.path}", headers, body)
        status, answered, content = answer
        self.send_response(status)
        for name, value in answered.items():
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name in answered}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815 - as the base class looks for them

    def handle_expect_100(self) -> bool:
        """Say at once that the body may come."""
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing: the calls are counted."""
