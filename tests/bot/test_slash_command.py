# ruff: noqa: RUF001 - phones and keyboards produce these letters

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slash_command import OPTIONS, Command, Mistyped, Targets, Verb, read_command
from orchestrator.domain.accounts import Account
from orchestrator.domain.policy import Policy
from orchestrator.domain.request import STRICTER

REGIONS = ("us-west-2", "eu-west-1")
ALONE = (Account("111122223333"),)
PAYMENTS, SEARCH = Account("111122223333", "payments"), Account("444455556666", "Search")
TODAY = date(2026, 11, 20)
"""A Friday."""


def read(text: str, accounts=ALONE, **policy) -> Command | Mistyped:
    return read_command(text, Targets(accounts, REGIONS, Policy(**policy)), TODAY)


def command(text: str, accounts=ALONE, **policy) -> Command:
    known = read(text, accounts, **policy)
    assert isinstance(known, Command), known
    return known


def mistakes(text: str, accounts=ALONE, **policy) -> tuple[str, ...]:
    known = read(text, accounts, **policy)
    assert isinstance(known, Mistyped), known
    return known.mistakes


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("", "help"),
        ("   ", "help"),
        ("help", "help"),
        ("--help", "help"),
        ("—help", "help"),
        ("?", "help"),
        ("help me please", "help"),
        ("scan", "scan"),
        ("SCAN us-west-2", "scan"),
        ("“scan”", "scan"),
        ("status", "status"),
        ("why orders-api", "why"),
        ("pause", "pause"),
        ("Resume", "resume"),
        ("stop", "stop"),
        ("saved", "saved"),
        ("doctor", "doctor"),
    ],
)
def test_the_first_word_says_what_is_wanted(text, verb):
    assert command(text).verb is Verb(verb)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scna us-west-2", "`scna` is not a command. Did you mean `scan`?"),
        ("statsu", "`statsu` is not a command. Did you mean `status`?"),
        ("docter", "`docter` is not a command. Did you mean `doctor`?"),
        ("hlep me", "`hlep` is not a command. Did you mean `help`?"),
        ("us-west-2", "`us-west-2` is not a command. Did you mean `scan us-west-2`?"),
        ("--prefix orders-", "`--prefix` is not a command. Did you mean `scan --prefix orders-`?"),
        ("what is this", "`what` is not a command."),
        ("<!channel>", "`<!channel>` is not a command."),
        ("`a`b`", "`ab` is not a command."),
        ("x" * 5000, f"`{'x' * 39}…` is not a command."),
    ],
)
def test_another_word_is_no_command_and_gets_the_one_it_looks_like(text, words):
    assert mistakes(text)[0] == words


def test_what_follows_a_mistyped_command_is_judged_all_the_same():
    assert mistakes("scna us-wset-2 --min-age 3 --keep-last-n 1") == (
        "`scna` is not a command. Did you mean `scan`?",
        "`us-wset-2` is not a region this app may scan. Did you mean `us-west-2`?",
        "`--min-age` is not an option. Did you mean `--min-age-days`?",
        "`--keep-last-n 1`: must be 3 or more; a request may only be stricter than the stack's own setting.",
    )
    assert mistakes("clean --keep-last-n 1")[1].startswith("`--keep-last-n 1`: must be 3 or more")
    assert read("scna").verb is Verb.SCAN
    assert read("nonsense").verb is None


def test_a_bare_scan_is_of_the_first_region_by_the_stacks_rules():
    known = command("scan")

    assert known.fields == {}
    assert known.request.region == "us-west-2"
    assert known.request.policy == Policy()


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
        ("scan --region eu-west-1", {"region": "eu-west-1"}),
        ("scan —region=eu-west-1", {"region": "eu-west-1"}),
        ("scan region=eu-west-1", {"region": "eu-west-1"}),
        ("scan region eu-west-1", {"region": "eu-west-1"}),
        ("scan min-age-days=30", {"min_age_days": 30}),
        ("scan min-age-days 30 eu-west-1", {"min_age_days": 30, "region": "eu-west-1"}),
        ("scan 111122223333", {}),
        ("scan --account 111122223333 eu-west-1", {"region": "eu-west-1"}),
        (
            "scan --lookback-days 90 --keep-last-n 7 --min-age-days 60",
            {"lookback_days": 90, "keep_last_n": 7, "min_age_days": 60},
        ),
    ],
)
def test_dashes_quotes_capitals_and_the_way_of_naming_do_not_matter(text, fields):
    assert command(text).fields == fields


