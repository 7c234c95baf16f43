"""The template as CloudFormation gets it, with the choices that a company makes."""

import itertools
from collections.abc import Iterator
from typing import Any

from tests.deploy.cloudformation import outputs, resources
from tests.deploy.roles import EVERYTHING, PLAIN

TOPIC = EVERYTHING["AlarmTopicArn"]

#: Every choice that makes, leaves out or changes a resource, each with its values.
CHOICES: list[list[dict[str, str]]] = [
    [{"FrontDoor": "FunctionUrl"}, {"FrontDoor": "HttpApi"}],
    [{}, {name: EVERYTHING[name] for name in ("DeleteDryRun", "DeletablePrefix")}],
    [{}, {name: EVERYTHING[name] for name in ("TargetAccounts", "ExternalId", "OrganizationId", "BillCheck")}],
    [{}, {"AlarmTopicArn": TOPIC, "WeeklyScheduleState": "ENABLED"}, {"WeeklyScheduleState": "ENABLED"}],
    [{}, {"KmsKeyArn": EVERYTHING["KmsKeyArn"]}],
    [{}, {name: EVERYTHING[name] for name in ("SubnetIds", "SecurityGroupIds")}],
    [{}, {"SlackSecretArn": "arn:aws:secretsmanager:us-west-2:111122223333:secret:slack-AbCdEf"}],
]


