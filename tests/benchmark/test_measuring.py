"""The benchmark's own reading of what it measured."""

import pytest

from benchmark.clicks import seconds_to_import
from benchmark.measured import Check
from benchmark.scans import busiest

EVENLY = [(call / 7.5, "ListAliases") for call in range(100)]


def test_calls_spaced_evenly_fill_no_second_beyond_the_rate_rounded_up():
    assert busiest(EVENLY, seconds=1) == {"shared": 8}
    assert busiest(EVENLY, seconds=10) == {"shared": 75}


def test_calls_of_one_quota_count_together_and_others_apart():
    log = [(0.0, "ListFunctions"), (0.1, "ListAliases"), (0.2, "GetPolicy"), (5.0, "ListFunctions")]

    assert busiest(log, seconds=1) == {"shared": 2, "GetPolicy": 1}


def test_what_is_none_of_the_accounts_quotas_is_left_out():
    assert busiest([(0.0, "CheckpointDurableExecution")], seconds=1) == {}


def test_calls_sent_out_of_order_are_counted_in_order():
    assert busiest([(2.0, "GetPolicy"), (0.0, "GetPolicy"), (2.5, "GetPolicy")], seconds=1) == {"GetPolicy": 2}


def test_an_import_counts_with_its_package_and_without_what_it_imported_in_turn():
    told = """
import time: self [us] | cumulative | imported package
import time:       100 |        100 |   json
import time:        50 |        150 | bot
import time:      1000 |       1000 |     botocore
import time:       500 |       1500 |   bot.authorisation
import time:       700 |       2200 | bot.app
import time:         9 |          9 | antigravity
"""
    assert seconds_to_import("bot.app", told) == pytest.approx(0.00235)


@pytest.mark.parametrize(
    ("check", "passed"),
    [
        (Check("", 1.05, at_most=1.05), True),
        (Check("", 1.06, at_most=1.05), False),
        (Check("", 20, at_least=20), True),
        (Check("", 19.9, at_least=20), False),
    ],
)
def test_a_target_is_met_at_its_edge(check, passed):
    assert check.passed is passed
