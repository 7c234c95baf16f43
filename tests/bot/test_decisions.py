from __future__ import annotations

from demo.slack import cast
from tests.bot.scene import approved


def test_approving_passes_on_what_was_ticked_on_this_screen(scene):
    posted = scene.waits()
    approver = scene.somebody(cast.APPROVER)
    approver.unticks(posted, "orders-api:3")

    answer = approver.presses(posted, "Approve selected")

    assert answer.status == 200
    (decision,) = scene.decisions
    assert decision["approved"] is True
    assert len(approved(decision)) == 11
    assert "orders-api:3" not in approved(decision)
    assert decision["approver"] == {"id": cast.APPROVER, "name": "approver"}
    assert decision["decided_at"] == "2026-11-20T12:00:00Z"
    assert scene.told(cast.APPROVER) == [
        "Got it: 11 of 12 versions. Each is checked again before its delete; the result comes in the thread."
    ]
