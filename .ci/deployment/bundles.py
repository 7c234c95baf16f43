"""How large the bundles are and how long a cold start spends in them before the first request."""

import io
import os
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

#: Logical id of each function and the module Lambda imports for it.
HANDLERS = {"Bot": "bot.app", "Orchestrator": "orchestrator.app"}

#: What the runtime's Python calls its bytecode.
RUNTIME_TAG = "cpython-313"

_RUNS = 5
# Prints the seconds until a fresh process that may not write bytecode, like Lambda's, holds the handler.
_START = """
import importlib, sys, time
sys.path.insert(0, sys.argv[1])
start = time.perf_counter()
importlib.import_module(sys.argv[2]).handler
print(time.perf_counter() - start)
"""


class Measurement(NamedTuple):
    """One bundle: megabytes as uploaded and as unpacked, and the median seconds until its handler is there."""

    name: str
    zipped_mb: float
    unpacked_mb: float
    start_seconds: float


class Bytecode(NamedTuple):
    """How many of a bundle's modules are compiled for the Lambda runtime."""

    name: str
    modules: int
    compiled: int

    def __str__(self) -> str:
        """One line for the terminal, with what to do when some are not."""
        if self.compiled == self.modules:
            return f"{self.name}: all {self.modules} modules carry bytecode."
        return (
            f"{self.name}: {self.compiled} of {self.modules} modules carry bytecode, so cold starts take longer. "
            "Put a Python 3.13 on the PATH and build again."
        )


def bytecode(bundle: Path) -> Bytecode:
    """Count a built bundle's modules, and those that are compiled for the Lambda runtime."""
    modules = {it for it in bundle.rglob("*.py") if it.is_file()}
    compiled = {it for it in modules if (it.parent / "__pycache__" / f"{it.stem}.{RUNTIME_TAG}.pyc").is_file()}
    return Bytecode(bundle.name, len(modules), len(compiled))


def runtime_python() -> str:
    """The Python to measure with: the Lambda runtime's version where there is one, this one otherwise."""
    found = shutil.which("python3.13")
    if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:  # noqa: S603
        return found
    return sys.executable


def measure(bundle: Path, module: str, python: str, environ: Mapping[str, str], *, runs: int = _RUNS) -> Measurement:
    """Weigh a built bundle and build its handler in so many fresh processes with these settings.

    Raises `subprocess.CalledProcessError` when that fails.
    """
    files = [it for it in bundle.rglob("*") if it.is_file()]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for file in files:
            out.write(file, file.relative_to(bundle))
    return Measurement(
        name=bundle.name,
        zipped_mb=archive.tell() / 1e6,
        unpacked_mb=sum(it.stat().st_size for it in files) / 1e6,
        start_seconds=statistics.median(_start_seconds(bundle, module, python, environ) for _ in range(runs)),
    )


def table(measurements: Iterable[Measurement], python: str) -> str:
    """The measurements as people read them."""
    lines = [f"{'bundle':14} {'zip':>9} {'unpacked':>10} {'cold start':>11}"]
    lines += [
        f"{it.name:14} {it.zipped_mb:6.1f} MB {it.unpacked_mb:7.1f} MB {it.start_seconds * 1000:8.0f} ms"
        for it in measurements
    ]
    return "\n".join([*lines, f"Median of {_RUNS} fresh processes of {python} on this machine."])


def _start_seconds(bundle: Path, module: str, python: str, environ: Mapping[str, str]) -> float:
    ran = subprocess.run(  # noqa: S603
        [python, "-I", "-B", "-c", _START, str(bundle), module],
        capture_output=True,
        text=True,
        check=True,
        env={"AWS_DEFAULT_REGION": "us-east-1", "PATH": os.environ.get("PATH", ""), **environ},
    )
    return float(ran.stdout)
