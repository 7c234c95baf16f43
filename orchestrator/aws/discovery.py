"""Which versions exist? Listed page by page; the environment variables that rows carry never get past here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestrator.aws.errors import AWS_ERRORS, failure, is_gone
from orchestrator.domain.versions import Version

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LIST_FUNCTIONS = "lambda:ListFunctions"
LIST_VERSIONS = "lambda:ListVersionsByFunction"
ACTIONS = (LIST_FUNCTIONS, LIST_VERSIONS)

PAGE_SIZE = 50
"""AWS returns no more rows a page, whatever is asked for."""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a region's versions."""

    versions: tuple[Version, ...]
    """Published with SnapStart."""
    others: tuple[tuple[str, int], ...]
    """Published without SnapStart: function and version number."""
    listed: int
    """How many published versions the page holds, of functions under the prefix."""
    next_marker: str | None
    """Where to go on; None on the last page."""


def list_versions(
    lambda_client: LambdaClient, marker: str | None = None, *, prefix: str | None = None
) -> Iterator[ListingPage]:
    """Yield the published versions of a region, from `marker` on, of functions whose name starts with `prefix`.

    Raises CallFailed or CredentialsError when a page cannot be read: nothing stands in for a listing.
    """
    while True:
        position = {"Marker": marker} if marker else {}
        try:
            answer = lambda_client.list_functions(FunctionVersion="ALL", MaxItems=PAGE_SIZE, **position)
        except AWS_ERRORS as error:
            raise failure(error, LIST_FUNCTIONS) from error
        marker = answer.get("NextMarker") or None
        rows = [row for row in answer["Functions"] if row["FunctionName"].startswith(prefix or "")]
        versions, others = _published(rows)
        yield ListingPage(versions, others, len(versions) + len(others), marker)
        if marker is None:
            return


def list_function(
    lambda_client: LambdaClient, function_name: str
) -> tuple[tuple[Version, ...], tuple[int, ...]] | None:
    """Return a function's SnapStart versions and the numbers of its other published ones, or None when it is gone.

    Raises CallFailed or CredentialsError when they cannot be read.
    """
    try:
        pages = lambda_client.get_paginator("list_versions_by_function").paginate(FunctionName=function_name)
        versions, others = _published(row for page in pages for row in page["Versions"])
    except AWS_ERRORS as error:
        if is_gone(error):
            return None
        raise failure(error, LIST_VERSIONS) from error
    return versions, tuple(number for _, number in others)


def _published(rows: Iterable[Mapping[str, Any]]) -> tuple[tuple[Version, ...], tuple[tuple[str, int], ...]]:
    """Keep what bears a version number: `$LATEST` and its like are not published."""
    versions: list[Version] = []
    others: list[tuple[str, int]] = []
    for row in rows:
        if not (row["Version"].isascii() and row["Version"].isdigit()):
            continue
        if row.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
            versions.append(_version(row))
        else:
            others.append((row["FunctionName"], int(row["Version"])))
    return tuple(versions), tuple(others)


def _version(row: Mapping[str, Any]) -> Version:
    architectures = row.get("Architectures") or ["x86_64"]
    return Version(
        function_name=row["FunctionName"],
        number=int(row["Version"]),
        arn=row["FunctionArn"],
        runtime=row.get("Runtime"),
        architecture=architectures[0],
        memory_mb=row["MemorySize"],
        package_type=row.get("PackageType", "Zip"),
        last_modified=_moment(row.get("LastModified")),
        optimization_status=row["SnapStart"].get("OptimizationStatus"),
        durable="DurableConfig" in row,
        description=row.get("Description") or "",
        code_sha256=row.get("CodeSha256") or "",
    )


def _moment(text: str | None) -> datetime | None:
    """Read `2026-11-20T09:30:00.000+0000`; None for what is no moment in time."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
