"""A cloud at noon, and its real clients. Nothing waits; nothing is retried unless a test asks."""

import pytest

from fakes.aws import Cloud
from tests.fakes.aws.asking import ONCE, Clock, Metrics


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cloud(clock):
    return Cloud(clock=clock)


@pytest.fixture
def functions(cloud):
    """The Lambda client."""
    return cloud.client("lambda", config=ONCE)


@pytest.fixture
def metrics(cloud):
    """The CloudWatch client, asked in sentences."""
    return Metrics(cloud)
