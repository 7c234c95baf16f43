"""The whole benchmark on a tiny fleet: it runs, and what it counted is right."""

import io
import json
from contextlib import redirect_stdout
from typing import Any

import pytest

from benchmark.__main__ import main
from benchmark.fleet import Fleet
from benchmark.measured import of_a_sweep
from benchmark.sweep import Organised, Swept


@pytest.fixture(scope="module")
def printed_and_measured(tmp_path_factory):
    path = tmp_path_factory.mktemp("bench") / "measured.json"
    with redirect_stdout(io.StringIO()) as printed:
        assert main(["--quick", "--json", str(path)]) == 0
    return printed.getvalue(), json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def measured(printed_and_measured):
    return printed_and_measured[1]


@pytest.fixture(scope="module")
def scan(measured):
    (scan,) = measured["scans"]
    return scan


PACKED = "GetMetricData"
"""Its series are packed as they come: on a busy machine a function's last ones may go in a call of their own."""


def test_it_asks_no_more_than_the_least(scan):
    least, calls = scan["least_calls"], scan["calls"]

    assert {quota: calls[quota] for quota in least if quota != PACKED} == {
        quota: number for quota, number in least.items() if quota != PACKED
    }
    assert least[PACKED] <= calls[PACKED] <= least[PACKED] + scan["fleet"]["functions"]


def test_the_report_says_how_many_calls_were_made(scan):
    assert all(scan["summary_calls"][quota] == scan["calls"][quota] for quota in scan["least_calls"])


def test_nothing_was_throttled_and_no_share_exceeded(scan):
    assert scan["throttled"] == 0
    assert scan["busiest_second"]["GetPolicy"] <= 9


def test_everything_idle_was_offered(scan):
    assert scan["offered"] == 3 * (10 - 3)


def test_every_figure_is_there(measured, scan):
    figures = {
        **{name: scan[name] for name in ("seconds", "worked_seconds", "peak_mib", "operations", "report_seconds")},
        **{name: scan[name] for name in ("longest_invocation_seconds", "largest_checkpoint_bytes", "least_seconds")},
        **{name: measured["clicks"][name] for name in ("import_seconds", "first_seconds", "warm_seconds")},
        "rendering": measured["rendered"]["seconds"],
        "public pattern": scan["public_pattern"]["seconds"],
    }
    assert all(figure > 0 for figure in figures.values()), figures


def test_the_table_says_what_was_measured(printed_and_measured, scan):
    printed, _ = printed_and_measured

    assert printed.startswith("make bench ARGS=--quick · ")
    assert f"  3 x 10 {scan['calls']['shared']:>13}" in printed
    assert "A tiny fleet: nothing is judged by it." in printed


def test_a_sweep_asks_in_every_account_and_takes_no_longer_than_its_runs_side_by_side(measured):
    swept = measured["swept"]

    assert swept["questions"] == 2
    assert swept["throttled"] == 0
    assert swept["slowest_run_seconds"] < swept["seconds"] < swept["sum_of_runs_seconds"] * 2
    assert swept["own_calls"]["durable"] >= 2
    assert swept["calls_of_runs"]["STS"] >= 1
    assert sum(swept["usd"].values()) > 0


def test_a_sweep_that_takes_its_runs_one_after_the_other_is_found_out():
    run = {"slowest_run_seconds": 40.0, "child_peak_mib": 100.0, "single_peak_mib": 100.0}
    swept = a_sweep(seconds=80.0, questions=2, **run)

    assert [check.words for check in of_a_sweep(swept) if not check.passed] == [
        "a sweep of 2 accounts x 1 regions: time, over the slowest run's"
    ]


def a_sweep(**measured: Any) -> Swept:
    return Swept(
        organised=Organised(accounts=2, regions=("us-west-2",), fleet=Fleet(1, 5)),
        sum_of_runs_seconds=80.0,
        throttled=0,
        operations=20,
        own_calls={"durable": 2, "S3": 20, "STS": 0},
        calls_of_runs={"durable": 0, "S3": 100, "STS": 4},
        usd={"Lambda": 0.01},
        **measured,
    )
