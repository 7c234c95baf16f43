"""What the tools of the trade say of the template."""

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.deploy.cloudformation import resources
from tests.deploy.roles import EVERYTHING, PLAIN

Tool = Callable[..., CompletedProcess[str]]


def test_cfn_lint_finds_nothing(deploy_tool: Tool) -> None:
    """In what SAM makes of the template; `sam validate --lint` asks the same cfn-lint the same of it."""
    files = ("template.yaml", "member.yaml")
    ran = deploy_tool("cfn-lint", "--template", *files, "--regions", "us-east-1", "us-east-2", "us-west-2")

    assert ran.returncode == 0, ran.stdout + ran.stderr


#: The stack as it is by default, behind an HTTP API, and with every choice on.
STACKS = {
    "plain": PLAIN,
    "http-api": PLAIN | {"FrontDoor": "HttpApi"},
    "everything": EVERYTHING | {"WeeklyScheduleState": "ENABLED"},
}
#: Checkov's part for CloudFormation alone: its command first reads in what it knows of everything else.
CHECKOV = """
import json, sys
from checkov.cloudformation.runner import Runner
from checkov.runner_filter import RunnerFilter
found = Runner().run(None, files=sys.argv[1:], runner_filter=RunnerFilter(framework=["cloudformation"]))
print(json.dumps(found.get_dict()))
"""


@pytest.fixture(scope="session")
def checkov(deploy_tool: Tool, cloudformation: dict[str, Any], all_workers: Path) -> dict[str, Any]:
    """What checkov says of the stacks with their exceptions taken out, of the largest with them, and of member.yaml."""
    folder = all_workers / "checkov"
    with (all_workers / "checkov.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            for name, given in {**STACKS, "explained": STACKS["everything"]}.items():
                made = resources(cloudformation, given)
                for resource in made.values() if name in STACKS else ():
                    resource.get("Metadata", {}).pop("checkov", None)
                stack = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": made}
                (folder / f"{name}.json").write_text(json.dumps(stack))
            files = ["member.yaml", *(str(it) for it in sorted(folder.glob("*.json")))]
            ran = deploy_tool("python3", "-c", CHECKOV, *files)
            assert ran.returncode == 0, ran.stderr
            (folder / "report").write_text(ran.stdout)
    return json.loads((folder / "report").read_text())


def checks(report: dict[str, Any], outcome: str, file: str) -> list[dict[str, Any]]:
    return [it for it in report["results"][f"{outcome}_checks"] if it["file_path"].endswith(f"/{file}")]


def test_checkov_finds_nothing_that_is_not_explained_in_place(checkov: dict[str, Any]) -> None:
    for file, at_least in {"member.yaml": 1, "explained.json": 30}.items():
        assert checks(checkov, "failed", file) == []
        assert len(checks(checkov, "passed", file)) >= at_least
    assert checkov["results"]["parsing_errors"] == []


def test_every_exception_is_still_needed(checkov: dict[str, Any], raw_template: dict[str, Any]) -> None:
    explained = {
        (name, skip["id"])
        for name, it in raw_template["Resources"].items()
        for skip in it.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }
    failed = [check for name in STACKS for check in checks(checkov, "failed", f"{name}.json")]

    assert {(check["resource"].split(".")[-1], check["check_id"]) for check in failed} == explained


def test_every_resource_is_in_one_of_the_stacks_that_are_looked_at(cloudformation: dict[str, Any]) -> None:
    made = {name for given in STACKS.values() for name in resources(cloudformation, given)}

    assert made == cloudformation["Resources"].keys()
