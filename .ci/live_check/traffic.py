"""Call the function in every way there is, and let its aliases move meanwhile, as deployments do."""

from __future__ import annotations

from botocore.exceptions import ClientError

from live_check.findings import words_of
from live_check.scene import Scene
from orchestrator.aws.errors import code_of

LIVE, GONE = "live", "gone"
BY_NUMBER, PRIMARY, WEIGHTED, OF_GONE = "1", "2", "3", "3"
WEIGHT = 0.5
TIMES = {None: 2, "$LATEST": 3, BY_NUMBER: 4}
PLAIN, SHIFTED, BY_GONE = 4, 24, 5
"""Calls through `live` before and after it got a weight, and through the alias that is deleted at once. Of so many
calls both versions get some: that one gets none has a chance of one in eight million."""


def call_in_every_way(scene: Scene) -> None:
    """Make two aliases, shift one, delete one, and call: unqualified, by `$LATEST`, by number, through each alias."""
    functions, say = scene.clients.functions, scene.world.say
    say("calling it without a qualifier, by $LATEST, by number and through aliases that move")
    for qualifier, times in TIMES.items():
        _call(scene, qualifier, times)
    functions.create_alias(FunctionName=scene.name, Name=LIVE, FunctionVersion=PRIMARY)
    functions.create_alias(FunctionName=scene.name, Name=GONE, FunctionVersion=OF_GONE)
    _call(scene, LIVE, PLAIN)
    _call(scene, GONE, BY_GONE)
    weights = {WEIGHTED: WEIGHT}
    functions.update_alias(FunctionName=scene.name, Name=LIVE, RoutingConfig={"AdditionalVersionWeights": weights})
    scene.world.sleep(10)  # until every place that routes calls knows of the weight
    _call(scene, LIVE, SHIFTED)
    functions.delete_alias(FunctionName=scene.name, Name=GONE)
    _throttle(scene)


def _call(scene: Scene, qualifier: str | None, times: int) -> None:
    given = {"FunctionName": scene.name} | ({"Qualifier": qualifier} if qualifier else {})
    for _ in range(times):
        answer = scene.clients.callers.invoke(**given)
        scene.sent[qualifier, answer["ExecutedVersion"]] += 1


def _throttle(scene: Scene) -> None:
    """Let one call be throttled: with no concurrency reserved, none is let in."""
    try:
        scene.clients.functions.put_function_concurrency(FunctionName=scene.name, ReservedConcurrentExecutions=0)
    except ClientError as error:
        scene.why_not_throttled = words_of(error)
        return
    scene.world.sleep(10)
    try:
        answer = scene.clients.callers.invoke(FunctionName=scene.name)
        scene.sent[None, answer["ExecutedVersion"]] += 1
        scene.why_not_throttled = "a call was let in although no concurrency was reserved"
    except ClientError as error:
        if code_of(error) == "TooManyRequestsException":
            scene.throttled = True
        else:
            scene.why_not_throttled = words_of(error)
    scene.clients.functions.delete_function_concurrency(FunctionName=scene.name)
