"""Fleets that the stories play in: functions whose newest version is live and called, and whose oldest are idle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fakes.aws import Cloud

KEPT = 3
"""Newest versions that stay whatever they are."""

Fill = Callable[[Cloud], object]


def a_function(cloud: Cloud, name: str, *, idle: int, memory_mb: int = 1536, called: bool = True, **given: Any) -> Any:
    """A function with so many idle versions, numbered from 1, below the three that stay."""
    function = cloud.function(name, memory_mb=memory_mb, **given)
    function.publish(idle + KEPT, age_days=30, apart=timedelta(days=1))
    function.alias("live", idle + KEPT)
    if called:
        function.invoked("live", every=timedelta(hours=7), count=21)
    return function


def two_functions(cloud: Cloud) -> None:
    """Four idle versions: `orders-api` 1 to 3, $5.85 a month each, and `mailer` 1, $3.90 a month."""
    a_function(cloud, "orders-api", idle=3)
    a_function(cloud, "mailer", idle=1, memory_mb=1024)


def three_pages(cloud: Cloud) -> None:
    """104 idle versions, fifty and fifty and four: `orders-api` 1 to 104."""
    a_function(cloud, "orders-api", idle=104)


def nothing_idle(cloud: Cloud) -> None:
    """One function whose three versions all stay."""
    a_function(cloud, "orders-api", idle=0)


def abandoned(cloud: Cloud) -> None:
    """Idle versions in a region where nothing was called for as long as anyone can see."""
    a_function(cloud, "orders-api", idle=2, called=False)


def three_pages_unticked(cloud: Cloud) -> None:
    """The same in a region where nothing is called, so that a person ticks what may go."""
    a_function(cloud, "orders-api", idle=104, called=False)


def two_pages(cloud: Cloud) -> None:
    """52 idle versions, fifty and two: `orders-api` 1 to 52, $5.85 a month each."""
    a_function(cloud, "orders-api", idle=52)


def two_pages_unticked(cloud: Cloud) -> None:
    """The same in a region where nothing is called, so that a person ticks what may go."""
    a_function(cloud, "orders-api", idle=52, called=False)
