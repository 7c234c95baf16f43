"""What the rules rest on and AWS tells at once: listings, tags, policies, aliases, deletes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError

from live_check.findings import CouldNotBeAskedError, Fact, Finding, judged
from live_check.resources import APART_SECONDS, TAG, VERSIONS, described, numbered, publish, until_ready
from live_check.scene import Scene
from live_check.traffic import LIVE, PRIMARY, WEIGHT, WEIGHTED
from orchestrator.aws.errors import code_of, is_denied

NOBODYS = "9999"
CLOCKS_DIFFER = timedelta(minutes=1)
TAGS_SHOWN_WITHIN, LOOK_SECONDS = 6, 15
_SAYS_NO = frozenset({"ResourceNotFoundException", "ResourceConflictException", "InvalidParameterValueException"})
IN_PROGRESS = ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"]


def listed(scene: Scene) -> Finding:
    """One sweep of the region finds every version that pays."""
    wanted = {f"{scene.arn}:{number}" for number in VERSIONS}
    pages = scene.clients.functions.get_paginator("list_functions").paginate(FunctionVersion="ALL")
    found: dict[str, Any] = {}
    for page in pages:
        found |= {row["FunctionArn"]: row for row in page["Functions"] if row["FunctionName"] == scene.name}
        scene.world.sleep(0.2)  # the quota is the account's, and others deploy meanwhile
    shown = {arn: found[arn].get("SnapStart") for arn in wanted & found.keys()}
    good = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    return judged(
        len(shown) == len(wanted) and all(one == good for one in shown.values()), _text(shown or sorted(found))
    )


def no_state_in_listings(scene: Scene) -> Finding:
    """State must be asked of each version."""
    states = {row["Version"]: row.get("State") for row in numbered(scene)}
    return judged(set(states.values()) == {None}, _text(states))


def state_of_a_version(scene: Scene) -> Finding:
    """The call that tells a version's state."""
    row = scene.clients.functions.get_function_configuration(FunctionName=scene.name, Qualifier=PRIMARY)
    return judged(row.get("State") == "Active" and row["Version"] == PRIMARY, f"State {row.get('State')}")


def description_and_code(scene: Scene) -> Finding:
    """What tells one version from another in the message."""
    rows = {int(row["Version"]): (row.get("Description"), row.get("CodeSha256")) for row in numbered(scene)}
    told = all(rows[number][0] == described(number) and rows[number][1] for number in VERSIONS)
    return judged(told, _text(rows))


def last_modified_is_publishing(scene: Scene) -> Finding:
    """A version's age is counted from LastModified."""
    moments = {number: _moment(text) for number, text in scene.before_aliases.items()}
    changed = {number: _moment(one.latest_changed) for number, one in scene.published.items()}
    good = all(
        one.asked - CLOCKS_DIFFER <= moments[number] <= one.active + CLOCKS_DIFFER
        and (moments[number] - changed[number]).total_seconds() > APART_SECONDS / 2
        for number, one in scene.published.items()
    )
    seen = "; ".join(f"{number}: {moments[number]}, $LATEST changed {changed[number]}" for number in scene.published)
    return judged(good, seen)


def last_modified_stays(scene: Scene) -> Finding:
    """Aliases that move make no version younger."""
    now = {int(row["Version"]): row["LastModified"] for row in numbered(scene)}
    return judged(now == scene.before_aliases, f"before {_text(scene.before_aliases)}, now {_text(now)}")


