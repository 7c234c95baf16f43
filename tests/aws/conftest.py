"""One account in memory, and real clients that ask it without patience: a refusal is seen at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config

from fakes.aws import Cloud

NOW = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(clock=lambda: NOW, sleep=lambda _: None)


def impatient(cloud: Cloud, service: str) -> Any:
    """A client that asks once."""
    return cloud.client(service, config=Config(retries={"mode": "standard", "total_max_attempts": 1}))


@pytest.fixture
def lambda_(cloud: Cloud) -> Any:
    return impatient(cloud, "lambda")


@pytest.fixture
def cloudwatch(cloud: Cloud) -> Any:
    return impatient(cloud, "cloudwatch")


@pytest.fixture
def tagging(cloud: Cloud) -> Any:
    return impatient(cloud, "resourcegroupstaggingapi")


@pytest.fixture
def orders(cloud: Cloud) -> Any:
    """Return a function whose three versions stand behind `live`, silent so far."""
    return cloud.function("orders").publish(3).alias("live", 3)
