"""One run from the request to the last word, told with everything real but AWS and Slack themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from demo.cloud import Cloud
from demo.slack import cast
from tests.stage import Clock, Stage, a_clock, stage


def two_functions(clock: Clock) -> Cloud:
    cloud = Cloud(clock=clock)
    for name, memory, versions in (("orders-api", 1536, 8), ("mailer", 1024, 5)):
        function = cloud.function(name, memory_mb=memory)
        function.publish(versions, age_days=30, apart=timedelta(days=1))
        function.alias("live", versions)
        function.invoked("live", every=timedelta(hours=1), count=3)
    return cloud


@pytest.fixture
def play() -> Iterator[Stage]:
    clock = a_clock()
    with stage(two_functions(clock), clock) as play:
        yield play


def test_what_is_approved_is_deleted_and_nothing_else(play: Stage) -> None:
    arn = play.scan()
    approver = play.somebody(cast.APPROVER)
    approver.unticks(play.root, "orders-api:2")
    approver.presses(play.root, "Approve selected")

    result = play.result(arn)

    assert result.status.value == "SUCCEEDED", result.error
    assert sorted(play.deleted) == ["mailer:1", "mailer:2", "orders-api:1", "orders-api:3", "orders-api:4", "orders-api:5"]
    assert play.root.blocks[0]["text"]["text"].startswith(":white_check_mark: 6 of 6 versions deleted")
