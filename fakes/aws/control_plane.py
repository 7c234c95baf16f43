"""Lambda's control plane, with the rules that hurt: pages of 50, no State in listings, deletes that succeed on nothing.

Every operation takes its parameters under AWS's own names and returns what AWS would put in the body.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

from fakes.aws.account import LATEST, SECRET_VALUE, Build, EventSource, Execution, Function, Version
from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

Parameters = dict[str, Any]
Body = dict[str, Any] | None

PAGE = 50
EVENT_SOURCE_PAGE = 100
EXECUTION_PAGE = 100

_QUALIFIED = re.compile(
    r"^(?:(?:arn:[^:]+:lambda:(?P<region>[^:]+):)?(?P<account>\d{12}):function:)?"
    r"(?P<name>[a-zA-Z0-9_-]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9_-]+))?$"
)


def list_functions(cloud: Cloud, given: Parameters) -> Body:
    """Functions, or with `FunctionVersion=ALL` `$LATEST` and every published version of each, 50 a page."""
    with_versions = given.get("FunctionVersion") == "ALL"
    size = _page_size(given, PAGE)
    names = cloud.names
    name, number = _marker(given) or ("", -1)
    if not with_versions:
        start = bisect_right(names, name)
        chosen = names[start : start + size]
        rows = [configuration(cloud.functions[each], None, qualified=False) for each in chosen]
        return _page("Functions", rows, [chosen[-1], 0] if start + size < len(names) else None)
    picked: list[tuple[Function, int]] = []
    for each in names[bisect_left(names, name) :]:
        function = cloud.functions[each]
        numbers = [0, *function.numbers]
        rest = numbers[bisect_right(numbers, number) if each == name else 0 :]
        picked.extend((function, one) for one in rest[: size + 1 - len(picked)])
        if len(picked) > size:
            break
    more = len(picked) > size
    picked = picked[:size]
    rows = [configuration(function, function.versions[n] if n else None) for function, n in picked]
    return _page("Functions", rows, [picked[-1][0].name, picked[-1][1]] if more else None)


def list_versions_by_function(cloud: Cloud, given: Parameters) -> Body:
    """`$LATEST` and every published version of one function, 50 a page."""
    function, _ = named_function(cloud, given)
    numbers = [0, *function.numbers]
    (after,) = _marker(given) or (-1,)
    rest = numbers[bisect_right(numbers, after) :]
    chosen = rest[: _page_size(given, PAGE)]
    rows = [configuration(function, function.versions[n] if n else None) for n in chosen]
    return _page("Versions", rows, [chosen[-1]] if len(rest) > len(chosen) else None)


def publish_version(cloud: Cloud, given: Parameters) -> Body:
    """Publish `$LATEST` under the next number, described as the caller says."""
    function, _ = named_function(cloud, given)
    said = {"Description": given["Description"]} if given.get("Description") else {}
    function.publish(overrides={**(function.build.overrides or {}), **said} or None)
    return configuration(function, function.versions[function.numbers[-1]], with_state=True)


def get_function(cloud: Cloud, given: Parameters) -> Body:
    """Return configuration with State, a presigned link to the code, and the function's tags."""
    function, qualifier = named_function(cloud, given)
    row = resolved(function, qualifier)
    if row["PackageType"] == "Image":
        image = f"{cloud.account_id}.dkr.ecr.{cloud.region}.amazonaws.com/{function.name}"
        code = {"RepositoryType": "ECR", "ImageUri": f"{image}:live", "ResolvedImageUri": f"{image}@sha256:{'0' * 64}"}
    else:
        bucket = f"https://awslambda-{cloud.region}-tasks.s3.{cloud.region}.amazonaws.com"
        path = f"snapshots/{cloud.account_id}/{function.name}-{row['RevisionId']}"
        code = {
            "RepositoryType": "S3",
            "Location": f"{bucket}/{path}?X-Amz-Expires=600&X-Amz-Signature={'5ec2e7' * 10}",
        }
    body: dict[str, Any] = {"Configuration": row, "Code": code}
    if function.tags:
        body["Tags"] = dict(function.tags)
    return body


def get_function_configuration(cloud: Cloud, given: Parameters) -> Body:
    """Configuration with State and without the code link; draws on the shared quota."""
    return resolved(*named_function(cloud, given))


def get_policy(cloud: Cloud, given: Parameters) -> Body:
    """Return the resource policy of exactly this qualifier."""
    function, qualifier = named_function(cloud, given)
    if qualifier:
        resolved(function, qualifier)
    document = function.policies.get(qualifier or "")
    if document is None:
        raise not_found("The resource you requested does not exist.")
    return {"Policy": document, "RevisionId": revision(function.arn, document)}


