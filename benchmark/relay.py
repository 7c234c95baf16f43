"""Slack at its own pace: requests of the process that is measured, passed on after the time Slack takes."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from benchmark import latency
from benchmark.virtual_time import VirtualTime

NOT_PASSED_ON = frozenset({"host", "connection", "content-length"})


@contextmanager
def relayed(api_url: str, clock: VirtualTime) -> Iterator[str]:
    """The address under which a Web API answers as late as Slack's.

    The caller waits for its answer in real time; meanwhile its wait is slept here, for one caller at a time.
    """
    with _Relay(api_url, clock) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{urlsplit(api_url).path}"
        finally:
            server.shutdown()
            thread.join()


class _Relay(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api_url: str, clock: VirtualTime) -> None:
        self.slack = urlsplit(api_url).netloc
        self.clock = clock
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Relay

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        self.server.clock.sleep(latency.SLACK)
        connection = http.client.HTTPConnection(self.server.slack)
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _pass_on  # noqa: N815 - as the base class looks for them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""
