"""Where aliases pointed lately: what is told, what was seen, and what nobody knows."""

from datetime import timedelta

import pytest

from orchestrator.domain.alias_history import (
    TOLD_LATE,
    AliasHistory,
    AliasMove,
    MoveKind,
    further_back,
    live_since,
    sighted_lately,
)
from orchestrator.domain.versions import LiveLately
from tests.builders import FUNCTION, NOW, an_alias, days_ago
from tests.memories import a_sighting

SINCE = days_ago(14)


def a_move(version=None, *, days=1, alias="live", kind=MoveKind.MOVED, weighted=()):
    """An alias is pointed to a version, so many days ago, and by weight to others."""
    primary = None if version is None else frozenset({version})
    shares = None if weighted is None else frozenset(weighted)
    return AliasMove(
        function_name=FUNCTION, alias=alias, at=days_ago(days), kind=kind, primary=primary, weighted=shares
    )


def created(version, **given):
    return a_move(version, kind=MoveKind.CREATED, **given)


def removed(**given):
    return a_move(kind=MoveKind.REMOVED, weighted=None, **given)


def a_history(*moves, now=(), seen=(), known_days=14, published=None):
    return AliasHistory(
        moves=moves,
        sightings=tuple(seen),
        aliases=tuple(now),
        known_since=days_ago(known_days),
        published=published or {},
    )


def seen(version, *, days, alias="live", until=None):
    """A scan found the alias so many days ago, and every scan until then found it alike."""
    aliases = () if version is None else (an_alias(alias, version),)
    return a_sighting(*aliases, first=days, last=days if until is None else until)


def lately(*moves, **given):
    return a_history(*moves, **given).live_lately(SINCE)


def test_an_alias_that_never_moved_points_where_it_points_now():
    assert lately(now=[an_alias("live", 4, weights={3: 0.1})]) == LiveLately(frozenset({3, 4}))


def test_a_function_without_aliases_has_nothing_live():
    assert lately() == LiveLately()


def test_the_release_before_is_known_from_the_event_that_made_it_live():
    history = a_history(a_move(35, days=20), a_move(40, days=0.001), now=[an_alias("live", 40)], known_days=30)
    assert history.live_lately(SINCE) == LiveLately(frozenset({35, 40}))


def test_the_release_before_is_known_from_an_earlier_scan():
    answer = lately(a_move(40, days=1), now=[an_alias("live", 40)], seen=[seen(35, days=7)])
    assert answer == LiveLately(frozenset({35, 40}))


def test_an_alias_that_moved_from_nobody_knows_where_may_have_pointed_anywhere():
    assert lately(a_move(40), now=[an_alias("live", 40)]) == LiveLately(frozenset({40}), ("live",))


def test_an_alias_that_went_from_nobody_knows_where_may_have_pointed_anywhere():
    assert lately(removed()) == LiveLately(frozenset(), ("live",))


def test_an_alias_that_was_made_lately_pointed_nowhere_before():
    assert lately(created(40), now=[an_alias("live", 40)]) == LiveLately(frozenset({40}))


def test_an_alias_that_came_and_went_protects_what_it_pointed_to():
    assert lately(created(12, days=9, alias="canary"), removed(days=8, alias="canary")) == LiveLately(frozenset({12}))


def test_what_was_live_before_the_time_in_question_is_not_live_lately():
    history = a_history(created(30, days=60), a_move(35, days=20), now=[an_alias("live", 35)], known_days=90)
    assert history.live_lately(SINCE) == LiveLately(frozenset({35}))


def test_a_share_of_the_traffic_counts():
    history = a_history(created(3, days=5, weighted={2}), a_move(3, days=4), now=[an_alias("live", 3)])
    assert history.live_lately(SINCE).versions == {2, 3}


def test_a_call_that_names_no_share_leaves_the_shares_as_they_were():
    moves = (created(3, days=5, weighted={2}), a_move(4, days=4, weighted=None))
    assert lately(*moves, now=[an_alias("live", 4, weights={2: 0.1})]) == LiveLately(frozenset({2, 3, 4}))


def test_shares_that_no_event_told_are_unknown_until_the_alias_is_seen():
    assert lately(a_move(4, weighted=None), now=[an_alias("live", 4)], known_days=1.5).unknown == ("live",)


def test_a_call_that_names_only_shares_leaves_the_primary_as_it_was():
    moves = (created(3, days=5), a_move(None, days=4, weighted={2}))
    assert lately(*moves, now=[an_alias("live", 3, weights={2: 0.1})]) == LiveLately(frozenset({2, 3}))


