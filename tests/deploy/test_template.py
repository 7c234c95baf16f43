"""The template as written: what an operator sets, what the functions get, and what is never there."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from deployment.template import COMPUTED, Template, made_up_environment

from orchestrator import metrics
from orchestrator.app import Dependencies
from orchestrator.app import build as build_orchestrator
from orchestrator.domain.policy import Policy
from orchestrator.domain.request import Kind, read_request
from orchestrator.domain.settings import BotSettings, OrchestratorSettings
from tests.builders import a_run
from tests.deploy.cloudformation import resources, translated
from tests.deploy.roles import EVERYTHING

REQUIRED = {"SlackChannelId": "C0123456789", "TargetRegions": "us-west-2"}
#: Set by hand on a laptop, never by the stack: Slack's credentials in clear text.
NEVER_SET = {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"}
#: Set by the runtime itself.
BY_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME"}

BOTH = {
    "SLACK_SECRET_ID", "SLACK_API_URL", "SLACK_CHANNEL_ID", "REPORT_BUCKET", "TARGET_REGIONS", "APPROVERS",
    "REQUIRE_SECOND_PERSON", "RELEASE_ID", "DELETE_DRY_RUN", "MIN_AGE_DAYS", "KEEP_LAST_N", "LOOKBACK_DAYS",
    "FUNCTION_NAME_PREFIX", "ORCHESTRATOR_ARN", "TARGET_ACCOUNTS", "SLACK_COMMAND",
}  # fmt: skip
CONTRACT = {
    "Bot": BOTH,
    "Orchestrator": BOTH
    | {
        "DELETABLE_PREFIX", "OWN_FUNCTIONS", "MAX_DELETIONS", "PERIOD_SECONDS", "SHARED_CALLS_PER_SECOND",
        "APPROVAL_TIMEOUT_SECONDS", "ALIAS_HISTORY", "KEEP_DAYS", "BILL_CHECK", "OWNER_TAG", "OWNERS",
        "MEMBER_ROLE_PREFIX", "EXTERNAL_ID", "SCHEDULE_NAME", "ALARM_TOPIC_ARN",
    },
}  # fmt: skip


def texts(value: Any) -> Iterator[str]:
    """Every text anywhere in a part of the template, keys included."""
    match value:
        case dict():
            for key, inner in value.items():
                yield key
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)
        case str():
            yield value


def environ(template: Template, function: str, **given: str) -> dict[str, str]:
    return made_up_environment(template, function, REQUIRED | given)


class Watched(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


@pytest.mark.parametrize("function", ["Bot", "Orchestrator"])
def test_each_function_gets_exactly_the_variables_of_the_contract(function: str, template: Template) -> None:
    assert environ(template, function).keys() == CONTRACT[function]


def test_the_orchestrator_asks_for_exactly_what_the_template_gives_it(template: Template) -> None:
    given = Watched(environ(template, "Orchestrator"))
    build_orchestrator(
        given, Dependencies(session=boto3.Session(region_name="us-west-2"), clock=lambda: datetime.now(UTC))
    )

    assert given.asked - NEVER_SET - BY_LAMBDA == given.keys()


def test_the_bot_asks_for_exactly_what_the_template_gives_it(template: Template) -> None:
    given = Watched(environ(template, "Bot"))
    BotSettings.from_environ(given)

    assert given.asked - NEVER_SET == given.keys()


def test_the_templates_defaults_are_the_orchestrators_own(template: Template) -> None:
    given = environ(template, "Orchestrator")
    needed = {
        name: given[name]
        for name in (
            "SLACK_SECRET_ID",
            "SLACK_CHANNEL_ID",
            "REPORT_BUCKET",
            "TARGET_REGIONS",
            "RELEASE_ID",
            "OWN_FUNCTIONS",
            "ORCHESTRATOR_ARN",
            "SCHEDULE_NAME",
        )
    }

    assert OrchestratorSettings.from_environ(given) == OrchestratorSettings.from_environ(needed)


@pytest.mark.parametrize("name", ["MaxDeletions", "MinAgeDays", "KeepLastN", "SharedCallsPerSecond", "LookbackDays"])
@pytest.mark.parametrize("end", ["MinValue", "MaxValue"])
def test_the_orchestrator_accepts_both_ends_of_every_range(name: str, end: str, template: Template) -> None:
    long_enough = {} if name == "LookbackDays" else {"LookbackDays": "455"}
    short_enough = {"MinAgeDays": "7"} if name == "LookbackDays" else {}
    value = str(template.parameters[name][end])

    OrchestratorSettings.from_environ(environ(template, "Orchestrator", **{**long_enough, **short_enough, name: value}))


@pytest.mark.parametrize("days", ["1", "3", "6", "7", "14", "30"])
def test_one_choice_of_days_sets_the_wait_the_execution_and_the_hand_offs(days: str, template: Template) -> None:
    chosen = template.mappings["Approval"][days]

    assert chosen["ApprovalSeconds"] == int(days) * 86_400
    assert chosen["ExecutionSeconds"] == chosen["ApprovalSeconds"] + 86_400, "the expiry must still be told in words"
    assert chosen["HandOffDays"] * 86_400 > chosen["ExecutionSeconds"]
    assert environ(template, "Orchestrator", ApprovalDays=days)["APPROVAL_TIMEOUT_SECONDS"] == str(
        chosen["ApprovalSeconds"]
    )


def test_there_is_a_mapping_for_every_choice_of_days(template: Template) -> None:
    allowed = template.parameters["ApprovalDays"]["AllowedValues"]

    assert {str(days) for days in allowed} == template.mappings["Approval"].keys()


def test_records_outlive_the_longest_run(template: Template) -> None:
    longest = max(chosen["HandOffDays"] for chosen in template.mappings["Approval"].values())

    assert template.parameters["RecordRetentionDays"]["MinValue"] > longest


def test_every_parameter_is_described_and_bounded(template: Template) -> None:
    for name, parameter in template.parameters.items():
        assert parameter["Description"], name
        bounded = parameter.keys() & {"AllowedValues", "AllowedPattern", "MinValue"}
        assert bounded, f"{name} accepts anything"
        if "AllowedPattern" in parameter:
            assert parameter.get("ConstraintDescription"), f"{name} does not say what it accepts"


def test_every_parameter_stands_in_one_group_of_the_console(raw_template: dict[str, Any], template: Template) -> None:
    groups = raw_template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]

    assert sorted(shown) == sorted(template.parameters)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("Approvers", ["", "*", "U0123456789", "U0123456789,S0123456789", "W0123456789, U0123456789"],
         ["everybody", "U0123456789,*", "u0123456789", "@asker", "U0123456789;U0123456789"]),
        ("SlackChannelId", ["C0123456789", "G0123456789"], ["", "#reviews", "D0123456789", "c0123456789"]),
        ("TargetRegions",
         ["us-west-2", "us-west-2,eu-central-1", "us-gov-west-1"],
         ["", "us-west", "us-west-2, eu-central-1", "*"]),
        ("DeletablePrefix", ["", "*", "orders-"], ["orders-*", "**", "a:b", "$LATEST"]),
        ("SlackApiUrl", ["https://slack.com/api/", "https://slack-gov.com/api/"],
         ["", "http://slack.com/api/", "https://slack.com/api"]),
        ("SlackCommand", ["/snapstart", "/snapstart-staging"], ["", "snapstart", "/SnapStart", "/a b", "/" + "a" * 32]),
        ("TargetAccounts",
         ["", "111122223333", "111122223333=payments, 444455556666=search-one"],
         ["payments", "11112222333", "111122223333=", "111122223333=a=b", "111122223333;444455556666",
          "111122223333=a b"]),
        ("ExternalId", ["", "cleaner-of-ours"], ["x", "two words"]),
        ("OrganizationId", ["", "o-a1b2c3d4e5"], ["a1b2c3d4e5", "o-short", "r-a1b2c3d4e5"]),
        ("Owners",
         ["", "payments=S0123456789", "payments=S0123456789, search team=S9876543210"],
         ["payments", "payments=U0123456789", "=S0123456789", "payments=S0123456789,"]),
        ("OwnerTag", ["", "team", "cost:center"], ["te*am", "a,b"]),
        ("ScheduleExpression", ["rate(7 days)", "cron(0 8 ? * MON *)"], ["", "weekly", "at(2026-11-20T14:05:00)"]),
    ],
)  # fmt: skip
def test_parameters_accept_what_is_meant_and_refuse_what_is_mistaken(
    name: str, good: list[str], bad: list[str], template: Template
) -> None:
    parameter = template.parameters[name]
    each = (lambda text: text.split(",")) if parameter["Type"] == "CommaDelimitedList" else (lambda text: [text])

    def accepts(text: str) -> bool:
        return all(re.fullmatch(parameter["AllowedPattern"], part) for part in each(text))

    assert [text for text in good if not accepts(text)] == []
    assert [text for text in bad if accepts(text)] == []


def test_deleting_without_a_scope_is_refused_by_the_stack_itself(raw_template: dict[str, Any]) -> None:
    rule = raw_template["Rules"]["DeletingNeedsAScope"]

    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "DeleteDryRun"}, "false"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DeletablePrefix"}, ""]}]}


def test_other_accounts_without_an_external_id_are_refused_by_the_stack_itself(raw_template: dict[str, Any]) -> None:
    rule = raw_template["Rules"]["OtherAccountsNeedAnExternalId"]

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "TargetAccounts"}, ""]}]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ExternalId"}, ""]}]}


def test_nothing_happens_by_itself_until_it_is_asked_for(template: Template) -> None:
    default = {name: it.get("Default") for name, it in template.parameters.items()}

    assert default["DeleteDryRun"] == "true"
    assert default["DeletablePrefix"] == ""
    assert default["WeeklyScheduleState"] == "DISABLED"
    assert default["Approvers"] == ""
    assert default["TargetAccounts"] == ""
    assert default["BillCheck"] == "off"
    assert default["BotReservedConcurrency"] == 0


def test_both_functions_are_reached_through_live_and_carry_the_release(
    raw_template: dict[str, Any], template: Template
) -> None:
    shared = raw_template["Globals"]["Function"]
    assert shared["AutoPublishAlias"] == "live"
    for function in template.functions:
        properties = template.resources[function]["Properties"]
        assert properties["AutoPublishCodeSha256"] == {"Ref": COMPUTED}
        assert "VersionDeletionPolicy" not in properties, "open runs are pinned to the version that started them"


def test_slack_is_answered_within_three_seconds_and_the_orchestrator_has_all_the_time_lambda_gives(
    template: Template,
) -> None:
    bot, orchestrator = (template.resources[name]["Properties"] for name in ("Bot", "Orchestrator"))

    assert bot["MemorySize"] >= 1769, "less than a whole vCPU makes a cold start slow"
    assert bot["Timeout"] <= 10
    assert orchestrator["Timeout"] == 900
    assert orchestrator["DurableConfig"]["ExecutionTimeout"]["Fn::FindInMap"][2] == "ExecutionSeconds"


def test_the_schedule_asks_for_a_sweep_that_is_recognised_when_it_is_repeated(template: Template) -> None:
    schedule = template.resources["Orchestrator"]["Properties"]["Events"]["ScheduledScan"]["Properties"]
    sent = json.loads(schedule["Input"])
    policy = Policy(min_age_days=14, keep_last_n=3, lookback_days=35, period_seconds=3600, max_deletions=200)
    request = read_request(sent, regions=["us-west-2"], policy=policy)

    assert sent["request_id"] == "<aws.scheduler.scheduled-time>", "the same for every attempt of one occasion"
    assert request.kind is Kind.SWEEP
    assert request.requested_by is None


def test_no_secret_passes_through_the_template(raw_template: dict[str, Any]) -> None:
    made = resources(translated(raw_template, EVERYTHING), EVERYTHING)
    variables = {
        name
        for function in ("Bot", "Orchestrator")
        for name in made[function]["Properties"]["Environment"]["Variables"]
    }

    assert len(variables) > len(BOTH)
    assert variables.isdisjoint(NEVER_SET)
    assert "SecretString" not in raw_template["Resources"]["SlackSecret"]["Properties"]
    assert not [text for text in texts(raw_template) if "xoxb-" in text]


def test_records_are_private_encrypted_versioned_and_stay_when_the_stack_goes(template: Template) -> None:
    bucket = template.resources["Records"]

    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate", "a first deployment that failed leaves nothing behind"
    assert bucket["UpdateReplacePolicy"] == "Retain"
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["Properties"]["BucketEncryption"]
    (only_tls,) = template.resources["RecordsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (only_tls["Effect"], only_tls["Principal"]) == ("Deny", "*")
    assert only_tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_hand_offs_go_soon_and_audit_records_stay(template: Template) -> None:
    rules = {
        rule["Prefix"]: rule
        for rule in template.resources["Records"]["Properties"]["LifecycleConfiguration"]["Rules"]
        if "Prefix" in rule
    }

    assert rules["intermediate/"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert rules["intermediate/"]["ExpirationInDays"]["Fn::FindInMap"][2] == "HandOffDays"
    for prefix in ("reports/", "pending/", "outcomes/"):
        assert rules[prefix]["ExpirationInDays"] == {"Ref": "RecordRetentionDays"}
    for prefix in ("locks/", "kept/", "memory/", "control/", "bill/"):
        assert "ExpirationInDays" not in rules[prefix], f"{prefix} is read by later runs"


def test_the_orchestrator_is_told_its_own_alias_and_its_own_schedule(raw_template: dict[str, Any]) -> None:
    made = resources(translated(raw_template, EVERYTHING), EVERYTHING)
    (schedule,) = [it["Properties"] for it in made.values() if it["Type"] == "AWS::Scheduler::Schedule"]
    (group,) = [it["Properties"] for it in made.values() if it["Type"] == "AWS::Scheduler::ScheduleGroup"]
    for function in ("Bot", "Orchestrator"):
        variables = made[function]["Properties"]["Environment"]["Variables"]
        assert variables["ORCHESTRATOR_ARN"] == (
            "arn:aws:lambda:us-west-2:111122223333:function:cleaner-orchestrator:live"
        )
    assert made["Orchestrator"]["Properties"]["FunctionName"] == "cleaner-orchestrator"
    assert made["Orchestrator"]["Properties"]["Environment"]["Variables"]["SCHEDULE_NAME"] == (
        f"{group['Name']}/{schedule['Name']}"
    )


def test_the_alarm_on_the_bots_own_errors_reads_what_its_log_is_filtered_for(template: Template) -> None:
    (transformation,) = template.resources["BotErrors"]["Properties"]["MetricTransformations"]
    alarm = template.resources["BotSaidError"]["Properties"]

    assert (alarm["Namespace"], alarm["MetricName"]) == (
        transformation["MetricNamespace"],
        transformation["MetricName"],
    )
    assert template.resources["BotErrors"]["Properties"]["LogGroupName"] == {"Ref": "BotLogs"}


def test_the_alarm_on_failed_deletes_reads_the_metric_that_this_stacks_orchestrator_writes(
    cloudformation: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    name = resources(cloudformation, EVERYTHING)["Orchestrator"]["Properties"]["FunctionName"]
    execution = f"arn:aws:lambda:us-west-2:111122223333:function:{name}:4/durable-execution/run/0123"
    metrics.carried_out(a_run(execution_arn=execution), [])
    written = json.loads(capsys.readouterr().out)
    (query,) = resources(cloudformation, EVERYTHING)["DeleteFailed"]["Properties"]["Metrics"]

    assert written["DeleteFailed"] == 0
    assert written["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Orchestrator", "Account", "Region"]]
    asked, _, chosen = query["Expression"].partition(" WHERE ")
    assert asked.endswith(f'SUM(DeleteFailed) FROM "{metrics.NAMESPACE}"')
    assert chosen == f"Orchestrator = '{written['Orchestrator']}'"


def test_lambdas_own_errors_are_not_watched_where_they_count_replayed_crashes(template: Template) -> None:
    (errors,) = [
        it["Properties"] for it in template.resources.values() if it["Properties"].get("MetricName") == "Errors"
    ]

    assert errors["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "Bot"}}]


def test_every_role_can_be_given_a_boundary(template: Template) -> None:
    roles = {name: it["Properties"] for name, it in template.resources.items() if it["Type"] == "AWS::IAM::Role"}

    assert len(roles) == 4
    for role in roles.values():
        assert role["PermissionsBoundary"]["Fn::If"][0] == "HasABoundary"
        assert "ManagedPolicyArns" not in role


def test_every_exception_from_a_security_rule_says_why(template: Template) -> None:
    skips = [
        (name, skip)
        for name, it in template.resources.items()
        for skip in it.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]

    assert skips
    for name, skip in skips:
        assert len(skip["comment"]) > 40, f"{name} skips {skip['id']} without a reason"
