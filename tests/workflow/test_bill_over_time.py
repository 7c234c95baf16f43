"""Two months on one clock: the receipt says what really happened, and what nobody told is unexplained."""

from __future__ import annotations

import re

from fakes.aws import Cloud
from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function

GB = 1.5


def a_shop(cloud: Cloud) -> None:
    """One function that deploys, with eight idle versions."""
    a_function(cloud, "orders-api", idle=8, memory_mb=int(GB * 1024))


def deploys(play: Harness) -> None:
    """Publish a version, and let it take the calls."""
    orders = play.cloud.functions["orders-api"]
    orders.publish()
    orders.alias("live", orders.numbers[-1]).invoked("live")


def scans(play: Harness, button: str) -> None:
    """Somebody asks for a scan on a day with calls, and presses a button."""
    play.cloud.functions["orders-api"].invoked("live")
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, button)
    play.result(arn)


def figures(play: Harness) -> tuple[float, ...]:
    """Before, after, deleted, published, unexplained, as the receipt tells them."""
    told = re.search(
        r"([\d.]+) → ([\d.]+) GB\. Deleted ([\d.]+), published ([\d.]+), unexplained (-?[\d.]+)\.", play.root.text
    )
    assert told is not None, play.root.text
    return tuple(float(figure) for figure in told.groups())


def told(play: Harness) -> str:
    """Scan once more, so that all that was published is counted, and ask what was saved."""
    play.clock.passes(days=11)
    play.cloud.functions["orders-api"].invoked("live")
    arn = play.starts({"requested_by": team.ASKER})
    play.eventually(lambda: play.is_over(arn) or "approval submitter" in play.steps(arn))
    play.result(play.starts({"kind": "saved", "requested_by": team.ASKER}))
    return play.root.text


def test_what_somebody_else_deleted_is_unexplained_and_nothing_else(set_stage: SetStage) -> None:
    play = set_stage(a_shop, BILL_CHECK="on", LOOKBACK_DAYS="14")
    play.clock.passes(days=10)
    scans(play, "approve")
    for _ in range(4):
        play.clock.passes(days=7)
        deploys(play)
    for number in play.cloud.functions["orders-api"].numbers[:2]:
        play.cloud.functions["orders-api"].remove(number)
    told(play)
    deleted = len(play.deleted)

    assert deleted > 0
    assert figures(play) == (11 * GB, (11 - deleted + 4 - 2) * GB, deleted * GB, 4 * GB, -2 * GB)


def test_what_came_and_went_between_two_cleanings_is_both_published_and_deleted(set_stage: SetStage) -> None:
    play = set_stage(a_shop, BILL_CHECK="on", LOOKBACK_DAYS="14")
    play.clock.passes(days=10)
    scans(play, "approve")
    before = len(play.deleted)
    for _ in range(7):
        play.clock.passes(days=6)
        deploys(play)
    play.clock.passes(days=15)
    scans(play, "approve")
    came_and_went = len(play.deleted) - before - 3
    since_installation = told(play).partition("since the first delete")[2]

    assert came_and_went > 0
    assert f"Deleted {len(play.deleted) * GB:.1f}, published {7 * GB:.1f}, unexplained 0.0." in since_installation
