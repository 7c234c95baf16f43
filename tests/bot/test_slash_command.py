# ruff: noqa: RUF001 - phones and keyboards produce these letters

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slash_command import OPTIONS, Mistyped, Scan, read_scan, unknown_verb, verb_of
from orchestrator.domain.policy import Policy
from orchestrator.domain.request import STRICTER

REGIONS = ("us-west-2", "eu-west-1")


def scan(text: str, **policy) -> Scan:
    read = read_scan(text, regions=REGIONS, policy=Policy(**policy))
    assert isinstance(read, Scan), read
    return read


def mistakes(text: str, **policy) -> tuple[str, ...]:
    read = read_scan(text, regions=REGIONS, policy=Policy(**policy))
    assert isinstance(read, Mistyped), read
    return read.mistakes


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("", "help"),
        ("   ", "help"),
        ("help", "help"),
        ("help me please", "help"),
        ("scan", "scan"),
        ("SCAN us-west-2", "scan"),
        ("“scan”", "scan"),
        ("status", "status"),
        ("--help", None),
        ("scna", None),
    ],
)
def test_the_first_word_says_what_is_wanted(text, verb):
    assert verb_of(text) == verb


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scna us-west-2", "`scna` is not a command. Did you mean `scan`?"),
        ("statsu", "`statsu` is not a command. Did you mean `status`?"),
        ("<!channel>", "`<!channel>` is not a command."),
        ("`a`b`", "`ab` is not a command."),
        ("x" * 5000, f"`{'x' * 39}…` is not a command."),
    ],
)
def test_another_word_is_no_command_and_gets_the_one_it_looks_like(text, words):
    assert unknown_verb(text).mistakes == (words,)


def test_a_bare_scan_is_of_the_first_region_by_the_stacks_rules():
    read = scan("scan")

    assert read.fields == {}
    assert read.request.region == "us-west-2"
    assert read.request.policy == Policy()


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("scan eu-west-1", {"region": "eu-west-1"}),
        ("Scan EU-WEST-1", {"region": "eu-west-1"}),
        ("scan eu-west-1 eu-west-1", {"region": "eu-west-1"}),
        ("scan --min-age-days 30", {"min_age_days": 30}),
        ("scan --MIN-AGE-DAYS 30", {"min_age_days": 30}),
        ("scan --min-age-days=30 eu-west-1", {"min_age_days": 30, "region": "eu-west-1"}),
        ("scan —min-age-days 30", {"min_age_days": 30}),
        ("scan –min-age-days 30", {"min_age_days": 30}),
        ("scan −−min−age−days 30", {"min_age_days": 30}),
        ("scan -min-age-days 30", {"min_age_days": 30}),
        ("scan us‑west‑2 ――keep‑last‑n 5", {"region": "us-west-2", "keep_last_n": 5}),
        ("scan --prefix “orders-”", {"function_name_prefix": "orders-"}),
        ("scan --prefix=‘orders-’", {"function_name_prefix": "orders-"}),
        ("scan '--prefix' \"orders_api\"", {"function_name_prefix": "orders_api"}),
        ("scan `us-west-2`", {"region": "us-west-2"}),
        ("scan\u00a0eu-west-1", {"region": "eu-west-1"}),
        (
            "scan --lookback-days 90 --keep-last-n 7 --min-age-days 60",
            {"lookback_days": 90, "keep_last_n": 7, "min_age_days": 60},
        ),
    ],
)
def test_dashes_quotes_and_capitals_do_not_matter(text, fields):
    assert scan(text).fields == fields


