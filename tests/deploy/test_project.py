"""What stands at the top, and what is installed."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

LISTS = [
    "requirements-dev.txt",
    "requirements-demo.txt",
    "requirements-deploy.txt",
    "bot/requirements.txt",
    "orchestrator/requirements.txt",
]
TOP = {
    ".ci", ".github", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
    "README.md", "SECURITY.md", "benchmark", "bot", "demo", "docs", "events", "fakes",
    "manifest.yaml", "member.yaml", "orchestrator", "pyproject.toml", "requirements-demo.txt",
    "requirements-deploy.txt", "requirements-dev.txt", "template.yaml", "tests",
}  # fmt: skip


def pins(text: str) -> dict[str, str]:
    """Pinned versions by name; a package pinned differently for different machines is named with its condition."""
    return {
        f"{name}{condition or ''}": version
        for name, version, condition in re.findall(
            r"^([A-Za-z0-9._\[\]-]+)==(\S+)(?: ; (.+?))? \\$", text, re.MULTILINE
        )
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_requirement_is_pinned_with_its_hashes_and_names_no_index(name: str, root: Path) -> None:
    text = (root / name).read_text()
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    requirements = [line for line in lines if not line.startswith(" ")]

    assert len(requirements) == len(pins(text)), "every one is pinned"
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines if line.startswith(" "))
    assert not re.search(r"https?://|index-url|find-links", text)


@pytest.mark.parametrize("name", ["requirements-demo.txt", "bot/requirements.txt", "orchestrator/requirements.txt"])
def test_what_ships_is_what_was_tested(name: str, root: Path) -> None:
    tested = pins((root / "requirements-dev.txt").read_text())
    shipped = pins((root / name).read_text())

    assert shipped.items() <= tested.items()


def test_nothing_unexpected_stands_at_the_top(root: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True)  # noqa: S607

    assert {line.split("/")[0] for line in listed.stdout.splitlines()} - TOP == set()


@pytest.mark.parametrize("name", ["README.md", "docs/deploy.md", "SECURITY.md"])
def test_documents_name_only_parameters_resources_and_outputs_that_exist(
    name: str, root: Path, raw_template: dict[str, Any], member: dict[str, Any]
) -> None:
    text = (root / name).read_text()
    settings = set(re.findall(r"`([A-Z][A-Za-z]+) ?= ?[^`]+`", text))
    in_tables = {
        word for row in re.findall(r"^\|(.*?)\|", text, re.MULTILINE) for word in re.findall(r"`([A-Z]\w+)`", row)
    }

    assert settings - raw_template["Parameters"].keys() - member["Parameters"].keys() == set()
    assert in_tables - raw_template["Parameters"].keys() - raw_template["Resources"].keys() == set()


def test_every_command_of_the_makefile_runs_something_that_is_there(root: Path) -> None:
    packages = "demo|benchmark|tests|orchestrator|deployment|live_check"
    run = set(re.findall(rf"-m ((?:{packages})[\w.]*)", (root / "Makefile").read_text()))
    homes = (root, root / ".ci")
    there = {
        module
        for module in run
        for home in homes
        if (home / module.replace(".", "/")).with_suffix(".py").is_file()
        or (home / module.replace(".", "/") / "__main__.py").is_file()
    }

    assert "demo" in run
    assert run - there == set()


def test_one_script_runs_everything_on_a_clean_machine(root: Path) -> None:
    checked = subprocess.run(["bash", "-n", ".ci/run"], cwd=root, capture_output=True, text=True, check=False)  # noqa: S607

    assert checked.returncode == 0, checked.stderr
