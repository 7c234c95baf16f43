"""One run from its first call to its last: what an earlier run left, make, ask, remove, whatever happens in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from live_check import cost, resources
from live_check.facts import DELETES, FACTS
from live_check.findings import Answer, CouldNotBeAskedError, Fact, Finding, find_out, words_of
from live_check.late_facts import LATE_FACTS
from live_check.scene import Clients, Scene, World
from live_check.traffic import call_in_every_way
from live_check.waiting import wait_for_what_comes_late
from orchestrator.aws.errors import AWS_ERRORS

ALL_HOLD, SOME_DO_NOT, COULD_NOT_START, LEFT_BEHIND, SOME_NOT_ASKED = 0, 1, 3, 4, 5
QUICK = "--quick does not wait for it"


def check(world: World, *, quick: bool, mark: str, tell: Callable[[str], None]) -> int:
    """Check every fact in one region, a line each, and return the exit code.

    `mark` makes this run's names its own. What is made is removed on every way out, an interruption too.
    """
    clients = Clients(world)
    started = world.clock()
    try:
        who = clients.identity.get_caller_identity()
        maker = who["Arn"]
        left = _remove_all(world, clients, list(resources.leftovers(world, clients, maker)), tell)
    except AWS_ERRORS as error:
        tell(f"Nothing was made: {words_of(error)}")
        return COULD_NOT_START
    scene = Scene(
        world=world,
        clients=clients,
        name=resources.name_for(world.region, started, mark),
        account_id=who["Account"],
        started=started,
        tags=resources.tags_of(started, maker),
    )
    found: list[Finding] = []
    try:
        try:
            resources.make(scene)
            call_in_every_way(scene)
        except (CouldNotBeAskedError, *AWS_ERRORS) as error:
            tell(f"The function could not be made as it must be for the check: {words_of(error)}")
            return COULD_NOT_START
        found = _ask(scene, quick=quick, tell=tell)
    finally:
        left += _remove_all(world, clients, [scene.name], tell)
        tell(cost.in_words(scene))
    return _summary(found, left, started, world.clock(), tell)


def _ask(scene: Scene, *, quick: bool, tell: Callable[[str], None]) -> list[Finding]:
    found = _tell_each(FACTS, lambda fact: find_out(fact, scene), tell)
    if quick:
        found += _tell_each(LATE_FACTS, lambda _: Finding(Answer.NOT_ASKED, QUICK), tell)
    else:
        wait_for_what_comes_late(scene)
        found += _tell_each(LATE_FACTS, lambda fact: find_out(fact, scene), tell)
    return found + _tell_each(DELETES, lambda fact: find_out(fact, scene), tell)


def _tell_each(facts: Sequence[Fact], find: Callable[[Fact], Finding], tell: Callable[[str], None]) -> list[Finding]:
    found = []
    for fact in facts:
        finding = find(fact)
        seen = "" if finding.answer is Answer.HOLDS else f": {finding.seen}"
        tell(f"{finding.answer.value:<9}  {fact.text}{seen}")
        found.append(finding)
    return found


def _remove_all(world: World, clients: Clients, names: Sequence[str], tell: Callable[[str], None]) -> list[str]:
    problems = []
    for name in names:
        world.say(f"removing {name}")
        problems += resources.remove(world, clients, name)
    for problem in problems:
        tell(f"Left behind: {problem}. The next run removes it, or: {resources.by_hand(problem, world.region)}")
    return problems


def _summary(
    found: Sequence[Finding], left: Sequence[str], started: datetime, ended: datetime, tell: Callable[[str], None]
) -> int:
    counted = Counter(finding.answer for finding in found)
    tell(
        f"{counted[Answer.HOLDS]} of {len(found)} facts hold, {counted[Answer.DOES_NOT]} do not, "
        f"{counted[Answer.NOT_ASKED]} could not be asked, in {(ended - started).total_seconds() / 60:.0f} minutes."
    )
    if counted[Answer.DOES_NOT]:
        return SOME_DO_NOT
    if left:
        return LEFT_BEHIND
    return SOME_NOT_ASKED if counted[Answer.NOT_ASKED] else ALL_HOLD
