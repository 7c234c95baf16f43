"""What every run keeps to, whatever its story: named steps, small checkpoints, few edits, nothing said twice."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import count

import pytest

from fakes.aws import Cloud
from fakes.aws.account import SECRET_VALUE
from fakes.slack import team
from tests.harness import BUCKET, Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function, two_pages_unticked
from tests.workflow.seen import ended

LARGEST_CHECKPOINT = 256 * 1024
A_PAGE_OF_FIFTY = 9 * 1024
"""What the answer about fifty versions with the longest names takes, however many pages there are."""
LONGEST_NAME = "a-function-with-the-longest-name-that-aws-allows-it-to-have-0001"
EDITS_A_MINUTE = 50
"""Slack's tier 3, which chat.update is in."""


def approved(play: Harness) -> str:
    """The usual story."""
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)
    return arn


@dataclass(frozen=True)
class Story:
    """The usual one, played once for all that only look at it."""

    play: Harness
    arn: str


@pytest.fixture(scope="module")
def story(set_stage_for_all: SetStage) -> Story:
    play = set_stage_for_all()
    return Story(play, approved(play))


def test_the_steps_bear_the_names_that_the_panel_shows(story: Story) -> None:
    assert story.play.steps(story.arn) == [
        "claim-region",
        "announce-scan",
        "discover-snapstart",
        "stage-a-age-and-keep-last-n",
        "stage-b-usage-and-protection",
        "stage-b-usage-and-protection-2",
        "confirm-state",
        "build-and-upload-report",
        "open-page",
        "approval submitter",
        "approval",
        "approval question",
        "approval with a reminder",
        "record-decision",
        "show-decision",
        "recheck",
        "delete-versions",
        "close-page",
        "send-completion",
        "close-run",
    ]


def test_pages_and_batches_add_their_number_to_the_name(set_stage: SetStage) -> None:
    play = set_stage(two_pages_unticked)
    arn = play.scan()
    for page, version in ((1, 1), (2, 51)):
        play.until_asked(arn, page)
        approver = play.somebody(team.APPROVER)
        approver.ticks(play.root, f"orders-api:{version}")
        approver.presses(play.root, "approve")
    play.result(arn)

    steps = play.steps(arn)
    asked = steps[steps.index("open-page") :]
    assert asked[asked.index("close-page") + 1 :] == [
        "tell-page",
        "open-page-2",
        "approval-2 submitter",
        "approval-2",
        "approval-2 question",
        "approval-2 with a reminder",
        "record-decision-2",
        "show-decision-2",
        "recheck-2-1",
        "delete-versions-2-1",
        "close-page-2",
        "tell-page-2",
        "send-completion",
        "close-run",
    ]
    assert len(steps) == len(set(steps))


def test_a_scan_that_takes_long_goes_on_in_slices_each_in_an_invocation_of_its_own(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=57))
    hours = count(step=3_600)
    play.stopwatch = lambda: next(hours)
    arn = play.scan()

    assert play.run(arn)["candidates"] == 57
    steps = play.steps(arn)
    for phase in ("discover-snapstart", "confirm-state"):
        assert f"{phase}-2" in steps
    waits = [c for c in play.checkpoints if c.update.name == "next-slice"]
    assert len(waits) >= 2
    shown = [str(call.arguments["text"]) for call in play.slack.calls_of("chat.update")]
    assert any("60 versions listed, 60 with SnapStart" in text for text in shown)
    listed = [int(number) for text in shown for number in re.findall(r"(\d+) versions listed", text)]
    assert max(listed) == 60


def test_no_checkpoint_of_a_run_with_hundreds_of_candidates_comes_near_the_limit(set_stage: SetStage) -> None:
    def hundreds(cloud: Cloud) -> None:
        for function in range(4):
            a_function(cloud, f"{LONGEST_NAME[:-4]}{function:04}", idle=50)

    play = set_stage(hundreds, MAX_DELETIONS="200", DELETE_DRY_RUN="true")
    arn = play.scan()
    assert play.run(arn)["candidates"] == 200
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.until_asked(arn, page=2)
    play.somebody(team.APPROVER).presses(play.root, "stop")
    ended(play, arn, as_="stopped_here", in_words="50 would be deleted, about $292.50 a month")

    sizes = {c.update.name: len((c.update.payload or "").encode()) for c in play.checkpoints}
    assert max(sizes.values()) < A_PAGE_OF_FIFTY < LARGEST_CHECKPOINT / 16, sizes


def test_the_root_message_is_edited_no_more_often_than_slack_allows(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=30), DELETE_DRY_RUN="true")
    approved(play)

    edits = [str(call.arguments["text"]).partition("\n")[0] for call in play.slack.calls_of("chat.update")]
    assert len(edits) <= EDITS_A_MINUTE / 4
    assert len([words for words in edits if words.startswith("Dry run: rehearsing 30 of 30 versions")]) <= 2, edits


