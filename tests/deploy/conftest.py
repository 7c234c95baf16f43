import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployment.template import Template, read_template, read_yaml

from tests.deploy.cloudformation import translated

ROOT = Path(__file__).resolve().parents[2]
BUILT = ".aws-sam/build"


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAM's transform asks where it is."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def raw_template() -> dict[str, Any]:
    """template.yaml as written, short intrinsics written out."""
    return read_yaml(ROOT / "template.yaml")


@pytest.fixture(scope="session")
def cloudformation(raw_template: dict[str, Any]) -> dict[str, Any]:
    """template.yaml after SAM's transform, every parameter and condition still open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-west-2")
        return translated(raw_template, {"ReleaseId": "0123456789abcdef"})


@pytest.fixture(scope="session")
def member() -> dict[str, Any]:
    """member.yaml as written, short intrinsics written out."""
    return read_yaml(ROOT / "member.yaml")


@pytest.fixture(scope="session")
def template() -> Template:
    return read_template(ROOT / "template.yaml")


@pytest.fixture(scope="session")
def deploy_tool() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run one of the deployment tools: those of .venv-deploy, or others on the PATH."""
    path = f"{ROOT / '.venv-deploy/bin'}:{os.environ['PATH']}"

    def run(tool: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        found = shutil.which(tool, path=path)
        if found is None:
            pytest.fail(f"{tool} is not installed: `make setup` installs it")
        return subprocess.run(  # noqa: S603 - the tools that .venv-deploy pins
            [found, *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            # As on a machine that has never heard of AWS.
            env={"PATH": path, "HOME": os.environ["HOME"], "AWS_DEFAULT_REGION": "us-east-1"}
            | {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
            | {"SAM_CLI_TELEMETRY": "0", "MAKEFLAGS": ""},
        )

    return run


@pytest.fixture(scope="session")
def clean_clone(deploy_tool: Callable[..., subprocess.CompletedProcess[str]], all_workers: Path) -> Path:
    """The project as a clone would have it, both bundles built as a deployer builds them; once for all workers."""
    clone = all_workers / "clone"
    with (all_workers / "clone.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (clone / BUILT).exists():
            _copy_what_git_knows(clone)
            built = deploy_tool("sam", "build", "--build-in-source", cwd=clone)
            assert built.returncode == 0, built.stdout + built.stderr
    return clone


@pytest.fixture(scope="session")
def all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of one test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def bundles(clean_clone: Path) -> dict[str, Path]:
    """Both bundles as they are uploaded."""
    return {name: clean_clone / BUILT / name for name in ("Bot", "Orchestrator")}


def _copy_what_git_knows(clone: Path) -> None:
    """What git tracks or would add: nothing that was built or installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
