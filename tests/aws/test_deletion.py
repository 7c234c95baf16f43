"""One version goes, and never more than that."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from fakes.aws.account import Version
from orchestrator.aws.accounts import WrongAccount
from orchestrator.aws.deletion import (
    LOOK_AGAIN_AFTER_SECONDS,
    RehearsedDeleter,
    Result,
    SwitchedOffDeleter,
    VersionDeleter,
)
from orchestrator.aws.errors import AwsError, CredentialsError
from orchestrator.domain.plan import Deletion
from orchestrator.domain.results import DELETES_ARE_OFF, Outcome

STILL_THERE = "AWS accepted the delete, but the version is still there"


@pytest.fixture
def orders(cloud):
    return cloud.function("orders").publish(5)


@pytest.fixture
def slept():
    return []


ACCOUNT = "111122223333"


@pytest.fixture
def deleter(lambda_, slept):
    return VersionDeleter(lambda_, account_id=ACCOUNT, identity=lambda: ACCOUNT, sleep=slept.append)


def deletion(cloud, number, function="orders"):
    return Deletion(function, number, f"{cloud.function_arn(function)}:{number}")


def test_a_version_is_deleted_and_seen_to_be_gone(cloud, orders, deleter, slept):
    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.DELETED)

    assert cloud.deletions == [("orders", "2")]
    assert orders.numbers == [1, 3, 4, 5]
    assert cloud.calls["GetFunctionConfiguration"] == 1
    assert slept == []


@pytest.mark.usefixtures("orders")
def test_the_call_names_the_version_in_the_arn_and_in_the_qualifier(cloud, deleter):
    deleter.delete(deletion(cloud, 2))

    assert cloud.calls.of("DeleteFunction") == [
        {"FunctionName": "arn:aws:lambda:us-west-2:111122223333:function:orders:2", "Qualifier": "2"}
    ]


@pytest.mark.parametrize("number", ["", "live", "$LATEST", "2", None, 0, -1, 2.0, True])
def test_nothing_but_a_number_is_ever_sent(cloud, orders, deleter, number):
    forged = object.__new__(Deletion)
    for name, value in (("function_name", "orders"), ("number", number), ("arn", f"{orders.arn}:{number}")):
        object.__setattr__(forged, name, value)

    with pytest.raises(ValueError, match="by its number"):
        deleter.delete(forged)

    assert cloud.calls["DeleteFunction"] == 0


def test_an_arn_without_a_version_is_never_sent(cloud, orders, deleter):
    forged = object.__new__(Deletion)
    for name, value in (("function_name", "orders"), ("number", 2), ("arn", orders.arn)):
        object.__setattr__(forged, name, value)

    with pytest.raises(ValueError, match="does not name version 2"):
        deleter.delete(forged)

    assert cloud.calls["DeleteFunction"] == 0


def test_what_is_no_deletion_is_never_sent(cloud, orders, deleter):
    with pytest.raises(TypeError):
        deleter.delete(SimpleNamespace(function_name="orders", number=2, arn=f"{orders.arn}:2"))

    assert cloud.calls["DeleteFunction"] == 0


def test_a_version_that_is_gone_already_counts_as_deleted(cloud, orders, deleter):
    orders.remove(2)

    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.DELETED)


def test_a_function_that_is_gone_took_its_versions_along(cloud, deleter):
    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.DELETED)


def test_an_alias_that_came_meanwhile_saves_the_version(cloud, orders, deleter):
    cloud.faults.meanwhile("DeleteFunction", lambda: orders.alias("canary", 2))

    assert deleter.delete(deletion(cloud, 2)) == Result(
        Outcome.SKIPPED,
        "lambda:DeleteFunction ResourceConflictException, "
        "Unable to delete version because the following aliases reference it: [canary]",
    )
    assert cloud.has("orders", 2)


@pytest.mark.usefixtures("orders")
def test_deletes_are_switched_off_when_the_role_may_not(cloud, deleter):
    cloud.faults.deny("DeleteFunction")

    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.SKIPPED, DELETES_ARE_OFF)


def test_where_deletes_are_switched_off_a_version_that_went_before_is_seen_to_be_gone(cloud, orders, lambda_):
    switched_off = SwitchedOffDeleter(lambda_, account="search (444455556666)")
    orders.remove(2)

    assert switched_off.went_through(deletion(cloud, 2))
    assert not switched_off.went_through(deletion(cloud, 3))
    told = "deletes are switched off in search (444455556666)"
    assert switched_off.delete(deletion(cloud, 3)) == Result(Outcome.SKIPPED, told)
    assert cloud.calls["DeleteFunction"] == 0


@pytest.mark.parametrize(
    "because",
    [
        "with an explicit deny in a service control policy",
        "because no service control policy allows the lambda:DeleteFunction action",
        "because no permissions boundary allows the lambda:DeleteFunction action",
        "with an explicit deny in an identity-based policy",
    ],
)
@pytest.mark.usefixtures("orders")
def test_any_other_denial_is_a_failure_in_the_words_of_aws(cloud, deleter, because):
    words = f"User: cleaner is not authorized to perform: lambda:DeleteFunction on resource: orders:2 {because}"
    cloud.faults.refuse("DeleteFunction", "AccessDeniedException", words, status=403)

    told = f"lambda:DeleteFunction AccessDeniedException, {words}"
    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.FAILED, told)


def test_a_replica_of_lambda_at_edge_is_refused_for_good(cloud, deleter):
    cloud.function("edge").publish(1, replicated=True)

    result = deleter.delete(deletion(cloud, 1, "edge"))

    assert result.outcome is Outcome.REFUSED
    assert result.words.startswith("lambda:DeleteFunction InvalidParameterValueException, Lambda was unable to delete")
    assert "replicated function" in result.words


@pytest.mark.usefixtures("orders")
def test_a_throttled_delete_failed(cloud, deleter):
    cloud.faults.throttle("DeleteFunction")

    assert deleter.delete(deletion(cloud, 2)) == Result(
        Outcome.FAILED, "lambda:DeleteFunction TooManyRequestsException, Rate exceeded"
    )


@pytest.mark.parametrize(("took_effect", "outcome"), [(True, Outcome.DELETED), (False, Outcome.FAILED)])
@pytest.mark.usefixtures("orders")
def test_after_a_lost_answer_the_version_itself_tells(cloud, deleter, took_effect, outcome):
    cloud.faults.drop("DeleteFunction", after=took_effect)

    assert deleter.delete(deletion(cloud, 2)).outcome is outcome


def test_a_version_that_outlives_its_delete_failed(cloud, orders, deleter, slept):
    cloud.faults.meanwhile("DeleteFunction", lambda: orders.publish(1, number=2), after=True)

    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.FAILED, STILL_THERE)
    assert slept == list(LOOK_AGAIN_AFTER_SECONDS)


def test_a_version_may_take_a_moment_to_go(cloud, orders, deleter, slept):
    cloud.faults.meanwhile("DeleteFunction", lambda: orders.publish(1, number=2), after=True)
    cloud.faults.meanwhile("GetFunctionConfiguration", lambda: orders.remove(2), nth=2)

    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.DELETED)
    assert slept == [LOOK_AGAIN_AFTER_SECONDS[0]]


def test_a_version_that_is_being_deleted_is_as_good_as_gone(cloud, orders, deleter):
    def drain():
        build = orders.versions[1].build
        orders.versions[2] = Version(2, build, "2026-09-01T00:00:00.000+0000", state="Deleting")

    cloud.faults.meanwhile("DeleteFunction", drain, after=True)

    assert deleter.delete(deletion(cloud, 2)) == Result(Outcome.DELETED)


@pytest.mark.usefixtures("orders")
def test_a_delete_that_cannot_be_confirmed_is_not_claimed(cloud, deleter):
    cloud.faults.deny("GetFunctionConfiguration")

    result = deleter.delete(deletion(cloud, 2))

    assert result.outcome is Outcome.UNCONFIRMED
    assert result.words.startswith(
        "AWS accepted the delete, but whether the version is gone could not be read: "
        "lambda:GetFunctionConfiguration AccessDenied"
    )


@pytest.mark.usefixtures("orders")
def test_expired_credentials_are_no_outcome_of_a_version(cloud, deleter):
    cloud.faults.refuse("DeleteFunction", "ExpiredTokenException", "expired", status=403)

    with pytest.raises(CredentialsError, match="lambda:DeleteFunction ExpiredTokenException"):
        deleter.delete(deletion(cloud, 2))


@pytest.mark.usefixtures("orders")
def test_a_rehearsal_asks_nothing_of_anybody(cloud):
    assert RehearsedDeleter().delete(deletion(cloud, 2)) == Result(Outcome.WOULD_DELETE)

    assert cloud.calls.operations == {}
    assert cloud.has("orders", 2)


def test_only_one_module_of_the_product_can_delete():
    root = Path(__file__).parents[2]
    callers = [
        path.relative_to(root).as_posix()
        for package in ("bot", "orchestrator")
        for path in sorted((root / package).rglob("*.py"))
        if "delete_function" in path.read_text()
    ]

    assert callers == ["orchestrator/aws/deletion.py"]


@pytest.mark.parametrize(
    ("account_id", "identity"), [("444455556666", ACCOUNT), (ACCOUNT, "444455556666"), ("444455556666", "444455556666")]
)
def test_nothing_is_sent_when_run_version_and_credentials_are_not_of_one_account(cloud, lambda_, account_id, identity):
    cloud.function("orders").publish(2)
    deleter = VersionDeleter(lambda_, account_id=account_id, identity=lambda: identity)

    with pytest.raises(WrongAccount, match="nothing was deleted"):
        deleter.delete(deletion(cloud, 1))
    assert cloud.calls["DeleteFunction"] == 0


# Whether a delete would be allowed


ABSENT = 999_999_999


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("function", ["nobodys", "orders"])
def test_a_delete_is_allowed_where_aws_only_says_that_nothing_is_there(cloud, deleter, function):
    assert deleter.is_allowed(deletion(cloud, ABSENT, function)) is True

    assert cloud.deletions == []
    assert cloud.calls.of("DeleteFunction")[0]["Qualifier"] == str(ABSENT)


def test_a_delete_is_denied_where_aws_says_so(cloud, deleter):
    cloud.faults.refuse("DeleteFunction", "AccessDeniedException", status=403)

    assert deleter.is_allowed(deletion(cloud, ABSENT, "nobodys")) is False


@pytest.mark.usefixtures("orders")
def test_no_delete_is_tried_of_a_version_that_is_there(cloud, deleter):
    with pytest.raises(AwsError, match="orders:2 is there"):
        deleter.is_allowed(deletion(cloud, 2))

    assert cloud.calls["DeleteFunction"] == 0


def test_no_delete_is_tried_where_it_is_not_known_what_is_there(cloud, deleter):
    cloud.faults.refuse("GetFunctionConfiguration", "ServiceException", status=500)

    with pytest.raises(AwsError, match="ServiceException"):
        deleter.is_allowed(deletion(cloud, ABSENT, "nobodys"))
    assert cloud.calls["DeleteFunction"] == 0


def test_what_aws_does_not_say_clearly_is_not_known(cloud, deleter):
    cloud.faults.refuse("DeleteFunction", "ServiceException", status=500)

    with pytest.raises(AwsError, match="ServiceException"):
        deleter.is_allowed(deletion(cloud, ABSENT, "nobodys"))


def test_nothing_is_tried_in_another_account(cloud, lambda_):
    elsewhere = VersionDeleter(lambda_, account_id=ACCOUNT, identity=lambda: "444455556666")

    with pytest.raises(WrongAccount):
        elsewhere.is_allowed(deletion(cloud, ABSENT, "nobodys"))
    assert cloud.calls["DeleteFunction"] == 0
