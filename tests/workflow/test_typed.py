"""What people type, the whole way: through the bot, the run it starts, and back to the question that is open."""

from __future__ import annotations

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.seen import ended


def types(play: Harness, who: str, text: str) -> str:
    """Somebody types a command, the run it starts comes to its end, and this is what they were told at once."""
    known = set(play._names)
    somebody = play.somebody(who)
    somebody.types(f"/snapstart {text}", channel=team.REVIEW)
    for name in set(play._names) - known:
        play.result(play._names[name])
    return somebody.told[-1].text


def test_while_somebody_paused_an_approval_is_refused_and_the_question_outlives_the_pause(play: Harness) -> None:
    arn = play.scan()
    question = play.root
    types(play, team.MEMBER, "pause until friday release freeze")

    approver = play.somebody(team.APPROVER)
    approver.presses(question, "approve")
    refused = approver.told[-1].text
    assert refused.startswith(f"Deletes are paused by <@{team.MEMBER}> until ")
    assert "that day included: release freeze. Nothing was approved; this question stays open" in refused
    assert "*Paused*" in types(play, team.ASKER, "status")
    assert play.deleted == []

    assert types(play, team.MEMBER, "resume").startswith("Only approvers may end a pause")
    types(play, team.APPROVER, "resume")
    approver.presses(question, "approve")
    ended(play, arn, as_="approved", in_words="4 deleted, about $21.45 a month")


def test_who_asked_and_is_no_approver_cancels_their_scan_and_nothing_is_remembered(play: Harness) -> None:
    arn = play.scan()
    asker = play.somebody(team.ASKER)

    asker.presses(play.root, "reject")

    result = play.result(arn)
    assert asker.told[-1].text.startswith("Got it: your scan is cancelled.")
    assert '"ending": "cancelled"' in result.result
    assert play.kept == []
    again = play.scan()
    assert len(play.record(f"pending/{play.execution(again)}/page-1.json")["candidates"]) == 4


def test_a_run_whose_message_is_gone_is_seen_and_stopped_by_who_asked(play: Harness) -> None:
    arn = play.scan()
    play.workspace.delete(team.REVIEW, play.root.ts)
    assert "its message was deleted; `/snapstart stop us-west-2` ends it" in types(play, team.MEMBER, "status")

    assert types(play, team.MEMBER, "stop").startswith("Only approvers and who asked for a run may stop it")
    asker = play.somebody(team.ASKER)
    types(play, team.ASKER, "stop")

    play.result(arn)
    assert asker.told[-1].text.startswith("Stopped: ")
    assert types(play, team.ASKER, "stop") == "No run is open, so there is nothing to stop."
    assert play.deleted == play.kept == []


def test_why_is_answered_privately_through_the_commands_own_address(play: Harness) -> None:
    before = len(play.roots)

    told = types(play, team.MEMBER, "why orders-api")

    assert "orders-api" in told
    assert not told.startswith("Looking at")
    assert len(play.roots) == before
