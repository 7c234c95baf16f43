from __future__ import annotations

from datetime import UTC, datetime

import pytest

from demo.cloud import Cloud
from demo.slack import LocalSlack, cast
from tests.bot.scene import Scene, Slowly, at_noon


@pytest.fixture
def scene():
    clock = at_noon()
    with LocalSlack(cast.review_workspace(clock=clock)) as slack:
        scene = Scene(Cloud(clock=lambda: datetime.fromtimestamp(clock.now, UTC)), slack, clock)
        yield scene
        scene.settles()


@pytest.fixture
def slowly(scene):
    held_up = Slowly(scene)
    yield held_up
    held_up.ends()
