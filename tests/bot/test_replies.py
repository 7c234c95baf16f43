"""What the bot says privately, in the words people were promised."""

from __future__ import annotations

from typing import Any

import pytest

from bot import replies
from orchestrator.domain.runs import ENDED, WAITING
from orchestrator.slack.message import APPROVE, REJECT, STOP
from orchestrator.slack.message.open_run import open_already
from tests.slack.builders import APPROVERS, DECIDED, EXPIRES, STARTED, a_candidate, a_page, a_run, longest, the_policy

UNTIL = f"<!date^{EXPIRES}^{{date_short}}, {{time}}|27 Nov, 14:05 UTC>"
AT_DECISION = f"<!date^{DECIDED}^{{time}}|14:20 UTC>"
AT_START = f"<!date^{STARTED}^{{time}}|14:02 UTC>"
LINK = "https://workshop.slack.com/archives/C0REVIEW/p1?a=1&b=2"
ESCAPED_LINK = "https://workshop.slack.com/archives/C0REVIEW/p1?a=1&amp;b=2"


def decided(action: str, page: Any = None) -> str:
    record = {
        "action": action,
        "approver_id": "U0OTHER",
        "approver_name": "other",
        "decided_at": DECIDED,
        "approved": 45,
    }
    return replies.already_decided(a_page(page, decided=record))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            replies.not_an_approver(APPROVERS),
            "You cannot decide this. Approvers: <!subteam^S0ONCALL>, <@U0APPROVER>. Nothing changed.",
        ),
        (
            replies.NOBODY_CAN_APPROVE,
            "Nobody can approve yet: the stack's Approvers parameter is empty. Nothing changed.",
        ),
        (
            replies.NOT_FOR_GUESTS,
            "Guests and people from other organisations cannot decide this. Nothing changed.",
        ),
        (
            replies.cannot_check("Slack: ratelimited"),
            (
                "I could not check whether you may decide (Slack: ratelimited), so I did not count "
                "your click. Please try "
                "again in a minute."
            ),
        ),
        (replies.SECOND_PERSON, "You asked for this scan, so someone else has to decide. Nothing changed."),
        (
            replies.nothing_ticked(a_page()),
            "Nothing is ticked, so nothing was approved. Tick at least one version, or press *Reject all*.",
        ),
        (
            replies.nothing_ticked(a_page(longest(51))),
            "Nothing is ticked, so nothing was approved. Tick at least one version, or press *Reject page*.",
        ),
        (
            replies.NO_BOXES_ARRIVED,
            (
                "Slack sent no boxes with your click, so nothing was approved. Untick and tick one "
                "box in each group, then "
                "press again."
            ),
        ),
        (
            decided(APPROVE),
            f"Already decided: <@U0OTHER> approved 45 of 48 versions at {AT_DECISION}. Your click changed nothing.",
        ),
        (
            decided(REJECT),
            f"Already decided: <@U0OTHER> rejected all 48 versions at {AT_DECISION}. Your click changed nothing.",
        ),
        (
            decided(REJECT, [a_candidate()]),
            f"Already decided: <@U0OTHER> rejected the only version at {AT_DECISION}. Your click changed nothing.",
        ),
        (
            decided(STOP),
            f"Already decided: <@U0OTHER> stopped the run at {AT_DECISION}. Your click changed nothing.",
        ),
        (replies.already_decided(a_page()), "Somebody decided this a moment ago. Your click changed nothing."),
        (
            replies.expired_already(a_page()),
            f"This expired on {UNTIL} and nothing was deleted. For a fresh list: `/snapstart scan us-west-2`",
        ),
        (
            replies.OLD_REVISION,
            "This list changed while you were looking. Nothing was decided; please check the boxes and press again.",
        ),
        (
            replies.run_ended(a_page()),
            "This run ended without a decision. Nothing was deleted. For a fresh list: `/snapstart scan us-west-2`",
        ),
        (
            replies.run_ended(a_page(longest(51), 2)),
            (
                "This run ended without a decision. Nothing on this page was deleted. For a fresh "
                "list: `/snapstart scan "
                "us-west-2`"
            ),
        ),
        (
            replies.expired_already(a_page(longest(51), 2)),
            (
                f"This expired on {UNTIL} and nothing on this page was deleted. For a fresh list: "
                "`/snapstart scan us-west-2`"
            ),
        ),
        (
            replies.maybe_decided(),
            (
                "I passed your decision on, but AWS did not say whether it arrived. If the buttons are still here in a "
                "minute, please press again: a second press changes nothing that was decided."
            ),
        ),
        (replies.decide_elsewhere("C0REVIEW"), "This can only be decided in <#C0REVIEW>. Nothing changed."),
        (
            replies.unreadable_record("schema_version 2"),
            "I cannot read what this message offered (schema_version 2). Nothing was decided; please scan again.",
        ),
        (replies.OTHER_INSTALLATION, "This message belongs to another installation. Nothing changed."),
        (
            replies.could_not_pass_on("AWS: ThrottlingException"),
            "I could not pass your decision on (AWS: ThrottlingException). Nothing was decided; please press again.",
        ),
        (
            replies.TOO_SLOW,
            "I ran out of time before I could record your decision. Nothing was decided; please press again.",
        ),
        (
            replies.MODAL_TOO_LATE,
            "Slack gave up waiting before I could answer. Please press *Why held?* again.",
        ),
    ],
)
def test_a_refusal_names_the_reason_and_what_changed(said: str, words: str) -> None:
    assert said == words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            replies.got_it(a_page(), APPROVE, 45),
            "Got it: 45 of 48 versions. Each is checked again before its delete; the result comes in the thread.",
        ),
        (
            replies.got_it(a_page(dry_run=True), APPROVE, 45),
            "Got it: 45 of 48 versions. Each is checked again, nothing is deleted; the result comes in the thread.",
        ),
        (replies.got_it(a_page(), REJECT), "Got it: nothing is deleted, 48 versions stay."),
        (replies.got_it(a_page([a_candidate()]), REJECT), "Got it: nothing is deleted, 1 version stays."),
        (replies.got_it(a_page(), STOP), "Got it: the run ends here. Nothing on this page is deleted."),
    ],
)
def test_who_decided_hears_it_at_once(said: str, words: str) -> None:
    assert said == words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            replies.scan_started("us-west-2", the_policy()),
            (
                "Scanning *us-west-2* for versions at least 14 days old, beyond the newest 3, "
                "without calls in 35 days. The "
                "message appears here in a moment."
            ),
        ),
        (
            replies.scan_started("us-west-2", the_policy(min_age_days=1, function_name_prefix="orders-")),
            (
                "Scanning *us-west-2* for versions at least 1 day old, beyond the newest 3, without "
                "calls in 35 days, in "
                "functions whose name begins with `orders-`. The message appears here in a moment."
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
            open_already(a_run(requested_by=None)),
            f"us-west-2 is being scanned already (the schedule, {AT_START}). Nothing new was started.",
        ),
        (
            open_already(a_run(status=WAITING, permalink=LINK)),
            (
                f"48 versions in us-west-2 wait for a decision until {UNTIL}. Nothing new was started: "
                f"<{ESCAPED_LINK}|open it>"
            ),
        ),
        (
            open_already(a_run(status="deleting")),
            f"us-west-2 is being cleaned already (<@U0ASKER>, {AT_START}). Nothing new was started.",
        ),
        (
            replies.maybe_started("us-west-2"),
            (
                "I asked for a scan of *us-west-2*, but AWS did not say whether it started. If no message appears here "
                "in a minute, please type it again: a region is never scanned twice at a time."
            ),
        ),
        (
            replies.cannot_check_member("Slack: ratelimited"),
            (
                "I could not check whether you may use this here (Slack: ratelimited). Nothing was started; please try "
                "again in a minute."
            ),
        ),
        (replies.type_elsewhere("C0REVIEW"), "Please type this in <#C0REVIEW>. Nothing was started."),
        (replies.GUESTS_CANNOT_SCAN, "Guests cannot start scans. Nothing was started."),
        (
            replies.could_not_start("AWS: AccessDeniedException on lambda:InvokeFunction"),
            "The scan could not be started (AWS: AccessDeniedException on lambda:InvokeFunction). Nothing is running.",
        ),
        (
            replies.status([], [], policy=the_policy(), dry_run=True, region="us-west-2"),
            "No run yet. Start one: `/snapstart scan us-west-2`",
        ),
    ],
)
def test_a_command_is_answered_in_one_line(said: str, words: str) -> None:
    assert said == words


