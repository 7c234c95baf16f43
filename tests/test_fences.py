"""The import rules fail when somebody breaks them: what no line of theirs allows is forbidden."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRATCH = {
    "orchestrator/domain/scratch.py": "import boto3",
    "orchestrator/slack/message/scratch.py": "from orchestrator.aws import storage",
    "orchestrator/steps/scratch.py": "import aws_durable_execution_sdk_python",
    "orchestrator/aws/scratch.py": "import bot.app",
    "orchestrator/scanner/scratch.py": "from fakes.aws import Cloud",
    "orchestrator/brand_new.py": "from orchestrator.domain import runs",
    "bot/scratch.py": "from orchestrator import metrics",
    "fakes/scratch.py": "from orchestrator.domain import runs",
    "benchmark/scratch.py": "from demo import world",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the import rules say of a copy of the project in which every room has one module that breaks them."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("bot", "orchestrator", "fakes", "demo", "benchmark"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "page"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name, line in SCRATCH.items():
        (copy / name).write_text(f"{line}\n")
    program = Path(sys.executable).with_name("lint-imports")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy), str(ROOT / ".ci")]), "COLUMNS": "200"}
    run = subprocess.run(  # noqa: S603 - our own tool
        [program, "--no-cache"], cwd=copy, env=environ, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    return run.stdout


@pytest.mark.parametrize(("name", "line"), SCRATCH.items())
def test_a_module_that_imports_what_its_room_may_not_is_named(told: str, name: str, line: str) -> None:
    module = name.removesuffix(".py").replace("/", ".")
    imported = line.split()[1]

    assert f"{module} may not import {imported}" in told
