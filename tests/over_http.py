"""A cloud behind a real port: the smallest server that can stand in front of one."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fakes.aws import Cloud, ConnectionDroppedError, Wire


@contextmanager
def over_http(cloud: Cloud) -> Iterator[str]:
    """The address at which a cloud answers."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.wire = Wire(cloud)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    wire: Wire

    def handle_error(self, request: object, client_address: object) -> None:
        """A process that ends with connections open is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"  # S3's puts wait a second for a 100-continue that 1.0 does not know

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers, wire = dict(self.headers), self.server.wire
        try:
            answer = wire.answer(self.command, path, query, headers, body)
            answer = answer or wire.stored(self.command, f"http://{self.headers['Host']}{self.path}", headers, body)
        except ConnectionDroppedError:
            self.close_connection = True
            return
        self.send_response(answer[0])
        for name, value in answer[1].items():
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name in answer[1]}:
            self.send_header("Content-Length", str(len(answer[2])))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer[2])

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""
