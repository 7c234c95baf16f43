"""What `make deploy` says is still to do, once the stack stands."""

from typing import Any

from botocore.exceptions import ClientError
from deployment.readiness import whats_next

VALUES = {"SlackCommand": "/snapstart", "WeeklyScheduleState": "DISABLED", "AlarmTopicArn": ""}
TOPIC = "arn:aws:sns:us-west-2:111122223333:alarms"
OUTPUTS = [
    {"OutputKey": "BotUrl", "OutputValue": "https://bot.example/"},
    {"OutputKey": "SlackSecretArn", "OutputValue": "arn:of:the:secret"},
]


class Account:
    """An account in which everything is as it should be, but for what a test says."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {
            "describe_stacks": {"Stacks": [{"Outputs": OUTPUTS}]},
            "describe_secret": {"VersionIdsToStages": {"1": ["AWSCURRENT"]}},
            "get_schedule": {"State": "DISABLED"},
            "get_topic_attributes": {"Attributes": {"SubscriptionsConfirmed": "1"}},
        } | answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, _service: str) -> "Account":
        return self

    def __getattr__(self, operation: str) -> Any:
        def ask(**parameters: str) -> Any:
            self.asked.append((operation, parameters))
            if self.answers[operation] is None:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
            return self.answers[operation]

        return ask


def next_lines(account: Account, **values: str) -> list[str]:
    return whats_next(account, "cleaner", "us-west-2", VALUES | values)


def test_where_all_is_ready_the_rest_is_asked_from_inside() -> None:
    account = Account()

    assert next_lines(account, AlarmTopicArn=TOPIC, SlackCommand="/snapstart-staging") == [
        "Type /snapstart-staging doctor in the review channel: it checks the rest from inside."
    ]
    assert account.asked == [
        ("describe_stacks", {"StackName": "cleaner"}),
        ("describe_secret", {"SecretId": "arn:of:the:secret"}),
        ("get_schedule", {"GroupName": "cleaner", "Name": "cleaner-scan"}),
        ("get_topic_attributes", {"TopicArn": TOPIC}),
    ]


def test_a_secret_without_a_value_is_followed_by_the_commands_that_give_it_one() -> None:
    said, manifest, put = next_lines(Account(describe_secret={}), SlackCommand="/snapstart-staging")

    assert said == "The Slack secret has no value yet. Next, as docs/deploy.md says from step 2 on:"
    assert manifest.strip() == (
        "make --silent manifest URL=https://bot.example/ COMMAND=/snapstart-staging > my-manifest.yaml"
    )
    assert "--secret-id arn:of:the:secret" in put


def test_a_topic_that_nobody_reads_and_a_schedule_changed_by_hand_are_named() -> None:
    account = Account(
        get_schedule={"State": "DISABLED"}, get_topic_attributes={"Attributes": {"SubscriptionsConfirmed": "0"}}
    )

    assert next_lines(account, AlarmTopicArn=TOPIC, WeeklyScheduleState="ENABLED") == [
        "The schedule cleaner-scan is DISABLED, not ENABLED: somebody changed it outside the stack.",
        "Nobody has a confirmed subscription to the alarm topic, so nobody hears an alarm.",
    ]


def test_what_may_not_be_looked_at_is_said_and_fails_nothing() -> None:
    nothing = dict.fromkeys(("describe_secret", "get_schedule", "get_topic_attributes"))
    lines = next_lines(Account(**nothing), AlarmTopicArn=TOPIC)

    assert [line.split(" could not be looked at: ")[0] for line in lines] == [
        "The Slack secret", "The schedule", "The alarm topic",
    ]  # fmt: skip
    assert next_lines(Account(describe_stacks=None)) == [
        "The stack's outputs could not be read: look at them for BotUrl and SlackSecretArn."
    ]
