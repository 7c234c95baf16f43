"""What an account of some shape must be asked, by hand."""

from __future__ import annotations

import pytest

from benchmark.shapes import Shape


@pytest.mark.parametrize(
    ("shape", "bound"),
    [
        # totals, survivors, aliases; what is offered and the aliases over fifteen months; the region; the total again
        (
            Shape(name="", functions=1, versions=1_500, idle_aliases=1_000, busy_aliases=0),
            4 + 1_497 + 1_000 + 1_200 + 2,
        ),
        # behind each of two aliases five survivors and what it points to, once more by the day and by fifteen months
        (Shape(name="", functions=1, versions=8, busy_aliases=2), 4 + 5 + 2 + 2 * 6 + 5 + 1 + 2 + 5 + 2 * 5),
        # more than one run asks about over fifteen months: 200 versions behind 300 aliases
        (
            Shape(name="", functions=1, versions=550, busy_aliases=300),
            4 + 547 + 300 + 300 * 548 + 601 + 1 + 300 + 200,
        ),
        # nothing is offered of what nothing can be offered of
        (Shape(name="", functions=2, versions=4, policies=True), 2 * (4 + 1 + 1 + 2 + 3) + 1),
        # whoever is called by the day needs no more: neither behind an alias nor by the period
        (Shape(name="", functions=1, versions=10, busy_aliases=0, served=True), 4 + 7 + 1),
    ],
)
def test_the_bound_counts_what_the_rules_ask(shape: Shape, bound: int) -> None:
    assert shape.bound == bound


def test_a_shape_is_told_by_its_functions_versions_and_aliases() -> None:
    shape = Shape(name="aliases without a call", functions=1, versions=1_500, idle_aliases=1_000, busy_aliases=0)

    assert str(shape) == "1 x 1,500 x 1,000, aliases without a call"
