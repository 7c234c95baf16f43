"""A deployment from end to end, with a SAM CLI that only writes down what it is told and a Lambda on localhost."""

import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from deployment.__main__ import main, write_parameters
from deployment.template import Template

from tests.deploy.service import SAM, DeployedStack

Ran = subprocess.CompletedProcess[str]
SETTINGS = """
[default.deploy.parameters]
stack_name = "cleaner"
region = "us-west-2"
[default.deploy.parameters.parameter_overrides]
SlackChannelId = "C0123456789"
TargetRegions = ["us-west-2", "eu-central-1"]
Approvers = "U0123456789"
"""


class Terminal(io.StringIO):
    """Somebody who types these answers."""

    def isatty(self) -> bool:
        return True


class Project:
    """A clone with its settings, and the AWS that it is deployed to."""

    def __init__(self, folder: Path, aws: DeployedStack) -> None:
        self.folder = folder
        self.aws = aws

    def make(self, *arguments: str, stdin: io.StringIO | None = None) -> Ran:
        """Do what `make` asks the deployment's command to do."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as here, redirect_stdout(out), redirect_stderr(err):
            here.chdir(self.folder)
            here.setattr(sys, "stdin", stdin or io.StringIO())
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                here.delenv(name)
            here.setenv("PATH", f"{self.folder / 'bin'}:{os.environ['PATH']}")
            here.setenv("AWS_ACCESS_KEY_ID", "nobody")
            here.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
            here.setenv("AWS_ENDPOINT_URL", self.aws.address)
            code = main(arguments)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def told(self) -> list[str]:
        """What SAM CLI was told to do."""
        file = self.folder / "told"
        return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []

    def given(self) -> dict[str, str]:
        """The parameters of the last deployment."""
        return dict(json.loads((self.folder / ".aws-sam/parameters.yaml").read_text()))

    def packaged(self) -> dict[str, str]:
        """The parameters beside the package."""
        given = json.loads((self.folder / ".aws-sam/package/parameters.json").read_text())
        return {it["ParameterKey"]: it["ParameterValue"] for it in given}


@contextmanager
def a_project(folder: Path, root: Path, template: Template) -> Iterator[Project]:
    for name in ("template.yaml", "member.yaml", "docs/samconfig.example.toml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text((root / name).read_text())
    (folder / "samconfig.toml").write_text(SETTINGS)
    (folder / "bin").mkdir()
    (folder / "bin/sam").write_text(SAM)
    (folder / "bin/sam").chmod(0o755)
    service = DeployedStack(folder, template)
    serving = threading.Thread(target=service.server.serve_forever, args=(0.01,))
    serving.start()
    yield Project(folder, service)
    service.server.shutdown()
    service.server.server_close()
    serving.join()


@pytest.fixture
def project(tmp_path: Path, root: Path, template: Template) -> Iterator[Project]:
    with a_project(tmp_path, root, template) as project:
        yield project


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, root: Path, template: Template) -> Iterator[tuple[Project, Ran]]:
    """A project after its first deployment, and what that printed."""
    with a_project(tmp_path_factory.mktemp("deployed"), root, template) as project:
        yield project, project.make("deploy")


def test_it_builds_deploys_and_says_that_the_release_is_in_service(deployed: tuple[Project, Ran]) -> None:
    project, ran = deployed

    assert ran.returncode == 0, ran.stderr
    assert project.told() == ["build", "deploy"]
    assert f"Release {project.given()['ReleaseId']} is in service." in ran.stdout.splitlines()


def test_after_the_first_deployment_the_next_steps_are_printed_as_they_are_typed(deployed: tuple[Project, Ran]) -> None:
    told = deployed[1].stdout.splitlines()

    assert "  make --silent manifest URL=https://bot.example/ > my-manifest.yaml" in told
    assert (
        "  aws secretsmanager put-secret-value --region us-west-2 --secret-id arn:of:the:secret "
        "--secret-string file://slack-secret.json"
    ) in told


def test_a_build_without_bytecode_is_told(deployed: tuple[Project, Ran]) -> None:
    told = deployed[1].stdout

    assert "Bot: 0 of 1 modules carry bytecode, so cold starts take longer." in told
    assert "Orchestrator: 0 of 1 modules carry bytecode" in told


def test_every_parameter_is_given_so_that_nothing_lingers_from_before(
    deployed: tuple[Project, Ran], template: Template
) -> None:
    given = deployed[0].given()

    assert given.keys() == template.parameters.keys()
    assert given["TargetRegions"] == "us-west-2,eu-central-1"
    assert given["DeleteDryRun"] == "true"


def test_the_first_time_a_terminal_is_asked_and_the_answers_are_kept(project: Project) -> None:
    (project.folder / "samconfig.toml").unlink()
    ran = project.make("deploy", stdin=Terminal("C0123456789\nus-west-2\nU0123456789\n"))

    assert ran.returncode == 0, ran.stderr
    assert 'SlackChannelId = "C0123456789"' in (project.folder / "samconfig.toml").read_text()
    assert "Wrote samconfig.toml: dry run, nothing scheduled." in ran.stdout
    assert f"Release {project.given()['ReleaseId']} is in service." in ran.stdout.splitlines()


def test_a_pipeline_is_asked_nothing(project: Project) -> None:
    (project.folder / "samconfig.toml").unlink()
    ran = project.make("deploy")

    assert ran.returncode == 1
    assert ran.stderr.startswith("There is no samconfig.toml. Copy docs/samconfig.example.toml")
    assert project.told() == []


def test_a_package_holds_both_templates_and_every_parameter_of_the_release_that_would_be_deployed(
    project: Project, template: Template, deployed: tuple[Project, Ran]
) -> None:
    ran = project.make("package")
    package, given = project.folder / ".aws-sam/package", project.packaged()

    assert ran.returncode == 0, ran.stderr
    assert project.told() == ["build", "package"]
    assert given.keys() == template.parameters.keys()
    assert re.fullmatch("[0-9a-f]{16}", given["ReleaseId"])
    assert f"Release {given['ReleaseId']} is packaged in .aws-sam/package." in ran.stdout
    assert "aws cloudformation deploy --stack-name cleaner --region us-west-2" in ran.stdout
    assert (package / "template.yaml").is_file()
    assert (package / "member.yaml").read_text() == (project.folder / "member.yaml").read_text()
    assert given == deployed[0].given()


def test_a_setting_that_did_not_reach_live_fails_the_deployment_by_name(project: Project) -> None:
    project.aws.did_not_arrive = {"APPROVERS": "U9876543210"}

    ran = project.make("deploy")

    assert ran.returncode == 1
    assert "cleaner-bot: APPROVERS is 'U9876543210', not 'U0123456789'" in ran.stderr
    assert "cleaner-orchestrator: APPROVERS is 'U9876543210', not 'U0123456789'" in ran.stderr


def test_a_changed_setting_is_another_release(project: Project, deployed: tuple[Project, Ran]) -> None:
    (project.folder / "samconfig.toml").write_text(SETTINGS.replace("U0123456789", "U9876543210"))
    project.make("deploy")

    assert project.given()["ReleaseId"] != deployed[0].given()["ReleaseId"]


def test_nothing_is_built_when_a_parameter_is_impossible(project: Project) -> None:
    (project.folder / "samconfig.toml").write_text(SETTINGS + 'DeleteDryRun = false\nMaxDeletions = "many"\n')

    ran = project.make("deploy")

    assert ran.returncode == 1
    assert "MaxDeletions: 'many' is not possible" in ran.stderr
    assert project.told() == []


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
