"""`/snapstart why`: every reason, for one person, within the minute."""

from datetime import timedelta
from typing import Any

from fakes.slack import team
from tests.harness import Harness


def asks(play: Harness, text: str, who: str = team.MEMBER) -> list[str]:
    """What somebody is told who types the command, after the answer that it is being looked at."""
    before = set(play.runs)
    play.somebody(who).types(f"/snapstart why {text}", channel=team.REVIEW)
    for arn in set(play.runs) - before:
        play.result(arn)
    return [seen.text for seen in play.workspace.ephemerals(who)][1:]


def test_every_version_of_a_function_is_explained_privately_and_nothing_is_posted(play: Harness) -> None:
    (answer,) = asks(play, "orders-api")

    assert answer.startswith("*`orders-api` in 111122223333, us-west-2*, by the rules and the facts as they are now")
    assert "alias `live` points to it" in answer
    assert "1–3: idle: nothing calls it and nothing refers to it · no call in 35 days" in answer  # noqa: RUF001
    assert play.roots == []


def test_one_version_is_explained_with_who_keeps_it(play: Harness) -> None:
    arn = play.scan()
    play.somebody(team.APPROVER).presses(play.root, "reject")
    play.result(arn)
    (answer,) = asks(play, "orders-api:2")

    assert "kept by @approver until" in answer
    assert "\n2: " in answer


def test_a_check_that_failed_is_said_in_awss_words(play: Harness) -> None:
    play.cloud.faults.deny("ListAliases")
    (answer,) = asks(play, "orders-api:1")

    assert "not judged: lambda:ListAliases AccessDeniedException" in answer


def test_a_function_that_is_not_there_is_said_so(play: Harness) -> None:
    (answer,) = asks(play, "nobody")

    assert answer.startswith("`nobody` in 111122223333, us-west-2 is not there")


def test_a_request_that_means_nothing_is_refused(play: Harness) -> None:
    result: Any = play.result(play.starts({"kind": "why", "requested_by": team.MEMBER}))

    assert "refused" in result.result


def test_a_release_that_was_live_days_ago_is_said_to_have_been(play: Harness) -> None:
    now, orders = play.clock(), play.cloud.functions["orders-api"]
    orders.alias("live", 2, at=now - timedelta(days=4)).alias("live", 6, at=now - timedelta(days=3))
    (answer,) = asks(play, "orders-api:2")

    assert "an alias pointed to it in the last 14 days" in answer