def test_a_move_that_is_not_told_yet_is_noticed_by_the_event_before_it():
    history = a_history(created(35, days=60), now=[an_alias("live", 40)], known_days=90)
    assert history.live_lately(SINCE) == LiveLately(frozenset({35, 40}), ("live",))


def test_a_move_that_is_not_told_yet_is_noticed_by_the_scan_before_it():
    answer = lately(now=[an_alias("live", 40)], seen=[seen(35, days=7)])
    assert answer == LiveLately(frozenset({35, 40}), ("live",))


def test_a_move_that_is_not_told_yet_is_noticed_by_the_age_of_the_version():
    published = {35: days_ago(60), 40: days_ago(2)}
    assert lately(now=[an_alias("live", 40)], published=published).unknown == ("live",)
    assert lately(now=[an_alias("live", 35)], published=published).unknown == ()


def test_an_alias_that_is_gone_and_of_which_nothing_is_told_is_noticed_by_the_scan_before():
    assert lately(seen=[seen(35, days=7)]) == LiveLately(frozenset({35}), ("live",))


def test_scans_that_agree_with_the_events_add_nothing_unknown():
    answer = lately(
        a_move(36, days=9), a_move(40, days=3), now=[an_alias("live", 40)], seen=[seen(35, days=10), seen(36, days=4)]
    )
    assert answer == LiveLately(frozenset({35, 36, 40}))


def test_a_scan_before_the_events_says_nothing_of_when_they_begin():
    answer = lately(a_move(40), now=[an_alias("live", 40)], seen=[seen(35, days=20)])
    assert answer == LiveLately(frozenset({40}), ("live",))


def test_a_scan_within_the_time_in_question_counts_whatever_the_events_reach():
    sightings = [seen(35, days=20, until=10)]
    assert sighted_lately(sightings, SINCE) == {35}
    assert sighted_lately(sightings, days_ago(9)) == frozenset()


def test_moves_of_one_second_leave_open_which_was_the_last():
    both = (a_move(5, days=20), a_move(6, days=20))
    history = a_history(created(4, days=30), *both, now=[an_alias("live", 6)], known_days=60)
    assert history.live_lately(SINCE) == LiveLately(frozenset({6}), ("live",))
    assert history.live_lately(days_ago(21)).versions == {4, 5, 6}


def test_a_scan_of_the_second_in_which_an_alias_moved_may_have_come_before_it():
    before, after = (
        lately(created(3, days=8), a_move(4), now=[an_alias("live", 4)], seen=[s])
        for s in (seen(3, days=1), seen(4, days=1))
    )
    assert before == after == LiveLately(frozenset({3, 4}))


def test_a_scan_may_have_come_before_a_move_by_a_clock_that_is_five_minutes_off():
    moved, minutes = (created(3, days=8), a_move(4)), 1 / 24 / 60
    unknown = [
        lately(*moves, now=[an_alias("live", 4)], seen=[seen(3, days=1 - late * minutes)]).unknown
        for moves, late in ((moved, 5), (moved, 6))
    ]
    assert unknown == [(), ("live",)]


def test_of_the_time_before_what_is_told_in_full_an_event_counts_for_nothing():
    assert lately(created(2, days=20), a_move(4), now=[an_alias("live", 4)]).unknown == ("live",)


def test_an_event_told_twice_counts_once():
    move = created(5, days=3)
    assert lately(move, move, now=[an_alias("live", 5)]) == LiveLately(frozenset({5}))


def test_an_alias_that_is_made_again_after_its_function_went_is_known_from_there():
    history = a_history(created(35, days=40), created(2, days=3), now=[an_alias("live", 2)], known_days=60)
    assert history.live_lately(SINCE) == LiveLately(frozenset({2, 35}))


def test_an_alias_on_latest_points_to_no_version():
    latest = AliasMove(
        function_name=FUNCTION,
        alias="dev",
        at=days_ago(3),
        kind=MoveKind.CREATED,
        primary=frozenset(),
        weighted=frozenset(),
    )
    assert lately(latest, now=[an_alias("dev")]) == LiveLately()


@pytest.mark.parametrize(
    ("moves", "sightings", "enough"),
    [
        ((), (), True),
        ((created(4),), (), True),
        ((a_move(4),), (), False),
        ((removed(),), (), False),
        ((a_move(4, weighted=None),), (), False),
        ((a_move(4),), (seen(3, days=7),), True),
        ((a_move(3, days=10), a_move(4)), (), False),
        ((created(3, days=10), a_move(4)), (), True),
        ((created(3, days=10, weighted=()), a_move(4, weighted=None)), (), True),
    ],
)
def test_the_events_reach_back_far_enough_when_every_move_has_something_before_it(moves, sightings, enough):
    assert a_history(*moves, seen=sightings).reaches_back(SINCE) is enough


