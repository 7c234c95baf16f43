"""Several accounts in one stack: a decision in one changes nothing in another, and each is entered by its roles."""

import json
from typing import Any

import pytest

from fakes.aws import Cloud
from fakes.aws.organisation import DELETING
from fakes.slack import team
from orchestrator.domain.runs import Page
from tests.harness import Harness, ProcessDied
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function

OWN, MEMBER = "111122223333", "444455556666"
ACCOUNTS = {"TARGET_ACCOUNTS": f"{OWN}=payments,{MEMBER}=search", "EXTERNAL_ID": "apricot"}


def the_same_in_both(cloud: Cloud) -> None:
    """Functions and versions of the same names in both accounts."""
    for account in (cloud, member(cloud)):
        a_function(account, "orders-api", idle=3)


def member(cloud: Cloud, *, deletes: bool = True) -> Cloud:
    """The other account, which trusts the stack."""
    other = cloud.member(MEMBER)
    other.admits("snapstart-cleaner-read", external_id="apricot")
    if deletes:
        other.admits("snapstart-cleaner-delete", external_id="apricot", actions=DELETING)
    return other


def idle_left(cloud: Cloud) -> list[int]:
    return [number for number in cloud.functions["orders-api"].numbers if number <= 3]


@pytest.fixture
def play(set_stage: SetStage) -> Harness:
    return set_stage(the_same_in_both, **ACCOUNTS)


def test_approving_in_one_account_leaves_the_other_alone(play: Harness):
    arn = play.scan(account_id=MEMBER)
    play.somebody(team.APPROVER).presses(play.root, "approve")
    assert play.result(arn).status.value == "SUCCEEDED"

    assert idle_left(play.cloud.member(MEMBER)) == []
    assert idle_left(play.cloud) == [1, 2, 3]
    assert play.outcome(arn)["account_id"] == MEMBER


def test_each_account_has_its_own_question_its_own_lock_and_its_own_report(play: Harness):
    here, there = play.scan(account_id=OWN), play.scan(account_id=MEMBER)

    assert [MEMBER in root.text for root in play.roots] == [False, True]
    assert play.keys("locks/") == [f"locks/{OWN}/us-west-2.json", f"locks/{MEMBER}/us-west-2.json"]
    reports = [play.record(f"reports/{play.execution(arn)}.json") for arn in (here, there)]
    assert [report["account_id"] for report in reports] == [OWN, MEMBER]
    assert all(f":{MEMBER}:function:" in row["function_arn"] for row in reports[1]["rows"])
    roles = [given["RoleArn"].rpartition("/")[2] for given in play.cloud.calls.of("AssumeRole")]
    assert set(roles) == {"snapstart-cleaner-read"}, "the role that deletes is only assumed for a delete"


def test_what_is_kept_in_one_account_is_still_offered_ticked_in_the_other(play: Harness):
    arn = play.scan(account_id=MEMBER)
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.result(arn)
    again = play.scan(account_id=OWN)

    assert play.run(again)["candidates"] == 3
    assert "kept by" not in play.root.text


def test_an_answer_of_one_accounts_page_that_reaches_the_others_callback_deletes_nothing(play: Harness):
    here = play.scan(account_id=OWN)
    there = play.scan(account_id=MEMBER)
    offered = play.record(f"pending/{play.execution(here)}/page-1.json")
    answer: dict[str, Any] = {
        "approved": True,
        "approved_versions": [{"function_name": "orders-api", "version": str(n)} for n in (1, 2, 3)],
        "approver": {"id": team.APPROVER, "name": "approver"},
        "decided_at": "2026-11-20T12:00:00Z",
        "offer_hash": Page.from_dict(offered).offer_hash,
    }
    play.answers(there, json.dumps(answer).encode())

    assert play.result(there).status.value == "FAILED"
    assert idle_left(play.cloud.member(MEMBER)) == [1, 2, 3]
    assert idle_left(play.cloud) == [1, 2, 3]


def test_an_account_that_does_not_trust_the_stack_is_named_and_its_lock_is_free_again(set_stage: SetStage):
    play = set_stage(lambda cloud: (a_function(cloud, "orders-api", idle=3), cloud.member(MEMBER)), **ACCOUNTS)
    arn = play.starts({"requested_by": team.ASKER, "account_id": MEMBER})

    assert play.result(arn).status.value == "SUCCEEDED"
    assert "search (444455556666) could not be entered" in play.root.text
    assert play.run(arn)["ending"] == "not_entered"
    assert play.record(f"locks/{MEMBER}/us-west-2.json")["released"]


def in_dry_run(cloud: Cloud) -> None:
    """The other account's own stack is in dry run: it has no role that deletes."""
    a_function(member(cloud, deletes=False), "orders-api", idle=3)


