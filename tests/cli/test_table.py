"""The table on a terminal: what is said, in which order, and how wide."""

import re
from datetime import timedelta

import pytest

from fakes.aws import fleets
from orchestrator.cli import table as table_module
from tests.cli.conftest import NOW

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def words_of(paragraph: str) -> list[str]:
    """The lines of a table without its rules, a space between two cells."""
    return [" ".join(line.split()) for line in paragraph.splitlines() if not line.lstrip().startswith("─")]


def without_calls(out: str) -> str:
    """The result without how many calls it took: they are packed as they come."""
    return re.sub(r"[\d,]+ calls to AWS, [\d,]+ of them", "… calls to AWS, … of them", out)


def paragraphs(out: str) -> list[str]:
    return out.split("\n\n")


def test_a_believable_fleet(believable, golden):
    golden("believable.txt", without_calls(believable[1].out))


def test_a_fleet_too_big_for_a_screen(shell, cloud, golden):
    fleets.busy_through_alias(cloud, functions=47, versions=4)
    scattered = cloud.function("scattered", memory_mb=10240).publish(90, age_days=40)
    for number in range(1, 80, 3):
        scattered.invoked(number, at=NOW - timedelta(days=3))
    longest = cloud.function("a-service-with-a-name-that-is-exactly-sixty-four-characters-lon", memory_mb=10240)
    longest.publish(9, age_days=40).alias("blue-green-production", 9)
    golden("big.txt", without_calls(shell.scans("--max-deletions 110").out))


@pytest.mark.parametrize("columns", [80, 120])
def test_every_line_fits_the_width_and_uses_it(shell, idle_versions, columns):
    idle_versions.function("image", package_type="Image", memory_mb=10240).publish(5, number=10_000, age_days=1500)
    idle_versions.function("pdf-render").publish(14, age_days=40)
    idle_versions.faults.blur("InternalError", "Rate exceeded, and more of the like " * 5, function="pdf-render")
    shell.environ["COLUMNS"] = str(columns)
    longest = max(len(line) for line in shell.scans().out.splitlines())
    assert columns - 10 < longest <= columns


def test_functions_come_dearest_first_and_their_versions_under_headed_columns(shell, cloud):
    cloud.function("cheap", memory_mb=128).publish(6, age_days=40)
    cloud.function("dear", memory_mb=4096).publish(5, age_days=40).invoked(5)
    shell.environ["COLUMNS"] = "120"
    by_function, one_by_one = paragraphs(shell.scans().out)[2:5:2]
    assert words_of(by_function) == [
        "Function Idle A month Stays",
        "dear 2 $31.20 5, 4, 3",
        "cheap 3 $1.47 6, 5, 4",
    ]
    assert words_of(one_by_one) == [
        "Function Version Published Last called Runtime Memory A month",
        "dear 1 2026-10-07 never python3.12 4,096 MB $15.60",
        "2 2026-10-08 never python3.12 4,096 MB $15.60",
        "cheap 1 2026-10-06 never python3.12 128 MB $0.49",
        "2 2026-10-07 never python3.12 128 MB $0.49",
        "3 2026-10-08 never python3.12 128 MB $0.49",
    ]


def test_a_narrow_terminal_shows_no_runtime_and_no_memory(shell, idle_versions):
    assert idle_versions.functions
    assert "Function Version Published Last called A month" in " ".join(shell.scans().out.split())


def test_what_the_money_needs_said_stands_beside_it(shell, cloud):
    cloud.function("java", runtime="java21").publish(4, age_days=40)
    cloud.function("image", package_type="Image").publish(4, age_days=40)
    broken = cloud.function("broken")
    broken.publish(age_days=40, state="Failed", state_reason_code="InvalidImage").publish(3, age_days=30)
    shell.environ["COLUMNS"] = "120"
    out = shell.scans().out
    assert re.search(r"java21 +512 MB +\$0\.00 +Java is free\n", out)
    assert re.search(r"container image +512 MB +\$1\.95 +at most\n", out)
    assert re.search(r"python3\.12 +512 MB +\$0\.00 +Failed: \$0 now\n", out)


def test_idle_versions_that_cost_nothing_are_said_to(shell, cloud):
    cloud.function("java", runtime="java21").publish(4, age_days=40)
    assert shell.scans().out.startswith("1 idle version, $0 now\n")


def test_one_idle_version_costs(shell, cloud):
    cloud.function("orders").publish(4, age_days=40).invoked(4)
    out = shell.scans().out
    assert out.startswith("1 idle version costs about $1.95 a month\n")
    assert "All 1 $1.95" in " ".join(out.split())


def test_a_region_in_which_nothing_was_called_is_warned_of_before_anything_is_listed(shell, cloud):
    cloud.function("orders").publish(5, age_days=40)
    warning = " ".join(paragraphs(shell.scans().out)[1].split())
    assert warning.startswith("Warning: No function in us-west-2 was called in 35 days. Either the region is abandoned")


def test_a_region_with_a_single_call_is_not_warned_of(shell, idle_versions):
    assert idle_versions.functions
    assert "Warning" not in shell.scans().out


def test_a_region_whose_activity_cannot_be_read_is_said_so(shell, idle_versions):
    idle_versions.faults.deny("GetMetricData", nth=1)
    words = " ".join(shell.scans().out.split())
    assert "Warning: CloudWatch did not say whether anything in us-west-2 was called in 35 days." in words


