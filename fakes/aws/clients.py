"""Real boto3 clients whose requests are answered in process.

Serialising, parsing, paging and retrying stay botocore's; a request only names who signs it, and is taken at
`before-send`, where a real one would leave the machine.
"""

from __future__ import annotations

import copy
import functools
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from botocore.loaders import Loader, create_loader
from botocore.retries import standard
from botocore.utils import parse_timestamp

from fakes.aws.refusal import ConnectionDroppedError
from fakes.aws.wire import Wire

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

_loader: Loader = create_loader()
"""Shared by all sessions: it caches the services' models, which are most of what a client costs."""

STORED = frozenset({"s3", "secrets-manager"})

_IN_PROCESS = Config(user_agent="local", request_checksum_calculation="when_required")
"""Leaves out what costs much and tells nobody anything where no network is crossed."""


class LocalSession(boto3.Session):
    """A boto3 session whose clients one cloud answers."""

    def __init__(self, cloud: Cloud) -> None:
        # A session costs more than a client, and clients do not change the one they come from: all share its state.
        vars(self).update(vars(_shared()))
        self._cloud = cloud

    @property
    def region_name(self) -> str:
        """The cloud's region."""
        return self._cloud.region

    def client(self, service_name: str, *args: Any, **given: Any) -> Any:
        """Return a client the cloud answers; takes what `boto3.Session.client` takes."""
        if args:
            given["region_name"] = args[0]
        return client(self._cloud, service_name, **given)


def client(cloud: Cloud, service: str, **given: Any) -> Any:
    """Return a client this cloud answers, by default in its region; its retries wait through the cloud's `sleep`.

    What adaptive retries add to the standard ones is left out: a pace of the client's own, kept in real seconds.
    """
    config: Any = (given.pop("config", None) or Config()).merge(_IN_PROCESS)
    retries = dict(config.retries or {})
    adaptive = retries.get("mode") == "adaptive"
    if adaptive:
        config = config.merge(Config(retries=cast(Any, {**retries, "mode": "standard"})))
    with _one_at_a_time:
        made = _made(service, {"region_name": cloud.region, **given}, config)
    made.meta.events.register("before-send", _door(cloud))
    if made.meta.config.retries["mode"] == "standard":
        _wait_through(cloud, made)
    if adaptive:
        made.meta.config.retries["mode"] = "adaptive"
    return made


_one_at_a_time = threading.Lock()
_OWN_KEY = "AKIALOCALLOCALLOCAL"
_CREDENTIALS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_first: dict[str, Any] = {}
"""The first client of its kind, by all that it was made with."""


def _made(service: str, given: dict[str, Any], config: Config) -> Any:
    """Return a client with handlers of its own. One that differs in nothing from an earlier one is made after it."""
    access_key_id, _, _ = (given.pop(name, None) for name in _CREDENTIALS)
    made_with = repr((service, sorted(given.items()), sorted(vars(config).items())))
    if made_with not in _first:
        _first[made_with] = _slimmed(cast(Any, _shared()).client(service, **given, config=config))
    made = _like(_first[made_with])
    _name_signer(made, access_key_id or _OWN_KEY)
    return made


def _slimmed(made: Any) -> Any:
    """Drop what botocore registers for other services and for writing documentation: every copy would copy it."""
    service = made.meta.service_model.service_id.hyphenize()
    events = made.meta.events._emitter._handlers._root["children"]  # noqa: SLF001
    events.pop("docs", None)
    for event in events.values():
        event["children"] = {name: node for name, node in event["children"].items() if name in {service, "*"}}
    _find_each_endpoint_once(made._ruleset_resolver)  # noqa: SLF001
    return made


def _find_each_endpoint_once(resolver: Any) -> None:
    """Let a client follow the rules for where a call goes once for each operation and bucket."""
    follow, found = resolver.construct_endpoint, {}

    def endpoint(operation_model: Any, call_args: dict[str, Any], request_context: dict[str, Any]) -> Any:
        asked = (operation_model.name, (call_args or {}).get("Bucket"))
        if asked not in found:
            found[asked] = follow(operation_model, call_args, request_context)
        return found[asked]

    resolver.construct_endpoint = endpoint


def _like(first: Any) -> Any:
    """Return a client that shares with another whatever it only reads: ten are made so in the time of a new one."""
    made = object.__new__(type(first))
    vars(made).update(vars(first), _cache={})
    config = copy.copy(first.meta.config)
    config.retries = dict(config.retries)
    events = copy.copy(first.meta.events)
    events._alias_name_cache = first.meta.events._alias_name_cache  # noqa: SLF001
    made.meta = copy.copy(first.meta)
    made.meta.events = events
    made._client_config = made.meta._client_config = config  # noqa: SLF001 - botocore copies no clients
    made._endpoint = copy.copy(first._endpoint)  # noqa: SLF001
    made._endpoint._event_emitter = events  # noqa: SLF001
    return made


def _name_signer(made: Any, access_key_id: str) -> None:
    """Let a client say who sends a request, and for which region, without proving it."""
    event = f"request-created.{made.meta.service_model.service_id.hyphenize()}"

    def sign(request: AWSRequest, **_: Any) -> None:
        region = cast(Any, request.context).get("signing", {}).get("region", made.meta.region_name)
        scope = f"{access_key_id}/20260101/{region}/{made.meta.service_model.signing_name}/aws4_request"
        request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"

    made.meta.events.unregister(event, made._request_signer.handler)  # noqa: SLF001
    made.meta.events.register(event, sign)


@functools.cache
def _shared() -> boto3.Session:
    return boto3.Session(botocore_session=_core())


def _core() -> botocore.session.Session:
    """Return a session that is blind to the machine's own AWS settings."""
    core = botocore.session.Session()
    core.register_component("data_loader", _loader)
    for setting in ("config_file", "credentials_file"):
        core.set_config_variable(setting, os.devnull)
    core.set_config_variable("ignore_configured_endpoint_urls", "true")
    core.set_credentials(_OWN_KEY, "local")
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    return core


def _time(told: Any) -> datetime:
    """Read a time of an answer as botocore does, which tries every way that time was ever written in."""
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, UTC)
    return parsedate_to_datetime(told) if told.endswith("GMT") else parse_timestamp(told)


def _door(cloud: Cloud) -> Callable[..., AWSResponse]:
    wire = Wire(cloud)

    def send(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        return _answered(wire, event_name.split(".")[1], request)

    return send


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
    url = urlsplit(request.url)
    headers = {name: _text(value) for name, value in request.headers.items()}
    body = _content(request.body)
    try:
        if service in STORED:
            answer = wire.stored(request.method, request.url, headers, body)
        else:
            answer = wire.answer(request.method, url.path, url.query, headers, body) or _missing(service, url.path)
    except ConnectionDroppedError as error:
        raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
    status, answered, content = answer
    return AWSResponse(request.url, status, cast(Any, answered), _Raw(content))


def _missing(service: str, path: str) -> tuple[int, dict[str, str], bytes]:
    return 501, {}, f"The local account has no {service} {path}".encode()


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _content(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else bytes(body.read())


class _Raw(BytesIO):
    """What urllib3 would hand to botocore."""

    def stream(self, amount: int = 65_536, **_: Any) -> Iterator[bytes]:
        """Yield the body in pieces."""
        while piece := self.read(amount):
            yield piece
