"""What a command is answered with, in the words people were promised."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.replies import commands as replies
from bot.slash_command import Verb
from orchestrator.slack.message.open_run import open_already
from tests.bot.builders import the_settings
from tests.slack.builders import EXPIRES, STARTED, a_run, the_policy

UNTIL = f"<!date^{EXPIRES}^{{date_short}}, {{time}}|27 Nov, 14:05 UTC>"
AT_START = f"<!date^{STARTED}^{{time}}|14:02 UTC>"
LINK = "https://workshop.slack.com/archives/C0REVIEW/p1?a=1&b=2"
ESCAPED_LINK = "https://workshop.slack.com/archives/C0REVIEW/p1?a=1&amp;b=2"
ALONE = the_settings()
SEVERAL = the_settings(
    TARGET_REGIONS="us-west-2,eu-west-1",
    TARGET_ACCOUNTS="111122223333=payments,444455556666",
    SLACK_COMMAND="/cleaner",
    FUNCTION_NAME_PREFIX="orders-",
)
PAGE = Path(__file__).parents[3] / "docs" / "commands.md"
HERE = ("111122223333", "us-west-2")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            replies.scan_started(ALONE, None, "us-west-2", the_policy()),
            (
                "Scanning *us-west-2* for versions at least 14 days old, beyond the newest 3, "
                "without calls in 35 days. The message appears here in a moment."
            ),
        ),
        (
            replies.scan_started(SEVERAL, *HERE, the_policy(min_age_days=1, function_name_prefix="orders-")),
            (
                "Scanning *payments us-west-2* for versions at least 1 day old, beyond the newest 3, without "
                "calls in 35 days, in functions whose name begins with `orders-`. The message appears here in a moment."
            ),
        ),
        (
            open_already(a_run(requested_by="U0OTHER", permalink=LINK)),
            (
                f"us-west-2 is being scanned already (<@U0OTHER>, {AT_START}). Nothing new was started: "
                f"<{ESCAPED_LINK}|open it>"
            ),
        ),
        (
            replies.maybe_started(SEVERAL, "444455556666", "eu-west-1"),
            (
                "I asked for a scan of *444455556666 eu-west-1*, but AWS did not say whether it started. If no message "
                "appears here in a minute, please type it again: a region is never scanned twice at a time."
            ),
        ),
        (
            replies.cannot_check_member("Slack: ratelimited"),
            (
                "I could not check whether you may use this here (Slack: ratelimited). Nothing was started. Please try "
                "again in a minute."
            ),
        ),
        (replies.type_elsewhere("C0REVIEW"), "Please type this in <#C0REVIEW>. Nothing was started."),
        (
            replies.could_not_start("AWS: AccessDeniedException on lambda:InvokeFunction"),
            "That could not be started (AWS: AccessDeniedException on lambda:InvokeFunction). Nothing is running.",
        ),
        (
            replies.pausing(date(2026, 12, 24), "the year's end"),
            (
                "Pausing through 24 Dec 2026 (UTC): the year's end. In about ten seconds nothing is approved or "
                "deleted any more; a message here says so."
            ),
        ),
        (
            replies.stopping(ALONE, None, "us-west-2", a_run(requested_by=None)),
            (
                "Stopping the run of the schedule in us-west-2. Nothing more is deleted in it; what came of it is "
                "said here in a few seconds."
            ),
        ),
        (
            replies.which_to_stop(SEVERAL, [a_run(account_id="444455556666", region="eu-west-1")] * 11),
            "11 runs are open. Which one? "
            + ", ".join(["`/cleaner stop 444455556666 eu-west-1`"] * 10)
            + " or 1 more. Nothing changed.",
        ),
    ],
)
def test_a_command_is_answered_in_a_line(said: str, words: str) -> None:
    assert said == words


def test_help_shows_every_command_its_defaults_and_how_to_keep_versions() -> None:
    assert replies.help_text(ALONE).split("\n") == [
        (
            "Finds Lambda versions that still pay for SnapStart though nothing uses them, and deletes the ones you "
            "approve."
        ),
        "`/snapstart scan [region] [--min-age-days N] [--keep-last-n N] [--lookback-days N] [--prefix P]`",
        "Finds idle versions and asks here which to delete. Without options: us-west-2.",
        "At least 14 days old, beyond the newest 3, no calls in 35 days. Options may only be stricter.",
        "`/snapstart status [region]` what runs, what waits, what came of the last runs",
        "`/snapstart why function[:version] [region]` why versions are held or offered; only you see the answer",
        (
            "`/snapstart pause [until DATE] [reason]` nothing is approved or deleted through that day, or until "
            "somebody resumes"
        ),
        "`/snapstart resume` ends a pause; for approvers",
        "`/snapstart stop [region]` ends the open run; for approvers, and for who asked for it",
        "`/snapstart saved` what AWS's own bill shows was saved",
        "`/snapstart doctor` tests the installation",
        (
            "To keep versions, tag their function `snapstart-cleaner:keep` = `12 15 until 2027-01-31`, or `true` for "
            "all of them."
        ),
        "Regions: us-west-2.",
    ]


def test_help_of_a_stack_with_several_accounts_names_them_and_its_own_rules() -> None:
    said = replies.help_text(SEVERAL)

    assert "`/cleaner scan [account] [region] [--min-age-days N]" in said
    assert "Without options: payments (111122223333), us-west-2." in said
    assert "no calls in 35 days, only functions whose name begins with `orders-`. Options may only be stricter." in said
    assert said.endswith("Regions: us-west-2, eu-west-1.\nAccounts: payments (111122223333), 444455556666.")


def test_the_page_of_commands_lists_each_in_its_own_form() -> None:
    listed = [line.split("`")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    assert listed == [replies.form_of(SEVERAL, verb).strip("`").removeprefix("/cleaner ") for verb in Verb]


def test_all_mistakes_of_a_command_are_named_in_one_answer() -> None:
    said = replies.mistyped(ALONE, ["`--min-age` is not an option.", "`<!here>`: must be 1 or more."], Verb.SCAN)

    assert said.split("\n") == [
        "Nothing was started. Please correct this:",
        "• `--min-age` is not an option.",
        "• `&lt;!here&gt;`: must be 1 or more.",
        (
            "The form: `/snapstart scan [region] [--min-age-days N] [--keep-last-n N] "
            "[--lookback-days N] [--prefix P]`    "
            "For example: `/snapstart scan us-west-2 --min-age-days 30`"
        ),
    ]


def test_a_word_that_is_no_command_at_all_gets_those_there_are() -> None:
    said = replies.mistyped(ALONE, ["`foo` is not a command."], None)

    assert said.endswith(
        "Commands: `scan`, `status`, `why`, `pause`, `resume`, `stop`, `saved`, `doctor`, `help`. For example: "
        "`/snapstart scan us-west-2`"
    )


@pytest.mark.parametrize(
    "said",
    [
        replies.could_not_start("<!channel> & co"),
        replies.cannot_look("<!channel> & co"),
        replies.cannot_check_member("<!channel> & co"),
        replies.pausing(None, "<!channel> & co"),
    ],
)
def test_words_of_others_call_nobody(said: str) -> None:
    assert "&lt;!channel&gt; &amp; co" in said
    assert "<!channel>" not in said
