"""A function made and used by calls, as a deployment and its callers do: create, change, tag, permit, limit, invoke."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fakes.aws.account import LATEST, Function, wire_time
from fakes.aws.control_plane import configuration, invalid, named_function, parsed_name, resolved
from fakes.aws.refusal import RefusalError
from fakes.aws.roles import assumable

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

Parameters = dict[str, Any]
Body = dict[str, Any] | None


def create_function(cloud: Cloud, given: Parameters) -> Body:
    """Create a function; a role that Lambda can not assume yet is refused, as one just made is."""
    name = given["FunctionName"]
    if name in cloud.functions:
        raise RefusalError("ResourceConflictException", f"Function already exist: {name}", 409)
    if not assumable(cloud, given["Role"]):
        raise invalid("The role defined for the function cannot be assumed by Lambda.")
    code = hashlib.sha256(base64.b64decode(given["Code"]["ZipFile"])).digest()
    function = cloud.function(
        name,
        runtime=given["Runtime"],
        memory_mb=given.get("MemorySize", 128),
        tags=given.get("Tags"),
        snap_start=given.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions",
        overrides={
            "Role": given["Role"],
            "Description": given.get("Description", ""),
            "CodeSha256": base64.b64encode(code).decode(),
        },
    )
    return configuration(function, None, qualified=False, with_state=True)


def update_function_configuration(cloud: Cloud, given: Parameters) -> Body:
    """Describe `$LATEST` otherwise; versions stay as they were published."""
    function, _ = named_function(cloud, given)
    told = {"Description": given.get("Description", "")}
    function.build = replace(function.build, overrides={**(function.build.overrides or {}), **told})
    function.created = wire_time(cloud.now())
    return configuration(function, None, qualified=False, with_state=True)


def tag_resource(cloud: Cloud, given: Parameters) -> Body:
    """Tag a function; versions and aliases take no tags."""
    name, qualifier = parsed_name(cloud, given["Resource"])
    if qualifier:
        raise invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    function, _ = named_function(cloud, {"FunctionName": name})
    function.tags.update(given["Tags"])
    return None


def add_permission(cloud: Cloud, given: Parameters) -> Body:
    """Let somebody call exactly this qualifier."""
    function, qualifier = named_function(cloud, given)
    target = resolved(function, qualifier)["FunctionArn"]
    statement = {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": {"Service": given["Principal"]},
        "Action": given["Action"],
        "Resource": target,
    }
    kept = json.loads(function.policies.get(qualifier or "") or '{"Version":"2012-10-17","Statement":[]}')
    kept["Statement"].append(statement)
    function.policies[qualifier or ""] = json.dumps(kept)
    return {"Statement": json.dumps(statement)}


def put_function_concurrency(cloud: Cloud, given: Parameters) -> Body:
    """Limit how many calls of a function may run at once; with none, every call is throttled."""
    function, _ = named_function(cloud, given)
    function.concurrency = int(given["ReservedConcurrentExecutions"])
    return {"ReservedConcurrentExecutions": function.concurrency}


def delete_function_concurrency(cloud: Cloud, given: Parameters) -> Body:
    """Take the limit away."""
    function, _ = named_function(cloud, given)
    function.concurrency = None
    return None


def invoke(cloud: Cloud, given: Parameters) -> Body:
    """Run a version, publish its metrics by the real dimension sets, and say which version ran.

    A throttled call is counted apart, and never as an invocation.
    """
    function, qualifier = named_function(cloud, given)
    resolved(function, qualifier)
    if function.concurrency == 0:
        function.throttled(qualifier)
        raise RefusalError("TooManyRequestsException", "Rate Exceeded.", 429)
    alias = function.aliases.get(qualifier or "")
    executed = _routed(function, alias.name) if alias else qualifier or LATEST
    function.invoked(qualifier, version=int(executed) if alias else None)
    return {"ExecutedVersion": executed, "Payload": "null"}


def _routed(function: Function, name: str) -> str:
    """The version that an alias's next call runs: over many calls each has its share."""
    alias = function.aliases[name]
    called = function.calls_by_alias.get(name, 0)
    function.calls_by_alias[name] = called + 1
    for version, weight in alias.weights.items():
        if int((called + 1) * weight) > int(called * weight):
            return str(version)
    return str(alias.version)