def test_the_request_is_judged_as_the_orchestrator_will_judge_it():
    read = scan("scan eu-west-1 --min-age-days 60")

    assert read.request.region == "eu-west-1"
    assert (read.request.policy.min_age_days, read.request.policy.lookback_days) == (60, 60)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scan --min-age 30", ("`--min-age` is not an option. Did you mean `--min-age-days`?",)),
        ("scan --perfix=a", ("`--perfix` is not an option. Did you mean `--prefix`?",)),
        ("scan --force", ("`--force` is not an option.",)),
        ("scan --keep-last-n 0", ("`--keep-last-n 0`: must be 1 or more.",)),
        ("scan --keep-last-n -1", ("`--keep-last-n -1`: must be 1 or more.",)),
        ("scan --keep-last-n", ("`--keep-last-n` needs a value.",)),
        ("scan --keep-last-n --prefix a", ("`--keep-last-n` needs a value.",)),
        ("scan --keep-last-n=", ("`--keep-last-n` needs a value.",)),
        ("scan --keep-last-n three", ("`--keep-last-n three`: must be a whole number.",)),
        ("scan --keep-last-n 3.5", ("`--keep-last-n 3.5`: must be a whole number.",)),
        ("scan --keep-last-n ５", ("`--keep-last-n ５`: must be a whole number.",)),
        ("scan --min-age-days " + "9" * 50, (f"`--min-age-days {'9' * 24}…`: must be a whole number.",)),
        ("scan --min-age-days 456", ("`--min-age-days 456`: must be 455 or less.",)),
        ("scan --lookback-days 6", ("`--lookback-days 6`: must be 7 or more.",)),
        ("scan --min-age-days 3", (f"`--min-age-days 3`: must be 14 or more; {STRICTER}.",)),
        ("scan --lookback-days 20", (f"`--lookback-days 20`: must be 35 or more; {STRICTER}.",)),
        (
            "scan --lookback-days 40 --min-age-days 60",
            ("`--lookback-days 40`: must be at least `--min-age-days`, 60.",),
        ),
        ("scan --keep-last-n 4 --keep-last-n 5", ("`--keep-last-n` is given twice.",)),
        ("scan us-wset-2", ("`us-wset-2` is not a region this app may scan. Did you mean `us-west-2`?",)),
        (
            "scan mars",
            ("`mars` is not a region this app may scan. Regions that may be scanned: us-west-2, eu-west-1.",),
        ),
        ("scan us-west-2 eu-west-1", ("`eu-west-1`: one region at a time.",)),
        (
            "scan --prefix a/b",
            ("`--prefix a/b`: must be the beginning of a function name: letters, digits, - and _, at most 64.",),
        ),
    ],
)
def test_a_mistake_is_named_as_it_was_typed(text, said):
    assert mistakes(text) == said


def test_all_mistakes_are_named_in_one_answer():
    said = mistakes("scan moon --min-age 3 --keep-last-n 0 --lookback-days=soon --prefix=a&amp;b")

    assert [words.partition("`:")[0].partition("` ")[0] for words in said] == [
        "`moon",
        "`--min-age",
        "`--lookback-days soon",
        "`--keep-last-n 0",
        "`--prefix a&b",
    ]


def test_the_stacks_own_prefix_can_be_narrowed_and_not_left():
    assert scan("scan --prefix orders-api", function_name_prefix="orders-").fields
    assert mistakes("scan --prefix checkout", function_name_prefix="orders-") == (
        f"`--prefix checkout`: must start with 'orders-'; {STRICTER}.",
    )


typed = st.lists(
    st.sampled_from(
        [*OPTIONS, *REGIONS, "—prefix", "30", "0", "=", "“a”", "-1", "--x=1", "&lt;@U1&gt;", "`", "--", "-"]
    )
    | st.text(max_size=12),
    max_size=12,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(text=typed)
def test_whatever_is_typed_is_either_a_request_the_orchestrator_takes_or_named_mistakes(text):
    read = read_scan(f"scan {text}", regions=REGIONS, policy=Policy())

    if isinstance(read, Mistyped):
        assert read.mistakes
        assert all(len(words) < 300 for words in read.mistakes)
    else:
        assert read.request.region in REGIONS
        assert read.request.policy.min_age_days >= 14


@settings(max_examples=100, deadline=None)
@given(text=st.text(min_size=1, max_size=30).filter(lambda text: verb_of(text) is None))
def test_a_word_that_is_no_command_can_not_break_out_of_its_backticks(text):
    (words,) = unknown_verb(text).mistakes

    assert words.partition("Did you mean")[0].count("`") == 2