def of_type(made: dict[str, dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {name: it["Properties"] for name, it in made.items() if it["Type"] == kind}


def combinations() -> Iterator[dict[str, str]]:
    for chosen in itertools.product(*CHOICES):
        yield {**PLAIN, **{name: value for choice in chosen for name, value in choice.items()}}


def test_whatever_is_chosen_nothing_refers_to_what_is_not_made(cloudformation: dict[str, Any]) -> None:
    stacks = [(resources(cloudformation, chosen), outputs(cloudformation, chosen)) for chosen in combinations()]

    assert len(stacks) == 192
    for made, told in stacks:
        assert of_type(made, "AWS::Lambda::Function").keys() == {"Bot", "Orchestrator"}
        assert told["BotUrl"]


def test_a_choice_changes_only_what_it_is_about(cloudformation: dict[str, Any]) -> None:
    def made(**given: str) -> dict[str, dict[str, Any]]:
        return resources(cloudformation, {**PLAIN, **given})

    plain = made()

    def changed(**given: str) -> set[str]:
        other = made(**given)
        return {name for name in plain.keys() | other.keys() if plain.get(name) != other.get(name)}

    assert changed(FrontDoor="HttpApi") == {
        "BotUrl", "BotUrlPublicPermissions", "BotURLInvokeAllowPublicAccess",
        "BotApi", "BotApiIntegration", "BotApiRoute", "BotApiStage", "BotApiMayInvoke", "BotApiLogs",
    }  # fmt: skip
    assert changed(SubnetIds=EVERYTHING["SubnetIds"], SecurityGroupIds=EVERYTHING["SecurityGroupIds"]) == {
        "Bot", "BotRole", "Orchestrator", "OrchestratorRole",
    }  # fmt: skip
    assert changed(KmsKeyArn=EVERYTHING["KmsKeyArn"]) == {
        "Bot", "BotRole", "BotLogs", "Orchestrator", "OrchestratorRole", "OrchestratorLogs", "ScheduleRole",
        "Records", "SlackSecret", "DeadLetters", "UndeliveredSchedules",
    }  # fmt: skip
    assert changed(WeeklyScheduleState="ENABLED") == {"OrchestratorScheduledScan", "ScheduleDidNotRun"}
    assert changed(BillCheck="on") == {"Orchestrator", "OrchestratorRole"}


def test_through_a_function_url_slack_reaches_live(cloudformation: dict[str, Any]) -> None:
    made = resources(cloudformation, PLAIN)
    (url,) = of_type(made, "AWS::Lambda::Url").values()

    assert url == {"TargetFunctionArn": "botaliaslive", "AuthType": "NONE", "InvokeMode": "BUFFERED"}
    assert {it["Action"] for it in of_type(made, "AWS::Lambda::Permission").values()} == {
        "lambda:InvokeFunctionUrl", "lambda:InvokeFunction",
    }  # fmt: skip
    assert not of_type(made, "AWS::ApiGatewayV2::Api")


def test_through_an_http_api_no_function_url_is_made_and_the_request_looks_the_same(
    cloudformation: dict[str, Any],
) -> None:
    made = resources(cloudformation, PLAIN | {"FrontDoor": "HttpApi"})
    (integration,) = of_type(made, "AWS::ApiGatewayV2::Integration").values()
    (permission,) = of_type(made, "AWS::Lambda::Permission").values()
    (route,) = of_type(made, "AWS::ApiGatewayV2::Route").values()

    assert not of_type(made, "AWS::Lambda::Url")
    assert (integration["PayloadFormatVersion"], integration["IntegrationUri"]) == ("2.0", "botaliaslive")
    assert route["RouteKey"] == "POST /"
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"].endswith(":botapi/*/POST/")
    assert outputs(cloudformation, PLAIN | {"FrontDoor": "HttpApi"})["BotUrl"] == (
        "https://botapi.execute-api.us-west-2.amazonaws.com/"
    )


def test_an_own_key_encrypts_all_that_is_kept(cloudformation: dict[str, Any]) -> None:
    key = EVERYTHING["KmsKeyArn"]
    made = resources(cloudformation, PLAIN | {"KmsKeyArn": key, "FrontDoor": "HttpApi"})
    (bucket,) = of_type(made, "AWS::S3::Bucket").values()
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert rule == {
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    assert {it["KmsKeyId"] for it in of_type(made, "AWS::Logs::LogGroup").values()} == {key}
    assert {it["KmsMasterKeyId"] for it in of_type(made, "AWS::SQS::Queue").values()} == {key}
    assert {it["KmsKeyId"] for it in of_type(made, "AWS::SecretsManager::Secret").values()} == {key}
    functions = of_type(made, "AWS::Lambda::Function")
    assert {it["KmsKeyArn"] for it in functions.values()} == {key}
    assert functions["Orchestrator"]["DurableConfig"]["KMSKeyArn"] == key


def test_without_a_key_the_services_encrypt_with_their_own(cloudformation: dict[str, Any]) -> None:
    made = resources(cloudformation, PLAIN)
    (bucket,) = of_type(made, "AWS::S3::Bucket").values()

    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    ]
    assert {it["SqsManagedSseEnabled"] for it in of_type(made, "AWS::SQS::Queue").values()} == {True}


def test_both_functions_run_in_the_subnets_that_were_given(cloudformation: dict[str, Any]) -> None:
    inside = resources(
        cloudformation,
        PLAIN | {name: EVERYTHING[name] for name in ("SubnetIds", "SecurityGroupIds")},
    )

    for function in of_type(inside, "AWS::Lambda::Function").values():
        assert function["VpcConfig"] == {
            "SubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "SecurityGroupIds": ["sg-0123456789abcdef0"],
        }
    for function in of_type(resources(cloudformation, PLAIN), "AWS::Lambda::Function").values():
        assert "VpcConfig" not in function


def test_every_kind_of_failure_tells_the_topic_what_it_means(cloudformation: dict[str, Any]) -> None:
    made = resources(cloudformation, PLAIN | {"AlarmTopicArn": TOPIC, "WeeklyScheduleState": "ENABLED"})
    alarms = of_type(made, "AWS::CloudWatch::Alarm") | of_type(made, "AWS::CloudWatch::CompositeAlarm")
    actions = ("AlarmActions", "InsufficientDataActions")
    telling = {name for name, it in alarms.items() if any(it.get(action) == [TOPIC] for action in actions)}

    assert telling == {
        "RunFailed", "RunTimedOut", "RunStopped", "DeleteFailed", "ScheduleFailed", "ScheduleDidNotRun", "EventLost",
        "BotFailed", "BotThrottled", "BotSaidError",
    }  # fmt: skip
    assert alarms.keys() - telling == {"DeadLetterArrived", "EndedBadly"}, "parts of EventLost"
    for name, alarm in alarms.items():
        assert alarm["AlarmDescription"].endswith("."), name
        if name not in {"ScheduleDidNotRun", "EndedBadly", "EventLost"}:
            assert alarm["TreatMissingData"] == "notBreaching", name


def test_without_a_topic_nobody_is_told(cloudformation: dict[str, Any]) -> None:
    made = resources(cloudformation, PLAIN)
    alarms = of_type(made, "AWS::CloudWatch::Alarm") | of_type(made, "AWS::CloudWatch::CompositeAlarm")

    assert not [name for name, it in alarms.items() if it.get("AlarmActions")]


def test_a_lost_event_is_heard_by_its_arrival_and_is_no_run_that_ended_badly(cloudformation: dict[str, Any]) -> None:
    made = resources(cloudformation, PLAIN | {"AlarmTopicArn": TOPIC})
    arrived = made["DeadLetterArrived"]["Properties"]
    lost = made["EventLost"]["Properties"]

    assert (arrived["MetricName"], arrived["Statistic"]) == ("NumberOfMessagesSent", "Sum"), "the next one is heard too"
    assert arrived["Dimensions"] == [{"Name": "QueueName", "Value": "deadletters.QueueName"}]
    assert lost["AlarmRule"] == 'ALARM("deadletterarrived")'
    assert lost["ActionsSuppressor"] == "endedbadly.Arn"
    assert made["EndedBadly"]["Properties"]["AlarmRule"] == (
        'ALARM("runfailed") OR ALARM("runtimedout") OR ALARM("runstopped")'
    )


def test_what_was_never_handed_over_and_what_ended_badly_lie_in_queues_of_their_own(
    cloudformation: dict[str, Any],
) -> None:
    made = resources(cloudformation, PLAIN)
    (schedule,) = of_type(made, "AWS::Scheduler::Schedule").values()

    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": "undeliveredschedules.Arn"}
    assert made["Orchestrator"]["Properties"]["DeadLetterConfig"] == {"TargetArn": "deadletters.Arn"}


def test_a_schedule_that_starts_nothing_is_told_once_it_has_started_something(cloudformation: dict[str, Any]) -> None:
    switched_on = {"AlarmTopicArn": TOPIC, "WeeklyScheduleState": "ENABLED"}
    alarm = resources(cloudformation, PLAIN | switched_on)["ScheduleDidNotRun"]["Properties"]

    assert alarm["TreatMissingData"] == "missing", "a new alarm begins without data, and says nothing"
    assert alarm["InsufficientDataActions"] == [TOPIC]
    assert "AlarmActions" not in alarm
    assert alarm["Period"] * int(alarm["EvaluationPeriods"]) <= 7 * 86_400, "CloudWatch looks back no further"
    for off in ({"LateScheduleDays": "0"}, {"WeeklyScheduleState": "DISABLED"}):
        assert "ScheduleDidNotRun" not in resources(cloudformation, PLAIN | switched_on | off)
