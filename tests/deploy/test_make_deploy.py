"""`make deploy` from end to end, with a SAM CLI that only writes down what it is told and a Lambda on localhost."""

import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deployment.__main__ import write_parameters
from deployment.template import Template

from tests.deploy.service import SAM, DeployedStack

SETTINGS = """
[default.deploy.parameters]
stack_name = "cleaner"
region = "us-west-2"
[default.deploy.parameters.parameter_overrides]
SlackChannelId = "C0123456789"
TargetRegions = ["us-west-2", "eu-central-1"]
Approvers = "U0123456789"
"""


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    (tmp_path / "template.yaml").write_text((root / "template.yaml").read_text())
    (tmp_path / "member.yaml").write_text((root / "member.yaml").read_text())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/samconfig.example.toml").write_text((root / "docs/samconfig.example.toml").read_text())
    (tmp_path / "samconfig.toml").write_text(SETTINGS)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sam").write_text(SAM)
    (tmp_path / "bin/sam").chmod(0o755)
    return tmp_path


@pytest.fixture
def aws(project: Path, template: Template) -> Iterator[DeployedStack]:
    service = DeployedStack(project, template)
    serving = threading.Thread(target=service.server.serve_forever)
    serving.start()
    yield service
    service.server.shutdown()
    service.server.server_close()
    serving.join()


