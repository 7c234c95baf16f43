"""What the stack tells its functions: one rule for each variable, whoever reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.accounts import Account
from orchestrator.domain.environment import SettingsError
from orchestrator.domain.policy import Policy, Scope
from orchestrator.domain.settings import BotSettings, OrchestratorSettings

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:snapstart-cleaner-orchestrator:live"
BOTH = [BotSettings, OrchestratorSettings]


def environ(**changes: str) -> dict[str, str]:
    """The environment of a function that works, with some of it changed."""
    return {
        "SLACK_SECRET_ID": "slack",
        "SLACK_CHANNEL_ID": "C0REVIEW",
        "REPORT_BUCKET": "reports",
        "ORCHESTRATOR_ARN": ARN,
        "TARGET_REGIONS": "us-west-2",
        "EXTERNAL_ID": "an-id",
    } | changes


def bot(**changes: str) -> BotSettings:
    return BotSettings.from_environ(environ(**changes))


def orchestrator(**changes: str) -> OrchestratorSettings:
    return OrchestratorSettings.from_environ(environ(**changes))


def problems_of(reader, **changes: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as bad:
        reader.from_environ(environ(**changes))
    return bad.value.problems


@pytest.mark.parametrize("reader", BOTH)
def test_what_both_are_told_is_read(reader):
    settings = reader.from_environ(
        environ(
            SLACK_API_URL="https://slack.test/api/",
            SLACK_COMMAND="/snapstart-staging",
            TARGET_REGIONS="us-west-2, eu-west-1,us-west-2",
            TARGET_ACCOUNTS="111122223333=payments, 444455556666",
            APPROVERS="U0ONE,S0TEAM",
            REQUIRE_SECOND_PERSON="true",
            DELETE_DRY_RUN="false",
            DELETABLE_PREFIX="orders-",
            RELEASE_ID="r1",
        )
    )

    assert (settings.slack_secret_id, settings.slack_api_url) == ("slack", "https://slack.test/api/")
    assert settings.slack_command == "/snapstart-staging"
    assert (settings.channel_id, settings.report_bucket) == ("C0REVIEW", "reports")
    assert settings.target_regions == ("us-west-2", "eu-west-1")
    assert settings.target_accounts == (Account("111122223333", "payments"), Account("444455556666"))
    assert settings.approvers == ("U0ONE", "S0TEAM")
    assert (settings.require_second_person, settings.dry_run, settings.release_id) == (True, False, "r1")


@pytest.mark.parametrize("reader", BOTH)
def test_what_may_be_left_out_has_the_contracts_defaults(reader):
    settings = reader.from_environ(environ())

    assert settings.slack_bot_token is None
    assert (settings.slack_api_url, settings.slack_command) == ("https://slack.com/api/", "/snapstart")
    assert settings.target_accounts == (Account("111122223333"),)
    assert settings.approvers == ()
    assert (settings.require_second_person, settings.dry_run, settings.release_id) == (False, True, "unreleased")
    assert settings.policy == Policy()


def test_the_bot_works_in_the_region_of_what_it_starts():
    assert (bot().orchestrator_arn, bot().aws_region) == (ARN, "eu-west-1")


def test_what_only_the_orchestrator_is_told_is_read():
    settings = orchestrator(
        SCHEDULE_NAME="cleaner/cleaner-scan",
        ALARM_TOPIC_ARN="arn:aws:sns:us-west-2:111122223333:alarms",
        DELETABLE_PREFIX="orders-",
        OWN_FUNCTIONS="cleaner-orchestrator, cleaner-bot",
        AWS_LAMBDA_FUNCTION_NAME="renamed",
        MAX_DELETIONS="7",
        PERIOD_SECONDS="300",
        APPROVAL_TIMEOUT_SECONDS="120",
        MEMBER_ROLE_PREFIX="cleaner",
        EXTERNAL_ID="an-id",
        ALIAS_HISTORY="off",
        KEEP_DAYS="30",
        BILL_CHECK="on",
        OWNER_TAG="team",
        OWNERS="payments=S0PAY, a=b=S0SEARCH",
        SHARED_CALLS_PER_SECOND="2.5",
    )

    assert settings.orchestrator_arn == ARN
    assert (settings.schedule_name, settings.alarm_topic_arn) == (
        "cleaner/cleaner-scan",
        "arn:aws:sns:us-west-2:111122223333:alarms",
    )
    assert settings.scope == Scope(
        prefix="orders-", own_functions=frozenset({"cleaner-orchestrator", "cleaner-bot", "renamed"})
    )
    assert settings.policy == Policy(period_seconds=300, max_deletions=7, alias_history_required=False)
    assert settings.approval_timeout_seconds == 120
    assert (settings.member_role_prefix, settings.external_id) == ("cleaner", "an-id")
    assert (settings.keep_days, settings.bill_check) == (30, True)
    assert (settings.owner_tag, settings.owners) == ("team", {"payments": "S0PAY", "a=b": "S0SEARCH"})
    assert settings.shared_rate == 2.5


def test_what_the_orchestrator_may_be_spared_has_defaults():
    settings = orchestrator(ORCHESTRATOR_ARN="", EXTERNAL_ID="")

    assert (settings.orchestrator_arn, settings.target_accounts) == (None, ())
    assert (settings.schedule_name, settings.alarm_topic_arn) == (None, None)
    assert settings.scope == Scope(prefix="*")
    assert settings.approval_timeout_seconds == 6 * 86_400
    assert (settings.member_role_prefix, settings.external_id) == ("snapstart-cleaner", None)
    assert (settings.policy.alias_history_required, settings.keep_days, settings.bill_check) == (True, 90, False)
    assert (settings.owner_tag, settings.owners, settings.shared_rate) == (None, {}, 7.5)


@pytest.mark.parametrize("value", ["true", "TRUE", "False", "0", "no", "", " false"])
def test_it_is_a_dry_run_unless_the_word_is_exactly_false(value):
    assert bot(DELETE_DRY_RUN=value).dry_run is True
    assert bot(DELETE_DRY_RUN="false").dry_run is False


@pytest.mark.parametrize("reader", BOTH)
def test_blanks_around_a_value_mean_nothing(reader):
    plain = environ(MIN_AGE_DAYS="14", LOOKBACK_DAYS="40", KEEP_LAST_N="", SLACK_BOT_TOKEN="xoxb")
    blank = {name: f" {value}\n" for name, value in plain.items()}

    assert reader.from_environ(blank) == reader.from_environ(plain)


@pytest.mark.parametrize("reader", BOTH)
def test_the_secret_alone_is_enough(reader):
    assert reader.from_environ(environ()).slack_secret_id == "slack"


@pytest.mark.parametrize("reader", BOTH)
def test_without_the_secret_the_token_must_be_given(reader):
    needed = "SLACK_BOT_TOKEN is not set: must be set where SLACK_SECRET_ID does not name the Slack secret"

    assert problems_of(reader, SLACK_SECRET_ID="", SLACK_SIGNING_SECRET="signing") == (needed,)
    assert OrchestratorSettings.from_environ(environ(SLACK_SECRET_ID="", SLACK_BOT_TOKEN="xoxb")).slack_bot_token
    assert bot(SLACK_SECRET_ID="", SLACK_BOT_TOKEN="xoxb", SLACK_SIGNING_SECRET="signing").slack_bot_token == "xoxb"


def test_who_listens_to_slack_needs_the_signing_secret_too():
    (problem,) = problems_of(BotSettings, SLACK_SECRET_ID="", SLACK_BOT_TOKEN="xoxb")

    assert problem.startswith("SLACK_SIGNING_SECRET is not set: ")


@pytest.mark.parametrize("reader", BOTH)
def test_no_credential_is_ever_shown(reader):
    hidden = {"SLACK_BOT_TOKEN": "xoxb-hidden", "SLACK_SIGNING_SECRET": "hidden-too"}

    assert "hidden" not in repr(reader.from_environ(environ(**hidden)))
    assert "hidden" not in str(problems_of(reader, **hidden, SLACK_CHANNEL_ID=""))


def test_every_problem_is_named_in_one_message():
    with pytest.raises(SettingsError) as bad:
        BotSettings.from_environ({"MIN_AGE_DAYS": "0", "APPROVERS": "@asker", "REQUIRE_SECOND_PERSON": "yes"})

    assert str(bad.value) == "the environment cannot be used: " + "; ".join(bad.value.problems)
    assert {problem.split()[0] for problem in bad.value.problems} == {
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_CHANNEL_ID",
        "REPORT_BUCKET",
        "ORCHESTRATOR_ARN",
        "TARGET_REGIONS",
        "MIN_AGE_DAYS",
        "APPROVERS",
        "REQUIRE_SECOND_PERSON",
    }


BAD_FOR_BOTH = [
    ("SLACK_CHANNEL_ID", "#lambda-review", "must be a channel id"),
    ("SLACK_CHANNEL_ID", "D0PRIVATE", "must be a channel id"),
    ("SLACK_API_URL", "slack.com", "must be the Web API's address"),
    ("SLACK_COMMAND", "snapstart", "must be a slash command"),
    ("SLACK_COMMAND", "/Snapstart", "must be a slash command"),
    ("SLACK_COMMAND", "/", "must be a slash command"),
    ("REPORT_BUCKET", "a bucket", "must be the name of the report bucket"),
    ("ORCHESTRATOR_ARN", "orchestrator", "must be the orchestrator's ARN with its alias at the end"),
    (
        "ORCHESTRATOR_ARN",
        "arn:aws:lambda:us-west-2:111122223333:function:orchestrator",
        "must be the orchestrator's ARN with its alias at the end",
    ),
    ("TARGET_REGIONS", ",", "must be regions separated by commas"),
    ("TARGET_REGIONS", "us-west-2;eu-west-1", "must be regions separated by commas"),
    ("TARGET_ACCOUNTS", "12345", "must be account ids of twelve digits"),
    ("TARGET_ACCOUNTS", "payments=111122223333", "must be account ids of twelve digits"),
    ("TARGET_ACCOUNTS", "111122223333=", "must be account ids of twelve digits"),
    ("TARGET_ACCOUNTS", "111122223333=pay ments", "must be account ids of twelve digits"),
    ("TARGET_ACCOUNTS", "111122223333=444455556666", "must be account ids of twelve digits"),
    ("TARGET_ACCOUNTS", "111122223333=us-west-2", "must be account ids of twelve digits"),
    ("TARGET_ACCOUNTS", "111122223333=a,111122223333=b", "each once"),
    ("TARGET_ACCOUNTS", "111122223333=a,444455556666=a", "each once, with a name of its own"),
    ("APPROVERS", "*,U0ONE", "must be Slack user ids"),
    ("APPROVERS", "C0CHANNEL", "must be Slack user ids"),
    ("REQUIRE_SECOND_PERSON", "ture", "must be false or true"),
    ("MIN_AGE_DAYS", "fourteen", "must be a whole number from 1 to 455"),
    ("MIN_AGE_DAYS", "456", "must be a whole number from 1 to 455"),
    ("MIN_AGE_DAYS", "1_4", "must be a whole number from 1 to 455"),
    ("MIN_AGE_DAYS", "+14", "must be a whole number from 1 to 455"),
    ("MIN_AGE_DAYS", "٣", "must be a whole number from 1 to 455"),
    ("KEEP_LAST_N", "-1", "must be a whole number from 1 to 20"),
    ("LOOKBACK_DAYS", "6", "must be a whole number from 7 to 455"),
    ("LOOKBACK_DAYS", "9" * 5000, "must be a whole number from 7 to 455"),
    ("FUNCTION_NAME_PREFIX", "orders*", "must be the beginning of function names"),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD_FOR_BOTH)
def test_a_bad_value_is_refused_by_both_in_the_same_words(name, value, words):
    (problem,) = problems_of(BotSettings, **{name: value})

    assert problem.startswith(f"{name} is {value[:80]!r}: ")
    assert words in problem
    assert problems_of(OrchestratorSettings, **{name: value}) == (problem,)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SCHEDULE_NAME", "cleaner-scan", "must be a schedule as group/name"),
        ("ALARM_TOPIC_ARN", "alarms", "must be the ARN of an SNS topic"),
        ("DELETABLE_PREFIX", "orders*", "must be the beginning of function names, or * for all"),
        ("MAX_DELETIONS", "1001", "must be a whole number from 1 to 1000"),
        ("PERIOD_SECONDS", "90", "must be one of 60, 120, 180, 240, 300, 360, 600, 720, 900, 1200, 1800, 3600"),
        ("PERIOD_SECONDS", "0300", "must be one of 60"),
        ("APPROVAL_TIMEOUT_SECONDS", "119", "must be a whole number from 120 to 31000000"),
        ("MEMBER_ROLE_PREFIX", "r" * 58, "must be the beginning of an IAM role's name"),
        ("EXTERNAL_ID", "x", "must be an external id"),
        ("ALIAS_HISTORY", "on", "must be required or off"),
        ("KEEP_DAYS", "3651", "must be a whole number from 1 to 3650"),
        ("BILL_CHECK", "true", "must be off or on"),
        ("OWNER_TAG", "team,owner", "must be the key of a tag"),
        ("SHARED_CALLS_PER_SECOND", "0.5", "must be a number from 1 to 15"),
        ("SHARED_CALLS_PER_SECOND", "nan", "must be a number from 1 to 15"),
        ("SHARED_CALLS_PER_SECOND", "1e1", "must be a number from 1 to 15"),
        ("OWNERS", "payments", "must be values of the owner tag"),
        ("OWNERS", "payments=U0ONE", "must be values of the owner tag"),
        ("OWNERS", "payments=S0A,payments=S0B", "must be values of the owner tag, each once"),
    ],
)
def test_a_bad_value_that_only_the_orchestrator_reads_is_named(name, value, words):
    (problem,) = problems_of(OrchestratorSettings, **{"OWNER_TAG": "team", name: value})

    assert problem.startswith(f"{name} is {value!r}: ")
    assert words in problem


def test_deleting_needs_to_be_told_where():
    assert problems_of(OrchestratorSettings, DELETE_DRY_RUN="false") == (
        "DELETABLE_PREFIX is not set: must be given when DELETE_DRY_RUN is false; type * to allow all functions",
    )
    assert orchestrator(DELETE_DRY_RUN="false", DELETABLE_PREFIX="*").deletable_prefix == "*"


def test_owners_need_the_tag_they_are_values_of():
    assert problems_of(OrchestratorSettings, OWNERS="payments=S0PAY") == (
        "OWNER_TAG is not set: must be given where OWNERS is: the tag whose values those are",
    )


def test_other_accounts_need_an_external_id():
    assert problems_of(OrchestratorSettings, TARGET_ACCOUNTS="444455556666", EXTERNAL_ID="") == (
        "EXTERNAL_ID is not set: must be given where TARGET_ACCOUNTS names other accounts; their roles ask for it",
    )
    assert orchestrator(TARGET_ACCOUNTS="111122223333=payments", EXTERNAL_ID="").external_id is None
    assert bot(TARGET_ACCOUNTS="444455556666", EXTERNAL_ID="").target_accounts == (Account("444455556666"),)


@pytest.mark.parametrize("reader", BOTH)
def test_a_lookback_shorter_than_the_least_age_is_refused(reader):
    assert problems_of(reader, MIN_AGE_DAYS="60", LOOKBACK_DAYS="35") == (
        "LOOKBACK_DAYS is '35': must be at least MIN_AGE_DAYS, 60",
    )
    assert problems_of(reader, MIN_AGE_DAYS="60") == (
        "LOOKBACK_DAYS is not set: must be at least MIN_AGE_DAYS, 60 (it is 35 when left out)",
    )
    assert reader.from_environ(environ(MIN_AGE_DAYS="60", LOOKBACK_DAYS="60")).policy.lookback_days == 60


@pytest.mark.parametrize("reader", BOTH)
def test_a_bad_age_is_not_compared_with_the_lookback(reader):
    (problem,) = problems_of(reader, MIN_AGE_DAYS="x", LOOKBACK_DAYS="7")

    assert problem.startswith("MIN_AGE_DAYS ")


BOTH_READ = st.sampled_from(sorted({name for name, _, _ in BAD_FOR_BOTH}))
VALUES = st.one_of(
    st.text(max_size=8), st.integers(-1, 500).map(str), st.sampled_from(["true", "*", " 14", "us-west-2"])
)


@given(changes=st.dictionaries(BOTH_READ, VALUES, max_size=4))
def test_both_take_or_refuse_the_same_values(changes):
    """With the ORCHESTRATOR_ARN given: the bot can start nothing without it."""
    given_to_both = environ(**changes)
    given_to_both["ORCHESTRATOR_ARN"] = given_to_both["ORCHESTRATOR_ARN"].strip() or ARN
    read = [_read(reader, given_to_both) for reader in BOTH]

    assert read[0] == read[1]


def _read(reader, environ):
    try:
        settings = reader.from_environ(environ)
    except SettingsError as error:
        return error.problems
    return settings.policy, settings.target_regions, settings.target_accounts, settings.approvers, settings.channel_id
