"""Make the throw-away function and its role, and remove them: those of this run, and what an earlier run left.

The role is made first and removed last, under a path of its own: whatever broke off in between is found by it. Both
carry a tag, and a function without that tag is never removed.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from live_check.findings import CouldNotBeAskedError, words_of
from live_check.scene import Clients, Published, Scene, World
from orchestrator.aws.errors import AWS_ERRORS, code_of

PREFIX = "snapstart-live-check-"
PATH = "/snapstart-live-check/"
TAG, MADE_BY = "snapstart-live-check", "snapstart-live-check-by"
RUNTIME, MEMORY_MB = "python3.13", 128
VERSIONS = (1, 2, 3)
APART_SECONDS = 10
"""Between a change and publishing it, so that LastModified tells which of the two it means."""
FOREIGN_AFTER = timedelta(hours=3)
"""What somebody else's run made is left alone for so long: it may still be going on."""

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_GONE = frozenset({"ResourceNotFoundException", "NoSuchEntity", "NoSuchEntityException"})


def tags_of(started: datetime, maker: str) -> dict[str, str]:
    """Return the tags that everything of one run carries: when it began, and who began it."""
    return {TAG: started.isoformat(timespec="seconds"), MADE_BY: maker[:256]}


def make(scene: Scene) -> None:
    """Make role, function and versions, and wait until each version is Active."""
    functions, say = scene.clients.functions, scene.world.say
    say(f"making the role and the function {scene.name}")
    role = scene.clients.roles.create_role(
        RoleName=scene.name,
        Path=PATH,
        AssumeRolePolicyDocument=json.dumps(_TRUST),
        Description="Of a check of the SnapStart cleaner; may do nothing, and goes when the check ends.",
        Tags=[{"Key": key, "Value": value} for key, value in scene.tags.items()],
    )["Role"]["Arn"]

    def create() -> Any:
        return functions.create_function(
            FunctionName=scene.name,
            Role=role,
            Runtime=RUNTIME,
            Handler="app.handler",
            Code={"ZipFile": _code()},
            Description="A check of the SnapStart cleaner; goes when the check ends.",
            MemorySize=MEMORY_MB,
            Timeout=3,
            SnapStart={"ApplyOn": "PublishedVersions"},
            Tags=dict(scene.tags),
        )

    made = _patiently(scene.world, create, lambda error: "cannot be assumed" in str(error))
    scene.arn = made["FunctionArn"]
    for number in VERSIONS:
        until_ready(scene, None)
        functions.update_function_configuration(FunctionName=scene.name, Description=f"towards version {number}")
        changed = until_ready(scene, None)["LastModified"]
        scene.world.sleep(APART_SECONDS)
        _publish(scene, number, changed)
    scene.before_aliases = {int(row["Version"]): row["LastModified"] for row in numbered(scene)}


def described(number: int) -> str:
    """What a version's description says."""
    return f"version {number} of the check"


def numbered(scene: Scene) -> list[dict[str, Any]]:
    """List the function's published versions."""
    pages = scene.clients.functions.get_paginator("list_versions_by_function").paginate(FunctionName=scene.name)
    return [row for page in pages for row in page["Versions"] if row["Version"].isdigit()]


def leftovers(world: World, clients: Clients, maker: str) -> Iterator[str]:
    """Yield the names of what earlier runs left in this region and may go now; says what may not."""
    pages = clients.roles.get_paginator("list_roles").paginate(PathPrefix=PATH)
    made: dict[str, dict[str, str]] = {}
    for name in [role["RoleName"] for page in pages for role in page["Roles"]]:
        if name.startswith(_region_prefix(world.region)):
            tags = clients.roles.list_role_tags(RoleName=name)["Tags"]
            made[name] = {tag["Key"]: tag["Value"] for tag in tags}
    found = clients.tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": TAG}], ResourceTypeFilters=["lambda:function"]
    )
    for page in found:
        for row in page["ResourceTagMappingList"]:
            tags = {tag["Key"]: tag["Value"] for tag in row["Tags"]}
            made.setdefault(row["ResourceARN"].rpartition(":")[2], tags)
    for name, carried in sorted(made.items()):
        if TAG not in carried or not name.startswith(PREFIX):
            world.say(f"{name} is left alone: it does not carry the tag {TAG}")
        elif carried.get(MADE_BY) != maker and not _old(carried[TAG], world.clock()):
            world.say(f"{name} is left alone: {carried.get(MADE_BY)} began it at {carried[TAG]}")
        else:
            yield name


