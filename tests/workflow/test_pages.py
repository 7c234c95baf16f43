"""More than fifty candidates: one page after the other, each decided by whoever is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from fakes.aws.fleets import of_several_pages
from fakes.slack import Message, team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import three_pages, three_pages_unticked, two_pages, two_pages_unticked
from tests.workflow.seen import buttons, ended, headline, results, ticks, told


@pytest.fixture
def paged(set_stage: SetStage) -> Harness:
    return set_stage(two_pages)


@pytest.fixture
def unticked(set_stage: SetStage) -> Harness:
    """Two pages in a region where nothing is called, so that a person ticks what may go."""
    return set_stage(two_pages_unticked)


def approves(play: Harness, *versions: int) -> None:
    """An approver ticks a few and approves."""
    approver = play.somebody(team.APPROVER)
    approver.ticks(play.root, *(f"orders-api:{version}" for version in versions))
    approver.presses(play.root, "approve")


def numbers(play: Harness) -> list[int]:
    """The version numbers deleted so far, in ascending order."""
    return sorted(int(label.partition(":")[2]) for label in play.deleted)


def test_three_pages_decided_by_different_people_are_carried_out_one_by_one(set_stage: SetStage) -> None:
    play = set_stage(three_pages)
    approver, other = play.somebody(team.APPROVER), play.somebody(team.OTHER)

    arn = play.scan()
    assert headline(play) == "Delete 50 idle Lambda versions? Saves about $292.50 a month · page 1 of 3"
    assert buttons(play) == ["approve", "reject", "why_held", "stop"]
    approver.unticks(play.root, *(f"orders-api:{n}" for n in range(4, 51)))
    approver.presses(play.root, "approve")

    play.until_asked(arn, page=2)
    assert numbers(play) == [1, 2, 3]
    assert headline(play) == "Delete 50 idle Lambda versions? Saves about $292.50 a month · page 2 of 3"
    assert f"approved by <@{team.APPROVER}>: 3 deleted" in play.root.text
    assert list(ticks(play)) == [f"orders-api:{n}" for n in range(51, 101)]
    other.presses(play.root, "reject")

    play.until_asked(arn, page=3)
    assert len(play.deleted) == 3
    assert f"rejected by <@{team.OTHER}>: all 50 versions kept" in play.root.text
    approver.presses(play.root, "approve")

    run = ended(play, arn, as_="approved", in_words="7 deleted, about $40.95 a month")
    assert numbers(play) == [1, 2, 3, 101, 102, 103, 104]
    assert headline(play) == "7 of 7 versions deleted, about $40.95 a month less"
    assert run["pages"] == 3
    assert [page["action"] for page in play.outcome(arn)["pages"]] == ["approve", "reject", "approve"]
    assert [page["approver"] for page in play.outcome(arn)["pages"]] == [
        team.APPROVER,
        team.OTHER,
        team.APPROVER,
    ]
    assert len(results(play, arn, 1)) == 3
    assert results(play, arn, 2) == {}
    everybody = f"<@{team.ASKER}> <@{team.APPROVER}> <@{team.OTHER}>"
    assert [reply.partition("\n")[0] for reply in told(play)][1:] == [
        f"<@{team.APPROVER}> approved 3 of 50 versions on page 1 of 3",
        "Page 1 of 3: 3 of 3 versions deleted, about $17.55 a month less",
        f"<@{team.OTHER}> rejected all 50 versions on page 2 of 3",
        f"<@{team.APPROVER}> approved 4 of 4 versions on page 3 of 3",
        "Page 3 of 3: 4 of 4 versions deleted, about $23.40 a month less",
        f"{everybody} 7 versions deleted, about $40.95 a month less from now on (list price).",
    ]
    kept = {f"{k['function_name']}:{k['version']}": k for k in play.memory["keeps"]}
    assert set(kept) == {f"orders-api:{n}" for n in range(4, 101)}
    assert kept["orders-api:51"]["by"] == team.OTHER


def test_a_page_that_expires_leaves_the_one_before_it_carried_out(unticked: Harness) -> None:
    arn = unticked.scan()
    approves(unticked, 1, 2)
    unticked.until_asked(arn, page=2)
    unticked.nobody_decides(arn, page=2)

    ended(unticked, arn, as_="expired", in_words="2 deleted, about $11.70 a month")

    assert numbers(unticked) == [1, 2]
    assert headline(unticked) == "Ended: 1 of 2 pages decided, the rest expired, 2 versions deleted"
    assert told(unticked)[-1] == (
        f"<@{team.ASKER}>: nobody decided by 26 Nov, 11:59 UTC about page 2. Before that: 2 versions deleted."
    )


@dataclass(frozen=True)
class Story:
    """The first page was rejected after two days, and the second waits."""

    play: Harness
    arn: str
    first: Message
    buttons: list[str]
    """Those of the first page."""
    between: list[str]
    """What stood there after the decision and before the next question."""


@pytest.fixture(scope="module")
def story(set_stage_for_all: SetStage) -> Story:
    play = set_stage_for_all(two_pages)
    arn = play.scan()
    first, shown, between = play.root, buttons(play), list[str]()
    play.clock.passes(days=2)
    play.after("show-decision", lambda: between.append(play.root.text))
    play.somebody(team.APPROVER).presses(first, "reject")
    play.until_asked(arn, page=2)
    return Story(play, arn, first, shown, between)


def test_all_pages_expire_together_and_each_callback_a_minute_later(story: Story) -> None:
    play = story.play
    first, second = (play.record(f"pending/{play.execution(story.arn)}/page-{n}.json") for n in (1, 2))
    opened = [c.update for c in play.checkpoints if c.update.callback_options is not None]
    timeouts = [update.callback_options.timeout_seconds for update in opened if update.callback_options]

    assert first["expires_at"] == second["expires_at"]
    assert timeouts == [518_400, 518_400 - timedelta(days=2).total_seconds()]
    assert second["expires_at"] + 60 == int(play.clock.seconds()) + timeouts[1]
    assert first["revision"] != second["revision"]


def test_the_last_page_has_nothing_after_it_to_stop_before(story: Story) -> None:
    assert story.buttons[-1] == "stop"
    assert buttons(story.play) == ["approve", "reject", "why_held"]


def test_a_click_on_the_page_before_decides_nothing_about_the_page_after(story: Story) -> None:
    late = story.play.somebody(team.OTHER)
    late.presses(story.first, "approve")

    assert late.told[-1].text.startswith(f"Already decided: <@{team.APPROVER}> rejected all 50 versions")
    assert list(ticks(story.play)) == ["orders-api:51", "orders-api:52"], "it still waits"
    assert story.play.deleted == []


def test_between_a_rejected_page_and_the_next_the_message_speaks_of_that_page_alone(story: Story) -> None:
    (words,) = story.between
    assert words.startswith("Page 1 of 2 rejected: all 50 versions on it kept")


def test_a_page_whose_time_is_over_before_it_is_asked_expires_in_words(unticked: Harness) -> None:
    arn = unticked.scan()
    unticked.after("close-page", lambda: unticked.clock.passes(days=6))
    approves(unticked, 1)

    ended(unticked, arn, as_="expired", in_words="1 deleted, about $5.85 a month")

    assert headline(unticked) == "Ended: 1 of 2 pages decided, the rest expired, 1 version deleted"
    assert f"pending/{unticked.execution(arn)}/page-2.json" not in unticked.keys("pending/")
    assert len(unticked.deleted) == 1


def test_stopping_at_a_page_keeps_the_rest_and_says_how_many_were_not_decided(set_stage: SetStage) -> None:
    play = set_stage(three_pages_unticked)
    arn = play.scan()
    approver = play.somebody(team.APPROVER)
    approver.ticks(play.root, "orders-api:1", "orders-api:2")
    approver.presses(play.root, "approve")
    play.until_asked(arn, page=2)
    play.somebody(team.OTHER).presses(play.root, "stop")

    ended(play, arn, as_="stopped_here", in_words="2 deleted, about $11.70 a month")

    assert numbers(play) == [1, 2]
    assert headline(play) == "Ended: 1 of 3 pages decided, the rest stay, 2 versions deleted"
    assert told(play)[-1] == (
        f"<@{team.ASKER}> <@{team.APPROVER}>: <@{team.OTHER}> stopped the run at page 2 of 3: 2 versions deleted, "
        "54 not decided."
    )
    assert "orders-api:51" not in play.kept, "nobody decided about it"


def test_stopping_at_the_first_page_keeps_everything(paged: Harness) -> None:
    arn = paged.scan()
    paged.somebody(team.APPROVER).presses(paged.root, "stop")

    ended(paged, arn, as_="stopped_here", in_words="nothing deleted")

    assert paged.deleted == []
    assert headline(paged) == "Stopped: all 52 versions stay"
    assert paged.kept == []


def test_rejecting_every_page_is_a_rejection_of_the_run(paged: Harness) -> None:
    arn = paged.scan()
    for page in (1, 2):
        paged.until_asked(arn, page)
        paged.somebody(team.OTHER).presses(paged.root, "reject")

    ended(paged, arn, as_="rejected", in_words="nothing deleted")

    assert headline(paged) == "Rejected: all 52 versions kept"
    assert told(paged)[-1] == f"<@{team.ASKER}>: <@{team.OTHER}> rejected all 52 versions. Nothing was deleted."


def test_the_time_a_run_took_is_what_its_deletes_took_and_not_what_people_took(unticked: Harness) -> None:
    arn = unticked.scan()
    for page, step in ((1, "recheck"), (2, "recheck-2-1")):
        unticked.until_asked(arn, page)
        unticked.clock.passes(hours=5)
        unticked.after(step, lambda: unticked.clock.passes(seconds=20))
        approves(unticked, 1 if page == 1 else 51)
    unticked.result(arn)

    assert "took 40 s" in unticked.root.text


def test_the_large_fleet_that_the_demo_offers_is_asked_about_page_by_page(set_stage: SetStage) -> None:
    play = set_stage(of_several_pages)

    arn = play.scan(function_name_prefix="service-")
    assert "page 1 of 3" in headline(play)
    play.somebody(team.APPROVER).presses(play.root, "reject")

    play.until_asked(arn, page=2)
    assert "page 2 of 3" in headline(play)
