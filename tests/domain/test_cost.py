"""What a version costs a month: memory, thirty days, the region's price, and who pays nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.cost import is_free, is_upper_bound, monthly_cost
from tests.builders import a_price


def cost(*, runtime="python3.12", memory_mb=1024, state="Active", price=None):
    return monthly_cost(runtime=runtime, memory_mb=memory_mb, state=state, price=price or a_price())


@pytest.mark.parametrize(
    ("memory_mb", "usd"), [(128, 0.49), (512, 1.95), (1024, 3.9), (1536, 5.85), (3008, 11.46), (10240, 39.0)]
)
def test_a_version_costs_its_own_memory_for_thirty_days(memory_mb, usd):
    assert cost(memory_mb=memory_mb) == usd


def test_the_price_is_the_regions_own():
    assert cost(price=a_price(0.0000018383)) == 4.76


@pytest.mark.parametrize("runtime", ["java11", "java17", "java21", "java25"])
def test_java_is_free(runtime):
    assert cost(runtime=runtime) == 0
    assert is_free(runtime)


@pytest.mark.parametrize("runtime", ["python3.12", "dotnet8", None, "provided.al2023", "nodejs-java"])
def test_everything_else_pays(runtime):
    assert cost(runtime=runtime) == 3.9
    assert not is_free(runtime)


@pytest.mark.parametrize("state", ["Inactive", "Failed", "Pending", "Deleted", "SomethingNew"])
def test_only_active_versions_pay(state):
    assert cost(state=state) == 0


def test_a_state_that_was_not_asked_counts_as_active():
    assert cost(state=None) == cost(state="Active") > 0


@pytest.mark.parametrize(
    ("runtime", "package_type", "up_to"),
    [("python3.12", "Zip", False), (None, "Image", True), (None, "Zip", True), ("python3.12", "Image", True)],
)
def test_a_container_images_cost_is_an_upper_bound(runtime, package_type, up_to):
    assert is_upper_bound(runtime=runtime, package_type=package_type) is up_to


@given(memory=st.integers(128, 10240), usd=st.floats(0, 0.0001))
def test_a_cost_is_whole_cents(memory, usd):
    amount = cost(memory_mb=memory, price=a_price(usd))

    assert amount == round(amount, 2) >= 0


@given(memories=st.lists(st.integers(128, 10240), max_size=200))
def test_what_people_see_adds_up(memories):
    shown = [cost(memory_mb=memory) for memory in memories]

    assert round(sum(shown), 2) == sum(round(amount * 100) for amount in shown) / 100
