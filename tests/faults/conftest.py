from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest

from tests.faults import matrix
from tests.faults.law import Breaches

Count = Callable[[str, int, Breaches], None]
PROPERTY = "faults"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-fault", action="store_true", help="run every case, and write the fault matrix")
    parser.addoption("--one-in", type=int, default=1, help="with it: only one in so many shards of the larger families")


def every_fault(config: pytest.Config) -> bool:
    return bool(config.getoption("--every-fault", default=False))


def shards(config: pytest.Config, number: int) -> list[tuple[int, int]]:
    """The parts that a family is run in, each with their number: one outside `make faults`."""
    if not every_fault(config):
        return [(0, 1)]
    return [(shard, number) for shard in range(0, number, config.getoption("--one-in"))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a family in so many parts as its module's SHARDS says; a module with kinds of its own cuts each by itself."""
    if "shard" in metafunc.fixturenames and "kind" not in metafunc.fixturenames:
        metafunc.parametrize(("shard", "of"), shards(metafunc.config, metafunc.module.SHARDS))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a test that is marked `a_few(number)`, keep so many of its cases, always the same, outside `make faults`."""
    if every_fault(config):
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("a_few"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept = {id(item) for of in cases.values() for item in matrix.some(of, _few(of[0]))}
    left = [item for of in cases.values() for item in of if id(item) not in kept]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _few(item: pytest.Item) -> int:
    marker = item.get_closest_marker("a_few")
    return marker.args[0] if marker else 0


class _Matrix:
    """Gathers what the tests counted, also from other processes, and writes it down at the end."""

    def __init__(self) -> None:
        self.rows = {family: matrix.Row() for family in matrix.FAMILIES}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name == PROPERTY:
                    family, cases, breaches = value
                    self.rows[family].add(cases, breaches)

    def pytest_sessionfinish(self) -> None:
        matrix.write(self.rows)


def pytest_configure(config: pytest.Config) -> None:
    if every_fault(config) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Matrix())


@pytest.fixture
def every(request: pytest.FixtureRequest) -> bool:
    """Whether every case is to be run, and not only a sample."""
    return every_fault(request.config)


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Count:
    """Notes what a family's cases have come to."""

    def noted(family: str, cases: int, breaches: Breaches) -> None:
        value: Any = (family, cases, asdict(breaches))
        request.node.user_properties.append((PROPERTY, value))

    return noted


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """A thousand stories of failure would log more than anybody reads; what logs hold is looked at elsewhere."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
