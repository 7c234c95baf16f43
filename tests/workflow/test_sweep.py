"""One schedule for many accounts: runs side by side, one digest, and nothing asked twice."""

from typing import Any

import pytest

from fakes.aws import Cloud
from fakes.aws.organisation import DELETING
from fakes.slack import Message, team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function, nothing_idle

OWN, MEMBER, STRANGER = "111122223333", "444455556666", "777788889999"
ACCOUNTS = {"TARGET_ACCOUNTS": f"{OWN}=payments,{MEMBER}=search", "EXTERNAL_ID": "apricot"}
MONDAY = {"kind": "sweep", "request_id": "2026-11-23T08:30:00Z"}


def idle_in_both(cloud: Cloud) -> None:
    """Three idle versions in each of two accounts."""
    other = cloud.member(MEMBER)
    other.admits("snapstart-cleaner-read", external_id="apricot")
    other.admits("snapstart-cleaner-delete", external_id="apricot", actions=DELETING)
    for account in (cloud, other):
        a_function(account, "orders-api", idle=3)


@pytest.fixture
def play(set_stage: SetStage) -> Harness:
    return set_stage(idle_in_both, **ACCOUNTS)


def sweep(play: Harness, **request: Any) -> Any:
    return play.result(play.starts({**MONDAY, **request}))


def digests(play: Harness) -> list[Message]:
    return [root for root in play.roots if root.metadata and root.metadata["event_payload"]["key"] == "digest"]


@pytest.fixture(scope="module")
def swept(set_stage_for_all: SetStage) -> Harness:
    """Both accounts were swept, and both questions wait."""
    play = set_stage_for_all(idle_in_both, **ACCOUNTS)
    assert sweep(play).status.value == "SUCCEEDED"
    return play


def test_every_account_is_asked_about_in_its_own_message_and_one_digest_links_them(swept: Harness):
    (digest,) = digests(swept)
    questions = [root for root in swept.roots if root is not digest and root.ts != digest.ts]
    assert len(questions) == 2
    assert "Delete 6 idle Lambda versions in 2 accounts? Saves about $35.10 a month" in digest.text
    assert all(swept.workspace.permalink(root) in str(digest.blocks) for root in questions)


def test_the_digest_alone_mentions_the_approvers(swept: Harness):
    mention = f"<!subteam^{team.ONCALL}>"

    everything = swept.workspace.messages(team.REVIEW)
    assert sum(mention in str(message.blocks) for message in everything) == 1
    assert sum("approvers: as in the digest" in str(message.blocks) for message in everything) == 2


def test_neither_the_same_sweep_delivered_twice_nor_next_weeks_adds_anything_to_questions_that_wait(swept: Harness):
    said = len(swept.workspace.messages(team.REVIEW))

    assert "carries out this sweep already" in str(sweep(swept).result)
    sweep(swept, request_id="2026-11-30T08:30:00Z")

    assert len(swept.workspace.messages(team.REVIEW)) == said


def test_a_decision_in_one_question_leaves_the_other_alone(play: Harness):
    sweep(play)
    question = next(root for root in play.roots if MEMBER in root.text and root not in digests(play))
    play.somebody(team.APPROVER).presses(question, "approve")
    play.eventually(lambda: len(play.cloud.member(MEMBER).functions["orders-api"].numbers) == 3)

    assert play.cloud.functions["orders-api"].numbers == [1, 2, 3, 4, 5, 6]


def test_a_sweep_without_news_is_silent(set_stage: SetStage):
    def clean(cloud: Cloud) -> None:
        other = cloud.member(MEMBER)
        other.admits("snapstart-cleaner-read", external_id="apricot")
        nothing_idle(cloud)
        nothing_idle(other)

    play = set_stage(clean, **ACCOUNTS)

    assert sweep(play).status.value == "SUCCEEDED"
    assert play.roots == []


def test_an_account_that_cannot_be_entered_is_named_once_a_month(set_stage: SetStage):
    play = set_stage(idle_in_both, TARGET_ACCOUNTS=f"{OWN}=payments,{STRANGER}=strangers", EXTERNAL_ID="apricot")
    sweep(play)
    assert (
        "strangers (777788889999) · us-west-2: cannot be entered: sts:AssumeRole AccessDenied" in digests(play)[0].text
    )

    sweep(play, request_id="2026-11-30T08:30:00Z")
    assert len(digests(play)) == 1

    play.clock.passes(days=31)
    sweep(play, request_id="2026-12-28T08:30:00Z")
    assert len(digests(play)) == 2


def test_who_asks_for_a_sweep_is_answered_also_without_news(set_stage: SetStage):
    play = set_stage(nothing_idle, TARGET_REGIONS="us-west-2,eu-west-1")
    sweep(play, requested_by=team.ASKER)

    assert len(digests(play)) == 1


def test_a_sweep_of_one_account_and_one_region_is_just_its_run(set_stage: SetStage):
    play = set_stage()
    arn = play.starts(MONDAY)
    play.until_asked(arn)

    assert digests(play) == []
    assert len(play.roots) == 1


def test_a_sweep_that_cannot_be_read_is_refused_in_words(play: Harness):
    result = sweep(play, min_age_days=1, region="us-west-2")

    assert "refused" in str(result.result)
    assert "`region`" in play.root.text


def test_a_sweep_whose_process_dies_again_and_again_asks_nothing_twice_and_posts_one_digest(set_stage: SetStage):
    play = set_stage(idle_in_both, **ACCOUNTS)
    play.dies_after(3, 6, 12, 20, 30)

    assert sweep(play).status.value == "SUCCEEDED"
    assert play.deaths == 5
    assert len(digests(play)) == 1
    assert len(play.roots) == 3
