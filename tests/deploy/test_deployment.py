"""What `make deploy` checks before it builds anything, and after it deployed."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from deployment.__main__ import main, upload_options
from deployment.service import differences
from deployment.settings import EXAMPLE, CanNotDeployError, ask_for_settings, deploy_settings, given_parameters
from deployment.template import Template, UnusableParametersError, complete

REQUIRED = {"SlackChannelId": "C0123456789", "TargetRegions": "us-west-2"}


class Live:
    """Lambda's answer for the live alias of one function."""

    def __init__(self, **variables: str) -> None:
        self.variables = variables
        self.asked: list[tuple[str, str]] = []

    def get_function_configuration(self, **asked: str) -> dict[str, Any]:
        self.asked.append((asked["FunctionName"], asked["Qualifier"]))
        return {"Environment": {"Variables": self.variables}}


def test_what_is_in_service_as_asked_gives_nothing_to_say() -> None:
    live = Live(APPROVERS="U0123456789", REPORT_BUCKET="cleaner-records-1")

    assert differences(live, "cleaner-bot", {"APPROVERS": "U0123456789", "REPORT_BUCKET": None}) == []
    assert live.asked == [("cleaner-bot", "live")]


def test_a_setting_that_did_not_reach_live_is_named_with_both_values() -> None:
    live = Live(APPROVERS="U0123456789,U9876543210")

    assert differences(live, "cleaner-bot", {"APPROVERS": "U0123456789"}) == [
        "cleaner-bot: APPROVERS is 'U0123456789,U9876543210', not 'U0123456789'"
    ]


def test_a_missing_an_empty_and_an_unknown_variable_are_each_named() -> None:
    live = Live(REPORT_BUCKET="", LEFT_OVER="x")

    assert differences(live, "f", {"REPORT_BUCKET": None, "RELEASE_ID": "1"}) == [
        "f: REPORT_BUCKET is empty",
        "f: RELEASE_ID is not set",
        "f: LEFT_OVER is set, and the template knows nothing of it",
    ]


def test_all_that_is_wrong_with_the_parameters_is_said_at_once(template: Template) -> None:
    with pytest.raises(UnusableParametersError) as refused:
        complete(template, {"SlackChannelId": "#reviews", "ApprovalDays": "5", "MaxDeletions": "1001", "Aprovers": "*"})

    said = str(refused.value)
    assert "Aprovers: no such parameter" in said
    assert "SlackChannelId: '#reviews' is not possible" in said
    assert "ApprovalDays: '5' is not possible. One of: 1, 3, 6, 7, 14, 30" in said
    assert "MaxDeletions: '1001' is not possible. It must be a number from 1 to 1000" in said
    assert "TargetRegions: must be given" in said


def test_deleting_needs_a_scope_before_anything_is_built(template: Template) -> None:
    with pytest.raises(UnusableParametersError, match="DeletablePrefix is not set: must be given when DeleteDryRun"):
        complete(template, REQUIRED | {"DeleteDryRun": "false"})

    assert complete(template, REQUIRED | {"DeleteDryRun": "false", "DeletablePrefix": "*"})


def test_a_lookback_shorter_than_the_least_age_is_refused(template: Template) -> None:
    with pytest.raises(UnusableParametersError, match="LookbackDays is '35': must be at least MinAgeDays, 60"):
        complete(template, REQUIRED | {"MinAgeDays": "60"})


def test_subnets_without_security_groups_are_refused_and_so_is_the_reverse(template: Template) -> None:
    for alone in ({"SubnetIds": "subnet-0123456789abcdef0"}, {"SecurityGroupIds": "sg-0123456789abcdef0"}):
        with pytest.raises(UnusableParametersError, match="either both are given or neither"):
            complete(template, REQUIRED | alone)


def test_a_hundred_accounts_fit_and_more_than_lambda_takes_are_refused_before_anything_is_built(
    template: Template,
) -> None:
    def accounts(number: int) -> dict[str, str]:
        named = ",".join(f"{100_000_000_000 + account}=payments-{account}" for account in range(number))
        return REQUIRED | {"TargetAccounts": named, "ExternalId": "cleaner-of-ours"}

    assert complete(template, accounts(100))
    with pytest.raises(UnusableParametersError, match=r"Orchestrator: its settings come to about .* Lambda takes 4096"):
        complete(template, accounts(150))


def test_the_release_can_not_be_given_by_hand(template: Template) -> None:
    with pytest.raises(UnusableParametersError, match="ReleaseId"):
        complete(template, REQUIRED | {"ReleaseId": "0123456789abcdef"})


def test_parameters_are_written_as_people_write_them() -> None:
    written = {
        "DeleteDryRun": False,
        "MaxDeletions": 50,
        "SharedCallsPerSecond": 2.5,
        "TargetRegions": ["us-west-2", "eu-central-1"],
        "ScheduleExpression": "cron(0 8 ? * MON *)",
    }

    assert given_parameters({"parameter_overrides": written}) == {
        "DeleteDryRun": "false",
        "MaxDeletions": "50",
        "SharedCallsPerSecond": "2.5",
        "TargetRegions": "us-west-2,eu-central-1",
        "ScheduleExpression": "cron(0 8 ? * MON *)",
    }