def test_a_member_in_dry_run_loses_nothing_and_every_version_says_that_deletes_are_off_there(set_stage: SetStage):
    play = set_stage(in_dry_run, **ACCOUNTS)
    arn = play.scan(account_id=MEMBER)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    assert play.result(arn).status.value == "SUCCEEDED"
    assert idle_left(play.cloud.member(MEMBER)) == [1, 2, 3]
    results = play.outcome(arn)["results"]
    assert [(result["version"], result["outcome"]) for result in results] == [(n, "skipped") for n in "123"]
    assert {result["reason"] for result in results} == {"deletes are switched off in search (444455556666)"}
    assert play.root.text.startswith("Nothing deleted: all 3 versions were skipped")
    assert "deletes are switched off in search (444455556666)" in play.thread[-1].text


def test_a_delete_role_that_goes_amid_a_batch_leaves_the_rest_and_what_went_is_reported_as_deleted(set_stage: SetStage):
    play = set_stage(the_same_in_both, **ACCOUNTS)
    there = play.cloud.member(MEMBER)
    arn = play.scan(account_id=MEMBER)

    def dies_without_its_role() -> None:
        del there.roles["snapstart-cleaner-delete"]
        play.restart()
        raise ProcessDied

    there.faults.meanwhile("DeleteFunction", dies_without_its_role, after=True)
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    assert idle_left(there) == [2, 3]
    assert [result["outcome"] for result in play.outcome(arn)["results"]] == ["deleted", "skipped", "skipped"]


def test_what_an_organisation_denies_is_no_switch_and_said_in_the_words_of_aws(set_stage: SetStage):
    play = set_stage(the_same_in_both, **ACCOUNTS)
    arn = play.scan(account_id=MEMBER)
    denied = "not authorized to perform: sts:AssumeRole with an explicit deny in a service control policy"
    play.cloud.faults.refuse("AssumeRole", "AccessDenied", denied, status=403)
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    assert idle_left(play.cloud.member(MEMBER)) == [1, 2, 3]
    assert "service control policy" in play.outcome(arn)["words"]
    assert "switched off" not in play.thread[-1].text


def test_a_rehearsal_never_assumes_the_role_that_deletes(set_stage: SetStage):
    play = set_stage(the_same_in_both, **ACCOUNTS, DELETE_DRY_RUN="true")
    arn = play.scan(account_id=MEMBER)
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    roles = [given["RoleArn"].rpartition("/")[2] for given in play.cloud.calls.of("AssumeRole")]
    assert set(roles) == {"snapstart-cleaner-read"}
    assert idle_left(play.cloud.member(MEMBER)) == [1, 2, 3]


def test_an_account_that_the_stack_does_not_know_is_refused_with_the_list(play: Harness):
    arn = play.starts({"requested_by": team.ASKER, "account_id": "999999999999"})
    play.result(arn)

    assert "payments (111122223333), search (444455556666)" in play.root.text


OWNERS = {"OWNER_TAG": "team", "OWNERS": f"payments={team.ONCALL}"}


def owned(cloud: Cloud) -> None:
    """One function with an owner that the stack knows, and one without."""
    a_function(cloud, "orders-api", idle=3, tags={"team": "payments"})
    a_function(cloud, "mailer", idle=1)


def test_the_thread_names_each_owners_group_once_with_its_own_versions(set_stage: SetStage):
    play = set_stage(owned, **OWNERS)
    play.scan()

    (named,) = [reply.text for reply in play.thread if "payments" in reply.text]
    assert named.startswith(f"<!subteam^{team.ONCALL}> payments: 3 idle versions, $17.55 a month")
    assert "1 version without an owner that this stack knows" in named


def test_owners_that_cannot_be_read_are_not_named_and_the_question_stands(set_stage: SetStage):
    play = set_stage(owned, **OWNERS)
    play.cloud.faults.deny("GetResources", where=lambda given: given["TagFilters"][0]["Key"] == "team")
    arn = play.scan()

    assert not any("payments" in reply.text for reply in play.thread)
    assert play.run(arn)["candidates"] == 4


def test_an_account_that_aws_is_too_busy_to_let_us_enter_ends_in_words_and_leaves_its_region_free(set_stage: SetStage):
    play = set_stage(the_same_in_both, **ACCOUNTS)
    play.cloud.faults.throttle("AssumeRole")

    result = play.result(play.starts({"account_id": MEMBER, "requested_by": team.ASKER}))

    assert result.status.value == "FAILED"
    assert "STS was busy" in play.root.text
    assert play.record(f"locks/{MEMBER}/us-west-2.json")["released"]