def test_status_tells_what_waits_what_runs_and_what_came_of_the_last_runs() -> None:
    waiting = a_run(status=WAITING, monthly_usd=234.0, permalink=LINK)
    running = a_run([], region="eu-west-1", step=2, requested_by=None, permalink=LINK)
    ended = [
        a_run(
            [],
            status=ENDED,
            ended_at=STARTED - 7 * 86_400,
            ending_words="43 deleted, about $212.55 a month",
            permalink=LINK,
        ),
        a_run(
            [],
            status=ENDED,
            ended_at=STARTED - 4 * 86_400,
            region="us-east-1",
            requested_by=None,
            ending="nothing_to_do",
        ),
    ]

    said = replies.status([waiting, running], ended, policy=the_policy(), dry_run=True, region="us-west-2")

    assert said.split("\n") == [
        (
            f"*Waiting* us-west-2 · 48 idle versions, about $234.00 a month · <@U0ASKER> · until {UNTIL} · "
            f"<{ESCAPED_LINK}|open>"
        ),
        f"*Running* eu-west-1 · step 2 of 4 · the schedule · since {AT_START} · <{ESCAPED_LINK}|open>",
        f"*Last runs* 13 Nov us-west-2: 43 deleted, about $212.55 a month · <{ESCAPED_LINK}|open>",
        "• 16 Nov us-east-1, the schedule: nothing_to_do",
        "Dry run is *on*. At least 14 days old, beyond the newest 3, no calls in 35 days.",
    ]


