"""Keep a run's records: JSON and JSON lines by key, in S3 or in a local folder with the same face."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from botocore.exceptions import ClientError

from orchestrator.aws.errors import AWS_ERRORS, code_of, failure, is_gone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, GetObjectOutputTypeDef

GET_OBJECT = "s3:GetObject"
PUT_OBJECT = "s3:PutObject"
LIST_BUCKET = "s3:ListBucket"
ACTIONS = (GET_OBJECT, PUT_OBJECT, LIST_BUCKET, "s3:AbortMultipartUpload")

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
PART_BYTES = 5 * 1024 * 1024
"""How much of an upload is held in memory: the smallest part that S3 takes, but for the last."""

_LOST_THE_RACE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class Upload(Protocol):
    """What a stream of bytes is written to."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes and return how many."""
        ...


class Store(Protocol):
    """Records by key, such as `pending/<execution>/run.json`. What is put whole is seen whole or not at all."""

    def put_json(self, key: str, obj: Any) -> None:
        """Store an object, in place of any other."""
        ...

    def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """Store bytes, in place of any others."""
        ...

    def put_lines(self, key: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store rows as gzipped JSON lines, one after the other."""
        ...

    def put_json_if_absent(self, key: str, obj: Any) -> bool:
        """Store an object unless the key is taken; return whether it was stored."""
        ...

    def replace_json(self, key: str, obj: Any, etag: str) -> bool:
        """Store an object if the one there still is the one with `etag`; return whether it was stored."""
        ...

    def get_json(self, key: str) -> Any:
        """Return the object, or None when there is none."""
        ...

    def get_json_with_etag(self, key: str) -> tuple[Any, str] | None:
        """Return the object and its etag, or None when there is none."""
        ...

    def get_bytes(self, key: str, *, at_most: int) -> bytes | None:
        """Return the bytes, or None when there are none or more than `at_most`."""
        ...

    def read_lines(self, key: str) -> Iterator[dict[str, Any]]:
        """Yield the rows one after the other. Raises FileNotFoundError when there are none stored."""
        ...

    def stream_upload(self, key: str, content_type: str) -> AbstractContextManager[Upload]:
        """Open a key for writing; an error inside leaves no object behind."""
        ...

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with a prefix, in order."""
        ...


def _encoded(obj: Any) -> bytes:
    return json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode()


def _write_lines(upload: Upload, rows: Iterable[Mapping[str, Any]]) -> None:
    with gzip.GzipFile(fileobj=cast("IO[bytes]", upload), mode="wb", compresslevel=6, mtime=0, filename="") as lines:
        for row in rows:
            lines.write(_encoded(row) + b"\n")


def _lines_of(body: IO[bytes]) -> Iterator[dict[str, Any]]:
    with gzip.GzipFile(fileobj=body, mode="rb") as lines:
        for line in lines:
            yield json.loads(line)


@contextmanager
def _in_words(action: str) -> Iterator[None]:
    """Raise what AWS refuses as AwsError, in its words and naming the call."""
    try:
        yield
    except AWS_ERRORS as error:
        raise failure(error, action) from error


class S3Store:
    """Records in one bucket. Every method raises AwsError when S3 does not do what it is asked to."""

    def __init__(self, s3_client: S3Client, bucket: str, *, part_bytes: int = PART_BYTES) -> None:
        self._s3 = s3_client
        self._bucket = bucket
        self._part_bytes = part_bytes

    def put_json(self, key: str, obj: Any) -> None:
        """Store an object, in place of any other."""
        self.put_bytes(key, _encoded(obj), JSON)

    def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """Store bytes, in place of any others."""
        with _in_words(PUT_OBJECT):
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)

    def put_lines(self, key: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store rows as gzipped JSON lines, one after the other."""
        with self.stream_upload(key, JSON_LINES) as upload:
            _write_lines(upload, rows)

    def put_json_if_absent(self, key: str, obj: Any) -> bool:
        """Store an object unless the key is taken; return whether it was stored."""
        with _in_words(PUT_OBJECT):
            try:
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=_encoded(obj), ContentType=JSON, IfNoneMatch="*")
            except ClientError as error:
                if code_of(error) in _LOST_THE_RACE:
                    return False
                raise
        return True

    def replace_json(self, key: str, obj: Any, etag: str) -> bool:
        """Store an object if the one there still is the one with `etag`; return whether it was stored."""
        with _in_words(PUT_OBJECT):
            try:
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=_encoded(obj), ContentType=JSON, IfMatch=etag)
            except ClientError as error:
                if code_of(error) in _LOST_THE_RACE or is_gone(error):
                    return False
                raise
        return True

    def get_json(self, key: str) -> Any:
        """Return the object, or None when there is none."""
        found = self.get_json_with_etag(key)
        return None if found is None else found[0]

    def get_json_with_etag(self, key: str) -> tuple[Any, str] | None:
        """Return the object and its etag, or None when there is none."""
        with _in_words(GET_OBJECT):
            answer = self._get(key)
            return None if answer is None else (json.loads(answer["Body"].read()), answer["ETag"])

    def get_bytes(self, key: str, *, at_most: int) -> bytes | None:
        """Return the bytes, or None when there are none or more than `at_most`."""
        with _in_words(GET_OBJECT):
            answer = self._get(key)
            if answer is None:
                return None
            with closing(answer["Body"]) as body:  # entered itself, it would hand out a stream that checks no length
                return body.read() if answer["ContentLength"] <= at_most else None

    def read_lines(self, key: str) -> Iterator[dict[str, Any]]:
        """Yield the rows one after the other. Raises FileNotFoundError when there are none stored."""
        with _in_words(GET_OBJECT):
            answer = self._get(key)
            if answer is None:
                raise FileNotFoundError(key)
            with closing(answer["Body"]) as body:
                yield from _lines_of(cast("IO[bytes]", body))

    def _get(self, key: str) -> GetObjectOutputTypeDef | None:
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if is_gone(error):
                return None
            raise

    @contextmanager
    def stream_upload(self, key: str, content_type: str) -> Iterator[Upload]:
        """Open a key for writing in parts; a small body is put whole, and an error inside leaves no object behind."""
        upload = _PartedUpload(self._s3, self._bucket, key, content_type, self._part_bytes)
        try:
            yield upload
            upload.finish()
        except BaseException:
            upload.abort()
            raise

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with a prefix, in order."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with _in_words(LIST_BUCKET):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"]


class _PartedUpload:
    """One multipart upload, begun when the first part is full."""

    def __init__(self, s3_client: S3Client, bucket: str, key: str, content_type: str, part_bytes: int) -> None:
        self._s3 = s3_client
        self._bucket = bucket
        self._key = key
        self._content_type = content_type
        self._part_bytes = part_bytes
        self._pending = io.BytesIO()
        self._id: str | None = None
        self._parts: list[CompletedPartTypeDef] = []

    def write(self, data: bytes, /) -> int:
        """Take some bytes and return how many."""
        written = self._pending.write(data)
        if self._pending.tell() >= self._part_bytes:
            self._send()
        return written

    def finish(self) -> None:
        """Make the object appear."""
        if self._id is not None and self._pending.tell():
            self._send()
        with _in_words(PUT_OBJECT):
            if self._id is None:
                body = self._pending.getvalue()
                self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=body, ContentType=self._content_type)
                return
            self._s3.complete_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._id, MultipartUpload={"Parts": self._parts}
            )

    def abort(self) -> None:
        """Give the parts back; when even that fails, the bucket's lifecycle rule does."""
        if self._id is not None:
            with suppress(*AWS_ERRORS):
                self._s3.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._id)

    def _send(self) -> None:
        with _in_words(PUT_OBJECT):
            if self._id is None:
                begun = self._s3.create_multipart_upload(
                    Bucket=self._bucket, Key=self._key, ContentType=self._content_type
                )
                self._id = begun["UploadId"]
            number = len(self._parts) + 1
            sent = self._s3.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._id,
                PartNumber=number,
                Body=self._pending.getvalue(),
            )
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})
        self._pending = io.BytesIO()


