"""The aliases of functions, as Lambda's control plane lists, makes, moves and removes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.aws.account import Alias, Function
from fakes.aws.control_plane import PAGE, Body, Parameters, named_function, not_found, paged, revision
from fakes.aws.refusal import RefusalError

if TYPE_CHECKING:
    from fakes.aws.cloud import Cloud


def list_aliases(cloud: Cloud, given: Parameters) -> Body:
    """Return a function's aliases, 50 a page; the `FunctionVersion` filter sees primaries, and no weight."""
    function, _ = named_function(cloud, given)
    aliases = sorted(function.aliases.values(), key=lambda alias: alias.name)
    wanted = given.get("FunctionVersion")
    if wanted is not None:
        aliases = [alias for alias in aliases if str(alias.version) == wanted]
    return paged("Aliases", aliases, given, PAGE, lambda alias: _alias(function, alias))


def get_alias(cloud: Cloud, given: Parameters) -> Body:
    """One alias."""
    function, _ = named_function(cloud, given)
    alias = function.aliases.get(given["Name"])
    if alias is None:
        raise not_found(f"Cannot find alias arn: {function.arn}:{given['Name']}")
    return _alias(function, alias)


def create_alias(cloud: Cloud, given: Parameters) -> Body:
    """Create a new alias; an existing one is refused."""
    function, _ = named_function(cloud, given)
    if given["Name"] in function.aliases:
        raise RefusalError("ResourceConflictException", f"Alias already exists: {function.arn}:{given['Name']}", 409)
    return _point(function, given, None)


def update_alias(cloud: Cloud, given: Parameters) -> Body:
    """Point an existing alias elsewhere."""
    get_alias(cloud, given)
    function, _ = named_function(cloud, given)
    return _point(function, given, function.aliases[given["Name"]])


def delete_alias(cloud: Cloud, given: Parameters) -> Body:
    """Remove an alias; one that is absent is removed as well. Its metrics stay."""
    function, _ = named_function(cloud, given)
    function.aliases.pop(given["Name"], None)
    return None


def _alias(function: Function, alias: Alias) -> dict[str, Any]:
    row: dict[str, Any] = {
        "AliasArn": f"{function.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": str(alias.version),
        "Description": "",
        "RevisionId": revision(function.arn, repr(alias)),
    }
    if alias.weights:
        row["RoutingConfig"] = {"AdditionalVersionWeights": {str(v): w for v, w in alias.weights.items()}}
    return row


def _point(function: Function, given: Parameters, before: Alias | None) -> Body:
    version = given.get("FunctionVersion") or (str(before.version) if before else "")
    weights = before.weights if before else {}
    if given.get("RoutingConfig") is not None:
        weights = {int(v): w for v, w in (given["RoutingConfig"].get("AdditionalVersionWeights") or {}).items()}
    for number in (version, *map(str, weights)):
        if not number.isdigit() or int(number) not in function.versions:
            raise not_found(f"Function not found: {function.arn}:{number}")
    function.point(given["Name"], int(version), weights)
    return _alias(function, function.aliases[given["Name"]])