def test_events_before_the_time_in_question_are_reached_back_to_once_one_is_found():
    assert a_history(a_move(3, days=20), a_move(4), known_days=28).reaches_back(SINCE)
    assert not a_history(a_move(4), known_days=28).reaches_back(SINCE)


def test_what_an_alias_pointed_to_in_an_hour_is_told():
    history = a_history(created(3, days=10), a_move(4, days=5), now=[an_alias("live", 4)])
    assert history.pointed_to("live", days_ago(8), days_ago(7.9)) == {3}
    assert history.pointed_to("live", days_ago(5.01), days_ago(4.99)) == {3, 4}
    assert history.pointed_to("live", days_ago(2), days_ago(1.9)) == {4}
    assert history.pointed_to("live", days_ago(10.01), days_ago(9.99)) == {3}


def test_an_alias_on_latest_pointed_to_no_version_and_one_that_was_not_there_to_nobody_knows_what():
    history = a_history(created(3, days=10), now=[an_alias("live", 3), an_alias("dev")])
    assert history.pointed_to("dev", days_ago(2), days_ago(1.9)) == frozenset()
    assert history.pointed_to("live", days_ago(12), days_ago(11.9)) is None
    assert history.pointed_to("gone", days_ago(2), days_ago(1.9)) is None


def test_what_an_alias_pointed_to_before_anything_is_told_is_unknown():
    history = a_history(a_move(4, days=5), now=[an_alias("live", 4)])
    assert history.pointed_to("live", days_ago(8), days_ago(7.9)) is None
    assert history.pointed_to("live", days_ago(20), days_ago(19)) is None
    assert history.pointed_to("live", days_ago(4), NOW - timedelta(hours=1)) == {4}


def test_a_move_is_read_as_it_was_written():
    for move in (a_move(4, weighted={3}), a_move(None, weighted=None), removed(), created(1)):
        assert AliasMove.from_dict(move.to_dict()) == move


def next_horizon(*moves, known_days=14, sightings=(), functions=(FUNCTION,)):
    """How many days back the events are to be read next; None when they were read far enough."""
    horizon = further_back(
        moves,
        {FUNCTION: tuple(sightings)} if sightings else {},
        frozenset(functions),
        now=NOW,
        since=SINCE,
        known_since=days_ago(known_days),
        scanned_before=NOW - TOLD_LATE,
    )
    return None if horizon is None else (NOW - horizon).days


WEEKLY = [seen(3, days=7)]


def test_a_version_must_not_have_been_live_since_the_minimum_age_and_no_further_back_than_cloudtrail_remembers():
    assert live_since(NOW, 14) == days_ago(14)
    assert live_since(NOW, 120) == days_ago(90)


def test_with_a_scan_lately_and_nothing_moved_no_more_is_read():
    assert next_horizon(sightings=WEEKLY) is None


def test_a_first_scan_reads_all_that_cloudtrail_remembers():
    assert next_horizon() == 90
    assert next_horizon(known_days=90) is None


def test_a_scan_of_this_minute_notices_nothing_that_is_not_told_yet():
    assert next_horizon(sightings=[seen(3, days=0.001)]) == 90
    assert next_horizon(sightings=[seen(3, days=7, until=0.001)]) is None


def test_after_a_pause_the_events_are_read_back_to_the_last_scan():
    assert next_horizon(sightings=[seen(3, days=40, until=33)]) == 33
    assert next_horizon(sightings=[seen(3, days=200, until=110)]) == 90


def test_twice_as_much_is_read_as_long_as_an_alias_moved_from_nobody_knows_where():
    before_any_scan = a_move(3, days=12)
    assert next_horizon(before_any_scan, sightings=WEEKLY) == 28
    assert next_horizon(before_any_scan, a_move(2, days=20), sightings=WEEKLY, known_days=28) is None
    assert next_horizon(before_any_scan, sightings=WEEKLY, known_days=56) == 90
    assert next_horizon(before_any_scan, sightings=WEEKLY, known_days=90) is None


def test_nothing_more_is_read_for_functions_that_nobody_asks_about():
    assert next_horizon(a_move(3, days=12), sightings=WEEKLY, functions=("other", FUNCTION)) == 28
    another = AliasMove(function_name="another", alias="live", at=days_ago(12), kind=MoveKind.REMOVED)
    assert next_horizon(another, sightings=WEEKLY) is None
