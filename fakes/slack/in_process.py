"""The local Slack without a socket: what urllib sends it is answered in the thread that sends it."""

from __future__ import annotations

import itertools
import urllib.request
from email.message import Message
from http import HTTPStatus
from http.client import RemoteDisconnected
from io import BytesIO
from typing import Any
from urllib.response import addinfourl

from fakes.slack.web_api import NoAnswer, WebApi


class _Carrier(urllib.request.HTTPHandler):
    def __init__(self) -> None:
        super().__init__()
        self.served: dict[str, WebApi] = {}
        """What answers, by its host's name."""
        self.numbers = itertools.count(1)

    def http_open(self, request: urllib.request.Request) -> Any:
        api = self.served.get(request.host)
        if api is None:
            return super().http_open(request)
        body = request.data if isinstance(request.data, bytes) else b""
        try:
            answer = api.answer(request.get_method(), request.selector, dict(request.header_items()), body)
        except NoAnswer:
            raise RemoteDisconnected("Remote end closed connection without response") from None
        headers = Message()
        for name, value in answer.headers.items():
            headers[name] = value
        response: Any = addinfourl(BytesIO(answer.body), headers, request.full_url, answer.status)
        response.msg = HTTPStatus(answer.status).phrase
        return response


_carrier = _Carrier()


def serve(api: WebApi) -> str:
    """Answer what urllib sends to an address of its own, which is returned."""
    urllib.request.install_opener(urllib.request.build_opener(_carrier))
    host = f"slack-{next(_carrier.numbers)}.invalid"
    _carrier.served[host] = api
    return f"http://{host}"


def close(base_url: str) -> None:
    """Answer nothing more there."""
    _carrier.served.pop(base_url.removeprefix("http://"), None)
