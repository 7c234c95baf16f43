from __future__ import annotations

import pytest

from fakes.slack import LocalSlack, team
from tests.bot.scene import Region, Scene, Slowly


@pytest.fixture(scope="session")
def region():
    return Region()


@pytest.fixture
def scene(region):
    region.swept()
    with LocalSlack(team.review_workspace(clock=region.clock), on_a_port=False) as slack:
        scene = Scene(region, slack)
        yield scene
        scene.settles()


@pytest.fixture
def slowly(scene):
    held_up = Slowly(scene)
    yield held_up
    held_up.ends()