def test_the_request_is_judged_as_the_orchestrator_will_judge_it():
    request = command("scan eu-west-1 --min-age-days 60").request

    assert request.region == "eu-west-1"
    assert (request.policy.min_age_days, request.policy.lookback_days) == (60, 60)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scan min-age=1", ("`--min-age` is not an option. Did you mean `--min-age-days`?",)),
        ("scan min-age 1", ("`min-age` is not an option. Did you mean `--min-age-days`?",)),
        ("scan --region", ("`--region` needs a value.",)),
        (
            "scan --region 111122223333",
            ("`111122223333` is not a region this app may scan. Regions that may be scanned: us-west-2, eu-west-1.",),
        ),
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


def test_what_contradicts_is_named_beside_what_is_wrong_by_itself():
    said = mistakes("scan --keep-last-n 0 --min-age-days 60 --lookback-days 40")

    assert said[0].startswith("`--keep-last-n 0`: ")
    assert said[1] == "`--lookback-days 40`: must be at least `--min-age-days`, 60."


@pytest.mark.parametrize("text", ["scan --help", "scan us-west-2 —help", "why -h", "stop --HELP"])
def test_help_is_given_behind_any_command(text):
    assert command(text).verb is Verb.HELP


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
    assert command("scan --prefix orders-api", function_name_prefix="orders-").fields
    assert mistakes("scan --prefix checkout", function_name_prefix="orders-") == (
        f"`--prefix checkout`: must start with 'orders-'; {STRICTER}.",
    )


# Where.


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("scan payments", {"account_id": "111122223333"}),
        ("scan search eu-west-1", {"account_id": "444455556666", "region": "eu-west-1"}),
        ("scan eu-west-1 SEARCH", {"account_id": "444455556666", "region": "eu-west-1"}),
        ("scan 444455556666", {"account_id": "444455556666"}),
        ("stop --account=search", {"account_id": "444455556666"}),
        ("status search", {"account_id": "444455556666"}),
        ("why orders-api search", {"function_name": "orders-api", "account_id": "444455556666"}),
    ],
)
def test_an_account_goes_by_its_name_or_its_id(text, fields):
    assert command(text, (PAYMENTS, SEARCH)).fields == fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scan paymnets", "`paymnets` is not an account or region this app may scan. Did you mean `payments`?"),
        (
            "scan 999988887777",
            (
                "`999988887777` is not an account or region this app may scan. Accounts: payments (111122223333), "
                "Search (444455556666). Regions: us-west-2, eu-west-1."
            ),
        ),
        ("scan payments search", "`search`: one account at a time."),
        ("stop --min-age-days 30", "`--min-age-days` belongs to `scan`; `stop` does not take it."),
    ],
)
def test_a_place_that_may_not_be_looked_at_is_refused_with_those_that_may(text, said):
    assert mistakes(text, (PAYMENTS, SEARCH)) == (said,)


def test_of_many_accounts_and_regions_the_first_are_listed():
    many = tuple(Account(f"{number:012}") for number in range(1, 41))

    (said,) = mistakes("scan 999988887777", many)

    assert "000000000010 and 30 more. Regions: us-west-2, eu-west-1." in said


