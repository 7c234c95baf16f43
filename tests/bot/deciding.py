"""A page that somebody decides."""

from __future__ import annotations

from dataclasses import replace

from fakes.slack import team
from tests.builders import NOW

APPROVE, REJECT, REJECT_PAGE, STOP = "approve", "reject", "reject", "stop"
ALL_TWELVE = [*(f"orders-api:{number}" for number in range(1, 11)), "thumbs:4", "thumbs:5"]
FRESH_LIST = "For a fresh list: `/snapstart scan us-west-2`"
SECOND_PAGE = {"page": 2, "pages": 3}


def decided(page, action="approve", by=team.OTHER):
    """The page's record once the orchestrator has heard the answer."""
    noon = int(NOW.timestamp())
    known = {
        "action": action,
        "approver_id": by,
        "approver_name": "other",
        "decided_at": noon,
        "approved": 9,
        "offered": 12,
    }
    return replace(page, decided=known)


def presses(scene, who=team.APPROVER, button=APPROVE, posted=None, **how):
    """Somebody presses a button of a waiting page, and is told this."""
    shown = posted or scene.waits()
    scene.somebody(who, **how).presses(shown, button)
    return scene.told(who)[-1]
