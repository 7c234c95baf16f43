"""Real boto3 clients whose requests are answered in process: serialising, signing, parsing, paging and retrying stay botocore's.

The request is taken at botocore's `before-send`, where a real one would leave the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.loaders import Loader, create_loader
from botocore.retries import standard

from demo.cloud.refusal import ConnectionDroppedError
from demo.cloud.wire import Wire

if TYPE_CHECKING:
    from demo.cloud.cloud import Cloud

_loader: Loader = create_loader()
"""Shared by all sessions: it caches the services' models, which are most of what a client costs."""

STORED = frozenset({"s3", "secrets-manager"})


def session(cloud: Cloud) -> boto3.Session:
    """Return a boto3 session, blind to the machine's own AWS settings, whose clients this cloud answers."""
    core = botocore.session.Session()
    core.register_component("data_loader", _loader)
    for setting in ("config_file", "credentials_file"):
        core.set_config_variable(setting, os.devnull)
    core.set_config_variable("ignore_configured_endpoint_urls", True)
    core.set_credentials("AKIALOCALLOCALLOCAL", "local")
    core.set_config_variable("region", cloud.region)
    wire = Wire(cloud)

    def send(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        return _answered(wire, event_name.split(".")[1], request)

    core.get_component("event_emitter").register("before-send", send)
    return boto3.Session(botocore_session=core)


def client(cloud: Cloud, service: str, **given: Any) -> Any:
    """Return a client of the cloud's session whose retries wait through the cloud's `sleep`."""
    made = cloud.session().client(service, **given)
    mode = made.meta.config.retries["mode"]
    if mode in {"standard", "adaptive"}:
        _wait_through(cloud, made)
    return made


def _wait_through(cloud: Cloud, made: Any) -> None:
    """Let botocore decide on retries as ever, and wait with the cloud's sleep instead of the machine's."""
    service = made.meta.service_model.service_id.hyphenize()
    name, unique = f"needs-retry.{service}", f"retry-config-{service}"
    made.meta.events.unregister(name, unique_id=unique)
    retries = standard.register_retry_handler(made, made.meta.config.retries.get("total_max_attempts"))
    made.meta.events.unregister(name, unique_id=unique)

    def decide(**event: Any) -> int | None:
        delay = retries.needs_retry(**event)
        if delay is None or delay is False:
            return delay
        cloud.sleep(delay)
        return 0

    made.meta.events.register(name, decide, unique_id=unique)


def _answered(wire: Wire, service: str, request: AWSPreparedRequest) -> AWSResponse:
    body = request.body
    raw = b"" if body is None else body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
    headers = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()}
    url = urlsplit(request.url)
    try:
        if service in STORED:
            answer = wire.stored(request.method, request.url, headers, raw)
        else:
            answer = wire.answer(request.method, url.path, url.query, headers, raw) or (
                501,
                {},
                f"The local account has no {service}: {request.method} {url.path}".encode(),
            )
    except ConnectionDroppedError as error:
        raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
    status, answered, content = answer
    return AWSResponse(request.url, status, answered, _Raw(content))


class _Raw(BytesIO):
    """What urllib3 would hand to botocore."""

    def stream(self, amount: int = 65_536, **_: Any) -> Iterator[bytes]:
        """Yield the body in pieces."""
        while piece := self.read(amount):
            yield piece