# Why.


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("why orders-api", {"function_name": "orders-api"}),
        ("why orders-api:12", {"function_name": "orders-api", "version": "12"}),
        ("why `orders-api:12` eu-west-1", {"function_name": "orders-api", "version": "12", "region": "eu-west-1"}),
        ("why prefix", {"function_name": "prefix"}),
        (
            "why arn:aws:lambda:eu-west-1:111122223333:function:orders-api:12",
            {"function_name": "orders-api", "version": "12", "region": "eu-west-1"},
        ),
    ],
)
def test_a_function_is_asked_about_with_a_version_or_without(text, fields):
    known = command(text)

    assert known.fields == fields
    assert known.request.function_name == fields["function_name"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("why", "`why` needs a function: `why orders-api` or `why orders-api:12`."),
        ("why :12", "`why` needs a function, not `:12`: `why orders-api` or `why orders-api:12`."),
        ("why orders-api:live", "`live` is not the number of a published version."),
        ("why orders-api:$LATEST", "`$LATEST` is not the number of a published version."),
        (
            "why orders/api",
            "`orders/api`: must be the name of a function: letters, digits, - and _, at most 64.",
        ),
        (
            "why arn:aws:lambda:eu-west-1:999988887777:function:orders-api",
            "`999988887777` is not a region this app may scan. Regions that may be scanned: us-west-2, eu-west-1.",
        ),
    ],
)
def test_what_cannot_be_asked_about_is_named(text, said):
    assert mistakes(text) == (said,)


# Pause.


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("pause", {}),
        ("pause until 2026-12-24", {"until": "2026-12-24"}),
        ("pause —until 2026‑12‑24", {"until": "2026-12-24"}),
        ("pause --until=2026-12-24 Release freeze", {"until": "2026-12-24", "reason": "Release freeze"}),
        ("pause until 24 Dec release freeze", {"until": "2026-12-24", "reason": "release freeze"}),
        ("pause until Jan 7th: audit", {"until": "2027-01-07", "reason": "audit"}),
        ("pause until today", {"until": "2026-11-20"}),
        ("pause until friday", {"until": "2026-11-27"}),
        ("pause the release — we're busy", {"reason": "the release — we're busy"}),
        ("pause “release freeze” until 31 January 2027", {"until": "2027-01-31", "reason": "release freeze"}),
        ("pause &lt;@U0OTHER&gt; asked &amp; I agree", {"reason": "<@U0OTHER> asked & I agree"}),
    ],
)
def test_a_pause_has_an_end_and_a_reason_if_they_are_typed(text, fields):
    assert command(text).fields == fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pause until", "`until` needs a day. Type it as `until 2027-01-31`; that day is included, in UTC."),
        ("pause until soon", "`soon` is not a day. Type it as `until 2027-01-31`; that day is included, in UTC."),
        (
            "pause until 2026-02-30",
            "`2026-02-30` is not a day. Type it as `until 2027-01-31`; that day is included, in UTC.",
        ),
        ("pause until 2026-11-19", "`2026-11-19` is over already: a pause ends today at the earliest."),
        ("pause " + "x" * 301, f"`{'x' * 62}…`: must be a text of at most 300 characters."),
    ],
)
def test_a_pause_whose_end_or_reason_cannot_be_is_not_begun(text, said):
    assert mistakes(text) == (said,)


@pytest.mark.parametrize("verb", ["resume", "saved", "doctor"])
def test_nothing_follows_a_command_that_stands_alone(verb):
    assert command(verb).fields == {}
    assert mistakes(f"{verb} us-west-2") == (f"`us-west-2`: nothing follows `{verb}`.",)


typed = st.lists(
    st.sampled_from(
        [
            *OPTIONS,
            *REGIONS,
            "payments",
            "until",
            "24 dec",
            "min-age=1",
            "region",
            "—prefix",
            "30",
            "0",
            "=",
            "“a”",
            "-1",
            "--x=1",
            "&lt;@U1&gt;",
            "`",
            "--",
            "-",
        ]
    )
    | st.text(max_size=12),
    max_size=12,
).map(" ".join)


@given(verb=st.sampled_from([*Verb, "scna"]), text=typed)
def test_whatever_is_typed_is_either_a_request_the_orchestrator_takes_or_named_mistakes(verb, text):
    known = read(f"{verb} {text}", (PAYMENTS, SEARCH))

    if isinstance(known, Mistyped):
        assert known.mistakes
        assert all(len(words) < 300 and words.count("`") % 2 == 0 for words in known.mistakes)
    elif known.request is not None:
        assert known.request.region in REGIONS
        assert known.request.account_id in (None, PAYMENTS.id, SEARCH.id)
        assert known.request.policy.min_age_days >= 14
