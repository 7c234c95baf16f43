"""One whole story, told again by processes of which each is killed a few checkpoints after the one before it.

tests/faults/test_deaths.py kills one process only, before and after every checkpoint.
"""

from __future__ import annotations

import json
from typing import Any

from fakes.slack import team
from tests.harness import Harness
from tests.workflow.conftest import SetStage
from tests.workflow.seen import ended, headline, ticks, told

EVERY = 7


def tell(play: Harness) -> dict[str, Any]:
    """The story: one of four unticked, one in use by the time of its delete. Returns all there is to see of it."""
    play.after("record-decision", lambda: play.cloud.functions["orders-api"].alias("canary", 2))
    arn = play.scan()
    approver = play.somebody(team.APPROVER)
    approver.unticks(play.root, "orders-api:3")
    offered = ticks(play)
    approver.presses(play.root, "approve")
    ended(play, arn, as_="approved", in_words="2 deleted, 1 skipped, about $9.75 a month")
    execution = play.execution(arn)
    seen = {
        "offered": offered,
        "headline": headline(play),
        "root": play.root.text,
        "thread": told(play),
        "posts": [key for _, key in play.posts],
        "files": len(play.workspace.files),
        "deleted": play.deleted,
        "page": play.outcome(arn, 1),
        "outcome": play.outcome(arn),
        "run": play.run(arn),
        "result": play.result(arn).result,
    }
    return json.loads(json.dumps(seen).replace(execution, "RUN").replace(execution[:6], "RUN"), object_hook=_lasting)


def _lasting(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is minted anew for every run."""
    return {name: part for name, part in value.items() if name not in {"execution_arn", "callback_id", "permalink"}}


def test_the_story_is_the_same_however_often_the_process_dies(set_stage: SetStage) -> None:
    undisturbed = set_stage()
    expected = tell(undisturbed)
    deaths = range(1, len(undisturbed.checkpoints), EVERY)

    play = set_stage()
    play.dies_after(*deaths)

    assert tell(play) == expected
    assert play.deaths == len(deaths)
