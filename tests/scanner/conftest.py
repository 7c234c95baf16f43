"""An account in memory whose time stands still, and a scan of it in one word."""

from __future__ import annotations

import pytest

from fakes.aws import Cloud
from tests.builders import NOW
from tests.scanner import scanning


@pytest.fixture
def cloud():
    return Cloud(clock=lambda: NOW, sleep=lambda _: None)


@pytest.fixture
def scan(cloud, tmp_path):
    """Scan the account; each scan of a test has a folder of its own."""
    folders = (tmp_path / f"scan-{number}" for number in range(1_000))

    def go(**how):
        folder = next(folders)
        folder.mkdir()
        return scanning.scan(cloud, folder, **how)

    return go


@pytest.fixture
def orders(cloud):
    """Ten versions, the newest forty days old; nothing calls them yet."""
    return cloud.function("orders-api").publish(10, age_days=40)
