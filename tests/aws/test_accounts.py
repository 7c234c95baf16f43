"""Entering the accounts of an organisation, and never the wrong one."""

from datetime import timedelta
from typing import Any

import pytest

from fakes.aws import Cloud
from fakes.aws.organisation import DELETING
from orchestrator.aws.accounts import Accounts, NotAdmitted, Purpose, WrongAccount, check_account, identity_of
from orchestrator.aws.errors import AwsError

OWN, PAYMENTS = "111122223333", "444455556666"


class Time:
    def __init__(self, now: Any) -> None:
        self.now = now

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def time(now) -> Time:
    return Time(now)


@pytest.fixture
def hub(time) -> Cloud:
    return Cloud(OWN, clock=time, sleep=lambda _: None)


@pytest.fixture
def payments(hub) -> Cloud:
    """A member that trusts the hub."""
    member = hub.member(PAYMENTS)
    member.admits("snapstart-cleaner-read", external_id="apricot")
    member.admits("snapstart-cleaner-delete", external_id="apricot", actions=DELETING)
    return member


def accounts(hub: Cloud, *, external_id: str | None = "apricot") -> Accounts:
    return Accounts(
        hub.session(),
        own_account=lambda: OWN,
        role_prefix="snapstart-cleaner",
        external_id=external_id,
        partition="aws",
        clock=hub.now,
    )


def functions(session: Any) -> list[str]:
    listed = session.client("lambda", region_name="us-west-2").list_functions(FunctionVersion="ALL")
    return sorted({row["FunctionName"] for row in listed["Functions"]})


def test_the_stacks_own_account_is_entered_as_it_is(hub):
    hub.function("ours").publish()
    session = accounts(hub).session(OWN, Purpose.READ)

    assert functions(session) == ["ours"]
    assert hub.calls["AssumeRole"] == 0


def test_a_member_is_entered_by_its_role_and_shows_its_own_functions(hub, payments):
    hub.function("ours").publish()
    payments.function("theirs").publish()
    session = accounts(hub).session(PAYMENTS, Purpose.READ)

    assert functions(session) == ["theirs"]
    assert identity_of(session)() == PAYMENTS


def test_the_role_that_reads_may_not_delete_and_the_one_that_deletes_may_not_list(hub, payments):
    function = payments.function("theirs").publish(2)
    opened = accounts(hub)
    reading = opened.session(PAYMENTS, Purpose.READ).client("lambda", region_name="us-west-2")
    deleting = opened.session(PAYMENTS, Purpose.DELETE).client("lambda", region_name="us-west-2")

    with pytest.raises(reading.exceptions.ClientError, match=r"not authorized to perform: DeleteFunction"):
        reading.delete_function(FunctionName="theirs", Qualifier="1")
    with pytest.raises(reading.exceptions.ClientError, match=r"not authorized to perform: ListFunctions"):
        deleting.list_functions()
    deleting.delete_function(FunctionName="theirs", Qualifier="1")

    assert function.numbers == [2]


@pytest.mark.usefixtures("payments")
def test_a_session_is_used_again_until_its_last_twenty_minutes(hub, time):
    opened = accounts(hub)
    first = opened.session(PAYMENTS, Purpose.READ)
    time.now += timedelta(minutes=40)
    assert opened.session(PAYMENTS, Purpose.READ) is first
    time.now += timedelta(seconds=1)

    assert opened.session(PAYMENTS, Purpose.READ) is not first
    assert hub.calls["AssumeRole"] == 2


@pytest.mark.usefixtures("payments")
def test_expired_credentials_are_refused_and_nobody_gets_them(hub, time):
    opened = accounts(hub)
    first = opened.session(PAYMENTS, Purpose.READ)
    time.now += timedelta(hours=2)

    with pytest.raises(AwsError, match="ExpiredTokenException"):
        identity_of(first)()
    assert identity_of(opened.session(PAYMENTS, Purpose.READ))() == PAYMENTS


@pytest.mark.usefixtures("payments")
@pytest.mark.parametrize("external_id", ["plum", None])
def test_a_member_that_does_not_trust_the_stack_is_said_in_awss_words(hub, external_id):
    with pytest.raises(AwsError, match=r"sts:AssumeRole AccessDenied, .*role/snapstart-cleaner-read") as refused:
        accounts(hub, external_id=external_id).session(PAYMENTS, Purpose.READ)

    assert refused.value.denied


NOT_AUTHORIZED = "User: cleaner is not authorized to perform: sts:AssumeRole on resource: delete"


@pytest.mark.usefixtures("payments")
@pytest.mark.parametrize(
    ("because", "by_its_own_choice"),
    [
        ("", True),
        (" because no identity-based policy allows the sts:AssumeRole action", True),
        (" because no resource-based policy allows the sts:AssumeRole action", True),
        (" because no permissions boundary allows the sts:AssumeRole action", False),
        (" because no service control policy allows the sts:AssumeRole action", False),
        (" with an explicit deny in a service control policy", False),
    ],
)
def test_a_role_that_does_not_admit_is_told_from_an_organisation_that_forbids(hub, because, by_its_own_choice):
    hub.faults.refuse("AssumeRole", "AccessDenied", NOT_AUTHORIZED + because, status=403)

    with pytest.raises(AwsError) as refused:
        accounts(hub).session(PAYMENTS, Purpose.DELETE)

    assert isinstance(refused.value, NotAdmitted) is by_its_own_choice
    assert refused.value.denied


@pytest.mark.usefixtures("payments")
def test_an_account_that_could_not_be_asked_is_not_taken_for_one_that_says_no(hub):
    hub.faults.refuse("AssumeRole", "InternalFailure", status=500)

    with pytest.raises(AwsError) as refused:
        accounts(hub).session(PAYMENTS, Purpose.DELETE)

    assert not isinstance(refused.value, NotAdmitted)


def test_an_account_that_nobody_knows_cannot_be_entered(hub):
    with pytest.raises(AwsError, match="AccessDenied"):
        accounts(hub).session("999999999999", Purpose.READ)


@pytest.mark.usefixtures("payments")
def test_credentials_that_nobody_handed_out_are_refused(hub):
    forged = hub.session().client(
        "lambda",
        region_name="us-west-2",
        aws_access_key_id="ASIA444455556666FORGED99",
        aws_secret_access_key="made up",
    )

    with pytest.raises(forged.exceptions.ClientError, match="UnrecognizedClientException"):
        forged.list_functions()


def test_the_run_the_version_and_the_credentials_must_be_of_one_account():
    arn = f"arn:aws:lambda:us-west-2:{PAYMENTS}:function:theirs:1"
    check_account(run=PAYMENTS, arn=arn, session=PAYMENTS)

    for run, session in [(OWN, PAYMENTS), (PAYMENTS, OWN), (OWN, OWN)]:
        with pytest.raises(WrongAccount, match=f"the run is about account {run}") as wrong:
            check_account(run=run, arn=arn, session=session)
        assert wrong.value.permanent


def test_an_arn_that_names_no_account_is_of_none():
    with pytest.raises(WrongAccount, match="is in none"):
        check_account(run=OWN, arn="theirs:1", session=OWN)
