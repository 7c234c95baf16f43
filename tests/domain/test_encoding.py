"""Facts on their way between steps: what is written comes back, with missing, null and empty kept apart."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from orchestrator.domain.days import iso
from orchestrator.domain.encoding import (
    confirmation_from_dict,
    confirmation_to_dict,
    facts_from_dict,
    facts_to_dict,
    moment,
    version_from_dict,
    version_to_dict,
)
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import CallHistory, Confirmation, KeepTag, LiveLately, Stack, State, Unattributed
from tests.builders import (
    NOW,
    a_call,
    a_usage,
    a_version,
    an_alias,
    days_ago,
    facts,
    idle_facts,
    missing,
    verdicts,
)
from tests.domain.fleets import functions


def over_the_wire(data):
    return json.loads(json.dumps(data))


STORIES = {
    "only listed": facts(),
    "idle": idle_facts(),
    "no versions": facts([]),
    "neighbours without SnapStart": facts(other_numbers=(11, 12)),
    "aliased": idle_facts(aliases=(an_alias("live", 10, weights={9: 0.1}), an_alias("dev", None))),
    "aliases unknown": idle_facts(aliases=missing(Check.ALIASES)),
    "called": idle_facts(usage=a_usage(calls={1: a_call(), 2: a_call(through="live")}, function_last=days_ago(1))),
    "called by name": idle_facts(usage=a_usage(function_last=days_ago(1), qualified_last=days_ago(2))),
    "usage unknown": idle_facts(usage=missing(Check.INVOCATIONS)),
    "a series unreadable": idle_facts(usage=a_usage([1], unreadable={2: missing(Check.INVOCATIONS)})),
    "unexplained": idle_facts(usage=a_usage(unexplained=days_ago(3))),
    "called through an alias, nobody knows which version": idle_facts(
        usage=a_usage(unattributed=(Unattributed("live", days_ago(9), days_ago(8)),))
    ),
    "total unknown": idle_facts(usage=a_usage(unexplained=missing(Check.FUNCTION_TOTAL))),
    "event source": idle_facts(event_sources=frozenset({10, 9})),
    "event sources unknown": idle_facts(event_sources=missing(Check.EVENT_SOURCE_MAPPINGS)),
    "tagged": idle_facts(keep_tag=KeepTag("")),
    "tags unknown": idle_facts(keep_tag=missing(Check.TAGS)),
    "live lately": idle_facts(live_lately=LiveLately(frozenset({3, 1}), ("live",))),
    "live lately unknown": idle_facts(live_lately=missing(Check.ALIAS_HISTORY)),
    "of a stack": idle_facts(stack=Stack("shop", "UPDATE_IN_PROGRESS")),
    "stack unknown": idle_facts(stack=missing(Check.STACKS)),
    "states": idle_facts(states={1: State("Failed", "InvalidImage", durable=True), 2: missing(Check.STATE), 3: None}),
    "policies": idle_facts(policies={1: True, 2: missing(Check.RESOURCE_POLICY), 3: None}),
    "histories": idle_facts(
        histories={1: CallHistory(), 2: CallHistory(NOW.date(), in_spells=True), 3: missing(Check.INVOCATIONS)}
    ),
    "executions": idle_facts(executions={1: True, 2: False, 3: missing(Check.DURABLE_EXECUTIONS)}),
}


@pytest.mark.parametrize("known", STORIES.values(), ids=STORIES)
def test_facts_come_back_as_they_were(known):
    assert facts_from_dict(over_the_wire(facts_to_dict(known))) == known


@given(known=functions())
def test_any_facts_come_back_as_they_were_and_are_judged_alike(known):
    returned = facts_from_dict(over_the_wire(facts_to_dict(known)))

    assert returned == known
    assert verdicts(returned) == verdicts(known)


def test_missing_null_and_empty_never_become_one_another():
    written = [
        over_the_wire(facts_to_dict(idle_facts(aliases=aliases)))["aliases"]
        for aliases in (missing(Check.ALIASES), None, ())
    ]

    assert written == [{"missing": ["aliases", missing(Check.ALIASES).words]}, None, {"is": []}]


@pytest.mark.parametrize(
    "version",
    [
        a_version(),
        a_version(runtime=None, package_type="Image"),
        a_version(last_modified=None),
        a_version(durable=True, optimization_status=None, architecture="arm64"),
        a_version(last_modified=days_ago(14) + timedelta(microseconds=1)),
        a_version(description="build 1.42", code_sha256="q83vEjRWeJA="),
    ],
)
def test_a_version_comes_back_as_it_was(version):
    assert version_from_dict(over_the_wire(version_to_dict(version))) == version


def test_a_version_does_not_grow_older_on_the_way():
    almost = a_version(last_modified=days_ago(14) + timedelta(milliseconds=1))
    known = facts(versions=(almost,))

    assert verdicts(facts_from_dict(over_the_wire(facts_to_dict(known))))[1].flags == verdicts(known)[1].flags


def test_a_confirmation_comes_back_as_it_was():
    confirmation = Confirmation(states={7: State("Active")}, policies={7: False}, executions={7: True})

    assert confirmation_from_dict(over_the_wire(confirmation_to_dict(confirmation))) == confirmation


def test_an_answer_that_was_not_given_is_not_made_up():
    assert confirmation_from_dict({"states": {"7": None}, "policies": {}, "executions": {}}) == Confirmation(
        states={}, policies={}, executions={}
    )


def test_what_the_release_before_wrote_is_read():
    version, confirmation = version_to_dict(a_version()), confirmation_to_dict(Confirmation())
    del version["description"], version["sha256"], confirmation["histories"]

    assert version_from_dict(version) == a_version()
    assert confirmation_from_dict(confirmation) == Confirmation()


def test_a_moment_is_written_in_utc_with_whole_seconds():
    tokyo = datetime(2026, 11, 20, 21, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=9)))

    assert iso(tokyo) == "2026-11-20T12:00:00Z"
    assert iso(None) is None


def test_a_written_moment_is_read_back():
    assert moment(iso(NOW)) == NOW == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert moment(None) is None
