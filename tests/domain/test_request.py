"""Requests: every mistake named at once, and never laxer than the stack."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.accounts import Account
from orchestrator.domain.policy import PERIODS, Policy
from orchestrator.domain.request import STRICTER, Kind, RefusedRequest, lookback_for, read_request

REGIONS = ("us-west-2", "eu-west-1")
ACCOUNTS = (Account("111122223333", "payments"), Account("444455556666"))
EXAMPLE = Path(__file__).parents[2] / "events" / "scan.json"


def read(raw=None, policy=None, **fields):
    return read_request(fields if raw is None else raw, regions=REGIONS, policy=policy or Policy(), accounts=ACCOUNTS)


def problems_of(raw=None, policy=None, **fields):
    with pytest.raises(RefusedRequest) as refused:
        read(raw, policy, **fields)
    assert str(refused.value) == "; ".join(refused.value.problems)
    return refused.value.problems


@pytest.mark.parametrize("raw", [{}, {"region": None, "requested_by": None}])
def test_an_empty_request_is_the_stacks_own_policy_in_its_first_region(raw):
    request = read(raw)

    assert (request.region, request.policy) == ("us-west-2", Policy())
    assert (request.requested_by, request.channel_id, request.request_id) == (None, None, None)


def test_no_request_at_all_is_an_empty_one():
    assert read_request(None, regions=REGIONS, policy=Policy()) == read({})


def test_every_field_is_read():
    request = read(
        kind="scan",
        account_id="444455556666",
        region="eu-west-1",
        lookback_days=90,
        min_age_days=30,
        keep_last_n=5,
        period_seconds=300,
        function_name_prefix="orders-",
        function_activity="strict",
        requested_by="U0ASKER",
        channel_id="C0REVIEW",
        request_id="r-1",
    )

    assert (request.kind, request.account_id, request.region) == (Kind.SCAN, "444455556666", "eu-west-1")
    assert request.policy == Policy(
        min_age_days=30,
        keep_last_n=5,
        lookback_days=90,
        period_seconds=300,
        function_activity="strict",
        function_name_prefix="orders-",
    )
    assert (request.requested_by, request.channel_id, request.request_id) == ("U0ASKER", "C0REVIEW", "r-1")


def test_what_is_not_asked_for_stays_as_the_stack_is_set():
    assert read(min_age_days=30, policy=Policy(max_deletions=7, keep_last_n=9)).policy == Policy(
        min_age_days=30, max_deletions=7, keep_last_n=9
    )


def test_the_example_event_is_a_request():
    assert read(json.loads(EXAMPLE.read_text())).region in REGIONS


@pytest.mark.parametrize("raw", [[], "us-west-2", 7, True])
def test_a_request_must_be_an_object(raw):
    assert problems_of(raw) == (f"the request must be a JSON object, not {type(raw).__name__}",)


NO_PREFIXES = ["orders api", "orders*", "", "ördérs", "orders\n", "o" * 65, 7]
IMPOSSIBLE = {
    ("region", "must be one of us-west-2, eu-west-1"): ["us-east-1"],
    ("region", "must be a text that is not empty"): ["", 7],
    ("lookback_days", "must be 7 or more"): [6],
    ("lookback_days", "must be 455 or less"): [456],
    ("lookback_days", "must be a whole number"): [90.0, "90"],
    ("min_age_days", "must be 1 or more"): [0, -3],
    ("min_age_days", "must be a whole number"): [True],
    ("min_age_days", "must be 455 or less"): [456],
    ("keep_last_n", "must be 1 or more"): [0],
    ("keep_last_n", "must be 20 or less"): [21],
    ("keep_last_n", "must be a whole number"): [[3]],
    ("period_seconds", "must be one of 60"): [7200, 90, 0, "300"],
    ("function_name_prefix", "must be the beginning of a function name"): NO_PREFIXES,
    ("function_activity", "must be attributed or strict"): ["lenient", ["strict"]],
    ("requested_by", "must be a text that is not empty"): [7],
    ("channel_id", "must be a text that is not empty"): [{}],
    ("request_id", "must be a text that is not empty"): [""],
    ("account_id", "must be a text that is not empty"): [7],
    ("account_id", "must be one of payments (111122223333), 444455556666"): ["999988887777", "payments"],
    ("kind", "must be one of scan, sweep, why, pause, resume, stop, doctor, saved"): ["scna"],
    ("kind", "must be one of scan"): [["scan"]],
}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [(field, value, words) for (field, words), values in IMPOSSIBLE.items() for value in values],
)
def test_an_impossible_value_is_refused_by_name(field, value, words):
    (problem,) = problems_of({field: value})

    assert problem.startswith(f"`{field}` ")
    assert words in problem


@pytest.mark.parametrize("prefix", ["o", "-", "_", "_internal", "Orders-2_x", "o" * 64])
def test_any_beginning_of_a_function_name_is_a_prefix(prefix):
    assert read(function_name_prefix=prefix).policy.function_name_prefix == prefix


@pytest.mark.parametrize("minutes", [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60])
def test_every_whole_minute_that_divides_an_hour_is_a_period(minutes):
    assert read(period_seconds=minutes * 60).policy.period_seconds == minutes * 60
    assert len(PERIODS) == 12


def test_an_unknown_field_is_refused_and_the_fields_are_named():
    (problem,) = problems_of(min_age=30)

    assert problem.startswith("`min_age` is not a field of a scan request; the fields are kind, account_id, region, ")


def test_all_problems_are_named_at_once():
    problems = problems_of(
        min_age=30, keep_last_n=0, period_seconds="x", region="us-east-1", lookback_days=10, function_activity="no"
    )

    named = "min_age keep_last_n period_seconds function_activity region lookback_days lookback_days"
    assert " ".join(problem.split("`")[1] for problem in problems) == named


@pytest.mark.parametrize(("length", "shown"), [(62, f"'{'x' * 62}'"), (63, f"'{'x' * 62}…"), (10_000, f"'{'x' * 62}…")])
def test_a_long_value_is_shown_cut(length, shown):
    assert problems_of(region="x" * length) == (f"`region` {shown}: must be one of us-west-2, eu-west-1",)


# Other kinds than scans

MOMENT = datetime(2026, 12, 24, 18, tzinfo=UTC)


def test_a_request_that_names_no_kind_asks_for_a_scan():
    assert (read({}).kind, read({}).account_id) == (Kind.SCAN, None)


@pytest.mark.parametrize("kind", ["why", "pause", "resume", "stop", "doctor", "saved"])
def test_what_is_answered_privately_says_where_and_to_whom_and_never_shows_the_address(kind):
    needed = {"function_name": "orders-api"} if kind == "why" else {}
    address = "https://hooks.slack.example/commands/T0/1/secret"
    request = read(kind=kind, response_url=address, requested_by_name="asker", **needed)

    assert (request.response_url, request.requested_by_name) == (address, "asker")
    assert "secret" not in repr(request)


@pytest.mark.parametrize("address", ["", "hooks", "file:///etc/passwd", "https://a b", 7])
def test_an_address_that_cannot_be_answered_to_is_refused(address):
    (problem,) = problems_of(kind="saved", response_url=address)

    assert problem.endswith("must be a web address")


def test_a_doctor_asks_for_a_click_unless_it_is_told_not_to():
    assert read(kind="doctor").click is True
    assert read(kind="doctor", click=False).click is False
    assert problems_of(kind="doctor", click="no") == ("`click` 'no': must be true or false",)


def test_a_stop_may_name_the_one_run_it_was_allowed_to_end():
    assert read(kind="stop", execution="3f2a-9").execution == "3f2a-9"
    assert read(kind="stop").execution is None


@pytest.mark.parametrize("execution", ["../reports/x", "", "x" * 129, 7])
def test_a_run_that_cannot_be_is_refused(execution):
    (problem,) = problems_of(kind="stop", execution=execution)

    assert problem.endswith("must be the id of a run")


@pytest.mark.parametrize("kind", ["sweep", "pause", "resume", "stop", "doctor", "saved"])
def test_a_kind_alone_is_a_request(kind):
    request = read(kind=kind, requested_by="U0ASKER", channel_id="C0REVIEW", request_id="r-1")

    assert request.kind is Kind(kind)
    assert (request.requested_by, request.policy) == ("U0ASKER", Policy())


def test_a_sweep_may_be_stricter_than_the_stack():
    assert read(kind="sweep", min_age_days=30).policy.min_age_days == 30


def test_why_asks_about_one_function_or_one_of_its_versions():
    of_all = read(kind="why", function_name="orders-api", account_id="444455556666", region="eu-west-1")
    of_one = read(kind="why", function_name="orders-api", version="12")

    assert (of_all.function_name, of_all.version, of_all.region) == ("orders-api", None, "eu-west-1")
    assert (of_one.function_name, of_one.version) == ("orders-api", 12)


def test_why_needs_its_function():
    assert problems_of(kind="why", version="12") == (
        "`function_name` is missing: a why request needs the function it asks about",
    )


@pytest.mark.parametrize("version", ["0", "$LATEST", "01", 12, "", "1" * 20])
def test_a_version_is_the_number_of_a_published_one(version):
    (problem,) = problems_of(kind="why", function_name="orders-api", version=version)

    assert problem.endswith("must be the number of a published version, as a text")


@pytest.mark.parametrize("name", ["", "orders api", "orders:1", 7, "o" * 65])
def test_a_function_is_named_as_lambda_names_them(name):
    (problem,) = problems_of(kind="why", function_name=name)

    assert "must be the name of a function" in problem


@pytest.mark.parametrize(
    ("until", "moment"),
    [
        ("2026-12-24", datetime(2026, 12, 25, tzinfo=UTC)),
        ("20261224", datetime(2026, 12, 25, tzinfo=UTC)),
        ("2026-12-24T18:00", MOMENT),
        ("2026-12-24T18:00Z", MOMENT),
        ("2026-12-24T19:00:00+01:00", MOMENT),
        ("2026-12-24 18:00", MOMENT),
    ],
)
def test_a_pause_lasts_until_a_moment_or_through_a_whole_day(until, moment):
    assert read(kind="pause", until=until, reason="the year's end").until == moment


def test_a_pause_may_name_no_end():
    request = read(kind="pause", reason="an incident")

    assert (request.until, request.reason) == (None, "an incident")


@pytest.mark.parametrize("until", ["tomorrow", "", "2026-02-30", 20261224, ["2026-12-24"], "9999-12-31"])
def test_a_pause_until_no_date_is_refused(until):
    (problem,) = problems_of(kind="pause", until=until)

    assert problem.startswith("`until` ")
    assert "must be a date (2026-12-24, that day included) or a moment" in problem


@pytest.mark.parametrize("reason", ["", "x" * 301, 7])
def test_a_reason_is_a_short_text(reason):
    (problem,) = problems_of(kind="pause", reason=reason)

    assert problem.endswith("must be a text of at most 300 characters")


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("scan", "until", "2026-12-24"),
        ("scan", "function_name", "orders-api"),
        ("sweep", "region", "us-west-2"),
        ("sweep", "account_id", "444455556666"),
        ("why", "reason", "curious"),
        ("pause", "region", "us-west-2"),
        ("resume", "until", "2026-12-24"),
        ("stop", "min_age_days", 30),
        ("doctor", "account_id", "444455556666"),
        ("saved", "lookback_days", 90),
    ],
)
def test_a_field_of_another_kind_is_refused_by_name(kind, field, value):
    needed = {"function_name": "orders-api"} if kind == "why" else {}
    (problem,) = problems_of({"kind": kind, field: value, **needed})

    assert problem.startswith(f"`{field}` is not a field of a {kind} request; the fields are kind, ")


def test_a_field_that_no_kind_has_is_named_beside_a_kind_that_is_none():
    problems = problems_of(kind="scna", min_age=3, until="2026-12-24")

    assert [problem.split("`")[1] for problem in problems] == ["min_age", "kind"]


def test_a_stack_that_names_no_accounts_takes_none():
    with pytest.raises(RefusedRequest) as refused:
        read_request({"account_id": "111122223333"}, regions=REGIONS, policy=Policy())

    assert refused.value.problems == ("`account_id` '111122223333': must be left out",)


# Stricter, never laxer


LEAST = ["min_age_days", "keep_last_n", "lookback_days"]


@pytest.mark.parametrize("field", LEAST)
def test_a_request_may_be_stricter_and_never_laxer(field):
    policy = Policy(min_age_days=20, keep_last_n=4, lookback_days=60)
    least = getattr(policy, field)

    assert problems_of({field: least - 1}, policy) == (f"`{field}` {least - 1}: must be {least} or more; {STRICTER}",)
    assert getattr(read({field: least}, policy).policy, field) == least
    assert getattr(read({field: least + 1}, policy).policy, field) == least + 1


def test_a_strict_stack_cannot_be_asked_for_less():
    strict = Policy(function_activity="strict")

    assert problems_of(function_activity="attributed", policy=strict) == (
        f"`function_activity` 'attributed': must be strict; {STRICTER}",
    )
    assert read(function_activity="strict", policy=strict).policy == strict
    assert read(policy=strict).policy == strict


def test_a_prefix_may_only_narrow_the_stacks_own():
    orders = Policy(function_name_prefix="orders-")

    assert problems_of(function_name_prefix="billing-", policy=orders) == (
        f"`function_name_prefix` 'billing-': must start with 'orders-'; {STRICTER}",
    )
    assert read(function_name_prefix="orders-api", policy=orders).policy.function_name_prefix == "orders-api"
    assert read(policy=orders).policy == orders


def test_the_least_of_everything_is_accepted_where_the_stack_allows_it():
    laxest = Policy(min_age_days=1, keep_last_n=1, lookback_days=7)

    assert read(min_age_days=1, keep_last_n=1, lookback_days=7, policy=laxest).policy == laxest


# Age and lookback


def test_a_lookback_shorter_than_the_age_is_refused():
    assert problems_of(min_age_days=60, lookback_days=40) == (
        "`lookback_days` 40: must be at least `min_age_days`, 60",
    )


def test_a_longer_age_alone_makes_the_lookback_as_long():
    assert read(min_age_days=90).policy == Policy(min_age_days=90, lookback_days=90)


def test_the_longest_lookback_is_what_cloudwatch_keeps():
    assert read(min_age_days=455, lookback_days=455).policy.lookback_days == 455


@pytest.mark.parametrize(
    ("given", "days"), [({}, 35), ({"min_age_days": 20}, 35), ({"min_age_days": 36}, 36), ({"lookback_days": 50}, 50)]
)
def test_the_lookback_that_follows_from_what_was_given(given, days):
    assert lookback_for(given, Policy()) == days


FIELDS = st.dictionaries(
    st.sampled_from(
        ["region", "lookback_days", "min_age_days", "keep_last_n", "period_seconds", "function_activity", "x"]
    ),
    st.one_of(st.integers(-5, 500), st.sampled_from(["strict", "attributed", *REGIONS, ""]), st.booleans(), st.none()),
)


@given(raw=FIELDS, policy=st.builds(Policy, min_age_days=st.integers(1, 30), keep_last_n=st.integers(1, 9)))
def test_what_is_accepted_is_never_laxer_than_the_stack(raw, policy):
    try:
        asked = read(raw, policy).policy
    except RefusedRequest:
        return
    assert asked.min_age_days >= policy.min_age_days
    assert asked.keep_last_n >= policy.keep_last_n
    assert asked.lookback_days >= max(policy.lookback_days, asked.min_age_days)
    assert asked.max_deletions == policy.max_deletions
