"""What may be typed, and how what may not be typed is refused."""

import os

import pytest
from botocore.exceptions import ProfileNotFound

from orchestrator.cli.arguments import (
    OPTIONS,
    RefusedArguments,
    ScanArguments,
    Wanted,
    help_text,
    read_arguments,
)
from orchestrator.domain.policy import Policy


def read(words: str, region: str | None = None) -> ScanArguments | Wanted:
    return read_arguments(words.split(), lambda: region)


def scan(options: str = "") -> ScanArguments:
    arguments = read(f"scan --region us-west-2 {options}")
    assert isinstance(arguments, ScanArguments)
    return arguments


def problems(words: str) -> tuple[str, ...]:
    with pytest.raises(RefusedArguments) as refused:
        read(words)
    return refused.value.problems


def refused(options: str) -> str:
    (problem,) = problems(f"scan --region us-west-2 {options}")
    return problem


def test_without_options_the_policy_is_the_one_a_stack_starts_with():
    arguments = scan()
    assert arguments.policy == Policy()
    assert (arguments.format, arguments.output, arguments.quiet, arguments.shared_rate) == ("table", None, False, 7.5)


def test_every_threshold_can_be_set():
    arguments = scan(
        "--min-age-days 20 --keep-last-n 5 --lookback-days 60 --period-seconds 300 --function-activity strict "
        "--prefix orders- --max-deletions 7 --shared-rate 2.5 --format csv --quiet"
    )
    assert arguments.policy == Policy(
        min_age_days=20,
        keep_last_n=5,
        lookback_days=60,
        period_seconds=300,
        function_activity="strict",
        function_name_prefix="orders-",
        max_deletions=7,
    )
    assert (arguments.format, arguments.quiet, arguments.shared_rate) == ("csv", True, 2.5)


def test_thresholds_may_be_laxer_than_a_stack_would_allow_since_nothing_is_deleted():
    policy = scan("--min-age-days 1 --keep-last-n 1 --lookback-days 7").policy
    assert (policy.min_age_days, policy.keep_last_n, policy.lookback_days) == (1, 1, 7)


def test_the_lookback_grows_with_the_age_asked_for_unless_it_was_typed():
    assert scan("--min-age-days 90").policy.lookback_days == 90
    assert refused("--min-age-days 90 --lookback-days 35") == "--lookback-days 35: must be at least --min-age-days, 90"


def test_values_may_follow_an_equals_sign():
    assert scan("--keep-last-n=4 --format=json").policy.keep_last_n == 4


def test_the_region_comes_from_the_surroundings_when_none_is_typed():
    arguments = read("scan", region="eu-west-1")
    assert isinstance(arguments, ScanArguments)
    assert arguments.region == "eu-west-1"


def test_a_typed_region_wins_and_the_surroundings_are_not_even_asked():
    def never() -> str:
        raise ProfileNotFound(profile="gone")

    arguments = read_arguments(["scan", "--region", "us-gov-west-1"], never)
    assert isinstance(arguments, ScanArguments)
    assert arguments.region == "us-gov-west-1"


