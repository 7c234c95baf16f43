"""The story that everything is broken in: four of five idle versions approved, and one of them needed since.

`orders-api` 1, 3, 4 and `mailer` 1 are approved, `orders-api` 2 is unticked; after the decision somebody's alias
`canary` moves onto `orders-api` 3. So three versions are deleted and one is skipped, whatever happens on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from fakes.aws import Cloud
from fakes.slack import team
from tests.harness import Harness
from tests.workflow.fleets import a_function

EXPECTED = {"orders-api:1": "deleted", "orders-api:3": "skipped", "orders-api:4": "deleted", "mailer:1": "deleted"}
APPROVED = frozenset(EXPECTED)
SAFE = frozenset(label for label, outcome in EXPECTED.items() if outcome == "deleted")


def fill(cloud: Cloud) -> Cloud:
    """Two functions, called through their newest versions."""
    a_function(cloud, "orders-api", idle=4)
    a_function(cloud, "mailer", idle=1, memory_mb=1024)
    return cloud


def tell(play: Harness) -> str:
    """Ask, approve and wait for the end. Returns the run."""
    arn = begin(play)
    play.until_asked(arn)
    approve(play)
    play.result(arn)
    return arn


def begin(play: Harness) -> str:
    """Start a run that somebody asked for."""
    play.after("record-decision", lambda: play.cloud.functions["orders-api"].alias("canary", 3))
    return play.starts({"requested_by": team.ASKER})


def approve(play: Harness) -> None:
    """Untick one version and press the button; who is told to try again does so."""
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "orders-api:2")
    approver.presses(play.root, "approve")
    if approver.told and "try again" in approver.told[-1].text:
        approver.presses(play.root, "approve")


def tell_whatever_happens(play: Harness, *, mends: Callable[[], object] = lambda: None) -> str:
    """Tell the story as far as it goes: approve what is offered, if anything is. Returns the run, which is over.

    Who is told to try again in a minute does so; `mends` is what happens in that minute.
    """
    arn = begin(play)
    play.eventually(lambda: "approval submitter" in play.steps(arn) or play.is_over(arn))
    if not play.is_over(arn):
        approver = play.somebody(team.APPROVER)
        with suppress(LookupError):  # what could not be judged is not offered
            approver.unticks(play.root, "orders-api:2")
        button = "approve" if approver.ticked(play.root) else "reject"
        approver.presses(play.root, button)
        if approver.told and "try again" in approver.told[-1].text:
            mends()
            approver.presses(play.root, button)
        play.result(arn)
    return arn
