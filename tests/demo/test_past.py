"""Last week's run: it stands in the channel and in the records as if it had happened."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from demo import past
from fakes.aws import Cloud, fleets
from fakes.slack import Workspace, problems, team
from orchestrator.aws.records import Records
from orchestrator.aws.storage import S3Store
from orchestrator.domain.memory import Memory, memory_key

BUCKET = "records"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def cloud() -> Cloud:
    cloud = Cloud(clock=lambda: NOW)
    fleets.believable(cloud)
    region = {"LocationConstraint": "us-west-2"}
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
    return cloud


@pytest.fixture
def workspace(cloud: Cloud) -> Workspace:
    workspace = team.review_workspace(NOW.timestamp)
    past.last_week(workspace, cloud, BUCKET)
    return workspace


def test_its_messages_are_a_week_old_and_slack_would_take_them(workspace: Workspace) -> None:
    messages = workspace.messages(team.REVIEW)

    assert [problems(list(message.blocks)) for message in messages] == [[]] * len(messages)
    ages = {(NOW - datetime.fromtimestamp(float(message.ts), UTC)).days for message in messages}
    assert ages <= {6, 7}


def test_it_ended_with_a_result_and_without_buttons(workspace: Workspace) -> None:
    [root] = workspace.roots(team.REVIEW)

    assert root.text.startswith("32 of 33 versions deleted")
    assert not any(block["type"] == "actions" for block in root.blocks)
    assert "Deleted (32)" in workspace.thread(team.REVIEW, root.ts)[-1].text


def test_its_csv_can_be_opened(workspace: Workspace) -> None:
    [file] = workspace.files.values()

    assert file.content is not None
    assert file.content.startswith(b"function_name,number")


def test_time_goes_on_as_before(workspace: Workspace) -> None:
    assert workspace.clock() == NOW.timestamp()


def test_what_it_deleted_is_not_in_the_account_and_what_it_kept_is(workspace: Workspace, cloud: Cloud) -> None:
    assert workspace.roots(team.REVIEW)
    for name, numbers, *_ in past.GONE:
        assert not [number for number in numbers if cloud.has(name, number)]
    assert cloud.has(past.KEPT[0], past.KEPT[1])
    assert cloud.has(past.SKIPPED[0], past.SKIPPED[1])


def test_its_records_are_read_by_the_product(workspace: Workspace, cloud: Cloud) -> None:
    records = Records(S3Store(cloud.client("s3"), BUCKET), BUCKET)
    run = records.read_run(past.EXECUTION)

    assert run is not None
    assert run.message_ts == workspace.roots(team.REVIEW)[0].ts
    memory = Memory.from_dict(
        records.store.get_json(memory_key(cloud.account_id, "us-west-2")),
        account_id=cloud.account_id,
        region="us-west-2",
    )
    assert memory.keeps["price-rules", 9].by == team.OTHER