def weights_listed(scene: Scene) -> Finding:
    """What an alias refers to by weight is held too."""
    pages = scene.clients.functions.get_paginator("list_aliases").paginate(FunctionName=scene.name)
    aliases = {row["Name"]: row for page in pages for row in page["Aliases"]}
    row = aliases[LIVE]
    weights = (row.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
    seen = f"FunctionVersion {row['FunctionVersion']}, weights {_text(weights)}"
    return judged(row["FunctionVersion"] == PRIMARY and weights == {WEIGHTED: WEIGHT}, seen)


def tags_of_the_function(scene: Scene) -> Finding:
    """The keep tag is asked again right before a delete."""
    tags = scene.clients.functions.list_tags(Resource=scene.arn)["Tags"]
    return judged(tags.get(TAG) == scene.tags[TAG], _text(tags))


def tags_in_the_tagging_api(scene: Scene) -> Finding:
    """One listing finds the keep tag, owners and stacks of a region."""
    seen = "not listed within a minute and a half"
    for _ in range(TAGS_SHOWN_WITHIN):
        pages = scene.clients.tagging.get_paginator("get_resources").paginate(
            TagFilters=[{"Key": TAG}], ResourceTypeFilters=["lambda:function"]
        )
        rows = {row["ResourceARN"]: row["Tags"] for page in pages for row in page["ResourceTagMappingList"]}
        if scene.arn in rows:
            tags = {tag["Key"]: tag["Value"] for tag in rows[scene.arn]}
            return judged(tags.get(TAG) == scene.tags[TAG], _text(tags))
        scene.world.sleep(LOOK_SECONDS)
    return judged(False, seen)  # noqa: FBT003


def versions_take_no_tags(scene: Scene) -> Finding:
    """So a keep tag is always the whole function's."""
    tag = {TAG: "of a version"}
    return _refused(lambda: scene.clients.functions.tag_resource(Resource=f"{scene.arn}:{PRIMARY}", Tags=tag), 400)


def no_policy(scene: Scene) -> Finding:
    """A version that nobody was permitted to call by number has no policy, and that is an answer."""
    ask = scene.clients.functions.get_policy
    return _refused(lambda: ask(FunctionName=scene.name, Qualifier=WEIGHTED), 404, "ResourceNotFoundException")


def policy_of_a_version(scene: Scene) -> Finding:
    """Who may call a version by number is told by that version's policy, and by no other."""
    functions = scene.clients.functions
    functions.add_permission(
        FunctionName=scene.name,
        Qualifier=PRIMARY,
        StatementId="live-check",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceAccount=scene.account_id,
    )
    policy = functions.get_policy(FunctionName=scene.name, Qualifier=PRIMARY)["Policy"]
    resources = [statement["Resource"] for statement in json.loads(policy)["Statement"]]
    other = no_policy(scene)
    return judged(
        resources == [f"{scene.arn}:{PRIMARY}"] and other.seen.startswith("ResourceNotFound"), _text(resources)
    )


def stacks_by_status(scene: Scene) -> Finding:
    """One listing finds the stacks that are being changed."""
    rows = scene.clients.stacks.list_stacks(StackStatusFilter=IN_PROGRESS)["StackSummaries"]
    statuses = sorted({row["StackStatus"] for row in rows})
    return judged(set(statuses) <= set(IN_PROGRESS), f"{len(rows)} stacks, {', '.join(statuses) or 'none'}")


def missing_version(scene: Scene) -> Finding:
    """What does not exist is told apart from what cannot be asked."""
    return _gone(scene, NOBODYS)


def primary_is_guarded(scene: Scene) -> Finding:
    """The last wall in front of a version in use: AWS itself refuses."""
    return _delete_refused(scene, PRIMARY)


def weight_is_guarded(scene: Scene) -> Finding:
    """The same for one that only a weight refers to."""
    return _delete_refused(scene, WEIGHTED)


def deleted_at_once(scene: Scene) -> Finding:
    """A delete is proved by asking for the version again."""
    status = _status_of_delete(scene, "1")
    numbers = [row["Version"] for row in numbered(scene)]
    gone = _gone(scene, "1")
    return judged(
        status == HTTPStatus.NO_CONTENT and "1" not in numbers and gone.seen.startswith("ResourceNotFound"),
        f"status {status}, versions left {', '.join(numbers)}, then {gone.seen}",
    )


def deleted_twice(scene: Scene) -> Finding:
    """A 204 alone proves nothing, and a delete that is sent again does no harm."""
    status = _status_of_delete(scene, NOBODYS)
    return judged(status == HTTPStatus.NO_CONTENT, f"status {status}")


def numbers_are_not_used_again(scene: Scene) -> Finding:
    """An approval names a number: it never may come to mean another version. The newest is deleted for this."""
    functions = scene.clients.functions
    functions.update_alias(FunctionName=scene.name, Name=LIVE, RoutingConfig={"AdditionalVersionWeights": {}})
    status = _status_of_delete(scene, str(VERSIONS[-1]))
    if status >= HTTPStatus.BAD_REQUEST:
        raise CouldNotBeAskedError(f"version {VERSIONS[-1]} could not be deleted: status {status}")
    functions.update_function_configuration(FunctionName=scene.name, Description="after the newest was deleted")
    until_ready(scene, None)
    made = publish(scene, VERSIONS[-1] + 1)
    until_ready(scene, made)
    seen = f"{VERSIONS[-1]} was deleted, then {made} was published"
    return judged(made == str(VERSIONS[-1] + 1), seen)


FACTS = (
    Fact("ListFunctions(ALL) lists every version, with SnapStart as it is", listed),
    Fact("Listings do not tell State", no_state_in_listings),
    Fact("GetFunctionConfiguration tells the State of a version", state_of_a_version),
    Fact("Listings tell a version's own Description and its CodeSha256", description_and_code),
    Fact("LastModified of a version is when it was published", last_modified_is_publishing),
    Fact("LastModified of a version stays when aliases move", last_modified_stays),
    Fact("ListAliases shows weights", weights_listed),
    Fact("ListTags tells the tags of a function", tags_of_the_function),
    Fact("The tagging API lists the function by its tag", tags_in_the_tagging_api),
    Fact("Versions take no tags", versions_take_no_tags),
    Fact("GetPolicy of a version without one is ResourceNotFoundException", no_policy),
    Fact("GetPolicy of a version tells its own policy, and no other's", policy_of_a_version),
    Fact("ListStacks lists by status", stacks_by_status),
    Fact("GetFunctionConfiguration of a version that is not there is a 404", missing_version),
)
DELETES = (
    Fact("DeleteFunction refuses a version that an alias points to, with 409", primary_is_guarded),
    Fact("DeleteFunction refuses a version that only a weight refers to, with 409", weight_is_guarded),
    Fact("A deleted version is gone at once: 204, out of the listing, then 404", deleted_at_once),
    Fact("Deleting a version that is not there answers 204", deleted_twice),
    Fact("The number of a deleted version is not used again", numbers_are_not_used_again),
)
"""Asked last: they change what the others look at."""


def _delete(scene: Scene, number: str) -> Any:
    return scene.clients.functions.delete_function(FunctionName=f"{scene.arn}:{number}", Qualifier=number)


def _status_of_delete(scene: Scene, number: str) -> int:
    """Delete a version and return the status. Raises ClientError when AWS does not say yes or no."""
    try:
        answer = _delete(scene, number)
    except ClientError as error:
        if code_of(error) not in _SAYS_NO:
            raise
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def _delete_refused(scene: Scene, number: str) -> Finding:
    return _refused(lambda: _delete(scene, number), 409, "ResourceConflictException")


def _gone(scene: Scene, number: str) -> Finding:
    ask = scene.clients.functions.get_function_configuration
    return _refused(lambda: ask(FunctionName=scene.name, Qualifier=number), 404, "ResourceNotFoundException")


def _refused(act: Callable[[], Any], status: int, code: str | None = None) -> Finding:
    """Tell whether AWS refuses something in the way it should. Raises ClientError when it is not allowed to ask."""
    try:
        answer = act()
    except ClientError as error:
        if is_denied(error):
            raise
        got = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return judged(got == status and code in {None, code_of(error)}, f"{code_of(error)}, status {got}")
    return judged(False, f"not refused: {_text(answer)[:200]}")  # noqa: FBT003


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def _text(value: Any) -> str:
    return json.dumps(value, default=str)
