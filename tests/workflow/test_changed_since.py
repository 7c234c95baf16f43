"""What changed between the decision and the delete: the version stays, and the thread says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.fleets import a_function
from tests.workflow.seen import ended, headline, results, told

Change = Callable[[Any], object]

JUST_NOW = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
IN_THE_LAST_WHOLE_PERIOD = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)

CHANGES: dict[str, tuple[Change, str]] = {
    "aliased": (lambda changed: changed.alias("canary", 2), "alias `canary` points to it now"),
    "weighted": (lambda changed: changed.alias("live", 6, weights={2: 0.1}), "alias `live` points to it now"),
    "called": (lambda changed: changed.invoked(2, at=JUST_NOW), "called on 20 Nov"),
    "tagged": (lambda changed: changed.tags.update({"snapstart-cleaner:keep": "2"}), "tagged keep now"),
    "fed": (lambda changed: changed.event_source(2), "an event source calls it now"),
    "named": (lambda changed: changed.policy(2), "a resource policy names it now"),
    "pending": (lambda changed: setattr(changed.versions[2], "state", "Pending"), "its State is Pending now"),
    "vanished": (lambda changed: changed.remove(2), "already gone"),
    "newest": (
        lambda changed: [changed.remove(number) for number in (3, 4, 5)],
        "among the newest of its function now",
    ),
}
"""What becomes of version 2 of a function between the decision and the delete, by the function's name."""


SHOWN = {
    "newest": "`newest` 1–2 among the newest of its function now",  # noqa: RUF001
    "vanished": "`gone` 1–2 · `vanished` 2 already gone",  # noqa: RUF001
}
"""How the thread names versions that share a reason."""

OF_THE_WHOLE: dict[str, tuple[Change, str]] = {
    "gone": (lambda cloud: cloud.remove_function("gone"), "already gone"),
    "unexplained": (
        lambda cloud: cloud.functions["unexplained"].invoked_unattributed(at=IN_THE_LAST_WHOLE_PERIOD),
        "its function was called on 20 Nov and no version or alias accounts for it",
    ),
    "denied": (
        lambda cloud: cloud.faults.deny("ListAliases", function="denied"),
        "could not be checked again: lambda:ListAliases AccessDeniedException",
    ),
}
"""What holds every version of a function, by its name, and how the reason begins."""


@dataclass(frozen=True)
class Story:
    """All of it happens in one run, whose approver left every version 3 where it is."""

    play: Harness
    arn: str


@pytest.fixture(scope="module")
def story(set_stage_for_all: SetStage) -> Story:
    names = [*CHANGES, *OF_THE_WHOLE]
    play = set_stage_for_all(lambda cloud: [a_function(cloud, name, idle=3) for name in names])
    arn = play.scan()

    def everything_changes() -> None:
        for name, (change, _) in CHANGES.items():
            change(play.cloud.functions[name])
        for change, _ in OF_THE_WHOLE.values():
            change(play.cloud)

    play.after("record-decision", everything_changes)
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, *(f"{name}:3" for name in names))
    approver.presses(play.root, "approve")
    play.result(arn)
    return Story(play, arn)


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, (_, words) in CHANGES.items()], ids=CHANGES)
def test_what_is_protected_by_now_is_skipped_in_words(story: Story, name: str, words: str) -> None:
    assert f"{name}:2" not in story.play.deleted
    assert results(story.play, story.arn)[f"{name}:2"] == ("skipped", words)
    last = told(story.play)[-1]
    assert SHOWN.get(name, f"`{name}:2` {words}") in last


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, (_, words) in OF_THE_WHOLE.items()])
def test_what_holds_a_whole_function_holds_each_of_its_versions(story: Story, name: str, words: str) -> None:
    for number in (1, 2):
        outcome, reason = results(story.play, story.arn)[f"{name}:{number}"]
        assert outcome == "skipped"
        assert str(reason).startswith(words)


