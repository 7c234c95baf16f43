"""What is said of questions that nobody answers: the number, the money, the hour, and no more than once."""

from __future__ import annotations

from datetime import date

import pytest

from orchestrator.slack.message.unanswered import asks_monthly, nobody_answers, reminder
from tests.builders import a_candidate, a_page, a_run, candidates


def test_the_reminder_names_the_number_the_money_and_the_hour():
    said = reminder(a_page(), candidates())

    assert said.text == (
        "7 idle versions still wait for a decision until 26 Nov, 12:00 UTC. Until somebody decides they cost about "
        "$27.30 a month. Nothing is deleted when nobody does."
    )


def test_the_reminder_of_one_version_speaks_of_one():
    assert "1 idle version still waits for a decision" in reminder(a_page(), candidates([1])).text
    assert "Until somebody decides it costs about $3.90 a month" in reminder(a_page(), candidates([1])).text


@pytest.mark.parametrize("undecided", [(), (a_candidate(monthly_usd=0.0), a_candidate(2, monthly_usd=0.0))])
def test_what_costs_nothing_is_not_recalled(undecided):
    assert reminder(a_page(), undecided) is None


def test_the_approvers_are_called_when_several_questions_expired():
    said = nobody_answers(a_run(), 2, ["S0ONCALL", "U0APPROVER"])

    assert said.text == (
        "<!subteam^S0ONCALL> Nobody answered the last 2 questions about us-west-2. "
        "For a list on fresh facts: `/snapstart scan us-west-2`"
    )


def test_where_anybody_may_approve_nobody_is_called():
    assert nobody_answers(a_run(), 2, ["*"]).text.startswith("Nobody answered the last 2 questions")


def test_a_schedule_that_asks_less_says_so_and_when_it_asks_next():
    said = asks_monthly(a_run(), 4, date(2026, 12, 18))

    assert said.text == (
        "Nobody answered the last 4 questions about us-west-2, so the schedule asks once a month from now on, next "
        "from 18 Dec. With the first answer it asks at every occasion again. To be asked now: "
        "`/snapstart scan us-west-2`"
    )
