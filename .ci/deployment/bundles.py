"""How large the bundles are and how long a cold start spends importing them."""

import io
import os
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

#: Logical id of each function and the module Lambda imports for it.
HANDLERS = {"Bot": "bot.app", "Orchestrator": "orchestrator.app"}

_RUNS = 5
# Prints the seconds an import takes, as a fresh process sees it that may not write bytecode, like Lambda's.
_IMPORT = """
import importlib, sys, time
sys.path.insert(0, sys.argv[1])
start = time.perf_counter()
importlib.import_module(sys.argv[2])
print(time.perf_counter() - start)
"""


class Measurement(NamedTuple):
    """One bundle: megabytes as uploaded and as unpacked, and the median seconds of a cold import."""

    name: str
    zipped_mb: float
    unpacked_mb: float
    import_seconds: float


def runtime_python() -> str:
    """The Python to measure with: the Lambda runtime's version where there is one, this one otherwise."""
    found = shutil.which("python3.13")
    if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:  # noqa: S603
        return found
    return sys.executable


def measure(bundle: Path, module: str, python: str) -> Measurement:
    """Weigh a built bundle and import its handler's module in fresh processes.

    Raises `subprocess.CalledProcessError` when the import fails.
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
        import_seconds=statistics.median(_import_seconds(bundle, module, python) for _ in range(_RUNS)),
    )


def table(measurements: Iterable[Measurement], python: str) -> str:
    """The measurements as people read them."""
    lines = [f"{'bundle':14} {'zip':>9} {'unpacked':>10} {'cold import':>12}"]
    lines += [
        f"{it.name:14} {it.zipped_mb:6.1f} MB {it.unpacked_mb:7.1f} MB {it.import_seconds * 1000:9.0f} ms"
        for it in measurements
    ]
    return "\n".join([*lines, f"Median of {_RUNS} fresh processes of {python} on this machine."])


def _import_seconds(bundle: Path, module: str, python: str) -> float:
    ran = subprocess.run(  # noqa: S603
        [python, "-I", "-B", "-c", _IMPORT, str(bundle), module],
        capture_output=True,
        text=True,
        check=True,
        env={"AWS_DEFAULT_REGION": "us-east-1", "PATH": os.environ.get("PATH", "")},
    )
    return float(ran.stdout)