def test_all_that_did_not_change_goes(story: Story) -> None:
    ended(story.play, story.arn, as_="approved", in_words="8 deleted, 16 skipped, about $46.80 a month")
    deleted = [label for label in story.play.deleted if not label.startswith("gone:")]
    assert deleted == [f"{name}:1" for name in sorted(CHANGES) if name != "newest"]


def test_a_version_on_which_an_execution_runs_by_now_is_skipped(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "flows", idle=2, durable=True))
    arn = play.scan()
    play.after("record-decision", lambda: play.cloud.functions["flows"].running_execution(1))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="1 deleted, 1 skipped, about $5.85 a month")

    assert play.deleted == ["flows:2"]
    assert results(play, arn)["flows:1"] == ("skipped", "an execution runs on it now")


def test_when_all_that_was_approved_is_in_use_or_gone_nothing_is_deleted_and_the_headline_says_why(
    play: Harness,
) -> None:
    arn = play.scan()
    orders = play.cloud.functions["orders-api"]

    def change() -> None:
        orders.alias("canary", 1).alias("blue", 2)
        orders.remove(3)
        play.cloud.functions["mailer"].event_source(1)

    play.after("record-decision", change)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 skipped")

    assert play.deleted == []
    assert headline(play) == "Nothing deleted: all 4 versions are in use or gone"


def test_facts_older_than_two_minutes_are_asked_again_by_the_attempt_that_deletes(play: Harness) -> None:
    arn = play.scan()

    def two_minutes_later() -> None:
        play.clock.passes(seconds=121)
        play.cloud.functions["orders-api"].alias("canary", 2)

    play.after("recheck", two_minutes_later)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="3 deleted, 1 skipped, about $15.60 a month")

    assert results(play, arn)["orders-api:2"] == ("skipped", "alias `canary` points to it now")


def test_facts_of_two_minutes_are_fresh_enough(play: Harness) -> None:
    arn = play.scan()
    play.after("recheck", lambda: (play.clock.passes(seconds=120), play.cloud.calls.reset()))
    play.somebody(team.APPROVER).presses(play.root, "approve")
    play.result(arn)

    assert play.cloud.calls["ListVersionsByFunction"] == 0
    assert len(play.deleted) == 4


def test_what_an_interrupted_attempt_deleted_is_reported_as_deleted_by_the_one_that_finds_it_gone(
    play: Harness,
) -> None:
    arn = play.scan()

    def interrupted_after_one_delete() -> None:
        play.cloud.functions["orders-api"].remove(1)
        play.clock.passes(minutes=10)

    play.after("recheck", interrupted_after_one_delete)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")

    assert results(play, arn)["orders-api:1"] == ("deleted", None)


def test_an_alias_that_wins_the_race_to_the_delete_keeps_its_version(play: Harness) -> None:
    arn = play.scan()
    orders = play.cloud.functions["orders-api"]
    play.cloud.faults.meanwhile("DeleteFunction", lambda: orders.alias("canary", 2), qualifier=2)
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="3 deleted, 1 skipped, about $15.60 a month")

    outcome, reason = results(play, arn)["orders-api:2"]
    assert outcome == "skipped"
    assert reason is not None
    assert "canary" in reason
    assert play.cloud.has("orders-api", 2)


def test_batches_of_ten_are_each_checked_right_before_their_deletes(set_stage: SetStage) -> None:
    play = set_stage(lambda cloud: a_function(cloud, "orders-api", idle=12))
    arn = play.scan()
    play.after("delete-versions", lambda: play.cloud.functions["orders-api"].alias("late", 12))
    play.somebody(team.APPROVER).presses(play.root, "approve")

    ended(play, arn, as_="approved", in_words="11 deleted, 1 skipped, about $64.35 a month")

    assert [step for step in play.steps(arn) if step.startswith(("recheck", "delete"))] == [
        "recheck",
        "delete-versions",
        "recheck-1-2",
        "delete-versions-1-2",
    ]
    assert results(play, arn)["orders-api:12"] == ("skipped", "alias `late` points to it now")
