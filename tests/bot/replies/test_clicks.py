"""What the bot says privately, in the words people were promised."""

from __future__ import annotations

from typing import Any

import pytest

from bot.authorisation import Refusal
from bot.replies import clicks as replies
from orchestrator.domain.runs import Action
from orchestrator.slack.message.click import APPROVE, REJECT, STOP
from tests.bot.builders import the_settings
from tests.slack.builders import APPROVERS, DECIDED, EXPIRES, STARTED, a_candidate, a_page, longest

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
            replies.may_not_decide(Refusal.NOT_AN_APPROVER, APPROVERS),
            "You cannot decide this. Approvers: <!subteam^S0ONCALL>, <@U0APPROVER>. Nothing changed.",
        ),
        (
            replies.may_not_decide(Refusal.NOBODY_DECIDES, APPROVERS),
            "Nobody can approve yet: the stack's Approvers parameter is empty. Nothing changed.",
        ),
        (
            replies.may_not_decide(Refusal.GUEST, APPROVERS),
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
        (
            replies.may_not_decide(Refusal.SECOND_PERSON, APPROVERS),
            "You asked for this scan, so someone else has to decide. Nothing changed.",
        ),
        (
            replies.nothing_ticked(a_page()),
            "Nothing is ticked, so nothing was approved. Tick at least one version, or press *Reject*.",
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
        (
            decided(Action.CANCELLED),
            f"Already decided: <@U0OTHER> cancelled the run at {AT_DECISION}. Your click changed nothing.",
        ),
        (replies.already_decided(a_page()), "Somebody decided this a moment ago. Your click changed nothing."),
        (
            replies.expired_already(a_page(), the_settings()),
            f"This expired on {UNTIL} and nothing was deleted. For a fresh list: `/snapstart scan us-west-2`",
        ),
        (
            replies.OLD_REVISION,
            "This list changed while you were looking. Nothing was decided; please check the boxes and press again.",
        ),
        (
            replies.run_ended(a_page(), the_settings()),
            "This run ended without a decision. Nothing was deleted. For a fresh list: `/snapstart scan us-west-2`",
        ),
        (
            replies.run_ended(a_page(longest(51), 2), the_settings()),
            (
                "This run ended without a decision. Nothing on this page was deleted. For a fresh "
                "list: `/snapstart scan "
                "us-west-2`"
            ),
        ),
        (
            replies.expired_already(a_page(longest(51), 2), the_settings()),
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
        (
            replies.cancelled(a_page([a_candidate()])),
            (
                "Got it: your scan is cancelled. Nothing is deleted, 1 version stays, and the next scan offers them "
                "again."
            ),
        ),
        (replies.got_it(a_page(), STOP), "Got it: the run ends here. Nothing on this page is deleted."),
    ],
)
def test_who_decided_hears_it_at_once(said: str, words: str) -> None:
    assert said == words


@pytest.mark.parametrize(
    "said",
    [
        replies.cannot_check("<!channel> & co"),
        replies.could_not_pass_on("<!channel> & co"),
        replies.cannot_answer("<!channel> & co"),
        replies.cannot_read_pause("<!channel> & co"),
    ],
)
def test_words_of_others_call_nobody(said: str) -> None:
    assert "&lt;!channel&gt; &amp; co" in said
    assert "<!channel>" not in said


def test_what_to_type_for_a_fresh_list_is_this_stacks_command_with_the_account_where_there_are_several() -> None:
    accounts = "111122223333=payments,444455556666=search"
    settings = the_settings(SLACK_COMMAND="/cleaner", TARGET_ACCOUNTS=accounts)

    said = replies.run_ended(a_page(account_id="444455556666"), settings)

    assert said.endswith("For a fresh list: `/cleaner scan search us-west-2`")