def test_status_names_the_page_that_waits_and_what_is_being_deleted() -> None:
    waiting = a_run(longest(101), status=WAITING, page=2)
    deleting = a_run([], status="deleting")

    said = replies.status([waiting, deleting], [], policy=the_policy(), dry_run=None, region="us-west-2")

    assert "page 2 of 3" in said
    assert "*Running* us-west-2 · deleting what was approved" in said
    assert "Dry run" not in said


def test_help_shows_the_form_of_every_command_and_how_to_keep_versions() -> None:
    assert replies.HELP.split("\n") == [
        (
            "Finds Lambda versions that still pay for SnapStart though nothing uses them, and deletes the ones you "
            "approve."
        ),
        "`/snapstart scan [region] [--min-age-days N] [--keep-last-n N] [--lookback-days N] [--prefix P]`",
        "`/snapstart status` what runs, what waits, what came of the last runs",
        "To keep versions for good, tag the function `snapstart-cleaner:keep` = `true`, or `12 15`.",
    ]


def test_all_mistakes_of_a_command_are_named_in_one_answer() -> None:
    said = replies.mistyped(["`--min-age` is not an option.", "`--keep-last-n 0`: must be 1 or more."], "us-west-2")

    assert said.split("\n") == [
        "I cannot use that, so nothing was started.",
        "• `--min-age` is not an option.",
        "• `--keep-last-n 0`: must be 1 or more.",
        (
            "The form: `/snapstart scan [region] [--min-age-days N] [--keep-last-n N] "
            "[--lookback-days N] [--prefix P]`    "
            "For example: `/snapstart scan us-west-2 --min-age-days 30`"
        ),
    ]


@pytest.mark.parametrize(
    "said",
    [
        replies.cannot_check("<!channel> & co"),
        replies.could_not_pass_on("<!channel> & co"),
        replies.could_not_start("<!channel> & co"),
        replies.cannot_look("<!channel> & co"),
    ],
)
def test_words_of_others_call_nobody(said: str) -> None:
    assert "&lt;!channel&gt; &amp; co" in said
    assert "<!channel>" not in said
