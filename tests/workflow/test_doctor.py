"""`/snapstart doctor`: every line once green and once broken, told in the channel, and passed only with the ticks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from fakes.aws import Cloud
from fakes.aws.upkeep import Schedule
from fakes.slack import Message, team
from tests.harness import ORCHESTRATOR_ARN, Harness
from tests.workflow.conftest import SetStage
from tests.workflow.examined import (
    DOCTOR,
    LOOKED_AFTER,
    MEMBER,
    MEMBERS,
    TOPIC,
    everything,
    examines,
    lines,
    presses,
    two_accounts,
)
from tests.workflow.seen import buttons, headline, said_once, ticks, told


@pytest.fixture
def play(set_stage: SetStage) -> Harness:
    return set_stage(everything, **LOOKED_AFTER)


@dataclass(frozen=True)
class Story:
    """Somebody typed it, everything passed, and several tests look at what came of it."""

    play: Harness
    asked: Message
    """The message while it waited for the press."""
    result: Any


@pytest.fixture(scope="module")
def story(set_stage_for_all: SetStage) -> Story:
    play = set_stage_for_all(everything, **LOOKED_AFTER, OWNER_TAG="team", OWNERS=f"payments={team.ONCALL}")
    play.somebody(team.ASKER).types("/snapstart doctor", channel=team.REVIEW)
    (arn,) = play.runs
    play.eventually(lambda: "ticks submitter" in play.steps(arn))
    asked = play.root
    assert headline(play) == "Doctor: one press is missing"
    assert ticks(play) == {"first": True, "second": True}
    return Story(play, asked, presses(play, arn))


def test_everything_passes_and_is_written_down_for_this_release(story: Story) -> None:
    play = story.play
    assert lines(play)["fails"] == lines(play)["unknown"] == []
    assert story.result["passed"] is True
    assert play.record(DOCTOR)["passed"] is True
    assert play.record(DOCTOR)["release_id"] == "unreleased"
    assert headline(play) == "Doctor: everything passes"
    assert buttons(play) == []
    assert told(play) == ["<@U0ASKER> The test is over; what came of it stands above."]
    said_once(play)
    assert play.deleted == []


def test_what_passes_says_what_was_looked_at(story: Story) -> None:
    assert lines(story.play)["passes"] == [
        "The secret can be read, and Slack takes the bot token.",
        "The app has every scope it needs.",
        "The app is in the review channel, which is neither archived nor shared.",
        "All approvers are there: S0ONCALL.",
        "All owners' groups are there: S0ONCALL.",
        "Records can be written and read in s3://reports, and two writers are told apart.",
        "The schedule cleaner/cleaner-scan is on.",
        "1 subscription to the alarm topic is there.",
        "Cost Explorer answers.",
        "111122223333: everything a scan reads may be read in us-west-2 (14 actions).",
        "111122223333: deletes are on, and AWS allows them in us-west-2.",
        "Ticks that nobody touched arrive with the click.",
        "Replies can be read back from their thread.",
    ]


def test_no_function_that_is_there_is_ever_named_in_a_delete(story: Story) -> None:
    (asked,) = story.play.cloud.calls.of("DeleteFunction")
    assert asked["Qualifier"] == "999999999"
    assert sorted(story.play.cloud.functions) == ["mailer", "orders-api"]
    assert not any(name in asked["FunctionName"] for name in story.play.cloud.functions)


def test_a_second_press_changes_nothing(story: Story) -> None:
    late = story.play.somebody(team.OTHER)
    late.presses(story.asked, "checkup")

    assert late.told[-1].text.startswith("This was pressed already")


def refused(operation: str, code: str = "AccessDeniedException") -> Callable[[Cloud], object]:
    return lambda cloud: cloud.faults.refuse(operation, code, status=403)


BROKEN_READS = [
    "ListFunctions",
    "ListVersionsByFunction",
    "ListEventSourceMappings",
    "ListAliases",
    "GetPolicy",
    "ListTags",
    "ListDurableExecutionsByFunction",
    "ListMetrics",
    "GetMetricData",
    "GetResources",
    "ListStacks",
    "GetProducts",
    "LookupEvents",
]


@pytest.mark.parametrize("denied", [BROKEN_READS[:6], BROKEN_READS[6:12], BROKEN_READS[12:]])
def test_each_read_that_is_denied_is_named_with_its_region(set_stage: SetStage, denied: list[str]) -> None:
    play = set_stage(everything)
    for operation in denied:
        refused(operation)(play.cloud)
    presses(play, examines(play))

    (line,) = lines(play)["fails"]
    assert [operation for operation in denied if f":{operation} in us-west-2" not in line] == []
    assert "Deploy the stack again" in line


def test_a_read_that_was_throttled_is_not_known_and_does_not_pass(set_stage: SetStage) -> None:
    play = set_stage(everything)
    play.cloud.faults.refuse("ListStacks", "Throttling", status=400)
    presses(play, examines(play))

    (line,) = lines(play)["unknown"]
    assert "CloudFormation was busy" in line
    assert headline(play) == "Doctor: 8 lines pass, 1 is not known"
    assert play.record(DOCTOR)["passed"] is False


def test_whatever_is_broken_in_the_stack_says_what_to_do(play: Harness) -> None:
    cloud = play.cloud
    cloud.schedules.clear()
    cloud.subscriptions.clear()
    refused("GetCostAndUsage")(cloud)
    refused("DeleteFunction")(cloud)
    presses(play, examines(play))

    assert headline(play) == "Doctor: 8 lines pass, 4 fail"
    schedule, topic, bill, deletes = lines(play)["fails"]
    assert "The schedule cleaner/cleaner-scan cannot be looked at" in schedule
    assert f"The alarm topic {TOPIC} cannot be looked at" in topic
    assert "Cost Explorer does not answer" in bill
    assert "deletes are on, but denied in us-west-2" in deletes


def test_what_is_there_and_leads_nowhere_is_named(play: Harness) -> None:
    play.cloud.schedules["cleaner", "cleaner-scan"] = Schedule("arn:other")
    play.cloud.subscriptions[TOPIC] = 0
    presses(play, examines(play))

    assert headline(play) == "Doctor: 10 lines pass, 2 fail"
    schedule, topic = lines(play)["fails"]
    assert "starts arn:other, not this stack" in schedule
    assert "so nobody hears an alarm" in topic


def is_the_second_write(asked: Mapping[str, Any]) -> bool:
    return str(asked.get("Key", "")).endswith("doctor/written.json")


def test_a_bucket_that_takes_no_conditional_put_is_named_with_what_to_do(play: Harness) -> None:
    words = "A header you provided implies functionality that is not implemented"
    play.cloud.faults.refuse("PutObject", "NotImplemented", words, status=501, where=is_the_second_write, nth=2)
    presses(play, examines(play))

    (line,) = lines(play)["fails"]
    assert line.startswith("The bucket reports cannot be used: ")
    assert "Deploy the stack again, or ask who changed its policy." in line


def test_a_bucket_that_lets_a_second_writer_write_over_the_first_does_not_pass(play: Harness) -> None:
    def forgets_the_first() -> None:
        (key,) = [key for key in play.keys("intermediate/") if key.endswith("doctor/written.json")]
        play.cloud.client("s3").delete_object(Bucket="reports", Key=key)

    play.cloud.faults.meanwhile("PutObject", forgets_the_first, where=is_the_second_write, nth=2)
    presses(play, examines(play))

    (line,) = lines(play)["fails"]
    assert line.startswith("The bucket reports cannot be used: it lets a second writer write over the first.")


def test_a_schedule_that_is_switched_off_is_a_choice(play: Harness) -> None:
    play.cloud.schedules["cleaner", "cleaner-scan"] = Schedule(ORCHESTRATOR_ARN, "DISABLED")
    presses(play, examines(play))

    assert "The schedule cleaner/cleaner-scan is there and switched off (disabled)." in lines(play)["passes"]


def test_a_dry_run_passes_when_aws_denies_the_delete_and_fails_when_it_does_not(set_stage: SetStage) -> None:
    play = set_stage(everything, DELETE_DRY_RUN="true")
    presses(play, examines(play))
    assert "deletes are off (DeleteDryRun), but the role may delete in us-west-2" in lines(play)["fails"][0]

    refused("DeleteFunction")(play.cloud)
    presses(play, examines(play))
    assert "111122223333: deletes are off, and AWS denies them in us-west-2." in lines(play)["passes"]


def test_a_delete_is_asked_for_under_the_prefix_that_may_lose_versions(set_stage: SetStage) -> None:
    play = set_stage(everything, DELETABLE_PREFIX="orders-")
    presses(play, examines(play))

    (asked,) = play.cloud.calls.of("DeleteFunction")
    assert ":function:orders-" in asked["FunctionName"]


def test_every_account_is_entered_by_both_roles(set_stage: SetStage) -> None:
    play = set_stage(two_accounts, **MEMBERS)
    presses(play, examines(play))

    assert lines(play)["fails"] == lines(play)["unknown"] == []
    assert f"search ({MEMBER}): deletes are on, and AWS allows them in us-west-2." in lines(play)["passes"]
    assert play.cloud.member(MEMBER).deletions == []


def test_an_account_that_cannot_be_entered_is_named_with_the_roles(set_stage: SetStage) -> None:
    play = set_stage(two_accounts, **MEMBERS)
    play.cloud.member(MEMBER).roles.clear()
    presses(play, examines(play))

    reading, deleting = lines(play)["fails"]
    denied = "the role may not call sts:AssumeRole"
    assert reading.startswith(f"search ({MEMBER}) cannot be entered as snapstart-cleaner-read: {denied}")
    assert deleting.startswith(f"search ({MEMBER}) cannot be entered as snapstart-cleaner-delete: {denied}")


def test_an_account_in_dry_run_under_a_stack_that_deletes_is_named_with_what_to_do(set_stage: SetStage) -> None:
    play = set_stage(two_accounts, **MEMBERS)
    del play.cloud.member(MEMBER).roles["snapstart-cleaner-delete"]
    presses(play, examines(play))

    (line,) = lines(play)["fails"]
    assert line.startswith(f"search ({MEMBER}): deletes are on here and switched off there")
    assert "Deploy member.yaml there with DeleteDryRun=false" in line


def test_a_role_that_deletes_and_could_not_be_tried_is_not_taken_for_switched_off(set_stage: SetStage) -> None:
    play = set_stage(two_accounts, **MEMBERS)
    play.cloud.faults.refuse(
        "AssumeRole", "InternalFailure", status=500, where=lambda given: given["RoleArn"].endswith("-delete")
    )
    presses(play, examines(play))

    (line,) = lines(play)["fails"]
    assert line.startswith(f"search ({MEMBER}) cannot be entered as snapstart-cleaner-delete: STS")


def test_in_dry_run_the_role_that_deletes_is_not_entered(set_stage: SetStage) -> None:
    play = set_stage(two_accounts, DELETE_DRY_RUN="true", **MEMBERS)
    refused("DeleteFunction")(play.cloud)
    del play.cloud.member(MEMBER).roles["snapstart-cleaner-delete"]
    presses(play, examines(play))

    assert lines(play)["fails"] == []
