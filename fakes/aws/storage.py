"""S3 and Secrets Manager, played by moto in process, each account on its own.

moto keeps its backends in module-wide tables; the account's own are put there for the length of one request, so that
two accounts in one process never meet and everything goes when the account goes. A moto server must not run beside it
in the same process.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from moto.core.request import Request
from moto.s3.models import FakeKey, s3_backends
from moto.s3.responses import S3Response
from moto.secretsmanager.models import secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse
from werkzeug.exceptions import HTTPException

from fakes.aws.refusal import RefusalError

Answer = tuple[int, dict[str, str], bytes]

_SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIALOCAL/20260101/us-east-1/s3/aws4_request, Signature=0"}

_CONDITIONS = frozenset({"if-match", "if-none-match"})
_PLAIN = frozenset(
    [
        "accept",
        "accept-encoding",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "user-agent",
        "x-amz-checksum-mode",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-security-token",
    ]
)
"""Headers of who gets or puts a whole object, and asks for nothing else."""

_NO_SUCH_KEY = RefusalError("NoSuchKey", "The specified key does not exist.", HTTPStatus.NOT_FOUND)

_moto = threading.RLock()
_TABLES: tuple[Any, ...] = (s3_backends, secretsmanager_backends)


class Storage:
    """The buckets and secrets of one account."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._own: dict[int, Any] = {}
        self._bucket_accounts: dict[str, tuple[str, str]] = {}

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer an S3 or Secrets Manager request; `url` with the host the client meant."""
        plain = self._plainly(method, url, {name.lower(): value for name, value in headers.items()}, body)
        if plain is not None:
            return plain
        given = {name: value for name, value in headers.items() if name.lower() != "x-moto-account-id"}
        request = Request.from_primitives(method, url, given | {"x-moto-account-id": self._account_id}, body)
        respond = SecretsManagerResponse.dispatch if "x-amz-target" in request.headers else _s3
        try:
            with self._backend():
                status, answered, content = respond(request, request.raw_url, request.headers)
        except HTTPException as error:
            status, answered, content = error.code or 500, dict(error.get_headers()), error.get_body()
        raw = content if isinstance(content, bytes) else str(content).encode()
        return int(status), {str(name): str(value) for name, value in answered.items()}, raw

    def _plainly(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """Get or put a whole object: asked for most, and not worth what moto does for it. To refuse is left to moto."""
        takes = {"GET": _PLAIN, "PUT": _PLAIN | _CONDITIONS}
        if "?" in url or not takes.get(method, frozenset()).issuperset(headers):
            return None
        bucket, key = _bucket_and_key(url)
        with self._backend() as backend:
            if not key or bucket not in backend.buckets:
                return None
            found = backend.buckets[bucket].keys.get(key)
            if method == "GET" and found is None:
                return storage_error(_NO_SUCH_KEY, xml=True)
            if method == "GET":
                return _told(found, found.value) if isinstance(found, FakeKey) else None
            if not _may_be_put(found, headers):
                return None
            new = backend.put_object(bucket, key, body)
            new.set_metadata({"Content-Type": headers["content-type"]} if "content-type" in headers else {})
            return _told(new, b"")

    def read(self, bucket: str, key: str) -> bytes | None:
        """Return an object's content, None where there is none; no call is counted."""
        status, _, content = self.answer("GET", _path(bucket, key), _SIGNED, b"")
        return content if status == HTTPStatus.OK else None

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the names of a bucket's objects, in S3's order; no call is counted."""
        with self._backend() as backend:
            return sorted(name for name in backend.buckets[bucket].keys if name.startswith(prefix))

    def make_bucket(self, bucket: str) -> None:
        """Create a bucket where there is none of that name; no call is counted."""
        with self._backend() as backend:
            if bucket not in backend.buckets:
                backend.create_bucket(bucket, "us-east-1")

    def write(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object, and its bucket where that is missing; no call is counted."""
        self.make_bucket(bucket)
        self.answer("PUT", _path(bucket, key), _SIGNED, content)

    @contextmanager
    def _backend(self) -> Iterator[Any]:
        """Put the account's own buckets and secrets where moto looks for them, and take them away afterwards."""
        with _moto:
            for index, table in enumerate(_TABLES):
                if index in self._own:
                    table[self._account_id] = self._own[index]
                else:
                    table.pop(self._account_id, None)
                    self._own[index] = table[self._account_id]
            shared_names, s3_backends.bucket_accounts = s3_backends.bucket_accounts, self._bucket_accounts
            try:
                yield s3_backends[self._account_id]["aws"]
            finally:
                s3_backends.bucket_accounts = shared_names
                for table in _TABLES:
                    table.pop(self._account_id, None)


def operation_of(method: str, url: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Name an S3 or Secrets Manager request as AWS does, with the bucket and key it is about."""
    lowered = {name.lower(): value for name, value in headers.items()}
    if "x-amz-target" in lowered:
        return _text(lowered["x-amz-target"]).partition(".")[2], {}
    bucket, key = _bucket_and_key(url)
    asked = parse_qs(urlsplit(url).query, keep_blank_values=True)
    if not key:
        names = {"GET": "ListObjectsV2" if "list-type" in asked else "GetBucket", "PUT": "CreateBucket"}
        names |= {"HEAD": "HeadBucket", "DELETE": "DeleteBucket", "POST": "DeleteObjects"}
        return (names[method] if bucket else "ListBuckets"), {"Bucket": bucket}
    if method == "PUT" and "x-amz-copy-source" in lowered:
        name = "CopyObject"
    elif "uploads" in asked:
        name = "CreateMultipartUpload"
    elif "uploadId" in asked:
        name = {
            "PUT": "UploadPart",
            "POST": "CompleteMultipartUpload",
            "DELETE": "AbortMultipartUpload",
            "GET": "ListParts",
        }[method]
    else:
        name = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[method]
    return name, {"Bucket": bucket, "Key": key}


def storage_error(refusal: RefusalError, *, xml: bool) -> Answer:
    """Write an error as S3 does, or as Secrets Manager does."""
    if xml:
        text = f"<Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error>"
        return refusal.status, {"Content-Type": "application/xml"}, text.encode()
    said = json.dumps({"__type": refusal.code, "message": refusal.message})
    return refusal.status, {"Content-Type": "application/x-amz-json-1.1"}, said.encode()


def _bucket_and_key(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    host = parts.hostname or ""
    if host.endswith(".amazonaws.com") and not host.startswith("s3."):
        return host.split(".s3.")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key


def _may_be_put(found: Any, headers: Mapping[str, str]) -> bool:
    if "if-none-match" in headers and found is not None:
        return False
    return "if-match" not in headers or (isinstance(found, FakeKey) and headers["if-match"] == found.etag)


def _told(stored: FakeKey, content: bytes) -> Answer:
    check = f"x-amz-checksum-{stored.checksum_algorithm}".lower()
    checked = {check: stored.checksum_value} if stored.checksum_value else {}
    return (
        HTTPStatus.OK,
        {**stored.response_dict, **stored.metadata, **checked, "content-length": str(len(content))},
        content,
    )


def _path(*parts: str) -> str:
    return "/".join(["http://localhost", *(quote(part) for part in parts)])


def _s3(request: Request, url: str, headers: Any) -> Any:
    _, key = _bucket_and_key(url)
    respond = S3Response.key_dispatch if key else S3Response.bucket_dispatch
    return respond(request, url, headers)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