def test_a_scan_shows_each_of_its_steps_and_how_much_there_is_to_check(story: Story) -> None:
    edits = [str(call.arguments["text"]).splitlines() for call in story.play.slack.calls_of("chat.update")]
    asked = next(place for place, lines in enumerate(edits) if lines[0].startswith("Delete 4 idle Lambda versions?"))

    shown = [lines[2:] for lines in edits[:asked]]
    assert list(dict.fromkeys(lines[0] for lines in shown)) == [
        "Step 1 of 4: listing versions",
        "Step 2 of 4: aliases, traffic and other references",
        "Step 3 of 4: state and policies",
        "Step 4 of 4: report",
    ]
    listed = [lines for lines in shown if not lines[0].startswith("Step 1")]
    assert {lines[-1] for lines in listed} == {
        "10 versions listed, 10 with SnapStart · nothing is deleted without approval"
    }
    assert all(re.fullmatch(r"[0-4] of 4 versions checked", lines[1]) for lines in listed[:2])


def test_every_message_is_sent_once(story: Story) -> None:
    posted = story.play.slack.calls_of("chat.postMessage")
    sent = [json.dumps(call.arguments["metadata"], sort_keys=True) for call in posted]
    keys = re.findall(r'key\\?": \\?"([\w-]+)', " ".join(sent))
    assert keys == ["root", "asked", "decision-1", "end"]


def test_the_numbers_of_a_run_are_written_to_the_log_once(play: Harness, capfd: pytest.CaptureFixture[str]) -> None:
    approved(play)

    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines() if '"_aws"' in line]
    assert len(lines) == 2
    scanned, carried_out = lines
    assert (scanned["VersionsScanned"], scanned["Candidates"], scanned["VersionsHeld"]) == (10, 4, 6)
    assert scanned["CallsMade"] > 0
    assert (carried_out["Approved"], carried_out["Deleted"], carried_out["DollarsSavedPerMonth"]) == (4, 4, 21.45)


def test_no_environment_variable_of_a_function_leaves_the_account(story: Story) -> None:
    play = story.play
    s3 = play.cloud.client("s3")
    records = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in play.keys("")]

    assert records
    assert not any(SECRET_VALUE.encode() in record for record in records)
    assert not any(SECRET_VALUE in (c.update.payload or "") for c in play.checkpoints)
    assert not any(SECRET_VALUE in str(call.arguments) for call in play.slack.calls)


def test_one_record_tells_who_asked_what_was_shown_who_approved_and_what_was_done(story: Story) -> None:
    play, arn = story.play, story.arn

    page, outcome = play.outcome(arn, 1), play.outcome(arn)
    assert outcome["requested_by"] == team.ASKER
    assert outcome["policy"]["keep_last_n"] == 3
    assert outcome["release_id"] == page["release_id"] == "unreleased"
    assert [f"{c['function_name']}:{c['number']}" for c in page["page"]["candidates"]] == [
        "orders-api:1",
        "orders-api:2",
        "orders-api:3",
        "mailer:1",
    ]
    assert page["approver"] == {"id": team.APPROVER, "name": "approver"}
    assert page["decided_at"] == int(play.clock.seconds())
    assert {result["outcome"] for result in page["results"]} == {"deleted"}
    assert outcome["pages"][0]["approver"] == team.APPROVER


def test_the_report_holds_a_row_for_every_version_with_snapstart(story: Story) -> None:
    play, arn = story.play, story.arn

    report = play.record(f"reports/{play.execution(arn)}.json")
    assert report["execution"] == play.execution(arn)
    assert report["region"] == "us-west-2"
    assert len(report["rows"]) == 10
    assert sum(row["candidate_for_deletion"] for row in report["rows"]) == 4


def test_the_report_counts_every_call_that_its_scan_sent(play: Harness) -> None:
    arn = play.scan()

    not_the_scans = {"storage", "GetCallerIdentity"}
    sent = {quota: calls for quota, calls in play.cloud.calls.quota.items() if quota not in not_the_scans}
    assert play.record(f"reports/{play.execution(arn)}.json")["summary"]["calls"] == sent


def test_progress_says_when_aws_slows_the_scan_down(play: Harness) -> None:
    ticking = count(step=6.0)
    play.stopwatch = lambda: next(ticking)
    play.cloud.faults.throttle("ListAliases", times=1)

    play.scan()

    edits = [call.arguments["text"] for call in play.slack.calls_of("chat.update")]
    assert any("AWS is slowing us down; still going." in text for text in edits)
