"""IAM, as far as a function needs a role: made, listed by path, tagged, deleted; one for all regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud

Parameters = dict[str, Any]

KNOWN_AFTER = timedelta(seconds=8)
"""So long after it was made Lambda can not assume a new role yet."""


@dataclass(frozen=True, slots=True)
class FunctionRole:
    """One role."""

    name: str
    path: str
    arn: str
    tags: Mapping[str, str]
    created: datetime


def create_role(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Make a role; a name that is taken is refused."""
    name, path = given["RoleName"], given.get("Path") or "/"
    if name in cloud.function_roles:
        raise RefusalError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    role = FunctionRole(
        name=name,
        path=path,
        arn=f"arn:aws:iam::{cloud.account_id}:role{path}{name}",
        tags={tag["Key"]: tag["Value"] for tag in given.get("Tags") or []},
        created=cloud.now(),
    )
    cloud.function_roles[name] = role
    return {"Role": _row(role)}


def delete_role(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Delete a role."""
    _role(cloud, given)
    del cloud.function_roles[given["RoleName"]]
    return {}


def list_roles(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Return the roles under a path, without their tags."""
    path = given.get("PathPrefix") or "/"
    found = [_row(role) for name, role in sorted(cloud.function_roles.items()) if role.path.startswith(path)]
    return {"Roles": found, "IsTruncated": "false"}


def list_role_tags(cloud: Cloud, given: Parameters) -> dict[str, Any]:
    """Return a role's tags."""
    tags = _role(cloud, given).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()], "IsTruncated": "false"}


def assumable(cloud: Cloud, arn: str) -> bool:
    """Whether Lambda can assume a role: it exists, and not since a moment ago."""
    return any(role.arn == arn and cloud.now() - role.created >= KNOWN_AFTER for role in cloud.function_roles.values())


def _role(cloud: Cloud, given: Parameters) -> FunctionRole:
    role = cloud.function_roles.get(given["RoleName"])
    if role is None:
        raise RefusalError("NoSuchEntity", f"The role with name {given['RoleName']} cannot be found.", 404)
    return role


def _row(role: FunctionRole) -> dict[str, Any]:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": "AROALOCALLOCALLOCAL",
        "Arn": role.arn,
        "CreateDate": role.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
