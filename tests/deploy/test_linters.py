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
    files = ("template.yaml", "member.yaml")
    ran = deploy_tool("cfn-lint", "--template", *files, "--regions", "us-east-1", "us-east-2", "us-west-2")

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_sam_finds_the_template_valid(deploy_tool: Tool) -> None:
    ran = deploy_tool("sam", "validate", "--lint")

    assert ran.returncode == 0, ran.stdout + ran.stderr


#: The stack as it is by default, behind an HTTP API, and with every choice on.
STACKS = {"plain": PLAIN, "http-api": PLAIN | {"FrontDoor": "HttpApi"}, "everything": EVERYTHING}


@pytest.fixture(scope="session")
def checkov(deploy_tool: Tool, cloudformation: dict[str, Any], all_workers: Path) -> dict[str, Any]:
    """What checkov says of the template and of what CloudFormation makes of it, exceptions explained and not."""
    folder = all_workers / "checkov"
    with (all_workers / "checkov.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            for name, given in STACKS.items():
                made = resources(cloudformation, given)
                (folder / f"{name}.explained.json").write_text(json.dumps(as_template(made)))
                for resource in made.values():
                    resource.get("Metadata", {}).pop("checkov", None)
                (folder / f"{name}.json").write_text(json.dumps(as_template(made)))
            files = ["template.yaml", "member.yaml", *(str(it) for it in sorted(folder.glob("*.json")))]
            ran = deploy_tool(
                "checkov", "--file", *files, "--framework", "cloudformation", "--skip-download", "--output", "json"
            )
            (folder / "report").write_text(ran.stdout)
    return json.loads((folder / "report").read_text())


def as_template(made: dict[str, Any]) -> dict[str, Any]:
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": made}


def checks(report: dict[str, Any], outcome: str, file: str) -> list[dict[str, Any]]:
    return [it for it in report["results"][f"{outcome}_checks"] if it["file_path"].endswith(f"/{file}")]


@pytest.mark.parametrize("file", ["template.yaml", *(f"{name}.explained.json" for name in STACKS)])
def test_checkov_finds_nothing_that_is_not_explained_in_place(file: str, checkov: dict[str, Any]) -> None:
    assert checks(checkov, "failed", file) == []
    assert checkov["results"]["parsing_errors"] == []
    assert len(checks(checkov, "passed", file)) > 30


def test_checkov_finds_nothing_in_a_member_account(checkov: dict[str, Any]) -> None:
    assert checks(checkov, "failed", "member.yaml") == []
    assert checks(checkov, "passed", "member.yaml")


def test_every_exception_is_still_needed(checkov: dict[str, Any], raw_template: dict[str, Any]) -> None:
    explained = {
        (name, skip["id"])
        for name, it in raw_template["Resources"].items()
        for skip in it.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }
    failed = [check for name in STACKS for check in checks(checkov, "failed", f"{name}.json")]

    assert {(check["resource"].split(".")[-1], check["check_id"]) for check in failed} == explained