@pytest.fixture
def make(project: Path, root: Path, aws: DeployedStack) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of the deployment, its questions answered on a terminal when there are answers."""

    def run(*arguments: str, answers: str | None = None) -> subprocess.CompletedProcess[str]:
        terminal, stdin = pty.openpty()
        with os.fdopen(terminal, "w") as typed:
            typed.write(answers or "")
            typed.flush()
            ran = subprocess.run(  # noqa: S603 - our own command, with arguments that tests give
                [sys.executable, "-m", "deployment", *arguments],
                cwd=project,
                stdin=subprocess.DEVNULL if answers is None else stdin,
                capture_output=True,
                text=True,
                check=False,
                env={
                    "PATH": f"{project / 'bin'}:{os.environ['PATH']}",
                    "PYTHONPATH": f"{root}:{root / '.ci'}",
                    "AWS_ACCESS_KEY_ID": "nobody",
                    "AWS_SECRET_ACCESS_KEY": "nothing",
                    "AWS_ENDPOINT_URL": aws.address,
                },
            )
            os.close(stdin)
        return ran

    return run


@pytest.fixture
def deploy(make: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[[], subprocess.CompletedProcess[str]]:
    return lambda: make("deploy")


def told(project: Path) -> list[str]:
    file = project / "told"
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def release(project: Path) -> str:
    return str(json.loads((project / ".aws-sam/parameters.yaml").read_text())["ReleaseId"])


def test_it_builds_deploys_and_says_that_the_release_is_in_service(deploy, project: Path) -> None:
    ran = deploy()

    assert ran.returncode == 0, ran.stderr
    assert told(project) == ["build", "deploy"]
    assert f"Release {release(project)} is in service." in ran.stdout.splitlines()


def test_after_the_first_deployment_the_next_steps_are_printed_as_they_are_typed(deploy) -> None:
    told = deploy().stdout.splitlines()

    assert "  make --silent manifest URL=https://bot.example/ > my-manifest.yaml" in told
    assert (
        "  aws secretsmanager put-secret-value --region us-west-2 --secret-id arn:of:the:secret "
        "--secret-string file://slack-secret.json"
    ) in told


def test_a_build_without_bytecode_is_told(deploy) -> None:
    ran = deploy()

    assert "Bot: 0 of 1 modules carry bytecode, so cold starts take longer." in ran.stdout
    assert "Orchestrator: 0 of 1 modules carry bytecode" in ran.stdout


def test_the_first_time_a_terminal_is_asked_and_the_answers_are_kept(make, project: Path) -> None:
    (project / "samconfig.toml").unlink()
    ran = make("deploy", answers="C0123456789\nus-west-2\nU0123456789\n")

    assert ran.returncode == 0, ran.stderr
    assert 'SlackChannelId = "C0123456789"' in (project / "samconfig.toml").read_text()
    assert "Wrote samconfig.toml: dry run, nothing scheduled." in ran.stdout
    assert f"Release {release(project)} is in service." in ran.stdout.splitlines()


def test_a_pipeline_is_asked_nothing(make, project: Path) -> None:
    (project / "samconfig.toml").unlink()
    ran = make("deploy")

    assert ran.returncode == 1
    assert ran.stderr.startswith("There is no samconfig.toml. Copy docs/samconfig.example.toml")
    assert told(project) == []


def test_a_package_holds_both_templates_and_every_parameter_of_one_release(
    make, project: Path, template: Template
) -> None:
    ran = make("package")
    package = project / ".aws-sam/package"
    given = {it["ParameterKey"]: it["ParameterValue"] for it in json.loads((package / "parameters.json").read_text())}

    assert ran.returncode == 0, ran.stderr
    assert told(project) == ["build", "package"]
    assert given.keys() == template.parameters.keys()
    assert re.fullmatch("[0-9a-f]{16}", given["ReleaseId"])
    assert f"Release {given['ReleaseId']} is packaged in .aws-sam/package." in ran.stdout
    assert "aws cloudformation deploy --stack-name cleaner --region us-west-2" in ran.stdout
    assert (package / "template.yaml").is_file()
    assert (package / "member.yaml").read_text() == (project / "member.yaml").read_text()


def test_a_package_of_the_same_is_the_release_that_would_be_deployed(make, project: Path) -> None:
    make("package")
    make("deploy")
    given = {
        it["ParameterKey"]: it["ParameterValue"]
        for it in json.loads((project / ".aws-sam/package/parameters.json").read_text())
    }

    assert given["ReleaseId"] == release(project)


def test_every_parameter_is_given_so_that_nothing_lingers_from_before(
    deploy, project: Path, template: Template
) -> None:
    deploy()

    given = json.loads((project / ".aws-sam/parameters.yaml").read_text())
    assert given.keys() == template.parameters.keys()
    assert given["TargetRegions"] == "us-west-2,eu-central-1"
    assert given["DeleteDryRun"] == "true"


def test_a_setting_that_did_not_reach_live_fails_the_deployment_by_name(deploy, aws: DeployedStack) -> None:
    aws.did_not_arrive = {"APPROVERS": "U9876543210"}

    ran = deploy()

    assert ran.returncode == 1
    assert "cleaner-bot: APPROVERS is 'U9876543210', not 'U0123456789'" in ran.stderr
    assert "cleaner-orchestrator: APPROVERS is 'U9876543210', not 'U0123456789'" in ran.stderr


def test_a_changed_setting_is_another_release(deploy, project: Path) -> None:
    deploy()
    before = release(project)
    (project / "samconfig.toml").write_text(SETTINGS.replace("U0123456789", "U9876543210"))
    deploy()

    assert release(project) != before


def test_nothing_is_built_when_a_parameter_is_impossible(deploy, project: Path) -> None:
    (project / "samconfig.toml").write_text(SETTINGS + 'DeleteDryRun = false\nMaxDeletions = "many"\n')

    ran = deploy()

    assert ran.returncode == 1
    assert "MaxDeletions: 'many' is not possible" in ran.stderr
    assert told(project) == []


def test_sam_reads_the_parameters_as_they_were_written(
    tmp_path: Path, deploy_tool: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    values = {
        "ScheduleExpression": "cron(0 8 ? * MON *)",
        "TargetRegions": "us-west-2,eu-central-1",
        "Approvers": "",
        "DeletablePrefix": "*",
        "DeleteDryRun": "true",
        "ReleaseId": "0000000000000010",
    }
    write_parameters(tmp_path / "parameters.yaml", values)
    read = (
        "import json, sys; from samcli.cli.types import CfnParameterOverridesType as Parameters;"
        "print(json.dumps(Parameters().convert(('file://' + sys.argv[1],), None, None)))"
    )
    ran = deploy_tool("python3", "-c", read, str(tmp_path / "parameters.yaml"))

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == values