def test_a_period_that_cloudwatch_does_not_keep_is_said_to_be_widened(shell, idle_versions):
    assert idle_versions.functions
    words = " ".join(shell.scans("--period-seconds 60").out.split())
    assert (
        "Warning: CloudWatch does not keep periods of 60 seconds for 35 days: calls were compared in periods of 300"
        in words
    )


def test_versions_not_looked_at_are_counted_and_priced(shell, idle_versions):
    assert idle_versions.functions
    words = " ".join(shell.scans("--max-deletions 3").out.split())
    assert "3 idle versions cost about $11.70 a month" in words
    assert (
        "Not looked at yet: 4 more versions, about $15.60 a month, passed every check so far. --max-deletions 3 ended "
        "the search." in words
    )


def test_the_rule_is_said_with_the_numbers_used(shell, idle_versions):
    assert idle_versions.functions
    words = " ".join(shell.scans("--min-age-days 20 --keep-last-n 2 --lookback-days 60").out.split())
    assert "no calls in 60 days;" in words
    assert "at least 20 days old; not among the newest 2 of its function." in words
    assert "not called at all" not in words


def test_the_strict_rule_and_the_prefix_are_said(shell, idle_versions):
    assert idle_versions.functions
    words = " ".join(shell.scans("--function-activity strict --prefix orders-").out.split())
    assert "Its function was not called at all in 14 days." in words
    assert "10 versions of functions that begin with orders- listed, 10 with SnapStart" in words


def test_aws_own_words_are_said_once_for_all_functions_they_hold(shell, cloud):
    for number in range(12):
        cloud.function(f"service-{number:02}").publish(5, age_days=40).invoked(5)
    cloud.faults.refuse("ListAliases", "ServiceException", "Out of order", status=500)
    unjudged = paragraphs(shell.scans().out)[-2]
    assert unjudged.splitlines()[:2] == [
        "Not judged: 24 of 60 versions; what is not known is held",
        "  lambda:ListAliases ServiceException, Out of order",
    ]
    assert " ".join(unjudged.split()).endswith("· service-07 1–2 · 4 more functions")  # noqa: RUF001


def test_more_functions_that_were_not_judged_than_the_summary_names_are_counted(shell, cloud):
    for number in range(45):
        cloud.function(f"service-{number:02}").publish(4, age_days=40)
    cloud.faults.refuse("ListAliases", "ServiceException", "Out of order", status=500)
    assert "  … and 5 more, see --format csv\n" in shell.scans().out


def test_functions_past_the_last_one_named_are_counted(shell, cloud, monkeypatch):
    monkeypatch.setattr(table_module, "FUNCTIONS_SHOWN", 2)
    for name in ("a", "b", "c", "d"):
        cloud.function(name).publish(4, age_days=40)
    assert "2 more functions 2 $3.90" in " ".join(shell.scans().out.split())


def test_nothing_idle_is_good_news(shell, cloud):
    cloud.function("orders").publish(3, age_days=40).invoked(3)
    out = shell.scans().out
    assert out.startswith("Nothing to clean in us-west-2: none of 3 SnapStart versions is idle\n")
    assert "      3  newest 3\n" in out


def test_nothing_idle_is_no_good_news_when_not_all_could_be_judged(shell, cloud):
    cloud.function("orders").publish(4, age_days=40)
    cloud.faults.refuse("ListAliases", "ServiceException", "Out of order", status=500)
    assert shell.scans().out.startswith("Nothing to offer in us-west-2, but not every version could be judged\n")


def test_a_region_without_snapstart_is_answered_in_two_breaths(shell, cloud):
    cloud.function("plain", snap_start=False).publish(2)
    out = shell.scans().out
    assert out.startswith("No version with SnapStart in us-west-2\n")
    assert "2 versions listed, 0 with SnapStart\n" in out
    assert "Idle means" not in out
    assert "Warning" not in out


def test_an_empty_region_is_judged_too(shell):
    ran = shell.scans()
    assert ran.code == 0
    assert ran.out.startswith("No version with SnapStart in us-west-2\n")


def test_the_price_is_named_with_its_source_and_day(shell, idle_versions):
    assert idle_versions.functions
    words = " ".join(shell.scans().out.split())
    assert (
        "Estimate at list price: $0.0000015046 per GB-second in us-west-2, price list of 19 Sep 2026, 30-day month."
        in words
    )


# Colour


def test_colour_is_for_terminals_and_says_nothing_that_words_do_not(shell, idle_versions):
    idle_versions.function("pdf-render").publish(14, age_days=40)
    idle_versions.faults.blur("InternalError", function="pdf-render")
    plain = shell.scans().out
    shell.terminal = True
    coloured = shell.scans().out
    assert ANSI.search(plain) is None
    assert ANSI.search(coloured)
    assert [line.rstrip() for line in ANSI.sub("", coloured).splitlines()] == plain.splitlines()


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(shell, idle_versions, environ):
    assert idle_versions.functions
    shell.terminal = True
    shell.environ.update(environ)
    assert ANSI.search(shell.scans().out) is None


def test_an_empty_no_color_refuses_nothing(shell, idle_versions):
    assert idle_versions.functions
    shell.terminal = True
    shell.environ["NO_COLOR"] = ""
    assert ANSI.search(shell.scans().out)


def test_a_file_has_no_colour(shell, idle_versions, tmp_path):
    assert idle_versions.functions
    shell.terminal = True
    assert shell.scans(f"--output {tmp_path / 'table.txt'}").code == 0
    assert ANSI.search((tmp_path / "table.txt").read_text()) is None
