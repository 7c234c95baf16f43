"""What the rules rest on and AWS tells minutes later: the sets that metrics come in, and CloudTrail's events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from live_check.findings import CouldNotBeAskedError, Fact, Finding, judged
from live_check.scene import Scene, Series
from live_check.traffic import BY_NUMBER, GONE, LIVE, OF_GONE, PRIMARY, WEIGHTED
from live_check.waiting import CREATED, UPDATED, alone, expected, throttles
from orchestrator.domain.alias_history import TOLD_LATE


def by_number(scene: Scene) -> Finding:
    """The only row that shows a call of a version by its number."""
    return _said(scene, scene.series(BY_NUMBER))


def through_alias(scene: Scene) -> Finding:
    """The row of an alias, whatever it ran."""
    return _said(scene, scene.series(LIVE))


def version_behind_alias(scene: Scene) -> Finding:
    """What ran behind an alias, primary and weighted."""
    if not scene.calls(LIVE, PRIMARY) or not scene.calls(LIVE, WEIGHTED):
        raise CouldNotBeAskedError("the alias sent all calls to one version")
    return _said(scene, scene.series(LIVE, PRIMARY), scene.series(LIVE, WEIGHTED))


def not_under_its_number(scene: Scene) -> Finding:
    """A version behind an alias does not show under its own number."""
    return _said(scene, scene.series(PRIMARY), scene.series(WEIGHTED))


def resource_alone(scene: Scene) -> Finding:
    """A set that nobody publishes answers nothing, which must never be read as no calls."""
    return _said(scene, alone(scene))


def unqualified(scene: Scene) -> Finding:
    """Calls without a qualifier, and by `$LATEST`, run no version."""
    return _said(scene, scene.series(), scene.series("$LATEST"))


def total(scene: Scene) -> Finding:
    """What known names explain can be taken from the total; a rest is unexplained."""
    sums = _sums(scene)
    parts = sum(sums[scene.series(q)] for q in (None, "$LATEST", BY_NUMBER, PRIMARY, WEIGHTED, LIVE, GONE))
    seen = f"{scene.total} {sums[scene.total]:.0f}, its parts {parts:.0f}, sent {scene.sent.total()}"
    return judged(sums[scene.total] == parts == scene.sent.total(), seen)


def deleted_alias(scene: Scene) -> Finding:
    """An alias that is gone may still be what a version was called through."""
    return _said(scene, scene.series(GONE), scene.series(GONE, OF_GONE))


def named_by_list_metrics(scene: Scene) -> Finding:
    """Deleted aliases are found by the names that ListMetrics knows."""
    _sums(scene)
    wanted = {str(scene.series(qualifier).resource) for qualifier in (BY_NUMBER, LIVE, GONE)}
    missing = sorted(wanted - scene.listed_resources)
    return judged(not missing, f"not named: {', '.join(missing)}" if missing else f"{len(wanted)} names")


def throttled(scene: Scene) -> Finding:
    """Callers that are only ever throttled are seen by Throttles alone."""
    sums = _sums(scene)
    if not scene.throttled:
        raise CouldNotBeAskedError(scene.why_not_throttled)
    seen = f"{throttles(scene)} {sums[throttles(scene)]:.0f}, {scene.total} {sums[scene.total]:.0f}"
    return judged(sums[throttles(scene)] == 1 and sums[scene.total] == scene.sent.total(), seen)


def alias_created(scene: Scene) -> Finding:
    """The event of a new alias, read by its name and members."""
    return _event_says(scene, CREATED, LIVE, {"name": LIVE, "functionVersion": PRIMARY})


def alias_updated(scene: Scene) -> Finding:
    """The event of a shift, with the weight it gave."""
    shift = {"additionalVersionWeights": {WEIGHTED: 0.5}}
    return _event_says(scene, UPDATED, LIVE, {"name": LIVE, "routingConfig": shift})


def told_in_time(scene: Scene) -> Finding:
    """How late CloudTrail is: the aliases themselves are asked for what it may not tell yet."""
    _event(scene, CREATED, LIVE)
    late = max(first - told["at"] for told, first in scene.events.values())
    return judged(late <= TOLD_LATE, f"at most {late.total_seconds() / 60:.0f} min late")


LATE_FACTS = (
    Fact("A call by number is counted under {FunctionName, Resource=function:1}", by_number),
    Fact("A call through an alias is counted under {FunctionName, Resource=function:alias}", through_alias),
    Fact(
        "A call through an alias is counted with ExecutedVersion for the version that ran, by weight too",
        version_behind_alias,
    ),
    Fact("A call through an alias is not counted under Resource=function:number of that version", not_under_its_number),
    Fact("{Resource} without FunctionName answers nothing, and calls it Complete", resource_alone),
    Fact("Unqualified calls are counted under Resource=function, $LATEST under its own", unqualified),
    Fact("{FunctionName} counts all calls, and is the sum of its Resources", total),
    Fact("The calls through an alias that was deleted can still be read", deleted_alias),
    Fact("ListMetrics names versions and aliases that were called, deleted aliases too", named_by_list_metrics),
    Fact("A throttled call is counted in Throttles and not in Invocations", throttled),
    Fact(f"CloudTrail tells of a new alias as {CREATED}, with its function, name and version", alias_created),
    Fact(f"CloudTrail tells of a shift as {UPDATED}, with the weights", alias_updated),
    Fact(f"CloudTrail tells within {TOLD_LATE // timedelta(minutes=1)} minutes", told_in_time),
)


def _sums(scene: Scene) -> Mapping[Series, float]:
    if scene.sums is None:
        raise CouldNotBeAskedError(scene.why_no_sums)
    return scene.sums


def _said(scene: Scene, *series: Series) -> Finding:
    sums, wanted = _sums(scene), expected(scene)
    seen = ", ".join(f"{one} {sums[one]:.0f}, sent {wanted[one]:.0f}" for one in series)
    return judged(all(sums[one] == wanted[one] for one in series), seen)


def _event(scene: Scene, event: str, alias: str) -> Mapping[str, Any]:
    if f"{event}/{alias}" not in scene.events and scene.why_no_events:
        raise CouldNotBeAskedError(scene.why_no_events)
    return scene.events[f"{event}/{alias}"][0]


def _event_says(scene: Scene, event: str, alias: str, wanted: Mapping[str, Any]) -> Finding:
    if f"{event}/{alias}" not in scene.events and not scene.why_no_events:
        others = ", ".join(sorted(scene.events)) or "none"
        return judged(False, f"no such event about alias {alias} within the wait; others of the function: {others}")  # noqa: FBT003
    given = _event(scene, event, alias)["requestParameters"]
    function = str(given["functionName"])
    says = function == scene.name or f":function:{scene.name}" in function
    return judged(
        says and all(given.get(name) == value for name, value in wanted.items()), f"requestParameters {given}"
    )
