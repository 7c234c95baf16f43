"""What the tools of the trade say of the template."""

import json
from collections.abc import Callable
from subprocess import CompletedProcess

Tool = Callable[..., CompletedProcess[str]]


def test_cfn_lint_finds_nothing(deploy_tool: Tool) -> None:
    ran = deploy_tool("cfn-lint", "--template", "template.yaml", "--regions", "us-east-1", "us-east-2", "us-west-2")

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_sam_finds_the_template_valid(deploy_tool: Tool) -> None:
    ran = deploy_tool("sam", "validate", "--lint")

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_checkov_finds_nothing_that_is_not_explained_in_place(deploy_tool: Tool) -> None:
    ran = deploy_tool(
        "checkov", "--file", "template.yaml", "--framework", "cloudformation", "--skip-download", "--output", "json"
    )
    report = json.loads(ran.stdout)

    assert report["results"]["failed_checks"] == []
    assert report["results"]["parsing_errors"] == []
    assert report["summary"]["passed"] > 40
    assert all(check["check_result"]["suppress_comment"] for check in report["results"]["skipped_checks"])
