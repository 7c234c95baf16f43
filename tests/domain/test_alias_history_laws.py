"""Whatever happened to the aliases: a version that one pointed to lately is never free."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.alias_history import TOLD_LATE, AliasHistory, AliasMove, MoveKind, further_back
from orchestrator.domain.memory import Sighting
from orchestrator.domain.versions import Alias
from tests.builders import FUNCTION, NOW

WINDOW = timedelta(days=14)
MINUTE = timedelta(minutes=1)
VERSIONS = frozenset(range(1, 6))
LAG = TOLD_LATE - 5 * MINUTE

ago = st.one_of(
    st.integers(0, 70 * 24 * 60), st.integers(0, 60), st.integers(14 * 24 * 60 - 30, 14 * 24 * 60 + 30)
).map(lambda minutes: NOW - minutes * MINUTE)
versions = st.sampled_from(sorted(VERSIONS))
shares = st.frozensets(versions, max_size=2)


@dataclass(frozen=True)
class Change:
    """What somebody does to an alias: point it there (None: leave that as it is), or remove it."""

    at: object
    alias: str
    primary: int | None
    weighted: frozenset | None
    removes: bool


changes = st.lists(
    st.builds(
        Change,
        at=ago,
        alias=st.sampled_from(["live", "canary"]),
        primary=st.none() | versions,
        weighted=st.none() | shares,
        removes=st.integers(0, 4).map(lambda n: n == 0),
    ),
    max_size=12,
    unique_by=lambda change: change.at,
).map(lambda made: sorted(made, key=lambda change: change.at))


class World:
    """What really happened, and what of it can be known at a moment."""

    def __init__(self, made):
        self.events = []
        self.states = []  # (since, {alias: (primary, shares)})
        aliases = {}
        for change in made:
            if change.removes:
                kind, primary, weighted = MoveKind.REMOVED, None, None
                if aliases.pop(change.alias, None) is None:
                    continue
            elif change.alias in aliases:
                kind, primary, weighted = MoveKind.MOVED, change.primary, change.weighted
                before = aliases[change.alias]
                aliases[change.alias] = (primary or before[0], before[1] if weighted is None else weighted)
            else:
                kind, primary, weighted = MoveKind.CREATED, change.primary or 1, change.weighted
                aliases[change.alias] = (primary, weighted or frozenset())
            move = AliasMove(
                function_name=FUNCTION,
                alias=change.alias,
                at=change.at,
                kind=kind,
                primary=None if primary is None else frozenset({primary}),
                weighted=weighted,
            )
            self.events.append(move)
            self.states.append((change.at, dict(aliases)))

    def aliases(self, at):
        found = [state for since, state in self.states if since <= at]
        return tuple(
            Alias(name=name, version=primary, weights=tuple((number, 0.1) for number in sorted(weighted)))
            for name, (primary, weighted) in sorted(found[-1].items() if found else ())
        )

    def pointed_to(self, start, end):
        ends = [*(since for since, _ in self.states[1:]), end + MINUTE]
        return {
            number
            for (since, state), until in zip(self.states, ends, strict=False)
            if since <= end and until > start
            for primary, weighted in state.values()
            for number in {primary, *weighted}
        }

    def sightings(self, moments):
        return tuple(Sighting(first_seen=at, last_seen=at, aliases=self.aliases(at)) for at in sorted(moments))

    def history(self, at, since, sightings, lag, scanned_before):
        """What can be known, read as far back as needed and no further."""
        known_since = since
        while True:
            told = tuple(move for move in self.events if known_since <= move.at <= at - lag)
            horizon = further_back(
                told,
                {FUNCTION: sightings} if sightings else {},
                frozenset({FUNCTION}),
                now=at,
                since=since,
                known_since=known_since,
                scanned_before=scanned_before,
            )
            if horizon is None:
                break
            known_since = horizon
        return AliasHistory(moves=told, sightings=sightings, aliases=self.aliases(at), known_since=known_since)


def free(answer, aliases):
    """The versions that nothing holds: neither an alias now nor one lately."""
    behind = {number for alias in aliases for number in (alias.version, *dict(alias.weights))}
    return frozenset() if answer.unknown else VERSIONS - answer.versions - behind


@given(changes, st.lists(ago, max_size=3))
def test_a_version_that_an_alias_pointed_to_lately_is_never_free(made, scans):
    world = World(made)
    since = NOW - WINDOW
    history = world.history(NOW, since, world.sightings(scans), timedelta(0), NOW - TOLD_LATE)
    assert not free(history.live_lately(since), history.aliases) & world.pointed_to(since, NOW)


@given(changes, st.lists(ago, max_size=3), st.integers(1, 9 * 24 * 60))
def test_what_cloudtrail_tells_late_is_caught_by_the_check_before_the_delete(made, scans, minutes):
    world = World(made)
    scanned = NOW - minutes * MINUTE
    earlier = world.sightings(at for at in scans if at < scanned)
    then = world.history(scanned, scanned - WINDOW, earlier, LAG, scanned - TOLD_LATE)
    offered = free(then.live_lately(scanned - WINDOW), then.aliases)

    since = scanned - TOLD_LATE
    again = world.history(NOW, since, (*earlier, *world.sightings([scanned])), LAG, NOW)
    deleted = offered & free(again.live_lately(since), again.aliases)

    assert not deleted & world.pointed_to(NOW - WINDOW, NOW - LAG)


@given(changes, st.lists(ago, max_size=3), ago)
def test_what_an_alias_pointed_to_in_an_hour_is_never_too_little(made, scans, start):
    world = World(made)
    history = world.history(NOW, NOW - WINDOW, world.sightings(scans), timedelta(0), NOW - TOLD_LATE)
    end = min(start + 60 * MINUTE, NOW)
    for alias in ("live", "canary"):
        alone = World([change for change in made if change.alias == alias])
        told = history.pointed_to(alias, start, end)
        assert told is None or alone.pointed_to(start, end) <= told


@given(changes, st.lists(ago, max_size=3), st.sets(st.integers(0, 11)), ago)
def test_moves_that_happen_to_be_told_of_the_time_before_change_nothing(made, scans, also_told, start):
    world, since = World(made), NOW - WINDOW
    history = world.history(NOW, since, world.sightings(scans), timedelta(0), NOW - TOLD_LATE)
    older = [move for move in world.events if move.at < history.known_since]
    more = replace(history, moves=(*(move for number, move in enumerate(older) if number in also_told), *history.moves))
    end = start + 60 * MINUTE

    assert more.live_lately(since) == history.live_lately(since)
    assert more.reaches_back(since) == history.reaches_back(since)
    assert [more.pointed_to(alias, start, end) for alias in ("live", "canary")] == [
        history.pointed_to(alias, start, end) for alias in ("live", "canary")
    ]
