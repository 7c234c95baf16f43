"""The least that can be asked, by hand."""

import pytest

from benchmark.fleet import Fleet, least_calls, least_seconds, slowest_quota_seconds, states


def test_a_hundred_functions_of_fifty_versions_need_at_least_these_calls():
    assert least_calls(Fleet(functions=100, versions=50)) == {
        # pages of 5,100 rows, aliases of 100 functions, event sources; the State of what is offered, and of the newest
        # three of the five functions it is of
        "shared": 102 + 100 + 1 + 200 + 5 * 3,
        "ListMetrics": 100,
        # 5,200 and 4,800 series by the day, 300 busy ones by the hour, the region itself; and for what is offered two
        # rounds over fifteen months
        "GetMetricData": 11 + 10 + 3 + 1 + 2,
        "GetPolicy": 200,
        "LookupEvents": 2 + 2,  # a hundred aliases were made, none was moved or removed
    }


def test_no_more_is_offered_than_survives():
    assert least_calls(Fleet(functions=2, versions=5))["GetPolicy"] == 2 * 2


def test_the_bound_adds_up_the_four_phases_each_at_its_slowest_quota():
    listing, aliases, states = 102 / 7.5, 101 / 7.5, 215 / 7.5
    last_called = (5 + 200 + 200) * 455 / 198_000

    assert least_seconds(Fleet(functions=100, versions=50)) == pytest.approx(listing + aliases + states + last_called)


def test_the_slowest_quota_alone_takes_no_longer_than_the_phases_one_after_the_other():
    fleet = Fleet(functions=100, versions=50)

    assert slowest_quota_seconds(fleet) == pytest.approx(418 / 7.5)
    assert slowest_quota_seconds(fleet) <= least_seconds(fleet) + 1e-9


def test_what_is_asked_grows_with_the_fleet_and_not_faster():
    fleets = [Fleet(functions, 50) for functions in (20, 2_000)]
    small, large = (least_calls(fleet)["shared"] - states(fleet) for fleet in fleets)

    assert large == pytest.approx(100 * small, rel=0.05)