def list_event_source_mappings(cloud: Cloud, given: Parameters) -> Body:
    """All event source mappings of the account and region, 100 a page."""
    mappings: Sequence[EventSource] = cloud.event_sources
    if "FunctionName" in given:
        name, qualifier = parsed_name(cloud, given["FunctionName"])
        arn = cloud.function_arn(name) + (f":{qualifier}" if qualifier else "")
        mappings = [mapping for mapping in mappings if mapping.function_arn == arn]
    if "EventSourceArn" in given:
        mappings = [mapping for mapping in mappings if mapping.event_source_arn == given["EventSourceArn"]]
    return paged("EventSourceMappings", mappings, given, EVENT_SOURCE_PAGE, _event_source)


def list_tags(cloud: Cloud, given: Parameters) -> Body:
    """Return a function's tags, by its unqualified ARN."""
    name, qualifier = parsed_name(cloud, given["Resource"])
    if qualifier:
        message = "Tags on function aliases and versions are not supported. Please specify a function ARN."
        raise RefusalError("InvalidParameterValueException", message)
    function, _ = named_function(cloud, {"FunctionName": name})
    return {"Tags": dict(function.tags)}


def list_durable_executions_by_function(cloud: Cloud, given: Parameters) -> Body:
    """Return durable executions of a function, of one version where a qualifier is given, by status where asked."""
    function, qualifier = named_function(cloud, given)
    if qualifier in function.aliases:
        qualifier = str(function.aliases[qualifier].version)
    statuses = given.get("Statuses") or []
    found = [
        execution
        for execution in function.executions
        if qualifier in {None, execution.version}
        and (not statuses or execution.status in statuses)
        and given.get("DurableExecutionName") in {None, execution.name}
    ]
    limit = int(given.get("MaxItems") or EXECUTION_PAGE)
    return paged("DurableExecutions", found, {**given, "MaxItems": limit}, 1000, lambda one: _execution(function, one))


def delete_function(cloud: Cloud, given: Parameters) -> Body:
    """Delete one version; without a qualifier, the whole function.

    A version that is absent is deleted successfully. One behind an alias, an alias name, `$LATEST` and a replica are
    refused.
    """
    function, qualifier = named_function(cloud, given)
    if not qualifier:
        cloud.remove_function(function.name)
        return None
    if qualifier == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if not qualifier.isdigit():
        raise invalid("Deletion of aliases is not currently supported.")
    number = int(qualifier)
    version = function.versions.get(number)
    if version is None:
        return None
    aliases = [alias.name for alias in function.aliases.values() if alias.refers_to(number)]
    if aliases:
        message = f"Unable to delete version because the following aliases reference it: [{', '.join(sorted(aliases))}]"
        raise RefusalError("ResourceConflictException", message, 409)
    if version.replicated:
        message = (
            f"Lambda was unable to delete {function.arn}:{number} because it is a replicated function. "
            "Please see our documentation for Deleting Lambda@Edge Functions and Replicas."
        )
        raise invalid(message)
    function.remove(number)
    cloud.deletions.append((function.name, str(number)))
    return None


def named_function(cloud: Cloud, given: Parameters) -> tuple[Function, str | None]:
    """Find the function a request names and the qualifier it means, from either place it may stand in."""
    name, derived = parsed_name(cloud, given["FunctionName"])
    qualifier = given.get("Qualifier") or None
    if derived and qualifier and derived != qualifier:
        raise invalid("The derived qualifier from the function name does not match the specified qualifier.")
    qualifier = qualifier or derived
    function = cloud.functions.get(name)
    if function is None:
        suffix = f":{qualifier}" if qualifier else ""
        raise not_found(f"Function not found: {cloud.function_arn(name)}{suffix}")
    return function, qualifier


def parsed_name(cloud: Cloud, text: str) -> tuple[str, str | None]:
    """Split a function's name or ARN, qualified or not, into the name and the qualifier."""
    match = _QUALIFIED.match(text)
    if match is None:
        raise invalid(f"Value '{text}' at 'functionName' failed to satisfy constraint: not a function name or ARN")
    if match["region"] not in {None, cloud.region} or match["account"] not in {None, cloud.account_id}:
        raise not_found(f"Functions from '{match['region']}' are not reachable in this region ('{cloud.region}')")
    return match["name"], match["qualifier"]


