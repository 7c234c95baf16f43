"""The local Slack in this process, for tests: on a loopback port, up in a few milliseconds, or without a socket."""

from __future__ import annotations

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from fakes.slack import in_process
from fakes.slack.faults import Call, Faults
from fakes.slack.rates import RateLimits
from fakes.slack.web_api import NoAnswer, WebApi
from fakes.slack.workspace import Workspace

HOW_OFTEN_TO_LOOK_FOR_THE_END = 0.01


class LocalSlack:
    """A context manager: inside it, `api_url` is what `slack_sdk.WebClient(base_url=…)` wants.

    `faults` lets calls go wrong, `calls` is every call that came, `web_api` is what answers. Not `on_a_port`, it hears
    what urllib sends, and no timeout ends a slow answer.
    """

    def __init__(self, workspace: Workspace, *, rates: RateLimits | None = None, on_a_port: bool = True) -> None:
        self.workspace = workspace
        self._on_a_port = on_a_port
        self.faults = Faults()
        self._closing = threading.Event()
        self.web_api = WebApi(workspace, faults=self.faults, rates=rates, sleep=self._closing.wait)
        self._server: _Server | None = None

    @property
    def api_url(self) -> str:
        """The Web API's base, with a slash at its end."""
        return f"{self.workspace.base_url}/api/"

    @property
    def calls(self) -> list[Call]:
        """Every call that came, in order."""
        return self.web_api.calls

    def calls_of(self, *methods: str) -> list[Call]:
        """The calls of these methods, in order."""
        return self.web_api.calls_of(*methods)

    def __enter__(self) -> Self:
        if not self._on_a_port:
            self.workspace.base_url = in_process.serve(self.web_api)
            return self
        self._server = _Server(self.web_api)
        self.workspace.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(HOW_OFTEN_TO_LOOK_FOR_THE_END,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        in_process.close(self.workspace.base_url)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, api: WebApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hung up before a slow answer is no error; anything else is one."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def server_bind(self) -> None:
        """Bind without looking the host's name up, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        self._serve("POST")

    def do_GET(self) -> None:
        self._serve("GET")

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        try:
            answer = self.server.api.answer(method, self.path, dict(self.headers.items()), body)
        except NoAnswer:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing: the calls are kept."""