class DirectoryStore:
    """Records in a local folder, for one process at a time."""

    def __init__(self, path: Path) -> None:
        self._root = path.resolve()
        self._lock = threading.Lock()

    def put_json(self, key: str, obj: Any) -> None:
        """Store an object, in place of any other."""
        self.put_bytes(key, _encoded(obj), JSON)

    def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """Store bytes, in place of any others."""
        with self.stream_upload(key, content_type) as upload:
            upload.write(data)

    def put_lines(self, key: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store rows as gzipped JSON lines, one after the other."""
        with self.stream_upload(key, JSON_LINES) as upload:
            _write_lines(upload, rows)

    def put_json_if_absent(self, key: str, obj: Any) -> bool:
        """Store an object unless the key is taken; return whether it was stored."""
        with self._lock:
            if self._path(key).exists():
                return False
            self.put_json(key, obj)
            return True

    def replace_json(self, key: str, obj: Any, etag: str) -> bool:
        """Store an object if the one there still is the one with `etag`; return whether it was stored."""
        with self._lock:
            found = self.get_json_with_etag(key)
            if found is None or found[1] != etag:
                return False
            self.put_json(key, obj)
            return True

    def get_json(self, key: str) -> Any:
        """Return the object, or None when there is none."""
        found = self.get_json_with_etag(key)
        return None if found is None else found[0]

    def get_json_with_etag(self, key: str) -> tuple[Any, str] | None:
        """Return the object and its etag, or None when there is none."""
        try:
            data = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        return json.loads(data), hashlib.sha256(data).hexdigest()

    def get_bytes(self, key: str, *, at_most: int) -> bytes | None:
        """Return the bytes, or None when there are none or more than `at_most`."""
        path = self._path(key)
        return path.read_bytes() if path.is_file() and path.stat().st_size <= at_most else None

    def read_lines(self, key: str) -> Iterator[dict[str, Any]]:
        """Yield the rows one after the other. Raises FileNotFoundError when there are none stored."""
        with self._path(key).open("rb") as body:
            yield from _lines_of(body)

    @contextmanager
    def stream_upload(self, key: str, content_type: str) -> Iterator[Upload]:  # noqa: ARG002 - a file keeps no type
        """Open a key for writing; an error inside leaves no file behind."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as upload:
            try:
                yield upload
                upload.close()
                Path(upload.name).replace(path)
            except BaseException:
                Path(upload.name).unlink()
                raise

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with a prefix, in order."""
        files = (path for path in self._root.rglob("*") if path.is_file() and not path.name.startswith("."))
        yield from sorted(
            key for key in (path.relative_to(self._root).as_posix() for path in files) if key.startswith(prefix)
        )

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.is_relative_to(self._root) or path == self._root:
            raise ValueError(f"the key {key!r} leads out of the folder")
        return path
