"""What the tools of the trade say of the template."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

Tool = Callable[..., CompletedProcess[str]]


def test_cfn_lint_finds_nothing(deploy_tool: Tool) -> None:
    ran = deploy_tool("cfn-lint", "--template", "template.yaml", "--regions", "us-east-1", "us-east-2", "us-west-2")

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_sam_finds_the_template_valid(deploy_tool: Tool) -> None:
    ran = deploy_tool("sam", "validate", "--lint")

    assert ran.returncode == 0, ran.stdout + ran.stderr


def checkov(deploy_tool: Tool, file: str) -> dict[str, Any]:
    ran = deploy_tool("checkov", "--file", file, "--framework", "cloudformation", "--skip-download", "--output", "json")
    return json.loads(ran.stdout)


def test_checkov_finds_nothing_that_is_not_explained_in_place(deploy_tool: Tool) -> None:
    report = checkov(deploy_tool, "template.yaml")

    assert report["results"]["failed_checks"] == []
    assert report["results"]["parsing_errors"] == []
    assert report["summary"]["passed"] > 40


def test_every_exception_is_still_needed(deploy_tool: Tool, raw_template: dict[str, Any], tmp_path: Path) -> None:
    template = copy.deepcopy(raw_template)
    explained = {
        (name, skip["id"])
        for name, it in template["Resources"].items()
        for skip in it.get("Metadata", {}).pop("checkov", {}).get("skip", [])
    }
    (tmp_path / "template.json").write_text(json.dumps(template))
    failed = checkov(deploy_tool, str(tmp_path / "template.json"))["results"]["failed_checks"]

    assert {(check["resource"].split(".")[-1], check["check_id"]) for check in failed} == explained