def test_no_region_anywhere_is_a_mistake():
    assert problems("scan") == ("--region is missing: name one, such as us-west-2, or set AWS_REGION",)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--min-age-days 0", "--min-age-days 0: must be 1 or more"),
        ("--min-age-days soon", "--min-age-days 'soon': must be a whole number"),
        ("--min-age-days 1.5", "--min-age-days '1.5': must be a whole number"),
        ("--keep-last-n -3", "--keep-last-n -3: must be 1 or more"),
        ("--lookback-days 456", "--lookback-days 456: must be 455 or less"),
        ("--function-activity loose", "--function-activity 'loose': must be attributed or strict"),
        ("--max-deletions 0", "--max-deletions 0: must be a whole number from 1 to 1000"),
        ("--max-deletions 1001", "--max-deletions 1001: must be a whole number from 1 to 1000"),
        ("--max-deletions all", "--max-deletions 'all': must be a whole number from 1 to 1000"),
        ("--shared-rate 0", "--shared-rate '0': must be a number above 0 and at most 15"),
        ("--shared-rate 15.1", "--shared-rate '15.1': must be a number above 0 and at most 15"),
        ("--shared-rate nan", "--shared-rate 'nan': must be a number above 0 and at most 15"),
        ("--shared-rate fast", "--shared-rate 'fast': must be a number above 0 and at most 15"),
        ("--format xml", "--format 'xml': must be table, json or csv"),
        ("--region Oregon", "--region 'Oregon': must be a region, such as us-west-2"),
        ("--keep-last-n", "--keep-last-n has no value"),
        ("--region", "--region has no value"),
        ("--output", "--output has no value"),
        ("--min-age 3", "--min-age is not an option; did you mean --min-age-days?"),
        ("--zzz=1", "--zzz is not an option"),
        ("eu-west-1", "'eu-west-1' belongs to no option; for the region: --region eu-west-1"),
        ("everything", "'everything' belongs to no option"),
    ],
)
def test_a_mistake_names_the_option_its_value_and_what_is_accepted(options, words):
    assert refused(options) == words


def test_a_value_that_is_no_choice_is_answered_with_the_choices():
    assert refused("--period-seconds 7").startswith("--period-seconds 7: must be one of 60, 120, 180,")
    assert refused("--prefix a.b").startswith("--prefix 'a.b': must be the beginning of a function name")


def test_all_mistakes_are_named_at_once(tmp_path):
    told = problems(
        f"scan now --keep-last-n --min-age-days 0 --format xml --max-deletions many --output {tmp_path} --shared-rate 0"
    )
    assert [problem.split()[0] for problem in told] == [
        "'now'",
        "--keep-last-n",
        "--region",
        "--min-age-days",
        "--max-deletions",
        "--shared-rate",
        "--format",
        "--output",
    ]


def test_a_file_that_cannot_be_written_is_a_mistake_found_before_anything_is_scanned(tmp_path):
    missing = tmp_path / "nowhere" / "report.csv"
    assert refused(f"--output {missing}") == f"--output '{missing}': cannot be written, no such file or directory"
    assert refused(f"--output {tmp_path}") == f"--output '{tmp_path}': cannot be written, is a directory"


def test_looking_whether_a_file_can_be_written_leaves_no_trace(tmp_path):
    there, new = tmp_path / "there.json", tmp_path / "new.json"
    there.write_text("as it was")
    assert scan(f"--output {there}").output == there
    assert scan(f"--output {new}").output == new
    assert there.read_text() == "as it was"
    assert not new.exists()


def test_a_pipe_is_not_opened_before_there_is_something_to_write(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert scan(f"--output {pipe}").output == pipe


@pytest.mark.parametrize("words", ["scan --help", "scan -h", "--help", "-h", "help", "scan --min-age-days zero --help"])
def test_help_is_given_wherever_it_is_asked_for(words):
    assert read(words) == Wanted("help")


def test_the_policy_is_printed_without_any_region():
    assert read("scan --print-policy") == Wanted("policy")


def test_a_mistyped_option_is_named_beside_print_policy_too():
    assert problems("scan --print-policy --quite") == ("--quite is not an option; did you mean --quiet?",)


@pytest.mark.parametrize(
    ("words", "told"),
    [("", "nothing was asked for: the command is scan"), ("delete", "'delete' is not a command: the command is scan")],
)
def test_there_is_one_command(words, told):
    assert problems(words) == (told,)


def test_the_help_names_every_option_and_fits_a_terminal():
    assert [option for option in OPTIONS if option not in help_text()] == []
    assert max(len(line) for line in help_text().splitlines()) <= 80


def test_a_switch_takes_no_value():
    assert refused("--quiet=yes") == "argument --quiet: ignored explicit argument 'yes'"
