from __future__ import annotations

import pytest

from bot.settings import BadSettings, Settings
from tests.bot.builders import environ


def problems_of(**changes: str) -> str:
    with pytest.raises(BadSettings) as bad:
        Settings.from_environ(environ(**changes))
    return str(bad.value)


def test_a_full_environment_is_read():
    settings = Settings.from_environ(environ(TARGET_REGIONS="us-west-2, eu-west-1", APPROVERS="U0ONE,S0TEAM"))

    assert settings.target_regions == ("us-west-2", "eu-west-1")
    assert settings.approvers == ("U0ONE", "S0TEAM")
    assert settings.aws_region == "us-west-2"


def test_what_may_be_left_out_has_the_contracts_defaults():
    settings = Settings.from_environ(environ())

    assert settings.approvers == ()
    assert settings.require_second_person is False
    assert settings.dry_run is True
    assert (settings.policy.min_age_days, settings.policy.keep_last_n, settings.policy.lookback_days) == (14, 3, 35)
    assert Settings.from_environ(environ(SLACK_API_URL="")).slack_api_url == "https://slack.com/api/"


@pytest.mark.parametrize("value", ["true", "TRUE", "False", "0", "no", ""])
def test_it_is_a_dry_run_unless_the_word_is_exactly_false(value):
    assert Settings.from_environ(environ(DELETE_DRY_RUN=value)).dry_run is True
    assert Settings.from_environ(environ(DELETE_DRY_RUN="false")).dry_run is False


def test_every_problem_is_named_in_one_message():
    with pytest.raises(BadSettings) as bad:
        Settings.from_environ({"MIN_AGE_DAYS": "0", "APPROVERS": "@asker", "REQUIRE_SECOND_PERSON": "yes"})

    named = (
        "SLACK_BOT_TOKEN SLACK_SIGNING_SECRET SLACK_CHANNEL_ID REPORT_BUCKET ORCHESTRATOR_ARN TARGET_REGIONS "
        "MIN_AGE_DAYS APPROVERS REQUIRE_SECOND_PERSON"
    )
    assert all(name in str(bad.value) for name in named.split())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_CHANNEL_ID", "#lambda-review"),
        ("SLACK_CHANNEL_ID", "D0PRIVATE"),
        ("SLACK_API_URL", "slack.com"),
        ("ORCHESTRATOR_ARN", "arn:aws:lambda:us-west-2:111122223333:function:orchestrator"),
        ("ORCHESTRATOR_ARN", "orchestrator"),
        ("TARGET_REGIONS", " , "),
        ("TARGET_REGIONS", "us-west-2;eu-west-1"),
        ("APPROVERS", "*,U0ONE"),
        ("APPROVERS", "C0CHANNEL"),
        ("REQUIRE_SECOND_PERSON", "ture"),
        ("MIN_AGE_DAYS", "fourteen"),
        ("MIN_AGE_DAYS", "456"),
        ("KEEP_LAST_N", "-1"),
        ("LOOKBACK_DAYS", "6"),
        ("LOOKBACK_DAYS", "9" * 5000),
    ],
)
def test_a_bad_value_is_named_and_shown(name, value):
    words = problems_of(**{name: value})

    assert f"{name} is {value[:20]!r}"[:-1] in words or f"{name} is '{value[:20]}" in words


def test_the_secret_alone_is_enough():
    settings = Settings.from_environ(environ(SLACK_BOT_TOKEN="", SLACK_SIGNING_SECRET="", SLACK_SECRET_ID="slack"))

    assert settings.slack_secret_id == "slack"


def test_a_token_without_its_signing_secret_is_not():
    assert "SLACK_SIGNING_SECRET" in problems_of(SLACK_SIGNING_SECRET="")


def test_no_credential_is_ever_shown():
    settings = Settings.from_environ(environ(SLACK_BOT_TOKEN="xoxb-hidden", SLACK_SIGNING_SECRET="hidden-too"))

    assert "hidden" not in repr(settings)
    assert "hidden" not in problems_of(SLACK_BOT_TOKEN="xoxb-hidden", SLACK_SIGNING_SECRET="", SLACK_CHANNEL_ID="")