def test_parameters_as_one_line_are_refused_with_a_pointer_to_the_example() -> None:
    with pytest.raises(CanNotDeployError, match=r"samconfig\.example\.toml"):
        given_parameters({"parameter_overrides": "DeleteDryRun=false"})


def test_the_example_of_the_settings_can_be_deployed_once_it_is_filled_in(root: Path, template: Template) -> None:
    settings = deploy_settings(root / "docs" / "samconfig.example.toml", "default")

    assert complete(template, given_parameters(settings))["DeleteDryRun"] == "true"


def test_without_settings_the_deployer_is_told_where_they_come_from(tmp_path: Path) -> None:
    with pytest.raises(CanNotDeployError, match=r"Copy docs/samconfig\.example\.toml"):
        deploy_settings(tmp_path / "samconfig.toml", "default")


def answering(*answers: str) -> tuple[Callable[[str], str], list[str]]:
    """Somebody at a terminal, and what they were asked."""
    asked: list[str] = []
    left = iter(answers)

    def ask(question: str) -> str:
        asked.append(question)
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return ask, asked


def test_the_first_settings_are_asked_for_and_can_be_deployed_as_they_are(
    root: Path, template: Template, tmp_path: Path
) -> None:
    example = (root / EXAMPLE).read_text()
    ask, asked = answering("C9876543210", "eu-central-1, us-west-2", "U0ASKER0001, S0GROUP0001")
    (tmp_path / "samconfig.toml").write_text(ask_for_settings(template, example, "staging", ask))
    settings = deploy_settings(tmp_path / "samconfig.toml", "staging")
    values = complete(template, given_parameters(settings))

    assert len(asked) == 3
    assert (values["SlackChannelId"], values["TargetRegions"]) == ("C9876543210", "eu-central-1,us-west-2")
    assert values["Approvers"] == "U0ASKER0001,S0GROUP0001"
    assert values["DeleteDryRun"] == "true"
    assert settings["region"] == "eu-central-1", "the cleaner itself runs in the first of them"


def test_an_impossible_answer_is_asked_for_again_with_the_reason(root: Path, template: Template) -> None:
    ask, asked = answering("#reviews", "C9876543210", "us-west", "us-west-2", "everybody", "")
    text = ask_for_settings(template, (root / EXAMPLE).read_text(), "default", ask)

    reasons = [question.splitlines()[0] for question in asked[1::2]]
    assert [reason.split(" is not possible. It must be ")[0] for reason in reasons] == [
        "SlackChannelId: '#reviews'",
        "TargetRegions: 'us-west'",
        "Approvers: 'everybody'",
    ]
    assert "Approvers = []" in text


def test_who_leaves_before_the_end_has_written_nothing(root: Path, template: Template) -> None:
    ask, _ = answering("C9876543210")

    with pytest.raises(CanNotDeployError, match="nothing was written"):
        ask_for_settings(template, (root / EXAMPLE).read_text(), "default", ask)


def test_a_package_is_uploaded_as_a_deployment_would_be() -> None:
    assert upload_options({"region": "us-west-2"}) == ["--region", "us-west-2", "--resolve-s3"]
    assert upload_options(
        {"region": "us-west-2", "profile": "ops", "s3_bucket": "uploads", "signing_profiles": "Bot=a Orchestrator=b"}
    ) == [
        "--region", "us-west-2", "--profile", "ops", "--s3-bucket", "uploads",
        "--signing-profiles", "Bot=a", "Orchestrator=b",
    ]  # fmt: skip


def test_settings_without_a_stack_or_region_are_refused(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text("[default.deploy.parameters]\n")

    with pytest.raises(CanNotDeployError, match="no stack_name and no region"):
        deploy_settings(tmp_path / "samconfig.toml", "default")


def test_a_stack_name_too_long_for_its_functions_is_refused(tmp_path: Path) -> None:
    settings = '[default.deploy.parameters]\nregion = "us-west-2"\nstack_name = "%s"\n'
    (tmp_path / "fits.toml").write_text(settings % ("a" * 51))
    (tmp_path / "does-not.toml").write_text(settings % ("a" * 52))

    assert len(deploy_settings(tmp_path / "fits.toml", "default")["stack_name"] + "-orchestrator") == 64
    with pytest.raises(CanNotDeployError, match="stack_name"):
        deploy_settings(tmp_path / "does-not.toml", "default")


def test_the_manifest_is_printed_with_the_address(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["manifest", "https://bot.example/"]) == 0

    assert printed.getvalue().count("https://bot.example/") == 2


def test_a_missing_address_is_one_line_on_stderr(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    said = io.StringIO()
    with redirect_stderr(said):
        assert main(["manifest", ""]) == 1

    assert said.getvalue().startswith("Slack needs a plain https address")
