"""A call of which nothing tells which version it reached counts for all that its alias pointed to then."""

from __future__ import annotations

from datetime import timedelta

from orchestrator.domain.reasons import Check
from orchestrator.domain.unattributed import attribute, nowhere_known
from orchestrator.domain.versions import LastCall, Unattributed
from tests.builders import a_call, a_usage, days_ago, missing

HOUR = timedelta(hours=1)


def through_live(days):
    return Unattributed("live", days_ago(days), days_ago(days) + HOUR)


def pointed_to(*versions):
    return lambda _alias, _start, _end: frozenset(versions)


def test_it_counts_as_a_call_of_every_version_the_alias_pointed_to():
    usage = attribute(a_usage(unattributed=(through_live(9),)), pointed_to(6, 7))

    assert usage.calls == {6: LastCall(days_ago(9), "live"), 7: LastCall(days_ago(9), "live")}
    assert usage.unexplained is None


def test_the_newest_call_of_a_version_stands():
    used = a_usage(calls={6: a_call(1), 7: a_call(20)}, unattributed=(through_live(9),))

    assert attribute(used, pointed_to(6, 7)).calls == {6: a_call(1), 7: LastCall(days_ago(9), "live")}


def test_where_nobody_knows_what_the_alias_pointed_to_the_function_is_uncertain():
    usage = attribute(a_usage(unattributed=(through_live(20), through_live(9), through_live(30))), nowhere_known)

    assert usage.unexplained == days_ago(9)
    assert usage.calls == {}


def test_a_total_that_could_not_be_read_stays_so():
    unread = missing(Check.FUNCTION_TOTAL)

    usage = attribute(a_usage(unexplained=unread, unattributed=(through_live(9),)), nowhere_known)

    assert usage.unexplained == unread


def test_what_was_attributed_already_stays_as_it_is():
    used = a_usage(calls={6: a_call(1)}, unexplained=days_ago(3))

    assert attribute(used, nowhere_known) == used
