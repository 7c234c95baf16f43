"""How a run begins and ends: what it refuses, what it waits for, and that nothing it made outlives it for long."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from live_check.late_facts import LATE_FACTS
from live_check.resources import FOREIGN_AFTER, MADE_BY, TAG

from fakes.aws.roles import FunctionRole
from tests.live_check.account import Account

ME = "arn:aws:sts::111122223333:assumed-role/cleaner/session"


@pytest.fixture
def account() -> Account:
    return Account()


def interrupts() -> None:
    raise KeyboardInterrupt


def test_quick_makes_no_more_than_is_needed_and_says_what_it_did_not_wait_for(account: Account) -> None:
    code = account.runs_check(quick=True)

    assert account.lines("not asked") == [f"{fact.text}: --quick does not wait for it" for fact in LATE_FACTS]
    assert account.cloud.calls["GetMetricData"] == account.cloud.calls["LookupEvents"] == 0
    assert not [line for line in account.said if line.startswith("waiting")]
    assert code == 5
    assert account.names == []


def test_metrics_that_never_arrive_are_no_finding(account: Account) -> None:
    account.cloud.metric_lag = timedelta(days=1)

    code = account.runs_check()

    assert any(line.endswith(": no metric has arrived") for line in account.lines("not asked"))
    assert account.lines("DOES NOT") == []
    assert code == 5


@pytest.mark.parametrize(
    "denied",
    [{"LookupEvents": 3, "ListStacks": 1, "GetMetricData": 10, "TagResource": 1}, {"PutFunctionConcurrency": 1}],
)
def test_what_is_not_allowed_could_not_be_asked(account: Account, denied: dict[str, int]) -> None:
    for operation in denied:
        account.cloud.faults.deny(operation)

    code = account.runs_check()

    not_asked = account.lines("not asked")
    assert all("AccessDenied" in line for line in not_asked)
    assert {one: sum(one in line for line in not_asked) for one in denied} == denied
    assert account.lines("DOES NOT") == []
    assert code == 5
    assert account.names == []


def test_it_waits_until_each_change_is_done(account: Account) -> None:
    pending = account.cloud.faults.distort(
        "GetFunctionConfiguration", lambda _, body: {**body, "State": "Pending"}, qualifier="2", times=3
    )

    account.runs_check(quick=True)

    assert pending.hits == 3
    assert account.lines("DOES NOT") == []


def test_a_snapshot_that_fails_ends_the_run_with_the_reason(account: Account) -> None:
    failed = {"State": "Failed", "StateReason": "The handler could not be imported."}
    account.cloud.faults.distort("GetFunctionConfiguration", lambda _, body: {**body, **failed}, qualifier="1")

    assert account.runs_check() == 3
    assert "The handler could not be imported." in account.told[0]
    assert account.names == []


@pytest.mark.parametrize("operation", ["GetCallerIdentity", "ListRoles", "GetResources"])
def test_without_looking_for_leftovers_nothing_is_made(account: Account, operation: str) -> None:
    account.cloud.faults.deny(operation)

    assert account.runs_check() == 3
    assert account.told[0].startswith("Nothing was made: ")
    assert account.cloud.calls["CreateRole"] == 0


@pytest.mark.parametrize("operation", ["CreateRole", "CreateFunction", "PublishVersion", "Invoke", "UpdateAlias"])
def test_what_was_made_before_a_refusal_is_removed(account: Account, operation: str) -> None:
    account.cloud.faults.deny(operation)

    assert account.runs_check() == 3
    assert account.told[0].startswith("The function could not be made as it must be for the check: ")
    assert account.names == []


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        ("CreateRole", True),
        ("CreateFunction", False),
        ("CreateFunction", True),
        ("PublishVersion", True),
        ("CreateAlias", False),
        ("GetMetricData", False),
        ("DeleteFunction", False),
        ("DeleteFunction", True),
    ],
)
def test_an_interrupted_run_removes_what_it_made(account: Account, operation: str, after: bool) -> None:
    account.cloud.faults.meanwhile(operation, interrupts, after=after, times=1)

    with pytest.raises(KeyboardInterrupt):
        account.runs_check(quick=operation != "GetMetricData")

    assert account.names == []


def crash(account: Account, operation: str, *, after: bool = False) -> None:
    """End a run at a call and let it remove nothing, as a machine that is switched off."""
    dead = account.cloud.faults.meanwhile(operation, interrupts, after=after)
    nothing = [account.cloud.faults.meanwhile(one, interrupts) for one in ("DeleteFunction", "DeleteRole", "ListTags")]
    with pytest.raises(KeyboardInterrupt):
        account.runs_check(quick=True)
    for fault in (dead, *nothing):
        fault.lift()


@pytest.mark.parametrize(
    ("operation", "after"),
    [("CreateRole", True), ("CreateFunction", True), ("PublishVersion", True), ("Invoke", False)],
)
def test_what_a_crash_left_is_found_by_its_tag_and_removed_by_the_next_run(
    account: Account, operation: str, after: bool
) -> None:
    crash(account, operation, after=after)
    (left,) = set(account.names)

    account.runs_check(quick=True)

    assert f"removing {left}" in account.said
    assert account.names == []


def test_a_function_whose_role_went_already_is_found_as_well(account: Account) -> None:
    crash(account, "Invoke")
    account.cloud.function_roles.clear()

    account.runs_check(quick=True)

    assert account.names == []


def test_what_somebody_else_began_lately_is_left_alone_and_removed_later(account: Account) -> None:
    crash(account, "Invoke")
    (function,) = account.cloud.functions.values()
    function.tags[MADE_BY] = "arn:aws:iam::111122223333:user/other"
    role = account.cloud.function_roles[function.name]
    theirs = {**role.tags, MADE_BY: "arn:aws:iam::111122223333:user/other"}
    account.cloud.function_roles[role.name] = FunctionRole(role.name, role.path, role.arn, theirs, role.created)

    account.runs_check(quick=True)

    assert account.names == [function.name, function.name]
    assert any(line.startswith(f"{function.name} is left alone: ") for line in account.said)

    account.pass_seconds(FOREIGN_AFTER.total_seconds())
    account.runs_check(quick=True)

    assert account.names == []


@pytest.mark.parametrize("tags", [{}, {"team": "shop"}])
def test_a_function_without_the_tag_is_never_removed(account: Account, tags: dict[str, str]) -> None:
    crash(account, "Invoke")
    (function,) = account.cloud.functions.values()
    function.tags.clear()
    function.tags.update(tags)

    account.runs_check(quick=True)

    assert account.cloud.functions.keys() == {function.name}
    assert any("it does not carry the tag" in line for line in account.told)


def test_a_function_of_others_that_carries_the_tag_is_not_removed(account: Account) -> None:
    account.cloud.function("orders-api", tags={TAG: "2026-11-20T00:00:00+00:00", MADE_BY: ME})

    account.runs_check(quick=True)

    assert account.names == ["orders-api"]


def refused(operation: str) -> Callable[[Account], object]:
    return lambda account: account.cloud.faults.deny(operation, where=lambda asked: "Qualifier" not in asked)


@pytest.mark.parametrize(
    ("operation", "hint"),
    [
        (
            "DeleteFunction",
            "aws lambda delete-function --region us-west-2 --function-name snapstart-live-check-us-west-2-",
        ),
        ("DeleteRole", "aws iam delete-role --role-name snapstart-live-check-us-west-2-"),
    ],
)
def test_what_could_not_be_removed_is_named_with_what_to_type(account: Account, operation: str, hint: str) -> None:
    refused(operation)(account)

    code = account.runs_check(quick=True)

    (line,) = [line for line in account.told if line.startswith("Left behind: ")]
    assert "AccessDenied" in line
    assert hint in line
    assert code == 4