def name_for(region: str, started: datetime, mark: str) -> str:
    """Return a name that no other run has: at most 64 characters, as roles and functions may have."""
    return f"{_region_prefix(region)}{started:%y%m%d%H%M%S}-{mark}"


def remove(world: World, clients: Clients, name: str) -> list[str]:
    """Remove a run's function and role, and return what could not be removed, with the reason. What is gone is gone."""
    problems = []
    for what, act in (("function", _remove_function), ("role", _remove_role)):
        try:
            act(world, clients, name)
        except (CouldNotBeAskedError, *AWS_ERRORS) as error:
            if code_of(error) not in _GONE:
                problems.append(f"{what} {name}: {words_of(error)}")
                break  # the role is what the function is found by next time
    return problems


def by_hand(problem: str, region: str) -> str:
    """Return what to type to remove what is named at the head of a problem."""
    what, name = problem.partition(":")[0].split()
    if what == "role":
        return f"aws iam delete-role --role-name {name}"
    return (
        f"aws lambda delete-function --region {region} --function-name {name}; aws iam delete-role --role-name {name}"
    )


def _remove_function(world: World, clients: Clients, name: str) -> None:
    arn = clients.functions.get_function_configuration(FunctionName=name)["FunctionArn"]
    if TAG not in clients.functions.list_tags(Resource=arn)["Tags"] or not name.startswith(PREFIX):
        raise CouldNotBeAskedError(f"it does not carry the tag {TAG}, so it is not ours to remove")
    _patiently(world, lambda: clients.functions.delete_function(FunctionName=name), _busy)


def _remove_role(_world: World, clients: Clients, name: str) -> None:
    clients.roles.delete_role(RoleName=name)


def publish(scene: Scene, number: int) -> str:
    """Publish what should get this number, and return the number it got."""
    scene.world.say(f"publishing version {number}: its snapshot takes a minute or two")
    scene.snapshots += 1
    act = scene.clients.functions.publish_version
    made = _patiently(scene.world, lambda: act(FunctionName=scene.name, Description=described(number)), _busy)
    return str(made["Version"])


def _publish(scene: Scene, number: int, latest_changed: str) -> None:
    asked = scene.world.clock()
    made = publish(scene, number)
    if made != str(number):
        raise CouldNotBeAskedError(f"version {number} was expected and {made} was published")
    until_ready(scene, made)
    scene.published[number] = Published(asked, scene.world.clock(), latest_changed)


def until_ready(scene: Scene, qualifier: str | None) -> dict[str, Any]:
    """Wait until AWS has done with the last change, and return the configuration.

    Raises CouldNotBeAskedError when that fails or takes ten minutes.
    """
    given = {"FunctionName": scene.name} | ({"Qualifier": qualifier} if qualifier else {})
    state = "never asked"
    for _ in range(120):
        row: dict[str, Any] = scene.clients.functions.get_function_configuration(**given)
        state = f"{row.get('State')}, {row.get('LastUpdateStatus')}"
        if row.get("State") == "Active" and row.get("LastUpdateStatus", "Successful") == "Successful":
            return row
        if "Failed" in state:
            raise CouldNotBeAskedError(f"{scene.name} {qualifier or ''} is {state}: {row.get('StateReason')}")
        scene.world.sleep(5)
    raise CouldNotBeAskedError(f"{scene.name} {qualifier or ''} is still {state}")


def _patiently(world: World, act: Callable[[], Any], passes: Callable[[ClientError], bool]) -> Any:
    """Do something that AWS refuses for a while. Raises what it raises when it still does after two minutes."""
    for _ in range(24):
        try:
            return act()
        except ClientError as error:
            if not passes(error):
                raise
        world.sleep(5)
    return act()


def _busy(error: ClientError) -> bool:
    return code_of(error) == "ResourceConflictException"


def _old(began: str, now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(began) > FOREIGN_AFTER
    except (TypeError, ValueError):
        return False


def _region_prefix(region: str) -> str:
    return f"{PREFIX}{region}-"


def _code() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        entry = zipfile.ZipInfo("app.py", (2026, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, "def handler(event, context):\n    return context.function_version\n")
    return written.getvalue()