def resolved(function: Function, qualifier: str | None) -> dict[str, Any]:
    """Return the configuration a qualifier means, State included."""
    if qualifier in {None, LATEST}:
        return configuration(function, None, qualified=qualifier is not None, with_state=True)
    alias = function.aliases.get(qualifier or "")
    number = alias.version if alias else int(qualifier) if str(qualifier).isdigit() else 0
    version = function.versions.get(number)
    if version is None:
        raise not_found(f"Function not found: {function.arn}:{qualifier}")
    return configuration(function, version, with_state=True)


def configuration(
    function: Function, version: Version | None, *, qualified: bool = True, with_state: bool = False
) -> dict[str, Any]:
    """Write a version, or `$LATEST` for None, as Lambda shows it; State only where it is asked for by name."""
    build: Build = function.build if version is None else version.build
    label = LATEST if version is None else str(version.number)
    row: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": f"{function.arn}:{label}" if qualified else function.arn,
        "Role": f"arn:aws:iam::{function.arn.split(':')[4]}:role/{function.name}",
        "CodeSize": 1_048_576,
        "Description": "",
        "Timeout": 30,
        "MemorySize": build.memory_mb,
        "LastModified": function.created if version is None else version.last_modified,
        "CodeSha256": code_hash(function.name, label),
        "Version": label,
        "Environment": {"Variables": {"DATABASE_PASSWORD": SECRET_VALUE, "STAGE": "production"}},
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": revision(function.name, label),
        "PackageType": build.package_type,
        "Architectures": [build.architecture],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {
            "ApplyOn": "PublishedVersions" if build.snap_start else "None",
            "OptimizationStatus": "Off" if version is None else version.optimization_status,
        },
    }
    if build.package_type == "Zip":
        row["Runtime"] = build.runtime
        row["Handler"] = "app.handler"
    if build.durable:
        row["DurableConfig"] = {"RetentionPeriodInDays": 14, "ExecutionTimeout": 604_800}
    if with_state:
        row["State"] = "Active" if version is None else version.state
        row["LastUpdateStatus"] = "Successful"
        if version is not None and version.state_reason_code is not None:
            row["StateReasonCode"] = version.state_reason_code
            row["StateReason"] = f"The function is {version.state}: {version.state_reason_code}."
    for member, value in (build.overrides or {}).items():
        row[member] = value
        if value is None:
            del row[member]
    return row


def _event_source(mapping: EventSource) -> dict[str, Any]:
    return {
        "UUID": mapping.uuid,
        "BatchSize": 10,
        "EventSourceArn": mapping.event_source_arn,
        "FunctionArn": mapping.function_arn,
        "LastModified": 1_767_225_600.0,
        "State": mapping.state,
        "StateTransitionReason": "USER_INITIATED",
    }


def _execution(function: Function, execution: Execution) -> dict[str, Any]:
    return {
        "DurableExecutionArn": execution.arn,
        "DurableExecutionName": execution.name,
        "FunctionArn": f"{function.arn}:{execution.version}",
        "Status": execution.status,
        "StartTimestamp": execution.started.timestamp(),
    }


def paged(member: str, items: Sequence[Any], given: Parameters, largest: int, row: Callable[[Any], Any]) -> Body:
    """Return one page of a listing, in the order of the items, as far as the request goes on from."""
    (start,) = _marker(given) or (0,)
    size = _page_size(given, largest)
    more = start + size < len(items)
    return _page(member, [row(item) for item in items[start : start + size]], [start + size] if more else None)


def _page(member: str, rows: Iterable[Any], after: list[Any] | None) -> Body:
    body: dict[str, Any] = {member: list(rows)}
    if after is not None:
        body["NextMarker"] = base64.urlsafe_b64encode(json.dumps(after).encode()).decode()
    return body


def _marker(given: Parameters) -> list[Any] | None:
    if not given.get("Marker"):
        return None
    try:
        return list(json.loads(base64.urlsafe_b64decode(given["Marker"])))
    except ValueError:
        raise invalid("Invalid Marker") from None


def _page_size(given: Parameters, largest: int) -> int:
    return min(int(given.get("MaxItems") or largest), largest)


def code_hash(name: str, label: str) -> str:
    """The hash of a version's code; every version has code of its own."""
    return base64.b64encode(hashlib.sha256(f"{name}:{label}".encode()).digest()).decode()


def revision(*parts: str) -> str:
    """Make up an id of a revision, the same for the same parts."""
    mark = crc32("/".join(parts).encode())
    return f"{mark:08x}-0000-4000-8000-{mark:012x}"


def invalid(message: str) -> RefusalError:
    """Refuse a parameter."""
    return RefusalError("InvalidParameterValueException", message)


def not_found(message: str) -> RefusalError:
    """Refuse what is not there."""
    return RefusalError("ResourceNotFoundException", message, 404)
